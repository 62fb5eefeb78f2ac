"""Which bodies are refused for what they say, whoever they are for (Meta: messages/...)."""

from __future__ import annotations

__all__ = ["BODY_RULES"]

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from adapters.whatsapp.standins.refusing import Ask, Rule, found, length

TYPES = (
    "text",
    "interactive",
    "template",
    "image",
    "video",
    "audio",
    "document",
    "sticker",
    "location",
    "contacts",
    "reaction",
)


def _message(check: Callable[[Mapping[str, Any]], str]) -> Callable[[Ask], str]:
    """Look at messages alone: a mark (read, typing) has none of what they have."""
    return lambda ask: "" if "status" in ask.body else check(ask.body)


def _interactive(kind: str, check: Callable[[Mapping[str, Any]], str]) -> Callable[[Ask], str]:
    def look(body: Mapping[str, Any]) -> str:
        part = body.get("interactive")
        if body.get("type") != "interactive" or not isinstance(part, Mapping):
            return ""
        return check(part) if part.get("type") in kind.split() else ""

    return _message(look)


def _product(ask: Ask) -> str:
    return (
        ""
        if ask.body.get("messaging_product") == "whatsapp"
        else "The parameter messaging_product is required."
    )


def _to(body: Mapping[str, Any]) -> str:
    return "" if body.get("to") or body.get("recipient") else "The parameter to is required."


def _number(body: Mapping[str, Any]) -> str:
    if not body.get("to"):
        return ""
    good = re.fullmatch(r"\+?[\d ()-]{6,24}", str(body["to"]))
    fault = "The phone number is malformed: Please use the format: +1234567890."
    return "" if good else fault


def _user_id(body: Mapping[str, Any]) -> str:
    given = body.get("recipient")
    if not given or body.get("to"):
        return ""
    good = re.fullmatch(r"[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}", str(given))
    return "" if good else "Param recipient is not a business-scoped user id"


def _type(body: Mapping[str, Any]) -> str:
    known = body.get("type", "text") in TYPES
    return "" if known else f"Param type must be one of {{{', '.join(TYPES).upper()}}}."


def _object(body: Mapping[str, Any]) -> str:
    kind = body.get("type", "text")
    there = isinstance(body.get(kind), list if kind == "contacts" else Mapping)
    return "" if there else f"Parameter '{kind}' is mandatory for type '{kind}'"


def _text(body: Mapping[str, Any]) -> str:
    if body.get("type", "text") != "text" or str(found(body, "text", "body") or "").strip():
        return ""
    return "The parameter text['body'] is required."


def _text_length(body: Mapping[str, Any]) -> str:
    long = length(found(body, "text", "body")) > 4_096
    return "Param text['body'] must be at most 4096 characters long." if long else ""


def _callback(body: Mapping[str, Any]) -> str:
    long = length(body.get("biz_opaque_callback_data")) > 512
    fault = "Param biz_opaque_callback_data must be at most 512 characters long."
    return fault if long else ""


def _caption(body: Mapping[str, Any]) -> str:
    long = length(found(body, str(body.get("type")), "caption")) > 1_024
    return "Param caption must be at most 1024 characters long." if long else ""


def _kind(body: Mapping[str, Any]) -> str:
    if body.get("type") != "interactive":
        return ""
    known = found(body, "interactive", "type") in ("button", "list")
    return "" if known else "Interactive type is not valid. Known here: button, list"


def _body(part: Mapping[str, Any]) -> str:
    there = str(found(part, "body", "text") or "").strip()
    return "" if there else "Parameter 'body' is mandatory for this interactive type"


def _at_most(most: int, name: str, *path: str) -> Callable[[Mapping[str, Any]], str]:
    def check(part: Mapping[str, Any]) -> str:
        long = length(found(part, *path)) > most
        return f"{name} text length invalid. Min length: 1, Max length: {most}" if long else ""

    return check


def _list_header(part: Mapping[str, Any]) -> str:
    given = part.get("header")
    return "Header type of a list must be text" if given and found(given, "type") != "text" else ""


def _buttons(part: Mapping[str, Any]) -> list[Any]:
    given = found(part, "action", "buttons")
    return [found(one, "reply") for one in given] if isinstance(given, list) else []


def _button_count(part: Mapping[str, Any]) -> str:
    fault = "Invalid buttons count. Min allowed buttons: 1, Max allowed buttons: 3"
    return "" if 1 <= len(_buttons(part)) <= 3 else fault


def _sections(part: Mapping[str, Any]) -> list[Any]:
    given = found(part, "action", "sections")
    return given if isinstance(given, list) else []


def _rows(part: Mapping[str, Any]) -> list[Any]:
    per_section = (found(one, "rows") for one in _sections(part))
    return [row for rows in per_section if isinstance(rows, list) for row in rows]


def _section_count(part: Mapping[str, Any]) -> str:
    fault = "Invalid sections count. Min allowed sections: 1, Max allowed sections: 10"
    return "" if 1 <= len(_sections(part)) <= 10 else fault


def _no_rows(part: Mapping[str, Any]) -> str:
    empty = any(not found(one, "rows") for one in _sections(part))
    return "A section must have at least 1 row" if empty else ""


