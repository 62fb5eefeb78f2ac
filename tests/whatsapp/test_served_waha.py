"""A served product beside a WAHA that refuses, loses its connection and dies; and the other way round."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from adapters.whatsapp.standins.waha import WahaStandin
from tests.web.site import served
from tests.whatsapp.guest_desk import KEYS, Desk, guest_desk, until

SARI, BUDI, MADE, PUTRI = "6281234567890", "6281200000002", "6281200000003", "6281200000004"
TOM = "61412345678"
WELCOME = "Selamat datang di Hotel Teluk Melati."


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One desk; each test leaves it running and connected."""
    with guest_desk(tmp_path_factory.mktemp("served")) as running:
        running.waha.posting.delay = 0.3  # 15 times: longer than the product needs to start
        yield running


def answered(desk: Desk, number: str, question: str = "wifi", words: str = "TelukMelati") -> None:
    """Ask something, and get its answer; whatever came before."""
    phone = desk.waha.phone(number)
    before = len(phone.inbox)
    phone.says(question)
    until(lambda: [one for one in phone.inbox[before:] if words in one.text], f"{number}: {words}")


# -- kill -9 -----------------------------------------------------------------------------------------


def test_an_answer_that_was_not_sent_yet_is_sent_once_after_a_kill(desk: Desk) -> None:
    """Killed while it was seen typing: the message was taken, nothing went out."""
    sari = desk.waha.phone(SARI, "Sari")
    desk.waha.fail_next("sendText", 500, times=3)
    sari.says("minta 2 handuk")
    until(lambda: [one for one in desk.waha.calls if one.name == "startTyping"], "it types")
    desk.kill()
    desk.waha.faults.clear()
    assert [] == sari.inbox

    desk.start()
    desk.hurry()
    assert "2 x" in sari.wait(1)[0].text
    sari.says("1")
    sari.wait(2)
    desk.settled(SARI, "done", "done")
    assert 2 == len(sari.inbox)
    assert ["minta 2 handuk", "1"] == [text for who, text in desk.lines(SARI) if who == "user"]


def test_an_answer_cut_on_the_wire_is_not_sent_again_and_said_to_be_unknown(desk: Desk) -> None:
    """WAHA may have sent it; the next one goes out."""
    budi = desk.waha.phone(BUDI, "Budi")
    desk.waha.time_out_next("sendText", done=True)
    budi.says("halo")
    budi.wait(1)
    desk.kill()

    desk.start()
    desk.hurry()
    until(lambda: desk.sends(BUDI)[0][0] == "unsettled", "nobody knows")
    desk.hurry()
    until(lambda: desk.sends(BUDI)[0][0] == "unknown", "it is unknown")
    assert ["unknown"] == desk.told(BUDI)
    answered(desk, BUDI)
    desk.settled(BUDI, "unknown", "done")
    assert 2 == len(budi.inbox)


def test_what_is_written_while_the_product_is_dead_is_taken_once(desk: Desk) -> None:
    made = desk.waha.phone(MADE, "Made")
    desk.kill()
    made.says("halo")
    made.says("jam berapa sarapan?")
    desk.start()
    desk.waha.settled(30)
    until(lambda: any("Sarapan" in one.text for one in made.inbox), "breakfast")

    assert 2 == sum(who == "user" for who, _ in desk.lines(MADE))
    assert 1 == sum(WELCOME in one.text for one in made.inbox)
    assert 1 == sum("Sarapan" in one.text for one in made.inbox)


# -- the connection ----------------------------------------------------------------------------------


def test_a_lost_connection_is_repaired_and_what_waited_goes_out(desk: Desk) -> None:
    """Nobody scans anything."""
    desk.hurry()  # who was killed before keeps no hold on the number
    putri = desk.waha.phone(PUTRI, "Putri")
    putri.says("halo")
    putri.wait(1)
    desk.waha.settled()
    with desk.waha.out_of_order():  # its webhook comes before the connection is gone
        putri.says("jam berapa sarapan?")
    desk.waha.loses_connection()
    until(lambda: desk.waha.status == "WORKING", "it is repaired")

    assert "Sarapan" in putri.wait(2)[1].text
    assert "SCAN_QR_CODE" not in {one.status for one in desk.waha.sessions.values()}
    desk.settled(PUTRI, "done", "done")


