"""Why a message was taken as it was: kept with its line, and put into words when somebody asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from engine.events import OperatorSaid, Said, Tapped
from engine.reasons import CODES, place, sentences, taken_as
from engine.turn import take_turn
from tests.core.conftest import Build, Meet
from tests.core.flows import ENDED, JOB, MENU, asking, flow
from tests.core.talk import Talk, check_reason
from tests.core.test_choices import PICK
from tests.core.test_flow_changes import newer_waits
from tests.core.test_parking import READERS_WITH_A_BUG

FAQ = [
    {"id": "place", "ask": ["where are you"], "say": "Here."},
    {"id": "job_price", "ask": ["job"], "say": "Ten."},
]
MODEL = {"use": "gemini", "per_session": 1}
SHOP_CATALOGUE = "id,name,aliases,price\nfan,Fan,fans,100\nlamp,Lamp,lamps,50\n"
BUYING = flow(
    "buying",
    {"asking": asking("items", then="who"), "who": asking("name"), "ended": ENDED},
    start={"when": {"items": {"total_at_least": 1}}},
    slots={
        "items": {"type": "items", "from": "catalogue"},
        "name": {"type": "person_name"},
    },
)
PRICING = flow(
    "pricing",
    {
        "which": asking("what", then="told"),
        "told": {"end": "completed", "say": "{what}: {what.price}.", "order": "buying"},
    },
    slots={"what": {"type": "choice", "from": "catalogue"}},
)


def reasons(talk: Talk) -> list[Mapping[str, Any]]:
    """Return the reasons of the last turn's messages."""
    return [line.about or {} for line in talk.lines if line.who == "user"]


def why(talk: Talk) -> Mapping[str, Any]:
    """Return the reason of the last message."""
    return reasons(talk)[-1]


def code(talk: Talk) -> str:
    return str(why(talk)["why"])


# -- what starts a flow, and what does not --------------------------------------------------------


def test_a_start_phrase_is_named_as_it_was_typed(meet: Meet) -> None:
    """A slip of the finger shows; a FAQ's words inside the phrase start what the phrase starts."""
    talk = meet(JOB, faq=FAQ)
    talk.say("hmm, job plase")

    assert {
        "why": "phrase", "flow": "job", "by": "phrase", "found": ["job", "plase"],
        "then": ["job", "collecting"],
    } == why(talk)  # fmt: skip
    assert 'It starts the flow job: its start phrase was found, as "job plase".' in sentences(
        why(talk)
    )


def test_what_was_read_starts_where_no_phrase_does(meet: Meet) -> None:
    talk = meet(BUYING, JOB, catalogue=SHOP_CATALOGUE, faq=FAQ)
    talk.say("2 fans, and where are you?")

    assert ("reading", ["items"], ["place"]) == (code(talk), why(talk)["found"], why(talk)["faq"])
    both = meet(BUYING, JOB, catalogue=SHOP_CATALOGUE)
    both.say("a job please, for 2 fans")
    assert "phrase" == code(both)


def test_goods_that_are_not_sold_start_an_order_last(meet: Meet) -> None:
    talk = meet(BUYING, catalogue=SHOP_CATALOGUE)
    talk.say("i need 10 spoons")

    assert ("goods", "buying") == (code(talk), why(talk)["flow"])
    assert "It starts the flow buying: it orders goods (items), though none that are sold." in (
        sentences(why(talk))
    )


def test_a_question_small_talk_and_thanks_are_no_start(meet: Meet) -> None:
    talk = meet(JOB, faq=FAQ)
    found = []
    for text in ("where are you?", "hello", "thanks", "one moment", "help", "", "I am Ana"):
        talk.say(text)
        found.append(code(talk))

    assert ["faq", "small_talk", "thanks", "waits", "command", "empty", "told"] == found


# -- the assistant comes last -----------------------------------------------------------------------


