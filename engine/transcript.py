r"""Lines: what was said, by whom, in which turn; and how scripts and transcripts are written.

An `Entry` is one logical line of the text format. What `render` writes, `engine.script.parse`
reads back equal. Backslash escapes, in any text: ``\\`` ``\[`` ``\(`` ``\*`` ``\|`` are the
character itself, ``\n`` a line break at the end of a text, ``\x1b`` ``\u202e`` a character that
nobody can see; any other backslash is a backslash.
"""

from __future__ import annotations

__all__ = [
    "ANSWER_DROPPED",
    "SPEAKERS",
    "Entry",
    "Line",
    "choices",
    "mask",
    "plain",
    "render",
    "rendered",
    "visible",
]

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(slots=True)
class Line:
    """One thing said, numbered per session; user and reply lines carry the turn's number.

    It is a value that nobody changes; not frozen, because that would make it four times as dear.
    """

    seq: int
    turn: int
    who: str  # user | bot | assistant | operator | system
    text: str
    at: int
    choices: tuple[tuple[str, str], ...] = ()  # (flow.state.choice, label); a tap adds "#seq"
    inbound: str = ""  # the message id this line came in with, unique per contact's address
    note: str = ""  # why a line is for the console only; such a line is never sent
    # Of a user's: why it was taken as it was. Of the assistant's: its sources, its own turn.
    about: Mapping[str, Any] | None = None


SPEAKERS = ("bot", "assistant", "operator", "system")
ANSWER_DROPPED = "assistant answer dropped"  # the note of an answer nobody waited for any more


@dataclass(frozen=True, slots=True)
class Entry:
    """One logical line of a script or transcript.

    `kind` is ``comment``, ``said``, ``tap``, ``event``, one of `SPEAKERS`, ``nothing`` (``<!``),
    ``choices``, ``state`` or ``effect``.
    """

    kind: str
    text: str = ""
    who: str = ""  # a second customer; the first one has no name
    joined: bool = False  # `>+`: part of the burst before it
    file: str = ""  # an attachment that came with what was said
    earlier: bool = False  # a tap on the showing before the latest one
    line: int = field(default=0, compare=False)  # in the file it was read from


# What a reader cannot see, or what moves a terminal's cursor or the direction of the text. Joiners
# (U+200C, U+200D) stay: Indic scripts, Persian and emoji are written with them.
_UNSEEN = (
    "\x00-\x08\x0a-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    r"\ud800-\udfff"  # left to `re`: mypyc takes no text with lone surrogates
)
# A backslash is doubled where it would be read as the beginning of an escape, and a space at the
# end is written out, because editors take it away.
_ESCAPED = re.compile(rf"\\(?=[\\\[()*|nxu{_UNSEEN}]|[ \t]\Z)|[{_UNSEEN}]|[ \t]\Z")
_ESCAPE = re.compile(r"\\(?:([\\\[(*|])|(n)|x([0-9a-f]{2})|u([0-9a-f]{4}))", re.ASCII)
_CONTROL = re.compile(rf"(?![\n])[{_UNSEEN}]")


def visible(text: str) -> str:
    """Return `text` safe for a terminal: line breaks stay, what cannot be seen is written out."""
    return _CONTROL.sub(lambda match: _code(match[0]), text)


def plain(text: str) -> str:
    """Undo the escapes of one piece of the format."""
    return _ESCAPE.sub(_unescaped, text)


def choices(labels: Iterable[str]) -> Entry:
    """Return the entry that shows these labels."""
    return Entry("choices", " | ".join(_escaped(label).replace("|", r"\|") for label in labels))


def rendered(entry: Entry) -> list[str]:
    """Return the lines an entry is written as."""
    return _RENDER[entry.kind](entry)


def render(entries: Iterable[Entry]) -> str:
    """Return entries as the text of a script or transcript."""
    return "".join(f"{line}\n" for entry in entries for line in rendered(entry))


def _code(char: str) -> str:
    number = ord(char)
    return f"\\x{number:02x}" if number <= 0xFF else f"\\u{number:04x}"


def _escaped(text: str) -> str:
    r"""Escape one line; a line break in it becomes ``\n``."""
    return _ESCAPED.sub(lambda match: _SHORT.get(match[0]) or _code(match[0]), text)


_SHORT = {"\\": "\\\\", "\n": "\\n"}


def _unescaped(match: re.Match[str]) -> str:
    itself, newline, two, four = match.groups()
    return itself or ("\n" if newline else chr(int(two or four, 16)))


