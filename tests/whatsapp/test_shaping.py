"""A message becomes buttons, a list or numbered text, within what a provider takes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.whatsapp.graph_bodies import LIMITS as META
from adapters.whatsapp.long_texts import units
from adapters.whatsapp.provider import Limits, Outgoing
from adapters.whatsapp.shaping import shaped, templated

WAHA = Limits(text=4_096)
YES_NO = (("yes", "Yes, please"), ("no", "No"))


def rows(count: int) -> tuple[tuple[str, str], ...]:
    return tuple((f"row-{n}", f"Row {n}") for n in range(1, count + 1))


def numbered(choices: tuple[tuple[str, str], ...]) -> str:
    return "\n".join(f"{n}. {title}" for n, (_, title) in enumerate(choices, 1))


def test_a_text_is_sent_as_it_is() -> None:
    """No choices, no fuss."""
    assert [Outgoing("Good morning")] == shaped("Good morning", (), META, open_list="Choose")


def test_nothing_to_say_is_no_message() -> None:
    """An empty message would be refused."""
    assert [] == shaped(" \n", (), META, open_list="Choose")


@pytest.mark.parametrize(
    ("choices", "kind"),
    [
        (YES_NO, "buttons"),
        (rows(3), "buttons"),
        ((("a", "x" * 20),), "buttons"),
        ((("a" * 256, "A"),), "buttons"),
        (rows(4), "list"),
        (rows(10), "list"),
        ((("a", "x" * 21),), "list"),
        ((("a", "x" * 24),), "list"),
        ((("a", "Same"), ("b", "same")), "list"),
        ((("a", "\U0001f600" * 12),), "list"),
        ((*rows(3), ("a" * 200, "A")), "list"),
        (rows(11), "text"),
        ((("a", "x" * 25),), "text"),
        ((("a" * 257, "A"),), "text"),
        ((*rows(3), ("a" * 201, "A")), "text"),
        ((("a", "\U0001f600" * 13),), "text"),
        ((("a", "One"), ("a", "Other")), "text"),
        ((("", "One"), ("a", "Other")), "text"),
        ((("a", " "), ("b", "Other")), "text"),
    ],
)
def test_choices_become_what_holds_them(choices: tuple[tuple[str, str], ...], kind: str) -> None:
    """Buttons first, then a list, then lines with numbers."""
    (sent,) = shaped("Which one?", choices, META, open_list="Choose")

    assert kind == sent.kind
    assert (choices if kind != "text" else ()) == sent.choices
    assert ("Choose" if kind == "list" else "") == sent.open_list


def test_numbered_lines_stand_under_the_text() -> None:
    """Who has no buttons can answer with a number."""
    assert [Outgoing("Shall we?\n\n1. Yes, please\n2. No")] == shaped(
        "Shall we?", YES_NO, WAHA, open_list="Choose"
    )


def test_choices_without_a_text_get_one() -> None:
    """A message of buttons needs a body; the lines of numbered text need none."""
    assert [Outgoing("Choose", "buttons", YES_NO)] == shaped("", YES_NO, META, open_list="Choose")
    assert [Outgoing("…", "buttons", YES_NO)] == shaped("", YES_NO, META, open_list="")
    assert [Outgoing("1. Yes, please\n2. No")] == shaped("", YES_NO, WAHA, open_list="Choose")


def test_what_opens_a_list_fits_its_button() -> None:
    """A long word for it is cut, a missing one replaced: either would be refused."""
    (long,) = shaped("Which?", rows(5), META, open_list="Show me all that there is")
    (none,) = shaped("Which?", rows(5), META, open_list=" ")

    assert ("Show me all that th…", "…") == (long.open_list, none.open_list)


def test_a_title_is_one_line() -> None:
    """A button shows no line breaks and refuses them."""
    (sent,) = shaped("Which?", (("a", "Twelve\nfilters "),), META, open_list="Choose")

    assert (("a", "Twelve filters"),) == sent.choices


def test_a_text_too_long_for_buttons_is_over_a_list() -> None:
    """The body of buttons holds 1024 characters, that of a list as much as a text."""
    fits = shaped("a" * 1_024, YES_NO, META, open_list="Choose")
    too_long = shaped("a" * 1_025, YES_NO, META, open_list="Choose")

    assert ["buttons"] == [sent.kind for sent in fits]
    assert ["list"] == [sent.kind for sent in too_long]


def test_a_text_too_long_for_one_message_ends_with_the_choices() -> None:
    """What goes before is plain text."""
    text = "\n\n".join(letter * 2_000 for letter in "abc")

    assert [
        Outgoing(f"{'a' * 2_000}\n\n{'b' * 2_000}"),
        Outgoing("c" * 2_000, "list", YES_NO, "Choose"),
    ] == shaped(text, YES_NO, META, open_list="Choose")


def test_buttons_alone_get_what_is_left_of_a_long_text() -> None:
    """Where titles need buttons or there is no list, the text above them is made short enough."""
    limits = Limits(text=100, buttons=3, button_body=20)
    text = "Here is what we have found for you. Is it what you wanted?"

    sent = shaped(text, YES_NO, limits, open_list="Choose")

    assert ["text", "text", "buttons"] == [one.kind for one in sent]
    assert text == " ".join(one.text for one in sent)


def test_numbered_lines_stay_together() -> None:
    """A choice is found under the one before it."""
    choices = rows(12)
    exact = "a" * (4_096 - len(numbered(choices)) - 2)

    assert [Outgoing(f"{exact}\n\n{numbered(choices)}")] == shaped(
        exact, choices, META, open_list="Choose"
    )
    assert [Outgoing(f"{exact}a"), Outgoing(numbered(choices))] == shaped(
        f"{exact}a", choices, META, open_list="Choose"
    )


def test_more_choices_than_a_message_holds_are_divided_between_lines() -> None:
    """Nobody's line is cut for the sake of the message."""
    limits = Limits(text=30)

    sent = shaped("", rows(8), limits, open_list="Choose")

    assert numbered(rows(8)) == "\n".join(one.text for one in sent)
    assert all(line[0].isdigit() for one in sent for line in one.text.splitlines())


