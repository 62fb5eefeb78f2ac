"""What all routes share: the running service, who visits, and how much each may ask."""

from __future__ import annotations

__all__ = ["Site", "too_many"]

from starlette.datastructures import Headers

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

    def limit_visitor(self, name: str) -> None:
        """Refuse what a visitor sends too fast; nothing of it is taken."""
        if wait := self.of_visitor.wait(name):
            raise too_many(wait)


def too_many(wait: float) -> Problem:
    """Return the problem that says when to come again."""
    seconds = max(1, int(wait) + 1)
    return Problem(
        "too-many",
        case="wait",
        values={"seconds": str(seconds)},
        headers={"retry-after": str(seconds)},
    )
