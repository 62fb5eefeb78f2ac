"""What flows may do: each once per key, and known to the checker by its signature."""

from __future__ import annotations

from engine.language.schema import ActionSpec, Argument
from flows.actions import action_specs, bind
from flows.callbacks import Callbacks
from flows.ledger import MemoryLedger
from flows.orders import Orders


async def test_an_order_is_placed_once_per_key() -> None:
    ledger = MemoryLedger()
    place = bind(orders=Orders(ledger), callbacks=Callbacks(MemoryLedger()))["place_order"]
    given = {"items": [{"quantity": 11}], "name": "Hari", "phone": "+91", "email": "a@b.co"}

    placed = [await place(key=key, **given) for key in ("s1:1:1", "s1:1:1", "s1:2:1")]

    assert [one["number"] for one in placed] == ["A-1001", "A-1001", "A-1002"]
    assert [entry["items"] for entry in ledger] == ['[{"quantity": 11}]'] * 2


async def test_a_callback_is_noted_once_per_key() -> None:
    ledger = MemoryLedger()
    books = {"orders": Orders(MemoryLedger()), "callbacks": Callbacks(ledger)}
    request = bind(**books)["request_callback"]

    first = await request(key="s1:1:1", phone="+91", time="at nine")
    again = await request(key="s1:1:1", phone="+91", time="at nine")
    assert first == again == {"number": "C-1001"}
    assert list(ledger) == [{"phone": "+91", "time": "at nine"}]


def test_the_checker_knows_what_an_action_needs() -> None:
    assert action_specs()["request_callback"] == ActionSpec(
        "request_callback", (Argument("phone", "phone"), Argument("time", "text"))
    )
    note = action_specs()["place_order"].arguments[-1]
    assert note == Argument("note", "text", required=False)
