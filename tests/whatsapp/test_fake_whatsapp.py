"""A customer's phone at the terminal, on a stand-in, and the command that brings both."""

from __future__ import annotations

import re
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from ruamel.yaml import YAML

from adapters.assembly import FLOWS, load_source
from adapters.whatsapp.standins.cloud import CloudStandin
from adapters.whatsapp.standins.offers import OFFERS
from adapters.whatsapp.standins.terminal_phone import HELP, TerminalPhone
from adapters.whatsapp.standins.try_out import bot_for, served
from engine.errors import RejoinderError
from tests.adapters.programs import start
from tests.whatsapp.receiver import Receiver

PHONE = "+6281234567890"
BUTTONS = {"type": "button", "body": {"text": "Sure?"}}
YES_NO = [{"type": "reply", "reply": {"id": one, "title": one}} for one in ("Yes", "No")]


def answering(product: Receiver, url: str, number: str, token: str) -> None:
    """Let the product answer: a question with buttons, what was pressed, or what it got."""

    def answer(message: Any) -> None:
        body: dict[str, Any] = {"type": "text", "text": {"body": f"got {message['type']}"}}
        if message["type"] == "interactive":
            body["text"]["body"] = f"You said {message['interactive']['button_reply']['title']}."
        elif message["type"] == "text" and message["text"]["body"].endswith("?"):
            part = {**BUTTONS, "action": {"buttons": YES_NO}}
            body = {"type": "interactive", "interactive": part}
        elif message["type"] == "text":
            body["text"]["body"] = message["text"]["body"].upper()
        path = f"{url}/v25.0/{number}/messages"
        headers = {"authorization": f"Bearer {token}"}
        mark = {"status": "read", "message_id": message["id"], "typing_indicator": {"type": "text"}}
        for one in (mark, {"to": f"+{message['from']}", **body}):
            httpx2.post(path, json={"messaging_product": "whatsapp", **one}, headers=headers)

    product.on_message = answer


@pytest.fixture
def product() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def cloud(product: Receiver) -> Iterator[CloudStandin]:
    with CloudStandin(webhook=product.url) as cloud:
        answering(product, cloud.url, cloud.phone_number_id, cloud.token)
        yield cloud


def talk(cloud: CloudStandin, *lines: str, friendly: bool = False) -> list[str]:
    shown: list[str] = []
    phone = TerminalPhone(cloud, PHONE, shown.append, friendly=friendly, quiet=0.2)
    going_on = [phone.type(f"{line}\n") for line in lines]
    phone.close()
    assert all(going_on[:-1])
    return shown


# -- the phone -------------------------------------------------------------------------------------


def test_a_pipe_gets_a_transcript(cloud: CloudStandin, tmp_path: Path) -> None:
    csv = tmp_path / "order.csv"
    csv.write_text("remote,11")

    shown = talk(cloud, "hi", "buy?", "/tap yes", "/image", "/voice", f"/file {csv}", "/location")

    assert shown == [
        "> hi",
        "< HI",
        "> buy?",
        "< Sure?",
        "  ( Yes | No )",
        "> [Yes]",
        "< You said Yes.",
        "> (file image)",
        "< got image",
        "> (file voice)",
        "< got audio",
        "> (file order.csv)",
        "< got document",
        "> (file location)",
        "< got location",
    ]
    assert list(cloud.media.values())[-1].data == b"remote,11"


def test_a_person_taps_by_number_or_label_and_sees_that_it_was_read(cloud: CloudStandin) -> None:
    shown = talk(cloud, "buy?", "2", "buy?", "yes", friendly=True)

    assert [row for row in shown if "read" not in row] == [
        "bot> Sure?",
        "(1) Yes   (2) No",
        "bot> You said No.",
        "bot> Sure?",
        "(1) Yes   (2) No",
        "bot> You said Yes.",
    ]
    assert shown.count("  ✓✓ read, typing ...") == 4


def test_what_came_is_read(cloud: CloudStandin, product: Receiver) -> None:
    talk(cloud, "hi")
    assert [one["status"] for one in product.told("statuses")].count("read") == 1


def test_another_customer_has_a_chat_of_their_own(cloud: CloudStandin) -> None:
    shown = talk(cloud, "buy?", "/as +6280000000001", "/tap Yes", "hi", f"/as {PHONE}", "/tap Yes")

    assert shown[3:] == [
        "# you are +6280000000001 now",
        'no button is called "Yes" now.',
        "> hi",
        "< HI",
        "# you are +6281234567890 now",
        "> [Yes]",
        "< You said Yes.",
    ]


def test_what_comes_to_the_other_customer_says_so(cloud: CloudStandin) -> None:
    shown: list[str] = []
    phone = TerminalPhone(cloud, PHONE, shown.append, friendly=False, quiet=0.2)
    first = phone.phone
    phone.type("/as +6280000000001")
    cloud.echo(to=first, text="Ann here")
    phone.close()

    assert shown[1:] == ["# to +6281234567890:", "<operator Ann here"]


def test_what_makes_no_sense_is_explained(cloud: CloudStandin) -> None:
    shown = talk(
        cloud, "/imagine", "/tap Yes", "/image nothing.jpg", "/file", "/as me", "", "/help", "/quit"
    )

    assert shown == [
        "/imagine is no command; /help shows those there are.",
        'no button is called "Yes" now.',
        "there is no file nothing.jpg.",
        "/file needs a file: /file order.csv",
        '"me" is no phone number. Example: /as +6281234567890',
        HELP,
    ]


