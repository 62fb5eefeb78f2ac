"""The examples of the documentation, run.

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
from typing import Any, Final

import pytest
from ruamel.yaml import YAML
from typer.testing import CliRunner

from adapters.assembly import build_book, build_player
from adapters.cli import app
from engine.errors import AuthorError
from engine.play import play
from engine.script import parse
from engine.transcript import render
from tests.docs.pages import FRONT, PAGES, ROOT

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