def test_the_assistant_is_asked_when_nothing_else_was_found(meet: Meet) -> None:
    """Both messages of one question name its effect; then this conversation's budget is spent."""
    talk = meet(JOB, assistant=MODEL)
    talk.burst("how deep is the sea", "and how wide")

    assert [("assistant", talk.session.asking.id)] * 2 == [  # type: ignore[union-attr]
        (one["why"], one["effect"]) for one in reasons(talk)
    ]
    talk.answered("Deep.")
    (said,) = [line for line in talk.lines if line.who == "assistant"]
    assert said.about == {"effect": reasons_of(talk)}
    talk.say("and how cold")
    assert ("unknown", "budget") == (code(talk), why(talk)["because"])
    none = meet(JOB)
    none.say("how deep is the sea")
    assert ("unknown", "none") == (code(none), why(none)["because"])


def reasons_of(talk: Talk) -> str:
    """Return the effect that the answer of the last turn belongs to."""
    return f"{talk.session.id}:1:1"


def test_an_offer_is_kept_with_the_answer_and_a_dropped_answer_with_its_question(
    meet: Meet,
) -> None:
    talk = meet(JOB, assistant={"use": "gemini"})
    talk.say("mend it")
    talk.answered("I can.", offer="job")
    offered = [line.about for line in talk.lines if line.who == "assistant"]
    assert [{"effect": reasons_of(talk), "offer": "job"}] == offered

    talk.say("yes")
    assert {"why": "answer", "question": "offer", "answer": "yes", "to": "job"}.items() <= dict(
        why(talk)
    ).items()
    assert 'The answer "yes" to the question whether to begin job.' in sentences(why(talk))
    talk.answered("Too late.", id="s1:1:1")
    (note,) = [line for line in talk.lines if line.who == "system"]
    assert ("assistant answer dropped", {"effect": "s1:1:1"}) == (note.note, note.about)


def test_what_a_turn_leaves_aside_says_so(meet: Meet) -> None:
    """A start in the same burst, the welcome, a number that belongs to the next message."""
    talk = meet(BUYING, JOB, catalogue=SHOP_CATALOGUE, welcome="Welcome!")
    talk.say("how deep is the sea")
    assert "welcomed" == code(talk)
    talk.burst("how wide is it", "job please")
    assert ["nothing", "phrase"] == [one["why"] for one in reasons(talk)]
    other = meet(BUYING, catalogue=SHOP_CATALOGUE)
    other.burst("50", "fan")
    assert ["joined", "reading"] == [one["why"] for one in reasons(other)]


# -- inside a flow ----------------------------------------------------------------------------------


def test_values_corrections_and_what_stands_beside_them(meet: Meet) -> None:
    talk = meet(JOB, MENU, faq=FAQ)
    talk.say("job please")
    talk.say("Ana, where are you?")
    assert {
        "why": "values", "at": ["job", "collecting"], "slots": ["name"], "faq": ["place"],
        "then": ["job", "collecting"],
    } == why(talk)  # fmt: skip

    talk.say("no, my name is Eva, eva@example.com")
    assert ("values", ["email"], ["name"]) == (
        code(talk), why(talk)["slots"], why(talk)["corrected"],
    )  # fmt: skip
    talk.say("no, eva2@example.com")
    assert ("correction", ["email"]) == (code(talk), why(talk)["corrected"])
    assert "slots" not in why(talk)
    talk.say("the name is wrong")
    assert ("correction", "name", "value") == (
        code(talk), why(talk)["change"], why(talk)["asked"],
    )  # fmt: skip
    assert "The bot then asked for the new value, or the rest of one." in sentences(why(talk))