def test_a_product_that_refuses_the_webhook_is_named(
    cloud: CloudStandin, product: Receiver
) -> None:
    product.refuses = [403] * 1_000
    product.on_message = lambda _: None
    shown: list[str] = []
    phone = TerminalPhone(cloud, PHONE, shown.append, friendly=False, patience=0.3, quiet=0.1)
    phone.type("hi")
    product.refuses = []
    phone.close()

    assert shown[:2] == ["> hi", f"# the product answered 403 to the webhook {product.url}"]


# -- what it talks to ------------------------------------------------------------------------------


def test_a_bot_is_copied_with_its_connection_at_the_stand_in(tmp_path: Path) -> None:
    with CloudStandin() as cloud:
        connection, environment = OFFERS["cloud"].settings(cloud)
        copy = bot_for(FLOWS / "parts_shop", tmp_path, connection)

    bot = YAML(typ="safe").load((copy / "bot.yaml").read_text("utf-8"))
    assert bot["channels"]["whatsapp"] == {"main": connection}
    named = {text.removeprefix("env:") for text in connection.values() if text.startswith("env:")}
    assert named == set(environment)
    assert load_source(copy).bot.channels.whatsapp["main"].base_url == cloud.url


def test_a_borrowed_preview_borrows_the_stand_in(tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "bot.yaml").write_text("bot: shop\nchannels: {preview: {connection: east}}\n")

    copy = bot_for(folder, tmp_path / "copy", {"provider": "cloud"})

    bot = YAML(typ="safe").load((copy / "bot.yaml").read_text("utf-8"))
    told = {"preview": {"connection": "main"}, "whatsapp": {"main": {"provider": "cloud"}}}
    assert bot["channels"] == told


def test_360dialog_is_configured_by_its_own_keys(tmp_path: Path) -> None:
    with OFFERS["dialog360"].begin(0) as dialog:
        connection, environment = OFFERS["dialog360"].settings(dialog)
        copy = bot_for(FLOWS / "parts_shop", tmp_path, connection)

    assert load_source(copy).bot.channels.whatsapp["main"].provider == "dialog360"
    assert set(environment) == {"FAKE_WHATSAPP_API_KEY", "FAKE_WHATSAPP_WEBHOOK_SECRET"}


def test_a_bot_is_served_with_data_of_its_own(tmp_path: Path) -> None:
    with CloudStandin() as cloud:
        connection, environment = OFFERS["cloud"].settings(cloud)
        with served(FLOWS / "parts_shop", connection, environment) as url:
            assert httpx2.get(f"{url}/health").json()["status"] == "ok"


def test_a_bot_that_does_not_start_says_why(tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "bot.yaml").write_text("bot: shop\n")

    with (
        pytest.raises(RejoinderError, match=r"did not start\. It said:\n(.*\n)*.*bot\.yaml"),
        served(folder, {"provider": "cloud"}, {}),
    ):
        pass


# -- the command -----------------------------------------------------------------------------------


def test_the_command_talks_to_a_product_that_runs_already(product: Receiver) -> None:
    with start("fake-whatsapp", "--webhook", product.url) as program:
        program.until('base_url: "', "stderr")
        url = program.until('"', "stderr")
        token = re.search(r"FAKE_WHATSAPP_TOKEN=(\S+)", program.until("VERIFY_TOKEN", "stderr"))
        assert token is not None
        answering(product, url, "106540352242922", token[1])
        program.tell("buy?")
        program.until("( Yes | No )")
        program.tell("/tap No")
        code, out, _ = program.ended()

    assert (code, out) == (0, "\n> [No]\n< You said No.\n")


def test_the_command_ends_when_told(product: Receiver) -> None:
    with start("fake-whatsapp", "--webhook", product.url) as program:
        program.until("VERIFY_TOKEN", "stderr")
        program.tell("hi")
        program.until("> hi")
        assert program.stop(signal.SIGTERM)[0] == 143


def test_a_product_with_another_verify_token_is_refused() -> None:
    with (
        Receiver("another") as product,
        start("fake-whatsapp", "--webhook", product.url) as program,
    ):
        code, out, err = program.ended()

    assert (code, out) == (1, "")
    assert "does not answer the provider's verification" in err


def test_nobody_at_the_webhook_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.whatsapp.standins.offers.PATIENCE", 0.0)
    with socket.socket() as free, CloudStandin() as cloud:
        free.bind(("127.0.0.1", 0))
        cloud.webhook = f"http://127.0.0.1:{free.getsockname()[1]}/hook"
        with pytest.raises(RejoinderError, match="Nobody listens at "):
            OFFERS["cloud"].reach(cloud)


def test_the_bots_own_faults_are_told_first(tmp_path: Path) -> None:
    (tmp_path / "bot.yaml").write_text("bot: shop\n")
    with start("fake-whatsapp", str(tmp_path)) as program:
        code, _, err = program.ended()

    assert code == 1
    assert f"{tmp_path}/bot.yaml:1:1: " in err


def test_an_unknown_provider_is_refused_with_those_there_are() -> None:
    with start("fake-whatsapp", "--provider", "clod") as program:
        code, _, err = program.ended()

    assert code == 2
    assert '"clod" is no provider. Did you mean "cloud"?' in err


@pytest.mark.parametrize(
    ("bot", "provider", "said", "answer"),
    [
        ("hotel_desk", "waha", "minta 2 handuk", "Ke kamar nomor berapa?"),
        ("preview_bot", "dialog360", "haircut tomorrow at 4 pm", "Please tell me the name."),
    ],
)
def test_a_shipped_bot_is_tried_by_one_command(
    bot: str, provider: str, said: str, answer: str
) -> None:
    """Also one that answers only people it knows: whoever tries it is one of them."""
    with start("fake-whatsapp", bot, "--provider", provider) as program:
        program.tell(said)
        program.until(answer)
        assert 0 == program.ended()[0]
