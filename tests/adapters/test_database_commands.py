"""The commands for the database as a whole: what they print, and how they end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from adapters.cli import app
from engine.stores.cache import RedisCache


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Run a command in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("REJOINDER_DATABASE_URL", raising=False)
    monkeypatch.delenv("REJOINDER_REDIS_URL", raising=False)

    def invoke(*args: str) -> Result:
        return CliRunner().invoke(app, args, prog_name="rejoinder")

    return invoke


def test_the_commands_say_what_they_did(run: Callable[..., Result], tmp_path: Path) -> None:
    """Upgrade, back up, restore elsewhere: tables on stdout, words beside, exit 0."""
    first, again = run("db", "upgrade"), run("db", "upgrade")
    assert (0, 0) == (first.exit_code, again.exit_code)
    assert "now up to date: engine 0003, flows 0004" in first.stderr
    assert "already up to date" in again.stderr
    written = run("backup", "all.gz")
    assert 0 == written.exit_code
    assert [["TABLE", "ROWS"], ["address", "0"]] == [
        row.split() for row in written.stdout.splitlines()[:2]
    ]
    assert "keep it where only you can read it" in written.stderr
    restored = run("restore", "all.gz", "--database-url", "sqlite:///other.db")
    assert 0 == restored.exit_code
    assert written.stdout == restored.stdout
    assert (tmp_path / "other.db").is_file()


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (("db", "downgrade"), 2, "./run db upgrade"),
        (("backup", "all.gz"), 2, "There is no database"),
        (("restore", "no.gz"), 2, "There is no backup no.gz"),
        (("restore", "notes.txt"), 1, "is no backup of Rejoinder"),
        (("db", "upgrade", "--database-url", "postgresql://u@127.0.0.1:1/x"), 3, "PostgreSQL at"),
    ],
)
def test_what_goes_wrong_is_a_sentence_and_a_code(
    run: Callable[..., Result], tmp_path: Path, args: tuple[str, ...], code: int, said: str
) -> None:
    """No traceback, nothing on stdout."""
    (tmp_path / "notes.txt").write_text("hello", encoding="utf-8")
    result = run(*args)
    assert code == result.exit_code
    assert said in result.stderr
    assert "" == result.stdout


def test_copies_in_redis_are_dropped_with_a_restore(
    run: Callable[..., Result], redis_url: str
) -> None:
    """What Redis remembers is of the old database; other programs' keys stay."""

    async def keep() -> None:
        cache = RedisCache(redis_url)
        for n in range(3):
            await cache._redis.set(f"rejoinder:session:shop:web:{n}", "1 1 0 {}")
        await cache._redis.set("others:session:1", "x")
        await cache.close()

    async def kept() -> tuple[int, bool]:
        cache = RedisCache(redis_url)
        ours = [key async for key in cache._redis.scan_iter(match="rejoinder:session:*")]
        theirs = bool(await cache._redis.delete("others:session:1"))
        await cache.close()
        return len(ours), theirs

    run("db", "upgrade")
    run("backup", "all.gz")
    asyncio.run(keep())
    result = run(
        "restore", "all.gz", "--database-url", "sqlite:///other.db", "--redis-url", redis_url
    )
    assert 0 == result.exit_code
    assert "copies in Redis are dropped" in result.stderr
    assert (0, True) == asyncio.run(kept())


def test_a_redis_that_is_away_stops_a_restore_before_it_begins(
    run: Callable[..., Result], tmp_path: Path
) -> None:
    """Its copies would contradict what was restored."""
    run("db", "upgrade")
    run("backup", "all.gz")
    result = run(
        "restore", "all.gz",
        "--database-url", "sqlite:///other.db",
        "--redis-url", "redis://127.0.0.1:1/0",
    )  # fmt: skip
    assert 3 == result.exit_code
    assert "Redis cannot be reached" in result.stderr
    assert not (tmp_path / "other.db").exists()
