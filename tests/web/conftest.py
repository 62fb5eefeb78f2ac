"""The shop that most tests talk to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.web.site import Served, Visitor, served


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One shop for all tests that neither stop it nor need settings of their own."""
    with served(tmp_path_factory.mktemp("shop")) as running:
        yield running


@pytest.fixture
def visitor(shop: Served) -> Visitor:
    """Somebody new."""
    return shop.visitor()
