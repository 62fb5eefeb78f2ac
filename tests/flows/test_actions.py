"""What flows may do: each once per key, and known to the checker by its signature."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from adapters.assembly import FLOWS, build_book, build_player, load_source
from engine.errors import AuthorError
from engine.language.schema import ActionSpec, Argument
from engine.play import play
from engine.script import parse
from engine.transcript import render
from flows.actions import ACTIONS, action_specs, bind
from flows.callbacks import CALLBACKS, Callbacks
from flows.context import Context, by_key
from flows.ledger import MemoryLedger, Sheet
from flows.order_rows import ORDERS
from flows.orders import Orders
from flows.own_actions import load_own_actions
from flows.requests import REQUESTS, Requests
from flows.stock import STOCK
from flows.tables import CallbackRow, RequestRow

BOT = """\
bot: garage
languages: [en]
flows: [repair]
"""
FLOW = """\
flow: repair
title: repair
start: {phrases: [repair]}
slots:
  plate: {type: text, label: number plate}
  due: {type: text}
states:
  asking: {collect: [plate], ask: "Which car?", then: looking}
  looking: {do: repair_of, with: [plate], saves: {due: due}, done: told, failed: sorry}
  told: {end: completed, say: "It is ready on {due}."}
  sorry: {end: cancelled, say: "I cannot see that now."}
"""
ACTION = """\
from flows.actions import Context, Text


def repair_of(*, context: Context, plate: Text) -> dict[str, str]:
    return {"due": f"Monday ({plate} of {context.bot}, {context.session_key})"}
"""


def books() -> Mapping[str, Any]:
    return {
        "orders": Orders(MemoryLedger(ORDERS, STOCK)),
        "callbacks": Callbacks(MemoryLedger(CALLBACKS)),
        "requests": Requests(MemoryLedger(REQUESTS)),
    }


@pytest.fixture
def garage(tmp_path: Path) -> Callable[..., Path]:
    """Write a bot that brings an action of its own."""

    def written(actions: str = ACTION, flow: str = FLOW, bot: str = "garage") -> Path:
        folder = tmp_path / bot
        folder.mkdir(exist_ok=True)
        (folder / "bot.yaml").write_text(BOT.replace("garage", bot), "utf-8")
        (folder / "repair.yaml").write_text(flow, "utf-8")
        (folder / "actions.py").write_text(actions, "utf-8")
        return folder

    return written


async def test_a_callback_is_noted_once_per_key() -> None:
    request = bind(**books())["request_callback"]

    first = await request(key="s1:1:1", phone="+91", time="at nine")
    again = await request(key="s1:1:1", phone="+91", time="at nine")

    assert first == again == {"number": "C-1001"}
    assert await request(key="s1:2:1", phone="+91", time="at ten") == {"number": "C-1002"}


async def test_an_action_without_a_conversation_knows_what_its_key_says() -> None:
    assert await by_key("s1:2:3") == Context("s1:2:3", "s1", "s1", "", "", "s1")


def test_scripts_have_the_columns_of_the_product() -> None:
    assert Sheet.of(CallbackRow) == CALLBACKS
    assert Sheet.of(RequestRow) == REQUESTS


def test_the_checker_knows_what_an_action_needs() -> None:
    specs = action_specs()

    assert specs["request_callback"] == ActionSpec(
        "request_callback", (Argument("phone", "phone"), Argument("time", "text"))
    )
    assert specs["place_order"].arguments[-1] == Argument("note", "text", required=False)
    assert specs["find_order"].arguments == (Argument("number"), Argument("address"))
    assert specs["last_order"].arguments == ()
    assert list(specs) == list(ACTIONS)


# -- what a bot brings -----------------------------------------------------------------------------


def test_a_bot_brings_an_action_of_its_own(garage: Callable[..., Path]) -> None:
    """It is told of the conversation, and what it returns fills the flow's slots."""
    folder = garage()
    script = parse("> repair\n> KL 7\n", "script")
    transcript = render(play(build_player(folder), script).entries)

    assert "< It is ready on Monday (KL 7 of garage, web-me)." in transcript


def test_a_change_of_its_actions_is_seen(garage: Callable[..., Path]) -> None:
    """Without starting anything anew."""
    build_book(garage())
    with pytest.raises(AuthorError, match='no action is called "repair_of"'):
        build_book(garage("x = 1\n"))


