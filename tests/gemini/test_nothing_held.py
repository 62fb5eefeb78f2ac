"""While Gemini thinks, nothing is held: no transaction, no lock, no conversation, no process."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing
from typing import Any

import asyncpg
import pytest

from adapters.gemini.assistant import Gemini
from adapters.gemini.standin import GeminiStandin, says, slow
from engine.language.book import Book
from engine.stores.postgres import PostgresDatabase
from engine.stores.sqlite import SqliteDatabase
from tests.core.flows import JOB
from tests.core.talk import book_of
from tests.runtime.office import Clock, Office
from tests.stores.conftest import DATABASES, Open, emptied, opener
from tests.stores.waiting import until

ASKED = "when does the moon rise?"
OTHER = "or the sun?"
FOREVER = slow(600, says("At noon."))
# Whoever waits in a transaction, and every lock that anybody has: advisory ones too.
OPEN_TRANSACTIONS = """
SELECT state, query FROM pg_stat_activity WHERE datname = current_database()
 AND backend_type = 'client backend' AND pid <> pg_backend_pid()
 AND (state <> 'idle' OR xact_start IS NOT NULL)
"""
LOCKS = """
SELECT locktype, mode FROM pg_locks JOIN pg_stat_activity USING (pid)
 WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""
OpenOffice = Callable[[], Office]


@pytest.fixture
def served() -> Iterator[tuple[GeminiStandin, str]]:
    """Gemini over real HTTP; slow, until it is released."""
    standin = GeminiStandin(FOREVER)
    with standin.served() as url:
        yield standin, url


@pytest.fixture
def standin(served: tuple[GeminiStandin, str]) -> GeminiStandin:
    return served[0]


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Book:
    folder = tmp_path_factory.mktemp("bot") / "bot"
    return book_of(folder, JOB, assistant={"use": "gemini", "fallback": "Not now."})


@pytest.fixture(params=DATABASES)
def open_database(request: pytest.FixtureRequest) -> Open:
    return opener(request.param, request)


@pytest.fixture
async def open_office(
    open_database: Open, book: Book, served: tuple[GeminiStandin, str]
) -> AsyncIterator[OpenOffice]:
    """Open processes on one database, each with a client of its own."""
    clock = Clock()
    offices: list[Office] = []
    clients: list[Gemini] = []

    def opening() -> Office:
        clients.append(Gemini(key="any", base_url=served[1]))
        offices.append(Office(book, open_database(), clock, assistants={book.bot: clients[-1]}))
        return offices[-1]

    await emptied(opening().database)
    yield opening
    for client in clients:
        await client.aclose()
    for office in offices:
        await office.database.close()


async def asks(office: Office, standin: GeminiStandin, text: str) -> asyncio.Task[None]:
    """Have somebody ask; return the work under way, once Gemini has the question."""
    before = standin.count
    await office.say(text)
    working = asyncio.create_task(office.worker.drain())
    await until(lambda: standin.count > before)
    return working


async def said(office: Office) -> list[tuple[str, str]]:
    """Return what was said, or kept with a note."""
    lines = await office.store.lines((await office.session()).id)
    return [(line.who, line.note or line.text) for line in lines]


async def looked(database: PostgresDatabase, query: str) -> list[tuple[Any, ...]]:
    """Look at PostgreSQL as its administrator does."""
    connection = await asyncpg.connect(database.url)
    try:
        return [tuple(row) for row in await connection.fetch(query)]
    finally:
        await connection.close()


async def test_no_transaction_is_open_and_no_lock_is_held(
    open_office: OpenOffice, standin: GeminiStandin
) -> None:
    """PostgreSQL says so itself; on SQLite anybody else may write."""
    office = open_office()
    working = await asks(office, standin, ASKED)
    database = office.database
    if isinstance(database, PostgresDatabase):
        assert [] == await looked(database, OPEN_TRANSACTIONS)
        assert [] == await looked(database, LOCKS)
    elif isinstance(database, SqliteDatabase):
        with closing(sqlite3.connect(database.path, timeout=0, isolation_level=None)) as another:
            another.execute("BEGIN IMMEDIATE")
            another.execute("ROLLBACK")
    assert 1 == standin.under_way
    standin.release()
    await working
    assert ("assistant", "At noon.") == (await said(office))[-1]


@pytest.mark.needs("postgres")
async def test_a_transaction_and_a_lock_would_be_seen(database_url: str) -> None:
    """What the test above looks at shows both, an advisory lock too."""
    database = PostgresDatabase(database_url.replace("postgresql+asyncpg://", "postgresql://", 1))
    holding = await asyncpg.connect(database.url)
    await holding.execute("BEGIN; SELECT pg_advisory_xact_lock(7)")

    assert ["idle in transaction"] == [row[0] for row in await looked(database, OPEN_TRANSACTIONS)]
    assert "advisory" in {row[0] for row in await looked(database, LOCKS)}
    await holding.close()
    await database.close()


async def test_who_writes_meanwhile_is_heard_at_once_and_their_newest_text_answered(
    open_office: OpenOffice, standin: GeminiStandin
) -> None:
    """Their own conversation is not held either: the first question counts no more."""
    office = open_office()
    first = await asks(office, standin, ASKED)
    standin.next(slow(600, says("Never.")))
    second = await asks(office, standin, OTHER)
    session = await office.session()
    standin.release()
    await asyncio.gather(first, second)

    assert session.asking is not None
    assert OTHER == session.asking.text
    assert [ASKED, OTHER] == [one.question.rpartition("\n")[2] for one in standin.asked]
    answers = [row for row in await said(office) if row[0] == "assistant"]
    assert ("assistant", "Never.") in answers
    assert 1 == len([text for _, text in answers if text != "assistant answer dropped"])


async def test_another_process_takes_the_next_turn_and_the_next_question(
    open_office: OpenOffice, standin: GeminiStandin
) -> None:
    one, two = open_office(), open_office()
    first = await asks(one, standin, ASKED)
    standin.next(says("At six."))
    second = await asks(two, standin, OTHER)
    await second
    answered = await said(two)
    standin.release()
    await first

    assert ("assistant", "At six.") == answered[-1]
    assert ("assistant", "assistant answer dropped") not in answered
    assert "assistant answer dropped" == (await said(one))[-1][1]
    assert 2 == standin.count


async def test_a_flow_that_starts_meanwhile_goes_on_undisturbed(
    open_office: OpenOffice, standin: GeminiStandin
) -> None:
    one, two = open_office(), open_office()
    first = await asks(one, standin, ASKED)
    assert ["Your name and email?"] == await two.said("job please")
    standin.release()
    await first

    assert "assistant answer dropped" == (await said(two))[-1][1]
    assert ["Hari, hari@example.com: right?"] == await two.said("Hari, hari@example.com")
    assert 1 == standin.count
