"""Smaller things a customer would notice."""

from __future__ import annotations

import pytest

from tests.core.conftest import Build, Meet
from tests.core.flows import ENDED, JOB, MENU, asking, flow
from tests.core.test_flow_changes import edited


def test_cancel_with_the_name_of_what_is_cancelled(meet: Meet) -> None:
    """Words: "Cancel my job" is the command; "cancel the belt job" is not."""
    talk = meet(JOB)
    talk.say("job please")
    talk.say("cancel my job")
    assert "cancel" == getattr(talk.session.pending, "kind", "")
    other = meet(JOB)
    other.say("job please")
    other.say("cancel the belt of the other job")
    assert other.session.pending is None


def test_an_action_that_ends_in_a_persons_hands_leaves_them_there(meet: Meet, build: Build) -> None:
    """The flow was edited meanwhile: the outcome does not give the conversation to the bot."""
    talk = meet(JOB)
    for text in ("job please", "Ana, ana@example.com", "yes"):
        talk.say(text)
    talk.operator("I am looking at it")
    talk.book = build(edited(JOB, working="toiling"))
    assert [] == talk.done({"number": "7"})
    assert "manual" == talk.session.mode


def test_two_flows_may_start_by_the_same_kind_of_value(meet: Meet) -> None:
    """The message is read once for both; the first whose condition holds starts."""
    many = flow(
        "many",
        {"asking": asking("goods", "email"), "ended": ENDED},
        slots={"goods": {"type": "items"}, "email": {"type": "email"}},
        start={"when": {"goods": {"total_at_least": 10}}},
    )
    few = {
        **edited(many),
        "flow": "few",
        "start": {"phrases": ["few please"], "when": {"goods": "known"}},
    }
    talk = meet(many, few)
    talk.say("I need 3 fans")
    assert "few.asking" == talk.state
    assert [3] == [line["quantity"] for line in talk.slots["goods"]]


def test_a_bot_may_have_skip_words_of_its_own(meet: Meet) -> None:
    """The bot's own words for declining, as a plain list."""
    note = flow(
        "note",
        {"asking": asking("email", "remark"), "ended": ENDED},
        slots={"email": {"type": "email"}, "remark": {"type": "order_ref", "optional": True}},
    )
    talk = meet(note, texts={"skip_words": ["weiter"]})
    talk.say("note please")
    talk.say("ana@example.com")
    assert [talk.line("skipped"), "Thank you."] == talk.say("weiter")


def test_what_is_not_known_of_a_contact_is_left_out(meet: Meet) -> None:
    """Facts of the bot and of the contact are said where they are known."""
    said = flow(
        "facts",
        {"ended": {"end": "completed", "say": "{bot.title}, {bot.street}: {contact.language}."}},
    )
    talk = meet(said, title="Shop", facts={"street": "Mill Road"})
    assert ["Shop, Mill Road: ."] == talk.say("facts please")


def test_a_wish_that_begins_with_no_is_no_declining(meet: Meet) -> None:
    """An optional free text takes "no nuts in it please" as what it says."""
    wish = flow(
        "wish",
        {"asking": asking("email", "remark"), "ended": ENDED},
        slots={"email": {"type": "email"}, "remark": {"type": "text", "optional": True}},
    )
    talk = meet(wish)
    talk.say("wish please")
    talk.say("ana@example.com")
    assert ["Thank you."] == talk.say("no nuts in it please")


@pytest.mark.parametrize("text", ["A mail, where are you?", "a mail. where are you"])
def test_a_choice_and_a_question_in_one_message(meet: Meet, text: str) -> None:
    """Both are met: the question is answered, and the flow stays or goes on as the choice says."""
    talk = meet(MENU, faq=[{"id": "place", "ask": ["where are you"], "say": "Here."}])
    talk.say("pick please")
    assert "Here." == talk.say(text)[0]
