"""Scenario D over real HTTP: a hotel's guests on WhatsApp, through WAHA.

One test, or several, per row of the scenario; the router of D3 and D6 is not there yet.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from adapters.whatsapp.standins.waha import WahaStandin
from tests.whatsapp.guest_desk import Desk, guest_desk, until

SARI, BUDI, MADE, PUTRI = "6281234567890", "6281200000002", "6281200000003", "6281200000004"
TOM = "61412345678"
AGUS, DEWI, EKO, FITRI = "6281200000005", "6281200000006", "6281200000007", "6281200000008"
GITA, HADI, INDAH, JOKO = "6281200000009", "6281200000010", "6281200000011", "6281200000012"
MINUTE = 60_000
WELCOME = "Selamat datang di Hotel Teluk Melati."


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One desk; what a test breaks it repairs."""
    with guest_desk(tmp_path_factory.mktemp("desk")) as running:
        yield running


def now() -> int:
    return time.time_ns() // 1_000_000


def calls(waha: WahaStandin, chat: str) -> list[str]:
    """Return what was called for a chat."""
    return [one.name for one in waha.calls if one.body.get("chatId") == chat]


# -- D1: who it is -----------------------------------------------------------------------------------


def test_a_guest_is_one_person_however_whatsapp_names_them(desk: Desk) -> None:
    """Imported as 0812.., written from 62812..@c.us, then from a hidden id with the phone beside it."""
    sari = desk.waha.phone(SARI, "Sari", lid="77120000000001@lid")

    sari.says("halo", seen_as="c.us")
    assert WELCOME in sari.wait(1)[0].text
    sari.says("jam berapa sarapan?", seen_as="lid")
    answers = sari.wait(2)

    assert [f"{SARI}@c.us", "77120000000001@lid"] == [one.chat for one in answers]
    assert "Sarapan jam 06.00" in answers[1].text
    (session,) = desk.sessions(SARI)
    assert ("Sari Dewi", 204) == (session["person"]["name"], session["person"]["room"])
    assert 1 == len(desk.rows("SELECT id FROM session WHERE contact = ?", session["contact"]))

    sari.hidden = True  # WhatsApp tells the number no more: the hidden id alone is known by now
    sari.says("wifi", seen_as="lid")
    assert "TelukMelati-Guest" in sari.wait(3)[2].text
    assert [session["id"]] == [one["id"] for one in desk.sessions(SARI)]


def test_a_message_is_read_and_somebody_types_before_the_answer(desk: Desk) -> None:
    """WhatsApp does not like programs: seen, typing, then the message."""
    tom = desk.waha.phone(TOM, "Tom")
    tom.says("hello, when is breakfast?")
    assert "Breakfast is from 6:00" in tom.wait(1)[0].text
    called = calls(desk.waha, tom.chat)
    assert ["startTyping", "stopTyping", "sendText"] == [one for one in called if one != "sendSeen"]
    assert called.index("sendSeen") < called.index("sendText")


# -- D2: who is answered -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "number", ["6285700000000", "6281299999999"], ids=["unknown", "stay is over"]
)
def test_who_does_not_stay_here_is_not_answered(desk: Desk, number: str) -> None:
    """Logged without a word of theirs and counted; the webhook is answered 200, nothing else is."""
    stranger = desk.waha.phone(number, "Somebody")
    before = desk.metric("rejoinder_messages_not_admitted_total", bot="hotel_desk")

    stranger.says("rahasia saya")
    said = desk.shop.program.until("not_admitted", "stderr")
    desk.waha.settled()

    assert {200} == {one.status for one in desk.waha.posted if number.encode() in one.body}
    assert "rahasia" not in said
    assert number not in said
    assert [] == desk.rows("SELECT id FROM session WHERE key LIKE ?", f"%{number}%")
    assert [] == desk.rows("SELECT text FROM line WHERE text LIKE '%rahasia%'")
    assert [] == calls(desk.waha, stranger.chat)
    after = desk.metric("rejoinder_messages_not_admitted_total", bot="hotel_desk")
    assert after > before


# -- D3, D4: half an hour ----------------------------------------------------------------------------


