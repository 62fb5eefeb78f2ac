"""docs/widget.md: it names everything a page's author can use, and its client runs."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from tests.widget.page import Server
from tests.widget.test_element import SCRIPT

PAGE = Path(__file__).parents[2] / "docs" / "widget.md"


def test_the_page_names_every_attribute_event_variable_and_word() -> None:
    """And none that is not there."""
    page, script = PAGE.read_text(encoding="utf-8"), SCRIPT.read_text(encoding="utf-8")
    attributes = set(
        re.findall(r'getAttribute\("(\w+)"\)|hasAttribute\("(\w+)"\)|\[(theme)=', script)
    )
    words = re.findall(
        r"\b(\w+): \"", script[script.index("    en: {") : script.index("    es: {")]
    )
    told = re.search(r"What is left out stays English: `([^`]+)`", page)

    assert {name for names in attributes for name in names if name} | {"dir"} == set(
        re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)
    )
    assert set(re.findall(r"--rejoinder-[\w-]+", script)) == set(
        re.findall(r"--rejoinder-[\w-]+", page)
    )
    assert told is not None
    assert words == told[1].split()
    assert sorted(re.findall(r"^\| `rejoinder:(\w+)`", page, re.MULTILINE)) == [
        "close",
        "line",
        "open",
        "state",
    ]


def test_the_client_of_the_page_places_an_order(shop: Server) -> None:
    block = re.search(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert block is not None
    client = block[1].replace("http://127.0.0.1:8000", shop.url)
    ran = subprocess.run(
        [sys.executable, "-c", client], capture_output=True, text=True, check=False, timeout=60
    )

    assert ran.stderr == ""
    said = ran.stdout.splitlines()
    assert said[0] == "['Confirm', 'Change', 'Cancel']"
    assert "Your order number is" in said[1]
