"""Scenario C5 over real HTTP: what WAHA posts is signed, and nothing is taken twice or by mistake."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from adapters.whatsapp.standins.waha import WahaStandin
from adapters.whatsapp.standins.waha_people import Phone
from tests.whatsapp.guest_desk import Desk, guest_desk, until

SARI, BUDI, MADE, PUTRI = "6281234567890", "6281200000002", "6281200000003", "6281200000004"
TOM = "61412345678"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with guest_desk(tmp_path_factory.mktemp("signed")) as running:
        yield running


def test_only_what_is_signed_with_our_key_is_taken_and_once(desk: Desk) -> None:
    sari = desk.waha.phone(SARI, "Sari")
    body = desk.event("jam berapa sarapan?", sari)

    assert 401 == desk.post(body, None).status_code
    assert 403 == desk.post(body, "another-key").status_code
    assert 403 == desk.post(body.replace(b"sarapan", b"Sarapan")[:-1], "").status_code
    assert [] == desk.sessions(SARI)
    assert 200 == desk.post(body).status_code
    sari.wait(1)
    assert [200, 200] == [desk.post(body).status_code for _ in range(2)]
    desk.settled(SARI, "done")

    assert 1 == len(sari.inbox)
    assert ["jam berapa sarapan?"] == [text for who, text in desk.lines(SARI) if who == "user"]


def test_a_message_that_is_told_in_four_ways_is_one_turn(desk: Desk) -> None:
    """As `message` and as `message.any`, by the hidden id and by the number, the last first."""
    budi = desk.waha.phone(BUDI, "Budi", lid="77120000000002@lid")
    with desk.waha.out_of_order():
        stanza = budi.says("jam berapa sarapan?", seen_as="both")
        budi.says("jam berapa sarapan?", again=stanza, seen_as="c.us")
    budi.wait(1)
    desk.waha.settled()
    desk.settled(BUDI, "done")

    assert 1 == len(desk.sessions(BUDI))
    assert [1, 1] == [len(budi.inbox), sum(who == "user" for who, _ in desk.lines(BUDI))]


def test_a_hidden_number_is_asked_for_where_the_engine_does_not_tell_it(desk: Desk) -> None:
    """WEBJS posts the hidden id alone; WAHA knows whose it is when it is asked."""
    made = desk.waha.phone(MADE, "Made", lid="77120000000003@lid")
    desk.waha.engine = "WEBJS"
    try:
        made.says("minta 2 handuk")
        answer = made.wait(1)[0]
        asked = [one for one in desk.waha.calls if one.name == "lids"]
        made.says("1")
        made.wait(2)
        desk.waha.settled()
    finally:
        desk.waha.engine = "GOWS"

    assert ("77120000000003@lid", True) == (answer.chat, "kamar 101" in answer.text)
    assert 1 == len(desk.sessions(MADE))
    assert asked
    assert asked == [one for one in desk.waha.calls if one.name == "lids"]  # once is enough


Told = Callable[[WahaStandin, Phone, str], object]
NOTHING_TO_ANSWER: dict[str, Told] = {
    "group": lambda waha, _, __: waha.group_message("jam berapa sarapan?", of=PUTRI),
    "channel": lambda waha, _, __: waha.newsletter_message("jam berapa sarapan?"),
    "story": lambda waha, _, __: waha.status_message("jam berapa sarapan?", of=PUTRI),
    "reaction": lambda _, putri, stanza: putri.reacts("👍", stanza),
    "edited": lambda _, putri, stanza: putri.edits(stanza, "jam berapa sarapan?"),
    "revoked": lambda _, putri, stanza: putri.revokes(stanza),
    "read": lambda _, putri, __: putri.reads(),
    "presence": lambda waha, putri, _: waha.tell_raw("presence.update", {"id": putri.chat}),
    "unknown event": lambda waha, putri, _: waha.tell_raw("brand.new", {"from": putri.chat}),
}


@pytest.fixture(scope="module")
def everything(desk: Desk) -> Iterator[Desk]:
    """A WAHA that was told to post whatever there is."""
    desk.waha.pairing.config["webhooks"][0]["events"].append("*")
    yield desk
    desk.waha.pairing.config["webhooks"][0]["events"].remove("*")


@pytest.mark.parametrize("told", NOTHING_TO_ANSWER.values(), ids=NOTHING_TO_ANSWER)
def test_what_is_no_message_to_us_is_not_answered(everything: Desk, told: Told) -> None:
    desk = everything
    putri = desk.waha.phone(PUTRI, "Putri")
    if not desk.sessions(PUTRI):
        putri.says("halo")
        putri.wait(1)
        desk.settled(PUTRI, "done")
    said, got, posted = desk.lines(PUTRI), len(desk.waha.inbox), len(desk.waha.posted)

    told(desk.waha, putri, "3EB0EARLIER")
    desk.waha.settled()

    assert {200} == {one.status for one in desk.waha.posted[posted:]}
    assert said == desk.lines(PUTRI)
    assert got == len(desk.waha.inbox)
    assert ("open", "agent") == desk.stands(PUTRI)


def test_acks_say_how_far_a_message_came(desk: Desk) -> None:
    """Only further, whatever comes late."""
    tom = desk.waha.phone(TOM, "Tom")
    desk.waha.acked = (1,)
    try:
        tom.says("hello")
        (first,) = tom.wait(1)
        until(lambda: desk.told(TOM) == ["sent"], "sent")
        for ack, state in ((2, "delivered"), (3, "read"), (2, "read"), (1, "read"), (4, "played")):
            desk.waha.acks(first, ack)
            desk.waha.settled()
            assert [state] == desk.told(TOM)
    finally:
        desk.waha.acked = (1, 2)


def test_junk_that_is_signed_is_answered_200_and_breaks_nothing(desk: Desk) -> None:
    """Whatever else were answered would be posted again and again."""
    sari = desk.waha.phone(SARI, "Sari")
    for body in (b"", b"{", b"[]", b'"x"', b"null", b"{}", b"[" * 9_000, b'{"event":"message"}'):
        assert 200 == desk.post(body).status_code, body[:20]
    before = len(sari.inbox)
    sari.says("wifi")
    assert "TelukMelati-Guest" in sari.wait(before + 1)[-1].text


def test_another_session_of_the_same_waha_is_none_of_ours(desk: Desk) -> None:
    sari = desk.waha.phone(SARI, "Sari")
    before = desk.lines(SARI)
    body = desk.event("jam berapa sarapan?", sari).replace(b'"default"', b'"another"')
    assert 200 == desk.post(body).status_code
    assert before == desk.lines(SARI)
