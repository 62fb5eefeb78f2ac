"""Something that takes what WAHA posts, and a client of its API."""

from __future__ import annotations

__all__ = ["WahaHook", "client"]

import httpx2

from adapters.whatsapp.standins.waha import WahaStandin
from tests.whatsapp.listener import PATIENCE, Listener, Took


class WahaHook(Listener):
    """Waits for events."""

    def wait(self, n: int = 1, event: str = "") -> list[Took]:
        """Return the posts (of this event) once that are `n`."""

        def found() -> list[Took]:
            return [one for one in self.took if event in ("", one.body["event"])]

        with self._changed:
            came = self._changed.wait_for(lambda: len(found()) >= n, PATIENCE)
            told = [(one.body["event"], one.body["payload"]) for one in self.took]
            assert came, f"{n} of {event or 'any'} never came: {told}"
            return found()

    def until_status(self, status: str) -> None:
        """Wait until the session was said to be so."""

        def told() -> bool:
            return any(one.body["payload"].get("status") == status for one in self.took)

        with self._changed:
            assert self._changed.wait_for(told, PATIENCE), f"{status} was never told"


def client(waha: WahaStandin, key: str | None = None) -> httpx2.Client:
    """Return a client of the API; close it."""
    headers = {"X-Api-Key": waha.api_key if key is None else key}
    return httpx2.Client(base_url=waha.url, headers=headers, timeout=PATIENCE, trust_env=False)