def test_after_half_an_hour_a_new_session_begins_with_the_welcome(desk: Desk) -> None:
    """The old one is ended for being idle; the new one is open, in mode agent, and says welcome."""
    budi = desk.waha.phone(BUDI, "Budi")
    budi.says("ada kolam renang?", at=now() - 31 * MINUTE)
    first = "\n".join(one.text for one in budi.wait(1))
    assert WELCOME in first
    assert "lantai 5" in first

    budi.says("jam berapa sarapan?")
    second = budi.wait(2)[1].text

    before, after = desk.sessions(BUDI)
    assert ("ended", "idle") == (before["status"], before["reason"])
    assert ("open", "agent") == desk.stands(BUDI)
    assert after["opened_at"] >= before["active_at"] + 30 * MINUTE
    assert WELCOME in second
    assert "Sarapan jam 06.00" in second


def test_within_half_an_hour_it_goes_on_without_a_welcome(desk: Desk) -> None:
    made = desk.waha.phone(MADE, "Made")
    made.says("halo", at=now() - 29 * MINUTE)
    made.wait(1)
    made.says("minta 2 handuk")
    asked = made.wait(2)[1]

    (session,) = desk.sessions(MADE)
    assert "to_room" == session["frames"][0]["flow"]
    assert WELCOME not in asked.text
    assert "2 x" in asked.text
    assert "kamar 101" in asked.text


# -- D5: what is kept --------------------------------------------------------------------------------


def test_every_message_and_every_reply_is_kept(desk: Desk) -> None:
    putri = desk.waha.phone(PUTRI, "Putri")
    putri.says("halo")
    putri.wait(1)
    putri.says("tolong bangunkan saya besok jam 5 pagi")
    putri.wait(2)
    putri.says("1")  # the first of the numbered choices
    putri.wait(3)

    lines = desk.lines(PUTRI)
    heard = [text for who, text in lines if who == "user"]
    assert ["halo", "tolong bangunkan saya besok jam 5 pagi", "1"] == heard
    told = [text for who, text in lines if who == "bot"]
    shown = "\n".join(one.text for one in putri.inbox)
    assert [] == [text for text in told if text not in shown]
    desk.settled(PUTRI, "done", "done", "done")


# -- D6: what may fail -------------------------------------------------------------------------------


def test_a_send_that_fails_is_tried_again_and_what_was_saved_stays(desk: Desk) -> None:
    """The welcome fails too: the message it came with is answered all the same, once."""
    waha, agus = desk.waha, desk.waha.phone(AGUS, "Agus")
    waha.fail_next("sendText", 500)

    agus.says("minta 2 handuk")
    until(lambda: desk.lines(AGUS), "it is saved")
    assert [("user", "minta 2 handuk")] == desk.lines(AGUS)[:1]
    answer = agus.wait(1)[0].text

    assert WELCOME in answer
    assert "2 x" in answer
    desk.settled(AGUS, "done")
    assert [2] == [tries for *_, tries in desk.sends(AGUS)]


def test_what_waha_could_not_send_while_it_was_down_comes_once_it_is_up(desk: Desk) -> None:
    waha, dewi = desk.waha, desk.waha.phone(DEWI, "Dewi")
    dewi.says("halo")
    dewi.wait(1)
    with waha.out_of_order():
        dewi.says("jam berapa sarapan?")
    waha.thread.hang_up(cut=True)
    # The attempt meets a closed door, and is owed again.
    until(lambda: desk.sends(DEWI)[-1][::2] == ("owed", 0), "it waits")
    assert ("user", "jam berapa sarapan?") in desk.lines(DEWI)
    waha.thread.listen()

    assert "Sarapan jam 06.00" in dewi.wait(2)[1].text
    desk.settled(DEWI, "done", "done")


def test_a_session_that_is_not_working_yet_holds_back_and_loses_nothing(desk: Desk) -> None:
    waha, eko = desk.waha, desk.waha.phone(EKO, "Eko")
    body = {"error": "Session status is not as expected", "status": "STARTING"}
    waha.fail_next("sendText", 422, body)

    eko.says("halo")
    assert WELCOME in eko.wait(1)[0].text
    desk.settled(EKO, "done")


