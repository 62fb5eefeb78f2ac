"""What flows may `do`: plain functions in one table.

An action's first parameter names the book it writes in; `key` is the idempotency key; the others
are what a flow gives it `with`, their annotations saying which kind of slot. A parameter with a
default may be left out. What it returns is plain JSON and is saved under the flow's `saves`.
"""

from __future__ import annotations

__all__ = ["ACTIONS", "action_specs", "bind"]

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from inspect import Parameter, signature
from typing import Annotated, Any, get_type_hints

from engine.language.schema import ActionSpec, Argument
from flows.callbacks import Callbacks
from flows.orders import Orders

Items = Annotated[list[dict[str, Any]], "items"]
PersonName = Annotated[str, "person_name"]
Phone = Annotated[str, "phone"]
Email = Annotated[str, "email"]
Text = Annotated[str, "text"]


async def place_order(
    orders: Orders,
    *,
    key: str,
    items: Items,
    name: PersonName,
    phone: Phone,
    email: Email,
    note: Text = "",
) -> dict[str, str]:
    """Place an order for pickup."""
    number = await orders.place(key, items, name=name, phone=phone, email=email, note=note)
    return {"number": number}


async def request_callback(
    callbacks: Callbacks, *, key: str, phone: Phone, time: Text
) -> dict[str, str]:
    """Have a colleague call."""
    return {"number": await callbacks.request(key, phone=phone, time=time)}


ACTIONS: Mapping[str, Callable[..., Any]] = {
    "place_order": place_order,
    "request_callback": request_callback,
}


def bind(**books: Any) -> dict[str, Callable[..., Any]]:
    """Return the actions writing in these books."""
    return {
        name: partial(action, books[next(iter(signature(action).parameters))])
        for name, action in ACTIONS.items()
    }


def action_specs() -> dict[str, ActionSpec]:
    """Return the actions as the checker of flows sees them."""
    return {name: ActionSpec(name, tuple(_arguments(action))) for name, action in ACTIONS.items()}


def _arguments(action: Callable[..., Any]) -> Iterator[Argument]:
    kinds = get_type_hints(action, include_extras=True)
    for name, parameter in list(signature(action).parameters.items())[2:]:
        required = parameter.default is Parameter.empty
        yield Argument(name, kinds[name].__metadata__[0], required=required)
