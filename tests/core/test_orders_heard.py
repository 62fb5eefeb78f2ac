"""An order in a conversation: what customers mean by a word, a number or nothing yet."""

from __future__ import annotations

import pytest

from tests.core.conftest import Meet
from tests.core.flows import ENDED, JOB, asking, flow
from tests.core.talk import Talk

CATALOGUE = """id,name,name_es,aliases,price,unit,min,pack,stock
remote,AC remote control,,remote|remotes,350,,,,
fan_in,Indoor fan motor,,fan motor indoor,1450,,,,
fan_out,Outdoor fan motor,,fan motor outdoor,1650,,,,
nut,Flare nut,,flare nuts,18,,,20,
tray,Drain tray,,drain trays,390,,,,
relay,Relay,,relays,85,,,,
drier,Filter drier,,,95,,,,
"""
PIPES = """id,name,name_es,aliases,price,unit,min,pack,stock
copper_14,Copper pipe 1/4 inch,,1/4 copper pipe,210,,,,
copper_38,Copper pipe 3/8 inch,,3/8 copper pipe,290,,,,
copper_12,Copper pipe 1/2 inch,,1/2 copper pipe,380,,,,
copper_15,Copper pipe 1.5 inch,,1.5 copper pipe,480,,,,
"""
PARTS = flow(
    "parts",
    {
        "asking": asking("items", then="who"),
        "who": asking("name", "phone", "email", then="confirming", more="Still your {missing}."),
        "confirming": {
            "say": "{name}: {items} Right?",
            "choices": [
                {"id": "go", "label": "Go", "means": "yes", "go": "ended"},
                {"id": "change", "label": "Change", "means": "change", "ask": "What?"},
                {"id": "drop", "label": "Drop", "means": "no", "go": "dropped"},
            ],
        },
        "ended": ENDED,
        "dropped": {"end": "cancelled", "say": "Nothing ordered."},
    },
    slots={
        "items": {"type": "items", "from": "catalogue", "label": "parts"},
        "name": {"type": "person_name"},
        "phone": {"type": "phone"},
        "email": {"type": "email"},
    },
    start={"when": {"items": {"total_at_least": 10}}},
)
PRICES = [{"id": "price", "ask": ["how much are", "where are you"], "say": "It depends."}]
CONTACT = "Hari, 8848850922, hari@example.com"


@pytest.fixture
def talk(meet: Meet) -> Talk:
    return meet(PARTS, catalogue=CATALOGUE, region="IN", currency="INR", faq=PRICES)


def ordered(talk: Talk) -> list[str]:
    frame = talk.session.frames[-1]
    lines = frame.waiting.value if frame.waiting is not None else frame.slots.get("items", [])
    return [f"{line['quantity']} {line.get('id', line['name'])}" for line in lines]


def say(talk: Talk, *texts: str) -> list[str]:
    for text in texts:
        talk.say(text)
    return talk.said


@pytest.mark.parametrize(
    ("texts", "order"),
    [
        (("instead of trays give me 12 relays",), ["12 relay"]),
        (("12 relays", "instead of relays 9 remotes"), ["9 remote"]),
        (("12 relays", "relays 80"), ["80 relay"]),
        (("12 relays", "and 4 remotes"), ["12 relay", "4 remote"]),
        (("12 relays", "sorry 22"), ["22 relay"]),
        (("12 relays", "20 questions"), ["12 relay"]),
        (("12 relays and 20 drain trays", "sorry 70 trays"), ["12 relay", "70 tray"]),
        (("9 fan motors and 20 relays", "indoor", "sorry 30 relays"), ["9 fan_in", "30 relay"]),
        (("9 fan motors and 20 relays", "30 relays"), ["9 fan motors", "30 relay"]),
        (("9 fan motors and 20 relays", "5 remotes"), ["20 relay", "5 remote"]),
        (("9 fan motors and 20 relays", "drop the relays"), ["9 fan motors"]),
        (("9 fan motors and 20 relays", "drop the plumbus"), ["9 fan motors", "20 relay"]),
        (("9 fan motors and 20 relays", "drop it"), ["20 relay"]),
        (("9 fan motors and 20 relays", "no I said 2 drain trays"), ["20 relay", "2 tray"]),
        (("12 relays", "Hari", "12 relays"), ["12 relay"]),
    ],
)
def test_an_order_is_what_was_said_last(
    talk: Talk, texts: tuple[str, ...], order: list[str]
) -> None:
    """Whatever is asked for at that moment."""
    say(talk, *texts)
    assert order == ordered(talk)


