"""A WAHA of our own for tests and trials: pairing, sending, webhooks, and all that goes wrong there.

``with WahaStandin(api_key="key", hmac_key="key", webhook=url) as waha:`` serves it at ``waha.url``.
Its session is paired and works, unless ``paired=False``: then it is made over the API. What it does
stands in `waha_rules.py`.
"""

from __future__ import annotations

__all__ = ["WahaStandin"]

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

from adapters.whatsapp.standins.waha_events import Written
from adapters.whatsapp.standins.waha_people import Phone, Received, new_stanza
from adapters.whatsapp.standins.waha_routes import Fault
from adapters.whatsapp.standins.waha_webhooks import Posted
from adapters.whatsapp.standins.waha_world import WahaWorld


class WahaStandin(WahaWorld):
    """The whole of it; everything here may be called from any thread."""

    def __enter__(self) -> Self:
        self.thread.listen()
        return self

    def __exit__(self, *_: object) -> None:
        self.thread.run(self.posting.close())
        self.thread.stop()

    # -- the session -------------------------------------------------------------------------------

    def scan(self) -> None:
        """The owner scans the QR code."""
        self.do(lambda: self.pairing.scan(self.account))

    def renew_qr(self) -> None:
        """The QR code's life ends now."""
        self.do(self.pairing.renew_qr)

    def becomes(self, status: str) -> None:
        """The session takes any status there may be."""
        self.do(lambda: self.pairing.becomes(status))

    def loses_connection(self, *, forgets: bool = False, failures: int = 0) -> None:
        """The session is FAILED; the phone `forgets` it, or so many restarts fail too."""

        def lost() -> None:
            self.pairing.account = None if forgets else self.pairing.account
            self.pairing.failures = failures
            self.pairing.becomes("FAILED")

        self.do(lost)

    def goes_silent(self) -> None:
        """The session posts nothing any more, and says it works, until it is restarted."""
        self.pairing.silent = True

    # -- people ------------------------------------------------------------------------------------

    def phone(self, number: str, name: str = "", lid: str | None = None) -> Phone:
        """Return who has this number: the same person whenever it is asked for."""
        there = self.phones.get(number)
        if there is None:
            there = self.phones[number] = Phone(self, number, name, lid or "")
        return there

    def echo(self, to: str, text: str) -> str:
        """Somebody writes to a number or chat id on the phone of the business; return the stanza."""
        chat = to if "@" in to else f"{to}@c.us"
        written = Written(chat, new_stanza(), self.now(), text, from_me=True)
        self.tell_of("message.any", written)
        return written.stanza

    def group_message(self, text: str, of: str = "628999", group: str = "120363@g.us") -> None:
        """Somebody writes in a group."""
        self._tell_both(
            Written(group, new_stanza(), self.now(), text, participant=f"{of}@c.us", name="Ani")
        )

    def newsletter_message(self, text: str, channel: str = "120364@newsletter") -> None:
        """A channel says something."""
        self._tell_both(Written(channel, new_stanza(), self.now(), text))

    def status_message(self, text: str, of: str = "628999") -> None:
        """Somebody shows a status to all."""
        chat = "status@broadcast"
        self._tell_both(
            Written(chat, new_stanza(), self.now(), text, participant=f"{of}@c.us", name="Ani")
        )

    # -- what goes wrong ---------------------------------------------------------------------------

    def fail_next(
        self, call: str, status: int = 500, body: Any = None, *, times: int = 1, done: bool = False
    ) -> None:
        """The next calls of this name get this answer; `done`: what they ask is done all the same."""
        self.faults[call] += [Fault(status, body, done=done)] * times

    def time_out_next(self, call: str, *, times: int = 1, done: bool = False) -> None:
        """The next calls of this name are never answered; `done`: what they ask is done."""
        self.faults[call] += [Fault(hangs=True, done=done)] * times

    def down(self) -> None:
        """WAHA dies: nobody answers, and what it would have posted again is lost."""
        self.thread.hang_up(cut=True)
        self.thread.run(self.posting.end())

    def up(self) -> None:
        """WAHA is there again, at the same address."""
        self.posting.alive = True
        self.thread.listen()

    @contextmanager
    def out_of_order(self) -> Iterator[None]:
        """Post what happens inside at its end, the last first."""
        self.do(self.posting.hold)
        try:
            yield
        finally:
            self.thread.run(self.posting.release())

    # -- waiting -----------------------------------------------------------------------------------

    @property
    def posted(self) -> list[Posted]:
        """Each try to post an event."""
        return list(self.posting.posted)

    def wait(self, n: int = 1, timeout: float = 10.0) -> list[Received]:
        """Return what was sent to anybody once that are `n` messages; fail when it never is."""
        return self.wait_until(lambda: self.inbox, n, timeout, "sent were")

    def settled(self, timeout: float = 10.0) -> None:
        """Wait until every event was taken, or given up."""
        if not self.posting.settled(timeout):
            raise AssertionError("events are still on their way")

    def _tell_both(self, written: Written) -> None:
        self.customer_wrote(written, written)
