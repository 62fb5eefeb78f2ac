"""An event that was parked, as it is taken once more when the bug is gone."""

from __future__ import annotations

__all__ = ["taken_again"]

from typing import Any

from engine import events
from engine.overview import ParkedEvent

_KINDS: dict[str, type[Any]] = {name: getattr(events, name) for name in events.__all__}
# Whoever waits for an outcome knows it by its id; it is stored with no line.
_BY_ID = ("ActionFinished", "AssistantAnswered")


def taken_again(parked: ParkedEvent) -> events.Event:
    """Return the event under an id of its own: its first one is taken, by the line that was stored.

    The id follows from the first, so that two tries at the same moment are one: ``m1!1``, ``m1!2``.
    """
    fields = dict(parked.fields)
    if parked.kind not in _BY_ID:
        first, mark, count = fields["id"].rpartition("!")
        fields["id"] = f"{first}!{int(count) + 1}" if mark else f"{count}!1"
    event: events.Event = _KINDS[parked.kind](**fields)
    return event
