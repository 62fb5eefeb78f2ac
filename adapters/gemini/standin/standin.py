"""The stand-in itself: what it answers next, what it saw, and both ways to reach it."""

from __future__ import annotations

__all__ = ["GeminiStandin"]

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from threading import Condition
from typing import TYPE_CHECKING

from adapters.gemini.standin.asking import Asked, read
from adapters.gemini.standin.moods import Mood, says
from adapters.gemini.standin.rules import Terms, refusal
from engine.ports import Clock
from engine.runtime.system import system_clock

if TYPE_CHECKING:
    from adapters.gemini.standin.in_process import InProcess
    from adapters.whatsapp.standins.background import Background

Always = Mood | Callable[[Asked], Mood]


class GeminiStandin:
    """Gemini on this machine. What it saw may be looked at from any thread."""

    def __init__(
        self,
        always: Always | None = None,
        *,
        key: str = "",
        models: tuple[str, ...] = (),
        clock: Clock = system_clock,
    ) -> None:
        """Answer `always`, a mood or a function of the request that gives one."""
        self.always: Always = always or says("I am a stand-in of Gemini.")
        self.terms = Terms(key, models)
        self.asked: list[Asked] = []
        self.under_way = 0
        self.most_at_once = 0
        self.is_down = False
        self._clock = clock
        self._next: deque[Mood] = deque()
        self._changed = Condition()
        self._held: set[asyncio.Event] = set()
        self._background: Background | None = None

    @property
    def count(self) -> int:
        """How many requests came, refused ones too."""
        return len(self.asked)

    def next(self, *moods: Mood) -> None:
        """Be so to the next requests, in this order."""
        self._next.extend(moods)

    # -- both ways to reach it -----------------------------------------------------------------

    def transport(self) -> InProcess:
        """Return what a client of this very loop takes for the network."""
        from adapters.gemini.standin.in_process import InProcess  # noqa: PLC0415 - who serves needs none

        return InProcess(self)

    @contextmanager
    def served(self, port: int = 0) -> Iterator[str]:
        """Serve on 127.0.0.1 in a thread of its own until the block is left; give the address."""
        from adapters.gemini.standin.over_http import application  # noqa: PLC0415 - who asks in process needs none
        from adapters.whatsapp.standins.background import Background  # noqa: PLC0415 - same

        background = self._background = Background(application(self), port)
        try:
            background.listen()
            yield f"http://127.0.0.1:{background.port}"
        finally:
            self.release()
            background.stop()
            self._background = None

    def down(self) -> None:
        """Refuse every connection until `up`."""
        self.is_down = True
        if self._background is not None:
            self.release()
            self._background.hang_up()

    def up(self) -> None:
        """Be there again, at the same address."""
        self.is_down = False
        if self._background is not None:
            self._background.listen()

    def release(self) -> None:
        """Have all that is slow answered now."""
        if self._background is None:
            self._release()
        else:
            self._background.do(self._release)

    def wait_for(self, true: Callable[[], bool], timeout: float = 10.0) -> bool:
        """Wait, in another thread than it is served in, until something is true; say whether it is."""
        with self._changed:
            return self._changed.wait_for(true, timeout)

    # -- one request -------------------------------------------------------------------------------

    async def take(self, path: str, headers: Mapping[str, str], raw: bytes) -> tuple[Asked, Mood]:
        """Write a request down and decide about it; comes back when it is to be answered."""
        asked = read(self._clock(), path, headers, raw)
        with self._changed:
            self.asked.append(asked)
            self.under_way += 1
            self.most_at_once = max(self.most_at_once, self.under_way)
            self._changed.notify_all()
        try:
            mood = self._mood(asked)
            if mood.seconds:
                await self._pause(mood.seconds)
        finally:
            with self._changed:
                self.under_way -= 1
                self._changed.notify_all()
        asked.status = 0 if mood.cut else mood.status
        return asked, mood

    def _mood(self, asked: Asked) -> Mood:
        refused = refusal(asked, self.terms)
        if refused is not None:
            asked.rule = refused[0].name
            return refused[1]
        if self._next:
            return self._next.popleft()
        return self.always if isinstance(self.always, Mood) else self.always(asked)

    async def _pause(self, seconds: float) -> None:
        held = asyncio.Event()
        self._held.add(held)
        timer = asyncio.get_running_loop().call_later(seconds, held.set)
        try:
            await held.wait()
        finally:
            timer.cancel()
            self._held.discard(held)

    def _release(self) -> None:
        for held in self._held:
            held.set()
