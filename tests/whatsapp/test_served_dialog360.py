"""A shop at 360dialog: its own refusals, and a closed window without a template for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from adapters.whatsapp.standins.dialog360 import Dialog360Standin
from tests.whatsapp.asking import KIND, LATER, WHEN, asks, is_answered, is_owed_again
from tests.whatsapp.serving import Clock, HeldShop, bot, held_shop, until


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HeldShop]:
    """A shop at 360dialog, without a template for a closed window."""
    folder = tmp_path_factory.mktemp("plain")
    with (
        Dialog360Standin(clock=Clock()) as standin,
        held_shop(standin, folder, bot(folder, standin.connection())) as served,
    ):
        yield served


@pytest.mark.parametrize("when", WHEN)
def test_without_a_template_the_message_is_given_up(plain: HeldShop, when: str) -> None:
    phone = plain.phone()
    plain.standin.fail_next(131047, late=when == LATER)
    asks(phone)
    if when == LATER:
        until(lambda: [("failed", 131047)] == plain.states(phone))
    else:
        until(lambda: ["failed"] == plain.sends(phone))
    is_answered(plain)
    phone.says("six rows")
    assert "Which colour?" == phone.wait()[0].text


def test_without_a_template_nobody_writes_after_a_day(plain: HeldShop) -> None:
    phone = plain.phone()
    asks(phone)
    phone.wait()
    plain.later(24 * 3_600 + 1)
    begin = len(plain.standin.requests)
    plain.operator(phone, "lines", text="Your order is here")
    until(lambda: ["done", "failed"] == plain.sends(phone))
    assert begin == len(plain.standin.requests)


@pytest.mark.parametrize(("http", "seconds"), [(400, 4), (401, 61), (403, 61), (502, 2)])
def test_refusals_of_360dialogs_own(plain: HeldShop, http: int, seconds: int) -> None:
    phone = plain.phone()
    plain.standin.fail_itself(http)
    asks(phone)
    until(lambda: is_owed_again(plain, phone))
    plain.later(seconds)
    assert KIND == phone.wait()[0].text
    is_answered(plain)


def test_a_fault_of_360dialogs_own_leaves_open_whether_it_was_sent(plain: HeldShop) -> None:
    phone = plain.phone()
    begin = len(plain.standin.requests)
    plain.standin.fail_itself(500)
    asks(phone)
    assert plain.standin.wait_for(
        lambda: 500 in [one.status for one in plain.standin.requests[begin:]]
    )
    is_answered(plain)
    plain.later(16, cut=True)
    until(lambda: ["unsettled"] == plain.sends(phone))
    assert [] == phone.inbox
    plain.later(61)
    assert KIND == phone.wait()[0].text
