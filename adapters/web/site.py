"""What all routes share: the running service, who visits, and how much each may ask."""

from __future__ import annotations

__all__ = ["Site", "network_of", "too_many"]

from functools import lru_cache
from ipaddress import IPv6Address, ip_address

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import Scope

from adapters.service import Service
from adapters.settings import Settings
from adapters.web.limits import Limit
from adapters.web.problems import Problem
from adapters.web.secret_key import secret_keys
from adapters.web.visitors import Visitors
from engine.language.book import Book


class Site:
    """One process of the web chat."""

    service: Service  # from the start of the application on

    def __init__(self, settings: Settings) -> None:
        """Serve nothing yet."""
        self.settings = settings
        self.visitors = Visitors(secret_keys(settings))
        self.of_visitor = Limit(settings.web_rate)
        self.of_address = Limit(settings.address_rate)

    def book(self, bot: str | None) -> Book:
        """Return a bot's rules; the first one's where none is named."""
        books = self.service.conversations.books
        if bot is None:
            return next(iter(books.values()))
        if bot not in books:
            served = f"Served here: {', '.join(books)}."
            raise Problem("no-bot", served, errors=[{"field": "bot", "fault": served}])
        return books[bot]

    def is_own(self, origin: str, headers: Headers) -> bool:
        """Say whether a page is one of ours: its host is the one that was asked."""
        if origin == self.settings.public_url:
            return True
        return origin.partition("://")[2].lower() == headers.get("host", "").lower()

    def limit_stranger(self, request: Request) -> None:
        """Count who posts what is not signed; too many of them are told to wait."""
        if wait := self.of_address.wait(network_of(request.scope)):
            raise too_many(wait)

    def limit_visitor(self, name: str) -> None:
        """Refuse what a visitor sends too fast; nothing of it is taken."""
        if wait := self.of_visitor.wait(name):
            raise too_many(wait)


def network_of(scope: Scope) -> str:
    """Return whose allowance counts."""
    client = scope.get("client")
    return _network(client[0] if client else "")


@lru_cache(maxsize=100_000)
def _network(address: str) -> str:
    """Return the network of an address: of IPv6 everybody has a whole /64."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        return parsed.exploded[:19]
    return address


def too_many(wait: float) -> Problem:
    """Return the problem that says when to come again."""
    seconds = max(1, int(wait) + 1)
    return Problem(
        "too-many",
        case="wait",
        values={"seconds": str(seconds)},
        headers={"retry-after": str(seconds)},
    )
