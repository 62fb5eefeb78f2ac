"""One line of a conversation explained: what it was taken for, what was answered, what came of it.

`explained` finds the facts, as `--json` prints them; `in_words` says them.
"""

from __future__ import annotations

__all__ = ["NoLine", "explained", "in_words", "listed", "table"]

from collections.abc import Iterator, Mapping, Sequence
from textwrap import indent
from typing import Any

from adapters.terms import columns, moment
from engine.errors import RejoinderError
from engine.overview import Listed, Requested
from engine.reasons import place, sentences, taken_as
from engine.transcript import ANSWER_DROPPED, Line

Facts = Mapping[str, Any]

SHOWN = 60  # characters of a line in a table

_WHO = {
    "user": "the customer",
    "bot": "the bot",
    "assistant": "the assistant",
    "operator": "a person of the business",
    "system": "a note",
}
_REQUESTED = {
    "send": "a message to the customer",
    "reply": "a message to the customer",
    "run_action": "the action {action}",
    "ask_assistant": "a question to the assistant",
    "open_assistant": "a conversation at the assistant",
    "notify": "word to the desk {desk}: {reason}",
    "publish": "the event {event} for other systems",
    "parked": "a fault of ours, to be looked at: ./run parked",
}
_OUTCOMES = {
    "owed": "still to be done",
    "taken": "being done",
    "sending": "on its way",
    "unsettled": "cut on its way; the provider's word is awaited",
    "recalled": "on its way, and not to go out again",
    "unknown": "nobody can tell whether it went out",
}


class NoLine(RejoinderError):
    """A session has no line of this number; the text says which it has."""


def listed(lines: Sequence[Line]) -> list[Facts]:
    """Return the lines with what each message was taken for."""
    return [
        {**_line(line), **({"taken_as": taken_as(line.about)} if line.who == "user" else {})}
        for line in lines
    ]


def explained(
    found: Listed, lines: Sequence[Line], requested: Sequence[Requested], seq: int
) -> dict[str, Any]:
    """Return what is known of a line: its turn, why it went so, and what came of it."""
    line = next((one for one in lines if one.seq == seq), None)
    if line is None:
        has = f"its lines are {lines[0].seq} to {lines[-1].seq}" if lines else "it has none"
        raise NoLine(f"{found.key} has no line {seq}: {has}. ./run explain {found.key} lists them.")
    turn = [one for one in lines if one.turn == line.turn]
    heard = [one for one in turn if one.who == "user"]
    then = next(
        (one.about["then"] for one in reversed(heard) if one.about and "then" in one.about), None
    )
    return {
        "key": found.key,
        "bot": found.bot,
        "session": found.id,
        "line": _line(line),
        "messages": [
            {**_line(one), "taken_as": taken_as(one.about), "why": sentences(one.about), "reason": one.about}
            for one in ([line] if line in heard else heard)
        ],
        "assistant": _assistant(line, lines),
        "answered": [_line(one) for one in turn if one.who != "user"],
        "requested": [
            {"id": one.id, "what": _what(one), "status": one.status, "outcome": _outcome(one)}
            for one in requested
            if one.turn == line.turn
        ],
        "then": None if then is None else place(then),
        "now": f"{found.flow}: {found.state}" if found.flow else (found.state if found.status == "open" else found.status),
    }  # fmt: skip


def _line(line: Line) -> dict[str, Any]:
    shown = {"seq": line.seq, "at": moment(line.at), "who": line.who, "text": line.text}
    return {**shown, "note": line.note} if line.note else shown


def _what(one: Requested) -> str:
    return _REQUESTED.get(one.kind, one.kind).format_map(one.fields)


def _outcome(one: Requested) -> str:
    return _OUTCOMES.get(one.status, one.status)


# -- the assistant --------------------------------------------------------------------------------


