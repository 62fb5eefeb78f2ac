"""The actions a bot brings: the public functions of `actions.py` in its folder.

It is Python and runs whenever the bot is loaded, also by a check: it is as trusted as this program.
"""

from __future__ import annotations

__all__ = ["FILE", "load_own_actions"]

import traceback
from collections.abc import Callable, Mapping
from inspect import isfunction
from pathlib import Path
from typing import Any

from engine.errors import AuthorError, Fault
from engine.language.document import read_text, shown_path
from flows.actions import ACTIONS
from flows.signatures import faults_of

FILE = "actions.py"


def load_own_actions(folder: Path) -> Mapping[str, Callable[..., Any]]:
    """Return a bot's own actions by name, none without the file; raise every fault in it."""
    file = folder / FILE
    if not file.is_file():
        return {}
    path = shown_path(file)
    # A name of its own: the functions of this file are told from those it imports by it.
    module: dict[str, Any] = {"__name__": f"actions of {folder.name}", "__file__": str(file)}
    _run(read_text(file), path, module)
    own = {
        name: value
        for name, value in module.items()
        if isfunction(value) and value.__module__ == module["__name__"] and not name.startswith("_")
    }
    faults: list[Fault] = []
    for name, action in own.items():
        line = action.__code__.co_firstlineno
        if name in ACTIONS:
            remedy = "Call it something else."
            faults.append(Fault(path, line, 1, f'"{name}" is an action every bot has.', remedy))
        faults += [Fault(path, line, 1, f"{name}: {why}.", what) for why, what in faults_of(action)]
    if faults:
        raise AuthorError(faults)
    return own


def _run(text: str, path: str, module: dict[str, Any]) -> None:
    try:
        exec(compile(text, path, "exec", dont_inherit=True), module)  # noqa: S102 - see above
    except SyntaxError as error:
        fault = f"this is not Python: {error.msg}."
        raise AuthorError([Fault(path, error.lineno or 1, error.offset or 1, fault)]) from None
    except Exception as error:  # noqa: BLE001 - it may fail in any way it likes
        frames = [
            frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == path
        ]
        line = frames[-1].lineno if frames else 1
        fault = f"it cannot be loaded: {type(error).__name__}: {error}."
        remedy = "It may import what is installed, and nothing may happen while it is loaded."
        raise AuthorError([Fault(path, line or 1, 1, fault, remedy)]) from None
