"""Who asks nothing loads nothing: Google's client comes with the first question."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
HELP = """
from adapters.cli import main

sys.argv = ["rejoinder", "--help"]
try:
    main()
except SystemExit:
    pass
"""
SERVICE = """
from adapters.operating import opened
from adapters.settings import load_settings

async def begin():
    async with opened(load_settings(bot=(FOLDER,))[0]) as service:
        service.start()
        print("adapters.gemini.assistant" in sys.modules)

asyncio.run(begin())
"""
ASKED = """
from adapters.gemini.assistant import Gemini
from adapters.gemini.standin import GeminiStandin
from tests.gemini.asking import tried

asyncio.run(tried(Gemini(key="k", transport=GeminiStandin().transport())))
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A bot that asks Gemini."""
    flow = {
        "flow": "visit",
        "title": "visit",
        "start": {"phrases": ["begin"]},
        "states": {"done": {"end": "completed", "say": "Done."}},
    }
    bot = {"bot": "shop", "languages": ["en"], "flows": ["visit"], "assistant": {"use": "gemini"}}
    place = tmp_path / "shop"
    place.mkdir()
    for name, value in (("bot", bot), ("visit", flow)):
        YAML().dump(value, place / f"{name}.yaml")
    return place


@pytest.mark.parametrize(
    ("script", "said"),
    [(HELP, "False"), (SERVICE, "True\nFalse"), (ASKED, "True")],
    ids=["help", "service", "asked"],
)
def test_the_client_is_loaded_with_the_first_question(
    script: str, said: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the list of commands nor a service that could ask waits for it."""
    monkeypatch.setenv("GEMINI_API_KEY", "k")
    monkeypatch.setenv("REJOINDER_DATA", str(folder.parent / "data"))
    whole = f"import asyncio, sys\nFOLDER = {str(folder)!r}\n{script}"
    done = subprocess.run(
        [sys.executable, "-c", f"{whole}\nprint('google.genai' in sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )

    assert done.stdout.strip().endswith(said)
