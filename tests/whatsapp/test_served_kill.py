"""A shop that is killed with answers on their way, and what its log says of all that went wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import partial

import pytest

from adapters.whatsapp.standins.cloud import CloudStandin
from adapters.whatsapp.standins.phones import Phone
from tests.web.site import CONTACT, ORDER
from tests.whatsapp.serving import Shop, bot, served_shop, shows, until

KIND = "Which kind of sample?"
LEASE = 40.0  # seconds: what a killed worker had taken is free again after 15


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("shop")
    with CloudStandin() as cloud:
        own = bot(folder, cloud.connection())
        with served_shop(cloud, folder, own, REJOINDER_LOG_LEVEL="debug") as served:
            yield served


def have(phones: Sequence[Phone], some: int) -> bool:
    """Tell whether so many messages came to these."""
    return sum(len(one.inbox) for one in phones) >= some


def test_what_was_on_the_wire_is_settled_by_its_status(shop: Shop) -> None:
    """The provider has the answer, and we never heard so: it is not sent again."""
    phone = shop.phone()
    shop.standin.time_out_next()
    phone.says("show samples")
    (kinds,) = phone.wait()
    shop.kill()
    shop.standin.release()
    shop.start()
    until(lambda: ["done"] == shop.sends(phone))
    phone.taps(kinds, "Six rows")
    assert "Which colour?" == phone.wait()[0].text
    assert 2 == len(phone.inbox)


def test_what_was_posted_while_nobody_was_there_is_answered_once(shop: Shop) -> None:
    phone = shop.phone()
    shop.kill()
    phone.says("show samples")
    shop.start()
    assert KIND == phone.wait(timeout=LEASE)[0].text
    phone.says("six rows")
    assert "Which colour?" == phone.wait()[0].text
    assert 2 == len(phone.inbox)


def test_every_turn_is_answered_exactly_once_whenever_it_is_killed(shop: Shop) -> None:
    """Twenty people write; it is killed as soon as some have their answer, and away for a while."""
    phones = [shop.phone() for _ in range(20)]
    for phone in phones:
        phone.says("show samples")
    assert shop.standin.wait_for(partial(have, phones, 3), LEASE)
    for _ in range(2):  # what was cut is sent again a minute after that was seen
        shop.kill()
        shop.passes(76)
        shop.start()
        shop.standin.settled(LEASE)
    for phone in phones:
        shows(phone, KIND, timeout=LEASE)
        phone.says("six rows")
    for phone in phones:
        shows(phone, KIND, "Which colour?", timeout=LEASE)
        assert 2 == len(phone.inbox)


def test_nothing_that_was_said_and_no_secret_is_logged(shop: Shop) -> None:
    """Not either where a provider repeats it in its refusals."""
    phone = shop.phone(name="Gopalakrishnan")
    for text in (ORDER, CONTACT):
        phone.says(text)
        phone.wait()
    for code in (131000, 131026, 100, 999_999):
        shop.standin.fail_next(code, details=f"{phone.number} Gopalakrishnan said {ORDER}")
        phone.says("hello")
    shop.standin.fail_next(131026, details=f"{phone.number} said {ORDER}", late=True)
    phone.says("hello")
    shop.standin.fail_next(131009, details=ORDER, of="mark")
    phone.sends_file(b"part,qty\nAC remote control,11\n", "gopalakrishnan.csv", "text/csv")
    shop.standin.fail_next(500, details=ORDER, of="media")
    phone.sends_file(b"part,qty\nAC remote control,11\n", "gopalakrishnan.csv", "text/csv")
    shop.standin.time_out_next(cut=True)
    phone.says("hello")
    junk = json.dumps({"entry": [{"changes": [{"value": {"messages": [ORDER]}}]}]}).encode()
    assert 401 == shop.standin.post(junk, headers={})
    shop.standin.settled()
    until(lambda: "effect_failed" in shop.log.read_text("utf-8"))

    log = shop.log.read_text("utf-8")
    said = {text for (text,) in shop.rows("SELECT text FROM line") if len(text) > 8}
    assert ORDER in said
    told = [
        text for text in said if any(line in log for line in text.splitlines() if len(line) > 8)
    ]
    assert [] == told
    names = {"Gopalakrishnan", "gopalakrishnan", "Hari", "techuse730"}
    numbers = {one.number for one in shop.standin.phones} | {"8848850922"}
    secrets = set(shop.standin.environment().values())
    assert set() == {word for word in names | numbers | secrets if word in log}
