"""What the readers understand and cost: scores per set of texts, time per message, growth.

A set of 80 rows or more has goals, which must be met; a smaller one is only told.
"""

from __future__ import annotations

__all__ = ["add_flags", "rows"]

import statistics
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter

from bench.reader_marks import MARKS
from bench.reader_matches import misses_of
from bench.reader_rows import Case, cases_in
from bench.report import Row

OURS = Path(__file__).parent.parent / "fixtures" / "readings"
# Fewer rows than this are a matter of luck.
ENOUGH = 80
ROUNDS = 3
BASE_TEXT = 400  # characters; the longer ones are 2, 4 and 8 times as long
LONGER = (2, 4, 8)
# How much more than its length a long text may cost; a clock is not exact.
SLACK = 1.5


def add_flags(parser: ArgumentParser) -> None:
    """Add what this bench can be asked for."""
    parser.add_argument("--rows", type=Path, default=OURS, help="a folder of *.jsonl")
    parser.add_argument("--misses", action="store_true", help="print what is read wrong")


def rows(options: Namespace) -> Iterator[Row]:
    """Yield every figure of every set."""
    for name, cases in cases_in(options.rows):
        if options.misses:
            for text, want, got in misses_of(name, cases):
                print(f"{name}: {text!r}\n  want {want!r}\n  got  {got!r}", file=sys.stderr)
        yield Row(f"{name}, rows", len(cases), "")
        yield from _scores(name, cases)
        yield from _speed(name, cases)


def _scores(name: str, cases: list[Case]) -> Iterator[Row]:
    """Yield the marks of a set; parts of a set that has no such rows are left out."""
    held = "expect" in cases[0].row
    for mark in MARKS["own" if held else name]:
        chosen = [case for case in cases if mark.chosen(case)]
        if chosen:
            value = mark.measure(chosen) * mark.scale
            bound = mark.goal if len(cases) >= ENOUGH else None
            what = f"{name}, {mark.what} ({len(chosen)})"
            yield Row(what, value, mark.unit, bound, less_is_better=mark.less)


def _speed(name: str, cases: list[Case]) -> Iterator[Row]:
    """Yield what one message costs, and how that grows with its length."""
    taken = sorted(_seconds(case.values) * 1e6 for case in cases)
    yield Row(f"{name}, one message, median", statistics.median(taken), "us")
    yield Row(f"{name}, one message, p95", taken[int(len(taken) * 0.95)], "us")
    base = ""
    for case in cases:
        if len(base) < BASE_TEXT:
            base += case.text[: BASE_TEXT - len(base)] + ", "
    one = _reading(cases[0], base)
    for times in LONGER:
        many = _reading(cases[0], base * times)
        grown = statistics.median(_seconds(many) / _seconds(one) for _ in range(ROUNDS))
        yield Row(f"{name}, a text {times} x as long", grown, "x", times * SLACK)


def _reading(case: Case, text: str) -> Callable[[], object]:
    return Case(case.reader, text, case.hearing, case.row).values


def _seconds(work: Callable[[], object]) -> float:
    """Return the shortest of some runs: what else the machine does only adds to them."""
    best = float("inf")
    for _ in range(ROUNDS):
        began = perf_counter()
        work()
        best = min(best, perf_counter() - began)
    return best
