"""The errors this engine raises on purpose, drawn as a tree; anything else that escapes is a bug.

RejoinderError
├── AuthorError        a bot's files are wrong: FILE:LINE:COL, the fault, the remedy (exit 1)
├── ScriptError        a conversation script is wrong: FILE:LINE, the fault, the remedy (exit 1)
├── UsageError         a command or a setting is wrong (exit 2)
└── Refused            the world asked for something the session's state forbids (409 on the wire)
"""

from __future__ import annotations

__all__ = ["AuthorError", "Fault", "Refused", "RejoinderError", "ScriptError", "UsageError"]

from dataclasses import dataclass


class RejoinderError(Exception):
    """The root: catch this to tell our refusals from our bugs."""


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing wrong in a file, said so that its author can mend it without asking."""

    path: str
    line: int
    column: int
    fault: str
    remedy: str = ""

    def __str__(self) -> str:
        """Render as ``FILE:LINE:COL: fault. Remedy.``."""
        tail = f" {self.remedy}" if self.remedy else ""
        return f"{self.path}:{self.line}:{self.column}: {self.fault}{tail}"


class AuthorError(RejoinderError):
    """A bot's files do not pass the checker; every fault is in it, in the order of the files."""

    def __init__(self, faults: list[Fault]) -> None:
        """Keep the faults sorted, so that the same files always give the same message."""
        self.faults = sorted(set(faults))
        super().__init__("\n".join(map(str, self.faults)))


class ScriptError(RejoinderError):
    """A conversation script cannot be read or played."""


class UsageError(RejoinderError):
    """A command line or a setting is wrong; the text says which and what would be right."""


class Refused(RejoinderError):
    """The request is understood and not allowed now, for example a form during a running action."""
