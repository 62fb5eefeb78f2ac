"""The text format of scripts and transcripts: what is written is what is read."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import ScriptError
from engine.expectation import unmet
from engine.script import parse, read_event
from engine.script_lines import parse_entries
from engine.transcript import SPEAKERS, Entry, choices, mask, render, visible

NAMES = st.sampled_from(["", "ana", "bo_2"])
# Any text at all, lone surrogates included, and often what the format gives a meaning to.
TEXT = st.text() | st.text("\\[]()*|<>~#+!. \t\n\r\x1b\u202exnu0aé") | st.text(st.characters())
ENTRIES = st.one_of(
    st.builds(Entry, st.just("said"), TEXT, NAMES, st.booleans()),
    st.builds(Entry, st.just("said"), TEXT, NAMES, file=TEXT.filter(bool)),
    st.builds(Entry, st.just("tap"), TEXT.filter(bool), NAMES, earlier=st.booleans()),
    st.builds(Entry, st.just("event"), TEXT, NAMES),
    st.builds(Entry, st.sampled_from(SPEAKERS), TEXT, NAMES),
    st.builds(Entry, st.just("nothing"), st.just(""), NAMES),
    st.builds(Entry, st.just("effect"), TEXT, NAMES),
    st.builds(Entry, st.just("state"), st.sampled_from(["idle", "bulk_order: placing"]), NAMES),
    st.builds(choices, st.lists(st.from_regex(r"\S(.*\S)?", fullmatch=True), min_size=1)),
    st.builds(lambda text: Entry("comment", text.strip()), TEXT),
)


@given(st.lists(ENTRIES))
def test_what_is_rendered_is_read_back_equal(entries: list[Entry]) -> None:
    assert parse_entries(render(entries)) == entries


@given(TEXT)
def test_no_text_can_move_the_cursor_of_a_terminal(text: str) -> None:
    for shown in (visible(text), render([Entry("said", text)])):
        control = [c for c in shown if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp")]
        assert set(control) <= {"\n", "\t"}


def test_the_example_of_the_documentation_is_read_whole() -> None:
    script = parse(
        """# bulk order survives a restart
# bot: parts_shop
# channel: web
# start: 2026-01-05T09:00+05:30
> Hi so i need to buy 11 remote controls
< Noted: 11 x AC remote control. To confirm your order, please send your name, phone number and email.
  [bulk_order: collecting_contact]
~ restart
> Name is Hari
>+ and phone number is 8848850922
< Perfect, Hari! Your order:
  11 remote controls

  Confirm?
  ( Confirm | Change | Cancel )
  [bulk_order: confirming]
