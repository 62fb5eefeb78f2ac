"""While a flow is active no model is asked, whatever customers type; outside of one it is.

Every script of the repository is played with the real client, and a stand-in over real HTTP counts
what it is asked. Bots that have no assistant get one for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.gemini.standin import GeminiStandin
from tests.adapters.programs import ROOT
from tests.gemini.played import Played, Scripts

SCRIPTS = sorted((ROOT / "fixtures" / "conversations").rglob("*.chat"))
CONTROL = "# control\n# bot: parts_shop\n> what is the meaning of life?\n"
FLOW = "# in a flow\n# bot: parts_shop\n> I need to buy 11 remote controls\n> what is the meaning of life?\n"
TWO = "> what is the meaning of life?\n>ana which one of you is the oldest?\n> or at least of death?\n"
LONG = 12  # characters; shorter ones, such as "ok", stand in anybody's texts


@pytest.fixture(scope="module")
def scripts() -> Iterator[Scripts]:
    standin = GeminiStandin()
    with standin.served() as url:
        opened = Scripts(standin, url)
        yield opened
        opened.close()


def others(played: Played) -> list[str]:
    """Return what customers' requests hold of other customers' conversations."""
    found = []
    for one in played.requests:
        own = played.stood[one.contact]
        told = [*one.asked.texts, one.asked.instruction]
        for contact, texts in played.stood.items():
            strange = texts - own if contact != one.contact else set()
            rows = {row for text in strange for row in text.splitlines() if len(row) >= LONG}
            known = "\n".join([*own, one.asked.instruction, one.asked.context])
            found += [row for row in rows if row not in known and row in "\n".join(told)]
    return found


def written(folder: Path, text: str) -> Path:
    """Make a script."""
    path = folder / "control.chat"
    path.write_text(text, "utf-8")
    return path


def test_outside_of_any_flow_it_is_asked_once(scripts: Scripts, tmp_path: Path) -> None:
    before = scripts.standin.count
    (asked,) = scripts.play(written(tmp_path, CONTROL)).requests

    assert not asked.inside
    assert "what is the meaning of life?" == asked.asked.question
    assert 1 == scripts.standin.count - before


def test_the_same_question_in_a_flow_is_not_asked(scripts: Scripts, tmp_path: Path) -> None:
    before = scripts.standin.count

    assert [] == scripts.play(written(tmp_path, FLOW)).requests
    assert 0 == scripts.standin.count - before


def test_what_another_customer_says_is_found_where_it_does_not_belong(
    scripts: Scripts, tmp_path: Path
) -> None:
    """The check below can fail: with the customers exchanged it does."""
    played = scripts.play(written(tmp_path, "# two\n# bot: parts_shop\n" + TWO))

    assert ["me", "ana", "me"] == [one.contact for one in played.requests]
    assert [] == others(played)
    exchanged = {"me": played.stood["ana"], "ana": played.stood["me"]}
    assert others(Played(played.path, played.requests, exchanged))


def test_over_all_scripts_it_is_asked_outside_of_flows_alone(
    scripts: Scripts, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nor is it told what other customers of the same script say, nor asked what Gemini refuses."""
    before = scripts.standin.count
    inside, mixed, refused, asking = [], [], [], 0
    for path in SCRIPTS:
        played = scripts.play(path)
        name = str(path.relative_to(ROOT))
        asking += bool(played.requests)
        inside += [(name, one.asked.question) for one in played.requests if one.inside]
        refused += [(name, one.asked.rule) for one in played.requests if one.asked.rule]
        mixed += [(name, text) for text in others(played)]
    outside = scripts.standin.count - before - len(inside)

    with capsys.disabled():
        told = f"{outside} questions outside of flows, {len(inside)} inside"
        print(f"\n{len(SCRIPTS)} scripts, {asking} of them ask: {told}")  # noqa: T201 - for who runs it
    assert [] == inside
    assert [] == mixed
    assert [] == refused
    assert outside > 0
