"""Two addresses that turn out to be one person's: one conversation goes on, nothing is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from engine.frame import Frame
from engine.records import Write
from engine.runtime.arrivals import Busy, contact_id
from engine.runtime.merging import merged
from engine.session import Session, new_session
from tests.runtime.conftest import Open
from tests.runtime.office import Gated, Office
from tests.stores.waiting import until

CONFIRM = "Hari, hari@example.com: right?"
BOTH = ("phone:+911", "lid:5")


def session(contact: str, lane: str = "web", *, last_at: int = 0, **more: Any) -> Session:
    """Return an open session as it is stored."""
    one = new_session(
        id=f"{contact}-{lane}", bot="shop", lane=lane, contact=contact, key="k", at=last_at
    )
    return replace(one, version=3, seq=2, **more)


FRAME = Frame("job", "collecting", 1, "h", "")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"last_at": 1, "doing": "e"}, {"last_at": 9, "mode": "manual", "frames": [FRAME]}),
        ({"last_at": 1, "mode": "manual"}, {"last_at": 9, "frames": [FRAME]}),
        ({"last_at": 1, "frames": [FRAME]}, {"last_at": 9}),
        ({"last_at": 9}, {"last_at": 1}),
    ],
    ids=["an action runs", "a person leads", "in a flow", "the latest"],
)
@pytest.mark.parametrize("swapped", [False, True])
def test_the_conversation_that_matters_most_goes_on(
    first: dict[str, Any], second: dict[str, Any], *, swapped: bool
) -> None:
    """Its contact remains; the other one ends as merged, with a line that says why."""
    sessions = [session("one", **first), session("two", **second)]
    write, contact = merged(sessions[::-1] if swapped else sessions, "one", "two", 50, BOTH)

    assert "one" == contact
    assert write is not None
    assert ("one", "open", 4) == (
        write.turn.session.contact,
        write.turn.session.status,
        write.turn.session.version,
    )
    ((before, ended),) = write.beside
    assert ("two", "ended", "merged") == (
        ended.session.contact,
        ended.session.status,
        ended.session.reason,
    )
    assert (before.seq + 1, "merge") == (ended.lines[0].seq, ended.lines[0].note)
    assert BOTH == write.addresses


def test_a_conversation_in_another_lane_moves_to_the_person() -> None:
    """Where only one of the two has one, it goes on under the contact that remains."""
    write, contact = merged(
        [session("one", "web", last_at=9), session("two", "cloud")], "one", "two", 5, BOTH
    )

    assert write is not None
    ((_, moved),) = write.beside
    assert ("one", "open") == (moved.session.contact, moved.session.status)
    assert "one" == contact
    assert 9 == write.turn.session.last_at  # no turn happens before the one before it


async def test_two_conversations_of_one_person_become_one(office: Office) -> None:
    """Known by a phone number and by an id of the channel: both lead to the one in a flow."""
    await office.say("job please", who="lid:5")
    await office.say("hello", who="phone:+911")
    assert [CONFIRM] == await office.said("Hari, hari@example.com", who=BOTH)

    assert ["Working."] == await office.said("yes", who="phone:+911")
    ended = await office.rows("SELECT status, key FROM session WHERE status <> 'open'")
    assert [("ended", "web-phone:+911")] == ended
    lines = await office.rows("SELECT text FROM line WHERE who = 'user' ORDER BY at")
    assert ("hello",) in lines
    assert 1 == office.counted("contacts_merged")


async def test_a_process_that_remembers_the_old_contact_finds_the_new_one(
    office: Office, open_office: Open
) -> None:
    """It has the address and the conversation in memory: one conflict, and then it asks."""
    other = open_office()
    await other.say("job please", who="lid:5")
    await other.say("Hari", who="lid:5")
    await office.say("hello", who="phone:+911")
    await office.say("and?", who=("phone:+911", "lid:5"))

    moved = await other.say("hari@example.com", who="lid:5")

    assert CONFIRM == moved.lines[-1].text
    assert ["Working."] == await office.said("yes", who="phone:+911")
    assert [(1,)] == await office.rows("SELECT count(*) FROM session WHERE status = 'open'")


async def test_a_remembered_stranger_without_a_conversation_is_asked_for_again(
    office: Office, open_office: Open
) -> None:
    """It remembers that the address led nowhere; meanwhile it leads to somebody."""
    other = open_office()
    await other.say("hello", who="lid:5")
    await other.mode("ended", who="lid:5")
    await office.say("job please", who="phone:+911")
    await office.say("Hari", who=BOTH)

    assert [CONFIRM] == await other.said("hari@example.com", who="lid:5")


async def test_a_remembered_stranger_who_is_still_one_begins(office: Office) -> None:
    """Asked again, the address leads nowhere still: a conversation of its own begins."""
    first = await office.say("hello", who="lid:5")
    await office.mode("ended", who="lid:5")
    second = await office.say("job please", who="lid:5")

    assert first.session.id != second.session.id
    assert first.session.contact == second.session.contact


async def test_two_addresses_nobody_has_written_from_are_one_person_from_the_start(
    office: Office,
) -> None:
    """No conversation is there to merge; both addresses are written down."""
    await office.say("job please", who=BOTH)
    assert [CONFIRM] == await office.said("Hari, hari@example.com", who="lid:5")
    assert 0 == office.counted("contacts_merged")


async def test_addresses_known_to_be_one_person_are_not_merged_again(office: Office) -> None:
    """The second message from both costs nothing more."""
    await office.say("job please", who=BOTH)
    await office.say("Hari", who=BOTH)
    assert 2 == (await office.session("phone:+911")).version


async def test_a_third_address_joins_all_of_them(office: Office) -> None:
    """A and B are one; later B and C are: a message from A still finds the conversation."""
    await office.say("hello", who=("a:1", "b:2"))
    await office.say("job please", who="c:3")
    await office.say("Hari", who=("b:2", "c:3"))

    assert [CONFIRM] == await office.said("hari@example.com", who="a:1")
    assert [(1,)] == await office.rows("SELECT count(*) FROM session WHERE status = 'open'")


async def test_what_comes_during_a_merge_waits_for_it(office: Office) -> None:
    """Both contacts are locked: a text to either is read after the merge."""
    await office.say("job please", who="lid:5")
    await office.say("hello", who="phone:+911")
    database = office.database
    assert isinstance(database, Gated)
    database.gate = asyncio.Event()
    merging = asyncio.create_task(office.say("Hari", who=BOTH))
    await until(lambda: database.waiting)
    text = asyncio.create_task(office.say("hari@example.com", who="lid:5"))
    await asyncio.sleep(0.01)
    database.gate.set()

    await merging
    assert "open" == (await text).session.status
    assert 0 == office.counted("conflicts")
    assert ["Working."] == await office.said("yes", who="phone:+911")


async def test_whoever_goes_away_during_a_merge_leaves_nobody_locked(office: Office) -> None:
    """The request is cancelled in the middle: the merge is finished, both can write."""
    await office.say("job please", who="lid:5")
    await office.say("hello", who="phone:+911")
    database = office.database
    assert isinstance(database, Gated)
    database.gate = asyncio.Event()
    first = asyncio.create_task(office.say("one", who="phone:+911"))
    await until(lambda: database.waiting)
    merging = asyncio.create_task(office.say("Hari", who=BOTH))  # waits for the lock
    await asyncio.sleep(0.01)
    merging.cancel()
    database.gate.set()

    await first
    async with asyncio.timeout(5):
        assert CONFIRM == (await office.say("Hari, hari@example.com", who="lid:5")).lines[-1].text
        await office.say("and?", who="phone:+911")
        await office.conversations.stop()


async def test_a_merge_that_loses_every_time_asks_to_come_again(
    office: Office, open_office: Open
) -> None:
    """Another process writes in between, five times: Busy, and nothing is merged."""
    other = open_office()
    await office.say("job please", who="lid:5")
    await office.say("hello", who="phone:+911")

    async def step_in(write: Write) -> None:
        await other.say("what?", who="lid:5")

    office.store.before_commit = step_in
    with pytest.raises(Busy, match="merged"):
        await office.say("Hari", who=BOTH)
    office.store.before_commit = None
    assert [(2,)] == await office.rows("SELECT count(*) FROM session WHERE status = 'open'")
    await office.say("Hari", who=BOTH)
    assert [(1,)] == await office.rows("SELECT count(*) FROM session WHERE status = 'open'")


async def test_a_conversation_that_begins_during_a_merge_is_merged_too(
    office: Office, open_office: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody had a conversation when the merge looked; then another process began one."""
    other = open_office()
    looked = office.store.open_of
    begun: list[str] = []

    async def open_of(bot: str, contact: str) -> Sequence[Session]:
        found: Sequence[Session] = await looked(bot, contact)
        if not begun and contact == contact_id(bot, "lid:5"):
            begun.append(contact)
            await other.say("job please", who="lid:5")
        return found

    monkeypatch.setattr(office.store, "open_of", open_of)
    await office.say("Hari", who=BOTH)

    assert [CONFIRM] == await office.said("hari@example.com", who="phone:+911")
    assert [(1,)] == await office.rows("SELECT count(*) FROM session WHERE status = 'open'")


async def test_a_person_is_merged_in_every_lane(office: Office) -> None:
    """Their conversation in a third channel is found by the contact that remains as well."""
    await office.say("job please", who="phone:+911", lane="waha")
    await office.say("hello", who="lid:5", lane="cloud")
    await office.say("hello", who=("lid:5", "phone:+911"), lane="cloud")

    assert [CONFIRM] == await office.said("Hari, hari@example.com", who="phone:+911", lane="waha")
    assert contact_id("shop", "lid:5") != contact_id("shop", "phone:+911")
