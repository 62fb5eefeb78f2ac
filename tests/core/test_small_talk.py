"""Small talk: answered by itself, and never in the place of what else was said."""

from __future__ import annotations

import pytest

from tests.core.conftest import Meet
from tests.core.flows import JOB


def test_thanks_after_the_welcome_are_welcome(meet: Meet) -> None:
    """A thank-you is not answered with the whole welcome again."""
    talk = meet(JOB)
    talk.say("hello")
    assert ["You are welcome!"] == talk.say("ok thank you so much")


@pytest.mark.parametrize(
    "words", ["thanks cancel", "bye and restart", "hello 12", "thanks my parcel never arrived"]
)
def test_more_than_small_talk_is_no_small_talk(meet: Meet, words: str) -> None:
    """A command, a number or a sentence beside the thanks keeps it from being only that."""
    talk = meet(JOB)
    talk.say("hello")
    assert ["You are welcome!"] != talk.say(words)


def test_a_greeting_with_a_question_mark_is_a_greeting(meet: Meet) -> None:
    """Who got no answer yet asks "hello?"; the question stands, and it is no miss."""
    talk = meet(JOB)
    talk.say("job please")

    for _ in range(3):
        assert "Your name and email?" == talk.say("hello?")[-1]
    assert 0 == talk.session.frames[-1].misses
    talk.say("hi, open?")
    assert 1 == talk.session.frames[-1].misses
