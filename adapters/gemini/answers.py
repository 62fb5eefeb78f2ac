"""From what Gemini answered to a reply: nothing in it is obeyed, one offer is checked."""

from __future__ import annotations

__all__ = ["MOST_KEPT", "Unsigned", "reply"]

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from adapters.gemini.contents import OFFER, VENDOR
from engine.cleaning import LONGEST_TEXT
from engine.questions import NotAnswered, Reply

MOST_KEPT: Final = (
    64 * 1_024
)  # bytes of JSON that a turn may weigh to be kept; an offer weighs 1 KB
_WHOLE: Final = ("", "STOP", "FINISH_REASON_UNSPECIFIED")
_CUT: Final = ("MAX_TOKENS", "CONTINUATION")
# Its own mishaps; the same question may well go through the next time.
_MISHAPS: Final = (
    "OTHER",
    "MALFORMED_FUNCTION_CALL",
    "MALFORMED_RESPONSE",
    "UNEXPECTED_TOOL_CALL",
    "TOO_MANY_TOOL_CALLS",
)
# Low lines inside a word are part of it, as in an address.
_BOLD: Final = re.compile(r"\*\*(?=\S)([^*\n]+)(?<=\S)\*\*|(?<!\w)__(?=\S)([^_\n]+)(?<=\S)__(?!\w)")
_HEADING: Final = re.compile(r"^ {0,3}#{1,6}[ \t]+", re.MULTILINE)
_BULLET: Final = re.compile(r"^([ \t]*)\*[ \t]+", re.MULTILINE)
_LINK: Final = re.compile(r"!?\[([^\[\]\n]*)\]\(([^()\s]+)\)")
# "3." may be half of 3.50, or the number of a list's next line.
_SENTENCE: Final = re.compile(r"(?:(?<!\d)\.|[!?…؟])[\"'”’)\]*]*(?=\s)|[。！？।]|\n")


class Unsigned(NotAnswered):
    """It refuses turns of its own, mostly for a signature: they can still be sent as texts."""


def reply(answer: Mapping[str, Any], offers: Mapping[str, str]) -> Reply:
    """Read an answer in the words of the REST interface, or raise `NotAnswered`."""
    candidates = answer.get("candidates")
    if not candidates:
        feedback = answer.get("promptFeedback") or {}
        why = feedback.get("blockReason")
        raise NotAnswered(f"blocked: {why}") if why else NotAnswered("empty", again=True)
    candidate = candidates[0]
    content = candidate.get("content") or {}
    parts = content.get("parts") or []
    end = str(candidate.get("finishReason") or "")
    said = "".join(part.get("text") or "" for part in parts if not part.get("thought"))
    cut = end in _CUT
    if not cut and end not in _WHOLE:
        raise _stopped(end)
    calls = [part["functionCall"] for part in parts if part.get("functionCall") is not None]
    offer = "" if cut else next(filter(None, (_offered(call, offers) for call in calls)), "")
    text = plain(whole_sentences(said) if cut else said)
    if len(text) > LONGEST_TEXT:
        text = whole_sentences(text[:LONGEST_TEXT]) or text
    if not text and not offer:
        raise NotAnswered(end if cut else "empty", again=not calls and not cut)
    # What goes back must be what was said and done here: cut texts and calls that were not obeyed do not.
    kept = not cut and len(said) <= LONGEST_TEXT and len(calls) == (1 if offer else 0)
    return Reply(text, offer, _verbatim(parts) if kept else {})


def _stopped(end: str) -> NotAnswered:
    if end == "MISSING_THOUGHT_SIGNATURE":
        return Unsigned(end)
    if end in _MISHAPS:
        return NotAnswered(f"stopped: {end}", again=True)
    return NotAnswered(f"blocked: {end}")


def _offered(call: Mapping[str, Any], offers: Mapping[str, str]) -> str:
    """Return the flow a call names; empty where it is not exactly a call that was allowed."""
    arguments = call.get("args")
    if (
        call.get("name") != OFFER
        or not isinstance(arguments, Mapping)
        or set(arguments) != {"flow"}
    ):
        return ""
    flow = arguments["flow"]
    return flow if isinstance(flow, str) and flow in offers else ""


def _verbatim(parts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Keep a turn as it came, unless it is too big to be kept in a line of the transcript."""
    content = {"role": "model", "parts": list(parts)}
    return {VENDOR: content} if len(json.dumps(content)) <= MOST_KEPT else {}


def whole_sentences(text: str) -> str:
    """Return a text that broke off, up to its last whole sentence."""
    end = 0
    for match in _SENTENCE.finditer(text):
        end = match.end()
    return text[:end].strip()


def plain(text: str) -> str:
    """Write Markdown as people write in chats: *bold* with one star, no headings, links in full."""
    text = _LINK.sub(_link, _HEADING.sub("", text))
    return _BOLD.sub(lambda match: f"*{match[1] or match[2]}*", _BULLET.sub(r"\1- ", text)).strip()


def _link(match: re.Match[str]) -> str:
    words, address = match[1].strip(), match[2]
    return address if words in ("", address) else f"{words} ({address})"
