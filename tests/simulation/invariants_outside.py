"""What must hold outside the database: what was ordered, what customers read, who reads whom."""

from __future__ import annotations

__all__ = ["OUTSIDE"]

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from engine.runtime.arrivals import contact_id

if TYPE_CHECKING:
    from tests.simulation.outside import Received
    from tests.simulation.people import Person
    from tests.simulation.world import World

EMAIL = re.compile(r"[\w.]+@example\.com")
PLACES = 10_000  # an effect's place is its version times this, and its number


def _actions(world: World) -> Iterator[str]:
    """I6: every action that was requested has its effect once, and nothing else has one."""
    requested = {
        id_: (session, json.loads(body), status)
        for id_, session, body, status in world.sql(
            "SELECT id, session, body, status FROM effect WHERE kind = 'run_action'"
        )
    }
    done: list[str] = list(world.outside.work_done)
    for table in ("placed_order", "callback"):
        done += [key for (key,) in world.sql(f"SELECT key FROM {table}")]
    for key, n in Counter(done).items():
        if n != 1 or key not in requested:
            yield f"the action of {key} had its effect {n} times; requested: {key in requested}"
    for key, (session, body, status) in requested.items():
        if status == "done" and key not in done:
            yield f"{key} ({body['action']} of {session}) is done and had no effect"
        if status not in ("done", "failed"):
            yield f"{key} ({body['action']} of {session}) is {status} in the end"
    settled = {
        id_: step
        for step, id_ in world.sql(
            "SELECT step, id FROM noted_effect WHERE kind = 'run_action' AND status IN"
            " ('done', 'failed') ORDER BY step"
        )
    }
    for step, action, key, slept in world.outside.called:
        if step > settled.get(key, step) and not slept:
            yield f"{action} ran again for {key} after its outcome was stored"


def _take_overs(world: World) -> Iterator[str]:
    """I9: no message of the bot's begins its way after a person took its session over."""
    taken_over = defaultdict(list)
    for step, id_, version in world.sql(
        "SELECT step, id, version FROM noted_session WHERE mode = 'manual'"
        " AND coalesce(was_mode, 'agent') = 'agent'"
    ):
        # By a person, not by the flow itself: what the flow says then is still to be sent.
        if world.sql(
            "SELECT 1 FROM noted_effect WHERE session = ? AND place > ? AND place < ?"
            " AND kind = 'notify' LIMIT 1",
            id_, version * PLACES, (version + 1) * PLACES,
        ):  # fmt: skip
            continue
        taken_over[id_].append((step, version))
    cut: set[str] = set()
    for step, id_, session, place, status in world.sql(
        "SELECT step, id, session, place, status FROM noted_effect WHERE kind = 'send'"
        " AND coalesce(was, '') <> status ORDER BY step"
    ):
        if status == "unsettled":
            cut.add(id_)
        if status != "sending" or id_ in cut:
            continue
        for when, version in taken_over[session]:
            if when < step and place < version * PLACES:
                yield f"{id_} went on the wire after a person took {session} over"


def _order_of_messages(world: World) -> Iterator[str]:
    """A customer reads in order; a second time only what a kill cut on the wire."""
    latest: dict[str, int] = {}
    seen: dict[str, Received] = {}
    places = dict(world.sql("SELECT id, place FROM effect"))
    for one in world.outside.received:
        place = places.get(one.effect)
        if place is None:
            yield f"{one.effect} was received and never committed"
            continue
        # Who slept with a message in hand sends it on waking: nobody can call it back.
        slept = one.by is not None and one.by.was_frozen
        if place < latest.get(one.session, 0) and not slept:
            yield f"{one.effect} was received after a later message of {one.session}"
        latest[one.session] = max(place, latest.get(one.session, 0))
        first = seen.get(one.effect)
        again = first is not None and (one.to.startswith("waha") or not _cut(first, one.step))
        if again and not slept:
            yield f"{one.effect} was received twice, and no kill cut it on the wire"
        seen[one.effect] = one
    sent = "SELECT id FROM effect WHERE kind IN ('send', 'reply') AND status = 'done'"
    for (id_,) in world.sql(sent):
        if id_ not in seen:
            yield f"{id_} counts as sent and was never received"


def _cut(first: Received, step: int) -> bool:
    """Say whether nobody could know that a message had gone out."""
    by = first.by
    return not first.sure or by is None or by.was_frozen or 0 < by.over_since < step


def _privacy(world: World) -> Iterator[str]:
    """I10: nobody's words stand in another's conversation, in an order, on another's phone or at the model."""
    owners, mixed = _owners(world)
    yield from mixed
    found = world.sql("SELECT session, text FROM line")
    bodies = world.sql("SELECT id, body FROM noted_session")
    found += [(id_, body.replace("\\n", " ")) for id_, body in bodies]
    found += [(one.session, one.text) for one in world.outside.received]
    asked = world.outside.model.requests
    found += [(one.asking.work.session, "\n".join(one.asked.texts)) for one in asked]
    orders = world.sql("SELECT key, email FROM placed_order")
    found += [(key.rsplit(":", 2)[0], email) for key, email in orders]
    for session, text in found:
        for email in EMAIL.findall(text):
            owner = owners.get(session)
            if email != "sales@example.com" and (owner is None or not owner.owns(email)):
                yield f"{email} stands in {session}, which is not theirs"
    for one in world.outside.received:
        owner = owners.get(one.session)
        if owner is not None and one.to.partition(":")[2] != str(owner.n):
            yield f"a message of {one.session}, which is {owner.name}'s, went to {one.to}"


def _owners(world: World) -> tuple[dict[str, Person], list[str]]:
    """Return whose each session is, and which ones are two people's."""
    messages = world.messages()
    owners: dict[str, Person] = {}
    mixed = []
    for session, inbound in world.sql("SELECT session, inbound FROM line"):
        if inbound in messages:
            person = messages[inbound].person
            if owners.setdefault(session, person) is not person:
                mixed.append(f"{session} has lines of {person.name} and of {owners[session].name}")
    # Who has said nothing in a session yet is known by those that were theirs before.
    places = world.sql("SELECT id, contact FROM session")
    contacts = {contact: owners[id_] for id_, contact in places if id_ in owners}
    for id_, contact in places:
        if id_ not in owners and contact in contacts:
            owners[id_] = contacts[contact]
    return owners, mixed


def _people(world: World) -> Iterator[str]:
    """A person's addresses lead to where their conversations are."""
    known = {(bot, address): contact for bot, address, contact in world.sql(
        "SELECT bot, address, contact FROM address")}  # fmt: skip
    messages = world.messages()
    open_ = dict(world.sql("SELECT id, contact FROM session WHERE status = 'open'"))
    by_person = defaultdict(set)
    for session, inbound in world.sql("SELECT session, inbound FROM line"):
        if session in open_ and inbound in messages:
            by_person[messages[inbound].person].add(session)
    for customer in world.customers:
        person = customer.person
        leads = {
            known.get((person.bot, one)) or contact_id(person.bot, one) for one in person.addresses
        }
        if person.linked and len(leads) > 1:
            yield f"the addresses of {person.name} were one person's and lead to {sorted(leads)}"
        for session in sorted(by_person[person]):
            if open_[session] not in leads:
                yield f"{session} of {person.name} is open where no address of theirs leads"


OUTSIDE: dict[str, Callable[[World], Iterator[str]]] = {
    "I6: an action has its effect once": _actions,
    "I9: a person's take-over silences the bot": _take_overs,
    "messages arrive in order, and once": _order_of_messages,
    "I10: nobody reads another's lines": _privacy,
    "an address leads to its person's conversation": _people,
}
