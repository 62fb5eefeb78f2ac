"""Why a message was taken as it was: kept with its line as codes and names, said when asked.

At the turn nothing is put into words and nothing the customer typed is copied, but the words of a
start phrase. A reason is ``{"why": CODE, ...}``: where the conversation stood (``at``: flow and
state, missing where no flow was active) and stood afterwards (``then``), and what was found.
"""

from __future__ import annotations

__all__ = [
    "CODES",
    "note_asked",
    "note_end",
    "note_meaning",
    "note_outcome",
    "note_place",
    "note_unanswered",
    "place",
    "sentences",
    "taken_as",
]

from collections.abc import Mapping
from typing import Any, cast

from engine.draft import Draft
from engine.frame import Pending
from engine.language.states import Choose
from engine.meaning import Heard
from engine.ordering import LEFT_OUT

# -- at the turn ------------------------------------------------------------------------------


def note_place(draft: Draft) -> None:
    """Note where the conversation stands when a message is taken."""
    if draft.session.frames:
        frame = draft.session.frames[-1]
        draft.why["at"] = [frame.flow, frame.state]


def note_meaning(draft: Draft, heard: Heard) -> None:
    """Note what a text was understood as, in the order of meaning, before it is acted on."""
    why = draft.why
    if heard.answer:
        pending = cast("Pending", draft.session.pending)  # only an open question is answered
        draft.because("answer", question=pending.kind, answer=heard.answer, to=pending.flow)
        return
    if heard.choice is not None:
        choices = cast("Choose", draft.state).choices
        why["why"], why["choice"] = "choice", choices[heard.choice].id
    elif heard.command:
        why["why"], why["command"] = "command", heard.command
    elif heard.waits:
        why["why"] = "waits"
    else:
        why["why"] = _what_it_says(heard, why)
    if heard.questions:
        why["faq"] = heard.questions


def _what_it_says(heard: Heard, why: dict[str, Any]) -> str:
    if heard.start:
        why["flow"], why["by"], why["found"] = heard.start, heard.start_by, heard.found
    if heard.fills or heard.unclear is not None or heard.change is not None:
        return _what_it_gives(heard, why)
    if heard.skips:
        return "skips"
    if heard.start:
        return heard.start_by
    if heard.greets:
        return heard.courtesy or "small_talk"
    return "faq"


def _what_it_gives(heard: Heard, why: dict[str, Any]) -> str:
    given = [one.slot for one in heard.fills if not one.correction]
    if given:
        why["slots"] = given
    if len(given) < len(heard.fills):
        why["corrected"] = [one.slot for one in heard.fills if one.correction]
    if heard.unclear is not None:
        why["unclear"] = heard.unclear[1]
    elif heard.change is not None:
        why["change"] = heard.change[1]
    return "values" if given or heard.unclear is not None else "correction"


def note_outcome(draft: Draft, before: Pending | None) -> None:
    """Note what a message led to that its meaning does not tell: a refusal, a question of ours."""
    if draft.refused:
        draft.why["refused"] = sorted(draft.refused)
    pending = draft.session.pending
    if pending is not None and pending is not before:
        draft.why["asked"] = pending.kind
        if pending.flow:
            draft.why["of"] = pending.flow


def note_unanswered(draft: Draft, why: str, **more: Any) -> None:
    """Note what became of the messages of this turn in which nothing was understood."""
    for _, _, _, _, _, about in draft.lines:
        if about is not None and about.get("why") == "nothing":
            cast("dict[str, Any]", about).update(more, why=why)


def note_asked(draft: Draft) -> None:
    """Note whether the assistant was asked, or why not."""
    asking, rules = draft.session.asking, draft.book.assistant
    if asking is not None:
        note_unanswered(draft, "assistant", effect=asking.id)
    else:
        note_unanswered(draft, "unknown", because="none" if rules is None else "budget")


def note_end(draft: Draft) -> None:
    """Note where the conversation stands after the turn, with its last message."""
    if draft.why:
        session = draft.session
        draft.why["then"] = [session.flow, session.state] if session.frames else []


# -- in words -----------------------------------------------------------------------------------

# Why this came first: the order of meaning, before a flow and inside one.
_BEFORE_A_FLOW = (
    "Where no flow is active, the bot looks for the answer to its own question, a command, the start"
    " phrase of a flow, a value that starts one, its own answers (FAQ) and small talk, in this order;"
    " only where none of them is found, the assistant is asked."
)
_IN_A_FLOW = (
    "Inside a flow the bot looks for the answer to its own question, a choice, a command, values,"
    " corrections, its own answers (FAQ) and the start of another flow, in this order. The assistant"
    " is never asked inside a flow."
)

