"""The people a bot knows, as a list that is imported and shown; `directory` asks who is admitted."""

from __future__ import annotations

__all__ = ["People"]

from collections.abc import Mapping, Sequence

from pydantic_core import from_json

from engine.people import Imported, Person
from engine.stores.database import Bulk, Database, Transaction, Undone
from engine.stores.encoding import to_text

# Rows of one statement: five values each, and SQLite takes 32,766 of them.
MOST_ROWS = 2_000

LISTED = "SELECT phone, facts, active_from, active_until FROM person WHERE bot = $1 ORDER BY phone"
PUT = Bulk(
    "WITH v AS ({rows}) INSERT INTO person (bot, phone, facts, active_from, active_until)"
    " SELECT * FROM v WHERE true ON CONFLICT (bot, phone) DO UPDATE SET facts = excluded.facts,"
    " active_from = excluded.active_from, active_until = excluded.active_until",
    ("text", "text", "text", "bigint", "bigint"),
)
DROP = Bulk(
    "WITH v(of_bot, of_phone) AS ({rows}) DELETE FROM person"
    " WHERE (bot, phone) IN (SELECT of_bot, of_phone FROM v)",
    ("text", "text"),
)


class People:
    """Whom each bot knows."""

    def __init__(self, database: Database) -> None:
        """Ask nothing yet."""
        self._database = database

    async def listed(self, bot: str) -> Sequence[Person]:
        """Return everybody a bot knows, by phone number."""
        return [_person(*row) for row in await self._database.read((LISTED, (bot,)))]

    async def take(
        self, bot: str, people: Sequence[Person], *, replace: bool = False, dry: bool = False
    ) -> Imported:
        """Add these or bring them up to date, all or none; `replace` removes everybody else.

        What is known of somebody afterwards is what is given here, nothing of before. `dry` tells
        what would change.
        """
        given = {one.phone: one for one in people}
        return await self._database.transact(lambda: self._take(bot, given, replace, dry))

    def _take(
        self,
        bot: str,
        given: Mapping[str, Person],
        replace: bool,  # noqa: FBT001 - as `take` has it
        dry: bool,  # noqa: FBT001 - same
    ) -> Transaction[Imported | Undone[Imported]]:
        rows = yield LISTED, (bot,)
        known = {row[0]: _person(*row) for row in rows}
        # In one order everywhere: two imports at once wait for each other instead of crosswise.
        new = [given[phone] for phone in sorted(given) if given[phone] != known.get(phone)]
        gone = [phone for phone in known if phone not in given] if replace else []
        added = sum(one.phone not in known for one in new)
        counted = Imported(added, len(new) - added, len(given) - len(new), len(gone))
        if dry:
            return Undone(counted)
        put = [(bot, p.phone, to_text(p.facts), p.active_from, p.active_until) for p in new]
        for first in range(0, len(put), MOST_ROWS):
            yield self._database.bulk(PUT, put[first : first + MOST_ROWS])
        drop = [(bot, phone) for phone in gone]
        for first in range(0, len(drop), MOST_ROWS):
            yield self._database.bulk(DROP, drop[first : first + MOST_ROWS])
        return counted


def _person(phone: str, facts: str, begins: int | None, ends: int | None) -> Person:
    return Person(phone, from_json(facts), begins, ends)
