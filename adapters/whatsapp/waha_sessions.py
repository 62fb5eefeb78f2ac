"""The session of one number at WAHA: its state, its QR code, and what starts and ends it."""

from __future__ import annotations

__all__ = ["NoAnswer", "Seen", "State", "Waha", "WahaSession", "WrongKey", "state_of"]

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal
from urllib.parse import quote, urlsplit

import httpx2

from engine.errors import RejoinderError

State = Literal["disconnected", "connecting", "connected"]

EVENTS: Final = ("message", "message.any", "session.status", "message.ack")
# More than WAHA's own 15 times every 2 s: a restart of ours that takes longer would lose messages,
# because WAHA keeps what it owes in memory only. 5 min in all.
RETRIES: Final = {"policy": "constant", "delaySeconds": 5, "attempts": 60}
TIMEOUT: Final = httpx2.Timeout(30.0, connect=5.0)  # calls that want another state wait about 10 s


class NoAnswer(RejoinderError):
    """WAHA could not be asked, or answered what cannot be used; the text says what to do."""


class WrongKey(NoAnswer):
    """WAHA refuses our key: nothing passes until a person has repaired it."""


@dataclass(frozen=True, slots=True)
class Waha:
    """Where a connection's session is, and how to speak to it."""

    connection: str
    base_url: str
    api_key: str = field(repr=False)
    hmac_key: str = field(repr=False)
    webhook: str  # where it shall post what happens
    session: str = "default"


@dataclass(frozen=True, slots=True)
class Seen:
    """A session as WAHA told of it. `word` is its own word for the state; empty: there is none."""

    word: str = ""
    phone: str = ""  # E.164, while it is connected
    config: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def state(self) -> State:
        """Return which of our three states that is."""
        return state_of(self.word)


def state_of(word: str) -> State:
    """Return which of our three states a word of WAHA's is; one it did not have before is between."""
    if word == "WORKING":
        return "connected"
    return "disconnected" if word in ("", "STOPPED", "FAILED") else "connecting"


