"""A bot in plain words: what its owner reads before customers do."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.language.explain import explain
from engine.language.loader import load_bot
from engine.language.plain_words import duration_in_words, few_of

ROOT = Path(__file__).parents[2]


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A bot with one of everything."""
    (tmp_path / "bot.yaml").write_text(
        """
bot: corner_shop
languages: [en]
region: IN
timezone: Asia/Kolkata
currency: INR
flows: [visit, details]
faq: faq.yaml
catalogue: catalogue.csv
welcome: Welcome!
session: {idle: 30m, in_flow: end, welcome: always}
admit: {people: active}
hours: {mon: "09:00-18:00", sat-sun: ["10:00-12:00", "14:00-16:00"], closed: Closed.}
hand_over: {sales: {}, service: {notify: ["mail:a@b.cc", browser], nobody_after: 90m}}
assistant: {use: agent_router}
channels:
  whatsapp: {main: {provider: waha, api_key: env:A, hmac_key: env:B}}
forms: {walk_in: {fields: {size: number, phone: phone}, address: phone}}
""",
        encoding="utf-8",
    )
    (tmp_path / "faq.yaml").write_text("- {id: a, ask: [one, two], say: Yes.}\n", encoding="utf-8")
    (tmp_path / "catalogue.csv").write_text("id,name\na,Apple\n", encoding="utf-8")
    (tmp_path / "details.yaml").write_text(
        """
flow: details
slots: {phone: {type: phone}}
states:
  asking: {collect: [phone], ask: Your number?, then: done}
  done: {end: completed}
always: {person: off}
""",
        encoding="utf-8",
    )
    (tmp_path / "visit.yaml").write_text(
        """
flow: visit
title: A visit
start: {form: walk_in, hint: Someone comes by., when: {size: {at_least: 2}}, at: welcoming, during: return}
slots:
  size: {type: number, at_least: 1, at_most: 9}
  colour: {type: choice, options: [{id: red, label: Red}, {id: blue, label: Blue}]}
  fruit: {type: choice, from: catalogue, optional: true}
  phone: {type: phone}
states:
  choosing:
    say: "Which way?"
    choices:
      - {id: left, label: Left, words: [port], go: [{when: {colour: {in: [red, blue]}}, go: calling}, {else: closing}]}
      - {id: change, label: Change, means: change}
      - {id: back, label: Back, means: back}
      - {id: leave, label: Leave at once and for ever, means: cancel}
  welcoming: {say: "Hello.", then: asking}
  asking:
    collect: [size, colour, fruit]
    ask: "{missing}?"
    after_misses: {2: person}
    nudge: {after: 1h, say: Still there?}
    then:
      - {when: [{size: {is: 3, known: true}}, {colour: {not: {is: red}}, fruit: {known: false}}], go: choosing}
      - {when: {size: {at_most: 2}}, go: doing}
      - {else: choosing}
  doing: {do: note_visit, done: calling, failed: closing, attempts: 1}
  calling: {call: {flow: details, saves: {phone: phone}, then: closing}}
  person: {hand_over: service, nobody_after: {45s: closing}}
  closing: {end: completed, notify: sales}
always: {help: {say: Ask me.}, cancel: {ask: Really?, go: closing}}
""",
        encoding="utf-8",
    )
    return tmp_path


def test_every_kind_of_state_is_told_in_sentences(shop: Path) -> None:
    """The owner of a bot reads what happens, what each answer leads to and what shows as what."""
    said = explain(load_bot(shop, defaults=ROOT / "flows"))

    for line in (
        "corner_shop (corner_shop)",
        "It is spoken to through WhatsApp (main).",
        "It sells 1 product, in INR.",
        "A new conversation always begins with:",
        "What is not understood goes to the assistant (agent router) outside of flows; without it:",
        "A conversation ends after 30 minutes of silence, inside a flow too.",
        "Only people of its directory are answered, while they are active there.",
        "People are there Monday 09:00-18:00 and Saturday to Sunday 10:00-12:00 and 14:00-16:00.",
        'The desk "sales" looks itself.',
        (
            'The desk "service" is told through a@b.cc and browser; after 1 hour 30 minutes without an '
            "answer the bot goes on."
        ),
        "The form walk_in (size and phone) writes to its phone.",
        "  - by a message in which size is 2 or more",
        "  - by the form walk_in",
        "  - by a call from visit",
        "The assistant may offer it: Someone comes by.",
        "It may interrupt another flow, which then goes on.",
        "  - size: a number, at least 1, at most 9",
        "  - colour: Red or Blue",
        "  - fruit: a choice, from the catalogue, optional",
        "  welcoming says:",
        "  choosing asks, with numbered text:",
        '      ( Left ), or "port" -> if colour is red or blue: calling; otherwise closing',
        '      ( Change ), or "change" -> takes a correction and comes back',
        '      ( Back ), or "back" -> one answer back',
        "      ( Leave at once and for ever ) -> leaves the flow",
        (
            "      then -> if size is 3 and size is known or not: colour is red and fruit is not known: "
            "choosing; if size is 2 or less: doing; otherwise choosing"
        ),
        "  doing has note_visit done:",
        "      failed once -> closing",
        "  calling goes through the flow details:",
        "      cancelled -> this flow is cancelled too",
        "      nobody within 45 seconds -> closing",
        '  closing ends it as completed, tells the desk "sales".',
        "The command help says here:",
        "The command cancel asks here:",
        "The command cancel leads to closing here.",
        "The command person leads to person here.",
        "The command person does not work here.",
    ):
        assert line in said.splitlines()


