"""The documentation, tested: every key is explained, every example runs, every link leads somewhere.

How an example says what it is, behind the language of its fenced block:

- ``yaml file=salon/booking.yaml``: a whole file of the bot `salon`. The files of a page add up.
- ``yaml into=salon/bot.yaml``: keys that go into that file as it stands, in the place of its own.
  A bot nobody has written yet begins as `FRAME` below; `frame` begins anew in every block.
- ``chat``: a conversation with the bot of the yaml block above it, or with ``bot=salon``, or with the
  one its own header ``# bot: salon`` names. Playing it gives exactly this text; with ``expect`` it may
  say more (as `./run play --expect`).
- ``yaml broken=booking.yaml``: a flow with faults, put into `FRAME`; the block after it is what
  `./run check` says.
- any block right below ``<!-- ./run draw ... -->``: what that command prints.

With ``--snapshot-update`` conversations, faults and outputs are written into the pages anew: read the
difference like any other edit.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from types import UnionType
from typing import Any, Final, Literal, get_args, get_origin

import pytest
from ruamel.yaml import YAML
from typer.main import get_command
from typer.testing import CliRunner

from adapters.assembly import build_book, build_player
from adapters.cli import app
from adapters.settings import Settings
from engine.errors import AuthorError
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
from engine.play import play
from engine.runtime.counting import SUMMARIES
from engine.runtime.metrics import COUNTERS
from engine.script import EVENTS, HEADERS, parse
from engine.transcript import render
from flows.actions import ACTIONS

ROOT: Final = Path(__file__).parents[2]
LANGUAGE: Final = ROOT / "docs" / "flow-language.md"
OPERATING: Final = ROOT / "docs" / "operating.md"
SCRIPTS: Final = ROOT / "docs" / "scripts.md"
FRONT: Final = (ROOT / "README.md", ROOT / "CONTRIBUTING.md")
PAGES: Final = (*FRONT, *sorted((ROOT / "docs").glob("*.md")))

# --- what a fragment stands in ---------------------------------------------------------------------

FRAME: Final[dict[str, Any]] = {
    "bot.yaml": {
        "bot": "frame",
        "languages": ["en"],
        "flows": ["visit"],
        "hand_over": {"sales": {}},
    },
    "visit.yaml": {
        "flow": "visit",
        "title": "visit",
        "start": {"phrases": ["begin"], "hint": "The customer wants a visit."},
        "states": {"done": {"end": "completed", "say": "Done."}},
    },
    "faq.yaml": [{"id": "hours", "ask": ["when are you open"], "say": "From nine to six."}],
    "knowledge/tea.md": "# Tea\n\nWhat the assistant may look up.\n",
}
# What a fragment of a flow may mention without saying it.
FRAME_SLOTS: Final[dict[str, Any]] = {
    "name": {"type": "person_name", "label": "name"},
    "phone": {"type": "phone", "label": "phone number"},
    "items": {"type": "items", "label": "parts and quantities"},
    "email": {"type": "email", "label": "email"},
}
FRAME_STATES: Final[dict[str, Any]] = {
    "done": {"end": "completed", "say": "Done."},
    "stopped": {"end": "cancelled", "say": "Stopped."},
    "person": {"hand_over": "sales"},
}


def framed(flow: dict[str, Any], given: Mapping[str, Any]) -> None:
    """Put keys into a flow, and with them what they mention."""
    flow.update(given)
    if "slots" in given and "states" not in given:
        flow["states"] = asking_for(given["slots"])
    mentioned = str(given.get("states", "")) + str(given.get("always", ""))
    states = flow["states"]
    flow["states"] |= {
        name: state
        for name, state in FRAME_STATES.items()
        if name not in states and f"'{name}'" in mentioned
    }
    slots = dict(flow.get("slots", {}))
    collected = {name for state in states.values() for name in state.get("collect", ())}
    slots |= {n: slot for n, slot in FRAME_SLOTS.items() if n in collected and n not in slots}
    flow["slots"] = slots


def asking_for(slots: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Ask for all these slots, read back what there is, and end."""
    shown = " ".join(f"{{{name}}}" for name, slot in slots.items() if not slot.get("optional"))
    return {
        "asking": {"collect": list(slots), "ask": "Your {missing}, please.", "then": "showing"},
        "showing": {
            "say": f"{shown}. Right?",
            "choices": [
                {"id": "right", "label": "Right", "means": "yes", "go": "done"},
                {"id": "change", "label": "Change", "means": "change"},
            ],
        },
        "done": {"end": "completed", "say": "Done."},
    }


