"""Where and when a bot lives: languages, countries, currencies, time zones, opening hours."""

from __future__ import annotations

__all__ = [
    "DAYS",
    "Hours",
    "known_currency",
    "known_language",
    "known_region",
    "known_timezone",
]

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Annotated, Final

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from engine.language.schema_values import Model, Text, clock, shown, wrong

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SPAN_PATTERN: Final = r"^[0-2][0-9]:[0-5][0-9]-[0-2][0-9]:[0-5][0-9]$"
DAYS_PATTERN: Final = rf"^({'|'.join(DAYS)})(-({'|'.join(DAYS)}))?$"


def known_language(value: str) -> str:
    """Take a language as ISO 639 names it, with a country where it matters: en, es, es-MX."""
    from babel import Locale  # noqa: PLC0415 - 30 ms that only a bot's own file costs

    known = Locale("en").languages
    if re.fullmatch(r"[a-z]{2,3}(-[A-Z]{2})?", value) and value.partition("-")[0] in known:
        return value
    raise unknown(value, "a language", "Write its two letters, like en or es-MX.", known)


def known_region(value: str) -> str:
    """Take a country as ISO 3166 names it, because typed phone numbers are read for it."""
    from babel import Locale  # noqa: PLC0415 - as above
    from phonenumbers import SUPPORTED_REGIONS  # noqa: PLC0415 - as above

    if value in SUPPORTED_REGIONS:
        return value
    names = Locale("en").territories
    known = {code: names.get(code, code) for code in sorted(SUPPORTED_REGIONS)}
    raise unknown(value, "a country", "Write its two letters, like IN or MX.", known)


def known_timezone(value: str) -> str:
    """Take a time zone by its name in the tz database."""
    from zoneinfo import available_timezones  # noqa: PLC0415 - reads a folder

    zones = available_timezones()
    if value in zones:
        return value
    known = {zone: zone.rpartition("/")[2].replace("_", " ") for zone in sorted(zones)}
    raise unknown(value, "a time zone", "Write it like Asia/Kolkata or Europe/Madrid.", known)


def known_currency(value: str) -> str:
    """Take a currency as ISO 4217 names it."""
    from babel import Locale  # noqa: PLC0415 - as above

    known = Locale("en").currencies
    if value in known:
        return value
    raise unknown(value, "a currency", "Write its three letters, like INR or EUR.", known)


def unknown(value: str, what: str, remedy: str, known: Mapping[str, object]) -> PydanticCustomError:
    """Say what is not known, and the code that may be meant: by itself or by its English name."""
    codes = {str(name).casefold(): code for code, name in known.items()}
    codes |= {code.casefold(): code for code in known}
    # Only long words: every two letters are near to some country's.
    near = get_close_matches(value.casefold(), codes, 1, 0.8) if len(value) > 3 else []
    meant = codes.get(value.casefold()) or (codes[near[0]] if near else "")
    hint = f' Did you mean "{meant}"?' if meant else ""
    return wrong(f"{shown(value)} is not {what}", f"{remedy}{hint}")


def spans(value: object) -> list[tuple[int, int]]:
    """Read `09:00-13:00`, or a list of such, as minutes after midnight."""
    read: list[tuple[int, int]] = []
    for each in value if isinstance(value, list) else [value]:
        start, dash, end = each.partition("-") if isinstance(each, str) else ("", "", "")
        if not dash:
            raise wrong(f"{shown(each)} is not opening hours", 'Write for example "09:00-18:00".')
        opens, closes = clock(start.strip()), clock(end.strip())
        if closes <= opens or (read and opens < read[-1][1]):
            fault = f"{shown(each)} ends before it begins, or begins before the one above ends"
            raise wrong(
                fault, "Put the earlier hours first; past midnight belongs to the next day."
            )
        read.append((opens, closes))
    return read


def day_range(value: str) -> str:
    """Take a day or a range of days."""
    if re.fullmatch(DAYS_PATTERN, value):
        return value
    raise wrong(f"{shown(value)} is no day", "Write mon, tue, wed, thu, fri, sat, sun or mon-fri.")


Span = Annotated[
    list[tuple[int, int]],
    BeforeValidator(spans),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": SPAN_PATTERN},
                {"type": "array", "items": {"type": "string", "pattern": SPAN_PATTERN}},
            ]
        }
    ),
]


class Hours(Model):
    """When people are there; a day that is not named is closed."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[Annotated[str, AfterValidator(day_range)], Span] = Field(init=False)

    closed: Text | None = Field(None, description="Said outside these hours; may use {opens}.")

    def week(self) -> tuple[tuple[tuple[int, int], ...], ...]:
        """List the open spans of each day, Monday first, in minutes after midnight."""
        week: list[tuple[tuple[int, int], ...]] = [()] * 7
        for named, opening in (self.__pydantic_extra__ or {}).items():
            first, _, last = named.partition("-")
            at, until = DAYS.index(first), DAYS.index(last or first)
            for day in range(at, at + (until - at) % 7 + 1):
                week[day % 7] = tuple(opening)
        return tuple(week)
