"""Scripts played through the real core: what a customer, an owner or a worker would notice."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.errors import AuthorError, ScriptError
from engine.play import Played, Player
from engine.script import EVENTS
from engine.transcript import mask, render

Play = Callable[..., Played]
Transcript = Callable[..., str]

ORDER = "> i need 11 remote controls\n> Hari, 8848850922, techuse730@gmail.com\n"
ASKED = "< Noted: 11 x AC remote control. To confirm your order, please send your name, phone number and email."
SHOWN = """\
< Perfect, Hari! Your order:
  - 11 x AC remote control @ ₹350.00 = ₹3,850.00
  Pickup Location: Cool Wind Services, Thiruvalla, Kerala
  Contact: +91 88488 50922, techuse730@gmail.com
  Confirm this order?
  ( Confirm | Change | Cancel )
  [bulk_order: confirming]
"""
PLACED = """\
< Thank you, Hari! Your order number is A-1001.
  The shop will look at it next. I will write to you here when it is accepted, and again when it is ready for pickup.
  To ask about it, change it or cancel it, write *order status*.
* notify sales: bulk_order.placed
  [idle]
"""


def effects(text: str) -> list[str]:
    rows = [row[2:] for row in text.splitlines() if row.startswith("*")]
    return [row for row in rows if not row.startswith("notify")]


def test_a_played_script_can_be_played_again_and_gives_itself(played: Play) -> None:
    once = render(played(ORDER + "~ restart\n> [Confirm]\n").entries)

    again = played(once)

    assert render(again.entries) == once
    assert again.unmet == ""


def test_an_order_survives_a_restart_at_every_line(transcript: Transcript) -> None:
    calm = transcript(ORDER + "> [Confirm]\n")
    shaken = transcript("~ restart\n".join(["", *ORDER.splitlines(keepends=True), "> [Confirm]\n"]))

    assert calm == shaken
    assert calm.endswith(f"* place_order -> order A-1001\n{PLACED}")


def test_a_burst_is_one_turn_with_one_answer(transcript: Transcript) -> None:
    said = transcript(
        "> i need 11 remote controls\n> Name is Hari\n>+ 8848850922\n>+ techuse730@gmail.com\n"
    )

    assert said == f"{ASKED}\n  [bulk_order: collecting_contact]\n{SHOWN}"


def test_the_same_message_again_changes_nothing(transcript: Transcript) -> None:
    assert transcript(ORDER) == transcript(ORDER + "~ duplicate\n")


def test_a_second_tap_on_confirm_places_one_order(transcript: Transcript) -> None:
    said = transcript(f"{ORDER}> [Confirm]\n> [confirm]\n~ duplicate\n")

    assert effects(said) == ["place_order -> order A-1001"]


def test_a_button_of_an_earlier_showing_is_told_from_the_latest(transcript: Transcript) -> None:
    twice = ORDER + "> when are you open?\n> [Change]\n> 12 remote controls\n"

    assert effects(transcript(f"{twice}> [Confirm] (earlier)\n")) == []
    assert effects(transcript(f"{twice}> [Confirm]\n")) == ["place_order -> order A-1001"]


@pytest.mark.parametrize(
    ("tap", "fault"),
    [
        ("> [Confirm]", "talk.chat:1: no button [Confirm] was shown."),
        (f"{ORDER}> [Confrm]", 'no button [Confrm] was shown. Did you mean "Confirm"?'),
        (f"{ORDER}> [Buy]", "no button [Buy] was shown. Known are: Confirm, Change, Cancel."),
        (f"{ORDER}> [Cancel] (earlier)", "no button [Cancel] was shown earlier."),
    ],
    ids=["nothing shown", "misspelt", "unknown", "shown once"],
)
def test_a_button_nobody_showed_is_an_error_with_its_line(
    transcript: Transcript, tap: str, fault: str
) -> None:
    with pytest.raises(ScriptError) as error:
        transcript(tap)

    assert fault in str(error.value)


# -- time ------------------------------------------------------------------------------------------


def test_a_long_wait_rings_every_deadline_in_its_order(transcript: Transcript) -> None:
    assert transcript("> i need 11 remote controls\n~ 2 days\n> hi\n").splitlines()[2:6] == [
        "< Still there? I only need your name, phone number and email.",
        "  [bulk_order: collecting_contact]",
        "  [idle]",
        "< Your earlier order was not finished and has been put aside.",
    ]


def test_ten_seconds_pass_between_messages(transcript: Transcript) -> None:
    """The nudge comes ten minutes after the question; sixty messages later it is due."""
    waits = "~ 9 minutes\n~ 50 seconds\n"

    assert "Still there" not in transcript(f"> i need 11 remote controls\n{waits}")
    assert "Still there" in transcript(f"> i need 11 remote controls\n{waits}>ana hello\n")


def test_times_without_a_zone_are_the_shops_own(transcript: Transcript) -> None:
    night = "# at night\n# start: 2026-01-05T23:00\n"
    same = "# at night\n# start: 2026-01-05T23:00+05:30\n"
    talk = "> i need 11 remote controls\n~ 20 minutes\n"

    assert transcript(night + talk) == transcript(same + talk)
    assert "Still there" not in transcript(night + talk)


# -- the worker ------------------------------------------------------------------------------------


def test_an_action_that_fails_once_is_tried_again(transcript: Transcript) -> None:
    said = transcript(f"{ORDER}~ action place_order fails once\n> [Confirm]\n")

    assert effects(said) == [
        "place_order attempt 1 failed: the script says so",
        "place_order -> order A-1001",
    ]


def test_an_action_that_always_fails_hands_the_customer_over(transcript: Transcript) -> None:
    said = transcript(f"{ORDER}~ action place_order fails\n> [Confirm]\n")

    assert effects(said) == [
        "place_order attempt 1 failed: the script says so",
        "place_order attempt 2 failed: the script says so",
        "place_order failed: the script says so",
    ]
    assert said.endswith("* notify sales: bulk_order.colleague\n  [bulk_order: colleague]\n")


def test_a_worker_that_dies_after_placing_an_order_places_no_second_one(
    transcript: Transcript,
) -> None:
    said = transcript(
        f"{ORDER}~ worker dies\n> [Confirm]\n> i need 12 fan blades\n> Hari, 8848850922, a@b.co\n"
        "> [Confirm]\n"
    )

    assert effects(said) == [
        "the worker died during place_order",
        "place_order -> order A-1001",
        "place_order -> order A-1002",
    ]


def test_texts_during_a_long_action_wait_for_its_outcome(transcript: Transcript) -> None:
    said = transcript(
        f"{ORDER}~ action place_order takes 2 minutes\n> [Confirm]\n> are you there?\n~ 3 minutes\n"
    )
    busy, _, after = said.partition("* place_order -> order A-1001\n")

    assert "[bulk_order: placing]" in busy
    assert after.startswith("< Thank you, Hari! Your order number is A-1001.\n")


def test_what_is_sent_while_the_database_is_down_comes_again_when_it_is_up(
    transcript: Transcript,
) -> None:
    said = transcript(
        "> i need 11 remote controls\n~ sql down\n> Hari, 8848850922, techuse730@gmail.com\n"
        "~ 5 minutes\n~ sql up\n"
    )

    assert said == (
        f"{ASKED}\n  [bulk_order: collecting_contact]\n"
        f"* not stored: the database is down; it will come again\n{SHOWN}"
    )


def test_an_answer_that_comes_while_the_database_is_down_is_not_lost(
    transcript: Transcript, desk: Path
) -> None:
    said = transcript("> when do you open?\n~ sql down\n~ assistant: At nine.\n~ sql up\n", desk)

    assert said.endswith("<assistant At nine.\n  [idle]\n")


def test_without_redis_nothing_changes_for_the_customer(transcript: Transcript) -> None:
    assert transcript(ORDER) == transcript(f"~ redis down\n{ORDER}~ redis up\n")


# -- customers, channels, operators -----------------------------------------------------------------


def test_two_customers_are_two_conversations(transcript: Transcript) -> None:
    said = transcript("# t\n# channel: cloud\n> i need 11 remote controls\n>ana call me back\n")

    assert said == (
        "< Noted: 11 x AC remote control. To confirm your order, please send your name and email.\n"
        "  [bulk_order: collecting_contact]\n"
        "<ana When would a call suit you best?\n"
        "  [ana callback: collecting_time]\n"
    )


def test_a_channel_that_vouches_for_a_number_gives_it_to_the_flow(transcript: Transcript) -> None:
    talk = "> call me back\n> tomorrow\n"

    assert "+91 88488 50922" in transcript(f"# t\n# channel: waha\n# phone: +918848850922\n{talk}")
    assert "Which phone number" in transcript(f"# t\n# channel: web\n{talk}")


def test_a_production_message_goes_on_with_the_preview(transcript: Transcript) -> None:
    said = transcript("# t\n# channel: cloud\n~ via preview\n> call me back\n> tomorrow at nine\n")

    assert said.splitlines()[-1] == "  [callback: confirming]"


def test_an_operator_talks_and_the_bot_is_silent(transcript: Transcript) -> None:
    said = transcript(
        "> i need 11 remote controls\n~ operator takes over\n> hello?\n~ operator: How many?\n"
        "~ operator hands back\n> Hari\n"
    )

    assert [row for row in said.splitlines() if row.startswith("<")] == [
        ASKED,
        "<operator How many?",
        "< Thanks. I still need your phone number and email.",
    ]


def test_a_form_opens_a_conversation_and_knows_its_fields(transcript: Transcript) -> None:
    said = transcript(
        '# t\n# channel: cloud\n~ form bulk_enquiry name="Hari Kumar" phone=8848850922\n'
        "> 20 fan blades\n"
    )

    assert "< Hello Hari Kumar, thank you for your enquiry about a bulk order!" in said
    assert said.endswith("send your email.\n  [bulk_order: collecting_contact]\n")


def test_a_form_ends_the_conversation_before_it(transcript: Transcript) -> None:
    said = transcript(
        "> i need 11 remote controls\n~ form bulk_enquiry name=Hari phone=8848850922\n"
    )

    assert "session ended: superseded" in effects(said)


def test_a_form_sent_twice_opens_one_conversation(transcript: Transcript) -> None:
    once = "# t\n# channel: cloud\n~ form bulk_enquiry name=Hari phone=8848850922\n"

    assert transcript(once) == transcript(f"{once}~ duplicate\n")


def test_a_form_in_a_conversation_with_a_person_is_refused(transcript: Transcript) -> None:
    said = transcript(
        "> hi\n~ operator takes over\n~ form bulk_enquiry name=Hari phone=8848850922\n"
    )

    assert any(one.startswith("refused: ") for one in effects(said))


@pytest.mark.parametrize(
    ("event", "fault"),
    [
        ("form bulk", 'no form is called "bulk".'),
        (
            "form bulk_enquiry nam=Hari",
            'form "bulk_enquiry" has no field "nam". Did you mean "name"?',
        ),
        ("form bulk_enquiry Hari", "the fields of a form are written key=value"),
        ('form bulk_enquiry name="Hari', "the fields of a form are written key=value"),
        ("form bulk_enquiry phone=12", '"12" is no phone.'),
        ("duplicate", "nothing was sent that could come again."),
        (
            "action place_ordr fails",
            'no action is called "place_ordr". Did you mean "place_order"?',
        ),
        ("assistant offers bulk_ordr", 'no flow is called "bulk_ordr". Did you mean "bulk_order"?'),
        (
            "assistant offers change_order",
            'no flow without a hint, and "change_order" has none. Give it `hint`',
        ),
        ("flow change nowhere.yaml", "there is no file "),
    ],
)
def test_an_event_that_cannot_happen_is_an_error_with_its_line(
    transcript: Transcript, event: str, fault: str
) -> None:
    with pytest.raises(ScriptError) as error:
        transcript(f"# t\n~ {event}\n")

    assert "talk.chat:2: " in str(error.value)
    assert fault in str(error.value)


def test_every_event_of_the_format_is_played() -> None:
    assert [name for name, _, _ in EVENTS if not hasattr(Player, f"_on_{name}")] == []


# -- edited flows ----------------------------------------------------------------------------------


def test_a_flow_edited_under_a_conversation_is_told(transcript: Transcript, desk: Path) -> None:
    edited = (desk / "visit.yaml").read_text("utf-8").replace("asking", "naming")
    (desk / "visit.v2.yaml").write_text(edited, "utf-8")

    said = transcript("> book a visit\n~ flow change visit.v2.yaml\n~ restart\n> Hari\n", desk)

    assert said == (
        "< Your name?\n  [visit: asking]\n"
        "* the flow was edited; the conversation began it again: visit: asking\n"
        "< We have changed something meanwhile, so I may ask you a thing or two again.\n"
        "< See you at the desk, Hari!\n  [idle]\n"
    )


def test_a_change_of_a_flow_the_bot_does_not_have_is_an_error(
    transcript: Transcript, desk: Path
) -> None:
    other = (desk / "visit.yaml").read_text("utf-8").replace("flow: visit", "flow: visti")
    (desk / "visti.yaml").write_text(other, "utf-8")

    with pytest.raises(ScriptError, match='bot desk has no flow "visti"'):
        transcript("~ flow change visti.yaml\n", desk)


def test_a_change_that_breaks_the_bot_is_refused_with_its_faults(
    transcript: Transcript, desk: Path
) -> None:
    broken = (desk / "visit.yaml").read_text("utf-8").replace("then: done", "then: doen")
    (desk / "broken.yaml").write_text(broken, "utf-8")

    with pytest.raises(AuthorError, match="doen"):
        transcript("~ flow change broken.yaml\n", desk)


# -- the assistant ---------------------------------------------------------------------------------


def test_a_scripted_answer_is_the_answer_to_the_next_question(
    transcript: Transcript, desk: Path
) -> None:
    said = transcript("~ assistant: At nine.\n> when do you open?\n", desk)

    assert said == "* ask assistant\n  [idle]\n<assistant At nine.\n  [idle]\n"


def test_a_question_without_an_answer_waits_for_one(transcript: Transcript, desk: Path) -> None:
    said = transcript("> when do you open?\n~ 1 hour\n~ assistant: At nine.\n", desk)

    assert said == "* ask assistant\n  [idle]\n<assistant At nine.\n  [idle]\n"


def test_a_late_answer_is_dropped_when_a_flow_has_started(
    transcript: Transcript, desk: Path
) -> None:
    said = transcript(
        "~ assistant: At nine.\n~ answer late\n> when do you open?\n> book a visit\n", desk
    )

    assert said == (
        "* ask assistant\n  [idle]\n< Your name?\n  [visit: asking]\n"
        "* assistant answer dropped\n  [visit: asking]\n"
    )


def test_an_answer_typed_in_a_chat_brings_the_assistant(transcript: Transcript, desk: Path) -> None:
    """Before it there was nobody to ask, as without a key."""
    said = transcript(
        "# a chat\n# assistant: none\n> when do you open?\n~ assistant: At nine.\n> and close?\n",
        desk,
    )

    assert "< Sorry, I did not understand." in said
    assert said.endswith("* ask assistant\n  [idle]\n<assistant At nine.\n  [idle]\n")


def test_an_assistant_that_fails_or_offers_a_flow_is_played_too(
    transcript: Transcript, desk: Path
) -> None:
    failed = transcript("~ assistant fails\n> what is a visit?\n", desk)
    offered = transcript("~ assistant offers visit\n> what is a visit?\n> yes\n", desk)

    assert "< I cannot say." in failed
    assert offered.endswith("< Your name?\n  [visit: asking]\n")


# -- export ----------------------------------------------------------------------------------------


def test_an_exported_conversation_names_nobody(played: Play) -> None:
    talk = played(f"{ORDER}> [Confirm]\n")

    shown = render(mask(talk.entries, talk.names))

    assert "Hari" not in shown
    assert "88488509" not in shown
    assert "techuse" not in shown
    assert "place_order -> order A-1001" in shown
    assert played(shown).unmet == ""


def test_comments_stay_where_they_stood(played: Play) -> None:
    script = "# title\n> hi\n# then nothing\n"

    assert [entry.text for entry in played(script).entries if entry.kind == "comment"] == [
        "title",
        "then nothing",
    ]