def _text(mark: str, text: str, first: str = "") -> list[str]:
    """Write a text of several lines: the first after its mark, the others indented by two.

    `first` are the beginnings that mean something else in a first line of this kind.
    """
    body = text.rstrip("\n")
    lines = body.split("\n")
    # Line breaks at the end would vanish among the blank lines that part entries.
    lines[-1] += text[len(body) :]
    lines = [_escaped(line) for line in lines]
    if first and lines[0].startswith(tuple(first.split())):
        lines[0] = "\\" + lines[0]
    rest = [
        f"  \\{line}" if line.startswith(("(", "[", "*")) else f"  {line}" if line else ""
        for line in lines[1:]
    ]
    return [f"{mark} {lines[0]}" if lines[0] else mark, *rest]


def _customer(entry: Entry) -> list[str]:
    mark = f">{'+' if entry.joined else ''}{entry.who}"
    if entry.kind == "tap":
        return [f"{mark} [{_escaped(entry.text)}]{' (earlier)' if entry.earlier else ''}"]
    if entry.file:
        name = _escaped(entry.file).replace(")", r"\x29")
        return _text(f"{mark} (file {name})", entry.text)
    return _text(mark, entry.text, "[ (file")


def _said(entry: Entry) -> list[str]:
    speaker = "" if entry.kind == "bot" else entry.kind
    return _text("<" + ".".join(name for name in (entry.who, speaker) if name), entry.text)


_RENDER: dict[str, Callable[[Entry], list[str]]] = {
    "comment": lambda entry: [f"# {_escaped(entry.text)}".rstrip()],
    "said": _customer,
    "tap": _customer,
    "event": lambda entry: _text(f"~{entry.who}", entry.text),
    **dict.fromkeys(SPEAKERS, _said),
    "nothing": lambda entry: [f"<!{entry.who}"],
    "choices": lambda entry: [f"  ( {entry.text} )"],
    "state": lambda entry: [f"  [{entry.who + ' ' if entry.who else ''}{entry.text}]"],
    "effect": lambda entry: [f"*{entry.who} {_escaped(entry.text)}"],
}

# --- personal values ---------------------------------------------------------------------------

# Plain given names that every reader of names takes for one.
_STAND_INS = ("Alex", "Robin", "Maria", "David", "Anna", "Peter", "Laura", "Thomas")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
# Eight digits at least: shorter runs are quantities and order numbers more often than phones.
_PHONE = re.compile(r"(?<![\w./:-])\+?\d(?:[ ().-]{0,2}\d){7,14}(?![\w:]|[./-]\d)")
_DATE = re.compile(r"\d{4}-\d\d-\d\d|\d\d[./-]\d\d[./-]\d{4}")


class _StandIns:
    """Gives every personal value one stand-in, the same wherever the value comes again."""

    def __init__(self, names: Iterable[str]) -> None:
        self.emails: dict[str, str] = {}
        self.phones: dict[str, int] = {}
        self.names: dict[str, str] = {}
        # Word by word, because "Hari Kumar" is also spoken to as "Hari"; "de" and "la" are no names.
        for word in (word.casefold() for name in names for word in name.split() if len(word) > 2):
            self.names.setdefault(word, _STAND_INS[len(self.names) % len(_STAND_INS)])
        self.name = re.compile(rf"(?i)\b(?:{'|'.join(map(re.escape, self.names))})\b")

    def cover(self, text: str) -> str:
        text = _EMAIL.sub(self._email, text)
        text = _PHONE.sub(self._phone, text)
        if self.names:
            text = self.name.sub(lambda match: self.names[match[0].casefold()], text)
        return text

    def _email(self, match: re.Match[str]) -> str:
        number = len(self.emails) + 1
        return self.emails.setdefault(match[0].casefold(), f"person{number}@example.com")

    def _phone(self, match: re.Match[str]) -> str:
        if _DATE.fullmatch(match[0]):
            return match[0]
        digits = re.sub(r"\D", "", match[0])
        # The last eight name the line, with or without its country; the last five are replaced,
        # so that what is left can still be dialled in its country and the script still plays.
        number = self.phones.setdefault(digits[-8:], len(self.phones) + 1)
        covered = iter(digits[:-5] + f"{number:05d}"[-5:])
        return re.sub(r"\d", lambda _: next(covered), match[0])


def mask(entries: Iterable[Entry], names: Iterable[str] = ()) -> list[Entry]:
    """Return the entries with e-mail addresses, phone numbers and these names replaced.

    The same value gets the same stand-in everywhere, so that the conversation still makes sense.
    """
    stand_ins = _StandIns(names)
    return [
        entry
        if entry.kind in ("comment", "state", "nothing")
        else replace(entry, text=stand_ins.cover(entry.text), file=stand_ins.cover(entry.file))
        for entry in entries
    ]