# --- the pages ------------------------------------------------------------------------------------

Files = dict[str, str]


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: where it stands, its language, what its info string and a comment say."""

    place: str
    language: str
    info: dict[str, str]
    text: str
    command: str


@dataclass(frozen=True, slots=True)
class Example:
    """Something a page claims: files that load, a talk that goes so, an output that looks so."""

    place: str
    files: Files
    talk: str = ""
    exact: bool = True
    says: str = ""


FENCE: Final = re.compile(
    r"(?:^<!-- \./run (?P<command>.+?) -->\n+)?^```(?P<language>\w*)(?P<info>[^\n]*)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


def blocks(page: Path) -> Iterator[Block]:
    """List the fenced blocks of a page."""
    content = page.read_text("utf-8")
    for match in FENCE.finditer(content):
        line = content.count("\n", 0, match.start("language")) + 1
        info = dict(part.partition("=")[::2] for part in match["info"].split())
        place = f"{page.relative_to(ROOT)}:{line}"
        yield Block(place, match["language"], info, match["text"], match["command"] or "")


def read_yaml(text: str) -> Any:
    """Read YAML 1.2 as the loader does: plain values."""
    return YAML(typ="safe", pure=True).load(text)


def write_yaml(value: Any) -> str:
    """Write a value as a file."""
    stream = StringIO()
    YAML().dump(value, stream)
    return stream.getvalue()


def frame() -> Files:
    """Write the bot that fragments stand in."""
    return {
        path: value if isinstance(value, str) else write_yaml(value)
        for path, value in FRAME.items()
    }


def examples(*pages: Path) -> Iterator[Example]:
    """List what the blocks of these pages claim, with the files as they stand by then."""
    shelf: dict[str, Files] = {}
    used: dict[str, str] = {}
    current, broken = "", None
    for block in (block for page in pages for block in blocks(page)):
        path = block.info.get("file") or block.info.get("into") or ""
        if broken is not None:
            yield Example(block.place, broken, says=block.text)
            broken = None
        elif "broken" in block.info:
            broken = {**frame(), block.info["broken"]: block.text}
        elif path:
            current, _, name = path.partition("/")
            files = dict(shelf.get(current, {}) if "file" in block.info else {})
            if "into" in block.info:
                files = dict(frame() if current == "frame" else shelf.get(current) or frame())
                files[name] = merged(files.get(name, "{}"), block.text, name)
                yield Example(block.place, files)
            elif name in files:
                yield Example(used[current], files)
            if "file" in block.info:
                files[name] = block.text
            shelf[current], used[current] = files, block.place
        elif block.language == "chat" and not block.command:
            named = re.search(r"^# bot: (\w+)$", block.text, re.MULTILINE)
            files = shelf[named[1] if named else block.info.get("bot", current)]
            yield Example(block.place, files, block.text, "expect" not in block.info)
    yield from (Example(used[bot], files) for bot, files in shelf.items() if bot != "frame")


def merged(before: str, text: str, name: str) -> str:
    """Put the keys of a fragment into a file."""
    value, given = read_yaml(before), read_yaml(text)
    if isinstance(given, list):
        return text
    if name == "bot.yaml":
        value.update(given)
    else:
        framed(value, given)
    return write_yaml(value)


def written(folder: Path, files: Files) -> Path:
    """Write a bot's files."""
    for path, text in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    return folder


ALL: Final = list(examples(*PAGES))


def by_place(kind: list[Example]) -> list[Any]:
    """Name each case by its place, apart from others of the same place."""
    return [pytest.param(one, id=f"{one.place}-{n}") for n, one in enumerate(kind)]