# Code -> one or two words for a list, and the sentence.
_WORDS: Mapping[str, tuple[str, str]] = {
    "answer": ("answer", 'The answer "{answer}" to the question {question}.'),
    "assistant": (
        "assistant",
        "No rule of the bot found anything in it, so the assistant was asked ({effect}).",
    ),
    "busy": ("busy", "An action was running, and nothing could be taken: it was left."),
    "choice": ("choice", 'The choice "{choice}" in words.'),
    "command": ("command", 'The command "{command}".'),
    "correction": ("correction", "It changes what was known."),
    "empty": ("empty", "There is no text in it, and nothing was open."),
    "faq": ("question", "A question the bot has an answer of its own to."),
    "file": ("file", "A file that cannot be read ({fault}), and no text with it."),
    "for_person": ("for a person", "It came for a person, and was handed over."),
    "goods": (
        "start",
        "It starts the flow {flow}: it orders goods ({found}), though none that are sold.",
    ),
    "goodbye": ("goodbye", "A goodbye."),
    "held": ("held", "An action was running: it was kept, and read after the outcome."),
    "joined": ("joined", "A number by itself: it was read together with the next message."),
    "late": ("late", "It came later than the bot still answers (answer_within): only recorded."),
    "manual": ("recorded", "A person was talking, so the bot only recorded it."),
    "miss": ("not understood", "Nothing of what was asked for was found in it."),
    "newer": ("kept", "Its flow was changed meanwhile: kept for a process that has the new one."),
    "no_cancel": ("too late", "Too late to cancel: the action was running."),
    "nothing": ("not understood", "Nothing was found in it, and other things went before it."),
    "old_tap": ("old button", "A button of an earlier question, which counts no more."),
    "parked": ("parked", "A fault of ours ({error}); ./run parked lists it."),
    "phrase": ("start", 'It starts the flow {flow}: its start phrase was found, as "{found}".'),
    "reading": ("start", "It starts the flow {flow}: a value that starts it was read ({found})."),
    "returned": (
        "not understood",
        "Nothing was found in it; a person had just handed back, so it is not counted.",
    ),
    "skips": ("declined", "What is optional was declined."),
    "small_talk": ("small talk", "A greeting, a nod, or what was known already: nothing changes."),
    "stray_tap": ("button", "A button that answers nothing here: the question was put again."),
    "tap": ("button", 'The button "{choice}".'),
    "tap_answer": ("button", 'The button "{answer}", to the question {question}.'),
    "thanks": ("thanks", "Thanks."),
    "told": ("kept", "It only says who the customer is: kept for the next flow."),
    "unknown": ("not understood", "No rule of the bot found anything in it. {because}"),
    "unseen": (
        "not counted",
        "Nothing was found in it; it was written before the open question could be seen.",
    ),
    "values": ("values", "It says what the flow collects."),
    "waits": ("wait", "It asks for a moment: the question stays open."),
    "welcomed": ("welcome", "Nothing was found in it; the welcome is its answer."),
}
CODES = frozenset(_WORDS)
_QUESTIONS: Mapping[str, str] = {
    "cancel": "whether to cancel",
    "change": "what to change",
    "leave": "whether to finish this first or leave it for {of}",
    "line": "about one line of the order",
    "offer": "whether to begin {of}",
    "restart": "whether to begin again",
    "unclear": "which of several values is meant",
    "value": "for the new value, or the rest of one",
}
_NOT_ASKED: Mapping[str, str] = {
    "none": "The bot has no assistant, so it said that.",
    "budget": "The assistant is asked no more in this conversation, so the bot said that.",
}
# The order of meaning decided nothing about these.
_UNREAD = frozenset(
    {"busy", "file", "for_person", "held", "late", "manual", "newer", "old_tap", "parked"}
)


def taken_as(about: Mapping[str, Any] | None) -> str:
    """Say in one or two words what a message was taken for."""
    return _WORDS[about["why"]][0] if about and about.get("why") in CODES else "not recorded"


def sentences(about: Mapping[str, Any] | None) -> list[str]:
    """Say what a message was taken for and why that came first, for the owner of a shop."""
    if taken_as(about) == "not recorded" or about is None:
        return ["What it was taken for is not recorded."]
    at = about.get("at")
    said = [f"The conversation stood in {place(at)}."] if at else []
    if not at and about["why"] not in _UNREAD:
        said.append("No flow was active.")
    said.append(_WORDS[about["why"]][1].format_map(_shown(about)))
    said += [text.format_map(_shown(about)) for key, text in _BESIDE if key in about]
    if about.get("flow") and about["why"] != about.get("by"):
        said.append(_STARTS.format_map(_shown(about)))
    if "asked" in about:
        said.append(f"The bot then asked {_question(about['asked'], about.get('of'))}.")
    if about["why"] not in _UNREAD:
        said.append(_IN_A_FLOW if at else _BEFORE_A_FLOW)
    return said


def place(at: list[str]) -> str:
    """Say where a conversation stands."""
    return ": ".join(at) if at else "no flow"


_BESIDE = (
    ("slots", "Read: {slots}."),
    ("corrected", "Changed: {corrected}."),
    ("change", "To be changed, without a new value yet: {change}."),
    ("unclear", "It can be read in several ways: {unclear}."),
    ("refused", "Refused, and the reason said: {refused}."),
    ("faq", "Answered from the bot's own answers: {faq}."),
)
_STARTS = "The start of the flow {flow} was found, too ({found})."


def _question(kind: str, flow: object) -> str:
    return _QUESTIONS[kind].format(of=flow)


def _shown(about: Mapping[str, Any]) -> dict[str, str]:
    """Return what the sentences have gaps for, in words."""
    shown = {
        key: ", ".join(value) if isinstance(value, list) else str(value)
        for key, value in about.items()
    }
    if about.get("by") == "phrase":
        shown["found"] = " ".join(about["found"])
    if "question" in about:
        shown["question"] = _question(about["question"], about["to"])
        # About a line of an order: "=12" is a quantity, "~1 2" several, "-1" or "0" leaves it out.
        answer = shown["answer"]
        shown["answer"] = "left out" if answer[:1] in ("-", LEFT_OUT) else answer.lstrip("=~")
    if "because" in about:
        shown["because"] = _NOT_ASKED[about["because"]]
    return shown
