"""Every key, word, command, setting and metric is explained on the page where one would look."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import UnionType
from typing import Any, Final, Literal, get_args, get_origin

import pytest
from typer.main import get_command

from adapters.cli import app
from adapters.settings import Settings
from engine.language import schema_bot, schema_channels, schema_flow, schema_locale, schema_texts
from engine.language.schema import DAYS, Guard, Model, Option, Slot, SlotKind
from engine.language.schema_states import (
    Asking,
    Branch,
    CallFile,
    CallState,
    Choice,
    ChooseState,
    CollectState,
    DoState,
    EndState,
    HandOverState,
    Nudge,
    SayState,
)
from engine.language.sites import SPECIAL
from engine.runtime.counting import SUMMARIES
from engine.runtime.metrics import COUNTERS
from engine.script import EVENTS, HEADERS
from flows.actions import ACTIONS
from tests.docs.pages import LANGUAGE, OPERATING, PAGES, ROOT, SCRIPTS, unfenced

# Where each part of the language is explained: the heading, and all below it up to the next of its
# height. A new model needs a row, and so a place in the page.
SECTIONS: Final[dict[type[Model], str]] = {
    schema_bot.BotFile: "bot.yaml",
    schema_bot.SessionRules: "How long a conversation lasts",
    schema_bot.Admit: "Who is answered",
    schema_bot.Desk: "Desks, hours and people",
    schema_bot.Manual: "Desks, hours and people",
    schema_locale.Hours: "Desks, hours and people",
    schema_bot.AssistantFile: "The assistant",
    schema_bot.FaqEntry: "faq.yaml",
    schema_channels.Channels: "Channels",
    schema_channels.WebChannel: "Channels",
    schema_channels.PreviewOf: "Channels",
    schema_channels.Pace: "Channels",
    schema_channels.WindowClosed: "Channels",
    schema_channels.Connected: "Channels",
    schema_channels.CloudConnection: "Channels",
    schema_channels.Dialog360Connection: "Channels",
    schema_channels.WahaConnection: "Channels",
    schema_channels.Form: "Forms",
    schema_channels.Greeting: "Forms",
    schema_channels.Webhook: "Webhooks",
    schema_flow.FlowFile: "A flow",
    schema_flow.Start: "How a flow starts",
    schema_flow.Expires: "Unfinished flows",
    schema_flow.Migration: "Editing a flow while people are talking",
    schema_flow.AlwaysChange: "Commands that work everywhere",
    schema_texts.AlwaysFile: "Commands that work everywhere",
    schema_texts.Command: "Commands that work everywhere",
    schema_texts.TextsFile: "The built-in lines",
    Slot: "Slots",
    Option: "Slots",
    Guard: "Branches and conditions",
    Branch: "Branches and conditions",
    CollectState: "collect: ask for something",
    Asking: "When an answer does not help",
    Nudge: "When an answer does not help",
    ChooseState: "choices: let them choose",
    Choice: "choices: let them choose",
    SayState: "say and go on",
    DoState: "do: have something done",
    CallFile: "call: use another flow",
    CallState: "call: use another flow",
    HandOverState: "hand_over: call a person",
    EndState: "end",
}


def section(page: Path, title: str) -> str:
    """Return a heading's part of a page, without fenced blocks."""
    text = unfenced(page)
    found = re.search(rf"^(#+) `?{re.escape(title)}`?$", text, re.MULTILINE)
    if found is None:
        pytest.fail(f'{page.name} has no heading "{title}"', pytrace=False)
    rest = text[found.end() :]
    end = re.search(rf"^#{{1,{len(found[1])}}} ", rest, re.MULTILINE)
    return rest[: end.start() if end else None]


def in_backticks(text: str) -> str:
    """Return all code spans, one per line."""
    return "\n".join(re.findall(r"`([^`\n]+)`", text))


def is_named(word: str, spans: str) -> bool:
    """Tell whether a word stands in a code span by itself."""
    return re.search(rf"(?<![\w.-]){re.escape(word)}(?![\w-])", spans) is not None


def unnamed(words: Iterator[str] | list[str], text: str) -> list[str]:
    """List the words a text does not name in backticks."""
    spans = in_backticks(text)
    return [word for word in words if not is_named(word, spans)]


def keys(model: type[Model]) -> list[str]:
    """List a model's keys as authors write them."""
    own = [name for name in model.model_fields if not inherited(model, name)]
    return [model.model_fields[name].alias or name for name in own]


def inherited(model: type[Model], name: str) -> bool:
    """Tell whether a key is another model's, explained there."""
    return any(name in base.model_fields for base in model.__bases__ if issubclass(base, Model))


