"""``python -m tests.simulation``: many worlds, one after the other; a broken one is told."""

from __future__ import annotations

import argparse
import sys

from tests.simulation.report import Figures, broken, summary
from tests.simulation.simulate import simulate


def main(arguments: list[str] | None = None) -> int:
    """Run the worlds asked for; return 1 when an invariant is broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=200, help="how many worlds (200)")
    parser.add_argument("--start", type=int, default=0, help="the first seed (0)")
    parser.add_argument("--seed", type=int, help="this world only, told whether it breaks or not")
    parser.add_argument("--json", action="store_true", help="figures for programs")
    asked = parser.parse_args(arguments)
    seeds = range(asked.start, asked.start + asked.seeds)
    if asked.seed is not None:
        seeds = range(asked.seed, asked.seed + 1)
    figures = Figures()
    terminal = sys.stderr.isatty() and not asked.json
    for seed in seeds:
        outcome = simulate(seed, always_tell=asked.seed is not None)
        figures.add(outcome)
        # Of many broken worlds the first is enough to read.
        told = asked.seed is not None or (outcome.wrong and len(figures.failed) == 1)
        if told and not asked.json:
            _say(broken(outcome) if outcome.wrong else "\n".join(outcome.story))
        if terminal:
            sys.stderr.write(f"\r{figures.seeds:,} of {len(seeds):,} seeds ")
            sys.stderr.flush()
    if terminal:
        sys.stderr.write("\r\x1b[K")
    _say(figures.to_json() if asked.json else summary(figures))
    return 1 if figures.failed else 0


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main())
