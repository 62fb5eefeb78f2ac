"""How figures are told: a row each, beside the machine they were taken on."""

from __future__ import annotations

__all__ = ["Row", "machine", "show"]

import json
import os
import platform
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from adapters.compiled import runs_compiled


@dataclass(frozen=True, slots=True)
class Row:
    """One figure; `floor` must hold, `goal` is where it should go. Absolute figures have neither."""

    row: str
    value: float
    unit: str
    floor: float | None = None
    goal: float | None = None
    less_is_better: bool = True

    @property
    def met(self) -> bool | None:
        """Whether the floor holds; None where there is none."""
        return None if self.floor is None else self._reaches(self.floor)

    def _reaches(self, bound: float) -> bool:
        return self.value <= bound if self.less_is_better else self.value >= bound

    def told(self) -> str:
        """Return the row as a line for people."""
        text = f"{self.row:<58} {self.value:>10,.2f} {self.unit:<14}"
        if self.floor is None:
            return text.rstrip()
        verdict = "met" if self.met else "NOT MET"
        goal = ""
        if self.goal is not None:
            reached = " reached" if self._reaches(self.goal) else ""
            goal = f", goal {self.goal:g}{reached}"
        return f"{text} floor {self.floor:g} {verdict}{goal}"


def machine() -> str:
    """Describe in one line what figures were taken on."""
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        found = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        model = found[0].partition(":")[2].strip() if found else model
    engine = "engine compiled" if runs_compiled() else "engine from its sources"
    on = f"{model}, {os.cpu_count()} cores, Python {platform.python_version()}, {sys.platform}"
    return f"{on}, {engine}"


def show(rows: Iterable[Row], *, as_json: bool) -> bool:
    """Print the rows; return whether every floor holds."""
    rows = list(rows)
    if as_json:
        told = [
            {k: v for k, v in asdict(row).items() if k != "less_is_better"} | {"met": row.met}
            for row in rows
        ]
        print(json.dumps(told, indent=1))
    else:
        print(machine())
        for row in rows:
            print(row.told())
    return all(row.met is not False for row in rows)
