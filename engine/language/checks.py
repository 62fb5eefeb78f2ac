"""Whether a bot makes sense as a whole. Files that are each right can still be wrong together.

Each check looks at one thing and says every fault it finds; none stops at the first, and none fails
on what another finds.
"""

from __future__ import annotations

__all__ = ["check_bot", "load_checked"]

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path as File
from typing import Final

from engine.errors import AuthorError, Fault
from engine.language.check_actions import check_actions, check_desks
from engine.language.check_calls import check_calls
from engine.language.check_choices import check_choices
from engine.language.check_graph import check_graph
from engine.language.check_slots import check_slots
from engine.language.check_starts import check_starts
from engine.language.check_texts import check_facts, check_texts
from engine.language.loader import load_bot
from engine.language.refusals import did_you_mean
from engine.language.schema import ActionSpec, CloudConnection, PreviewOf
from engine.language.source import BotSource
from engine.language.survey import Survey, survey_of


def load_checked(
    folder: File, *, defaults: File, actions: Mapping[str, ActionSpec] | None
) -> BotSource:
    """Read a bot and check it; raise every fault there is."""
    source = load_bot(folder, defaults=defaults)
    faults = check_bot(source, actions=actions)
    if faults:
        raise AuthorError(faults)
    return source


def check_bot(source: BotSource, *, actions: Mapping[str, ActionSpec] | None) -> list[Fault]:
    """List every fault of a bot in the order of its files; without actions those go unchecked."""
    survey = survey_of(source)
    found = {fault for check in CHECKS for fault in check(survey)}
    return sorted(found | set(check_actions(survey, actions)))


def check_channels(survey: Survey) -> Iterator[Fault]:
    """Check what the preview borrows, and what a new conversation says first."""
    channels = survey.bot.channels
    if isinstance(channels.preview, PreviewOf):
        name = channels.preview.connection
        if name not in channels.whatsapp:
            known = f"Connections are {', '.join(channels.whatsapp) or 'none yet'}."
            fault = f'no connection is called "{name}"'
            remedy = did_you_mean(name, channels.whatsapp) or known
            yield survey.fault(("channels", "preview", "connection"), fault, remedy)
    elif channels.preview and not any(
        isinstance(each, CloudConnection) for each in channels.whatsapp.values()
    ):
        fault = "the preview needs a connection of provider cloud, and there is none"
        yield survey.fault(("channels", "preview"), fault, "Add one, or name another connection.")
    if survey.bot.session.welcome == "always" and survey.bot.welcome is None:
        fault = "a welcome is to be said always, and there is none"
        yield survey.fault(("session", "welcome"), fault, "Add welcome: ...")


def check_forms(survey: Survey) -> Iterator[Fault]:
    """Check that a form knows whom to write to and what to greet with."""
    for name, form in survey.bot.forms.items():
        fields = form.fields
        if form.address not in fields:
            fault = f'the form has no field "{form.address}"'
            remedy = did_you_mean(form.address, fields) or f"Its fields are {', '.join(fields)}."
            yield survey.fault(("forms", name, "address"), fault, remedy)
        elif fields[form.address] != "phone":
            fault = f'"{form.address}" is a {fields[form.address]}, and messages go to a phone'
            yield survey.fault(("forms", name, "address"), fault, "Name a field of type phone.")
        for number, field in enumerate(form.greet.with_ if form.greet else ()):
            if field not in fields:
                fault = f'the form has no field "{field}"'
                remedy = did_you_mean(field, fields) or f"Its fields are {', '.join(fields)}."
                yield survey.fault(("forms", name, "greet", "with", number), fault, remedy)


def check_assistant(survey: Survey) -> Iterator[Fault]:
    """Check that somebody is asked where it is said how."""
    said = survey.bot.assistant.model_fields_set
    if said and "use" not in said:
        fault = '"use" is missing, so that nobody is asked'
        yield survey.fault(("assistant",), fault, "Add use: gemini, or use: none for now.")


CHECKS: Final[tuple[Callable[[Survey], Iterator[Fault]], ...]] = (
    check_channels,
    check_forms,
    check_assistant,
    check_graph,
    check_slots,
    check_texts,
    check_facts,
    check_choices,
    check_calls,
    check_starts,
    check_desks,
)
