"""Checking, drawing and reading, as the author of a bot meets them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

Run = Callable[..., Result]


def test_check_of_a_good_bot_or_file_is_quiet_on_stdout(run: Run) -> None:
    result = run("check", "parts_shop", "flows/parts_shop/callback.yaml")

    assert (result.exit_code, result.stdout) == (0, "")
    assert "parts_shop is good." in result.stderr


def test_check_shows_every_fault_with_its_place(run: Run, tmp_path: Path) -> None:
    (tmp_path / "bot.yaml").write_text("bot: desk\nlanguages: [en]\nflows: [f]\n", "utf-8")
    (tmp_path / "f.yaml").write_text(
        "flow: f\nstart: {phrases: [go]}\nstates:\n  a: {say: Hi, then: b}\n  c: {end: completed}\n",
        "utf-8",
    )

    whole = run("check", str(tmp_path))
    one = run("check", str(tmp_path / "f.yaml"), "--json")

    assert whole.exit_code == one.exit_code == 1
    assert "f.yaml:4:16: " in whole.stdout
    assert {fault["line"] for fault in json.loads(one.stdout)} == {4}
    assert json.loads(run("check", "parts_shop", "--json").stdout) == []


def test_check_of_one_file_leaves_out_the_faults_of_others(run: Run, tmp_path: Path) -> None:
    (tmp_path / "bot.yaml").write_text("bot: desk\nlanguages: [en]\nflows: [f, g]\n", "utf-8")
    flow = "flow: {}\nstart: {{phrases: [go {}]}}\nstates: {{a: {{end: completed}}}}\n"
    (tmp_path / "f.yaml").write_text(flow.format("f", "one"), "utf-8")
    (tmp_path / "g.yaml").write_text(flow.format("g", "two") + "colour: red\n", "utf-8")

    assert run("check", str(tmp_path / "f.yaml")).exit_code == 0
    assert run("check", str(tmp_path / "g.yaml")).exit_code == 1


def test_check_of_a_flow_without_a_bot_looks_at_the_file_alone(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "f.yaml"
    file.write_text("flow: f\nstates: {a: {end: completed}}\n", "utf-8")

    assert run("check", str(file)).exit_code == 0
    file.write_bytes(b"flow: \xff\n")
    assert run("check", str(file)).exit_code == 1


def test_check_explain_prints_the_bot_for_its_owner(run: Run) -> None:
    result = run("check", "parts_shop", "--explain")

    assert result.exit_code == 0
    assert "Cool Wind Services" in result.stdout


def test_draw_prints_a_diagram(run: Run) -> None:
    result = run("draw", "parts_shop/bulk_order")

    assert result.stdout.startswith("stateDiagram-v2\n    [*] --> collecting_items\n")
    assert "    confirming --> placing: Confirm\n" in result.stdout
    assert "    colleague --> no_one: nobody for 15m\n" in result.stdout


def test_read_takes_texts_and_rows(run: Run) -> None:
    texts = run("read", "contact", "--region", "IN", given="Name is Hari, 8848850922\n\nnothing\n")
    rows = run(
        "read",
        "phone",
        "--jsonl",
        given='{"id": "x", "text": "8848850922", "region": "IN", "lang": "en,es", "asked": true}\n',
    )

    assert [json.loads(row)["id"] for row in texts.stdout.splitlines()] == [1, 3]
    assert {
        one["kind"]: one["value"] for one in json.loads(texts.stdout.splitlines()[0])["readings"]
    } == {
        "phone": "+918848850922",
        "person_name": "Hari",
    }
    assert json.loads(rows.stdout) == {
        "id": "x",
        "readings": [
            {
                "value": "+918848850922",
                "text": "8848850922",
                "start": 0,
                "end": 10,
                "dialable": True,
            }
        ],
    }


def test_read_knows_a_bots_region_and_a_rows_catalogue(run: Run) -> None:
    phone = run("read", "phone", "--bot", "parts_shop", given="8848850922\n")
    items = run(
        "read",
        "items",
        "--lang",
        "en",
        "--jsonl",
        given='{"text": "11 remotes", "catalogue": {"R1": ["remote control", "remotes"]}}\n',
    )

    assert json.loads(phone.stdout)["readings"][0]["value"] == "+918848850922"
    assert json.loads(items.stdout)["readings"][0]["value"][0]["quantity"] == 11


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("not json", "line 1 is not JSON"),
        ("[1]", 'line 1 is no row. Example: {"id": 1'),
        ('{"id": 1}', "line 1 is no row."),
        ('{"text": "a", "langs": "en"}', 'a row has no "langs". Did you mean "lang"?'),
        ('{"text": "a", "zzz": 1}', 'a row has no "zzz". Known are: id, text'),
        ('{"text": 5}', '"text" must be str, not 5.'),
    ],
)
def test_a_row_that_cannot_be_read_is_told_with_its_line(run: Run, row: str, words: str) -> None:
    result = run("read", "phone", "--jsonl", given=f"{row}\n")

    assert result.exit_code == 2
    assert words in result.stderr


def test_check_of_a_flow_without_a_bot_still_knows_its_states(run: Run, tmp_path: Path) -> None:
    """What a file says about itself is checked; what only its bot can tell is not."""
    file = tmp_path / "f.yaml"
    states = "{a: {say: {en: Hi, es: Hola}, then: b}, c: {hand_over: x, nobody_after: {5m: d}}}"
    file.write_text(f"flow: f\nstates: {states}\n", "utf-8")
    said = run("check", str(file))

    assert said.exit_code == 1
    assert 'state "a" goes to "b", which no state is called' in said.stdout
    assert "desk" not in said.stdout
    assert "language" not in said.stdout
