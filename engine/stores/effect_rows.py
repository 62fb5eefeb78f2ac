"""An effect as it is stored, and how far it can come.

    owed -> taken -> done | failed
    owed -> taken -> sending -> done | failed                (messages: on the wire in between)
    sending, cut by a kill -> unsettled -> sending again | unknown
    the same, where the provider has told that it came -> done
    owed or taken -> withdrawn                               (a person took over before the wire)
    sending -> recalled -> done | failed | withdrawn         (after it: it does not go out again)

`unsettled` waits for the provider to say what it got. `parked` is no effect to be done: it keeps an
event that a bug of ours could not take, for a person to look at.
"""

from __future__ import annotations

__all__ = [
    "OPEN",
    "PARKED",
    "UNSETTLED_FOR",
    "decode",
    "encode",
    "order_of",
    "parked_row",
]

from dataclasses import asdict
from typing import Any

from engine.effects import (
    AskAssistant,
    Effect,
    Notify,
    OpenAssistant,
    Publish,
    RunAction,
    Send,
)
from engine.turn import Parked

OPEN = ("owed", "taken", "sending", "recalled", "unsettled")
PARKED = "parked"
UNSETTLED_FOR = 60_000  # design, section 6: a cut attempt is sent again after 60 s without a status

_KINDS: dict[str, type[Any]] = {
    "reply": Send,  # an operator's: no take-over withdraws it
    "send": Send,
    "run_action": RunAction,
    "ask_assistant": AskAssistant,
    "open_assistant": OpenAssistant,
    "publish": Publish,
    "notify": Notify,
}
_NAMES = {kind: name for name, kind in _KINDS.items()}


def encode(effect: Effect) -> tuple[str, dict[str, Any]]:
    """Return an effect's kind and its body as plain JSON."""
    body = {name: getattr(effect, name) for name in effect.__dataclass_fields__ if name != "id"}
    if isinstance(effect, Send) and effect.by_operator:
        return "reply", body
    return _NAMES[type(effect)], body


def decode(id_: str, kind: str, body: dict[str, Any]) -> Effect:
    """Return the effect that `encode` took apart."""
    if kind in ("send", "reply"):
        body = body | {
            "lines": tuple(body["lines"]),
            "choices": tuple(tuple(pair) for pair in body["choices"]),
            "values": tuple(body.get("values", ())),
        }
    effect: Effect = _KINDS[kind](id_, **body)
    return effect


def order_of(id_: str) -> int:
    """Return where an effect stands among those of its session: ``{session}:{version}:{n}``."""
    _, version, n = id_.rsplit(":", 2)
    return int(version) * 10_000 + int(n)


def parked_row(parked: Parked) -> dict[str, Any]:
    """Return what is kept of an event that could not be taken."""
    event = type(parked.event).__name__
    # Apart: an event may have an error of its own.
    return {"event": event, "error": parked.error, "fields": asdict(parked.event)}
