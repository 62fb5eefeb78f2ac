"""Settings: flags, else ``REJOINDER_*`` in the environment, else defaults; every one in .env.example."""

from __future__ import annotations

__all__ = ["Settings", "load_settings"]

import os
import re
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from engine.errors import UsageError
from engine.language.refusals import did_you_mean

PREFIX = "REJOINDER_"
SHORTEST_KEY = 32  # characters: 128 bits, written as hexadecimal digits


class Settings(BaseSettings):
    """What may differ from one place to another; what a bot says stands in its own files."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    bot: Annotated[tuple[str, ...], NoDecode] = Field(
        ("parts_shop",),
        description="The bots: folders, or names of shipped ones; several with commas between.",
    )
    host: str = Field("127.0.0.1", description="Where the web chat listens; 0.0.0.0: everywhere.")
    port: int = Field(8000, ge=0, le=65_535, description="Its port; 0: any free one.")
    workers: int = Field(
        1, ge=1, le=64, description="Processes of the web chat; several need PostgreSQL."
    )
    data: Path = Field(Path("data"), description="Where databases and keys lie.")
    database_url: str = Field(
        "", description="sqlite:///FILE or postgresql://...; empty: rejoinder.db in DATA."
    )
    redis_url: str = Field(
        "", description="redis://HOST:PORT/N or unix:///SOCKET; empty: no Redis."
    )
    secret_key: str = Field(
        "",
        description="Signs visitors' tokens; NEW,OLD while it changes; empty: secret.key in DATA.",
    )
    public_url: str = Field(
        "", description="The address customers see, such as https://chat.example; empty: as asked."
    )
    allowed_sites: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Sites whose pages may hold the widget: https://shop.example, with commas."
    )
    web_rate: str = Field("20/10s", description="Messages one visitor may send in such a time.")
    address_rate: str = Field("120/60s", description="Requests of one network address.")
    max_body: int = Field(
        1_500_000, ge=1_000, description="Bytes of one request; a file grows by a third in it."
    )
    operator_token: str = Field(
        "", description="Lets other programs answer customers over HTTP; empty: nobody may."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="What is logged, to standard error."
    )

    @property
    def our_url(self) -> str:
        """Where other programs of this machine reach us, unless a public address is set."""
        everywhere = self.host in ("0.0.0.0", "::")  # noqa: S104 - compared with, not listened on
        host = "127.0.0.1" if everywhere else self.host
        host = f"[{host}]" if ":" in host else host
        return self.public_url or f"http://{host}:{self.port}"

    @field_validator("bot", "allowed_sites", mode="before")
    @classmethod
    def _several(cls, given: object) -> object:
        if isinstance(given, str):
            return tuple(name.strip() for name in given.split(",") if name.strip())
        return given

    @field_validator("bot")
    @classmethod
    def _some_bot(cls, bots: tuple[str, ...]) -> tuple[str, ...]:
        if not bots:
            raise ValueError("names no bot. Example: parts_shop,flows/my_shop")
        return bots

    @field_validator("allowed_sites")
    @classmethod
    def _sites(cls, sites: tuple[str, ...]) -> tuple[str, ...]:
        for site in sites:
            if not re.fullmatch(r"https?://[^\s/?#@*]+", site):
                raise ValueError(f"{site!r} is no site. Example: https://shop.example, no path")
        return tuple(site.lower() for site in sites)

    @field_validator("public_url")
    @classmethod
    def _an_address(cls, url: str) -> str:
        if url and not re.fullmatch(r"https?://[^\s/?#@]+/?", url):
            raise ValueError(f"{url!r} is no address. Example: https://chat.example")
        return url.rstrip("/")

    @field_validator("web_rate", "address_rate")
    @classmethod
    def _a_rate(cls, rate: str) -> str:
        if not re.fullmatch(r"[1-9]\d{0,8}/[1-9]\d{0,4}s", rate):
            raise ValueError(f"{rate!r} is no rate. Example: 20/10s, twenty in ten seconds")
        return rate

    @field_validator("secret_key")
    @classmethod
    def _long_keys(cls, keys: str) -> str:
        parts = keys.split(",") if keys else []
        if len(parts) > 2 or any(len(part) < SHORTEST_KEY for part in parts):
            raise ValueError(
                f"is one key of {SHORTEST_KEY} characters or more, or two while it changes: NEW,OLD"
            )
        return keys

    @field_validator("operator_token")
    @classmethod
    def _a_long_token(cls, token: str) -> str:
        if token and len(token) < SHORTEST_KEY:
            raise ValueError(f"has fewer than {SHORTEST_KEY} characters, which can be guessed")
        return token

    @field_validator("database_url")
    @classmethod
    def _a_database(cls, url: str) -> str:
        scheme = urlsplit(url).scheme.partition("+")[0]
        if url and scheme not in ("sqlite", "postgresql", "postgres"):
            raise ValueError(
                f"{_without_password(url)!r} is no database we know. Examples: "
                "sqlite:///data/rejoinder.db, postgresql://user@host/name"
            )
        return url

    @field_validator("redis_url")
    @classmethod
    def _a_redis(cls, url: str) -> str:
        if url and urlsplit(url).scheme not in ("redis", "rediss", "unix"):
            raise ValueError(
                f"{_without_password(url)!r} is no Redis address. Example: redis://localhost:6379/0"
            )
        return url

    @model_validator(mode="after")
    def _workers_share(self) -> Settings:
        """Several processes must know one key and one database."""
        lacking = []
        if self.workers > 1 and not self.secret_key:
            lacking.append("REJOINDER_SECRET_KEY, the same for all of them")
        if self.workers > 1 and not self.database_url.startswith("postgres"):
            lacking.append("REJOINDER_DATABASE_URL of a PostgreSQL")
        if lacking:
            raise ValueError(f"{self.workers} processes need {' and '.join(lacking)}")
        return self


def load_settings(**flags: Any) -> tuple[Settings, list[str]]:
    """Return the settings, and what is odd about the environment; everything wrong at once."""
    given = {name: value for name, value in flags.items() if value not in (None, "", ())}
    try:
        settings = Settings(**given)
    except ValidationError as error:
        faults = "\n".join(f"  {_named(fault)}" for fault in error.errors())
        raise UsageError(f"These settings are wrong:\n{faults}") from None
    return settings, list(_unknown())


def _named(fault: Any) -> str:
    # What is wrong between settings has no place of its own: workers are what asks for the others.
    name = f"{PREFIX}{(str(fault['loc'][0]) if fault['loc'] else 'workers').upper()}"
    return f"{name}: {fault['msg'].removeprefix('Value error, ')}"


def _unknown() -> list[str]:
    known = [name.upper() for name in Settings.model_fields]
    given = [name.removeprefix(PREFIX) for name in sorted(os.environ) if name.startswith(PREFIX)]
    return [
        f"{PREFIX}{name} is no setting and changes nothing. {_nearest(name, known)}".rstrip()
        for name in given
        if name not in known
    ]


def _nearest(name: str, known: list[str]) -> str:
    # Compared without what all of them begin with: by it every name is near to every other.
    return did_you_mean(name, known).replace('"', f'"{PREFIX}', 1)


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    if parts.password:
        return url.replace(f":{parts.password}@", ":***@", 1)
    return url
