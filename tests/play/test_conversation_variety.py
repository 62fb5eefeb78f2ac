"""The scripts of this repository differ: a hundred variations of one conversation would prove little."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import pytest

from adapters.assembly import DEFAULT_BOT, load_script
from engine.script import Script

FIXTURES = Path(__file__).parents[2] / "fixtures"
MESSY = "orders_messy"  # the kind whose customers slip and change their minds

# Answers that every customer may give; they make no two conversations alike.
BARE = re.compile(
    r"(yes|y|s|yep|ok|okay|sure|fine|correct|confirm|no|cancel|thanks|hi|hello|s[ií]|confirmar)[.!? ]*"
)


@pytest.fixture(scope="module")
def scripts() -> dict[str, Script]:
    """Every script by kind and name, as in the names of the recorded transcripts."""
    files = sorted((FIXTURES / "conversations").glob("*/*.chat"))
    return {f"{file.parent.name}.{file.stem}": load_script(file) for file in files}


def said(script: Script) -> frozenset[str]:
    """Fold what the customers of a script say, without taps and bare answers."""
    return frozenset(_said(script))


def _said(script: Script) -> Iterator[str]:
    for block in script.blocks:
        for entry in block.stimuli:
            if entry.kind == "said":
                text = " ".join(f"{entry.file} {entry.text}".casefold().split())
                if not BARE.fullmatch(text):
                    yield text


def orders_in_bulk(name: str) -> bool:
    """Look into the recorded transcript, which the script's own test holds to how it goes."""
    recorded = FIXTURES / "transcripts" / f"{name}.txt"
    state = re.compile(r"^  \[(?:\w+ )?bulk_order: ", re.MULTILINE)
    return recorded.is_file() and state.search(recorded.read_text("utf-8")) is not None


def test_every_script_says_in_a_line_of_its_own_what_is_new_in_it(
    scripts: dict[str, Script],
) -> None:
    titles = Counter(script.title.casefold() for script in scripts.values())

    assert "" not in titles
    assert [title for title, times in titles.items() if times > 1] == []


def test_no_two_scripts_share_half_of_what_customers_say(scripts: dict[str, Script]) -> None:
    talks = {name: said(script) for name, script in scripts.items()}
    long = {name: lines for name, lines in talks.items() if len(lines) >= 3}

    assert [
        (one, other)
        for one, other in combinations(long, 2)
        if 2 * len(long[one] & long[other]) >= min(len(long[one]), len(long[other]))
    ] == []


def test_a_hundred_and_fifty_conversations_order_in_bulk(scripts: dict[str, Script]) -> None:
    of_the_shop = [
        name
        for name, script in scripts.items()
        if script.headers.get("bot", DEFAULT_BOT) == DEFAULT_BOT
    ]

    assert sum(map(orders_in_bulk, of_the_shop)) >= 150


def test_fifty_of_them_are_messy(scripts: dict[str, Script]) -> None:
    assert sum(name.startswith(f"{MESSY}.") for name in scripts) >= 50