def test_the_same_lines_may_be_the_answer_to_a_reopened_question(meet: Meet) -> None:
    """Sent back to what is ordered, a customer may order the same again: nobody is asked twice."""
    again = {"id": "again", "label": "Other parts", "go": "asking"}
    states = PARTS["states"]
    confirming = states["confirming"]
    confirming = {**confirming, "choices": [*confirming["choices"], again]}
    shop = PARTS | {"states": {**states, "confirming": confirming}}
    talk = meet(shop, catalogue=CATALOGUE, region="IN")
    say(talk, "12 relays", CONTACT)
    assert ["Your parts?"] == talk.tap("Other parts")
    say(talk, "12 relays")
    assert "parts.confirming" == talk.state
    assert ["12 relay"] == ordered(talk)


def test_lines_said_again_are_no_miss(talk: Talk) -> None:
    """The question is put again, and nobody is told of a change."""
    assert ["Your name, phone and email?"] == say(talk, "12 relays", "12 relays")
    assert 0 == talk.session.frames[-1].misses


@pytest.mark.parametrize("words", ["remove the relays", "leave it", "scrap that"])
def test_dropping_everything_asks_whether_to_cancel(talk: Talk, words: str) -> None:
    """The last line, or all of it in words that no command has."""
    say(talk, "12 relays", words)
    assert talk.session.pending is not None
    assert "cancel" == talk.session.pending.kind


def test_a_flow_without_cancel_is_not_cancelled_by_other_words(meet: Meet) -> None:
    talk = meet(PARTS | {"always": {"cancel": "off"}}, catalogue=CATALOGUE, region="IN")
    say(talk, "12 relays", "scrap that")
    assert talk.session.pending is None
    assert 1 == talk.session.frames[-1].misses


@pytest.mark.parametrize(
    ("words", "state"),
    [
        ("yes", "idle"),
        ("yes, 12", "idle"),
        ("yes but make it 18", "parts.confirming"),
        ("make it 50", "parts.confirming"),
        ("no change, confirm", "idle"),
    ],
)
def test_a_yes_with_another_number_is_no_plain_yes(talk: Talk, words: str, state: str) -> None:
    """What differs from what is shown changes the order, and the summary is shown again."""
    say(talk, "12 relays", CONTACT, words)
    assert state == talk.state


def test_with_several_lines_another_number_is_asked_about(talk: Talk) -> None:
    """It could be any of them: nothing is ordered."""
    say(talk, "12 relays and 9 remotes", CONTACT, "make it 50")
    assert ["12 relay", "9 remote"] == ordered(talk)
    assert "parts.confirming" == talk.state


def test_no_change_is_the_answer_to_what_shall_i_change(talk: Talk) -> None:
    """The summary is shown again; nothing is ordered by it."""
    say(talk, "12 relays", CONTACT, "change", "no change, confirm")
    assert talk.session.pending is None
    assert "parts.confirming" == talk.state


@pytest.mark.parametrize("words", ["wait", "un momento", "one sec, getting the email", "hmm wait"])
def test_who_asks_for_a_moment_gets_it(talk: Talk, words: str) -> None:
    """It is no miss, no value, and the question stays open."""
    say(talk, "12 relays")
    assert [talk.line("declined")] == talk.say(words)
    assert 0 == talk.session.frames[-1].misses
    assert {"items"} == set(talk.session.frames[-1].slots)
    say(talk, CONTACT)
    assert [talk.line("declined")] == talk.say(words)
    assert "parts.confirming" == talk.state


def test_a_moment_while_nothing_is_going_on(talk: Talk) -> None:
    assert talk.line("declined") in talk.say("wait")


