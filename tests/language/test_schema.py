"""The values authors write, and what a file may say at all."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from engine.language.schema import (
    STATE_KINDS,
    BotFile,
    ChooseState,
    CollectState,
    FlowFile,
    Hours,
    Millis,
    Phrases,
    Text,
)
from engine.language.schema_locale import (
    known_currency,
    known_language,
    known_region,
    known_timezone,
    spans,
)
from engine.language.schema_values import clock, duration, scalar, shown

MILLIS: TypeAdapter[int] = TypeAdapter(Millis)

# The two examples every author starts from, as docs show them.
BULK_ORDER = {
    "flow": "bulk_order",
    "start": {"phrases": ["bulk order"], "when": {"items": {"total_at_least": 10}}},
    "slots": {"items": {"type": "items"}, "note": {"type": "text", "length": "2..200"}},
    "states": {
        "collecting": {
            "collect": ["items"],
            "ask": "Which parts?",
            "reask": "Please name the parts.",
            "after_misses": {3: "person"},
            "nudge": {"after": "10m", "say": "Still there?"},
            "then": "placing",
        },
        "placing": {
            "do": "place_order",
            "with": ["items"],
            "saves": "order",
            "done": [{"when": {"items": "known"}, "go": "placed"}, {"else": "placed"}],
            "failed": "person",
        },
        "placed": {"end": "completed", "say": {"en": "Done.", "es": "Listo."}},
        "person": {"hand_over": "sales", "nobody_after": {"15m": "placed"}},
    },
}


@pytest.mark.parametrize(
    ("written", "millis"),
    [
        ("30s", 30_000), ("10m", 600_000), ("24h", 86_400_000), ("7d", 604_800_000),
        ("1h30m", 5_400_000), ("1d1s", 86_401_000),
    ],
)  # fmt: skip
def test_durations_become_milliseconds(written: str, millis: int) -> None:
    """Days, hours, minutes and seconds, alone or together."""
    assert millis == MILLIS.validate_python(written)


@pytest.mark.parametrize("written", ["", "0s", "5", 15, "m", "1m1h", "1.5h", "9" * 1_000_000 + "s"])
def test_what_is_no_duration_is_refused(written: object) -> None:
    """Neither a bare number nor a million digits is a duration."""
    with pytest.raises(PydanticCustomError, match="is not a duration"):
        duration(written)


@pytest.mark.parametrize(("written", "minute"), [("00:00", 0), ("09:30", 570), ("24:00", 1440)])
def test_times_become_minutes_of_the_day(written: str, minute: int) -> None:
    """The day ends at 24:00."""
    assert minute == clock(written)


@pytest.mark.parametrize("written", ["9:00", "24:01", "noon", 9])
def test_what_is_no_time_is_refused(written: object) -> None:
    """A time has two digits for each part."""
    with pytest.raises(PydanticCustomError, match="is not a time of day"):
        clock(written)


def test_opening_hours_may_have_a_break() -> None:
    """A list of spans, the earlier first."""
    assert [(540, 720), (840, 1080)] == spans(["09:00-12:00", "14:00-18:00"])


@pytest.mark.parametrize("written", [["14:00-18:00", "09:00-12:00"], "09:00", [9], "18:00-09:00"])
def test_opening_hours_that_make_no_sense_are_refused(written: object) -> None:
    """Spans that overlap, run backwards or have no end."""
    with pytest.raises(PydanticCustomError):
        spans(written)


def test_a_week_is_laid_out_day_by_day() -> None:
    """A later key overrides an earlier one, and a range may run over Sunday."""
    hours = Hours.model_validate({"mon-sat": "09:00-18:00", "sat-mon": "10:00-12:00"})

    week = hours.week()

    assert [(600, 720)] == list(week[0])
    assert [(540, 1080)] == list(week[1])
    assert [(600, 720)] == list(week[6])
    assert ((),) * 7 == Hours.model_validate({}).week()


def test_known_places_are_taken_as_they_are() -> None:
    """Codes of languages, countries, time zones and currencies."""
    assert ("es-MX", "IN", "Asia/Kolkata", "INR") == (
        known_language("es-MX"),
        known_region("IN"),
        known_timezone("Asia/Kolkata"),
        known_currency("INR"),
    )


@pytest.mark.parametrize(
    ("known", "written", "meant"),
    [
        (known_language, "Spanish", '"es"'),
        (known_region, "Mexico", '"MX"'),
        (known_timezone, "kolkata", '"Asia/Kolkata"'),
        (known_currency, "Indian Rupee", '"INR"'),
    ],
)
def test_a_name_instead_of_a_code_is_understood(known: object, written: str, meant: str) -> None:
    """The remedy names the code that was meant."""
    with pytest.raises(PydanticCustomError) as refused:
        known(written)  # type: ignore[operator]

    assert refused.value.context
    assert meant in refused.value.context["remedy"]


def test_a_secret_is_never_repeated() -> None:
    """A fault is printed and pasted; a key that slipped into a file is not in it."""
    bot = {
        "bot": "x",
        "languages": ["en"],
        "flows": ["a"],
        "assistant": {"use": "gemini", "key": "AIzaSyDontShowThis"},
    }

    with pytest.raises(ValidationError) as refused:
        BotFile.model_validate(bot)

    assert "AIza" not in refused.value.errors()[0]["msg"]


def test_long_values_are_cut_when_they_are_shown() -> None:
    """A fault stays one line of a terminal."""
    assert 61 == len(shown("x" * 100))


@pytest.mark.parametrize("value", ["a", 1, 1.5, True])
def test_one_plain_value_is_taken(value: object) -> None:
    """Texts, numbers, true and false."""
    assert value == scalar(value)


def test_short_forms_become_the_long_ones() -> None:
    """A state for branches, one text for a list, a list for a map: readers know one form only."""
    flow = FlowFile.model_validate(BULK_ORDER)
    collecting, placing = flow.states["collecting"], flow.states["placing"]

    assert isinstance(collecting, CollectState)
    assert "placing" == collecting.then[0].else_
    assert ["Please name the parts."] == collecting.reask
    assert collecting.nudge
    assert 600_000 == collecting.nudge.after
    assert {"items": "items"} == placing.model_dump()["with_"]
    assert {"person"} == set((collecting.after_misses or {}).values())
    assert {900_000: "placed"} == flow.states["person"].model_dump()["nobody_after"]
    assert (2, 200) == flow.slots["note"].length
    assert 86_400_000 == flow.expires.after


def test_every_kind_of_state_has_a_key_of_its_own() -> None:
    """The table that tells kinds apart names every kind once."""
    assert len(STATE_KINDS) == len(set(STATE_KINDS))
    assert "choices" in ChooseState.model_fields


@pytest.mark.parametrize("value", [3, None, True, []])
def test_a_text_is_a_text(value: object) -> None:
    """Nothing passes for a text by accident."""
    with pytest.raises(ValidationError):
        TypeAdapter(Text).validate_python(value)


def test_phrases_are_a_list_or_one_per_language() -> None:
    """Both forms stay as they were written."""
    phrases: TypeAdapter[object] = TypeAdapter(Phrases)

    assert ["a"] == phrases.validate_python(["a"])
    assert {"en": ["a"]} == phrases.validate_python({"en": ["a"]})


def test_a_model_never_changes_after_it_was_read() -> None:
    """Every session shares it."""
    flow = FlowFile.model_validate(BULK_ORDER)

    with pytest.raises(ValidationError):
        setattr(flow, "version", 2)  # noqa: B010 - the type checker refuses it as well