async def test_two_bots_may_call_different_things_alike(garage: Callable[..., Path]) -> None:
    own = {
        bot: load_own_actions(garage(ACTION.replace("Monday", day), bot=bot))
        for bot, day in (("garage", "Monday"), ("bikes", "Friday"))
    }

    async def who(key: str) -> Context:
        return Context(key, "s", "web-me", key.partition(":")[0], "web", "me")

    actions = bind(contexts=who, own=own, **books())
    due = [(await actions["repair_of"](key=f"{bot}:1:1", plate="KL 7"))["due"] for bot in own]
    assert due == ["Monday (KL 7 of garage, web-me)", "Friday (KL 7 of bikes, web-me)"]


async def test_an_action_may_wait_and_write_in_a_book(garage: Callable[..., Path]) -> None:
    text = (
        "from flows.actions import Phone\n"
        "async def call_me(callbacks, *, key: str, phone: Phone):\n"
        "    return {'number': await callbacks.request(key, phone=phone, time='now')}\n"
        "def _helper(): ...\n"
    )
    own = load_own_actions(garage(text))

    assert list(own) == ["call_me"]
    assert action_specs(own)["call_me"].arguments == (Argument("phone", "phone"),)
    actions = bind(own={"garage": own}, **books())
    assert await actions["call_me"](key="s:1:1", phone="+91") == {"number": "C-1001"}


def test_a_bot_without_actions_brings_none() -> None:
    assert load_own_actions(FLOWS / "parts_shop") == {}


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("def repair_of(:\n", r"actions\.py:1:15: this is not Python: invalid syntax\."),
        (
            "\nimport no_such_thing\n",
            r"actions\.py:2:1: it cannot be loaded: ModuleNotFoundError: No module named",
        ),
        ("\n\nx = 1 / 0\n", r"actions\.py:3:1: it cannot be loaded: ZeroDivisionError"),
        (
            "\ndef place_order(): ...\n",
            r'actions\.py:2:1: "place_order" is an action every bot has\. Call it something else\.',
        ),
        (
            "def look(*, plate): ...\n",
            r'actions\.py:1:1: look: "plate" does not say which kind of slot it takes\. Annotate it',
        ),
        ("def look(*, plate: str): ...\n", r'"plate" does not say which kind of slot'),
        (
            "def look(plates, *, key): ...\n",
            r'look: "plates" is no book\. Books are orders, callbacks, requests; put a \* before',
        ),
        ("def look(**all): ...\n", r'look: "\*all" takes anything\. Name each argument'),
        (
            "from __future__ import annotations\ndef look(*, plate: Tex): ...\n",
            r"actions\.py:2:1: look: an annotation cannot be read: name 'Tex' is not defined",
        ),
    ],
)
def test_a_fault_in_its_actions_is_the_authors(
    garage: Callable[..., Path], text: str, fault: str
) -> None:
    with pytest.raises(AuthorError, match=fault):
        load_source(garage(text))


def test_faults_in_its_actions_and_in_its_flows_are_told_together(
    garage: Callable[..., Path],
) -> None:
    """But not that an action is missing which stands in the file that cannot be read."""
    broken = FLOW.replace("failed: sorry", "failed: sory")
    with pytest.raises(AuthorError) as caught:
        load_source(garage("def repair_of(:\n", broken))

    told = str(caught.value)
    assert "this is not Python" in told
    assert "sory" in told
    assert "no action is called" not in told


def test_a_wrong_action_or_argument_in_a_flow_is_the_authors(garage: Callable[..., Path]) -> None:
    with pytest.raises(AuthorError, match=r'no action is called "repair_off".*"repair_of"'):
        load_source(garage(flow=FLOW.replace("do: repair_of", "do: repair_off")))
    with pytest.raises(AuthorError, match='"repair_of" takes no "due"'):
        load_source(garage(flow=FLOW.replace("with: [plate]", "with: [plate, due]")))


def test_a_changed_flow_is_checked_against_its_actions(
    garage: Callable[..., Path], tmp_path: Path
) -> None:
    changed = tmp_path / "repair.yaml"
    changed.write_text(FLOW.replace("do: repair_of", "do: mend"), "utf-8")
    folder = garage()

    with pytest.raises(AuthorError, match='no action is called "mend"'):
        load_source(folder, [changed])
    changed.write_text(FLOW.replace("Which car", "Which one"), "utf-8")
    assert str(load_source(folder, [changed]).flows["repair"].states).count("Which one")
