"""One message of a turn as the messages a provider takes: buttons, a list, or numbered text."""

from __future__ import annotations

__all__ = ["shaped", "templated"]

from collections.abc import Sequence
from typing import Literal

from adapters.whatsapp.long_texts import cut, divided, units
from adapters.whatsapp.provider import Limits, Outgoing

# Meta, interactive messages.
BUTTON_ID = 256
ROW_ID = 200
# Meta, templates.
PARAMETER = 1_024

Choices = Sequence[tuple[str, str]]
Tappable = Literal["buttons", "list"]


def shaped(text: str, choices: Choices, limits: Limits, *, open_list: str) -> list[Outgoing]:
    """Return what is sent for one message; what is too long goes before, as plain text.

    `open_list` stands on the button that opens a list, and over choices without a text.
    """
    titled = tuple((id_, " ".join(label.split())) for id_, label in choices)
    kinds = _kinds(titled, limits)
    if not kinds:
        return [Outgoing(part) for part in _written(text, titled, limits.text)]
    *earlier, last = divided(text, limits.text) or [_body(open_list)]
    kind = next((kind for kind, room in kinds if units(last) <= room), None)
    if kind is None:
        kind, room = kinds[-1]
        *more, last = divided(last, room)
        earlier += more
    opening = cut(_body(open_list), limits.button) if kind == "list" else ""
    tapped = Outgoing(last, kind, titled, opening)
    return [*(Outgoing(part) for part in earlier), tapped]


def templated(name: str, language: str, values: Sequence[str], *, text: str = "") -> Outgoing:
    """Return an approved template with its gaps filled; `text` is what it reads like elsewhere."""
    # Meta refuses line breaks, tabs, more than four spaces in a row, and nothing at all.
    fit = tuple(cut(" ".join(value.split()) or "-", PARAMETER) for value in values)
    return Outgoing(text, "template", template=name, language=language, values=fit)


def _kinds(choices: Choices, limits: Limits) -> list[tuple[Tappable, int]]:
    """Return how these choices can be tapped, the handiest first, and the room for the text."""
    ids = [id_ for id_, _ in choices]
    titles = [title.casefold() for _, title in choices]
    if not all(ids) or not all(titles) or len(set(ids)) < len(ids):
        return []
    longest = max((units(id_) for id_ in ids), default=0)
    widest = max((units(title) for _, title in choices), default=0)
    # Two buttons of one title are refused; rows of one title are not.
    most = limits.buttons if len(set(titles)) == len(titles) else 0
    kinds: list[tuple[Tappable, int]] = []
    if 0 < len(ids) <= most and longest <= BUTTON_ID and widest <= limits.button:
        kinds.append(("buttons", limits.button_body))
    if 0 < len(ids) <= limits.rows and longest <= ROW_ID and widest <= limits.row:
        kinds.append(("list", limits.list_body))
    return kinds


def _written(text: str, choices: Choices, most: int) -> list[str]:
    """Return a text with its choices as numbered lines, which stay together where they can."""
    parts = divided(text, most)
    if not choices:
        return parts
    lines = "\n".join(f"{number}. {title}" for number, (_, title) in enumerate(choices, 1))
    if parts and units(whole := f"{parts[-1]}\n\n{lines}") <= most:
        return [*parts[:-1], whole]
    return [*parts, *divided(lines, most)]


def _body(words: str) -> str:
    """Return what stands where something must: a message without a body is refused."""
    return " ".join(words.split()) or "…"
