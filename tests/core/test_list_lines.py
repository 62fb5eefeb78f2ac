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


def ordered(talk: Talk, text: str) -> list[str]:
    """Order, and give the parts as they were noted last."""
    talk.say(f"{text}, my name is Hari")
    return [line["id"] for line in talk.slots["items"]]


def test_a_yes_without_something_is_no_yes(talk: Talk) -> None:
    ordered(talk, "11 remotes, 5 pipes and 2 indoor fan motors")
    asked = "Which one shall I take off: Remote control, Copper pipe or Fan motor, indoor?"
    assert [asked] == talk.say("yes without that")
    assert [asked] == talk.say("yes")  # which is no line
    talk.say("the remotes")
    assert ["pipe", "fan_in"] == [line["id"] for line in talk.slots["items"]]
    talk.say("add 20 nuts")
    talk.say("yes, but without that")
    assert ["pipe", "fan_in"] == [line["id"] for line in talk.slots["items"]]
    talk.say("ok without the last one")
    assert ["pipe"] == [line["id"] for line in talk.slots["items"]]
    assert "cancel" in talk.say("yes, without that")[-1]


@pytest.mark.parametrize("words", ["none", "Keep all", "no"])
def test_all_lines_may_be_kept(talk: Talk, words: str) -> None:
    ordered(talk, "11 remotes and 5 pipes")
    talk.say("yes without that")
    talk.say(words)
    assert ["remote", "pipe"] == [line["id"] for line in talk.slots["items"]]
    assert ["Thank you."] == talk.say("yes")


@pytest.mark.parametrize("words", ["yes but drop the nuts", "yes, forget the rest"])
def test_a_yes_that_drops_something_else_places_nothing(talk: Talk, words: str) -> None:
    ordered(talk, "11 remotes and 5 pipes")
    talk.say(words)
    assert ["remote", "pipe"] == [line["id"] for line in talk.slots["items"]]
    assert "parts.confirming" == talk.state


def test_which_line_is_not_asked_while_another_one_is_open(talk: Talk) -> None:
    asked = talk.say("11 remotes, 5 pipes and 3 fan motors")
    assert asked == talk.say("add that, without that")


@pytest.mark.parametrize(
    ("words", "quantity"),
    [
        ("if the price is better from 50, make it 50", 50),
        ("if the price is better from 40, make it 40", 20),  # it is not
        ("if the price is better from 50, make it 60", 20),
    ],
)
def test_more_is_taken_where_it_is_cheaper(talk: Talk, words: str, quantity: int) -> None:
    ordered(talk, "20 remotes")
    talk.say(words)
    assert [quantity] == [line["quantity"] for line in talk.slots["items"]]
    assert "parts.confirming" == talk.state
