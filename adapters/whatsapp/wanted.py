"""What outlives a restart of ours: whether a connection is wanted, and since when it is as it is."""

from __future__ import annotations

__all__ = ["Since", "SinceInMemory", "Wanted", "WantedInMemory"]

from typing import Protocol


class Wanted(Protocol):
    """Which connections are to be kept: they were paired, and nobody disconnected them."""

    async def wanted(self, connection: str) -> bool:
        """Return whether a connection is to be kept."""
        ...

    async def want(self, connection: str, value: bool) -> None:  # noqa: FBT001 - one of two, as it is stored
        """Keep whether a connection is to be kept."""
        ...


class Since(Protocol):
    """Since when each connection is in its state."""

    async def since(self, connection: str) -> tuple[str, int] | None:
        """Return the last state and the moment it began, in milliseconds; None: never seen."""
        ...

    async def changed(self, connection: str, state: str, at: int) -> None:
        """Keep that it changed."""
        ...


class WantedInMemory:
    """For as long as the process lives."""

    def __init__(self, *connections: str) -> None:
        self._wanted = set(connections)

    async def wanted(self, connection: str) -> bool:
        """Return whether a connection is to be kept."""
        return connection in self._wanted

    async def want(self, connection: str, value: bool) -> None:  # noqa: FBT001 - see Wanted
        """Keep whether a connection is to be kept."""
        (self._wanted.add if value else self._wanted.discard)(connection)


class SinceInMemory:
    """For as long as the process lives."""

    def __init__(self) -> None:
        self._since: dict[str, tuple[str, int]] = {}

    async def since(self, connection: str) -> tuple[str, int] | None:
        """Return the last state and when it began."""
        return self._since.get(connection)

    async def changed(self, connection: str, state: str, at: int) -> None:
        """Keep that it changed."""
        self._since[connection] = (state, at)