def words_of(annotation: Any) -> Iterator[str]:
    """List the fixed words a key may hold."""
    if get_origin(annotation) is Literal:
        yield from (str(word) for word in get_args(annotation))
    elif get_origin(annotation) is UnionType or get_args(annotation):
        for part in get_args(annotation):
            yield from words_of(part)


def models(root: type[Model] = Model) -> Iterator[type[Model]]:
    """List every part of the language."""
    for model in root.__subclasses__():
        yield model
        yield from models(model)


@pytest.mark.parametrize(
    "model", [pytest.param(model, id=model.__name__) for model in sorted(models(), key=str)]
)
def test_every_key_is_explained(model: type[Model]) -> None:
    """Each key, and each fixed word it may hold, stands in backticks in its section."""
    said = section(LANGUAGE, SECTIONS[model])
    fixed = [word for field in model.model_fields.values() for word in words_of(field.annotation)]
    # The kinds of values are explained once, with the slots.
    fixed = [word for word in fixed if model is Slot or word not in get_args(SlotKind)]

    assert [] == unnamed(keys(model), said)
    assert [] == unnamed(fixed, said)


def test_every_day_placeholder_and_action_is_explained() -> None:
    """What stands in braces, the days of the hours, and what flows may have done."""
    page = LANGUAGE.read_text("utf-8")

    assert [] == unnamed([*DAYS, *ACTIONS], page)
    assert [] == [name for name in SPECIAL if f"{{{name}}}" not in in_backticks(page)]


def test_every_event_and_header_of_a_script_is_explained() -> None:
    """Each `~` line and each header stands in backticks, as its author writes it."""
    spans = in_backticks(SCRIPTS.read_text("utf-8"))

    assert [] == [usage for _, _, usage in EVENTS if f"~ {usage}" not in spans]
    assert [] == [header for header in HEADERS if f"# {header}:" not in spans]


def test_every_command_is_explained() -> None:
    """Each command and option of the command line, and no command that there is not."""
    pages = "\n".join(page.read_text("utf-8") for page in PAGES)
    spans = in_backticks(pages)
    commands: Mapping[str, Any] = getattr(get_command(app), "commands")  # noqa: B009 - typed as Command
    options = [
        option
        for command in commands.values()
        for parameter in command.params
        for option in parameter.opts
        if option.startswith("--")
    ]
    cases = re.findall(r"^  ([\w|]+)\)", (ROOT / "run").read_text("utf-8"), re.MULTILINE)
    own = {name for case in cases for name in case.split("|")}

    assert [] == [name for name in commands if f"./run {name}" not in spans]
    assert [] == [option for option in options if option not in spans]
    assert set() == set(re.findall(r"\./run (\w[\w-]*)", pages)) - set(commands) - own


def test_every_setting_is_explained() -> None:
    """The table says of each setting its default and what the command line says of it."""
    table = section(OPERATING, "Settings")
    rows = re.findall(r"^\| `REJOINDER_(\w+)` \|(?: `(.+)`)? \| (.+) \|$", table, re.MULTILINE)
    defaults = {name: field.default for name, field in Settings.model_fields.items()}

    assert [
        (name.upper(), given if isinstance(given, str) else text(given), field.description)
        for (name, given), field in zip(
            defaults.items(), Settings.model_fields.values(), strict=True
        )
    ] == rows


def text(value: object) -> str:
    """Write a default as the environment would."""
    return ",".join(value) if isinstance(value, tuple) else str(value)


def test_every_metric_is_explained() -> None:
    """Each counter and summary has its row, and no row is of another thing."""
    rows = re.findall(r"^\| `(rejoinder_\w+)` \|", section(OPERATING, "Metrics"), re.MULTILINE)
    counters = [f"{counter.name}_total" for counter in COUNTERS.values()]
    others = ["rejoinder_outbox_depth", "rejoinder_outbox_oldest_seconds"]

    assert sorted([*counters, *(one.name for one in SUMMARIES.values()), *others]) == sorted(rows)


def test_every_fault_quoted_is_one_the_checker_gives() -> None:
    """The faults and remedies of the table are words of the checker, not of the page."""
    table = section(LANGUAGE, "Common faults")
    quoted = re.findall(r"^\| `([^`]+)` \|", table, re.MULTILINE)
    expected = (ROOT / "fixtures" / "broken_flows" / "expected").glob("*.txt")
    given = "\n".join(file.read_text("utf-8") for file in expected)

    assert quoted
    assert [] == [fault for fault in quoted if fault not in given]
