"""What must hold when everything has come to rest.

It is read from SQL, from the notes of what was committed, and from the logs of those outside. Each
check yields sentences that say what is broken.
"""

from __future__ import annotations

__all__ = ["check"]

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from engine.cleaning import clean
from engine.session import Session
from tests.simulation.invariants_assistant import ASSISTANT
from tests.simulation.invariants_outside import OUTSIDE, PLACES

if TYPE_CHECKING:
    from tests.simulation.world import World


def check(world: World) -> None:
    """Look at what is left of a world, and record all that is broken."""
    for invariant, holds in CHECKS.items():
        for why in holds(world):
            world.record.broken(invariant, why)


def _once(world: World) -> Iterator[str]:
    """I1, I2: what was acknowledged is in SQL exactly once, as it was written."""
    lines = defaultdict(list)
    query = "SELECT inbound, session, text FROM line WHERE inbound IS NOT NULL"
    for inbound, session, text in world.sql(query):
        lines[inbound].append((session, text))
    messages = world.messages()
    for id_, message in messages.items():
        found = lines.pop(id_, [])
        if message.acknowledged is None and not message.refused:
            yield f"{id_[:6]} was never acknowledged, although it was sent until the end"
        if message.acknowledged is not None and len(found) != 1:
            yield f"{id_[:6]} {message.text!r} was acknowledged and stands {len(found)} times: {found}"
        if message.text != "a form" and any(clean(message.text) != text for _, text in found):
            yield f"{id_[:6]} was written as {message.text!r} and stands as {found}"
    for reply in world.replies:
        found = lines.pop(reply.id, [])
        if len(found) != 1 and (reply.taken or found):
            yield f"the operator's line {reply.id} stands {len(found)} times"
    for id_, found in lines.items():
        yield f"nobody wrote {id_}: {found}"


def _versions(world: World) -> Iterator[str]:
    """I3: versions grow by one per turn, and every turn goes on from the one before."""
    last: dict[str, tuple[int, int, str]] = {}
    query = (
        "SELECT id, was_version, was_turn, version, turn_id, status, body FROM noted_session"
        " ORDER BY step"
    )
    for id_, was_version, was_turn, version, turn_id, status, body in world.sql(query):
        if was_version is None:
            if id_ in last:
                yield f"{id_} began twice"
        else:
            before = last.get(id_)
            if before is None or before[:2] != (was_version, was_turn) or before[2] != "open":
                yield f"{id_} went on from {was_version} as {before} was its last turn"
            if version != was_version + 1:
                yield f"{id_} went from version {was_version} to {version}"
        last[id_] = version, turn_id, status
        session = Session.from_json(json.loads(body))
        told = (session.id, session.version, session.turn_id, session.status)
        if told != (id_, version, turn_id, status):
            yield f"{id_} at version {version}: its row and its body say different things"


def _turns(world: World) -> Iterator[str]:
    """I3: the lines of a session are 1..n, each of a turn that was committed."""
    query = "SELECT session, seq, turn FROM line ORDER BY session, seq"
    lines = defaultdict(list)
    for session, seq, turn in world.sql(query):
        lines[session].append((seq, turn))
    for id_, version, body in world.sql("SELECT id, version, body FROM session"):
        found = lines.pop(id_, [])
        if [seq for seq, _ in found] != list(range(1, len(found) + 1)):
            yield f"the lines of {id_} are numbered {[seq for seq, _ in found]}"
        turns = [turn for _, turn in found]
        if turns != sorted(turns) or (turns and turns[-1] > version):
            yield f"{id_} is at version {version} and its lines are of turns {turns}"
        if json.loads(body).get("seq", 0) != len(found):
            yield f"{id_} counts {json.loads(body).get('seq', 0)} lines, {len(found)} are stored"
    if lines:
        yield f"lines of no session: {sorted(lines)}"