def test_another_flow_inside_one_is_named_with_the_question(meet: Meet) -> None:
    """Beside a value its start is told apart; the answer is an answer."""
    talk = meet(JOB, MENU)
    talk.say("job please")
    talk.say("pick please")
    assert ("phrase", "pick", "leave", "pick") == (
        code(talk), why(talk)["flow"], why(talk)["asked"], why(talk)["of"],
    )  # fmt: skip
    said = sentences(why(talk))
    assert "The bot then asked whether to finish this first or leave it for pick." in said
    assert any(one.startswith("Inside a flow") for one in said)
    talk.say("continue")
    assert ("answer", "leave") == (code(talk), why(talk)["question"])

    later = flow(
        "later", {"asking": asking("email"), "ended": ENDED}, slots={"email": {"type": "email"}}
    )
    later["start"]["during"] = "return"
    talk = meet(JOB, later)
    talk.say("job please")
    talk.say("Ana Silva. later please")
    assert ("values", "later", ["later", "please"]) == (
        code(talk), why(talk)["flow"], why(talk)["found"],
    )  # fmt: skip
    assert "The start of the flow later was found, too (later please)." in sentences(why(talk))


def test_what_is_refused_and_what_is_unclear(meet: Meet) -> None:
    stars = flow(
        "stars",
        {"asking": asking("stars"), "ended": ENDED},
        slots={"stars": {"type": "number", "at_most": 5}},
    )
    talk = meet(stars)
    talk.say("stars please")
    talk.say("9")
    assert ("values", ["stars"]) == (code(talk), why(talk)["refused"])
    talk.say("whatever")
    assert "miss" == code(talk)
    fans = meet(PICK)
    fans.say("choose please")
    fans.say("small fan or large fan")
    assert ("values", "what", "unclear") == (
        code(fans), why(fans)["unclear"], why(fans)["asked"],
    )  # fmt: skip
    assert "It can be read in several ways: what." in sentences(why(fans))


def test_an_optional_value_is_declined(meet: Meet) -> None:
    wish = flow(
        "wish",
        {"asking": asking("note"), "ended": ENDED},
        slots={"note": {"type": "text", "optional": True}},
    )
    talk = meet(wish)
    talk.say("wish please")
    talk.say("no thanks")

    assert "skips" == code(talk)


def test_choices_and_buttons(meet: Meet) -> None:
    talk = meet(JOB, faq=FAQ)
    talk.say("job please")
    talk.say("Ana, ana@example.com")
    old = talk.tap_of("Go ahead")
    talk.say("where are you?")
    talk.press(old.replace(".go#", ".gone#"))
    assert "old_tap" == code(talk)
    new = talk.tap_of("Go ahead")
    talk.press(new.replace(".go#", ".gone#"))
    assert "stray_tap" == code(talk)
    talk.tap("Change")
    assert ("tap", "change", "change") == (code(talk), why(talk)["choice"], why(talk)["asked"])
    talk.say("cancel")
    assert ("command", "cancel", "cancel") == (
        code(talk), why(talk)["command"], why(talk)["asked"],
    )  # fmt: skip
    yes = talk.tap_of("Yes")
    talk.press(yes.replace(".yes#", ".perhaps#"))
    assert "stray_tap" == code(talk)
    talk.tap("No")
    assert ("tap_answer", "cancel", "no") == (
        code(talk), why(talk)["question"], why(talk)["answer"],
    )  # fmt: skip
    assert 'The button "no", to the question whether to cancel.' in sentences(why(talk))
    talk.say("yes")
    assert ("choice", "go") == (code(talk), why(talk)["choice"])


def test_an_order_offered_after_a_price(meet: Meet) -> None:
    talk = meet(PRICING, BUYING, catalogue=SHOP_CATALOGUE)
    talk.say("pricing please")
    talk.say("fan")

    assert ("values", "offer", "buying") == (code(talk), why(talk)["asked"], why(talk)["of"])
    assert [] == why(talk)["then"]


# -- what is not read now ---------------------------------------------------------------------------


