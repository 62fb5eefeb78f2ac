"""Tells a customer how far an order is: a line in their conversation, and on their phone.

It is a turn of its own that only says something: nobody takes the conversation over, no question is
closed, and no flow moves. Like every turn it is compared and swapped; the line carries the id of the
effect, so that it is said once. Whose conversation has ended reads it as the first line of the next.
"""

from __future__ import annotations

__all__ = ["OrderNews"]

from collections.abc import Callable, Mapping

from engine.draft import Draft
from engine.expiry import set_deadlines
from engine.language.book import Book
from engine.ports import Clock, SessionStore
from engine.records import Committed, Conflict, Write
from engine.runtime.arrivals import Busy
from engine.session import Session, new_session, next_turn_id
from engine.stores.database import Database
from engine.stores.encoding import decoded
from engine.turn import Turn
from flows.context import session_of
from flows.order_status import news

RETAKES = 5  # as every turn is retaken
STORED = "SELECT version, body FROM session WHERE id = $1 AND status IN ('open', 'ended')"


class OrderNews:
    """Says to customers what became of their orders."""

    def __init__(
        self,
        database: Database,
        store: SessionStore,
        books: Mapping[str, Book],
        *,
        clock: Clock,
        ids: Callable[[], str],
        on_effects: Callable[[], None] = lambda: None,
    ) -> None:
        """Say nothing yet; `on_effects` hears when there is a message to be sent."""
        self._database = database
        self._store = store
        self._books = books
        self._clock = clock
        self._ids = ids
        self._on_effects = on_effects

    async def tell(self, *, key: str, number: str, status: str) -> None:
        """Say in the conversation that this effect belongs to what became of an order, once."""
        ordered_in = await self._stored(session_of(key))
        if ordered_in is None:
            return  # forgotten meanwhile, and nobody is there to be told
        book = self._books[ordered_in.bot]
        for _ in range(RETAKES):
            before = await self._present(ordered_in)
            language = before.language or book.languages[0]
            turn = _saying(book, before, news(status, number, language), key, self._clock())
            outcome = await self._store.commit(Write(before, turn, {key: "done"}))
            if isinstance(outcome, Conflict):
                continue  # somebody was faster; what they left is loaded again
            if isinstance(outcome, Committed):
                self._on_effects()
            return
        raise Busy("the conversation changed five times; it is told later")

    async def _stored(self, session: str) -> Session | None:
        rows = await self._database.read((STORED, (session,)))
        return decoded(rows[0][1], version=rows[0][0], of=session) if rows else None

    async def _present(self, ordered_in: Session) -> Session:
        """Return the person's open conversation, or a new one that goes on where theirs ended."""
        place = (ordered_in.bot, ordered_in.lane, ordered_in.contact)
        found = await self._store.load(place, fresh=True)
        if found is not None:
            return found
        session = new_session(
            id=self._ids(),
            bot=ordered_in.bot,
            lane=ordered_in.lane,
            contact=ordered_in.contact,
            key=ordered_in.key,
            at=self._clock(),
            person=ordered_in.person,
        )
        session.language, session.route = ordered_in.language, ordered_in.route
        return session


def _saying(book: Book, before: Session, text: str, inbound: str, at: int) -> Turn:
    """Return the turn that says this, and changes nothing else."""
    at = max(at, before.last_at)
    session = before.copy()
    draft = Draft(book, session, at, before.frames)
    draft.hear("operator", text, inbound)
    lines = draft.numbered()
    session.last_at = at
    set_deadlines(draft)
    session.version = before.version + 1
    session.turn_id = next_turn_id(before.turn_id, [inbound], at)
    return Turn(session, lines, tuple(draft.effects))
