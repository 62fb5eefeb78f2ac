"""The command `check`: what a path names, and which faults are about it."""

from __future__ import annotations

__all__ = ["checked"]

from dataclasses import replace
from json import dumps
from pathlib import Path
from tempfile import TemporaryDirectory

from ruamel.yaml import YAML

from adapters.assembly import find_bot, load_source
from engine.errors import AuthorError, UsageError
from engine.language.document import shown_path
from engine.language.loader import load_flow_file
from engine.language.schema import HandOverState
from engine.language.source import BotSource
from engine.readers.lexicon import all_languages

# What only its bot can tell: these faults of a flow that lies in no bot say nothing.
OF_THE_BOT = (
    "no flow of the bot",
    "no desk",
    "no fact",
    "no form",
    "catalogue",
    "no action",
    "nobody can start",
)


def check_alone(file: Path) -> None:
    """Check a flow that lies in no bot as the only flow of one made for it."""
    flow = load_flow_file(file).flow
    written = file.read_text("utf-8")
    spoken = sorted(_languages(YAML(typ="safe", pure=True).load(written))) or ["en"]
    desks: dict[str, object] = {
        state.hand_over: {} for state in flow.states.values() if isinstance(state, HandOverState)
    }
    bot = {"bot": "alone", "languages": spoken, "flows": [flow.flow], "hand_over": desks}
    with TemporaryDirectory() as folder:
        (Path(folder) / "bot.yaml").write_text(dumps(bot), "utf-8")
        copy = Path(folder) / f"{flow.flow}.yaml"
        copy.write_text(written, "utf-8")
        try:
            load_source(Path(folder))
        except AuthorError as error:
            own = [
                replace(fault, path=shown_path(file))
                for fault in error.faults
                if fault.path == shown_path(copy)
                and not any(words in fault.fault for words in OF_THE_BOT)
            ]
            if own:
                raise AuthorError(own) from None


def _languages(part: object) -> set[str]:
    """Find the languages a file's texts are written in."""
    if isinstance(part, list):
        return set().union(*map(_languages, part))
    if not isinstance(part, dict):
        return set()
    if part and set(part) <= set(all_languages()):
        return set(part)
    return set().union(*map(_languages, part.values()))


def checked(what: str) -> BotSource | None:
    """Check a bot, or one flow file: within its bot where it lies in one."""
    file = Path(what)
    if file.suffix not in (".yaml", ".yml") or file.name == "bot.yaml":
        return load_source(find_bot(what))
    if not file.is_file():
        raise UsageError(f"There is no file {what}.")
    if not (file.parent / "bot.yaml").is_file():
        check_alone(file)
        return None
    try:
        return load_source(file.parent)
    except AuthorError as error:
        own = [fault for fault in error.faults if fault.path == shown_path(file)]
        if own:
            raise AuthorError(own) from None
        return None
