"""What the compiler is given: the same dataclasses, each with an `__init__` it can see."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from dataclasses import FrozenInstanceError, fields, replace
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from typing import Any

import pytest

from adapters.compiled import ROOT
from adapters.compiling import modules
from adapters.native_init import with_native_init

SOURCE = '''\
from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Order:
    """What somebody wants."""

    number: str
    pieces: int | float = 1
    lines: list[str] = field(default_factory=list)
    seen: int = field(default=0, compare=False)

    @property
    def large(self) -> bool:
        return self.pieces > 10


@dataclass(slots=True, eq=False)
class Desk:
    orders: dict[str, Order] = field(default_factory=dict)
'''


Made = Callable[[str], Any]


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Made:
    """Import a module of this text."""

    def import_(source: str) -> Any:
        file = tmp_path / "orders.py"
        file.write_text(source, encoding="utf-8")
        spec = spec_from_loader("orders", SourceFileLoader("orders", str(file)))
        assert spec is not None
        assert spec.loader is not None
        module = module_from_spec(spec)
        monkeypatch.setitem(sys.modules, "orders", module)
        spec.loader.exec_module(module)
        return module

    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    return import_


def test_every_value_arrives_where_it_did(made: Made) -> None:
    before, after = made(SOURCE).Order, made(with_native_init(SOURCE)).Order

    for given in ({}, {"pieces": 3}, {"lines": ["a"], "seen": 7}):
        one, other = before("A-1", **given), after("A-1", **given)
        assert repr(one) == repr(other)
        assert [getattr(one, each.name) for each in fields(one)] == [
            getattr(other, each.name) for each in fields(other)
        ]
    assert after("A-1", 11).large
    assert after("A-1", seen=1) == after("A-1", seen=2) != after("A-2")
    assert replace(after("A-1"), pieces=4).pieces == 4


def test_a_list_of_its_own_for_each(made: Made) -> None:
    module = made(with_native_init(SOURCE))
    order, desk = module.Order, module.Desk
    order("A-1").lines.append("one")
    desk().orders["A-1"] = order("A-1")

    assert order("A-2").lines == []
    assert desk().orders == {}
    assert desk() != desk()


def test_what_was_hashed_still_is(made: Made) -> None:
    source = SOURCE.replace("    lines: list[str] = field(default_factory=list)\n", "")
    order = made(with_native_init(source)).Order

    assert len({order("A-1"), order("A-1"), order("A-2")}) == 2


def test_only_the_sources_keep_it_from_changing(made: Made) -> None:
    order = made(SOURCE).Order("A-1")
    with pytest.raises(FrozenInstanceError):
        order.pieces = 2


@pytest.mark.parametrize(
    "source",
    [
        "class Plain:\n    number: str\n",
        "@dataclass(slots=True)\nclass Empty:\n    pass\n",
        "@dataclass\nclass Bare:\n    number: str\n",
        "@dataclass(slots=True)\nclass Late(Order):\n    number: str\n",
        "@dataclass(slots=options())\nclass Odd:\n    number: str\n",
        "@dataclass(\n    slots=True,\n)\nclass Long:\n    number: str\n",
        "@dataclass(slots=True)\nclass Own:\n    n: int\n\n    def __init__(self) -> None:\n        self.n = 1\n",
        "@dataclass(slots=True)\nclass After:\n    n: int\n\n    def __post_init__(self) -> None:\n        self.n += 1\n",
        "@dataclass(slots=True)\nclass Shared:\n    n: ClassVar[int] = 1\n",
        "@dataclass(slots=True)\nclass Hidden:\n    n: int = field(init=False)\n",
        "@dataclass(slots=True)\nclass Maybe:\n    n: list[int] | None = field(default_factory=list)\n",
    ],
)
def test_what_it_does_not_know_it_leaves_alone(source: str) -> None:
    assert with_native_init(source) == source


def test_all_that_is_compiled_and_holds_something_gets_one() -> None:
    written = {
        name
        for file in modules()
        for name in re.findall(
            r"init=False\)\nclass (\w+)", with_native_init((ROOT / file).read_text("utf-8"))
        )
    }
    found = {
        name
        for file in modules()
        for name in re.findall(r"@dataclass\(.*\)\nclass (\w+)", (ROOT / file).read_text("utf-8"))
    }

    assert found - written == {"Committed", "Conflict"}
