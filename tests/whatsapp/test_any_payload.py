"""Whatever is posted, a list of updates comes of it: nothing a provider can send raises."""

from __future__ import annotations

import copy
import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

from hypothesis import given
from hypothesis import strategies as st

from adapters.whatsapp.cloud_updates import cloud_updates
from adapters.whatsapp.updates import Message, Person, Update
from adapters.whatsapp.waha_updates import waha_updates

PAYLOADS = Path(__file__).parents[2] / "fixtures" / "payloads"
BODIES = [json.loads(file.read_bytes()) for file in sorted(PAYLOADS.glob("*/*.json"))]


def keys_of(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value
    for inner in value.values() if isinstance(value, dict) else value:
        if isinstance(inner, dict | list):
            yield from keys_of(inner)


KEYS = st.sampled_from(sorted(set(keys_of(BODIES))))
WORDS = st.sampled_from(
    [
        "messages",
        "text",
        "system",
        "message",
        "message.any",
        "message.ack",
        "session.status",
        "shop",
        "nan",
        "@c.us",
        "1@lid",
        "smb_message_echoes",
        "user_id_update",
        "whatsapp_business_account",
    ]
)
ANY_TEXT = st.text(st.characters(exclude_categories=())) | WORDS
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT
ANY_JSON = st.recursive(
    LEAVES | st.just(10**400),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS | ANY_TEXT, inner, max_size=6),
    max_leaves=25,
)


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Give every place of a body, as what it is in and under which key."""
    keys: list[Any] = list(value) if isinstance(value, dict) else list(range(len(value)))
    for key in keys:
        yield value, key
        if isinstance(value[key], dict | list):
            yield from places(value[key])


@st.composite
def damaged(draw: st.DrawFn) -> Any:
    """Take a body as providers post it, and change it in up to four places."""
    body = copy.deepcopy(draw(st.sampled_from(BODIES)))
    for _ in range(draw(st.integers(1, 4))):
        found = list(places(body))
        if not found:
            break
        within, key = found[draw(st.integers(0, len(found) - 1))]
        match draw(st.sampled_from(["drop", "swap", "wrap", "unwrap"])):
            case "drop":
                del within[key]
            case "swap":
                within[key] = draw(ANY_JSON)
            case "wrap":
                within[key] = [within[key]]
            case _:
                inside = within[key]
                if isinstance(inside, dict | list) and inside:
                    within[key] = next(
                        iter(inside.values() if isinstance(inside, dict) else inside)
                    )
    return body


def told_by(body: Any) -> list[Update]:
    return [
        *cloud_updates(body, phone_number_id=None),
        *cloud_updates(body, phone_number_id="209900000000001"),
        *waha_updates(body, session="shop"),
    ]


def fields_of(value: Any) -> Iterator[Any]:
    for field in dataclasses.fields(value):
        inside = getattr(value, field.name)
        if dataclasses.is_dataclass(inside):
            yield from fields_of(inside)
        else:
            yield inside


def checked(updates: list[Update]) -> None:
    assert updates
    for update in updates:
        assert isinstance(update, get_args(Update))
        for value in fields_of(update):
            assert value is None or type(value) in (str, int)
            if isinstance(value, str):
                assert "\0" not in value
                assert value.encode().decode() == value
        assert all(person.to for person in vars_of(update) if isinstance(person, Person))
        if isinstance(update, Message):
            assert update.id
            assert update.text or update.choice or update.attachment


def vars_of(update: Update) -> list[Any]:
    return [getattr(update, field.name) for field in dataclasses.fields(update)]


@given(ANY_JSON)
def test_any_json_is_told_without_a_fault(body: Any) -> None:
    """What comes of it can be stored: text is text, without NUL and half characters."""
    checked(told_by(body))


@given(damaged())
def test_a_damaged_body_is_told_without_a_fault(body: Any) -> None:
    """Keys are missing, types are swapped, nesting is broken: the rest is read as it stands."""
    checked(told_by(body))


@given(ANY_JSON)
def test_one_odd_message_costs_no_other_message(odd: Any) -> None:
    """A batch holds messages of many people; whatever one of them sent, the others are heard."""
    good = [
        {"from": "6281234567890", "id": f"wamid.{n}", "type": "text", "text": {"body": f"{n}"}}
        for n in range(2)
    ]
    messages = [good[0], odd, good[1]]
    body = {"entry": [{"changes": [{"field": "messages", "value": {"messages": messages}}]}]}
    told = cloud_updates(body, phone_number_id=None)

    assert len(told) == 3
    assert {"wamid.0", "wamid.1"} <= {one.id for one in told if isinstance(one, Message)}