def agree(request: pytest.FixtureRequest, place: str, shown: str, now: str) -> None:
    """Hold what a page shows to what is so now, or write it into the page."""
    if shown != now and request.config.getoption("update_snapshots"):
        page = ROOT / place.rpartition(":")[0]
        fenced = re.compile(rf"^(```\w+[^\n]*\n){re.escape(shown)}```$", re.MULTILINE)
        page.write_text(fenced.sub(lambda m: f"{m[1]}{now}```", page.read_text("utf-8")), "utf-8")
        return

    assert shown == now, place


# --- every example runs ---------------------------------------------------------------------------


@pytest.mark.parametrize("example", by_place([one for one in ALL if not one.talk + one.says]))
def test_files_shown_are_a_bot_that_loads(example: Example, tmp_path: Path) -> None:
    """What a reader types in is loaded, checked and compiled without a fault."""
    try:
        build_book(written(tmp_path, example.files))
    except AuthorError as error:
        faults = "\n".join(str(fault) for fault in error.faults).replace(f"{tmp_path}/", "")
        pytest.fail(f"{example.place}:\n{faults}", pytrace=False)


@pytest.mark.parametrize("example", by_place([one for one in ALL if one.talk]))
def test_conversations_shown_go_so(
    example: Example, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Who types what the customer types reads what the page shows."""
    folder = written(tmp_path, example.files)
    script = parse(example.talk, str(folder / "talk.chat"))
    played = play(build_player(folder, script.headers, path=script.path), script)

    if example.exact:
        agree(request, example.place, example.talk, render(played.entries))
    else:
        assert played.unmet == "", example.place


@pytest.mark.parametrize("example", by_place([one for one in ALL if one.says]))
def test_faults_shown_are_what_the_checker_says(
    example: Example, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """A reader who meets a fault finds the very words on the page."""
    with pytest.raises(AuthorError) as raised:
        build_book(written(tmp_path, example.files))
    said = [re.sub(r"^.*/(?=\w+\.yaml:)", "", f"{fault}\n") for fault in raised.value.faults]

    agree(request, example.place, example.says, "".join(said))


PRINTED: Final = [block for page in PAGES for block in blocks(page) if block.command]


@pytest.mark.parametrize("block", [pytest.param(block, id=block.place) for block in PRINTED])
def test_output_shown_is_what_the_command_prints(
    block: Block, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    """A picture or transcript below a command is that command's output."""
    monkeypatch.chdir(ROOT)
    result = CliRunner().invoke(app, shlex.split(block.command))

    assert result.exit_code == 0, f"{block.place}: {result.stderr}"
    agree(request, block.place, block.text, result.stdout)


def test_the_readme_shows_a_flow_and_a_conversation() -> None:
    """The front page has a picture of a flow and a real transcript, both held to the product."""
    shown = {
        (block.command.split()[0], block.language) for block in blocks(FRONT[0]) if block.command
    }

    assert {("draw", "mermaid"), ("play", "chat")} <= shown


# --- every key is explained -----------------------------------------------------------------------

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
    text = re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
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


# --- every link leads somewhere -------------------------------------------------------------------

LINK: Final = re.compile(r"(?<!!)\[[^\]\n]+\]\(([^)\s]+)\)|!\[[^\]\n]*\]\(([^)\s]+)\)")


def anchors(page: Path) -> set[str]:
    """List the anchors GitHub gives a page's headings."""
    text = re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", [pytest.param(page, id=page.name) for page in PAGES])
def test_every_link_leads_somewhere(page: Path) -> None:
    """A relative link names a file that is there, and a heading that file has."""
    text = re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    astray = []
    for match in LINK.finditer(text):
        link = match[1] or match[2]
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            astray.append(link)

    assert [] == astray


def test_no_page_holds_the_marks_of_a_merge() -> None:
    marked = [
        f"{page.relative_to(ROOT)}:{number}"
        for page in (*PAGES, ROOT / "CHANGELOG.md")
        for number, line in enumerate(page.read_text("utf-8").splitlines(), 1)
        if re.match(r"(?:<{7}|>{7}) |={7}$", line)
    ]

    assert [] == marked
