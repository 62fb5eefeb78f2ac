"""What tests of refusals ask a shop, and how they see that it answers."""

from __future__ import annotations

__all__ = ["KIND", "LATER", "WHEN", "asks", "is_answered", "is_owed_again"]

from adapters.whatsapp.standins.phones import Phone
from tests.whatsapp.serving import HeldShop, until

LATER = "later"
WHEN = ("at once", LATER)  # a provider refuses
KIND = "Which kind of sample?"


def asks(phone: Phone) -> None:
    phone.says("show samples")


def is_answered(shop: HeldShop) -> None:
    """Have somebody else ask, and get an answer."""
    other = shop.phone()
    asks(other)
    assert KIND == other.wait()[0].text
    until(lambda: ["done"] == shop.sends(other))


def is_owed_again(shop: HeldShop, phone: Phone) -> bool:
    """Tell whether a message was tried and is to be tried again."""
    query = (
        "SELECT 1 FROM effect e JOIN session s ON s.id = e.session WHERE s.key = ?"
        " AND e.status = 'owed' AND e.not_before > ?"
    )
    return bool(shop.rows(query, shop.key(phone), shop.clock()))