def test_the_shipped_bot_is_told() -> None:
    """The shop's owner reads what starts an order, what is asked and what comes of it."""
    said = explain(load_bot(ROOT / "flows" / "parts_shop", defaults=ROOT / "flows"))

    for line in (
        "Speaks English and Spanish.",
        "Typed phone numbers are read as in India, times as in Asia/Kolkata.",
        '  - by words like "bulk order", "bulk purchase", "wholesale" (or 14 more)',
        "  - by a message in which parts and quantities come to 1 or more in all",
        "  collecting_contact asks for name, phone number and email:",
        "      | Noted: {items}. To confirm your order, please send your {missing}.",
        '      ( Confirm ), or any yes or "place that", "order it", "order that" (or 2 more) -> placing',
        "      failed 3 times -> stuck",
        "  - preferred time: any text, 2 to 200 characters",
    ):
        assert line in said.splitlines()


def test_the_first_state_comes_first(shop: Path) -> None:
    """States stand in the order of the file, but the one a flow begins with is read first."""
    lines = explain(load_bot(shop, defaults=ROOT / "flows")).splitlines()

    assert lines.index("  welcoming says:") < lines.index("  choosing asks, with numbered text:")


def test_a_bot_with_little_says_little(shop: Path) -> None:
    """What a bot does not have is not talked about, save that nobody can be called."""
    (shop / "bot.yaml").write_text(
        "bot: tiny\nlanguages: [es]\nflows: [details]\nsession: {idle: 48h}\n"
        'hours: {sun: "00:00-24:00"}\n',
        encoding="utf-8",
    )

    lines = explain(load_bot(shop, defaults=ROOT / "flows")).splitlines()

    assert "Speaks Spanish." in lines
    assert "A conversation ends after 2 days of silence, but not inside a flow." in lines
    assert "People are there Sunday 00:00-24:00." in lines
    assert "There is no desk of people to call." in lines


def test_hours_without_a_day_are_said(shop: Path) -> None:
    """Hours that name no day are probably a slip, and read like one."""
    (shop / "bot.yaml").write_text(
        "bot: tiny\nlanguages: [en]\nflows: [greeting]\nhours: {}\n", encoding="utf-8"
    )
    (shop / "greeting.yaml").write_text(
        "flow: greeting\nstart: {phrases: [hi]}\nstates:\n  done: {end: completed, say: Hi.}\n",
        encoding="utf-8",
    )

    said = explain(load_bot(shop, defaults=ROOT / "flows"))

    assert "People are there on no day." in said
    assert "It wants to know:" not in said


def test_what_the_assistant_may_do_is_told(shop: Path) -> None:
    """The owner reads who answers, how often it is asked, what it may use and what it may offer."""
    bot = shop / "bot.yaml"
    rules = "{use: gemini, model: flash, per_session: 1, timeout: 10s, fallback: Later., knowledge: texts/}"
    said = bot.read_text("utf-8").replace("{use: agent_router}", rules)
    bot.write_text(said, encoding="utf-8")
    (shop / "texts").mkdir()
    (shop / "texts" / "a.md").write_text("# A\nYes.\n# B\nNo.\n", encoding="utf-8")

    told = explain(load_bot(shop, defaults=ROOT / "flows"))

    assert (
        "The assistant answers with the model flash, within 10 seconds.\n"
        "It is asked at most once in a conversation and 500 times in a day.\n"
        "It may use 2 passages from 1 file in texts/.\n"
        "It may offer visit.\n"
        "When it fails, the bot says:\n"
        "    | Later.\n"
        "Only people of its directory"
    ) in told


def test_an_assistant_without_texts_and_hints_only_talks(shop: Path) -> None:
    """It needs neither; what it has is not spoken of."""
    flow = shop / "visit.yaml"
    said = flow.read_text("utf-8").replace("hint: Someone comes by., ", "")
    flow.write_text(said, encoding="utf-8")

    told = explain(load_bot(shop, defaults=ROOT / "flows"))

    assert "with its usual model, within 20 seconds.\nIt is asked at most 20 times" in told
    assert "500 times in a day.\nIt offers no flow: none has a hint.\nOnly people" in told


def test_a_bot_without_hours_does_not_speak_of_them(shop: Path) -> None:
    """No hours means there is nothing to say about them."""
    (shop / "bot.yaml").write_text(
        "bot: tiny\nlanguages: [en]\nflows: [details]\n", encoding="utf-8"
    )

    assert "People are there" not in explain(load_bot(shop, defaults=ROOT / "flows"))


@pytest.mark.parametrize(
    ("millis", "words"),
    [
        (1_000, "1 second"),
        (90_000, "1 minute 30 seconds"),
        (86_400_000, "24 hours"),
        (90_000_000, "1 day 1 hour"),
    ],
)
def test_durations_are_said_as_people_say_them(millis: int, words: str) -> None:
    """A day is 24 hours, more than a day is counted in days."""
    assert duration_in_words(millis) == words


@pytest.mark.parametrize(
    ("listed", "words"),
    [
        (["a"], '"a"'),
        (["a", "b"], '"a" or "b"'),
        (["a", "b", "c", "d"], '"a", "b", "c" (or 1 more)'),
        ({"en": ["a"], "es": ["b"]}, '"a"'),
    ],
)
def test_long_lists_are_cut_and_counted(
    listed: list[str] | dict[str, list[str]], words: str
) -> None:
    """The owner sees what kind of words there are, not all of them."""
    assert few_of(listed, "en") == words
