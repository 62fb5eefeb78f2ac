"""What tests wait for and look at; a test that waits in vain fails."""

from __future__ import annotations

__all__ = ["files", "until"]

import asyncio
from collections.abc import Callable
from inspect import isawaitable
from pathlib import Path
from typing import Any


async def until(condition: Callable[[], Any]) -> None:
    """Return when something holds."""
    async with asyncio.timeout(5):
        while True:
            found = condition()
            if await found if isawaitable(found) else found:
                return
            await asyncio.sleep(0.002)


def files(folder: Path) -> list[Path]:
    """Return what lies in a folder."""
    return sorted(folder.iterdir())
