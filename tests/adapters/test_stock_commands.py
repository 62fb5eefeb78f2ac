"""The command of those who fill shelves, beside a process that is running."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from adapters.cli import app
from tests.adapters.programs import ROOT, start
from tests.core.flows import ENDED, flow
from tests.core.talk import write_bot

Run = Callable[..., Result]

GOODS = """\
id,name,unit,stock
fan,Ceiling fan,,7
cable,Copper cable,m,40
hose,Garden hose,m,
"""
ORDER = ("i need 12 remote controls", "Hari, 8848850922, hari@example.com", "/tap confirm")

KINDS = [
    pytest.param("sqlite", id="sqlite"),
    pytest.param("postgres", id="postgres", marks=pytest.mark.needs("postgres")),
]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Run a command from the root of the repository, on an empty SQLite database, for one shop."""
    monkeypatch.setenv("REJOINDER_DATA", str(tmp_path))
    monkeypatch.setenv("REJOINDER_BOT", str(shop(tmp_path, "shop", GOODS)))
    monkeypatch.chdir(ROOT)

    def invoke(*args: str) -> Result:
        return CliRunner().invoke(app, ("stock", *args), prog_name="rejoinder")

    return invoke


@pytest.fixture(params=KINDS)
def world(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, run: Run
) -> Iterator[str]:
    """The shipped shop, on a database of each kind; on the server, full shelves afterwards."""
    monkeypatch.delenv("REJOINDER_BOT")
    if request.param == "postgres":
        monkeypatch.setenv("REJOINDER_DATABASE_URL", request.getfixturevalue("database_url"))
    yield request.param
    run("set", "remote", "500")  # others order on the same server


def shop(folder: Path, name: str, goods: str = "") -> Path:
    """Write a bot that sells these goods."""
    return write_bot(
        folder / name, {"bot": name}, [flow("hello", {"said": ENDED})], catalogue=goods
    )


def left(run: Run, product: str) -> float | None:
    """Return what is left of a product, as it is listed."""
    (found,) = (
        one for one in json.loads(run("list", "--json").stdout) if one["product"] == product
    )
    return found["left"]  # type: ignore[no-any-return]


def test_a_refill_beside_a_running_chat_is_there_for_its_next_order(run: Run, world: str) -> None:
    """Too few at first; then more came in, and the customer's order is placed."""
    with start("chat", "--session", f"web-{world}", env=dict(os.environ)) as chat:
        assert run("set", "remote", "10").exit_code == 0
        for line in ORDER:
            chat.tell(line)
        chat.until("(10 left)")
        added = run("add", "remote", "2")
        for line in ("/tap change", "11 remote controls", "/tap confirm"):
            chat.tell(line)
        chat.until("Your order number is A-")
        code, _, err = chat.ended()

    assert (code, err) == (0, "")
    assert (added.exit_code, added.stdout) == (0, "")
    assert added.stderr == "rejoinder: remote: 12 left.\n"
    assert left(run, "remote") == 1


def test_all_products_are_listed_with_what_is_left(run: Run) -> None:
    """Before anything was ordered: as the catalogue has it."""
    listed = run("list")

    assert listed.exit_code == 0
    assert listed.stdout == (
        "BOT   PRODUCT  NAME          LEFT         UNIT\n"
        "shop  fan      Ceiling fan   7\n"
        "shop  cable    Copper cable  40           m\n"
        "shop  hose     Garden hose   not counted  m\n"
    )


def test_products_are_listed_as_json(run: Run) -> None:
    run("set", "cable", "2.50")

    assert json.loads(run("list", "--json").stdout) == [
        {"bot": "shop", "product": "fan", "name": "Ceiling fan", "left": 7, "unit": ""},
        {"bot": "shop", "product": "cable", "name": "Copper cable", "left": 2.5, "unit": "m"},
        {"bot": "shop", "product": "hose", "name": "Garden hose", "left": None, "unit": "m"},
    ]


def test_only_what_is_running_low_is_listed(run: Run) -> None:
    """Less than the number; what is not counted never runs low."""
    assert [one["product"] for one in json.loads(run("list", "--below", "8", "--json").stdout)] == [
        "fan"
    ]
    none = run("list", "--below", "7")
    assert (none.exit_code, none.stdout) == (0, "")
    assert none.stderr == "rejoinder: of nothing that is counted fewer than 7 are left.\n"
    assert run("list", "--below", "7", "--json").stdout == "[]\n"


def test_what_is_set_is_told_with_what_it_was(run: Run) -> None:
    first, again = run("set", "cable", "30.5"), run("set", "cable", "20")

    assert (first.exit_code, first.stdout) == (0, "")
    assert first.stderr == "rejoinder: cable: 30.5 m left, 40 before.\n"
    assert again.stderr == "rejoinder: cable: 20 m left, 30.5 before.\n"
    assert left(run, "cable") == 20


