"""How much one visitor, or one network address, may ask in a time.

Written by hand because it stands before everything: one number per sender (the moment at which their
allowance is whole again), no lock and no thread, where a library keeps a window of hits.
"""

from __future__ import annotations

__all__ = ["Limit"]

from collections.abc import Callable
from time import monotonic

MOST = 100_000  # senders remembered; the ones whose allowance is whole again go first


class Limit:
    """So many in so many seconds: all at once, or spread; every sender for themselves."""

    def __init__(self, rate: str, clock: Callable[[], float] = monotonic) -> None:
        """Take a rate as settings write it: 20/10s."""
        times, _, seconds = rate.removesuffix("s").partition("/")
        self._period = float(seconds)
        self._step = self._period / int(times)
        self._clock = clock
        self._whole_at: dict[str, float] = {}

    def wait(self, sender: str) -> float:
        """Count one more; return 0, or how many seconds it comes too early (it is not counted then)."""
        now = self._clock()
        whole_at = self._whole_at.get(sender, now)
        whole_at = max(whole_at, now)
        early = whole_at + self._step - self._period - now
        if early > 1e-9:
            return early
        if len(self._whole_at) >= MOST and sender not in self._whole_at:
            self._forget(now)
        self._whole_at[sender] = whole_at + self._step
        return 0.0

    def _forget(self, now: float) -> None:
        self._whole_at = {who: at for who, at in self._whole_at.items() if at > now}
        if len(self._whole_at) >= MOST:
            self._whole_at.clear()
