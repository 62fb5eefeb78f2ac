"""What is said of many worlds: one line of figures, and for a broken one all that leads to it."""

from __future__ import annotations

__all__ = ["Figures", "broken", "summary"]

import json
from collections import Counter
from dataclasses import dataclass, field

from tests.simulation.simulate import Outcome

SHOWN = (
    "turns",
    "messages",
    "kills",
    "pauses",
    "outages",
    "jumps",
    "actions",
    "sent",
    "take-overs",
    "questions",
    "requests",
    "overtaken",
)


@dataclass(slots=True)
class Figures:
    """What all worlds came to."""

    seeds: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    failed: list[Outcome] = field(default_factory=list)

    def add(self, outcome: Outcome) -> None:
        """Count one more world."""
        self.seeds += 1
        self.counts.update(outcome.counts)
        if outcome.wrong:
            self.failed.append(outcome)

    def to_json(self) -> str:
        """Return the figures for programs."""
        failed = [{"seed": one.seed, "wrong": one.wrong} for one in self.failed]
        return json.dumps({"seeds": self.seeds, **self.counts, "failed": failed}, indent=2)


def summary(figures: Figures) -> str:
    """Return the one line that says it all."""
    counts = ", ".join(f"{figures.counts[name]:,} {name}" for name in SHOWN)
    verdict = (
        f"{len(figures.failed)} of them break an invariant: seeds "
        + ", ".join(str(one.seed) for one in figures.failed[:20])
        if figures.failed
        else "all invariants hold"
    )
    return f"{figures.seeds:,} seeds, {counts}: {verdict}"


def broken(outcome: Outcome) -> str:
    """Return all there is to say about a broken world: what, how it came, how to see it again."""
    return "\n".join(
        [
            f"Seed {outcome.seed} breaks what must hold:",
            *(f"  {one}" for one in outcome.wrong),
            "",
            "What happened (step, time, who, what):",
            *outcome.story,
            "",
            f"Again: python -m tests.simulation --seed {outcome.seed}",
        ]
    )