> [Confirm]
* place_order -> order A-1001
"""
    )

    assert script.title == "bulk order survives a restart"
    assert script.headers == {
        "bot": "parts_shop",
        "channel": "web",
        "start": "2026-01-05T09:00+05:30",
    }
    assert [[entry.kind for entry in block.stimuli] for block in script.blocks] == [
        ["said"],
        ["event"],
        ["said", "said"],
        ["tap"],
    ]
    assert script.blocks[2].expected[0].text == (
        "Perfect, Hari! Your order:\n11 remote controls\n\nConfirm?"
    )
    assert [entry.line for entry in script.blocks[3].expected] == [18]


def test_a_literal_bracket_is_no_tap_and_a_file_is_no_text() -> None:
    tap, literal, earlier, file, both = parse_entries(
        "> [Confirm]\n> \\[x]\n> [Confirm] (earlier)\n> (file order.csv)\n> (file a.csv) my list\n"
    )

    assert (tap.kind, tap.text) == ("tap", "Confirm")
    assert (literal.kind, literal.text) == ("said", "[x]")
    assert (earlier.kind, earlier.earlier) == ("tap", True)
    assert (file.file, file.text) == ("order.csv", "")
    assert render([literal, Entry("said", "(file x)")]) == "> \\[x]\n> \\(file x)\n"
    assert (both.file, both.text) == ("a.csv", "my list")


def test_a_second_customer_is_told_from_the_assistant() -> None:
    entries = parse_entries(
        ">ana hi\n<ana Hello!\n<assistant Hm.\n<ana.operator Yes?\n  [ana idle]\n"
    )

    assert [(entry.kind, entry.who) for entry in entries] == [
        ("said", "ana"),
        ("bot", "ana"),
        ("assistant", ""),
        ("operator", "ana"),
        ("state", "ana"),
    ]


def test_effects_may_be_indented_and_states_may_not_be() -> None:
    effect, state = parse_entries("  * place_order -> order A-1001\n[idle]\n")

    assert (effect.kind, effect.text) == ("effect", "place_order -> order A-1001")
    assert (state.kind, state.text) == ("state", "idle")


def test_windows_line_ends_and_a_byte_order_mark_change_nothing() -> None:
    assert parse_entries("\ufeff# t\r\n> hi\r\n") == parse_entries("# t\n> hi\n")


def test_a_script_may_be_nothing_but_a_title_or_nothing_but_a_talk() -> None:
    assert parse("# later\n").title == "later"
    assert parse("> hi\n").title == ""
    assert [block.stimuli[0].text for block in parse("> hi\n").blocks] == ["hi"]


def test_comments_go_with_what_follows_them() -> None:
    script = parse("# title\n> hi\n# then he leaves\n~ 31 minutes\n# the end\n")

    assert [[c.text for c in block.comments] for block in script.blocks] == [
        [],
        ["then he leaves"],
        ["the end"],
    ]


def test_every_fault_of_a_file_is_told_at_once_with_its_line() -> None:
    with pytest.raises(ScriptError) as error:
        parse(
            "# a title\n# bott: shop\n# channel: wab\n# start: noon\n# colour: red\n# assistant: me\n"
            "< too early\n  joins nothing said\n  [what]\n  (open\n hello\n>+ alone\n"
            ">operator hi\n  ( A | B )\n  continues nothing\n~ restrat\n~ sql sideways\n"
            "~ xyzzy\n~restart\n~ restart\n>+ after an event\n",
            "s.chat",
        )

    assert str(error.value).split("\n") == [
        's.chat:2: no header is called "bott". Did you mean "bot"?',
        's.chat:3: no channel is called "wab". Known are: web, cloud, waha, preview.',
        's.chat:4: "noon" is no moment. Write it like 2026-01-05T09:00+05:30.',
        's.chat:5: no header is called "colour". Known are: bot, channel, phone, person, start, assistant.',
        "s.chat:6: an assistant is scripted or none.",
        "s.chat:7: nothing has happened yet that this line could follow.",
        "s.chat:9: a state is written [flow: state] or [idle]; a text that begins so, \\[.",
        "s.chat:10: choices end with a parenthesis. A text that begins with one is written \\(.",
        (
            's.chat:11: a line begins with #, >, ~, <, * or two spaces. Write "> " before what the '
            "customer says."
        ),
        "s.chat:12: a `>+` line joins the `>` line of the same customer above it.",
        's.chat:13: a customer cannot be called "operator".',
        "s.chat:15: an indented line continues a text, and there is none above it.",
        's.chat:16: no event is called "~ restrat". Did you mean "~ restart"?',
        's.chat:17: no event is called "~ sql sideways". Did you mean "~ sql down"?',
        (
            's.chat:18: no event is called "~ xyzzy". Known are: restart, 31 minutes, redis down, '
            "sql down, worker dies, duplicate, operator takes over, operator: TEXT, assistant: TEXT, "
            "assistant fails, assistant offers FLOW, answer late, form NAME key=value, "
            "action NAME fails, action NAME takes 5 minutes, flow change FILE, via preview."
        ),
        's.chat:19: no event is called "~restart". Write a space after ~.',
        "s.chat:21: a `>+` line joins the `>` line of the same customer above it.",
    ]


@pytest.mark.parametrize(
    ("text", "event"),
    [
        ("1 second", ("wait", ("1", "second"))),
        ("31 minutes", ("wait", ("31", "minute"))),
        ("operator: Hello\nthere", ("operator_says", ("Hello\nthere",))),
        ("form bulk_enquiry", ("form", ("bulk_enquiry", ""))),
        ('form bulk_enquiry name="A B" n=2', ("form", ("bulk_enquiry", 'name="A B" n=2'))),
        ("action place_order fails", ("action_fails", ("place_order", ""))),
        ("action place_order fails once", ("action_fails", ("place_order", " once"))),
        ("action place_order takes 2 minutes", ("action_takes", ("place_order", "2", "minute"))),
        ("flow change v2/bulk order.yaml", ("flow_change", ("v2/bulk order.yaml",))),
    ],
    ids=lambda value: value.replace("/", " ").replace(".", " ") if isinstance(value, str) else "",
)
def test_an_event_says_what_happens(text: str, event: tuple[str, tuple[str, ...]]) -> None:
    assert read_event(Entry("event", text)) == event


def bot(text: str, who: str = "") -> Entry:
    return Entry("bot", text, who)


def test_expected_lines_may_have_others_between_them() -> None:
    script = parse("> hi\n< Hello!\n  [idle]\n> bye\n")

    assert unmet(script, [[bot("Hello!"), bot("How are you?"), Entry("state", "idle")], []]) == ""


def test_expected_lines_out_of_order_are_shown_with_their_line_numbers() -> None:
    script = parse("# t\n> hi\n< One\n< Two\n  and a half\n> bye\n", "s.chat")

    assert unmet(script, [[bot("Two\nand a half"), bot("One")], []]) == (
        "s.chat:4: this was expected here, in this order, and did not come:\n"
        "    2   > hi\n"
        "    3 - < One\n"
        "    4   < Two\n"
        "    5     and a half\n"
        "      + < One\n"
    )


def test_silence_is_expected_with_an_exclamation_mark() -> None:
    script = parse("> hi\n<!\n>ana hi\n<!ana\n")

    assert unmet(script, [[Entry("state", "idle")], [bot("to the other")]]) == ""
    assert "script:2:" in unmet(script, [[bot("Hello!")], []])
    assert "script:4:" in unmet(script, [[], [bot("Hello!", "ana")]])


def test_a_line_of_three_dots_stands_for_any_lines() -> None:
    script = parse("> hi\n< Perfect, Hari!\n  ...\n  Confirm?\n")

    assert unmet(script, [[bot("Perfect, Hari!\n11 remotes\nPickup\nConfirm?")]]) == ""
    assert unmet(script, [[bot("Perfect, Hari!\n11 remotes")]]) != ""


def test_masking_gives_the_same_stand_in_to_the_same_person_everywhere() -> None:
    talk = [
        Entry("comment", "Hari writes"),
        Entry("said", "i am hari kumar, 8848850922, Techuse730@gmail.com"),
        Entry("bot", "Perfect, Hari Kumar! +91 88488 50922, techuse730@gmail.com?"),
        Entry("said", "no, bob@x.org and 98470-12345. de nada", file="hari.csv"),
        Entry("effect", "place_order -> order A-1001"),
        Entry("state", "hari: hari"),
    ]

    assert mask(talk, ["Hari Kumar", "de"]) == [
        Entry("comment", "Hari writes"),
        Entry("said", "i am Alex Robin, 8848800001, person1@example.com"),
        Entry("bot", "Perfect, Alex Robin! +91 88488 00001, person1@example.com?"),
        Entry("said", "no, person2@example.com and 98470-00002. de nada", file="Alex.csv"),
        Entry("effect", "place_order -> order A-1001"),
        Entry("state", "hari: hari"),
    ]


def test_masking_leaves_dates_and_quantities_alone() -> None:
    talk = [Entry("said", "11 remotes on 2026-01-05T09:00, 05.01.2026 or 1500000, card 7/8")]

    assert mask(talk) == talk
