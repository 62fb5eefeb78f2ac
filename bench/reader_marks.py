"""How well a set was read: the marks of each kind of set and their goals."""

from __future__ import annotations

__all__ = ["MARKS", "Mark"]

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bench.reader_matches import contact_is_right, decision, matched
from bench.reader_rows import Case, shown

Cases = list[Case]


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


def _counts(cases: Cases) -> tuple[int, int, int]:
    """Add up what was found, read besides and missed."""
    counted = [matched(case) for case in cases]
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
    return sum(matched(case)[1:] == (0, 0) for case in cases) / len(cases)


def _read_falsely(cases: Cases) -> float:
    """Return the share of rows that hold nothing and were read all the same."""
    return sum(bool(case.readings()) for case in cases) / len(cases)


def _exact(cases: Cases) -> float:
    wanted = [
        (code, set(case.values())) for case in cases for code in case.row["e164"] or () if code
    ]
    return sum(bool(code in got) for code, got in wanted) / len(wanted)


def _accuracy(cases: Cases) -> float:
    return sum(bool(decision(case) == case.row["label"]) for case in cases) / len(cases)


def _wrong_decisions(cases: Cases) -> float:
    """Return how often one decision was taken for another; not to understand is no such thing."""
    pairs = ((case.row["label"], decision(case)) for case in cases)
    return sum(bool(a != b and "other" not in (a, b)) for a, b in pairs) / len(cases)


def _contacts_right(cases: Cases) -> float:
    return sum(map(contact_is_right, cases)) / len(cases)


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
