"""What is counted: names, labels, numbers. Every process counts for itself and hands on what it has.

The names are fixed in the table below; adapters write them out for whoever scrapes.
"""

from __future__ import annotations

__all__ = ["COUNTERS", "Counter", "Counters"]

from collections import Counter as Tally
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.effects import AskAssistant
from engine.session import Session
from engine.turn import Turn


@dataclass(frozen=True, slots=True)
class Counter:
    """One thing that is counted: its name outside, its labels, what it says."""

    name: str
    labels: tuple[str, ...]
    help: str


COUNTERS: Mapping[str, Counter] = {
    "created": Counter("rejoinder_sessions_created", ("bot",), "Sessions begun."),
    "restored": Counter(
        "rejoinder_sessions_restored",
        ("bot", "tier"),
        "Sessions that came back from below memory.",
    ),
    "ended": Counter("rejoinder_sessions_ended", ("bot", "reason"), "Sessions ended."),
    "started": Counter("rejoinder_flows_started", ("bot", "flow"), "Flows begun."),
    "completed": Counter(
        "rejoinder_flows_completed", ("bot", "flow"), "Flows that reached their end."
    ),
    "abandoned": Counter(
        "rejoinder_flows_abandoned", ("bot", "flow"), "Flows left before their end."
    ),
    "assistant_calls": Counter(
        "rejoinder_assistant_calls", ("bot",), "Questions to the assistant."
    ),
    "assistant_calls_in_flow": Counter(
        "rejoinder_assistant_calls_in_flow",
        ("bot",),
        "Questions to the assistant while a flow was active: a bug when above zero.",
    ),
    "assistant_answers": Counter(
        "rejoinder_assistant_answers",
        ("bot", "outcome"),
        "What came of them: answered, offered, failed, empty, resting, no_budget, ...",
    ),
    "turns": Counter("rejoinder_turns", ("bot",), "Turns committed."),
    "conflicts": Counter("rejoinder_conflicts", ("bot",), "Turns another worker was faster with."),
    "duplicates": Counter("rejoinder_duplicates", ("bot",), "Messages that had been taken before."),
    "parked": Counter("rejoinder_parked", ("bot",), "Events a bug of ours could not take."),
    "contacts_merged": Counter(
        "rejoinder_contacts_merged", ("bot",), "Contacts that turned out to be one person."
    ),
    "resent": Counter(
        "rejoinder_messages_resent", ("bot",), "Messages sent again after a cut attempt."
    ),
    "not_admitted": Counter(
        "rejoinder_messages_not_admitted",
        ("bot",),
        "Messages of people whom the bot does not admit.",
    ),
    "ignored": Counter(
        "rejoinder_updates_ignored",
        ("bot", "why"),
        "What a provider told and nobody need answer: reactions, groups, other numbers.",
    ),
    "undelivered": Counter(
        "rejoinder_messages_undelivered",
        ("bot", "code"),
        "Messages a provider took and did not deliver, by its code.",
    ),
    "failed": Counter(
        "rejoinder_effects_failed", ("bot", "kind"), "Effects given up after their last attempt."
    ),
}


_FLOW_COUNTS = ("started", "completed")


class Counters:
    """Counts since they were last handed on."""

    def __init__(self) -> None:
        """Begin at nothing."""
        self._counts: Tally[tuple[str, tuple[str, ...]]] = Tally()

    def add(self, what: str, *labels: str, n: int | float = 1) -> None:
        """Count; `what` is a key of `COUNTERS`, the labels are its labels in order."""
        self._counts[what, labels] += n  # type: ignore[assignment] # seconds are counted too

    def turn(self, before: Session, turns: Sequence[Turn]) -> None:
        """Count what a committed turn says of itself, and the sessions that follow its own."""
        bot = before.bot
        counts = self._counts
        counts["turns", (bot,)] += 1
        if before.version == 0:
            counts["created", (bot,)] += 1
        for n, turn in enumerate(turns):
            if n:
                counts["created", (bot,)] += 1
            for what, flow in turn.happened:
                # Whatever else ends a flow (cancelled, expired, handed over) leaves it unfinished.
                counts[what if what in _FLOW_COUNTS else "abandoned", (bot, flow)] += 1
            for effect in turn.effects:
                if isinstance(effect, AskAssistant):
                    counts["assistant_calls", (bot,)] += 1
                    if turn.session.frames:
                        counts["assistant_calls_in_flow", (bot,)] += 1
            if turn.parked:
                counts["parked", (bot,)] += len(turn.parked)
            if turn.session.status == "ended":
                counts["ended", (bot, turn.session.reason)] += 1

    def taken(self) -> dict[tuple[str, tuple[str, ...]], int | float]:
        """Return what was counted since the last time, and begin anew."""
        counts, self._counts = self._counts, Tally()
        return dict(counts)

    def put_back(self, counts: Mapping[tuple[str, tuple[str, ...]], int | float]) -> None:
        """Count again what could not be handed on."""
        for (what, labels), n in counts.items():
            self.add(what, *labels, n=n)

    def now(self) -> dict[tuple[str, tuple[str, ...]], int | float]:
        """Return what was counted and not handed on yet."""
        return dict(self._counts)
