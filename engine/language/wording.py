"""Templates to words: placeholders filled, lists joined, values shown as a person would write them.

A template is cut once, when the bot is compiled; a turn only joins strings.
"""

from __future__ import annotations

__all__ = ["Placeholder", "Template", "Text", "Voice", "compile_text", "show", "template_of"]

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

_PLACEHOLDER = re.compile(r"\{([a-z_][a-z0-9_]*(?:\.[a-z0-9_]+)*)\}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A hole in a template; a `block` one stands alone on its line and may take several lines."""

    path: tuple[str, ...]
    block: bool


@dataclass(frozen=True, slots=True)
class Template:
    """A text cut at its placeholders; `constant` when it has none."""

    parts: tuple[str | Placeholder, ...]
    constant: str | None
    names: frozenset[str]  # of its placeholders, each up to its first full stop

    def fill(self, value: Callable[..., str], *context: Any) -> str:
        """Return the text with each hole filled by ``value(hole, *context)``."""
        if self.constant is not None:
            return self.constant
        out: list[str] = []
        for part in self.parts:
            if isinstance(part, str):
                # "at 1:00 p.m." at the end of a sentence has one full stop, not two.
                doubled = part[:1] == "." and part[:2] != ".." and out and out[-1][-1:] == "."
                out.append(part[1:] if doubled else part)
            else:
                out.append(value(part, *context))
        return "".join(out)


Text = Mapping[str, Template]


def template_of(text: str) -> Template:
    """Cut one text at its placeholders; the blank end that YAML's block style leaves goes."""
    text = text.rstrip()
    parts: list[str | Placeholder] = []
    end = 0
    for match in _PLACEHOLDER.finditer(text):
        if match.start() > end:
            parts.append(text[end : match.start()])
        before = text[: match.start()].rpartition("\n")[2]
        after = text[match.end() :].partition("\n")[0]
        block = not before.strip() and not after.strip()
        parts.append(Placeholder(tuple(match[1].split(".")), block))
        end = match.end()
    if end < len(text):
        parts.append(text[end:])
    names = frozenset(part.path[0] for part in parts if isinstance(part, Placeholder))
    return Template(tuple(parts), None if names else text, names)


def compile_text(text: str | Mapping[str, str], languages: Sequence[str]) -> Text:
    """Compile what an author wrote, one text or one per language."""
    if isinstance(text, str):
        one = template_of(text)
        return dict.fromkeys(languages, one)
    first = text.get(languages[0]) or next(iter(text.values()))
    return {language: template_of(text.get(language, first)) for language in languages}


def join_list(parts: Sequence[str], word: str, language: str) -> str:
    """Join as the language does: "name, phone number and email"."""
    if len(parts) < 2:
        return "".join(parts)
    # Spanish says "e" before an i sound and "o" becomes "u" before an o sound (RAE).
    if language == "es":
        last = parts[-1].lower()
        if word == "y" and re.match(r"h?i(?![aeou])", last):
            word = "e"
        elif word == "o" and re.match(r"h?o", last):
            word = "u"
    return f"{', '.join(parts[:-1])} {word} {parts[-1]}"


@dataclass(frozen=True, slots=True)
class Voice:
    """How a language is spoken where the bot is: its locale, its words for and, for or."""

    language: str
    locale: str  # es_MX: what amounts and dates look like
    joined_by: tuple[str, str]

    def join(self, parts: Sequence[str], *, by_or: bool = False) -> str:
        """Join a list: "name, phone number and email"."""
        return join_list(parts, self.joined_by[by_or], self.language)


def show(value: Any, kind: str, voice: Voice, *, block: bool) -> str:
    """Show a value to a person; one that is not of its kind's shape is shown as it is."""
    row = _SHOWN.get(kind, _plain)
    try:
        return row(value, voice, block)
    except (KeyError, TypeError, ValueError):
        return _plain(value, voice, block)


def _plain(value: Any, voice: Voice, block: bool) -> str:  # noqa: FBT001 - one shape for the table
    if isinstance(value, float):
        from babel.numbers import format_decimal  # noqa: PLC0415 - 2 ms, for bots with fractions

        return str(format_decimal(value, locale=voice.locale, group_separator=False))
    if isinstance(value, (list, dict)):
        parts = value if isinstance(value, list) else value.values()
        return ", ".join(_plain(part, voice, block) for part in parts)
    return str(value)


def _items(value: Any, voice: Voice, block: bool) -> str:  # noqa: FBT001 - one shape for the table
    if block:
        return "\n".join(f"- {_item(line, voice)}{_price(line, voice)}" for line in value)
    return voice.join([_item(line, voice) for line in value])


def _item(line: Mapping[str, Any], voice: Voice) -> str:
    unit = line.get("unit")
    quantity = _plain(line["quantity"], voice, False)  # noqa: FBT003 - likewise
    return f"{quantity} {unit} {line['name']}" if unit else f"{quantity} x {line['name']}"


def _price(line: Mapping[str, Any], voice: Voice) -> str:
    price = line.get("price")
    if price is None:
        return ""
    each, quantity = show(price, "money", voice, block=False), line["quantity"]
    whole = show({**price, "amount": price["amount"] * quantity}, "money", voice, block=False)
    return f" @ {each} = {whole}"


@lru_cache(4096)
def _phone_number(value: str) -> str:
    # phonenumbers groups digits as the country does; a number it cannot parse stays as it is.
    import phonenumbers  # noqa: PLC0415 - 18 ms that a bot without phones does not pay

    try:
        number = phonenumbers.parse(value)
    except phonenumbers.NumberParseException:
        return value
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def _phone(value: Any, voice: Voice, block: bool) -> str:  # noqa: FBT001 - one shape for the table
    return _phone_number(str(value))


def _date(value: Any, voice: Voice, block: bool) -> str:  # noqa: FBT001 - one shape for the table
    from datetime import date, datetime, time  # noqa: PLC0415 - only who needs it waits for it

    from babel import Locale  # noqa: PLC0415 - 2 ms and a locale's data, for bots with dates
    from babel.dates import format_date, format_time  # noqa: PLC0415 - only who needs it waits for it

    text = str(value)
    locale = Locale.parse(voice.locale)
    if "T" in text:
        moment = datetime.fromisoformat(text)
        day = format_date(moment.date(), "full", locale)
        return f"{day}, {format_time(moment.time(), 'short', locale=locale)}"
    if ":" in text:
        return str(format_time(time.fromisoformat(text), "short", locale=locale))
    return str(format_date(date.fromisoformat(text), "full", locale))


def _limit(value: Any, voice: Voice, block: bool) -> str:  # noqa: FBT001 - one shape for the table
    """Group the thousands of a number that is only told: nobody counts the zeros of 1000000."""
    from babel.numbers import format_decimal  # noqa: PLC0415 - 2 ms, for bots with limits

    return str(format_decimal(value, locale=voice.locale))


def _money(value: Any, voice: Voice, block: bool) -> str:  # noqa: FBT001 - one shape for the table
    return _amount(value["amount"], value["currency"], voice.locale)


@lru_cache(4096)  # a catalogue's prices are shown again and again
def _amount(amount: int | float, currency: str, locale: str) -> str:
    from babel.numbers import format_currency  # noqa: PLC0415 - only bots with money pay for it

    return str(format_currency(amount, currency, locale=locale))


_SHOWN: dict[str, Callable[[Any, Voice, bool], str]] = {
    "items": _items,
    "limit": _limit,
    "phone": _phone,
    "address": _phone,
    "date": _date,
    "money": _money,
}
