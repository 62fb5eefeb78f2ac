"""What a script expects of the conversation it plays, and what of that did not come."""

from __future__ import annotations

__all__ = ["unmet"]

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

from engine.script import Block, Script
from engine.transcript import SPEAKERS, Entry, rendered


def unmet(script: Script, played: Sequence[Sequence[Entry]]) -> str:
    """Return what the file expects and playing did not give, block by block; empty if all came.

    Within a block the expected lines must come in this order; others may stand between.
    """
    return "\n".join(
        _difference(f"{script.path}:{missing.line}", block, outputs)
        for block, outputs in zip(script.blocks, played, strict=True)
        if (missing := _first_unmet(block.expected, outputs))
    )


def _first_unmet(expected: Sequence[Entry], outputs: Sequence[Entry]) -> Entry | None:
    rest = iter(outputs)
    for entry in expected:
        if entry.kind == "nothing":
            if any(one.kind in SPEAKERS and one.who == entry.who for one in outputs):
                return entry
        elif not any(_is_met(entry, one) for one in rest):
            return entry
    return None


def _is_met(expected: Entry, given: Entry) -> bool:
    if (expected.kind, expected.who) != (given.kind, given.who):
        return False
    # A line of three dots stands for any lines.
    parts = [".*" if line == "..." else re.escape(line) for line in expected.text.split("\n")]
    return re.fullmatch("\n".join(parts), given.text, re.DOTALL) is not None


def _difference(place: str, block: Block, outputs: Sequence[Entry]) -> str:
    """Show a block: expected lines with their numbers in the file, `-` for missing, `+` for new."""
    numbered = [(e.line + n, text) for e in block.expected for n, text in enumerate(rendered(e))]
    ours, theirs = [text for _, text in numbered], [t for one in outputs for t in rendered(one)]
    rows = [f"{place}: this was expected here, in this order, and did not come:"]
    rows += [f"{e.line + n:5}   {t}" for e in block.stimuli for n, t in enumerate(rendered(e))]
    for tag, i, j, k, m in SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
        sign = " " if tag == "equal" else "-"
        rows += [f"{number:5} {sign} {text}" for number, text in numbered[i:j]]
        if tag != "equal":
            rows += [f"{'':5} + {text}" for text in theirs[k:m]]
    return "\n".join(rows) + "\n"
