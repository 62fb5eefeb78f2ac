"""Reads what Meta's Cloud API posts, and 360dialog, whose bodies are Meta's.

One body holds up to 1,000 updates, of several people and kinds. Each is read alone.
"""

from __future__ import annotations

__all__ = ["cloud_updates"]

from collections.abc import Callable, Iterator, Mapping
from operator import itemgetter
from typing import Final

from adapters.whatsapp.cloud_contents import content
from adapters.whatsapp.cloud_people import People, digits, person
from adapters.whatsapp.posted import ODD, identifier, items, milliseconds, record, text
from adapters.whatsapp.updates import Echo, Ignored, Message, Moved, Status, Update

Posted = Mapping[str, object]
Told = tuple[int, Update]  # when, and what


def cloud_updates(body: object, *, phone_number_id: str | None) -> list[Update]:
    """Return what a body told, the oldest first; what has no time comes before.

    `phone_number_id` is the number we answer for, None where every number that is told is ours.
    """
    told: list[Told] = []
    if record(body).get("object", _OBJECT) == _OBJECT:
        for entry in items(record(body).get("entry")):
            for change in items(record(entry).get("changes")):
                told += _change(record(change), phone_number_id)
    told.sort(key=itemgetter(0))
    return [update for _, update in told] or [ODD]


_OBJECT = "whatsapp_business_account"


def _change(change: Posted, phone_number_id: str | None) -> Iterator[Told]:
    value = record(change.get("value"))
    read = _FIELDS.get(text(change.get("field")) or "messages")
    number = identifier(record(value.get("metadata")).get("phone_number_id"))
    if read is None:
        yield 0, Ignored("other field")
    elif phone_number_id not in (None, number):
        yield 0, Ignored("other number")
    else:
        yield from read(value)


def _messages(value: Posted) -> Iterator[Told]:
    messages = items(value.get("messages"))
    people = People(value.get("contacts"), told=len(messages))
    told = text(record(value.get("metadata")).get("display_phone_number"))
    business = "".join(filter(str.isdecimal, told))  # told as people write it, too
    for each in messages:
        message = record(each)
        at = milliseconds(message.get("timestamp"))
        yield at, _message(message, at, people, business)
    for each in items(value.get("statuses")):
        status = record(each)
        at = milliseconds(status.get("timestamp"))
        yield at, _status(status, at)
    for _ in items(value.get("errors")):
        yield 0, Ignored("error")


def _message(message: Posted, at: int, people: People, business: str) -> Update:
    if message.get("group_id"):
        return Ignored("group")
    if business and digits(message.get("from")) == business:
        return Ignored("own")
    id_ = identifier(message.get("id"))
    if not id_:
        return Ignored("no id") if message else ODD
    if message.get("type") == "system":
        return _moved(id_, at, message)
    found = content(message)
    if isinstance(found, Ignored):
        return found
    sender = people.person(message.get("from"), message.get("from_user_id"))
    if sender is None:
        return Ignored("nobody")
    return Message(id_, at, sender, found.text, found.choice, found.attachment)


def _moved(id_: str, at: int, message: Posted) -> Update:
    system = record(message.get("system"))
    kind = system.get("type")
    # The names in the second places are those of before 2022.
    if kind in ("user_changed_number", "customer_changed_number"):
        old = person(
            message.get("from") or system.get("customer"),
            system.get("previous_user_id") or message.get("from_user_id"),
        )
        new = person(system.get("wa_id") or system.get("new_wa_id"), system.get("user_id"))
    elif kind == "user_changed_user_id":
        old = person(message.get("from"), system.get("previous_user_id"))
        new = person(system.get("wa_id") or message.get("from"), system.get("user_id"))
    else:
        return Ignored("identity" if kind == "customer_identity_changed" else "system")
    return Moved(id_, at, old, new) if old and new and old != new else Ignored("system")


def _status(status: Posted, at: int) -> Update:
    id_ = identifier(status.get("id"))
    if not id_:
        return Ignored("no id") if status else ODD
    state = status.get("status")
    ours = identifier(status.get("biz_opaque_callback_data"))
    match state:
        case "failed":
            error = record(next(iter(items(status.get("errors"))), None))
            code = identifier(error.get("code"))
            why = text(error.get("title")) or text(error.get("message"))
            return Status(id_, state, at, ours, int(code) if code.isdecimal() else 0, why)
        case "sent" | "delivered" | "read" | "played":
            return Status(id_, state, at, ours)
    return Ignored("status")


def _echoes(value: Posted) -> Iterator[Told]:
    echoes = items(value.get("message_echoes"))
    people = People(value.get("contacts"), told=len(echoes))
    for each in echoes:
        echo = record(each)
        at = milliseconds(echo.get("timestamp"))
        yield at, _echo(echo, at, people)


def _echo(echo: Posted, at: int, people: People) -> Update:
    if echo.get("group_id"):
        return Ignored("group")
    id_ = identifier(echo.get("id"))
    if not id_:
        return Ignored("no id") if echo else ODD
    found = content(echo)
    if isinstance(found, Ignored):
        return found
    to = people.person(echo.get("to"), echo.get("to_user_id"))
    if to is None:
        return Ignored("nobody")
    return Echo(id_, at, to, found.in_words())


def _user_ids(value: Posted) -> Iterator[Told]:
    for each in items(value.get("user_id_update")):
        told = record(each)
        at = milliseconds(told.get("timestamp"))
        user_id = record(told.get("user_id"))
        old = person("", user_id.get("previous"))
        new = person(told.get("wa_id"), user_id.get("current"))
        if old and new and new.user_id and old.user_id != new.user_id:
            yield at, Moved(f"{old.user_id}>{new.user_id}", at, old, new)
        else:
            yield at, Ignored("system")


# Whatever else shares the address (templates, accounts, the history of a phone, what another agent
# answers and we only watch) is nothing to us.
_FIELDS: Final[dict[str, Callable[[Posted], Iterator[Told]]]] = {
    "messages": _messages,
    "smb_message_echoes": _echoes,
    "user_id_update": _user_ids,
}
