"""A session of WAHA: its states, its QR codes, and the phone it is paired with."""

from __future__ import annotations

__all__ = ["LIVES", "Pairing", "Timing"]

import asyncio
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

LIVES: Final = (60.0, 20.0, 20.0, 20.0, 20.0, 20.0)  # seconds each QR code lives; then FAILED


@dataclass(slots=True)
class Timing:
    """How long things take, in seconds; WAHA's own times make slow tests."""

    starting: float = 0.02
    patience: float = 0.2  # of a call that wants another state; about 10 s were seen
    lives: tuple[float, ...] = LIVES


class Pairing:
    """One session; all of it happens where the stand-in's loop runs.

    `tell` is called with the new status at each change, also when only the QR code is another one.
    """

    def __init__(
        self, name: str, config: dict[str, Any], timing: Timing, tell: Callable[[Pairing], None]
    ) -> None:
        self.name = name
        self.config = config
        self.status = "STOPPED"
        self.me: dict[str, str] | None = None  # while it is WORKING
        self.account: dict[str, str] | None = None  # what the scan left; a logout takes it away
        self.qr = ""
        self.silent = False
        self.failures = 0  # how many starts to come will fail
        self._timing = timing
        self._tell = tell
        self._lives: Iterator[float] = iter(())
        self._shown = 0
        self._timer: asyncio.TimerHandle | None = None
        self._changed = asyncio.Event()

    @property
    def running(self) -> bool:
        """Whether start would change nothing; a session that failed still runs."""
        return self.status != "STOPPED"

    def as_json(self, engine: str) -> dict[str, Any]:
        """Return it as the API tells it."""
        return {
            "name": self.name,
            "status": self.status,
            "config": self.config,
            "me": self.me,
            "engine": {"engine": engine},
        }

    def start(self) -> None:
        """Start it where it does not run."""
        if self.running:
            return
        self.silent = False
        self.becomes("STARTING")
        self._after(self._timing.starting, self._started)

    def stop(self) -> None:
        """Stop it; it stays paired."""
        if self.running:
            self.becomes("STOPPED")

    def restart(self) -> None:
        """Stop and start."""
        self.stop()
        self.start()

    def logout(self) -> None:
        """Forget the phone; what runs starts again from scratch."""
        was_running = self.running
        self.stop()
        self.account = None
        if was_running:
            self.start()

    def scan(self, account: dict[str, str]) -> None:
        """The owner scans the QR code."""
        if self.status != "SCAN_QR_CODE":
            raise AssertionError(f"{self.name} shows no QR code; it is {self.status}")
        self.account = account
        self.becomes("WORKING")

    def renew_qr(self) -> None:
        """The life of the QR code ends: another one, or none any more."""
        life = next(self._lives, None)
        if life is None:
            self.becomes("FAILED")
            return
        self._shown += 1
        self.qr = _value(self.name, self._shown)
        self.becomes("SCAN_QR_CODE")
        self._after(life, self.renew_qr)

    def becomes(self, status: str) -> None:
        """Take a status, and tell it."""
        if self._timer:
            self._timer.cancel()
            self._timer = None
        self.status = status
        self.me = self.account if status == "WORKING" else None
        self._changed.set()
        self._changed = asyncio.Event()
        self._tell(self)

    async def until(self, status: str) -> bool:
        """Wait for a status as a call of the API does; False where it does not come in time."""
        try:
            async with asyncio.timeout(self._timing.patience):
                while self.status != status:
                    await self._changed.wait()
        except TimeoutError:
            pass  # it may have come in the very moment
        return self.status == status

    def _started(self) -> None:
        if self.failures:
            self.failures -= 1
            self.becomes("FAILED")
        elif self.account:
            self.becomes("WORKING")
        else:
            self._lives = iter(self._timing.lives)
            self.renew_qr()

    def _after(self, seconds: float, then: Callable[[], None]) -> None:
        self._timer = asyncio.get_running_loop().call_later(seconds, then)


def _value(name: str, n: int) -> str:
    """Return what a QR code says: `2@`, then four pieces with commas, as long as WhatsApp's own."""
    pieces = (sha256(f"{name} {n} {k}".encode()).digest() for k in range(5))
    first, *rest = (b64encode(piece).decode() for piece in pieces)
    return f"2@{first}{','.join(rest)}"