class WahaSession:
    """Asks WAHA about one session, and changes it; `close` it at the end."""

    def __init__(self, waha: Waha) -> None:
        self.waha = waha
        self._path = f"/api/sessions/{quote(waha.session, safe='')}"
        self._http = httpx2.AsyncClient(
            base_url=waha.base_url.rstrip("/"),
            headers={"X-Api-Key": waha.api_key},
            timeout=TIMEOUT,
            trust_env=False,  # it is a server of ours; a proxy of this machine's is not in between
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def seen(self) -> Seen:
        """Return how the session is now."""
        return _seen(await self._ask("GET", self._path, absent={}))

    async def open(self) -> Seen:
        """Make the session where there is none, give it our webhook, and start it."""
        seen = await self.seen()
        if not seen.word:
            given = {"name": self.waha.session, "start": True, "config": self._config({})}
            # Somebody may have made it since: then it is there, which is what was wanted.
            made = await self._ask("POST", "/api/sessions", given, absent={}, fine=(422,))
            return _seen(made) if made.get("status") else await self.start()
        seen = await self.tell_us(seen)
        return await self.start() if seen.word == "STOPPED" else seen

    async def tell_us(self, seen: Seen) -> Seen:
        """Give the session our webhook where it lacks it; that restarts it."""
        if self._ours_is_in(seen.config):
            return seen
        given = {"name": self.waha.session, "config": self._config(seen.config)}
        return _seen(await self._ask("PUT", self._path, given))

    async def start(self) -> Seen:
        """Start it; one that runs stays as it is, one that failed too."""
        return await self._do("start")

    async def stop(self) -> Seen:
        """Stop it; it stays paired."""
        return await self._do("stop")

    async def restart(self) -> Seen:
        """Stop and start it."""
        return await self._do("restart")

    async def logout(self) -> Seen:
        """Forget the phone; what ran starts from scratch and shows a QR code."""
        return await self._do("logout")

    async def qr(self) -> str:
        """Return what the QR code says; empty where none is shown now."""
        path = f"/api/{quote(self.waha.session, safe='')}/auth/qr"
        told = await self._ask("GET", f"{path}?format=raw", absent={}, fine=(422,))
        return str(told.get("value") or "")

    async def qr_picture(self) -> bytes:
        """Return the QR code as a PNG; empty where none is shown now."""
        path = f"/api/{quote(self.waha.session, safe='')}/auth/qr"
        answer = await self._answer("GET", path, None)
        if answer.status_code in (404, 422):
            return b""
        self._refuse(answer)
        return answer.content

    # -- how it asks -------------------------------------------------------------------------------

    async def _do(self, what: str) -> Seen:
        return _seen(await self._ask("POST", f"{self._path}/{what}"))

    async def _ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        absent: Mapping[str, Any] | None = None,
        fine: tuple[int, ...] = (),
    ) -> Mapping[str, Any]:
        """Return what WAHA told; `absent` where there is no such session, or the status is `fine`."""
        answer = await self._answer(method, path, body)
        if absent is not None and answer.status_code in (404, *fine):
            return absent
        self._refuse(answer)
        try:
            told = answer.json()
        except ValueError:
            told = None
        if not isinstance(told, dict):
            raise NoAnswer(f"{self._who()} answered something that is not WAHA's. Is it WAHA?")
        return told

    async def _answer(
        self, method: str, path: str, body: Mapping[str, Any] | None
    ) -> httpx2.Response:
        try:
            return await self._http.request(method, path, json=body)
        except (httpx2.TransportError, httpx2.InvalidURL) as error:
            raise NoAnswer(
                f"{self._who()} does not answer ({type(error).__name__}). Is WAHA running, and is"
                " base_url its address?"
            ) from None

    def _refuse(self, answer: httpx2.Response) -> None:
        if answer.status_code in (401, 403):
            raise WrongKey(f"{self._who()} refuses the api_key. It is WAHA's WAHA_API_KEY.")
        if answer.status_code == 404:
            raise NoAnswer(f"{self._who()} has no session {self.waha.session}. Pair it again.")
        if not answer.is_success:
            raise NoAnswer(f"{self._who()} answered {answer.status_code}. Its own log says why.")

    def _who(self) -> str:
        scheme, _, rest = self.waha.base_url.partition("://")
        # Whoever keeps a password in the address does not want it in a log.
        return f"{self.waha.connection}: WAHA at {scheme}://{rest.rpartition('@')[2]}"

    # -- our webhook in its config -----------------------------------------------------------------

    def _hook(self) -> dict[str, Any]:
        return {
            "url": self.waha.webhook,
            "events": list(EVENTS),
            "hmac": {"key": self.waha.hmac_key},
            "retries": dict(RETRIES),
        }

    def _config(self, config: Mapping[str, Any]) -> dict[str, Any]:
        """Return a config with our webhook in the place of what leads to the same path anywhere."""
        ours = urlsplit(self.waha.webhook).path
        hooks = [one for one in _hooks(config) if urlsplit(one["url"]).path != ours]
        return {**config, "webhooks": [*hooks, self._hook()]}

    def _ours_is_in(self, config: Mapping[str, Any]) -> bool:
        # Whoever set it may have asked for more events, or other retries: that is theirs to choose.
        return any(
            one["url"] == self.waha.webhook
            and (one.get("hmac") or {}).get("key") == self.waha.hmac_key
            and (set(EVENTS) <= set(one.get("events") or ()) or "*" in (one.get("events") or ()))
            for one in _hooks(config)
        )


def _hooks(config: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = config.get("webhooks") or []
    return [one for one in found if isinstance(one, dict) and isinstance(one.get("url"), str)]


def _seen(told: Mapping[str, Any]) -> Seen:
    me, config = told.get("me"), told.get("config")
    id_ = me.get("id") if isinstance(me, dict) else None
    digits = id_.partition("@")[0].partition(":")[0] if isinstance(id_, str) else ""
    return Seen(
        word=str(told.get("status") or ""),
        phone=f"+{digits}" if digits.isdigit() else "",
        config=config if isinstance(config, dict) else {},
    )
