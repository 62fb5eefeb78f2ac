"""`./run whatsapp ...` as somebody at a terminal meets it: real processes, a stand-in of WAHA."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import segno
from typer.testing import CliRunner, Result

from adapters.cli import app
from adapters.whatsapp.qr_drawing import BORDER, COLOURS, PLAIN, draw_qr
from adapters.whatsapp.standins.waha import WahaStandin
from adapters.whatsapp.standins.waha_pairing import LIVES
from tests.adapters.programs import ROOT, start
from tests.core.flows import ENDED, flow
from tests.core.talk import write_bot
from tests.whatsapp.waha_hook import client

KEYS = {"SHOP_KEY": "key", "SHOP_HMAC": "hmac"}
HALVES = {" ": (0, 0), "▀": (1, 0), "▄": (0, 1), "█": (1, 1)}


@pytest.fixture
def waha() -> Iterator[WahaStandin]:
    with WahaStandin(paired=False, patience=0.05) as running:
        yield running


@pytest.fixture
def env(waha: WahaStandin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A bot with a number of each provider, as the settings and the environment have it."""
    bot = write_bot(
        tmp_path / "shop",
        {
            "bot": "shop",
            "channels": {
                "whatsapp": {
                    "paired": {
                        "provider": "waha",
                        "base_url": waha.url,
                        "api_key": "env:SHOP_KEY",
                        "hmac_key": "env:SHOP_HMAC",
                    },
                    "official": {
                        "provider": "cloud",
                        "phone_number_id": "1065",
                        "app_secret": "env:META_SECRET",
                        "token": "env:META_TOKEN",
                        "verify_token": "env:META_VERIFY",
                    },
                }
            },
        },
        [flow("hello", {"said": ENDED})],
    )
    given = {
        **KEYS,
        "REJOINDER_BOT": str(bot),
        "REJOINDER_DATA": str(tmp_path),
        "REJOINDER_PUBLIC_URL": "https://chat.example",
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    return given


def run(*args: str) -> Result:
    return CliRunner().invoke(app, ["whatsapp", *args], prog_name="rejoinder")


def pairs(waha: WahaStandin) -> None:
    """The owner scanned, some time ago."""
    with client(waha) as api:
        api.post("/api/sessions", json={"name": "default"})
        api.get("/api/default/auth/qr")
        waha.scan()


def test_pairing_shows_each_new_code_and_ends_when_one_is_scanned(
    env: dict[str, str], waha: WahaStandin
) -> None:
    """Without a terminal the codes are data: one a line."""
    with start("whatsapp", "pair", "paired", env=env) as program:
        program.until("QR code 1.", "stderr")
        first = program.until("\n")
        waha.renew_qr()
        program.until("QR code 2.", "stderr")
        second = program.until("\n")
        shown = waha.pairing.qr
        waha.scan()
        code, _, err = program.ended()

    assert (0, "paired is connected: +6281100000001.") == (
        code,
        err.strip().rpartition("rejoinder: ")[2],
    )
    assert first != second
    assert shown == second
    (hook,) = waha.pairing.config["webhooks"]
    assert "https://chat.example/api/whatsapp/paired/webhook" == hook["url"]
    assert "hmac" == hook["hmac"]["key"]


def test_a_connected_number_is_said_to_be_so(env: dict[str, str], waha: WahaStandin) -> None:
    pairs(waha)
    with start("whatsapp", "pair", "paired", env=env) as program:
        code, out, err = program.ended()

    # It lacked our webhook, which restarts it; the number stays paired.
    assert (0, "") == (code, out)
    assert "rejoinder: paired is connected" in err
    assert "+6281100000001" in err
    assert run("pair", "paired").stderr.endswith("paired is connected already: +6281100000001.\n")


def test_six_codes_and_nobody_scans(env: dict[str, str], waha: WahaStandin) -> None:
    with start("whatsapp", "pair", "paired", env=env) as program:
        program.until("QR code 1.", "stderr")
        for _ in LIVES:
            waha.renew_qr()
        code, _, err = program.ended()

    assert 1 == code
    assert "none was scanned, so WAHA stopped (FAILED)" in err
    assert "./run whatsapp pair paired" in err


def test_ctrl_c_leaves_the_session_as_it_is(env: dict[str, str], waha: WahaStandin) -> None:
    """On a terminal, where the code is drawn; the session goes on showing codes."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "adapters.cli", "whatsapp", "pair", "paired"],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=subprocess.PIPE,
        env={**os.environ, **env},
        # A shell that runs the tests in the background leaves Ctrl-C ignored in all they start.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - no threads
    ) as process:
        os.close(theirs)
        drawn = b""
        while b"Ctrl-C leaves it as it is." not in drawn:
            drawn += os.read(ours, 65_536)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    os.close(ours)

    assert draw_qr(waha.pairing.qr) == drawn.decode().split("\r\n")[:-2]
    assert 1 == process.returncode
    assert b"left as it is. Go on with ./run whatsapp pair paired" in err
    assert b"Traceback" not in err
    assert "SCAN_QR_CODE" == waha.status


@pytest.mark.parametrize("length", [3, 60, 237])
def test_a_drawn_code_is_the_code_dark_on_light(length: int) -> None:
    """Read back module by module, with its light border."""
    value = ("2@" + "Ab3/" * length)[:length]

    lines = draw_qr(value)

    assert all(line.startswith(COLOURS) and line.endswith(PLAIN) for line in lines)
    cells = [[HALVES[c] for c in line.removeprefix(COLOURS).removesuffix(PLAIN)] for line in lines]
    rows = [[cell[half] for cell in line] for line in cells for half in (0, 1)]
    expected = segno.make_qr(value, error="l", boost_error=False).matrix_iter(border=BORDER)
    assert [[int(dark) for dark in row] for row in expected] == rows[: len(rows[0])]
    assert not any(any(row) for row in rows[len(rows[0]) :])


def test_status_lists_every_connection(env: dict[str, str], waha: WahaStandin) -> None:
    pairs(waha)

    result = run("status", "--json")
    rows: list[dict[str, Any]] = json.loads(result.stdout)
    table = run("status").stdout

    assert 0 == result.exit_code
    assert [
        {
            "bot": "shop",
            "name": "paired",
            "provider": "waha",
            "state": "connected",
            "status": "WORKING",
            "since": None,
            "number": "+6281100000001",
            "base_url": waha.url,
        },
        {
            "bot": "shop",
            "name": "official",
            "provider": "cloud",
            "state": "configured",
            "status": "",
            "since": None,
            "number": "",
            "base_url": "https://graph.facebook.com",
        },
    ] == rows
    assert table.startswith("BOT")
    assert "connected" in table


def test_a_waha_that_is_down_is_said_and_the_rest_is_listed(
    env: dict[str, str], waha: WahaStandin
) -> None:
    waha.down()

    result = run("status", "--json")

    assert 1 == result.exit_code
    states = [row["state"] for row in json.loads(result.stdout)]
    assert ["disconnected", "configured"] == states
    assert "does not answer" in result.stderr


def test_disconnecting_asks_first(env: dict[str, str], waha: WahaStandin) -> None:
    """Without a terminal nobody can be asked: --yes says it."""
    pairs(waha)

    refused = run("disconnect", "paired")
    still = waha.status
    done = run("disconnect", "paired", "--yes")

    assert (2, "WORKING") == (refused.exit_code, still)
    assert "Add --yes" in refused.stderr
    assert (0, "STOPPED") == (done.exit_code, waha.status)
    assert "paired is disconnected" in done.stderr
    assert waha.pairing.account is None


@pytest.mark.parametrize(("answer", "status"), [("n", "WORKING"), ("y", "STOPPED")])
def test_a_person_is_asked_whether_to_disconnect(
    env: dict[str, str], waha: WahaStandin, answer: str, status: str
) -> None:
    pairs(waha)
    ours, theirs = pty.openpty()
    os.write(ours, f"{answer}\n".encode())
    result = subprocess.run(
        [sys.executable, "-m", "adapters.cli", "whatsapp", "disconnect", "paired"],
        cwd=ROOT,
        stdin=theirs,
        capture_output=True,
        env={**os.environ, **env},
        check=False,
    )
    os.close(ours)
    os.close(theirs)

    assert (0, status) == (result.returncode, waha.status)
    assert b"Disconnect paired?" in result.stderr


def test_all_that_is_not_set_is_said_at_once(
    env: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in KEYS:
        monkeypatch.delenv(name)

    result = run("status")

    assert 2 == result.exit_code
    assert "SHOP_KEY: the api_key of the connection paired (shop)" in result.stderr
    assert "SHOP_HMAC: the hmac_key of the connection paired (shop)" in result.stderr


def test_a_wrong_key_is_said_without_the_key(
    env: dict[str, str], waha: WahaStandin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_KEY", "wrong-one")

    result = run("pair", "paired")

    assert 1 == result.exit_code
    assert "refuses the api_key" in result.stderr
    assert "wrong-one" not in result.output


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("pared", 'No bot has a WhatsApp connection "pared". Did you mean "paired"?'),
        ("official", "official is a number at cloud: it needs no pairing."),
    ],
)
def test_what_cannot_be_paired_is_said(env: dict[str, str], name: str, said: str) -> None:
    result = run("pair", name)

    assert 2 == result.exit_code
    assert said in result.stderr


def test_a_bot_without_connections_is_told_where_they_stand(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("REJOINDER_DATA", str(tmp_path))
    monkeypatch.setenv("REJOINDER_BOT", "parts_shop")

    assert "channels: whatsapp" in run("status").stderr
    assert "[]" == run("status", "--json").stdout.strip()


def test_a_number_is_added_and_removed_without_touching_the_file(
    env: dict[str, str], waha: WahaStandin
) -> None:
    """It is listed and paired like those of bot.yaml; what is wrong with it is said."""
    second = ("provider=waha", f"base_url={waha.url}", "api_key=env:SHOP_KEY")
    for written, said in (
        (("second", "provider=waha"), "api_key"),
        (("second", "provider"), "is no KEY=VALUE"),
        (("Second", *second, "hmac_key=env:SHOP_HMAC"), "cannot name a connection"),
        (("paired", *second, "hmac_key=env:SHOP_HMAC"), "in its bot.yaml"),
        (("second", *second, "hmac_key=not-a-variable"), "env:NAME"),
    ):
        refused = run("add", *written)
        assert 2 == refused.exit_code, refused.output
        assert said in refused.stderr

    added = run("add", "second", *second, "hmac_key=env:OTHER_HMAC")
    assert 0 == added.exit_code, added.output
    assert "OTHER_HMAC: the hmac_key of the connection second (shop)" in added.stderr
    assert "https://chat.example/api/whatsapp/second/webhook" in added.stderr
    assert 0 == run("add", "second", *second, "hmac_key=env:SHOP_HMAC").exit_code
    names = [row["name"] for row in json.loads(run("status", "--json").stdout)]
    assert ["paired", "official", "second"] == names

    assert 0 == run("remove", "second").exit_code
    gone = run("remove", "second")
    assert (1, True) == (gone.exit_code, "No command added" in gone.stderr)