def test_a_label_says_more_than_a_word_of_cancelling(meet: Meet) -> None:
    """The beginning of a label: "leave it" for "Leave it as it is"."""
    choices = [
        {"id": "keep", "label": "Leave it as it is", "means": "yes", "go": "ended"},
        {"id": "drop", "label": "Cancel it", "means": "cancel", "go": "dropped"},
    ]
    states = {
        "asking": {"say": "Well?", "choices": choices},
        "ended": ENDED,
        "dropped": {"end": "cancelled", "say": "Gone."},
    }
    for words, said in (
        ("ok leave it", "Thank you."),
        ("no, leave it", "Thank you."),
        ("dont cancel it", "Please choose one of these."),
        ("scrap it", "Gone."),
    ):
        talk = meet(flow("order", states))
        talk.say("order please")
        assert said in talk.say(words)


@pytest.mark.parametrize("words", ["leave it", "drop it", "leave"])
def test_leave_it_leaves(meet: Meet, words: str) -> None:
    """Asked "Finish this first, or leave it?", its own words count, and others for it."""
    talk = meet(
        JOB,
        flow(
            "other", {"asking": asking("email"), "ended": ENDED}, slots={"email": {"type": "email"}}
        ),
    )
    say(talk, "job please", "other please", words)
    assert "other.asking" == talk.state


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "need 10 flux motors",
            'I do not find "flux motors" in our list. Do you mean Indoor fan motor or Outdoor fan motor?',
        ),
        ("10 relay covers", 'I do not find "relay covers" in our list. Do you mean Relay?'),
        ("need 10 spoons", 'I do not find "spoons" in our list, so I left it out.'),
        ("need 10 drivers", 'I do not find "drivers" in our list. Do you mean Filter drier?'),
    ],
)
def test_goods_that_are_not_sold_are_told_in_the_first_message(
    talk: Talk, text: str, said: str
) -> None:
    """Passing them in silence would leave the customer waiting."""
    assert said in talk.say(text)
    assert "parts.asking" == talk.state


@pytest.mark.parametrize(
    "text", ["i have 10 questions", "10 wala", "10 spoons", "need 3 spoons", "need 10 of these?"]
)
def test_talk_with_a_number_starts_no_order(talk: Talk, text: str) -> None:
    say(talk, text)
    assert "idle" == talk.state


def test_goods_of_another_deed_start_no_order(talk: Talk) -> None:
    say(talk, "i bought 12 relays last week")
    assert "idle" == talk.state
    say(talk, "i bought 12 relays last week, now send 20 remotes")
    assert ["20 remote"] == ordered(talk)


def test_a_flow_that_starts_by_its_words_may_be_about_such_goods(meet: Meet) -> None:
    """Whoever wants to complain says what was bought."""
    talk = meet(
        flow(
            "claims",
            {"asking": asking("items", "name"), "ended": ENDED},
            slots={
                "items": {"type": "items", "from": "catalogue"},
                "name": {"type": "person_name"},
            },
            start={"phrases": ["they are broken"]},
        ),
        PARTS,
        catalogue=CATALOGUE,
    )
    talk.say("i bought 12 relays, they are broken")
    assert "claims.asking" == talk.state
    assert ["12 relay"] == ordered(talk)


def test_what_starts_by_no_catalogue_is_no_order_of_goods(meet: Meet) -> None:
    """Where a flow starts by another kind of value, nothing can be out of a list."""
    talk = meet(
        flow(
            "pay",
            {"asking": asking("sum"), "ended": ENDED},
            slots={"sum": {"type": "money"}},
            start={"when": {"sum": {"at_least": 10}}},
        )
    )
    say(talk, "need 12 spoons")
    assert "idle" == talk.state


def test_a_doubtful_phone_is_asked_about_in_the_first_message_too(talk: Talk) -> None:
    """As it would be later."""
    said = talk.say("12 relays, my phone is 88488509")
    assert said[0].startswith("88488509 is not a number")
    assert "phone" not in talk.slots


