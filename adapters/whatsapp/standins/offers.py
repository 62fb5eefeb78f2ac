"""Which stand-ins there are, by the name a connection's `provider` has."""

from __future__ import annotations

__all__ = ["OFFERS", "Offer"]

import socket
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from engine.errors import RejoinderError

HERE = "adapters.whatsapp.standins"
PATIENCE = 60.0  # seconds for the product to be there
Settings = tuple[Mapping[str, str], Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Offer:
    """One stand-in: how it is begun (on a port, 0: any), and what the product is then told.

    `settings` are the lines of the connection in bot.yaml, and the variables they name. `reach`
    waits until the product is there and lets it prove that the webhook is its own.
    """

    begin: Callable[[int], AbstractContextManager[Any]]
    settings: Callable[[Any], Settings]
    reach: Callable[[Any], None]


def _meta(module: str, name: str) -> Offer:
    return Offer(
        begin=lambda port: getattr(import_module(f"{HERE}.{module}"), name)(port=port),
        settings=lambda standin: (standin.connection(), standin.environment()),
        reach=lambda standin: _reached(standin, standin.verify),
    )


def _reached(standin: Any, verified: Callable[[], bool]) -> None:
    parts = urlsplit(standin.webhook)
    until = time.monotonic() + PATIENCE
    while True:
        try:
            socket.create_connection((parts.hostname, parts.port or 80), timeout=1).close()
            break
        except OSError as error:
            if time.monotonic() > until:
                raise RejoinderError(f"Nobody listens at {standin.webhook}: {error}.") from None
            time.sleep(0.2)
    if not verified():
        raise RejoinderError(
            f"{standin.webhook} does not answer the provider's verification. Is the connection in"
            " the bot's channels.whatsapp, with this verify_token?"
        )


def _waha(port: int) -> AbstractContextManager[Any]:
    made: Any = import_module(f"{HERE}.waha").WahaStandin(api_key="fake-key", hmac_key="fake-hmac")
    made.thread.port = port
    return made  # type: ignore[no-any-return]


def _waha_settings(standin: Any) -> Settings:
    connection = {
        "provider": "waha",
        "session": standin.session,
        "api_key": "env:FAKE_WHATSAPP_API_KEY",
        "hmac_key": "env:FAKE_WHATSAPP_HMAC_KEY",
        "base_url": standin.url,
    }
    return connection, {
        "FAKE_WHATSAPP_API_KEY": standin.api_key,
        "FAKE_WHATSAPP_HMAC_KEY": standin.hmac_key,
    }


OFFERS: Mapping[str, Offer] = {
    "cloud": _meta("cloud", "CloudStandin"),
    "dialog360": _meta("dialog360", "Dialog360Standin"),
    "waha": Offer(_waha, _waha_settings, lambda standin: _reached(standin, lambda: True)),
}
