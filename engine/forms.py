"""A form that the business sends: it opens a conversation, but not into a running one."""

from __future__ import annotations

__all__ = ["opened_by_form"]

from engine.draft import Draft
from engine.errors import Refused
from engine.events import FormSent
from engine.progress import abandon, start
from engine.validity import fits


def opened_by_form(draft: Draft, event: FormSent) -> bool:
    """Open a session by a form; one that was in use ends instead, and the form is for the next."""
    session = draft.session
    if session.mode == "manual":
        message = "A person is talking in this conversation; hand it back before sending a form."
        raise Refused(message)
    if session.doing:
        message = "An action of this conversation is running; send the form again afterwards."
        raise Refused(message)
    if session.seq or draft.lines or draft.said:
        session.status, session.reason = "ended", "superseded"
        abandon(draft, "superseded")
        return False
    _open(draft, event)
    return True


def _open(draft: Draft, event: FormSent) -> None:
    """Say the greeting first, then ask the flow's first open question."""
    session = draft.session
    form = draft.book.forms[event.form]
    session.route = event.route if event.route is not None else session.route
    session.person = {**session.person, **event.fields}
    session.active_at = draft.at
    fields = {name: str(value) for name, value in event.fields.items()}
    shown = ", ".join(f"{name}: {value}" for name, value in fields.items())
    draft.hear("system", shown, event.id, f"form {form.name}")
    draft.tell(form.greet, **fields)
    draft.template = form.template
    draft.values = tuple(fields.get(name, "") for name in form.greet_with)
    if form.flow:
        slots = draft.book.flows[form.flow].slots
        known = {
            name: value
            for name, value in event.fields.items()
            if name in slots
            and slots[name].kind == form.fields.get(name)
            and fits(slots[name].kind, value)
        }
        start(draft, form.flow, known)
