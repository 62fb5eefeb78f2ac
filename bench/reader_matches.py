"""What a row wanted, what was read, and whether that is the same: what counts as right."""

from __future__ import annotations

__all__ = ["contact_is_right", "decision", "matched", "misses_of"]

import unicodedata
from collections.abc import Callable, Iterator
from typing import Any

from bench.reader_rows import Case, shown
from engine.readers import Unclear

DECISIONS = ("yes", "no", "cancel")
# Words of a product's name that everybody says differently.
SMALL_WORDS = frozenset(
    {"of", "the", "a", "an", "and", "with", "please", "plz", "pls", "some", "more", "for", "my"}
    | {"me", "to", "de", "del", "la", "el", "los", "las", "un", "una", "y", "con", "por", "favor"}
    | {"x"}
)


def _digits(text: str) -> str:
    return "".join(str(unicodedata.digit(sign)) for sign in text if sign.isdigit()).lstrip("0")


def _same_phone(one: str, other: str) -> bool:
    """Compare phones as people do: leading zeros aside, a country code may be missing."""
    short, long = sorted((_digits(one), _digits(other)), key=len)
    return short == long or (
        len(short) >= 7 and long.endswith(short) and len(long) - len(short) <= 4
    )


def _same_number(one: float, other: float) -> bool:
    return abs(one - other) <= 1e-6 * max(1.0, abs(one), abs(other))


def _bare(name: str) -> str:
    return " ".join(name.strip(" .,!?'\"").split()).casefold()


def _name_words(name: str) -> set[str]:
    found = set()
    folded = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(sign for sign in folded if not unicodedata.combining(sign))
    for word in "".join(sign if sign.isalnum() else " " for sign in plain).split():
        if word in SMALL_WORDS:
            continue
        if len(word) > 3 and word.endswith(("ses", "xes", "zes", "hes")):
            found.add(word[:-2])
        elif len(word) > 3 and word.endswith("s") and not word.endswith("ss"):
            found.add(word[:-1])
        else:
            found.add(word)
    return found


def _same_product(wanted: str, got: str) -> bool:
    """Compare names by their words: half of them in common, or all that was wanted."""
    one, other = _name_words(wanted), _name_words(got)
    if not one or not other:
        return False
    return 2 * len(one & other) / (len(one) + len(other)) >= 0.5 or one <= other


Same = Callable[[Any, Any], bool]


def _pairs(case: Case) -> tuple[list[Any], list[Any], Same]:
    """Return what a row wants, what was read, and how the two are compared."""
    row, values = case.row, case.values()
    match case.reader:
        case "email":
            return row["emails"], values, lambda one, other: one.casefold() == other.casefold()
        case "phone":
            codes = row.get("e164") or [None] * len(row["phones"])
            return list(zip(row["phones"], codes, strict=True)), values, _is_this_phone
        case "number":
            return row["values"], values, _same_number
        case "money":
            amounts = [value["amount"] for value in values]
            return [one["value"] for one in row["values"]], amounts, _same_number
        case "person_name":
            wanted = [row["name"]] if row["name"] is not None else []
            return wanted, values[:1], lambda one, other: _bare(one) == _bare(other)
        case "date":
            wanted = [row["values"]] if row["type"] != "none" else []
            return wanted, values[:1], lambda any_of, one: one in any_of
        case _:
            return _item_pairs(case, [line for value in values for line in value])


def _is_this_phone(wanted: tuple[str, str | None], got: str) -> bool:
    return any(_same_phone(one, got) for one in wanted if one)


def _item_pairs(case: Case, lines: list[dict[str, Any]]) -> tuple[list[Any], list[Any], Same]:
    key = "id" if case.hearing.catalogue else "name"
    same_goods: Same = str.__eq__ if key == "id" else _same_product
    wanted = [(one["qty"], one[key]) for one in case.row["items"]]
    got = [(one["quantity"], one.get(key, "")) for one in lines]
    return wanted, got, lambda one, two: _same_number(one[0], two[0]) and same_goods(one[1], two[1])


def matched(case: Case) -> tuple[int, int, int]:
    """Count what was found, what was read besides, and what was missed in one row."""
    wanted, got, same = _pairs(case)
    left, missed = list(got), []
    for one in wanted:
        at = next((place for place, other in enumerate(left) if same(one, other)), None)
        if at is None:
            missed.append(one)
        else:
            del left[at]
    found = len(wanted) - len(missed)
    if case.reader == "items" and not case.hearing.catalogue:
        found += _added_up(missed, left)
    return found, len(left), len(wanted) - found


def _added_up(missed: list[Any], left: list[Any]) -> int:
    """Count what several lines of one product are together: "an oat latte and a soy latte"."""
    found = 0
    for quantity, name in missed:
        of_it = [one for one in left if _same_product(name, one[1])]
        if len(of_it) > 1 and _same_number(quantity, sum(one[0] for one in of_it)):
            left[:] = [one for one in left if one not in of_it]
            found += 1
    return found


def decision(case: Case) -> str:
    """Return which decision was read first; "other" where none was."""
    first = next((one for one in case.readings() if not isinstance(one, Unclear)), None)
    return str(first.value) if first is not None and first.value in DECISIONS else "other"


def contact_is_right(case: Case) -> bool:
    """Tell whether name, phones and addresses of one message are all right."""
    row, got = case.row, case.readings()
    of = {
        kind: [one.value for one in got if not isinstance(one, Unclear) and one.kind == kind]
        for kind in ("person_name", "phone", "email")
    }
    names = [row["name"]] if row["name"] is not None else []
    return (
        list(map(_bare, of["person_name"])) == list(map(_bare, names))
        and len(of["phone"]) == len(row["phones"])
        and all(any(_same_phone(one, two) for two in of["phone"]) for one in row["phones"])
        and sorted(map(str.casefold, of["email"])) == sorted(map(str.casefold, row["emails"]))
    )


def misses_of(name: str, cases: list[Case]) -> Iterator[tuple[str, Any, Any]]:
    """Yield the text of each row that is read wrong, what was wanted and what was got."""
    for case in cases:
        if "expect" in case.row:
            wanted, got = case.row["expect"], shown(case)
            right = wanted == got
        elif name == "yes_no":
            wanted, got = case.row["label"], decision(case)
            right = wanted == got
        elif name == "contact":
            wanted = {key: case.row[key] for key in ("name", "phones", "emails")}
            got, right = case.values(), contact_is_right(case)
        else:
            wanted, got, _ = _pairs(case)
            right = matched(case)[1:] == (0, 0)
        if not right:
            yield case.text, wanted, got
