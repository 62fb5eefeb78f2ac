"""The one open question: what is asked at the end of a turn, and which slots it asks for."""

from __future__ import annotations

__all__ = ["ask_now", "missing_labels", "open_slots", "pending_question", "place_of"]

from engine.draft import Choices, Draft, Prompt
from engine.frame import Frame, Pending
from engine.language.states import Choose, Collect
from engine.language.wording import Text
from engine.ordering import LEFT_OUT, first_open, number_of
from engine.session import Shown


def open_slots(frame: Frame, state: Collect) -> tuple[str, ...]:
    """Return what this state asks for now: the required slots, then once the optional ones."""
    if frame.reopened:
        return state.slots
    slots = frame.slots
    required = [name for name in state.required if name not in slots]
    if required or not state.optional:
        return tuple(required)
    return tuple(
        [name for name in state.optional if name not in slots and name not in frame.declined]
    )


def missing_labels(draft: Draft, names: tuple[str, ...]) -> str:
    """Name these slots, which are asked for now, as the customer's language joins them."""
    slots = draft.flow.slots
    return draft.join([draft.word(slots[name].label) for name in names])


def place_of(draft: Draft) -> str:
    """Name the place whose choices are open: ``flow.state``, or a question of the engine's own."""
    session = draft.session
    where = f"{session.flow}.{session.state}" if session.frames else "idle.idle"
    if session.pending is not None:
        return f"{where}.?{session.pending.kind}"
    return where


def ask_now(draft: Draft) -> None:
    """Put the open question, if this turn is to put it."""
    session = draft.session
    if session.mode == "manual" or draft.prompt is Prompt.NONE or not draft.current():
        return
    if session.pending is None and session.frames:
        session.pending = session.frames[-1].waiting
    if session.pending is not None:
        pending_question(draft, session.pending)
    elif session.frames:
        state = draft.state
        if isinstance(state, Collect):
            _collect(draft, state)
        elif isinstance(state, Choose):
            _choose(draft, state)


def _collect(draft: Draft, state: Collect) -> None:
    frame = draft.top
    names = open_slots(frame, state)
    if draft.said and draft.refused.issuperset(names):
        # Why the value was not taken has just been said, and asks for it again.
        _showing(draft, place_of(draft))
        return
    text = state.ask
    if draft.prompt is Prompt.REASK:
        if state.reask:
            text = _nth(state.reask, frame.misses)
        else:
            draft.tell_built_in("misunderstood")
            text = state.more or state.ask
    elif draft.prompt is Prompt.MORE or (
        draft.prompt is Prompt.REPEAT and any(name in frame.slots for name in state.slots)
    ):
        text = state.more or state.ask
    names_them = "missing" in text[draft.language].names
    # What was refused has just been asked for by itself: "could you check it? I still need ...".
    missing = tuple(name for name in names if name not in draft.refused) or names
    said = draft.word(text, {"missing": missing_labels(draft, missing)} if names_them else None)
    if names and names[0] in state.optional and not frame.reopened:
        hint = draft.word(draft.book.texts["optional_hint"])
        said = f"{said} {hint}"
    _show(draft, said, (), place_of(draft))
    _nudge(draft, state)


def _choose(draft: Draft, state: Choose) -> None:
    frame = draft.top
    place = place_of(draft)
    choices = state.shown[draft.language]
    text = state.say
    if draft.prompt is Prompt.REASK:
        text = _nth(state.reask, frame.misses) if state.reask else draft.book.texts["choose"]
    _show(draft, draft.word(text), choices, place)
    _nudge(draft, state)


def _nth(texts: tuple[Text, ...], misses: int) -> Text:
    return texts[min(max(misses, 1), len(texts)) - 1]


def _nudge(draft: Draft, state: Collect | Choose) -> None:
    # Once per question: whatever puts the question anew starts the wait anew.
    draft.session.nudge_at = draft.at + state.nudge.after if state.nudge else None


def _show(draft: Draft, text: str, choices: Choices, place: str) -> None:
    """Say the open question; only this showing can be answered from now on."""
    draft.say(text, choices)
    _showing(draft, place)


