"""``python -m tests.compiled.told``: all that is read and decided in the fixtures, a line each.

11 and 11.0 are equal, but not in a database: that a build does what its sources do is compared in
the text of what they tell.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from adapters.assembly import DEFAULT_BOT, build_player, find_bot, load_script
from engine.play import play
from engine.readers import READERS, Hearing
from engine.records import Outcome, Write
from engine.stores.memory import MemoryStore

FIXTURES = Path(__file__).parents[2] / "fixtures"


class TellingStore(MemoryStore):
    """A store that says what it is given to store."""

    def __init__(self, told: list[str]) -> None:
        super().__init__()
        self.told = told

    def reopened(self) -> TellingStore:
        other = TellingStore(self.told)
        other.__dict__.update(super().reopened().__dict__)
        return other

    async def commit(self, write: Write) -> Outcome:
        outcome = await super().commit(write)
        self.told.append(f"{write!r} {json.dumps(write.turn.session.to_json())} {outcome!r}")
        return outcome


def decisions() -> Iterator[str]:
    """Play every script and yield what was stored."""
    for path in sorted((FIXTURES / "conversations").rglob("*.chat")):
        script = load_script(path)
        named = script.headers.get("bot", DEFAULT_BOT)
        folder = find_bot(named, near=(path.parent, FIXTURES.parent))
        player = build_player(folder, script.headers, path=script.path)
        told: list[str] = []
        player.stage.store = TellingStore(told)
        play(player, script)
        yield from (f"{path.stem} {one}" for one in told)


def readings() -> Iterator[str]:
    """Read each sentence of the tables as every kind, asked for and not."""
    for path in sorted((FIXTURES / "readings").glob("*.jsonl")):
        for n, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            row = json.loads(line)
            for kind, reader in READERS.items():
                for asked in (True, False):
                    found = reader.read(row["text"], _hearing(row, asked=asked))
                    yield f"{path.stem}.{n} {kind} {asked} {found!r}"


def _hearing(row: dict[str, Any], *, asked: bool) -> Hearing:
    return Hearing(
        languages=tuple(row.get("lang", "en").split("+")),
        region=row.get("region", "US"),
        asked=asked,
        now=row.get("now", "2026-01-05T09:00:00"),
        options=tuple((key, tuple(spelt)) for key, spelt in row.get("options", {}).items()),
    )


if __name__ == "__main__":
    for one in (*readings(), *decisions()):
        sys.stdout.write(f"{one}\n")
