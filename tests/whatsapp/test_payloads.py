"""What providers post, a file for each kind and oddity; `fixtures/payloads/told.txt` says what each told.

`--snapshot-update` writes that table anew: read its diff line by line.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.whatsapp.cloud_updates import cloud_updates
from adapters.whatsapp.updates import Ignored, Update
from adapters.whatsapp.waha_updates import waha_updates

PAYLOADS = Path(__file__).parents[2] / "fixtures" / "payloads"
FILES = sorted(PAYLOADS.glob("*/*.json"))
NUMBER, SESSION = "209900000000001", "shop"


def told_by(file: Path) -> list[Update]:
    body = json.loads(file.read_bytes())
    if file.parent.name == "waha":
        return waha_updates(body, session=SESSION)
    return cloud_updates(body, phone_number_id=NUMBER)


def shown(value: object) -> str:
    """Show an update by its fields that are not empty, in the order they have."""
    if not dataclasses.is_dataclass(value):
        return repr(value)
    fields = ((field.name, getattr(value, field.name)) for field in dataclasses.fields(value))
    told = ", ".join(
        f"{name}={shown(field)}" for name, field in fields if field not in ("", 0, None)
    )
    return f"{type(value).__name__}({told})"


def lines() -> Iterator[str]:
    for file in FILES:
        yield f"{file.parent.name}/{file.stem}"
        yield from (f"    {shown(update)}" for update in told_by(file))
        yield ""


def test_every_body_tells_what_the_table_says(request: pytest.FixtureRequest) -> None:
    """Each kind of message, status and event becomes what a person wrote beside it."""
    table = PAYLOADS / "told.txt"
    told = "\n".join(lines())
    if request.config.getoption("update_snapshots"):
        table.write_text(told, "utf-8")

    assert table.read_text("utf-8") == told


def test_no_word_repeats_what_was_sent() -> None:
    """The words of what is ignored are few and ours, so that a counter may have a row for each."""
    words = {
        update.why for file in FILES for update in told_by(file) if isinstance(update, Ignored)
    }

    assert all(word.replace(" ", "").isalpha() and len(word) < 20 for word in words)
    assert len(words) < 40


@pytest.mark.parametrize("file", [file for file in FILES if file.parent.name != "waha"])
def test_another_number_is_told_nothing(file: Path) -> None:
    """An app may serve several numbers at one address; each hears its own."""
    body = json.loads(file.read_bytes())

    assert all(isinstance(one, Ignored) for one in cloud_updates(body, phone_number_id="77"))
