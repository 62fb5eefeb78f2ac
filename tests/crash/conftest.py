"""Fixtures of the crash points: the addresses of real servers, asked for outside any loop."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="session")
def postgres(database_url: str) -> str:
    return database_url.replace("postgresql+asyncpg://", "postgresql://", 1)
