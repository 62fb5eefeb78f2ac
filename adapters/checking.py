"""The command `check`: what a path names, and which faults are about it."""

from __future__ import annotations

__all__ = ["checked"]

from pathlib import Path

from adapters.assembly import find_bot, load_source
from engine.errors import AuthorError, UsageError
from engine.language.document import shown_path
from engine.language.loader import load_flow_file
from engine.language.source import BotSource


def checked(what: str) -> BotSource | None:
    """Check a bot, or one flow file: within its bot where it lies in one."""
    file = Path(what)
    if file.suffix not in (".yaml", ".yml") or file.name == "bot.yaml":
        return load_source(find_bot(what))
    if not file.is_file():
        raise UsageError(f"There is no file {what}.")
    if not (file.parent / "bot.yaml").is_file():
        load_flow_file(file)
        return None
    try:
        return load_source(file.parent)
    except AuthorError as error:
        own = [fault for fault in error.faults if fault.path == shown_path(file)]
        if own:
            raise AuthorError(own) from None
        return None
