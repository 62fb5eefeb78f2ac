"""The list of people a bot knows: imported as a whole, again and again."""

from __future__ import annotations

import pytest

from engine.people import Imported, Person
from engine.stores import people as people_module
from engine.stores.database import Database
from engine.stores.directory import SqlDirectory
from engine.stores.people import People

SARI = Person("+6281234567890", {"name": "Sari", "room": 204}, 100, 200)
BUDI = Person("+6281234567891", {"name": "Budi"})


async def test_who_is_imported_is_listed_by_phone_and_admitted(database: Database) -> None:
    people = People(database)

    assert Imported(2, 0, 0, 0) == await people.take("hotel", [BUDI, SARI])
    assert [SARI, BUDI] == await people.listed("hotel")
    assert [] == await people.listed("other")
    asked = ["phone:+6281234567890"]
    assert SARI.facts == await SqlDirectory(database).admitted("hotel", asked, 150)
    assert None is await SqlDirectory(database).admitted("hotel", asked, 200)


async def test_the_same_again_changes_nothing(database: Database) -> None:
    people = People(database)
    await people.take("hotel", [SARI, BUDI])

    assert Imported(0, 0, 2, 0) == await people.take("hotel", [SARI, BUDI])
    assert [SARI, BUDI] == await people.listed("hotel")


async def test_what_is_known_is_what_was_imported_last(database: Database) -> None:
    """A fact that is not there any more is not known any more; others stay as they are."""
    people = People(database)
    await people.take("hotel", [SARI, BUDI])
    moved = Person(SARI.phone, {"room": 305}, 100, None)

    assert Imported(0, 1, 0, 0) == await people.take("hotel", [moved])
    assert [moved, BUDI] == await people.listed("hotel")


async def test_to_replace_removes_everybody_else_of_this_bot(database: Database) -> None:
    people = People(database)
    await people.take("hotel", [SARI])
    await people.take("club", [SARI])

    assert Imported(1, 0, 0, 1) == await people.take("hotel", [BUDI], replace=True)
    assert [BUDI] == await people.listed("hotel")
    assert [SARI] == await people.listed("club")


async def test_a_dry_import_says_what_would_change_and_changes_nothing(database: Database) -> None:
    people = People(database)
    await people.take("hotel", [SARI])

    dry = await people.take("hotel", [BUDI], replace=True, dry=True)
    assert Imported(1, 0, 0, 1) == dry
    assert [SARI] == await people.listed("hotel")


async def test_more_than_one_statement_takes_are_one_import(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people_module, "MOST_ROWS", 2)
    people = People(database)
    many = [Person(f"+62812345678{n:02}") for n in range(5)]

    assert Imported(5, 0, 0, 0) == await people.take("hotel", many)
    assert many == await people.listed("hotel")
    assert Imported(0, 0, 0, 5) == await people.take("hotel", [], replace=True)
    assert [] == await people.listed("hotel")
