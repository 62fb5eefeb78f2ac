"""Choices: what they become on WhatsApp, and those that need no way on."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.language.check_choices import notices
from tests.language.written import bot_of, said_of


@pytest.mark.parametrize(
    ("count", "longest", "kind"),
    [
        (3, 20, "buttons"),
        (1, 21, "a list"),
        (4, 2, "a list"),
        (10, 24, "a list"),
        (1, 25, "numbered text"),
        (11, 2, "numbered text"),
    ],
)
def test_choices_become_what_fits(tmp_path: Path, count: int, longest: int, kind: str) -> None:
    """Three short labels are buttons, ten a list, all else numbered text; that is no fault."""
    choices = "".join(
        f"      - {{id: c{number}, label: {'abcdefghijk'[number] * longest}, go: done}}\n"
        for number in range(count)
    )
    source = bot_of(
        tmp_path,
        order=f"start: {{phrases: [buy]}}\nstates:\n  asking:\n    say: Hm?\n    choices:\n{choices}"
        "  done: {end: completed}\n",
    )

    (notice,) = notices(source)

    assert [] == said_of(source)
    assert notice.endswith(f'order.yaml:4:3: "asking" becomes {kind}.')


def test_a_notice_names_each_language_where_they_differ(tmp_path: Path) -> None:
    """A label that is short in English may be long in Spanish."""
    source = bot_of(
        tmp_path,
        "bot: shop\nlanguages: [en, es]\nflows: [order]\n",
        order="""
start: {phrases: {en: [buy], es: [comprar]}}
states:
  asking:
    say: {en: Hm?, es: "¿Eh?"}
    choices:
      - {id: a, label: {en: Fine, es: Me parece muy bien todo}, words: {en: [ok], es: [vale]}, go: done}
  done: {end: completed}
""",
    )

    (notice,) = notices(source)

    assert [] == said_of(source)
    assert notice.endswith("becomes buttons in en, a list in es.")


def test_a_choice_may_cancel_go_back_or_change(tmp_path: Path) -> None:
    """What these mean needs no state to go to, and a choice that cancels is an end."""
    source = bot_of(
        tmp_path,
        order="""
start: {phrases: [buy]}
states:
  asking:
    say: Well?
    choices:
      - {id: change, label: Change, means: change, ask: What?}
      - {id: back, label: Back, means: back}
      - {id: leave, label: Leave, means: cancel}
""",
    )

    assert [] == said_of(source)
