"""Every body that providers are known to post, signed, to a served shop: taken, and answered rarely."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx2
import pytest
from ruamel.yaml import YAML

from adapters.whatsapp.standins.cloud import CloudStandin
from adapters.whatsapp.standins.dialog360 import Dialog360Standin
from adapters.whatsapp.standins.offers import OFFERS
from adapters.whatsapp.updates import Message
from tests.whatsapp.serving import Shop, bot, served_shop
from tests.whatsapp.test_payloads import FILES, NUMBER, SESSION, told_by

SECRETS = {
    "FAKE_WHATSAPP_APP_SECRET": "payloads-app-secret",
    "FAKE_WHATSAPP_TOKEN": "payloads-token",
    "FAKE_WHATSAPP_VERIFY_TOKEN": "payloads-verify-token",
    "FAKE_WHATSAPP_API_KEY": "payloads-api-key",
    "FAKE_WHATSAPP_WEBHOOK_SECRET": "payloads-webhook-secret",
    "FAKE_WHATSAPP_HMAC_KEY": "payloads-hmac-key",
}
# When they were posted, by their files; today they would be months old, and answered by nobody.
WHEN = b"1790000"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A shop with a number at each provider; nobody is there who would take an answer."""
    folder = tmp_path_factory.mktemp("shop")
    with ExitStack() as stack:
        cloud = stack.enter_context(CloudStandin(phone_number_id=NUMBER))
        dialog360 = stack.enter_context(Dialog360Standin(phone_number_id=NUMBER))
        waha = stack.enter_context(OFFERS["waha"].begin(0))
        own = bot(folder, cloud.connection())
        numbers: dict[str, Any] = {
            "cloud": cloud.connection(),
            "dialog360": dialog360.connection(),
            "waha": {**OFFERS["waha"].settings(waha)[0], "session": SESSION},
        }
        _write(own / "bot.yaml", numbers)
        yield stack.enter_context(served_shop(cloud, folder, own, **SECRETS))


def _write(file: Path, numbers: Mapping[str, Any]) -> None:
    yaml = YAML()
    told = yaml.load(file.read_text("utf-8"))
    told["channels"]["whatsapp"] = dict(numbers)
    with file.open("w", encoding="utf-8") as out:
        yaml.dump(told, out)


def signed(provider: str, body: bytes) -> dict[str, str]:
    """Return the headers by which a body is a provider's."""
    match provider:
        case "cloud":
            key = SECRETS["FAKE_WHATSAPP_APP_SECRET"].encode()
            return {"x-hub-signature-256": f"sha256={hmac.new(key, body, 'sha256').hexdigest()}"}
        case "dialog360":
            return {"x-rejoinder-secret": SECRETS["FAKE_WHATSAPP_WEBHOOK_SECRET"]}
    key = SECRETS["FAKE_WHATSAPP_HMAC_KEY"].encode()
    return {
        "x-webhook-hmac": hmac.new(key, body, hashlib.sha512).hexdigest(),
        "x-webhook-hmac-algorithm": "sha512",
    }


def post(shop: Shop, file: Path) -> int:
    """Post a file as if it had happened now."""
    now = str(int(time.time()) // 1_000).encode()
    body = file.read_bytes().replace(WHEN, now)
    url = f"{shop.url}/api/whatsapp/{file.parent.name}/webhook"
    return httpx2.post(url, content=body, headers=signed(file.parent.name, body)).status_code


def sends(shop: Shop) -> int:
    query = "SELECT count(*) FROM effect WHERE kind IN ('send', 'reply')"
    return int(shop.rows(query)[0][0])


SILENT = [file for file in FILES if not any(isinstance(one, Message) for one in told_by(file))]
SAID = [file for file in FILES if file not in SILENT]


def named(file: Path) -> str:
    return f"{file.parent.name}/{file.stem}"


@pytest.mark.parametrize("file", SILENT, ids=named)
def test_nobody_answers_what_is_no_message(shop: Shop, file: Path) -> None:
    """Statuses, reactions, echoes, groups, our own words, oddities."""
    before = sends(shop)
    assert 200 == post(shop, file)
    assert before == sends(shop)


@pytest.mark.parametrize("file", SAID, ids=named)
def test_what_is_a_message_is_taken_once(shop: Shop, file: Path) -> None:
    assert 200 == post(shop, file)
    lines, owed = shop.rows("SELECT count(*) FROM line"), sends(shop)
    assert 200 == post(shop, file)
    assert lines == shop.rows("SELECT count(*) FROM line")
    assert owed == sends(shop)


@pytest.mark.parametrize("provider", ["cloud", "dialog360", "waha"])
def test_every_provider_is_asked_for_its_own_proof(shop: Shop, provider: str) -> None:
    url = f"{shop.url}/api/whatsapp/{provider}/webhook"
    good = signed(provider, b"{}")
    assert 200 == httpx2.post(url, content=b"{}", headers=good).status_code
    assert 401 == httpx2.post(url, content=b"{}").status_code
    forged = {**good, next(iter(good)): "0" * 64}
    assert 403 == httpx2.post(url, content=b"{}", headers=forged).status_code
    for other in {"cloud", "dialog360", "waha"} - {provider}:
        assert 401 == httpx2.post(url, content=b"{}", headers=signed(other, b"{}")).status_code
