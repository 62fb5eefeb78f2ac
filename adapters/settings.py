"""Settings: flags, else ``REJOINDER_*`` in the environment, else defaults; every one in .env.example."""

from __future__ import annotations

__all__ = ["Settings", "load_settings"]

import os
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from engine.errors import UsageError
from engine.language.refusals import did_you_mean

PREFIX = "REJOINDER_"


class Settings(BaseSettings):
    """What may differ from one place to another; what a bot says stands in its own files."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    bot: Annotated[tuple[str, ...], NoDecode] = Field(
        ("parts_shop",),
        description="The bots: folders, or names of shipped ones; several with commas between.",
    )
    data: Path = Field(Path("data"), description="Where databases and keys lie.")
    database_url: str = Field(
        "", description="sqlite:///FILE or postgresql://...; empty: rejoinder.db in DATA."
    )
    redis_url: str = Field(
        "", description="redis://HOST:PORT/N or unix:///SOCKET; empty: no Redis."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="What is logged, to standard error."
    )

    @field_validator("bot", mode="before")
    @classmethod
    def _bots(cls, given: object) -> object:
        if isinstance(given, str):
            return tuple(name.strip() for name in given.split(",") if name.strip())
        return given

    @field_validator("bot")
    @classmethod
    def _some_bot(cls, bots: tuple[str, ...]) -> tuple[str, ...]:
        if not bots:
            raise ValueError("names no bot. Example: parts_shop,flows/my_shop")
        return bots

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


def load_settings(**flags: Any) -> tuple[Settings, list[str]]:
    """Return the settings, and what is odd about the environment; everything wrong at once."""
    given = {name: value for name, value in flags.items() if value}
    try:
        settings = Settings(**given)
    except ValidationError as error:
        faults = "\n".join(f"  {_named(fault)}" for fault in error.errors())
        raise UsageError(f"These settings are wrong:\n{faults}") from None
    return settings, list(_unknown())


def _named(fault: Any) -> str:
    name = f"{PREFIX}{'_'.join(str(part) for part in fault['loc'][:1]).upper()}"
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