def test_what_was_not_counted_is_from_its_first_number_on(run: Run) -> None:
    refused = run("add", "hose", "3")
    assert refused.exit_code == 1
    assert refused.stderr == (
        'rejoinder: "hose" is not counted, so nothing can be added to it. Say how many there are:'
        " ./run stock set hose N\n"
    )

    assert run("set", "hose", "0").stderr == (
        "rejoinder: hose: 0 m left, it is counted from now on.\n"
    )
    assert left(run, "hose") == 0


def test_what_comes_in_is_added_and_what_is_gone_is_taken_away(run: Run) -> None:
    """To the catalogue's figure, where nobody ordered any yet."""
    assert run("add", "fan", "5").stderr == "rejoinder: fan: 12 left.\n"
    assert run("add", "cable", "-2.5").stderr == "rejoinder: cable: 37.5 m left.\n"
    changed = run("add", "fan", "-12", "--json")

    assert json.loads(changed.stdout) == {
        "bot": "shop", "product": "fan", "name": "Ceiling fan", "left": 0, "unit": "",
    }  # fmt: skip
    assert (left(run, "fan"), left(run, "cable")) == (0, 37.5)


def test_more_than_there_is_cannot_be_taken_away(run: Run) -> None:
    refused = run("add", "fan", "-8")

    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr == (
        'rejoinder: 8 of "fan" cannot be taken away: 7 left, nothing was changed.\n'
    )
    assert left(run, "fan") == 7


def test_a_wrong_id_names_the_nearest(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """By their names too."""
    assert run("set", "fann", "3").stderr == (
        'rejoinder: There is no product "fann". Did you mean "fan"?\n'
    )
    assert 'Did you mean "hose"?' in run("add", "garden hoses", "3").stderr
    far = run("set", "x1", "3")
    assert (far.exit_code, far.stdout) == (1, "")
    assert far.stderr == (
        'rejoinder: There is no product "x1". ./run stock list shows those there are.\n'
    )
    monkeypatch.delenv("REJOINDER_BOT")
    assert run("set", "capacitor", "3").stderr.count('"capacitor_') == 3


def test_of_several_bots_with_a_product_one_is_to_be_named(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Only for that product; and each has its own."""
    kiosk = shop(tmp_path, "kiosk", "id,name,stock\nfan,Hand fan,2\ncup,Cup,5\n")
    monkeypatch.setenv("REJOINDER_BOT", f"{tmp_path / 'shop'},{kiosk}")

    refused = run("set", "fan", "3")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert refused.stderr == (
        'rejoinder: Several bots have a product "fan". Say which:'
        f" --bot {tmp_path / 'shop'} or --bot {kiosk}\n"
    )
    assert run("set", "cup", "3").stderr == "rejoinder: cup: 3 left, 5 before.\n"
    assert run("add", "fan", "1", "--bot", str(kiosk)).stderr == "rejoinder: fan: 3 left.\n"
    listed = json.loads(run("list", "--json").stdout)
    assert [(one["bot"], one["left"]) for one in listed if one["product"] == "fan"] == [
        ("shop", 7),
        ("kiosk", 3),
    ]
    assert "shop " not in run("list", "--bot", str(kiosk)).stdout


def test_who_sells_nothing_has_nothing_to_list(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("REJOINDER_BOT", str(shop(tmp_path, "desk")))

    assert run("list", "--below", "3").stderr == (
        "rejoinder: there is no product: the bots that were named have no catalogue.\n"
    )
    assert run("list", "--json").stdout == "[]\n"


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("list", "fan"), "Either ./run stock list,"),
        (("set", "fan"), "Either ./run stock list,"),
        (("add",), "Either ./run stock list,"),
        (("drop", "fan", "3"), "Either ./run stock list,"),
        (("add", "fan", "3", "--below", "3"), "Either ./run stock list,"),
        (("set", "fan", "-3"), "Take away with ./run stock add fan -3"),
        (("set", "fan", "1,000"), '"1,000" is no quantity. Write up to nine digits,'),
        (("add", "fan", "1e9"), '"1e9" is no quantity.'),
        (("set", "fan", "nan"), '"nan" is no quantity.'),
        (("list", "--below", "few"), '"few" is no quantity.'),
        (("list", "--belw", "3"), 'There is no option "--belw". ./run stock --help shows them.'),
        (("add", "fan", "-x"), 'There is no option "-x".'),
        (("--jsn", "list"), 'There is no option "--jsn".'),
    ],
)
def test_what_is_asked_wrongly_is_refused(run: Run, args: tuple[str, ...], says: str) -> None:
    refused = run(*args)

    assert (refused.exit_code, refused.stdout) == (2, "")
    assert says in refused.stderr
    assert left(run, "fan") == 7
