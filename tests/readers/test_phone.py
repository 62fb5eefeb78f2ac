"""Phones: what tells them apart is loaded by the first message that could hold one."""

from __future__ import annotations

import subprocess
import sys

import pytest

SCRIPT = """
import sys
from engine.readers import READERS, Hearing
READERS["phone"].read({text!r}, Hearing(region="IN", asked=True))
print("phonenumbers" in sys.modules)
"""


@pytest.mark.parametrize(
    ("text", "loaded"), [("send 12 fans, A-1001", "False"), ("9847012345", "True")]
)
def test_a_message_with_few_digits_loads_no_table_of_numbers(text: str, loaded: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(text=text)], capture_output=True, text=True, check=True
    )

    assert loaded == done.stdout.strip()
