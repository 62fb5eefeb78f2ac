"""A pasted list in a conversation: its lines keep their numbers, and zeros want nothing."""

from __future__ import annotations

from typing import Any

import pytest

from tests.core.conftest import Meet
from tests.core.talk import Talk
from tests.core.test_open_lines import shop


@pytest.fixture
def talk(meet: Meet) -> Talk:
    return shop(meet)


def kept(talk: Talk) -> list[Any]:
    """Say what the order has; a number of a line is only kept while something is asked."""
    assert not any("no" in line for line in talk.slots["items"])
    return [(line["quantity"], line["id"]) for line in talk.slots["items"]]


LIST = "11 remotes\n12 gizmotrons\n\n3 fan motors\n30 pipes\n15 nuts\n2 fan motors"


def test_a_line_keeps_the_number_it_was_typed_with(talk: Talk) -> None:
    unsold, asked = talk.say(LIST)
    assert 'I do not find "gizmotrons" in our list, so I left it out.' == unsold
    assert "Line 3: Which fan motors: Fan motor, indoor or Fan motor, outdoor?" == asked
    left, asked = talk.say("leave it out")
    assert "All right, without fan motors." == left
    assert "Line 5: We sell Flare nut from 20 on. How many, please?" == asked
    assert ["Line 6: Which fan motors: Fan motor, indoor or Fan motor, outdoor?"] == talk.say("40")
    talk.say("indoor")
    assert [(11, "remote"), (30, "pipe"), (40, "nut"), (2, "fan_in")] == kept(talk)


def test_the_last_line_left_keeps_its_number_too(talk: Talk) -> None:
    talk.say("parts please")
    unsold, asked = talk.say("2 gizmotrons\n15 nuts")
    assert "gizmotrons" in unsold
    assert "Line 2: We sell Flare nut from 20 on. How many, please?" == asked


def test_lines_at_zero_are_not_wanted(talk: Talk) -> None:
    said = talk.say("remotes 11\nnuts 0\npipes: none")
    assert ["All right, without Flare nut and Copper pipe.", "Your name?"] == said
    assert [(11, "remote")] == kept(talk)


def test_of_many_lines_at_zero_only_the_number_is_said(talk: Talk) -> None:
    zeros = "indoor fan motor 0\noutdoor fan motor 0\nnuts 0\npipes 0"
    assert ["I left out the 4 lines with a zero.", "Your name?"] == talk.say(f"remotes 11\n{zeros}")


def test_a_zero_alone_stays_a_line_that_is_asked_about(talk: Talk) -> None:
    talk.say("parts please")
    assert ["We sell Remote control from 1 on. How many, please?"] == talk.say("0 remotes")


def test_the_most_is_said_as_a_person_says_it(talk: Talk) -> None:
    talk.say("parts please")
    most = "I can note at most 10,00,000 of Remote control in one order. How many shall it be?"
    assert [most] == talk.say("2000000 remotes")


def test_the_slots_own_maximum_is_the_one_that_is_said(meet: Meet) -> None:
    talk = shop(meet, at_most=2500)
    talk.say("parts please")
    most = "I can note at most 2,500 of Remote control in one order. How many shall it be?"
    assert [most] == talk.say("3000 remotes")
