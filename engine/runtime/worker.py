"""Does the effects: takes one on lease, tries it, stores its outcome with the turn it makes.

A kill at any moment leaves a row that says how far it came; whoever takes it next goes on under the
same id. What fails is tried again, later each time; the last failure is an outcome like any other.
"""

from __future__ import annotations

__all__ = ["BACKOFF", "LEASE", "SEND_ATTEMPTS", "Worker"]

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from inspect import isawaitable
from random import Random
from typing import Any

import structlog
from pydantic_core import from_json, to_json

from engine.effects import AskAssistant, Effect, RunAction, Send
from engine.events import ActionFinished
from engine.ports import Action, Channel, Clock, NotDelivered, SessionStore
from engine.records import Work
from engine.runtime.assistant import Asker, Rest
from engine.runtime.conversations import Conversations

log = structlog.get_logger()

LEASE = 15_000  # so long a customer waits when a worker was killed; kept up while it lives
RENEW = 5_000
ATTEMPT = 60_000
BACKOFF = (1_000, 5_000, 25_000, 125_000)  # between attempts; the last one repeats
SEND_ATTEMPTS = 6  # over about five minutes; later than that an answer only puzzles
RESENT = 2  # the last attempt that may repeat one that was cut: once, or a customer reads it often
SETTLE_AGAIN = 1.0  # seconds
LONG_WAIT = (
    3_600_000  # whoever asks something meanwhile is answered: a later message passes this one
)
POLL = 1_000  # where nothing wakes us: another process has done the commit, and Redis is down
AT_ONCE = 64
QUESTIONS_AT_ONCE = 512  # beside these: they only wait, for seconds, and need nothing meanwhile
SPREAD = 1_000  # milliseconds

Sleep = Callable[[float], Awaitable[None]]


class Worker:
    """Takes what is owed, as long as it runs."""

    def __init__(
        self,
        store: SessionStore,
        conversations: Conversations,
        *,
        actions: Mapping[str, Action],
        channels: Mapping[str, Channel],
        asker: Asker,
        clock: Clock,
        random: Random,
    ) -> None:
        """Do nothing before `run`."""
        self._store = store
        self._conversations = conversations
        self._actions = actions
        self._channels = channels
        self._asker = asker
        self._clock = clock
        self._random = random
        self._woken = asyncio.Event()
        self._running: dict[asyncio.Task[None], Work] = {}
        self._questions = 0  # of these, questions to an assistant
        self._untold: set[tuple[str, ...]] = set()
        self._stopping = False
        self._runners: Mapping[type[Any], Callable[[Work], Awaitable[None]]] = {
            RunAction: self._run_action,
            Send: self._send,
            AskAssistant: self._ask,
        }

    def wake(self) -> None:
        """Look at once: there is something to do."""
        self._woken.set()

    async def run(self) -> None:
        """Work until `stop`."""
        renewing = asyncio.get_running_loop().create_task(self._renew())
        try:
            await self._look()
        finally:
            renewing.cancel()

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(RENEW / 1_000)
            if self._running:
                try:
                    until = self._clock() + LEASE
                    await self._store.renew(list(self._running.values()), until=until)
                except Exception as error:  # noqa: BLE001 - the next time, or another worker goes on
                    log.warning("leases_not_renewed", why=f"{type(error).__name__}: {error}")

    async def _look(self) -> None:
        while not self._stopping:
            self._woken.clear()
            try:
                found = await self._take()
            except Exception as error:  # noqa: BLE001 - the database may be away for a while
                log.warning("worker_cannot_take", why=f"{type(error).__name__}: {error}")
                found = 0
            if not found or self._free() <= 0:
                await self._pause()

    async def drain(self) -> None:
        """Do everything that can be done now, and what comes of it; then return."""
        while await self._take() or self._running:
            await asyncio.wait(self._running)

    async def _take(self) -> int:
        free = self._free()
        if free <= 0:
            return 0
        now = self._clock()
        until, questions = now + LEASE, self._questions < QUESTIONS_AT_ONCE
        taken = await self._store.take(now, until=until, limit=free, questions=questions)
        now = self._clock()
        if self._stopping or now >= until:  # while they were taken, or this machine slept meanwhile
            for work in taken:
                await self._give_back(work, now, attempted=False)
            return 0
        for work in taken:
            task = asyncio.get_running_loop().create_task(self._do(work))
            self._running[task] = work
            self._questions += isinstance(work.effect, AskAssistant)
            task.add_done_callback(self._done)
        return len(taken)

    def _free(self) -> int:
        return AT_ONCE - len(self._running) + self._questions

    def _done(self, task: asyncio.Task[None]) -> None:
        self._questions -= isinstance(self._running.pop(task).effect, AskAssistant)
        self._woken.set()

    async def _pause(self) -> None:
        try:
            await asyncio.wait_for(self._woken.wait(), POLL / 1_000)
        except TimeoutError:
            return

    async def stop(self, *, within: float = 10.0) -> None:
        """Take nothing more; give back what is not done in time, for another worker."""
        self._stopping = True
        self._woken.set()
        if self._running:
            await asyncio.wait(self._running, timeout=within)
        for task, work in list(self._running.items()):
            task.cancel()
            if not isinstance(work.effect, Send):  # on the wire: nobody knows what was received
                await self._give_back(work, self._clock(), attempted=False)
        if self._running:
            await asyncio.wait(self._running)

    # -- one effect -----------------------------------------------------------------------------

    async def _do(self, work: Work) -> None:
        runner = self._runners.get(type(work.effect), self._note)
        try:
            await runner(work)
        except Exception as error:  # noqa: BLE001 - the one home of what nobody expected: counted, the row kept
            why = f"{type(error).__name__}: {error}"
            log.warning("effect_interrupted", effect=work.effect.id, why=why)
            await self._try_again(work)

    async def _try_again(self, work: Work) -> None:
        wait = BACKOFF[min(work.attempt, len(BACKOFF)) - 1]
        # Jitter: what failed together does not come again together.
        until = self._clock() + int(wait * self._random.uniform(0.8, 1.2))
        await self._give_back(work, until)

    async def _give_back(
        self, work: Work, until: int, *, attempted: bool = True, aside: bool = False
    ) -> None:
        try:
            await self._store.put_back(work, until=until, attempted=attempted, aside=aside)
        except Exception as error:  # noqa: BLE001 - its lease runs out, and another takes it
            log.warning("effect_not_given_back", effect=work.effect.id, why=str(error))

    async def _run_action(self, work: Work) -> None:
        effect = work.effect
        assert isinstance(effect, RunAction)  # noqa: S101 - by the table of runners
        try:
            value = await asyncio.wait_for(self._called(effect), ATTEMPT / 1_000)
        except Exception as error:  # noqa: BLE001 - an action may fail in any way it likes
            log.warning(
                "action_failed",
                action=effect.action,
                effect=effect.id,
                attempt=work.attempt,
                why=type(error).__name__,
            )
            if work.attempt < effect.attempts:
                await self._try_again(work)
                return
            self._gave_up(work)
            reason = str(error) or type(error).__name__
            event = ActionFinished(effect.id, self._clock(), ok=False, error=reason)
            await self._conversations.finish(work, event, "failed")
            return
        event = ActionFinished(effect.id, self._clock(), ok=True, value=value)
        await self._conversations.finish(work, event, "done")

    async def _called(self, effect: RunAction) -> Any:
        result = self._actions[effect.action](key=effect.id, **effect.arguments)
        if isawaitable(result):
            result = await result
        return from_json(to_json(result))  # what a flow saves is what a database gives back

    async def _ask(self, work: Work) -> None:
        answer = await self._asker.ask(work)
        if answer is None:
            await self._store.settle(work, "withdrawn")
        elif isinstance(answer, Rest):
            # Jitter: whoever waited for the same vendor does not come back in the same moment.
            until = answer.until + int(SPREAD * self._random.random())
            await self._give_back(work, until, attempted=answer.counts)
        else:
            await self._conversations.finish(work, answer, "done")

    async def _send(self, work: Work) -> None:
        message = work.effect
        assert isinstance(message, Send)  # noqa: S101 - by the table of runners
        connection = message.to.partition(":")[0]
        channel = self._channels.get(connection)
        if channel is None:
            await self._give_up(work, f"there is no connection {connection}")
            return
        if work.cut:
            if not channel.resends or work.attempt > RESENT:
                await self._leave_unknown(work)
                return
            self._conversations.counters.add("resent", work.bot)
        try:
            await channel.hold(work, message)
        except NotDelivered as failure:
            await self._not_delivered(work, failure)
            return
        if not await self._store.begin_sending(work, until=self._clock() + LEASE):
            return  # a person took over, or another worker has it
        try:
            await asyncio.wait_for(channel.send(work, message), ATTEMPT / 1_000)
        except NotDelivered as failure:
            await self._not_delivered(work, failure)
            return
        except Exception as error:  # noqa: BLE001 - it may have gone out: its lease runs out, and then we see
            log.warning("message_cut", effect=message.id, why=type(error).__name__)
            if not channel.resends:
                with suppress(Exception):  # nobody tells us more, and the next message waits
                    await self._leave_unknown(work)
            return
        await self._went_out(work)

    async def _leave_unknown(self, work: Work) -> None:
        """Let the operator see it: sending again might say everything twice."""
        await self._store.settle(work, "unknown")
        log.error("message_unknown", effect=work.effect.id, remedy="ask the customer what came")

    async def _not_delivered(self, work: Work, failure: NotDelivered) -> None:
        if not failure.again or (failure.counts and work.attempt >= SEND_ATTEMPTS):
            await self._give_up(work, str(failure))
        elif failure.after is None:
            await self._try_again(work)
        else:
            until = self._clock() + failure.after
            aside = failure.after >= LONG_WAIT
            await self._give_back(work, until, attempted=failure.counts, aside=aside)

    async def _went_out(self, work: Work) -> None:
        """Store that a message went out, however long the database is away: nobody sends it again."""
        while True:
            try:
                await self._store.settle(work, "done")
            except Exception as error:  # noqa: BLE001 - its lease is kept up as long as we try
                log.warning("sent_and_not_stored", effect=work.effect.id, why=type(error).__name__)
            else:
                return
            await asyncio.sleep(SETTLE_AGAIN)

    async def _note(self, work: Work) -> None:
        """Say in the log what nobody is configured to be told: of each kind once."""
        told = {"bot": work.bot, "kind": type(work.effect).__name__, **_shown(work.effect)}
        if (what := tuple(told.values())) not in self._untold:
            self._untold.add(what)
            log.info("told_nobody", effect=work.effect.id, **told)
        await self._store.settle(work, "done")

    async def _give_up(self, work: Work, why: str) -> None:
        self._gave_up(work)
        log.error("effect_failed", effect=work.effect.id, attempts=work.attempt, why=why)
        await self._store.settle(work, "failed")

    def _gave_up(self, work: Work) -> None:
        self._conversations.counters.add("failed", work.bot, type(work.effect).__name__)


def _shown(effect: Effect) -> dict[str, str]:
    """Return what of an effect may stand in a log: nothing a customer said."""
    names = {"desk": "desk", "reason": "reason", "event": "what"}  # structlog keeps `event`
    return {told: getattr(effect, name) for name, told in names.items() if hasattr(effect, name)}