def _row_count(part: Mapping[str, Any]) -> str:
    return "Total row count exceed max allowed count: 10" if len(_rows(part)) > 10 else ""


def _section_titles(part: Mapping[str, Any]) -> str:
    missing = any(not found(one, "title") for one in _sections(part))
    return "Section title is mandatory" if missing else ""


def _each(
    things: Callable[[Mapping[str, Any]], list[Any]],
    key: str,
    name: str,
    most: int,
    least: int = 1,
) -> Callable[[Mapping[str, Any]], str]:
    def check(part: Mapping[str, Any]) -> str:
        sizes = [length(found(one, key)) for one in things(part)]
        good = all(least <= size <= most for size in sizes)
        return "" if good else f"{name} length invalid. Min length: {least}, Max length: {most}"

    return check


def _once(
    things: Callable[[Mapping[str, Any]], list[Any]], key: str, name: str
) -> Callable[[Mapping[str, Any]], str]:
    def check(part: Mapping[str, Any]) -> str:
        given = [str(found(one, key)) for one in things(part)]
        return f"Duplicated {name}: each must be unique" if len({*given}) < len(given) else ""

    return check


def _open_list(part: Mapping[str, Any]) -> str:
    good = 1 <= length(found(part, "action", "button")) <= 20
    return "" if good else "List button length invalid. Min length: 1, Max length: 20"


def _rules() -> Iterable[Rule]:
    either, button, rows = "button list", "button", "list"
    yield Rule("product", 100, 'messaging_product is not "whatsapp"', _product)
    yield Rule("no recipient", 100, "neither to nor recipient", _message(_to))
    yield Rule("malformed number", 131009, "to is no phone number", _message(_number))
    yield Rule("malformed user id", 131009, "recipient is no user id", _message(_user_id))
    yield Rule("type", 100, "a type that does not exist", _message(_type))
    yield Rule("object", 131008, "the object of the type is missing", _message(_object))
    yield Rule("no text", 100, "an empty text", _message(_text))
    yield Rule("text", 100, "a text over 4096", _message(_text_length))
    yield Rule("callback data", 100, "biz_opaque_callback_data over 512", _message(_callback))
    yield Rule("caption", 100, "a caption over 1024", _message(_caption))
    yield Rule("interactive type", 131009, "neither button nor list", _message(_kind))
    yield Rule("no body", 131008, "buttons or a list without a body", _interactive(either, _body))
    short, long = _at_most(1_024, "Body", "body", "text"), _at_most(4_096, "Body", "body", "text")
    yield Rule("button body", 131009, "a body with buttons over 1024", _interactive(button, short))
    yield Rule("list body", 131009, "a body with a list over 4096", _interactive(rows, long))
    header, footer = (
        _at_most(60, "Header", "header", "text"),
        _at_most(60, "Footer", "footer", "text"),
    )
    yield Rule("header", 131009, "a header over 60", _interactive(either, header))
    yield Rule("footer", 131009, "a footer over 60", _interactive(either, footer))
    yield Rule(
        "list header", 131009, "a list's header is no text", _interactive(rows, _list_header)
    )
    yield Rule("buttons", 131009, "no button, or more than 3", _interactive(button, _button_count))
    title, id_ = (
        _each(_buttons, "title", "Button title", 20),
        _each(_buttons, "id", "Button id", 256),
    )
    yield Rule("button title", 131009, "a title empty or over 20", _interactive(button, title))
    yield Rule("button id", 131009, "an id empty or over 256", _interactive(button, id_))
    same, ids = _once(_buttons, "title", "button title"), _once(_buttons, "id", "button id")
    yield Rule("equal titles", 131009, "two buttons with one title", _interactive(button, same))
    yield Rule("equal button ids", 131009, "two buttons with one id", _interactive(button, ids))
    yield Rule(
        "list button", 131009, "what opens the list: over 20", _interactive(rows, _open_list)
    )
    yield Rule(
        "sections", 131009, "no section, or more than 10", _interactive(rows, _section_count)
    )
    yield Rule("empty section", 131009, "a section without rows", _interactive(rows, _no_rows))
    yield Rule("rows", 131009, "more than 10 rows in all", _interactive(rows, _row_count))
    yield Rule(
        "no section title", 131009, "a section untitled", _interactive(rows, _section_titles)
    )
    section = _each(_sections, "title", "Section title", 24)
    yield Rule("section title", 131009, "a section's title over 24", _interactive(rows, section))
    row, more = (
        _each(_rows, "title", "Row title", 24),
        _each(_rows, "description", "Row description", 72, 0),
    )
    yield Rule("row title", 131009, "a row's title empty or over 24", _interactive(rows, row))
    yield Rule("row description", 131009, "a description over 72", _interactive(rows, more))
    row_id, row_ids = _each(_rows, "id", "Row id", 200), _once(_rows, "id", "row id")
    yield Rule("row id", 131009, "a row's id empty or over 200", _interactive(rows, row_id))
    yield Rule("equal row ids", 131009, "two rows with one id", _interactive(rows, row_ids))


BODY_RULES = tuple(_rules())
