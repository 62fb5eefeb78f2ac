"""Who asks nothing loads nothing: Google's client comes with the first question."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SERVICE = """
import asyncio, sys
from pathlib import Path
from tempfile import TemporaryDirectory
import adapters.cli
from adapters.assembly import *
from adapters.gemini.assistant import Gemini
from adapters.gemini.standin import GeminiStandin
from adapters.settings import Settings
from adapters.service import Service

gemini = Gemini(key="k")
asyncio.run(gemini.aclose())
print("google.genai" in sys.modules)
"""
ASKED = """
import asyncio, sys
from adapters.gemini.assistant import Gemini
from adapters.gemini.standin import GeminiStandin
from tests.gemini.asking import tried

asyncio.run(tried(Gemini(key="k", transport=GeminiStandin().transport())))
print("google.genai" in sys.modules)
"""


@pytest.mark.parametrize(("script", "loaded"), [(SERVICE, "False"), (ASKED, "True")])
def test_the_client_is_loaded_with_the_first_question(script: str, loaded: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT
    )

    assert loaded == done.stdout.strip()