LABELS = st.text(st.sampled_from("ab \n\U0001f600"), max_size=30)
CHOICES = st.lists(st.tuples(st.text("xyz", max_size=4), LABELS), max_size=12).map(tuple)
LIMITS = st.builds(
    Limits,
    text=st.integers(4, 60),
    buttons=st.integers(0, 3),
    button=st.integers(4, 20),
    button_body=st.integers(4, 60),
    rows=st.integers(0, 10),
    row=st.integers(4, 24),
    list_body=st.integers(4, 60),
)


@given(st.text(st.sampled_from("ab. \n\U0001f600"), max_size=200), CHOICES, LIMITS, LABELS)
def test_every_message_is_within_the_limits_and_nothing_is_lost(
    text: str, choices: tuple[tuple[str, str], ...], limits: Limits, open_list: str
) -> None:
    """Whatever a bot says, what is sent is what it said, in messages a provider takes."""
    sent = shaped(text, choices, limits, open_list=open_list)

    room = {"text": limits.text, "buttons": limits.button_body, "list": limits.list_body}
    assert all(one.text.strip() and units(one.text) <= room[one.kind] for one in sent)
    assert all(one.kind == "text" for one in sent[:-1])
    last = sent[-1] if sent else Outgoing("")
    titles = tuple((id_, " ".join(label.split())) for id_, label in choices)
    shown = "" if last.kind != "text" or not choices else numbered(titles)
    said = "".join("".join(one.text for one in sent).split())
    if last.kind == "text":
        assert () == last.choices
        assert "".join((text + shown).split()) == said
    else:
        assert titles == last.choices
        assert not text.strip() or "".join(text.split()) == said
        most, width = {
            "buttons": (limits.buttons, limits.button),
            "list": (limits.rows, limits.row),
        }[last.kind]
        assert len(choices) <= most
        assert all(units(title) <= width for _, title in titles)


def test_the_values_of_a_template_are_made_fit() -> None:
    """Meta refuses line breaks, tabs, rows of spaces, nothing at all, and more than it shows."""
    sent = templated("hello", "en_US", ["Hari\n\tNair", "a     b", " ", "x" * 1_025], text="Hello")

    assert (
        Outgoing(
            "Hello",
            "template",
            template="hello",
            language="en_US",
            values=("Hari Nair", "a b", "-", "x" * 1_023 + "…"),
        )
        == sent
    )
