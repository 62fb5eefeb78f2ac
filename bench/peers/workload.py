"""The one workload every peer runs: three turns of the bulk-order dialogue.

Everybody calls the same extraction functions, so what differs is the engine and its storage.
"""

from __future__ import annotations

import re

COLLECTING_ITEMS = "collecting_items"
COLLECTING_CONTACT = "collecting_contact"
CONFIRMING = "confirming"
PLACED = "placed"

TURNS = (
    "Hi so i need to buy 11 remote controls",
    "Name is Hari and phone number is 8848850922 and email is techuse730@gmail.com",
    "yes",
)
EXPECTED_STATES = (COLLECTING_CONTACT, CONFIRMING, PLACED)
STALL = "one moment please i am looking for my phone"  # keeps the state (long conversations)

_ITEM = re.compile(r"\b(\d{1,6})\s+([a-z][a-z ]*?[a-z])(?=$|[,.;!?]|\s+and\b)", re.I)
_NAME = re.compile(r"\bname\s+is\s+([A-Z][\w'-]*)", re.I)
_PHONE = re.compile(r"\b(\d{10})\b")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_YES = frozenset({"yes", "y", "ok", "sure", "confirm"})


def extract_items(text: str) -> list[dict]:
    out = []
    for qty, name in _ITEM.findall(text):
        name = name.strip().lower()
        if name.endswith("s") and not name.endswith("ss"):
            name = name[:-1]
        out.append({"name": name, "qty": int(qty)})
    return out


def extract_contact(text: str) -> dict:
    contact = {}
    if m := _NAME.search(text):
        contact["name"] = m.group(1)
    if m := _PHONE.search(text):
        contact["phone"] = m.group(1)
    if m := _EMAIL.search(text):
        contact["email"] = m.group(0)
    return contact


def is_yes(text: str) -> bool:
    return text.strip().lower() in _YES


def describe(items: list[dict]) -> str:
    return ", ".join(f"{i['qty']} x {i['name']}" for i in items)


def ask_items() -> str:
    return "What would you like to order, and how many?"


def ask_contact(items: list[dict]) -> str:
    return f"Noted: {describe(items)}. Please share your name, phone number and email."


def summary(data: dict) -> str:
    c = data["contact"]
    return (
        f"Order: {describe(data['items'])}. Contact: {c['name']}, {c['phone']}, {c['email']}. "
        "Shall I place the order?"
    )


def thanks(data: dict) -> str:
    return f"Thanks {data['contact']['name']}, your order is placed."


def step(state: str, data: dict, text: str) -> tuple[str, dict, str]:
    """The dialogue as a plain function: (state, data, text) -> (state, data, reply)."""
    if state == COLLECTING_ITEMS:
        items = extract_items(text)
        if items:
            data = {**data, "items": items}
            return COLLECTING_CONTACT, data, ask_contact(items)
        return state, data, ask_items()
    if state == COLLECTING_CONTACT:
        contact = {**data.get("contact", {}), **extract_contact(text)}
        data = {**data, "contact": contact}
        if len(contact) == 3:
            return CONFIRMING, data, summary(data)
        return state, data, ask_contact(data["items"])
    if state == CONFIRMING:
        if is_yes(text):
            return PLACED, data, thanks(data)
        return state, data, summary(data)
    return state, data, thanks(data)


REPLIES: list[str] = []
_s, _d = COLLECTING_ITEMS, {}
for _t, _want in zip(TURNS, EXPECTED_STATES):
    _s, _d, _r = step(_s, _d, _t)
    assert _s == _want, (_s, _want)
    REPLIES.append(_r)
FINAL_DATA = _d
assert FINAL_DATA == {
    "items": [{"name": "remote control", "qty": 11}],
    "contact": {"name": "Hari", "phone": "8848850922", "email": "techuse730@gmail.com"},
}, FINAL_DATA
