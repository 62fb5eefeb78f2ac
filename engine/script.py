"""Scripts: a `.chat` file read into blocks.

A block is one turn of the customer (a burst counts as one) or one `~` event, with the output lines
that stand below it in the file. Everything wrong in a file is reported at once, each with its line.
"""

from __future__ import annotations

__all__ = ["Block", "Script", "parse", "read_event"]

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from difflib import get_close_matches
from types import MappingProxyType

from engine.customers import CHANNELS
from engine.errors import ScriptError
from engine.script_facts import written_facts
from engine.script_lines import Page, read_page
from engine.transcript import Entry

A_PERSON = 'room=204 name="Ana Silva"'
HEADERS = ("bot", "channel", "phone", "person", "start", "assistant")
ASSISTANTS = ("scripted", "none")

UNITS = MappingProxyType(
    {"second": 1_000, "minute": 60_000, "hour": 3_600_000, "day": 86_400_000}  # in milliseconds
)
_AMOUNT = r"(\d{1,9}) (second|minute|hour|day)s?"

# What a `~` line can say: the player's method, the shape, and how an author writes it.
EVENTS: tuple[tuple[str, re.Pattern[str], str], ...] = tuple(
    (name, re.compile(pattern, re.DOTALL), usage)
    for name, pattern, usage in (
        ("restart", r"restart", "restart"),
        ("wait", _AMOUNT, "31 minutes"),
        ("redis", r"redis (down|up)", "redis down"),
        ("sql", r"sql (down|up)", "sql down"),
        ("worker_dies", r"worker dies", "worker dies"),
        ("duplicate", r"duplicate", "duplicate"),
        ("operator_mode", r"operator (takes over|hands back)", "operator takes over"),
        ("operator_says", r"operator: *(.+)", "operator: TEXT"),
        ("assistant_says", r"assistant: *(.+)", "assistant: TEXT"),
        ("assistant_fails", r"assistant fails", "assistant fails"),
        ("assistant_offers", r"assistant offers (\w+)", "assistant offers FLOW"),
        ("answer_late", r"answer late", "answer late"),
        ("form", r"form (\w+)(?: +(.*))?", "form NAME key=value"),
        ("action_fails", r"action (\w+) fails( once)?", "action NAME fails"),
        ("action_takes", rf"action (\w+) takes {_AMOUNT}", "action NAME takes 5 minutes"),
        ("flow_change", r"flow change (.+)", "flow change FILE"),
        ("via", rf"via ({'|'.join(CHANNELS)})", "via preview"),
    )
)


@dataclass(frozen=True, slots=True)
class Block:
    """What happens, and the output lines the file expects of it."""

    stimuli: tuple[Entry, ...]  # one event, or a burst of what one customer sent
    expected: tuple[Entry, ...] = ()
    comments: tuple[Entry, ...] = ()  # standing before it


@dataclass(frozen=True, slots=True)
class Script:
    """A conversation to be played."""

    path: str
    title: str
    head: tuple[Entry, ...]  # the comments at the top, headers included
    headers: dict[str, str]
    blocks: tuple[Block, ...]


_HEADER = re.compile(r"([a-z_]+):\s+(\S.*)")
_ANSWERED = re.compile(r"^~(?:\w+)? (?:assistant\b|answer late)", re.MULTILINE)


def parse(text: str, path: str = "script") -> Script:
    """Read a script; every fault in it is in the one `ScriptError`."""
    page = read_page(text, path)
    head = []
    for entry in page.entries:
        if entry.kind != "comment":
            break
        head.append(entry)
    headers = _headers(page, head)
    if _ANSWERED.search(text):
        headers.setdefault("assistant", "scripted")
    title = next((e.text for e in head if not _is_header(e, head)), "")
    blocks = _blocks(page, page.entries[len(head) :])
    page.check()
    return Script(path, title, tuple(head), headers, blocks)


def read_event(entry: Entry, path: str = "script") -> tuple[str, tuple[str, ...]]:
    """Return the name of a `~` line's event and what it says about it."""
    for name, pattern, _ in EVENTS:
        if match := pattern.fullmatch(entry.text):
            return name, tuple(group or "" for group in match.groups())
    if entry.who and not entry.text:
        raise ScriptError(
            f'{path}:{entry.line}: no event is called "~{entry.who}". Write a space after ~.'
        )
    known = [usage for _, _, usage in EVENTS]
    meant = get_close_matches(entry.text, known, n=1, cutoff=0.5) or [
        usage for usage in known if usage.split()[0].rstrip(":") == entry.text.split(" ")[0]
    ]
    hint = f'Did you mean "~ {meant[0]}"?' if meant else f"Known are: {', '.join(known)}."
    raise ScriptError(f'{path}:{entry.line}: no event is called "~ {entry.text}". {hint}')


def _is_header(entry: Entry, head: Sequence[Entry]) -> bool:
    """Whether a comment at the top is `key: value`; the first one is a title unless it is known."""
    match = _HEADER.fullmatch(entry.text)
    return match is not None and (entry is not head[0] or match[1] in HEADERS)


def _headers(page: Page, head: Sequence[Entry]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for entry in head:
        if not _is_header(entry, head):
            continue
        key, _, value = entry.text.partition(":")
        headers[key] = value = value.strip()
        if key not in HEADERS:
            meant = get_close_matches(key, HEADERS, n=1)
            hint = f'Did you mean "{meant[0]}"?' if meant else f"Known are: {', '.join(HEADERS)}."
            page.fault(entry.line, f'no header is called "{key}". {hint}')
        elif key == "channel" and value not in CHANNELS:
            page.fault(
                entry.line, f'no channel is called "{value}". Known are: {", ".join(CHANNELS)}.'
            )
        elif key == "assistant" and value not in ASSISTANTS:
            page.fault(entry.line, f"an assistant is {' or '.join(ASSISTANTS)}.")
        elif key == "person" and not _is_person(value):
            page.fault(entry.line, f"a person is written {A_PERSON}.")
        elif key == "start" and not _is_moment(value):
            page.fault(entry.line, f'"{value}" is no moment. Write it like 2026-01-05T09:00+05:30.')
    return headers


def _is_person(value: str) -> bool:
    try:
        return "" not in written_facts(value)
    except ValueError:
        return False


def _is_moment(value: str) -> bool:
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def _blocks(page: Page, entries: Sequence[Entry]) -> tuple[Block, ...]:
    blocks: list[Block] = []
    comments: list[Entry] = []
    for entry in entries:
        last = blocks[-1] if blocks else None
        if entry.kind == "comment":
            comments.append(entry)
        elif entry.joined:
            burst = last is not None and not last.expected and last.stimuli[-1]
            if (
                last is None
                or not burst
                or burst.kind not in ("said", "tap")
                or burst.who != entry.who
            ):
                page.fault(
                    entry.line, "a `>+` line joins the `>` line of the same customer above it."
                )
                continue
            blocks[-1] = replace(last, stimuli=(*last.stimuli, entry))
        elif entry.kind in ("said", "tap", "event"):
            if entry.kind == "event":
                try:
                    read_event(entry, page.path)
                except ScriptError as error:
                    page.faults.append((entry.line, str(error)))
            blocks.append(Block((entry,), comments=tuple(comments)))
            comments = []
        elif last is None:
            page.fault(entry.line, "nothing has happened yet that this line could follow.")
        else:
            blocks[-1] = replace(last, expected=(*last.expected, entry))
    if comments:
        blocks.append(Block((), comments=tuple(comments)))
    return tuple(blocks)
