"""A storm of webhooks: what two hundred people write, delivered repeatedly and in any order.

Afterwards every message has been taken once and every answer has been read once, in order.
"""

from __future__ import annotations

__all__ = ["Ledger", "Storm", "TwoDoors", "faults"]

import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Future
from itertools import count, zip_longest
from random import Random
from time import monotonic, sleep
from typing import Any

import asyncpg

from adapters.whatsapp.standins.cloud import CloudStandin
from adapters.whatsapp.standins.inbound import Update
from adapters.whatsapp.standins.phones import Phone
from adapters.whatsapp.standins.rates import PairRate
from engine.delivery import Part

PEOPLE, EACH = 200, 5
COPIES = 4  # at most, of each message
LASTS = 6.0  # seconds, from the first webhook to the last
PATIENCE = 120.0
SAID = (
    "Hi so i need to buy {n} remote controls",
    "Name is Hari, phone number is 8848850922 and email is techuse730@gmail.com",
    "what are your opening hours",
    "yes",
    "make it {n} of them",
    "no, my email is hari{n}@example.com",
    "hello, {n}",
    "how much is a capacitor",
    "cancel",
)


class TwoDoors(CloudStandin):
    """Posts each webhook to any of the product's processes, also to one that is dead."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)  # noqa: S311 - no secret
        self.doors: list[str] = []
        super().__init__()
        self.pair = PairRate(burst=1_000_000)
        self.throughput.most = 1_000_000

    @property
    def webhook(self) -> str:
        """Return where the next attempt goes."""
        return self._random.choice(self.doors) if self.doors else ""

    @webhook.setter
    def webhook(self, _none: str) -> None:
        """Take nothing: there are two."""


class Storm:
    """People, what each of them wrote, and the webhooks that tell of it."""

    def __init__(self, cloud: CloudStandin, seed: int) -> None:
        self.cloud = cloud
        self._random = Random(seed)  # noqa: S311 - no secret
        # Half of them are told by a number and an id, as Meta does; half by one alone.
        self.people = [
            cloud.phone(
                f"91{seed % 100_000:05d}{n:05d}",
                name=f"Person {n}",
                user_id=None if n % 2 else "",
                username=f"person{n}" if n % 10 == 1 else "",
            )
            for n in range(PEOPLE)
        ]
        self.said: dict[str, list[str]] = {phone.name: [] for phone in self.people}
        self.updates: list[Update] = []
        numbers = count(1)
        for _ in range(EACH):
            for phone in self._random.sample(self.people, PEOPLE):
                text = self._random.choice(SAID).format(n=next(numbers))
                self.said[phone.name].append(text)
                self.updates.append(phone.says(text, post=False))

    def break_loose(self) -> list[Future[int]]:
        """Post all of it, each one to four times, shuffled, alone and in batches, all at once."""
        copies = [one for one in self.updates for _ in range(self._random.randint(1, COPIES))]
        self._random.shuffle(copies)
        posts = []
        while copies:
            size = self._random.choice((1, 1, 1, 1, 2, 5, 40))
            batch, copies = copies[:size], copies[size:]
            body, after = self.cloud.body_of(batch), self._random.uniform(0, LASTS)
            posts.append(self.cloud.courier.post(body, after=after))
        return posts


class Ledger:
    """What the product stored, asked of its database itself."""

    def __init__(self, url: str) -> None:
        self._url = url

    def rows(self, statement: str) -> list[Any]:
        """Return what a statement finds or does."""

        async def asked() -> list[Any]:
            connection = await asyncpg.connect(self._url)
            try:
                return list(await connection.fetch(statement))
            finally:
                await connection.close()

        return asyncio.run(asked())

    def wait_until_done(self, *, unless: Sequence[str] = ()) -> None:
        """Wait until nothing is owed; what is in one of these states, and behind it, may be."""
        behind = ", ".join(f"'{one}'" for one in ("none", *unless))
        open_ = (
            "SELECT e.id, e.kind, e.status FROM effect e WHERE"
            " e.status IN ('owed', 'taken', 'sending', 'recalled', 'unsettled') AND NOT EXISTS"
            " (SELECT 1 FROM effect s WHERE s.session = e.session AND s.place <= e.place"
            f" AND s.status IN ({behind}))"
        )
        until = monotonic() + PATIENCE
        while left := self.rows(open_):
            assert monotonic() < until, f"still to be done: {left[:20]}"
            sleep(0.2)


def faults(storm: Storm, ledger: Ledger) -> list[str]:
    """Return what is wrong after a storm, a sentence each."""
    found = [*_taken_wrongly(ledger)]
    by_session: dict[str, list[Any]] = {}
    for row in ledger.rows("SELECT * FROM line ORDER BY session, seq"):
        by_session.setdefault(row["session"], []).append(row)
    effects: dict[str, list[Any]] = {}
    for row in ledger.rows("SELECT * FROM effect WHERE kind = 'send' ORDER BY session, place"):
        effects.setdefault(row["session"], []).append(row)
    sessions: dict[str, list[str]] = {}
    contacts: dict[str, set[str]] = {}
    for row in ledger.rows("SELECT * FROM session ORDER BY opened_at, last_at"):
        name = json.loads(row["body"])["person"]["name"]
        sessions.setdefault(name, []).append(row["id"])
        contacts.setdefault(name, set()).add(row["contact"])
    for phone in storm.people:
        mine = sessions.get(phone.name, [])
        if len(contacts.get(phone.name, ())) != 1:
            found.append(f"{phone.name} is {len(contacts.get(phone.name, ()))} contacts")
        lines = [line for session in mine for line in by_session.get(session, [])]
        found += [f"{phone.name}: {one}" for one in _said_wrongly(storm, phone, lines)]
        sent = [effect for session in mine for effect in effects.get(session, [])]
        found += [f"{phone.name}: {one}" for one in _sent_wrongly(phone, sent, by_session)]
    return found


def _taken_wrongly(ledger: Ledger) -> list[str]:
    twice = ledger.rows(
        "SELECT inbound, count(*) FROM line WHERE inbound IS NOT NULL GROUP BY inbound"
        " HAVING count(*) > 1"
    )
    parked = ledger.rows("SELECT id FROM effect WHERE kind = 'parked'")
    failed = ledger.rows(
        "SELECT id, kind, status FROM effect WHERE status NOT IN ('done', 'parked')"
    )
    return [
        *(f"message {row[0]} was taken {row[1]} times" for row in twice),
        *(f"{row[0]} was parked" for row in parked),
        *(f"{row[1]} {row[0]} is {row[2]}" for row in failed),
    ]


def _said_wrongly(storm: Storm, phone: Phone, lines: Sequence[Any]) -> list[str]:
    users = [line for line in lines if line["who"] == "user"]
    stored, said = Counter(line["text"] for line in users), Counter(storm.said[phone.name])
    at = [line["at"] for line in lines]
    found = []
    if stored != said:
        found.append(f"lost {said - stored}, made up {stored - said}")
    if at != sorted(at):
        found.append("lines are not in the order of time")
    if any(not line["inbound"] for line in users):
        found.append("a line has lost its message's id")
    return found


def _sent_wrongly(
    phone: Phone, effects: Sequence[Any], by_session: dict[str, list[Any]]
) -> list[str]:
    found, expected = [], []
    for effect in effects:
        body = json.loads(effect["body"])
        texts = {line["seq"]: line["text"] for line in by_session[effect["session"]]}
        if body["text"] != "\n\n".join(texts[seq] for seq in body["lines"]):
            found.append(f"{effect['id']} says {body['text']!r}, not its lines")
        expected.append((effect["id"], " ".join(body["text"].split())))
    parts = [(Part.named(one.biz_opaque_callback_data), one.text) for one in phone.inbox]
    came: list[tuple[str, str]] = []
    numbers: list[tuple[str, int]] = []
    for part, text in parts:
        assert part is not None
        numbers.append((part.effect, part.number))
        if came and came[-1][0] == part.effect:
            came[-1] = (part.effect, f"{came[-1][1]} {' '.join(text.split())}")
        else:
            came.append((part.effect, " ".join(text.split())))
    if len(set(numbers)) < len(numbers):
        found.append(f"read twice: {[one for one, n in Counter(numbers).items() if n > 1]}")
    elif came != expected:
        pairs = zip_longest(expected, came)
        should, did = next((one, other) for one, other in pairs if one != other)
        found.append(f"should have read {should}, read {did}")
    said = [line for lines in by_session.values() for line in lines if line["who"] == "bot"]
    told = {(one["session"], seq) for one in effects for seq in json.loads(one["body"])["lines"]}
    mine = {effect["session"] for effect in effects}
    untold = [
        one for one in said if one["session"] in mine and (one["session"], one["seq"]) not in told
    ]
    found += [f"was never told {one['text']!r}" for one in untold]
    return found
