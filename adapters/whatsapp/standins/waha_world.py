"""What a WAHA stand-in consists of: its session, its people, its files, and what is told of them."""

from __future__ import annotations

__all__ = ["WahaWorld"]

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from adapters.whatsapp.standins.background import Background
from adapters.whatsapp.standins.waha_events import Written, envelope, message, sent_answer
from adapters.whatsapp.standins.waha_pairing import LIVES, Pairing, Timing
from adapters.whatsapp.standins.waha_people import Phone, Received, new_stanza
from adapters.whatsapp.standins.waha_routes import Call, Fault, api
from adapters.whatsapp.standins.waha_webhooks import Hook, Posting, hooks_of

T = TypeVar("T")

EVENTS = ("message", "message.any", "session.status", "message.ack", "message.reaction")


def _now() -> int:
    return time.time_ns() // 1_000_000


class WahaWorld:
    """The inside of the stand-in; all that tests do with it stands in `WahaStandin`."""

    def __init__(
        self,
        *,
        api_key: str = "key",
        hmac_key: str = "",
        webhook: str = "",
        session: str = "default",
        paired: bool = True,
        number: str = "6281100000001",
        engine: str = "GOWS",
        version: str = "2026.7.1",
        qr_lives: tuple[float, ...] = LIVES,
        starting: float = 0.02,
        patience: float = 0.2,
        retry_delay: float | None = 0.05,
        clock: Callable[[], int] = _now,
    ) -> None:
        self.api_key = api_key
        self.hmac_key = hmac_key
        self.engine = engine
        self.version = version
        self.now = clock
        self.session = session
        self.account = {"id": f"{number}@c.us", "pushName": "The shop"}
        self.timing = Timing(starting, patience, qr_lives)
        self.sessions: dict[str, Pairing] = {}
        self.phones: dict[str, Phone] = {}
        self.inbox: list[Received] = []
        self.calls: list[Call] = []
        self.files: dict[str, tuple[bytes, str]] = {}
        self.global_hook: Hook | None = None  # WHATSAPP_HOOK_URL and its kin
        self.known_as: dict[str, str] = {}  # numbers WhatsApp knows in another form: Brazil's
        self.nowhere: set[str] = set()  # numbers without WhatsApp
        self.acked: tuple[int, ...] = (1, 2)  # which acks a message we sent gets by itself
        self.source = "api"  # what an engine says of messages that came by the API; some say app
        self.media_host = "http://localhost:3000"  # what WAHA believes to be its address
        self.faults: dict[str, list[Fault]] = defaultdict(list)
        self._held: list[tuple[str, dict[str, Any]]] = []
        self.thread = Background(api(self))
        self.posting = Posting()
        self.posting.delay = retry_delay
        if paired:
            made = self.opens(session, {})
            made.account = made.me = self.account
            made.status = "WORKING"
            self.webhook = webhook

    @property
    def url(self) -> str:
        """Where it is, also while it is down."""
        return f"http://127.0.0.1:{self.thread.port}"

    @property
    def webhook(self) -> str:
        """Where its session posts events."""
        hooks = hooks_of(self.pairing.config)
        return hooks[0].url if hooks else ""

    @webhook.setter
    def webhook(self, url: str) -> None:
        one: dict[str, Any] = {"url": url, "events": list(EVENTS), "hmac": {"key": self.hmac_key}}
        self.pairing.config["webhooks"] = [one] if url else []

    # -- the session -------------------------------------------------------------------------------

    @property
    def pairing(self) -> Pairing:
        """The session."""
        return self.sessions[self.session]

    @property
    def status(self) -> str:
        """The session's status; empty where there is none."""
        return self.pairing.status if self.session in self.sessions else ""

    def acks(self, received: Received, ack: int) -> None:
        """A message of ours got so far: -1 ERROR, 1 SERVER, 2 DEVICE, 3 READ, 4 PLAYED."""
        name = {-1: "ERROR", 0: "PENDING", 1: "SERVER", 2: "DEVICE", 3: "READ", 4: "PLAYED"}[ack]
        told = {
            "id": received.id,
            "from": received.chat,
            "to": self.account["id"],
            "fromMe": True,
            "ack": ack,
            "ackName": name,
        }
        self.tell_raw("message.ack", told)

    def wait_until(
        self, found: Callable[[], Sequence[T]], n: int, timeout: float, what: str
    ) -> list[T]:
        """Wait until there are `n` of something."""
        with self.posting.changed:
            if not self.posting.changed.wait_for(lambda: len(found()) >= n, timeout):
                raise AssertionError(f"{what} {len(found())} messages, not {n}: {found()}")
            return list(found())

    def opens(self, name: str, config: dict[str, Any]) -> Pairing:
        """Make a session."""
        made = self.sessions[name] = Pairing(name, config, self.timing, self._status_changed)
        return made

    def called(self, call: Call) -> None:
        """Note a call."""
        self.calls.append(call)

    def next_fault(self, call: str) -> Fault | None:
        """Return what is to go wrong with this call."""
        waiting = self.faults[call] or self.faults["*"]
        return waiting.pop(0) if waiting else None

    def keeps_file(self, name: str, content: bytes, mime: str) -> str:
        """Keep a file; return its address as WAHA tells it."""
        self.files[name] = (content, mime)
        return f"{self.media_host}/api/files/{self.session}/{name}"

    def takes(self, call: str, body: dict[str, Any]) -> dict[str, Any]:
        """Send what the API was given; return its answer."""
        text = body.get("text") or body.get("caption") or ""
        chat = body["chatId"].replace("@s.whatsapp.net", "@c.us")
        written = Written(chat, new_stanza(), self.now(), text, from_me=True, source=self.source)
        answer = sent_answer(written, self.engine, self.account["id"])
        received = Received(written.id, chat, text, call, body)
        with self.posting.changed:
            self.inbox.append(received)
            self.posting.changed.notify_all()
        self._post("message.any", message(written, self.engine, self.account["id"]))
        for ack in self.acked:
            self.acks(received, ack)
        return answer

    def customer_wrote(self, first: Written, second: Written) -> None:
        """Tell of a message as `message` and as `message.any`, each as it saw the sender."""
        self.tell_of("message", first)
        self.tell_of("message.any", second)

    def tell_of(self, event: str, written: Written, **more: Any) -> None:
        """Tell an event about a message."""
        self.tell_raw(event, {**message(written, self.engine, self.account["id"]), **more})

    def tell_raw(self, event: str, payload: dict[str, Any]) -> None:
        """Tell an event as it is, unknown ones too."""
        self.do(lambda: self._post(event, payload))

    def _status_changed(self, pairing: Pairing) -> None:
        self._post("session.status", {"name": pairing.name, "status": pairing.status}, pairing)
        if pairing.status == "WORKING" and pairing.name == self.session:
            held, self._held = self._held, []
            for event, payload in held:
                self._post(event, payload)

    def _post(self, event: str, payload: dict[str, Any], of: Pairing | None = None) -> None:
        pairing = of or self.pairing
        if event != "session.status" and pairing.status != "WORKING":
            self._held.append((event, payload))  # WhatsApp keeps it until the phone is back
            return
        if pairing.silent:
            return
        told = envelope(
            event,
            payload,
            session=pairing.name,
            me=pairing.me,
            metadata=pairing.config.get("metadata") or {},
            at=self.now(),
            engine=self.engine,
            version=self.version,
        )
        hooks = hooks_of(pairing.config)
        self.posting.post([*hooks, self.global_hook] if self.global_hook else hooks, told)

    def do(self, work: Callable[[], None]) -> None:
        """Do something where the stand-in runs."""
        self.thread.do(work)