def test_what_comes_while_an_action_runs(meet: Meet) -> None:
    """It is kept, or too much waits already; it is not read anew into its line."""
    talk = meet(JOB, hand_over={"shop": {}})
    talk.say("job please")
    talk.say("Ana, ana@example.com")
    talk.say("yes")
    talk.burst(*["hello?"] * 11, "cancel")
    assert [*["held"] * 10, "busy", "no_cancel"] == [one["why"] for one in reasons(talk)]
    talk.press("job.confirming.go#1")
    assert "busy" == code(talk)
    event = talk.said_event("5")
    done = talk.done
    talk.take(event)
    done()
    assert [] == reasons(talk)
    person = meet(JOB, hand_over={"shop": {}})
    for text in ("job please", "Ana, ana@example.com", "yes", "person"):
        person.say(text)
    assert ("command", "person") == (code(person), why(person)["command"])


def test_what_is_only_recorded(meet: Meet, build: Build) -> None:
    talk = meet(JOB)
    talk.take(replace(talk.said_event("job please"), late=True))
    assert {"why": "late"} == {k: v for k, v in why(talk).items() if k != "then"}
    talk.take(Tapped("t1", talk.at, "job.confirming.go#1", late=True))
    assert "late" == code(talk)
    talk.take(replace(talk.said_event(""), file="a.png", fault="file"))
    assert ("file", "file") == (code(talk), why(talk)["fault"])
    talk.take(replace(talk.said_event("2 fans from your shop"), for_person=True))
    assert "for_person" == code(talk)
    talk.mode("manual")
    talk.say("are you there?")
    assert "manual" == code(talk)
    talk.press("job.confirming.go#1")
    assert "manual" == code(talk)
    waits = newer_waits(meet, build)
    waits.say("hello")
    assert "newer" == code(waits)
    waits.press("job.confirming.go#1")
    assert "newer" == code(waits)


def test_an_operators_line_has_no_reason_and_takes_nobodys(meet: Meet) -> None:
    """In one turn with a customer's message the place after it is still kept with that message."""
    talk = meet(JOB)
    first = talk.said_event("job please")
    talk.take(first, OperatorSaid("o1", talk.at + 1, "Hello", "ana"))

    assert [["job", "collecting"], None] == [
        line.about and line.about["then"] for line in talk.lines if line.who in {"user", "operator"}
    ]


def test_a_message_of_our_own_fault_is_told_with_its_number(build: Build) -> None:
    talk = Talk(build(JOB, readers=READERS_WITH_A_BUG))
    talk.say("job please")
    turn = take_turn(talk.book, talk.session, [Said("m9", talk.at, "boom")])

    (line,) = [one for one in turn.lines if one.who == "user"]
    check_reason(line)
    assert {"why": "parked", "error": turn.parked[0].error_id}.items() <= dict(
        line.about or {}
    ).items()


def test_a_miss_that_is_not_counted_says_why(meet: Meet) -> None:
    """Written before the question was seen, or just after a person handed back."""
    talk = meet(JOB)
    talk.burst("job please", "the sea is deep")
    assert ["phrase", "unseen"] == [one["why"] for one in reasons(talk)]
    talk.mode("manual")
    talk.mode("agent")
    talk.say("the sea is wide")
    assert "returned" == code(talk)


# -- in words -----------------------------------------------------------------------------------------


def test_a_line_of_an_earlier_version_is_not_recorded() -> None:
    for about in (None, {}, {"why": "of a later version"}):
        assert "not recorded" == taken_as(about)
        assert ["What it was taken for is not recorded."] == sentences(about)


@pytest.mark.parametrize(
    ("answer", "said"),
    [("=12", "12"), ("~1 2", "1 2"), ("-1", "left out"), ("0", "left out"), ("yes", "yes")],
)
def test_an_answer_about_a_line_of_an_order_is_told_in_words(answer: str, said: str) -> None:
    about = {"why": "answer", "question": "line", "answer": answer, "to": ""}

    assert f'The answer "{said}" to the question about one line of the order.' in sentences(about)


def test_where_a_conversation_stands() -> None:
    assert ("job: asking", "no flow") == (place(["job", "asking"]), place([]))


@pytest.mark.parametrize("why", sorted(CODES))
def test_every_code_has_a_short_name(why: str) -> None:
    assert taken_as({"why": why}) not in ("", "not recorded")
