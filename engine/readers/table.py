"""The one table that names every reader, in the order in which they take their part of a text."""

from __future__ import annotations

__all__ = ["READERS", "Kind"]

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from engine.readers.address import read_address
from engine.readers.amend_items import amend_items
from engine.readers.choice import read_choice
from engine.readers.contact import read_contact
from engine.readers.date import amend_date, read_date
from engine.readers.email_address import read_email
from engine.readers.items import combine_items, read_items
from engine.readers.money import read_money
from engine.readers.number import read_number
from engine.readers.order_ref import read_order_ref
from engine.readers.person_name import read_person_name
from engine.readers.phone import read_phone
from engine.readers.reading import Hearing, Reading
from engine.readers.text import read_text
from engine.readers.yes_no import read_yes_no


def replace_value(_old: Any, new: Any) -> Any:
    """Correct a value by the new one: what most kinds do."""
    return new


@dataclass(frozen=True, slots=True)
class Kind:
    """What the router must know about a kind of value.

    `order`: readers with a lower one take their part of the text first. `volunteers`: may be read
    although it is not being asked for. `revise`: what a correction makes of the old value.
    `amend`: reads a change in words ("add two more") together with the value it changes.
    """

    read: Callable[[str, Hearing], list[Reading]]
    order: int
    volunteers: bool = False
    revise: Callable[[Any, Any], Any] = replace_value
    amend: Callable[[Any, str, Hearing], list[Reading]] | None = None


READERS: dict[str, Kind] = {
    "email": Kind(read_email, 10, volunteers=True),
    "address": Kind(read_address, 15, volunteers=True),
    "phone": Kind(read_phone, 20, volunteers=True),
    "money": Kind(read_money, 30),
    "date": Kind(read_date, 40, amend=amend_date),
    "order_ref": Kind(read_order_ref, 50),
    "items": Kind(read_items, 60, volunteers=True, revise=combine_items, amend=amend_items),
    "number": Kind(read_number, 70),
    "choice": Kind(read_choice, 80),
    "yes_no": Kind(read_yes_no, 90),
    "person_name": Kind(read_person_name, 100, volunteers=True),
    "contact": Kind(read_contact, 110),
    "text": Kind(read_text, 120),
}
