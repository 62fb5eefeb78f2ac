"""Talking in the terminal, line by line."""

from __future__ import annotations

from adapters.assembly import FLOWS, build_player
from adapters.terminal import chat


def said(*lines: str, friendly: bool = True, watch: bool = False) -> list[str]:
    shown: list[str] = []
    player = build_player(FLOWS / "parts_shop", path="chat")
    chat(player, lines, shown.append, friendly=friendly, watch=watch)
    return shown


ORDER = ("i need 11 remote controls", "Hari, 8848850922, a@b.co")
CHOICES = "(1) Confirm   (2) Change   (3) Cancel"


def test_choices_are_numbered_and_taken_by_number_or_label() -> None:
    assert said(*ORDER)[-1] == CHOICES
    for choice in ("1", "confirm", " Confirm ", "/tap 1", "/tap confirm"):
        assert said(*ORDER, choice)[-1].startswith("bot> Thank you, Hari!")


def test_a_number_that_is_no_choice_is_what_the_customer_says() -> None:
    assert said("7")[-1].startswith("bot> ")
    assert said(*ORDER, "9") != said(*ORDER, "1")


def test_flows_and_effects_are_shown_only_to_who_watches() -> None:
    assert "[idle]" not in said(*ORDER, "1")
    watched = said(*ORDER, "1", watch=True)
    assert "[idle]" in watched
    assert "* place_order -> order A-1001" in watched


def test_time_passes_and_operators_come_on_command() -> None:
    assert said(ORDER[0], "/wait 11 minutes")[-1].startswith("bot> Still there?")
    assert said(ORDER[0], "/operator: Hi, Ann here")[-1] == "operator> Hi, Ann here"


def test_a_wrong_command_is_explained_and_the_talk_goes_on() -> None:
    shown = said("/restrat", "/tap Buy", "/help", "/?", ORDER[0], "/quit", "never said")

    assert shown[0] == 'no event is called "~ restrat". Did you mean "~ restart"?'
    assert shown[1] == "no button [Buy] was shown."
    assert shown[2] == shown[3]
    assert "/wait 31 minutes" in shown[2]
    assert len(shown) == 5


def test_no_customers_text_reaches_the_terminal_as_a_command() -> None:
    for friendly in (True, False):
        shown = said("call me back", "+91 8848850922", "\x1b[2Jnow\x07 \u202eok", friendly=friendly)
        assert not any(char in row for row in shown for char in "\x1b\x07\u202e")


def test_without_a_terminal_a_transcript_comes_out() -> None:
    assert said(ORDER[0], "/wait 1 minute", friendly=False) == [
        "> i need 11 remote controls",
        "< Noted: 11 x AC remote control. To confirm your order, please send your name, phone number and email.",
        "  [bulk_order: collecting_contact]",
        "~ 1 minute",
    ]