def test_a_connection_lost_while_the_product_was_dead_is_repaired_by_the_next(desk: Desk) -> None:
    desk.kill()
    desk.hurry()
    desk.waha.loses_connection()
    restarts = sum(one.name == "restart" for one in desk.waha.calls)
    desk.start()
    until(lambda: desk.waha.status == "WORKING", "it is repaired")
    assert restarts + 1 == sum(one.name == "restart" for one in desk.waha.calls)
    answered(desk, PUTRI)


def test_of_two_processes_only_one_repairs(desk: Desk, database_url: str, tmp_path: Path) -> None:
    """They share PostgreSQL; whichever looks at the number does it alone."""
    url = database_url.replace("postgresql+asyncpg://", "postgresql://", 1)
    key, hmac_key = KEYS["WAHA_API_KEY"], KEYS["WAHA_HMAC_KEY"]
    with WahaStandin(api_key=key, hmac_key=hmac_key) as waha, ExitStack() as both:
        other = Desk(tmp_path, waha)
        env = KEYS | {"REJOINDER_DATABASE_URL": url, "REJOINDER_PUBLIC_URL": other.url}
        for _ in range(2):
            both.enter_context(served(tmp_path, "--bot", str(other.bot), **env))
        until(lambda: len(waha.calls) >= 2, "it is looked at, and wanted from now on")
        waha.loses_connection(failures=9)

        def calls(name: str) -> int:
            return sum(one.name == name for one in waha.calls)

        until(lambda: calls("restart") == 1, "it is repaired")
        looks = calls("get")
        # It failed again. Who repaired it waits for longer now; another one would not have begun.
        until(lambda: calls("get") >= looks + 2, "it is looked at again")
        assert 1 == calls("restart")


# -- the rules of WAHA that refuse -------------------------------------------------------------------


def test_a_wrong_key_holds_everything_back_until_it_is_right(desk: Desk) -> None:
    tom, waha = desk.waha.phone(TOM, "Tom"), desk.waha
    waha.api_key = "changed"
    tom.says("hello")
    until(lambda: desk.sends(TOM) and desk.sends(TOM)[0][::2] == ("owed", 0), "it is refused")
    desk.shop.program.until("connection_stopped", "stderr")
    waha.api_key = KEYS["WAHA_API_KEY"]

    assert 1 == len(tom.wait(1, timeout=20))
    answered(desk, SARI)


def test_a_session_that_is_gone_is_made_again_and_asks_for_a_scan(desk: Desk) -> None:
    waha, made = desk.waha, desk.waha.phone(MADE, "Made")
    before = len(made.inbox)
    body = desk.event("wifi", made)
    waha.sessions.pop("default")
    assert 200 == desk.post(body).status_code
    until(lambda: waha.status == "SCAN_QR_CODE", "it asks for a scan")
    waha.scan()
    assert "TelukMelati" in made.wait(before + 1, timeout=20)[-1].text
    answered(desk, BUDI)


def test_a_message_waha_cannot_read_is_given_up_alone(desk: Desk) -> None:
    waha, made = desk.waha, desk.waha.phone(MADE, "Made")
    sends = len(desk.sends(MADE))
    waha.fail_next("sendText", 400, {"statusCode": 400, "message": ["text is odd"]})
    made.says("wifi")
    until(lambda: [one[0] for one in desk.sends(MADE)][sends:] == ["failed"], "it is given up")
    answered(desk, BUDI)
    answered(desk, MADE)


def test_a_file_that_is_gone_is_said_to_be_unreadable(desk: Desk) -> None:
    waha, made = desk.waha, desk.waha.phone(MADE, "Made")
    before = len(made.inbox)
    with waha.out_of_order():
        made.sends_file(b"handuk;2", "daftar.csv", "text/csv")
        waha.files.clear()
    made.wait(before + 1)
    assert "files" in {one.name for one in waha.calls}
    answered(desk, BUDI)


@pytest.mark.parametrize("call", ["sendSeen", "startTyping", "stopTyping"])
def test_what_is_only_for_show_stops_nothing(desk: Desk, call: str) -> None:
    desk.waha.fail_next(call, 500, {"statusCode": 500})
    answered(desk, PUTRI)
    answered(desk, TOM, "wifi please")
