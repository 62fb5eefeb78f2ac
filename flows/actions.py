"""What flows may `do`: plain functions in one table.

Parameters before the `*` name the books an action writes in. Behind it, `context: Context` is the
conversation it is done for, `key` the idempotency key alone; all others are what a flow gives it
`with`, their annotations saying which kind of slot. A parameter with a default may be left out. What
it returns is plain JSON and is saved under the flow's `saves`.
"""

from __future__ import annotations

__all__ = [
    "ACTIONS",
    "AnySlot",
    "Choice",
    "Context",
    "Date",
    "Email",
    "Items",
    "Money",
    "Number",
    "OrderRef",
    "PersonName",
    "Phone",
    "Text",
    "YesNo",
    "action_specs",
    "bind",
]

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from engine.language.schema import ActionSpec
from flows.callbacks import Callbacks
from flows.context import Context, Contexts, by_key
from flows.orders import Orders
from flows.requests import Requests
from flows.signatures import bound, spec_of

Items = Annotated[list[dict[str, Any]], "items"]
PersonName = Annotated[str, "person_name"]
Phone = Annotated[str, "phone"]
Email = Annotated[str, "email"]
Text = Annotated[str, "text"]
Number = Annotated[float, "number"]
Choice = Annotated[str, "choice"]
YesNo = Annotated[str, "yes_no"]
Date = Annotated[str, "date"]
Money = Annotated[dict[str, Any], "money"]
OrderRef = Annotated[str, "order_ref"]
AnySlot = Annotated[Any, None]

Action = Callable[..., Any]


async def place_order(
    orders: Orders,
    *,
    context: Context,
    items: Items,
    name: PersonName,
    phone: Phone,
    email: Email,
    note: Text = "",
) -> dict[str, Any]:
    """Place an order for pickup: `outcome` is placed, short of stock, or waiting for the shop."""
    return await orders.place(context, items, name=name, phone=phone, email=email, note=note)


async def request_callback(
    callbacks: Callbacks, *, key: str, phone: Phone, time: Text
) -> dict[str, str]:
    """Have a colleague call."""
    return {"number": await callbacks.request(key, phone=phone, time=time)}


async def find_order(
    orders: Orders, *, context: Context, number: AnySlot, address: AnySlot
) -> dict[str, Any]:
    """Find an order by its number and the phone number or e-mail address it was placed with."""
    return await orders.find(context, number, address)


async def cancel_order(
    orders: Orders, *, context: Context, number: AnySlot, address: AnySlot
) -> dict[str, Any]:
    """Cancel an order that is found like that: `outcome` is cancelled, too_late or unknown."""
    return await orders.cancel(context, number, address)


async def last_order(orders: Orders, *, context: Context) -> dict[str, Any]:
    """Find what this customer ordered last; only the channel says who that is."""
    return await orders.last(context)


async def note_request(
    requests: Requests,
    *,
    context: Context,
    what: AnySlot = None,
    where: AnySlot = None,
    when: AnySlot = None,
    how_many: AnySlot = None,
    name: PersonName = "",
    phone: Phone = "",
    note: Text = "",
) -> dict[str, str]:
    """Note what somebody asks for, under the name of its flow, for the people who see to it."""
    details = {
        "what": what,
        "where": where,
        "when": when,
        "how_many": how_many,
        "name": name,
        "phone": phone,
        "note": note,
    }
    return {"number": await requests.note(context, details)}


ACTIONS: Mapping[str, Action] = {
    "place_order": place_order,
    "request_callback": request_callback,
    "find_order": find_order,
    "cancel_order": cancel_order,
    "last_order": last_order,
    "note_request": note_request,
}


def bind(
    *,
    contexts: Contexts = by_key,
    own: Mapping[str, Mapping[str, Action]] = {},
    **books: Any,
) -> dict[str, Action]:
    """Return the actions writing in these books; `own` are those that bots bring, by bot."""
    actions = {name: bound(action, books, contexts) for name, action in ACTIONS.items()}
    theirs: dict[str, dict[str, Action]] = {}
    for bot, brought in own.items():
        for name, action in brought.items():
            theirs.setdefault(name, {})[bot] = bound(action, books, contexts)
    for name, by_bot in theirs.items():
        actions[name] = _of_bot(by_bot, contexts)
    return actions


def _of_bot(by_bot: Mapping[str, Action], contexts: Contexts) -> Action:
    """Choose among the actions that several bots call by one name."""

    async def run(*, key: str, **arguments: Any) -> Any:
        bot = (await contexts(key)).bot if len(by_bot) > 1 else next(iter(by_bot))
        return await by_bot[bot](key=key, **arguments)

    return run


def action_specs(own: Mapping[str, Action] = {}) -> dict[str, ActionSpec]:
    """Return the actions as the checker of flows sees them, with those a bot brings."""
    return {name: spec_of(name, action) for name, action in {**ACTIONS, **own}.items()}
