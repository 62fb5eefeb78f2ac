"""Scenario B: a bot is tried on a real phone, then goes live on the same number; over real HTTP."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from adapters.whatsapp.standins.cloud import CloudStandin
from adapters.whatsapp.standins.phones import Phone, Received
from adapters.whatsapp.standins.try_out import bot_for
from tests.adapters.programs import start
from tests.web.site import Served, served

BOT = Path("flows/preview_bot")
WHAT = "haircut tomorrow at 4 pm"
NAME = "My name is Budi Santoso"
PREVIEW, PRODUCTION = "preview", "main"


@pytest.fixture
def cloud() -> Iterator[CloudStandin]:
    with CloudStandin(phone_number_id="1065") as running:
        yield running


class Place:
    """A served bot, its data, and the phone number of whoever tries it."""

    def __init__(self, folder: Path, cloud: CloudStandin) -> None:
        self.cloud = cloud
        self.bot = bot_for(BOT, folder, cloud.connection())
        self.data = folder / "data"
        self.served: Served | None = None

    @contextmanager
    def open(self) -> Iterator[Served]:
        """Serve it; leave, and what was said is still there."""
        environment = self.cloud.environment()
        with served(self.data, "--bot", str(self.bot), **environment) as site:
            self.served = site
            self.to(PRODUCTION)
            yield site

    def to(self, connection: str) -> None:
        """Have what customers write go to this webhook from now on."""
        assert self.served is not None
        self.cloud.webhook = f"{self.served.url}/api/whatsapp/{connection}/webhook"

    def command(self, *args: str, code: int = 0) -> str:
        """Run a command beside the served process."""
        env = {"REJOINDER_DATA": str(self.data), **self.cloud.environment()}
        with start(*args, env=env) as program:
            ended, out, err = program.ended()
        assert code == ended, err
        return out + err

    def sessions(self) -> list[tuple[str, str, str]]:
        """Return key, status and flow of every session."""
        rows: list[dict[str, Any]] = json.loads(
            self.command("sessions", "--all", "--json").partition("\nrejoinder:")[0]
        )
        return sorted((row["key"], row["status"], row["flow"] or "idle") for row in rows)


@pytest.fixture
def place(tmp_path: Path, cloud: CloudStandin) -> Place:
    return Place(tmp_path, cloud)


def say(phone: Phone, text: str) -> Received:
    """Write, and return the answer."""
    phone.says(text)
    (answer,) = phone.wait()
    return answer


def test_a_preview_goes_on_in_production_through_a_kill_and_ends_clean(
    place: Place, cloud: CloudStandin
) -> None:
    """B1, B3, B4, B5: the first word through the preview's webhook, the next through the other."""
    owner = cloud.phone("6281234567890", name="Raya")
    with place.open() as site:
        place.to(PREVIEW)
        assert "name" in say(owner, WHAT).text
        site.program.stop(signal.SIGKILL)
    with place.open():
        asked = say(owner, NAME)
        assert "Budi Santoso" in asked.text
        assert [("wa-preview-6281234567890", "open", "appointment")] == place.sessions()

        place.command("whatsapp", "preview", "end", "+62 812 3456 7890", "--bot", str(place.bot))
        assert [("wa-preview-6281234567890", "ended", "idle")] == place.sessions()
        assert "Barber Raya" in say(owner, "hello").text  # as any customer is greeted
        assert ("wa-1065-6281234567890", "open", "idle") in place.sessions()


def test_a_customer_gets_the_production_id_and_keeps_it(place: Place, cloud: CloudStandin) -> None:
    """B2: also while somebody else tries the bot on the same number."""
    owner, customer = cloud.phone("6281234567890"), cloud.phone("6281999888777", name="Sari")
    with place.open() as site:
        say(customer, WHAT)
        place.to(PREVIEW)
        say(owner, WHAT)
        place.to(PRODUCTION)
        site.program.stop(signal.SIGKILL)
    with place.open():
        assert "Sari" in say(customer, "My name is Sari").text
        assert [
            ("wa-1065-6281999888777", "open", "appointment"),
            ("wa-preview-6281234567890", "open", "appointment"),
        ] == place.sessions()


def test_an_owner_begins_a_preview_before_a_word_is_said(place: Place, cloud: CloudStandin) -> None:
    """Then even the production webhook leads to it; and their earlier conversation ends with it."""
    owner = cloud.phone("6281234567890")
    with place.open():
        say(owner, WHAT)
        bot = str(place.bot)
        said = place.command("whatsapp", "preview", "start", bot, "0812-3456-7890")
        assert "tries preview_bot now" in said
        again = place.command("whatsapp", "preview", "start", bot, "+6281234567890")
        assert "already" in again
        say(owner, WHAT)
        assert [
            ("wa-1065-6281234567890", "open", "appointment"),
            ("wa-preview-6281234567890", "open", "appointment"),
        ] == place.sessions()
        place.command("whatsapp", "preview", "end", "+6281234567890", "--bot", bot)
        assert [
            ("wa-1065-6281234567890", "ended", "idle"),
            ("wa-preview-6281234567890", "ended", "idle"),
        ] == place.sessions()
        gone = place.command("whatsapp", "preview", "end", "+6281234567890", "--bot", bot, code=1)
        assert "has ended" in gone


def test_one_message_through_both_webhooks_is_taken_once(place: Place, cloud: CloudStandin) -> None:
    """Meta tells all apps of an account: the preview's and the live one."""
    owner = cloud.phone("6281234567890")
    with place.open():
        place.to(PREVIEW)
        update = owner.says(WHAT, post=False)
        cloud.deliver([update])
        place.to(PRODUCTION)
        cloud.deliver([update], copies=3, at_once=True)
        owner.wait()
        say(owner, NAME)
        assert 2 == len(owner.inbox)
        assert [("wa-preview-6281234567890", "open", "appointment")] == place.sessions()


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("start", "parts_shop", "+919447000000"), "has no preview"),
        (("start", "preview_bot", "one two"), "is no phone number"),
        (("end", "one two"), "is no phone number"),
    ],
)
def test_what_cannot_be_previewed_is_said(tmp_path: Path, args: list[str], said: str) -> None:
    with start("whatsapp", "preview", *args, env={"REJOINDER_DATA": str(tmp_path)}) as program:
        code, _, err = program.ended()
    assert (2, True) == (code, said in err), err


def test_an_operator_sees_how_far_each_line_came(place: Place, cloud: CloudStandin) -> None:
    """At the command line and over HTTP; who has no token sees nothing."""
    owner = cloud.phone("6281234567890")
    key = "wa-1065-6281234567890"
    with place.open() as site:
        say(owner, WHAT)
        owner.reads()
        cloud.settled()
        rows = json.loads(place.command("deliveries", key, "--json"))
        assert [([2], "read", 0)] == [(one["lines"], one["state"], one["code"]) for one in rows]
        assert "read" in place.command("deliveries", key)
        assert 'no session "wa-1065-1"' in place.command("deliveries", "wa-1065-1", code=1)

        seen = site.look(key)
        assert [None, "read"] == [line.get("delivery") for line in seen.json()["lines"]]
        assert ["user", "bot"] == [line["who"] for line in seen.json()["lines"]]
        assert [] == site.look(key, after=2).json()["lines"]
        assert (401, 404) == (
            site.look(key, token="").status_code,
            site.look("wa-1065-1").status_code,
        )
