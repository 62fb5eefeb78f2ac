"""The numbers of all bots: from their files and from rows that commands made, secrets resolved."""

from __future__ import annotations

__all__ = ["Number", "lacking", "number_of", "of_bot", "preview_key", "preview_of"]

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from adapters.whatsapp.cloud import BASE_URL as META
from adapters.whatsapp.cloud import CloudApi
from adapters.whatsapp.dialog360 import BASE_URL as DIALOG360
from adapters.whatsapp.dialog360 import Dialog360
from adapters.whatsapp.provider import Provider
from adapters.whatsapp.waha import WahaApi
from engine.errors import UsageError
from engine.language.schema_bot import BotFile
from engine.language.schema_channels import (
    CloudConnection,
    Connection,
    Dialog360Connection,
    PreviewOf,
    WahaConnection,
)
from engine.language.schema_values import variable

WAHA: Final = "http://localhost:3000"
_CONNECTION: TypeAdapter[Any] = TypeAdapter(Connection)


@dataclass(frozen=True, slots=True)
class Number:
    """One number a bot is reached by; `name` is its lane, and a part of its webhook's address."""

    name: str
    bot: str
    settings: CloudConnection | Dialog360Connection | WahaConnection
    secrets: Mapping[str, str]  # field -> what stands in the environment

    @property
    def provider(self) -> str:
        """Who passes its messages on."""
        return self.settings.provider

    @property
    def id(self) -> str:
        """What stands for the number in the keys of its sessions."""
        if isinstance(self.settings, WahaConnection):
            return self.settings.session
        return self.settings.phone_number_id or self.name

    def key(self, known_as: str) -> str:
        """Return the key of the sessions of whoever is known as this."""
        return f"wa-{self.id}-{known_as}"

    @property
    def base_url(self) -> str:
        """Where its provider is."""
        usual = {"cloud": META, "dialog360": DIALOG360, "waha": WAHA}
        return self.settings.base_url or usual[self.provider]

    def opened(self) -> Provider:
        """Return its provider; nobody is called yet."""
        return _OPEN[self.provider](self, self.secrets)


def preview_key(known_as: str) -> str:
    """Return the key of the preview of whoever is known as this: a number without its plus."""
    return f"wa-preview-{known_as}"


def _cloud(number: Number, secrets: Mapping[str, str]) -> Provider:
    settings = number.settings
    assert isinstance(settings, CloudConnection)  # noqa: S101 - by the table below
    return CloudApi(
        settings.phone_number_id,
        secrets["token"],
        version=settings.version,
        base_url=number.base_url,
    )


def _waha(number: Number, secrets: Mapping[str, str]) -> Provider:
    settings = number.settings
    assert isinstance(settings, WahaConnection)  # noqa: S101 - by the table below
    seconds = settings.typing / 1_000
    return WahaApi(
        number.base_url,
        secrets["api_key"],
        session=settings.session,
        typing=(seconds / 2, seconds * 1.5),
    )


_OPEN: Mapping[str, Callable[[Number, Mapping[str, str]], Provider]] = {
    "cloud": _cloud,
    "dialog360": lambda number, secrets: Dialog360(secrets["api_key"], base_url=number.base_url),
    "waha": _waha,
}
_SECRETS = ("app_secret", "token", "verify_token", "api_key", "webhook_secret", "hmac_key")


def of_bot(bot: BotFile, environ: Mapping[str, str]) -> Iterator[Number]:
    """Return the numbers of a bot's file."""
    for name, settings in bot.channels.whatsapp.items():
        yield Number(name, bot.bot, settings, _secrets(settings, environ))


def number_of(
    name: str, bot: str, settings: Mapping[str, Any], environ: Mapping[str, str]
) -> Number:
    """Return a number that a command made, as it was stored."""
    try:
        read = _CONNECTION.validate_python(dict(settings))
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(map(str, one['loc'][1:]))}: {one['msg']}."
            f" {one.get('ctx', {}).get('remedy', '')}".rstrip()
            for one in error.errors()
        )
        raise UsageError(f'The connection "{name}" cannot be read: {faults}') from None
    return Number(name, bot, read, _secrets(read, environ))


def preview_of(bot: BotFile, numbers: Iterable[Number]) -> Number | None:
    """Return the number that a bot's preview borrows: the named one, else its first cloud number."""
    wanted = bot.channels.preview
    if not wanted:
        return None
    own = [one for one in numbers if one.bot == bot.bot]
    if isinstance(wanted, PreviewOf):
        return next((one for one in own if one.name == wanted.connection), None)
    return next((one for one in own if one.provider == "cloud"), None)


def lacking(numbers: Iterable[Number]) -> list[str]:
    """Say which secrets were in no environment variable."""
    return [
        f"{name}: the {field} of the connection {one.name} ({one.bot})"
        for one in numbers
        for field, name in _variables(one.settings)
        if not one.secrets[field]
    ]


def _secrets(settings: Any, environ: Mapping[str, str]) -> dict[str, str]:
    return {field: environ.get(name, "") for field, name in _variables(settings)}


def _variables(settings: Any) -> Iterator[tuple[str, str]]:
    for field in _SECRETS:
        if (written := getattr(settings, field, None)) is not None:
            yield field, variable(written)
