"""The key that signs visitors' tokens: a setting, or a file made at the first start."""

from __future__ import annotations

__all__ = ["secret_keys"]

import os
from pathlib import Path
from secrets import token_hex

from adapters.settings import SHORTEST_KEY, Settings
from engine.errors import UsageError

FILE = "secret.key"


def secret_keys(settings: Settings) -> tuple[str, ...]:
    """Return the keys whose tokens are good, the one that signs first."""
    if settings.secret_key:
        return tuple(settings.secret_key.split(","))
    path = settings.data / FILE
    try:
        made = _made(path)
    except OSError as error:
        raise UsageError(
            f"{path}: the key of visitors' tokens cannot be kept there: {error.strerror}. Set"
            " REJOINDER_SECRET_KEY, or REJOINDER_DATA to a folder that can be written."
        ) from error
    if len(made) < SHORTEST_KEY:
        raise UsageError(
            f"{path} holds no key of {SHORTEST_KEY} characters. Put back the one it held, or delete"
            " the file: every visitor then begins anew."
        )
    return tuple(made.split(","))


def _made(path: Path) -> str:
    """Read the key; make it where there is none, readable for nobody else from its first moment."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    if not path.exists():
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(f"{token_hex(32)}\n")
        try:
            # Whole or not at all, and never over the key of a process that was faster.
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text("utf-8").strip()