def _showing(draft: Draft, place: str) -> None:
    # The line is numbered at the end; it is the last one then, for the question comes last.
    seq = draft.session.seq + len(draft.lines) + len(draft.said)
    draft.session.shown = Shown(place, seq, draft.at)


def _line(draft: Draft, pending: Pending, place: str) -> tuple[Text, dict[str, str], Choices]:
    """Ask about one line of an order; in a longer one the question names the line."""
    texts = draft.book.texts
    slot = draft.book.flows[draft.session.frames[pending.depth].flow].slots[pending.slot]
    own = {"line_which": slot.unclear, "line_too_few": slot.invalid}.get(pending.text)
    found = first_open(slot, pending.value)
    extra = {
        "label": draft.word(slot.label),
        "product": str(pending.value[pending.line]["name"]),
        "candidates": draft.join(list(pending.labels), "or"),
    }
    if found is not None:
        for name, number in (("min", found.least), ("max", found.most), ("pack_size", found.pack)):
            extra[name] = draft.shown(number, "limit")
    text = own or texts[pending.text]
    number = number_of(pending.value, pending.line)
    if len(pending.value) > 1 or number > 1:
        asked = draft.word(text, extra)
        extra = {"line_no": str(number), "line_question": asked}
        text = texts["line_number"]
    choices = [(f"{place}.{n}", label) for n, label in enumerate(pending.labels, 1)]
    choices.append((f"{place}.{LEFT_OUT}", draft.word(texts["left_out"])))
    return text, extra, tuple(choices)


def pending_question(draft: Draft, pending: Pending) -> None:
    """Ask what the engine itself wants to know: which value, really cancel, finish first."""
    place = place_of(draft)
    texts = draft.book.texts
    extra: dict[str, str] = {}
    choices: Choices = ()
    if pending.kind == "unclear":
        frame = draft.session.frames[pending.depth]
        slot = draft.book.flows[frame.flow].slots[pending.slot]
        # Of several orders each lacks one line, by which it is told.
        one_less = slot.kind == "items"
        text = texts["line_off"] if one_less else slot.unclear or texts["unclear"]
        labels = [draft.value_of(slot, one) for one in pending.candidates]
        labels = [*pending.labels[:-1], draft.word(texts["keep_all"])] if one_less else labels
        extra = {"candidates": draft.join(labels[:-1] if one_less else labels, "or")}
        choices = tuple((f"{place}.{n}", label) for n, label in enumerate(labels, 1))
    elif pending.unspoken:
        _showing(draft, place)
        return
    elif pending.kind == "line":
        text, extra, choices = _line(draft, pending, place)
    elif pending.kind == "value":
        frame = draft.session.frames[pending.depth]
        slot = draft.book.flows[frame.flow].slots[pending.slot]
        text = texts["what_time" if pending.text else "new_value"]
        extra = {"label": draft.word(slot.label, frame=frame)}
    elif pending.kind == "change":
        state = draft.state
        asks = state.choices[pending.depth].ask if isinstance(state, Choose) else None
        text = asks or texts["changed_what"]
    elif pending.kind == "leave":
        text = texts["leave_or_finish"]
        choices = (
            (f"{place}.continue", draft.word(texts["continue"])),
            (f"{place}.leave", draft.word(texts["leave"])),
        )
        extra = {"flow": draft.word(draft.flow.title)}
    else:
        command = draft.book.commands.get(pending.kind)
        override = draft.flow.commands.get(pending.kind) if draft.session.frames else None
        asked = (override.ask if override else None) or (command.ask if command else None)
        text = asked or texts[pending.kind]
        if pending.value is not None:
            text = texts["order_offer"]
        outer = draft.session.frames[0].flow if draft.session.frames else pending.flow
        extra = {"flow": draft.word(draft.book.flows[outer].title)}
        if pending.value is not None:
            extra["order_lines"] = draft.shown(pending.value, "items")
        choices = (
            (f"{place}.yes", draft.word(texts["yes"])),
            (f"{place}.no", draft.word(texts["no"])),
        )
    said = draft.word(text, extra)
    _show(draft, said, choices, place)
