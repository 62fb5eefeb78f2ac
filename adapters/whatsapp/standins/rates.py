"""How much Meta takes: so many messages per person, and so many per number and second."""

from __future__ import annotations

__all__ = ["PairRate", "Throughput"]

from collections import deque
from collections.abc import Hashable


class PairRate:
    """One message per 6 s to one person; up to 45 at once, borrowed from later (131056).

    `repay` is the hard reading of "borrowed": after a burst nothing is taken until all of it is
    paid back, 2 minutes after 20 at once. Without it one more is taken for every 6 s paid back.
    """

    def __init__(self, every: int = 6_000, burst: int = 45, *, repay: bool = False) -> None:
        """Take milliseconds and a number of messages."""
        self.every = every
        self.burst = burst
        self.repay = repay
        self._paid_at: dict[Hashable, int] = {}  # when everything sent so far is paid back
        self._bursts: dict[Hashable, tuple[int, int]] = {}  # began when, so many since

    def full(self, person: Hashable, now: int) -> bool:
        """Say whether one more is too many."""
        debt = self._paid_at.get(person, 0) - now
        if debt <= 0:
            return False
        began, sent = self._bursts[person]
        if self.repay:
            return now - began >= self.every or sent >= self.burst
        return debt > (self.burst - 1) * self.every

    def took(self, person: Hashable, now: int) -> None:
        """Count one."""
        paid_at = self._paid_at.get(person, 0)
        began, sent = self._bursts[person] if paid_at > now else (now, 0)
        self._bursts[person] = (began, sent + 1)
        self._paid_at[person] = max(paid_at, now) + self.every


class Throughput:
    """So many messages per second, in and out (130429)."""

    def __init__(self, most: int = 80) -> None:
        """Take a number of messages per second."""
        self.most = most
        self._times: deque[int] = deque()

    def full(self, now: int) -> bool:
        """Say whether one more is too many."""
        while self._times and now - self._times[0] >= 1_000:
            self._times.popleft()
        return len(self._times) >= self.most

    def took(self, now: int) -> None:
        """Count one."""
        self._times.append(now)
