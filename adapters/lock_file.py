"""One `serve` or `worker` per SQLite file: whoever starts second is told who is there.

The kernel drops the lock with its process, so a kill leaves nothing to clean up.
"""

from __future__ import annotations

__all__ = ["Held", "only_one"]

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.errors import RejoinderError


class Held(RejoinderError):
    """Another process works on this database; the text says which."""


@contextmanager
def only_one(database: Path) -> Iterator[None]:
    """Hold a database's lock file, or raise `Held`."""
    import fcntl  # noqa: PLC0415 - not on every system, and commands that only answer need none

    path = database.with_name(f"{database.name}.lock")
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            holder = file.read().strip() or "unknown"
            raise Held(
                f"{database} is served already, by process {holder}. Stop that one first, or use"
                " PostgreSQL (--database-url), which several processes may share."
            ) from None
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield
