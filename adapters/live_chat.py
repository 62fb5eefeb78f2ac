"""A chat in the terminal with the real product: a session in the database, actions that really run.

It says what the web chat would say: lines in the order of their numbers, each once, whether they
answer a message or come later. Killed and started again it goes on where its last turn left it.
"""

from __future__ import annotations

__all__ = ["LiveChat", "typed_lines"]

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from threading import Semaphore, Thread

from adapters.service import Service
from adapters.terminal import friendly_rows
from engine.errors import RejoinderError
from engine.events import Said, Tapped
from engine.runtime.arrivals import Arrival, inbound_id
from engine.session import Session
from engine.transcript import Entry, Line, choices, rendered

REPLY_WITHIN = (
    2.0  # seconds; design, section 6: so long an answer waits for what its turn asked for
)
LOOK = 0.1  # seconds between looks for lines that came by themselves

HELP = "  /tap LABEL   press a button, also by its number or label alone\n  /quit        leave\n"


class LiveChat:
    """One visitor of the web chat, at a terminal or a pipe."""

    def __init__(
        self, service: Service, bot: str, key: str, show: Callable[[str], None], *, friendly: bool
    ) -> None:
        """Show nothing yet; `friendly` is for people, else a transcript."""
        self._service = service
        self._bot = bot
        self._key = key
        self._visitor = key.removeprefix("web-")
        self._address = f"web:{self._visitor}"
        self._show = show
        self._friendly = friendly
        self._session: Session | None = None
        self._seen = 0
        self._buttons: Line | None = None
        self._stood = ""
        self._showing = asyncio.Lock()

    async def begin(self) -> None:
        """Show what was said so far, and show from now on what comes."""
        await self._news(history=True)

    async def say(self, typed: str) -> bool:
        """Take a line that was typed; False: leave."""
        text = typed.strip()
        if text in ("/quit", "/exit"):
            return False
        if text in ("/help", "/?"):
            self._show(HELP)
            return True
        wanted = text.removeprefix("/tap").strip() if text.startswith("/tap") else ""
        choice = self._chosen(wanted or (text if self._friendly else ""))
        if wanted and choice is None:
            self._show(f'no button is called "{wanted}" now.')
            return True
        if not self._friendly:
            entry = Entry("tap", choice[1]) if choice else Entry("said", typed)
            self._show("\n".join(rendered(entry)))
        service = self._service
        id_ = inbound_id(self._bot, "web", self._visitor, service.ids())
        at = service.clock()
        event = Tapped(id_, at, *choice) if choice else Said(id_, at, typed)
        arrival = Arrival(self._bot, "web", (self._address,), self._key, event)
        if await service.conversations.receive(arrival) is None:
            self._show("this bot answers only the people on its list.")
            return True
        await self.settled(REPLY_WITHIN)
        return True

    async def settled(self, within: float | None = None) -> None:
        """Show what comes until no action runs and no question waits; at most so many seconds."""
        loop = asyncio.get_running_loop()
        until = None if within is None else loop.time() + within
        # What is not done by then comes later; it is not cut off in the middle of a line. Looked for,
        # because another process may be the one that does it.
        while await self._news() and (until is None or loop.time() < until):  # noqa: ASYNC110
            await asyncio.sleep(LOOK)

    async def watch(self) -> None:
        """Show what comes by itself, until cancelled."""
        while True:
            await asyncio.sleep(LOOK * 3)
            with suppress(
                RejoinderError
            ):  # the database is away for a while: what is typed says so
                await self._news()

    def _chosen(self, typed: str) -> tuple[str, str] | None:
        """Return the choice that a label or a number means, as it was shown last."""
        line = self._buttons
        if line is None:
            return None
        for number, (choice, label) in enumerate(line.choices, 1):
            if typed.casefold() == label.casefold() or typed == str(number):
                return f"{choice}#{line.seq}", label
        return None

    async def _news(self, *, history: bool = False) -> bool:
        """Show the lines that were not shown yet; say whether an action or the assistant works."""
        async with self._showing:  # a look that came by itself does not show a line twice
            now = await self._now()
            before = self._session
            if before is not None and (now is None or now.id != before.id):
                await self._lines(before, history=history)  # its last words
                self._session, self._seen = None, 0
            if now is None:
                return False
            self._session = now
            await self._lines(now, history=history)
            stands = f"{now.flow}: {now.state}" if now.flow else now.state
            if stands != self._stood and not self._friendly:
                self._show("\n".join(rendered(Entry("state", stands))))
            self._stood = stands
            return bool(now.doing or now.asking)

    async def _now(self) -> Session | None:
        """Return the session as it is stored: another process may have gone on with it."""
        found = await self._service.overview.by_key(self._key, bot=self._bot)
        if found is None or found.status != "open":
            return None
        if self._session is not None and self._session.version == found.version:
            return self._session
        place = (found.bot, found.lane, found.contact)
        now = await self._service.store.load(place)
        if now is not None and now.version < found.version:
            await self._service.forget(place)
            now = await self._service.store.load(place)
        return now

    async def _lines(self, session: Session, *, history: bool) -> None:
        for line in await self._service.store.lines(session.id, after=self._seen):
            self._seen = line.seq
            if line.note or (line.who == "user" and not history):
                continue
            if line.who == "user":
                self._show("\n".join(_own(line, friendly=self._friendly)))
                continue
            entries = [Entry(line.who, line.text)]
            self._buttons = line if line.choices else self._buttons
            if line.choices:
                entries.append(choices(label for _, label in line.choices))
            for entry in entries:
                for row in friendly_rows(entry) if self._friendly else rendered(entry):
                    self._show(row)


def _own(line: Line, *, friendly: bool) -> Sequence[str]:
    return [f"you> {line.text}"] if friendly else rendered(Entry("said", line.text))


async def typed_lines(*, friendly: bool) -> AsyncIterator[str]:
    """Yield what is typed, line by line, while everything else goes on.

    Read in a thread that nobody waits for: a line that is never typed must not hold up the end.
    """
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[str | None] = asyncio.Queue()
    answered = Semaphore(1)  # the next prompt comes after the answer

    def hand_on(line: str | None) -> None:
        loop.call_soon_threadsafe(queue.put_nowait, line)

    reader = _from_terminal if friendly else _from_pipe
    Thread(target=reader, args=(hand_on, answered), daemon=True).start()
    while (line := await queue.get()) is not None:
        yield line
        answered.release()


def _from_terminal(hand_on: Callable[[str | None], None], answered: Semaphore) -> None:
    while True:
        answered.acquire()
        try:
            hand_on(input("you> "))
        except (EOFError, ValueError):
            hand_on(None)
            return


def _from_pipe(hand_on: Callable[[str | None], None], _answered: Semaphore) -> None:
    rest = b""
    while data := os.read(sys.stdin.fileno(), 65_536):
        *lines, rest = (rest + data).split(b"\n")
        for line in lines:
            hand_on(line.decode(errors="replace").removesuffix("\r"))
    if rest:
        hand_on(rest.decode(errors="replace"))
    hand_on(None)