def _places(world: World) -> Iterator[str]:
    """I4: at most one open session per place; what is loaded is what was stored."""
    rows = world.sql(
        "SELECT id, bot, lane, contact, version, wake_at, body FROM session WHERE status = 'open'"
    )
    count = Counter((bot, lane, contact) for _, bot, lane, contact, *_ in rows)
    for place, n in count.items():
        if n > 1:
            yield f"{n} sessions are open at {place}"
    for id_, bot, lane, contact, version, wake_at, body in rows:
        session = Session.from_json(json.loads(body))
        told = (session.id, session.bot, session.lane, session.contact, session.version)
        if told != (id_, bot, lane, contact, version) or session.wake_at != wake_at:
            yield f"{id_}: its row and its body say different things"
        if session.to_json() != json.loads(body):
            yield f"{id_} is loaded as something else than was stored"


def _assistant(world: World) -> Iterator[str]:
    """I5: no question to the assistant and no answer of its while a flow is active."""
    asked = "SELECT session, place FROM effect WHERE kind = 'ask_assistant'"
    for session, place in world.sql(asked):
        if _body(world, session, place // PLACES).get("frames"):
            yield f"{session} asked the assistant in turn {place // PLACES}, inside a flow"
    for session, turn in world.sql("SELECT session, turn FROM line WHERE who = 'assistant'"):
        if _body(world, session, turn - 1).get("frames"):
            yield f"{session} said the assistant's answer in turn {turn}, inside a flow"


def _body(world: World, session: str, version: int) -> dict[str, Any]:
    found = world.sql(
        "SELECT body FROM noted_session WHERE id = ? AND version = ?", session, version
    )
    body: dict[str, Any] = json.loads(found[0][0]) if found else {}
    return body


def _waiting(world: World) -> Iterator[str]:
    """I1, I7: no conversation waits for what nobody will do any more."""
    owed = {
        id_
        for (id_,) in world.sql(
            "SELECT id FROM effect WHERE status NOT IN ('done',"
            " 'failed', 'withdrawn', 'unknown', 'parked')"
        )
    }
    for id_, body in world.sql("SELECT id, body FROM session WHERE status = 'open'"):
        session = Session.from_json(json.loads(body))
        if session.doing and session.doing not in owed:
            yield f"{id_} waits for {session.doing}, which is settled"
        if session.asking and session.asking.id not in owed:
            yield f"{id_} waits for the assistant's {session.asking.id}, which is settled"


def _answers(world: World) -> Iterator[str]:
    """I1: where the bot leads and asks nothing, who wrote last was answered."""
    manual = {id_ for (id_,) in world.sql("SELECT id FROM noted_session WHERE mode = 'manual'")}
    last = {
        session: (turn, who, text)
        for session, turn, who, text in world.sql(
            "SELECT session, turn, who, text FROM line ORDER BY session, seq"
        )
    }
    open_ = {id_ for (id_,) in world.sql("SELECT id FROM session WHERE status = 'open'")}
    for session, (turn, who, text) in last.items():
        if who == "user" and session in open_ - manual:
            # A text sent before a question was seen is no answer to it; the question stands.
            asked = {"frames", "pending"} & _body(world, session, turn).keys()
            if not asked:
                yield f"{session} ends with {text!r}, and nobody answered"


def _parked(world: World) -> Iterator[str]:
    """Nothing that a customer or an operator does is a bug of ours."""
    for id_, body in world.sql("SELECT id, body FROM effect WHERE status = 'parked'"):
        yield f"{id_}: {body}"


CHECKS: dict[str, Callable[[World], Iterator[str]]] = {
    "I1, I2: an acknowledged message is stored once": _once,
    "I1: who writes is answered": _answers,
    "I3: versions grow by one per turn": _versions,
    "I3: lines are 1..n": _turns,
    "I4: one open session per place": _places,
    "I5: the assistant is silent inside flows": _assistant,
    "I7: a conversation goes on": _waiting,
    "nothing is parked": _parked,
    **ASSISTANT,
    **OUTSIDE,
}
