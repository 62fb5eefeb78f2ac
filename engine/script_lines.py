"""The lines of a `.chat` file or a transcript, read into entries: who says what, and what comes out."""

from __future__ import annotations

__all__ = ["Page", "parse_entries", "read_page"]

import re
from dataclasses import dataclass, field, replace

from engine.errors import ScriptError
from engine.transcript import SPEAKERS, Entry, plain

_NAME = r"[a-z][a-z0-9_-]*"
_MARK = re.compile(
    rf"(>\+?|~|<!|<|\*)({_NAME}(?:\.(?:assistant|operator|system))?)?(?: (.*))?", re.DOTALL
)
_STATE = re.compile(rf"\[(?:({_NAME}) )?(idle|[^\s:\]]+: [^\s\]]+)\]")
_TAP = re.compile(r"\[(.+)\]( \(earlier\))?")
_FILE = re.compile(r"\(file ([^)]+)\)(?: (.*))?", re.DOTALL)
_TEXTUAL = frozenset(("said", "event", *SPEAKERS))


@dataclass(slots=True)
class Page:
    """A file while it is read."""

    path: str
    entries: list[Entry] = field(default_factory=list)
    faults: list[tuple[int, str]] = field(default_factory=list)
    # Blank lines since the last entry: inside a text when its next line continues it.
    blank: int = 0

    def fault(self, line: int, what: str) -> None:
        """Note what is wrong with a line."""
        self.faults.append((line, f"{self.path}:{line}: {what}"))

    def check(self) -> None:
        """Report everything that is wrong, if anything is."""
        if self.faults:
            raise ScriptError("\n".join(text for _, text in sorted(self.faults)))


def parse_entries(text: str, path: str = "script") -> list[Entry]:
    """Read a script or transcript into its entries."""
    page = read_page(text, path)
    page.check()
    return page.entries


def read_page(text: str, path: str) -> Page:
    """Read each line into its entry, or note what is wrong with it."""
    page = Page(path)
    for number, raw in enumerate(text.removeprefix("\ufeff").split("\n"), start=1):
        line = raw.removesuffix("\r")
        if not line.strip(" \t"):
            page.blank += 1
            continue
        if line.startswith("  "):
            _indented(page, number, line[2:])
        else:
            _marked(page, number, line)
        page.blank = 0
    return page


def _indented(page: Page, number: int, rest: str) -> None:
    if rest.startswith("("):
        shown = rest.rstrip(" \t")
        if shown.endswith(")") and shown.strip("( )"):
            page.entries.append(Entry("choices", shown[1:-1].strip(" "), line=number))
        else:
            page.fault(
                number,
                "choices end with a parenthesis. A text that begins with one is written \\(.",
            )
    elif rest.startswith("["):
        _state(page, number, rest)
    elif rest.startswith("*"):
        _marked(page, number, rest)
    elif not page.entries or page.entries[-1].kind not in _TEXTUAL:
        page.fault(number, "an indented line continues a text, and there is none above it.")
    else:
        last = page.entries[-1]
        text = last.text + "\n" * (page.blank + 1) + plain(rest)
        page.entries[-1] = replace(last, text=text)


def _state(page: Page, number: int, rest: str) -> None:
    if match := _STATE.fullmatch(rest.rstrip()):
        page.entries.append(Entry("state", match[2], match[1] or "", line=number))
    else:
        page.fault(
            number, "a state is written [flow: state] or [idle]; a text that begins so, \\[."
        )


def _marked(page: Page, number: int, line: str) -> None:
    if line.startswith("#"):
        page.entries.append(Entry("comment", plain(line[1:].strip()), line=number))
        return
    if line.startswith("["):
        _state(page, number, line)
        return
    match = _MARK.fullmatch(line)
    if not match:
        page.fault(
            number,
            'a line begins with #, >, ~, <, * or two spaces. Write "> " before what the customer says.',
        )
        return
    mark, name, text = match[1], match[2] or "", match[3] or ""
    if mark == "<":
        _said(page, number, name, text)
    elif mark[0] == ">":
        _sent(page, number, name, text, joined=mark == ">+")
    else:
        kind = {"~": "event", "*": "effect", "<!": "nothing"}[mark]
        page.entries.append(Entry(kind, plain(text), name, line=number))


def _said(page: Page, number: int, name: str, text: str) -> None:
    who, _, speaker = name.rpartition(".")
    if speaker not in SPEAKERS[1:]:
        who, speaker = speaker, "bot"
    page.entries.append(Entry(speaker, plain(text), who, line=number))


def _sent(page: Page, number: int, who: str, text: str, *, joined: bool) -> None:
    if who in SPEAKERS or "." in who:
        page.fault(number, f'a customer cannot be called "{who}".')
    entry = Entry("said", plain(text), who, joined, line=number)
    if match := _TAP.fullmatch(text):
        entry = replace(entry, kind="tap", text=plain(match[1]), earlier=bool(match[2]))
    elif match := _FILE.fullmatch(text):
        entry = replace(entry, file=plain(match[1]), text=plain(match[2] or ""))
    page.entries.append(entry)
