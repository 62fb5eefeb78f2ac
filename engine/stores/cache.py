"""Redis as a cache of committed sessions: never asked for the truth, never able to stop a turn.

A value is ``FORMAT VERSION ENDED {json}``; another format is a miss. Lua keeps the newer of two. A
Redis that does not answer costs one short failure per period: after it, a miss costs nothing until
the period is over.

With a value goes a word to the other workers: which session changed, so that their memory lets go
of it, and whether there is work. Whoever misses it loses a compare-and-swap, or a poll; no more.
"""

from __future__ import annotations

__all__ = ["Breaker", "RedisCache", "connect"]

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from time import monotonic
from typing import Any, TypeVar
from uuid import uuid4

import structlog
from pydantic_core import from_json, to_json
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from engine.records import Cached, Place
from engine.stores.gathering import Gathering

T = TypeVar("T")
log = structlog.get_logger()

FORMAT = b"1"
TTL_SECONDS = 86_400  # a day: whoever writes again within it is answered without SQL
TIMEOUT_SECONDS = 0.2  # of one command; a turn takes milliseconds
PERIOD_SECONDS = 1.0  # how long a Redis that failed is left alone

# KEYS: places. ARGV: the time to live, the word and its channel, then each value.
PUT = """
local ttl = ARGV[1]
for n, key in ipairs(KEYS) do
  local new = ARGV[n + 3]
  local format, version = string.match(new, '^(%d+) (%d+) ')
  local kept = redis.call('GETRANGE', key, 0, 31)
  local kept_format, kept_version = string.match(kept, '^(%d+) (%d+) ')
  if kept_format ~= format or tonumber(kept_version) < tonumber(version) then
    redis.call('SET', key, new, 'EX', ttl)
  end
end
return redis.call('PUBLISH', ARGV[3], ARGV[2])
"""


def connect(url: str, *, patient: bool = False) -> Redis:
    """Return a client that fails fast: redis-py alone tries ten times, for 4 s a command."""
    return Redis.from_url(
        url,
        retry=Retry(NoBackoff(), 0),
        socket_timeout=None if patient else TIMEOUT_SECONDS,
        socket_connect_timeout=TIMEOUT_SECONDS,
    )


class Breaker:
    """Lets one failure through per period; in between nobody waits."""

    def __init__(
        self, period: float = PERIOD_SECONDS, clock: Callable[[], float] = monotonic
    ) -> None:
        """Start closed: the first call goes through."""
        self._period = period
        self._clock = clock
        self._closed_at = 0.0
        self._down = False
        self.failures = 0

    async def through(self, call: Callable[[], Awaitable[T]], otherwise: T) -> T:
        """Return what the call gives; `otherwise` when it fails, or while Redis is left alone."""
        if self._down:
            if self._clock() < self._closed_at:
                return otherwise
            # This call finds out; whoever comes meanwhile goes without.
            self._closed_at = self._clock() + self._period
        try:
            result = await call()
        except (RedisError, OSError, TimeoutError) as error:
            self.failures += 1
            if not self._down:
                log.warning("redis_down", why=f"{type(error).__name__}: {error}")
            self._down = True
            self._closed_at = self._clock() + self._period
            return otherwise
        if self._down:
            self._down = False
            log.info("redis_up")
        return result


class RedisCache:
    """A `Cache` in Redis; what is asked in one moment goes in one command."""

    def __init__(
        self, url: str, *, prefix: str = "rejoinder", breaker: Breaker | None = None
    ) -> None:
        """Ask nothing yet."""
        self._url = url
        self._redis = client = connect(url)
        self._prefix = prefix
        self._channel = f"{prefix}:changed"
        self._me = uuid4().hex[:12]
        self.breaker = breaker or Breaker()
        self._put = client.register_script(PUT)
        self._gets: Gathering[Place, Cached | None] = Gathering(self._get_all, lanes=2)

    async def get(self, place: Place) -> Cached | None:
        """Return what is kept of this place; None also when Redis cannot be reached."""
        return await self._gets.do(place)

    async def put(self, many: Sequence[Cached]) -> None:
        """Keep each of these, unless something newer is kept already; and tell the others."""
        keys = [self._key(one.place) for one in many]
        values = [b"%b %d %d %b" % (FORMAT, one.version, one.ended, one.body) for one in many]
        changed = [(*one.place, one.version) for one in many]
        word = to_json([self._me, any(one.owes for one in many), changed])
        arguments: list[Any] = [TTL_SECONDS, word, self._channel, *values]
        await self.breaker.through(lambda: self._put(keys, arguments), None)

    async def drop(self, place: Place) -> None:
        """Forget this place, whatever is kept."""
        await self.breaker.through(lambda: self._redis.delete(self._key(place)), 0)

    async def drop_all(self) -> int:
        """Forget every place, and say how many were kept; raises where Redis cannot be reached."""
        dropped = 0
        # The prefix may hold what SCAN would take for a pattern.
        pattern = re.sub(r"([*?\[\]\\])", r"\\\1", f"{self._prefix}:session:") + "*"
        async for key in self._redis.scan_iter(match=pattern, count=1_000):
            dropped += await self._redis.unlink(key)
        return dropped

    async def listen(self, changed: Callable[[Place, int], None], work: Callable[[], None]) -> None:
        """Hear what other workers did, until cancelled: a session changed, there is work."""
        while True:
            try:
                # No time limit of its own: it waits for words, not for an answer.
                async with connect(self._url, patient=True) as client, client.pubsub() as heard:
                    await heard.subscribe(self._channel)
                    async for message in heard.listen():
                        if message["type"] == "message":
                            self._hear(message["data"], changed, work)
            except (RedisError, OSError, TimeoutError):
                await asyncio.sleep(PERIOD_SECONDS)

    def _hear(
        self, word: bytes, changed: Callable[[Place, int], None], work: Callable[[], None]
    ) -> None:
        try:
            who, owes, places = from_json(word)
            if who == self._me:
                return
            for bot, lane, contact, version in places:
                changed((bot, lane, contact), version)
        except (ValueError, TypeError):
            log.warning("word_of_another_format")
            return
        if owes:
            work()

    async def close(self) -> None:
        """Close the connections."""
        await self._redis.aclose()

    async def ping(self) -> None:
        """Raise when Redis does not answer."""
        await self._redis.ping()

    def _key(self, place: Place) -> str:
        # Lanes have no colon and bots none either, so no two places share a key.
        return f"{self._prefix}:session:{place[0]}:{place[1]}:{place[2]}"

    async def _get_all(self, places: list[Place]) -> Sequence[Cached | None]:
        keys = [self._key(place) for place in places]
        nothing: list[Any] = [None] * len(keys)
        values = await self.breaker.through(lambda: self._redis.mget(keys), nothing)
        return [_read(place, value) for place, value in zip(places, values, strict=True)]


def _read(place: Place, value: bytes | None) -> Cached | None:
    if value is None:
        return None
    parts = value.split(b" ", 3)
    if len(parts) != 4 or parts[0] != FORMAT or not (parts[1] + parts[2]).isdigit():
        log.warning("cached_session_of_another_format", bot=place[0], lane=place[1])
        return None
    return Cached(place, int(parts[1]), parts[2] != b"0", parts[3])
