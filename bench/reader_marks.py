"""How well a set was read: what counts as right, the marks of each kind of set and their goals."""

from __future__ import annotations

__all__ = ["MARKS", "Mark", "misses_of"]

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from bench.reader_rows import Case, shown
from engine.readers import Unclear

Cases = list[Case]
DECISIONS = ("yes", "no", "cancel")
# Words of a product's name that everybody says differently.
SMALL_WORDS = frozenset(
    {"of", "the", "a", "an", "and", "with", "please", "plz", "pls", "some", "more", "for", "my"}
    | {"me", "to", "de", "del", "la", "el", "los", "las", "un", "una", "y", "con", "por", "favor"}
    | {"x"}
)


@dataclass(frozen=True, slots=True)
class Mark:
    """One figure of a set and the goal it has, over the rows it is about."""

    what: str
    measure: Callable[[Cases], float]
    goal: float | None = None
    chosen: Callable[[Case], bool] = lambda _case: True
    scale: float = 100.0
    unit: str = "%"
    less: bool = False


# --- what is right -------------------------------------------------------------------------------


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


# --- what was wanted, what was got ---------------------------------------------------------------

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


def _matched(case: Case) -> tuple[int, int, int]:
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


def _decision(case: Case) -> str:
    first = next((one for one in case.readings() if not isinstance(one, Unclear)), None)
    return str(first.value) if first is not None and first.value in DECISIONS else "other"


# --- figures -------------------------------------------------------------------------------------


def _counts(cases: Cases) -> tuple[int, int, int]:
    """Add up what was found, read besides and missed."""
    counted = [_matched(case) for case in cases]
    return (
        sum(a for a, _, _ in counted),
        sum(b for _, b, _ in counted),
        sum(c for _, _, c in counted),
    )


def _f1(cases: Cases) -> float:
    found, extra, missed = _counts(cases)
    return 2 * found / (2 * found + extra + missed) if found else 0.0


def _precision(cases: Cases) -> float:
    found, extra, _ = _counts(cases)
    return found / (found + extra) if found else 0.0


def _recall(cases: Cases) -> float:
    found, _, missed = _counts(cases)
    return found / (found + missed) if found else 0.0


def _rows_right(cases: Cases) -> float:
    return sum(_matched(case)[1:] == (0, 0) for case in cases) / len(cases)


def _read_falsely(cases: Cases) -> float:
    """Return the share of rows that hold nothing and were read all the same."""
    return sum(bool(case.readings()) for case in cases) / len(cases)


def _exact(cases: Cases) -> float:
    wanted = [
        (code, set(case.values())) for case in cases for code in case.row["e164"] or () if code
    ]
    return sum(bool(code in got) for code, got in wanted) / len(wanted)


def _accuracy(cases: Cases) -> float:
    return sum(bool(_decision(case) == case.row["label"]) for case in cases) / len(cases)


def _wrong_decisions(cases: Cases) -> float:
    """Return how often one decision was taken for another; not to understand is no such thing."""
    pairs = ((case.row["label"], _decision(case)) for case in cases)
    return sum(bool(a != b and "other" not in (a, b)) for a, b in pairs) / len(cases)


def _contact(case: Case) -> bool:
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


def _contacts_right(cases: Cases) -> float:
    return sum(map(_contact, cases)) / len(cases)


def _as_expected(cases: Cases) -> float:
    return sum(bool(shown(case) == case.row["expect"]) for case in cases) / len(cases)


# --- the goals -----------------------------------------------------------------------------------


def _where(**fields: Any) -> Callable[[Case], bool]:
    """Choose rows by their fields; of several values any will do."""

    def chosen(case: Case) -> bool:
        found = {key: case.row.get(key) for key in fields}
        return all(
            found[key] in value if isinstance(value, tuple) else found[key] == value
            for key, value in fields.items()
        )

    return chosen


def _dialled(case: Case) -> bool:
    return _where(dialable=True, origin=("human", "composed"))(case)


def _has_code(case: Case) -> bool:
    return _dialled(case) and any(case.row["e164"] or ())


def _without_items(case: Case) -> bool:
    return not case.row["items"]


LANGUAGES = {"en": 88.0, "es": 85.0, "id": 93.0, "hi-Latn": 98.0}
F1, RIGHT = "F1", "rows right"
MARKS: dict[str, list[Mark]] = {
    "own": [Mark(RIGHT, _as_expected, 100)],
    "emails": [Mark(F1, _f1, 99.5), Mark("precision", _precision, 99.7)],
    "phones": [
        Mark(F1, _f1, 98.5),
        Mark("people's, dialable, F1", _f1, 99.8, _dialled),
        Mark("people's, E.164 exact", _exact, 100, _has_code),
        Mark("not dialable, digits found", _recall, 97, _where(dialable=False)),
    ],
    "contact": [Mark(RIGHT, _contacts_right, 98)],
    "names": [
        Mark(F1, _f1, 95),
        Mark("names where there is none", _read_falsely, 4, _where(name=None), less=True),
    ],
    "numbers": [Mark(F1, _f1, 75), Mark("core, F1", _f1, 93, _where(core=True))],
    "yes_no": [
        Mark("accuracy", _accuracy, 88),
        *(
            Mark(f"accuracy {key}", _accuracy, goal, _where(lang=key))
            for key, goal in LANGUAGES.items()
        ),
        Mark("wrong decisions", _wrong_decisions, 0.8, less=True),
    ],
    "dates": [
        Mark(F1, _f1, 72),
        Mark("people's, F1", _f1, 93, _where(origin="human")),
        Mark(
            "dates where there is none",
            lambda cases: _read_falsely(cases) * len(cases),
            1,
            _where(type="none"),
            scale=1,
            unit="rows",
            less=True,
        ),
    ],
    "money": [Mark(F1, _f1, 80)],
    "line_items": [
        Mark(F1, _f1, 96.5),
        Mark(RIGHT, _rows_right, 94),
        Mark("es, F1", _f1, 95, _where(lang="es")),
        Mark("id, F1", _f1, 95, _where(lang="id")),
        Mark("orders where there is none", _read_falsely, 0, _without_items, less=True),
    ],
    "line_items_catalogue": [Mark(F1, _f1, 98.5)],
    "line_items_catalogue_typos": [Mark(F1, _f1, 97), Mark("precision", _precision, 97)],
}


def misses_of(name: str, cases: Cases) -> Iterator[tuple[str, Any, Any]]:
    """Yield the text of each row that is read wrong, what was wanted and what was got."""
    for case in cases:
        if "expect" in case.row:
            wanted, got = case.row["expect"], shown(case)
            right = wanted == got
        elif name == "yes_no":
            wanted, got = case.row["label"], _decision(case)
            right = wanted == got
        elif name == "contact":
            wanted = {key: case.row[key] for key in ("name", "phones", "emails")}
            got, right = case.values(), _contact(case)
        else:
            wanted, got, _ = _pairs(case)
            right = _matched(case)[1:] == (0, 0)
        if not right:
            yield case.text, wanted, got