def _assistant(line: Line, lines: Sequence[Line]) -> dict[str, Any] | None:
    """Return the question and the answer that a line is one of."""
    about = line.about or {}
    effect = about.get("effect")
    if effect is None:
        return None
    asked = [
        one for one in lines if one.who == "user" and (one.about or {}).get("effect") == effect
    ]
    answer = next(
        (one for one in lines if one.who != "user" and (one.about or {}).get("effect") == effect), None
    )  # fmt: skip
    more = (answer.about if answer is not None else None) or {}
    return {
        "effect": effect,
        "question": [_line(one) for one in asked],
        "answer": None if answer is None else _line(answer),
        "sources": more.get("sources", []),
        "offered": more.get("offer"),
        "dropped": _why_dropped(answer, asked, lines) if answer is not None else None,
    }


def _why_dropped(answer: Line, asked: Sequence[Line], lines: Sequence[Line]) -> str | None:
    """Say why an answer was recorded and never said; None where it was said."""
    if answer.note != ANSWER_DROPPED:
        return None
    since = asked[-1].seq if asked else answer.seq
    meanwhile = [one for one in lines if one.who == "user" and since < one.seq < answer.seq]
    if any((one.about or {}).get("then") for one in meanwhile):
        return "a flow had started meanwhile"
    return "a newer message had come" if meanwhile else "nobody waited for it any more"


# -- in words ---------------------------------------------------------------------------------


def table(found: Sequence[Facts]) -> str:
    """Write the lines of a conversation one below the other."""
    rows = ((str(one["seq"]), one["who"], one.get("taken_as", ""), _short(one)) for one in found)
    return columns(("SEQ", "WHO", "TAKEN AS", "TEXT"), *rows)


def _short(one: Facts) -> str:
    text = " ".join(" ".join(filter(None, (one.get("note"), one["text"]))).split())
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 3]}..."


def in_words(what: Facts) -> str:
    """Say what `explained` found, for the owner of a shop."""
    return "\n\n".join("\n".join(part) for part in _parts(what))


def _parts(what: Facts) -> Iterator[list[str]]:
    line = what["line"]
    yield [f"{what['key']}, {_said(line)}"]
    for one in what["messages"]:
        head = [] if one["seq"] == line["seq"] else [f"In answer to {_said(one)}"]
        yield [*head, f"Taken as: {one['taken_as']}", *_each(one["why"])]
    if not what["messages"] and not what["assistant"]:
        yield ["No message of the customer led to it: an outcome, a deadline or a person did."]
    if what["assistant"]:
        yield list(_asked(what["assistant"], line))
    others = [one for one in what["answered"] if one["seq"] != line["seq"]]
    if others:
        yield ["Said in the same turn:", *(indent(_said(one), "  ") for one in others)]
    if what["requested"]:
        outcomes = (f"{one['what']}: {one['outcome']}." for one in what["requested"])
        yield ["Requested by this turn:", *_each(outcomes)]
    after = [] if what["then"] is None else [f"After this turn: {what['then']}."]
    yield [*after, f"Now: {what['now']}."]


def _each(texts: Sequence[str] | Iterator[str]) -> list[str]:
    return [f"  {text}" for text in texts]


def _said(line: Facts) -> str:
    note = f" ({line['note']})" if "note" in line else ""
    head = f"line {line['seq']}, {line['at']}, {_WHO[line['who']]}{note}"
    return f"{head}:\n{indent(line['text'], '  ')}" if line["text"] else head


def _asked(found: Facts, line: Facts) -> Iterator[str]:
    yield "The assistant:"
    for one in found["question"]:
        if one["seq"] != line["seq"]:
            yield indent(f"It was asked by {_said(one)}", "  ")
    answer = found["answer"]
    if answer is None:
        yield "  It has given no answer that is kept."
    elif answer["seq"] != line["seq"]:
        yield indent(f"It answered in {_said(answer)}", "  ")
    if found["sources"]:
        yield f"  It was given: {', '.join(found['sources'])}."
    if found["offered"]:
        yield f"  It offered the flow {found['offered']}; only the customer's yes starts it."
    if found["dropped"]:
        yield f"  Recorded, never said: {found['dropped']}."
