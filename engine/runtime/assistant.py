"""Asks the assistant: whether there is anybody to ask, what, how long, and what came of it.

While it waits no lock and no transaction is held: the question is a row, and its answer is a turn
like any other, which counts only while that very question is open.
"""

from __future__ import annotations

__all__ = ["ATTEMPTS", "PATIENCE", "Asker", "Rest"]

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import structlog

from engine.effects import AskAssistant
from engine.events import AssistantAnswered
from engine.hours import local_time
from engine.language.book import AssistantRules, Book
from engine.ports import Assistant, Budget, Clock, Knowledge, SessionStore
from engine.questions import NotAnswered, Passage, Question, Reply
from engine.records import Work
from engine.runtime.metrics import Counters
from engine.runtime.prompting import LINES_KEPT, question
from engine.session import Session

log = structlog.get_logger()

ATTEMPTS = 2  # of one question, a kill in the middle of one included
PATIENCE = 45_000  # from the customer's text on; who has waited longer is told so
PAUSE = 1_000  # before a second attempt, where the vendor names no other


@dataclass(frozen=True, slots=True)
class Rest:
    """Ask later: the vendor wants so. Nothing was asked, or what was does not count."""

    until: int
    counts: bool = False


class Asker:
    """Answers questions with the assistant of their bot."""

    def __init__(
        self,
        books: Mapping[str, Book],
        store: SessionStore,
        assistants: Mapping[str, Assistant],
        *,
        clock: Clock,
        counters: Counters,
        budget: Budget | None = None,
        knowledge: Mapping[str, Knowledge] = {},
    ) -> None:
        """Ask nobody yet; without a `budget` as often as anybody likes."""
        self._books = books
        self._store = store
        self._assistants = assistants
        self._clock = clock
        self._counters = counters
        self._budget = budget
        self._knowledge = knowledge
        self._rests: dict[str, int] = {}  # bot -> until when its vendor wants to be left alone
        self._refused: dict[tuple[str, str], int] = {}  # bot and day -> counted, and never asked

    async def ask(self, work: Work) -> AssistantAnswered | Rest | None:
        """Return the answer to a question; None when nobody waits for one any more."""
        session = await self._asking(work)
        if session is None:
            return None
        book = self._books[work.bot]
        assistant, rules = self._assistants.get(work.bot), book.assistant
        if assistant is None or rules is None:
            return self._answered(work, "no_assistant", unasked=True)
        if work.attempt > ATTEMPTS:
            return self._answered(work, "cut")
        if (until := self._rests.get(work.bot, 0)) > self._clock():
            return self._rest(work, until)
        if not await self._may(book, rules):
            return self._answered(work, "no_budget", unasked=True)
        effect = work.effect
        assert isinstance(effect, AskAssistant)  # noqa: S101 - by the worker's table of runners
        asked = await self._question(effect, book, rules, session)
        try:
            reply = await asyncio.wait_for(assistant.ask(work, asked), rules.timeout / 1_000)
        except NotAnswered as failure:
            return self._not_answered(work, rules, failure)
        except TimeoutError:
            return self._not_answered(work, rules, NotAnswered("no answer in time"))
        except Exception as error:  # noqa: BLE001 - the customer waits, whatever it is
            return self._not_answered(work, rules, NotAnswered(type(error).__name__))
        return self._reply(work, asked, reply)

    async def _asking(self, work: Work) -> Session | None:
        """Return the session in which this very question stands open."""
        place = await self._store.where(work.session)
        session = await self._store.load(place, fresh=True) if place is not None else None
        if session is None or session.asking is None or session.asking.id != work.effect.id:
            return None
        # Nobody has swept it up yet, for example after an outage; whoever comes next begins anew.
        over = session.idle_at is not None and session.idle_at <= self._clock()
        return None if over else session

    async def _may(self, book: Book, rules: AssistantRules) -> bool:
        if self._budget is None:
            return True
        today = self._today(book)
        if self._refused.get(today):
            self._refused[today] -= 1
            return True
        return await self._budget.spend(*today, limit=rules.per_day)

    def _today(self, book: Book) -> tuple[str, str]:
        return book.bot, f"{local_time(book, self._clock()):%Y-%m-%d}"

    async def _question(
        self, effect: AskAssistant, book: Book, rules: AssistantRules, session: Session
    ) -> Question:
        lines = await self._store.lines(session.id, after=max(0, session.seq - LINES_KEPT))
        found = self._found(book.bot, effect)
        now = self._clock()
        return question(effect, book, rules, session, lines, passages=found, at=now)

    def _found(self, bot: str, effect: AskAssistant) -> Sequence[Passage]:
        knowledge = self._knowledge.get(bot)
        try:
            return knowledge.find(effect.text) if knowledge is not None else ()
        except Exception as error:  # noqa: BLE001 - the question is worth asking without its texts too
            log.warning("knowledge_failed", effect=effect.id, why=type(error).__name__)
            return ()

    # -- what came of it --------------------------------------------------------------------------

    def _reply(self, work: Work, asked: Question, reply: Reply) -> AssistantAnswered:
        if not reply.text.strip() and reply.offer not in asked.offers:
            log.warning("assistant_said_nothing", effect=work.effect.id)
            return self._answered(work, "empty")
        about: dict[str, object] = {}
        if asked.passages:
            about["sources"] = [passage.source for passage in asked.passages]
        if reply.verbatim:
            about["verbatim"] = dict(reply.verbatim)
        offer = reply.offer if reply.offer in asked.offers else ""
        self._counters.add("assistant_answers", work.bot, "offered" if offer else "answered")
        return AssistantAnswered(
            work.effect.id, self._clock(), reply.text, offer, about=about or None
        )

    def _not_answered(
        self, work: Work, rules: AssistantRules, failure: NotAnswered
    ) -> AssistantAnswered | Rest:
        log.warning(
            "assistant_failed", effect=work.effect.id, attempt=work.attempt, why=str(failure)
        )
        now = self._clock()
        if failure.after is not None:
            until = now + failure.after
            self._rests[work.bot] = max(until, self._rests.get(work.bot, 0))
            today = self._today(self._books[work.bot])
            self._refused[today] = self._refused.get(today, 0) + 1
            return self._rest(work, until)
        # Whoever has waited as long as an answer may take is not made to wait for a second one.
        if failure.again and work.attempt < ATTEMPTS and now + PAUSE < work.at + rules.timeout:
            return Rest(now + PAUSE, counts=True)
        return self._answered(work, "failed")

    def _rest(self, work: Work, until: int) -> AssistantAnswered | Rest:
        """Wait until the vendor can be asked again, unless that takes longer than a customer waits."""
        return Rest(until) if until < work.at + PATIENCE else self._answered(work, "resting")

    def _answered(self, work: Work, outcome: str, *, unasked: bool = False) -> AssistantAnswered:
        self._counters.add("assistant_answers", work.bot, outcome)
        failed = not unasked
        return AssistantAnswered(work.effect.id, self._clock(), failed=failed, unasked=unasked)