def test_what_may_have_gone_out_is_not_said_twice(desk: Desk) -> None:
    """An answer that says nothing about it: the operator sees `unknown`, the next one is answered."""
    waha, fitri = desk.waha, desk.waha.phone(FITRI, "Fitri")
    waha.fail_next("sendText", 500, {"statusCode": 500, "message": "Protocol error"}, done=True)

    fitri.says("halo")
    desk.settled(FITRI, "unknown")
    assert 1 == len(fitri.wait(1))
    fitri.says("jam berapa sarapan?")
    assert "Sarapan jam 06.00" in fitri.wait(2)[1].text


def test_while_nothing_can_be_saved_waha_posts_again_and_one_turn_comes_of_it(
    desk: Desk,
) -> None:
    """The database is locked for longer than anybody waits: 503 with a time to come back."""
    waha, gita = desk.waha, desk.waha.phone(GITA, "Gita")
    with desk.locked():
        gita.says("halo")
        refused = until(lambda: [it for it in waha.posted if it.status == 503], "it is refused")
        assert int(refused[0].retry_after) > 0
    waha.settled(30)

    gita.wait(1)
    assert [("user", "halo")] == [line for line in desk.lines(GITA) if line[0] == "user"]
    assert 1 == len(desk.sessions(GITA))


# -- D7: a person answers ----------------------------------------------------------------------------


def test_a_person_takes_over_answers_on_the_phone_and_hands_back(desk: Desk) -> None:
    hadi = desk.waha.phone(HADI, "Hadi")
    hadi.says("halo")
    hadi.wait(1)
    key = f"wa-default-{HADI}"

    assert "manual" == desk.shop.operator(f"{key}/take-over").json()["mode"]
    hadi.says("jam berapa sarapan?")
    desk.waha.settled()
    said = desk.shop.operator(f"{key}/lines", {"text": "Ini Rina dari resepsionis."})
    assert 200 == said.status_code
    assert "Ini Rina dari resepsionis." == hadi.wait(2)[1].text
    assert "agent" == desk.shop.operator(f"{key}/hand-back").json()["mode"]
    hadi.says("wifi")
    assert "TelukMelati-Guest" in hadi.wait(3)[-1].text

    assert [] == [one.text for one in hadi.inbox if "Sarapan" in one.text]
    assert ("user", "jam berapa sarapan?") in desk.lines(HADI)
    assert ("operator", "Ini Rina dari resepsionis.") in desk.lines(HADI)


def test_somebody_who_types_on_the_paired_phone_has_taken_over(desk: Desk) -> None:
    """Our own messages, which WAHA shows again, are nobody's hand."""
    indah = desk.waha.phone(INDAH, "Indah")
    indah.says("halo")
    indah.wait(1)
    desk.waha.settled()
    assert ("open", "agent") == desk.stands(INDAH)

    desk.waha.echo(INDAH, "Selamat siang Bu Indah, ini Rina.")
    until(lambda: desk.stands(INDAH) == ("open", "manual"), "a person has taken over")
    indah.says("jam berapa sarapan?")
    desk.waha.settled()

    assert ("operator", "Selamat siang Bu Indah, ini Rina.") in desk.lines(INDAH)
    assert ("user", "jam berapa sarapan?") == desk.lines(INDAH)[-1]
    assert 1 == len(indah.inbox)  # not sent a second time, and no answer beside hers
    desk.shop.operator(f"wa-default-{INDAH}/hand-back")
    indah.says("wifi")
    assert "TelukMelati-Guest" in indah.wait(2)[-1].text


def test_an_engine_that_takes_our_messages_for_typed_ones_takes_nothing_over(desk: Desk) -> None:
    """Some tell of a message of ours as if it were typed, and before they answer our call."""
    joko = desk.waha.phone(JOKO, "Joko")
    desk.waha.source = "app"
    try:
        for n, text in enumerate(("halo", "wifi", "jam berapa sarapan?"), 1):
            joko.says(text)
            joko.wait(n)
            desk.waha.settled()
    finally:
        desk.waha.source = "api"

    assert ("open", "agent") == desk.stands(JOKO)
    assert "operator" not in {who for who, _ in desk.lines(JOKO)}
