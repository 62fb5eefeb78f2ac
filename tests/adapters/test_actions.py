"""What flows may do: each once per key, and known to the checker by its signature."""

from __future__ import annotations

from engine.language.schema import ActionSpec, Argument
from flows.actions import action_specs, bind
from flows.callbacks import Callback, Callbacks
from flows.orders import Orders


def test_an_order_is_placed_once_per_key() -> None:
    orders = Orders()
    place = bind(orders=orders, callbacks=Callbacks())["place_order"]
    given = {"items": [{"quantity": 11}], "name": "Hari", "phone": "+91", "email": "a@b.co"}

    numbers = [place(key=key, **given)["number"] for key in ("s1:1:1", "s1:1:1", "s1:2:1")]

    assert numbers == ["A-1001", "A-1001", "A-1002"]
    assert [order.number for order in orders] == ["A-1001", "A-1002"]


def test_a_callback_is_noted_once_per_key() -> None:
    callbacks = Callbacks()
    request = bind(orders=Orders(), callbacks=callbacks)["request_callback"]

    first = request(key="s1:1:1", phone="+91", time="at nine")
    assert request(key="s1:1:1", phone="+91", time="at nine") == first == {"number": "C-1001"}
    assert list(callbacks) == [Callback("C-1001", "s1:1:1", "+91", "at nine")]


def test_the_checker_knows_what_an_action_needs() -> None:
    assert action_specs()["request_callback"] == ActionSpec(
        "request_callback", (Argument("phone", "phone"), Argument("time", "text"))
    )
    note = action_specs()["place_order"].arguments[-1]
    assert note == Argument("note", "text", required=False)