def test_an_unclear_email_is_asked_about_in_the_first_message_too(talk: Talk) -> None:
    """Which of the two; the order waits in its slot."""
    talk.say("12 relays, mail hari@gmial.com")
    assert talk.session.pending is not None
    assert "unclear" == talk.session.pending.kind
    assert ["Still your name and phone."] == talk.say("yes")
    assert "hari@gmail.com" == talk.slots["email"]


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("14 drain trays for Bindu, bindu@example.com, 9447 600 210", ["14 tray"]),
        ("20 relays, Than, t@e.example, 9447123456", ["20 relay"]),
        ("20 relays and 3 spoons, than@nut.example", ["20 relay"]),
        ("need 3 spoons and 40 remotes, than@relay.example, 9447 600 210", ["40 remote"]),
    ],
)
def test_contact_data_is_no_goods(talk: Talk, text: str, order: list[str]) -> None:
    """In the message that starts the order, too: only what is not sold is told."""
    assert not [line for line in talk.say(text) if "com" in line or "600" in line]
    assert order == ordered(talk)
    assert talk.session.pending is None


def test_contact_data_beside_goods_that_are_not_sold(talk: Talk) -> None:
    """Only the goods are asked about."""
    said = talk.say("need 10 flux motors, than@relay.example, 9447 600 210")
    assert [line for line in said if "flux motors" in line]
    assert not [line for line in said if "600" in line or "example" in line]


def test_goods_are_not_all_of_one_number(talk: Talk) -> None:
    """Where one quantity is for all, another one behind it may be of goods that are not sold."""
    said = talk.say("remotes and relays, 20 each, and 15 spoons")
    assert [line for line in said if '"spoons"' in line]


@pytest.mark.parametrize(
    ("words", "order"),
    [
        ("half inch", ["12 copper_12"]),
        ("half", ["12 copper_12"]),
        ("the quarter inch ones", ["12 copper_14"]),
        ("three eighths", ["12 copper_38"]),
        ("one and a half", ["12 copper_15"]),
        ("3/8", ["12 copper_38"]),
    ],
)
def test_a_part_in_words_is_the_part_in_digits(meet: Meet, words: str, order: list[str]) -> None:
    """Asked which of several sizes."""
    talk = meet(PARTS, catalogue=PIPES, region="IN", currency="INR")
    say(talk, "12 copper pipes", words)
    assert order == ordered(talk)
    assert talk.session.pending is None


def test_of_two_unclear_values_the_first_is_asked_first(talk: Talk) -> None:
    talk.say("12 relays, hari@gmial.com, call 98470 12345 or 98470 12346")
    assert talk.session.pending is not None
    assert "email" == talk.session.pending.slot


def test_other_data_beside_the_answer_is_not_lost(talk: Talk) -> None:
    """A message that names one of the addresses among other data is read as a whole."""
    talk.say("12 relays, mail hari@gmial.com")
    talk.say("hari@gmail.com is right. Name Basil Kora, phone 98470 12345")
    assert ("Basil Kora", "hari@gmail.com") == (talk.slots["name"], talk.slots["email"])


def test_a_question_about_a_price_orders_nothing(talk: Talk) -> None:
    """But a question beside an order is only beside it."""
    say(talk, "parts please", "how much are 20 relays?")
    assert [] == ordered(talk)
    say(talk, "20 relays, where are you")
    assert ["20 relay"] == ordered(talk)


@pytest.mark.parametrize(
    ("text", "name"),
    [("relay", None), ("Relay", "Relay"), ("relay 25", None), ("hari", "Hari")],
)
def test_goods_are_no_name(talk: Talk, text: str, name: str | None) -> None:
    """Typed small, or counted; where it is written as a name it may be one."""
    say(talk, "12 remotes", text)
    assert name == talk.session.frames[-1].slots.get("name")


def test_a_number_that_is_asked_for_is_not_the_orders(meet: Meet) -> None:
    """Asked how many days, "no, 5" says how many."""
    states = {"asking": asking("items", then="days"), "days": asking("days"), "ended": ENDED}
    talk = meet(
        flow("rent", states, slots={"items": PARTS["slots"]["items"], "days": {"type": "number"}}),
        catalogue=CATALOGUE,
    )
    say(talk, "rent please", "12 relays")
    assert ["Thank you."] == talk.say("no, 5")
