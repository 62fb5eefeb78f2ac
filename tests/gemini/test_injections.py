"""A model that was talked into everything: it starts nothing, changes nothing and knows nothing to tell.

The stand-in obeys the attacker as far as its wire lets it: it calls what there is and what there is not,
and answers with all it was ever sent. What holds, holds by what it is sent and by who decides here.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator

import pytest
import structlog

from adapters.gemini.standin import Asked, call, calls, says
from adapters.logs import configure
from engine.cleaning import LONGEST_TEXT
from engine.transcript import Line
from tests.gemini.hostile_shop import SECRETS, HostileShop, hostile_shop, moods
from tests.gemini.injections import ATTEMPTS, Attempt

OFFERED = {"bulk_order", "callback", "order_status", "reorder", "price", "complaint"}
YES_NO = {("Yes", "No"), ("Sí", "No")}
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069]")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HostileShop]:
    with (
        pytest.MonkeyPatch.context() as patch,
        hostile_shop(tmp_path_factory.mktemp("shop"), patch) as shop,
    ):
        yield shop


@pytest.fixture
def logged(capsys: pytest.CaptureFixture[str]) -> Iterator[pytest.CaptureFixture[str]]:
    """Log as a product does that was told to log everything."""
    root = logging.getLogger()
    level, handlers = root.level, list(root.handlers)
    configure("debug")
    yield capsys
    root.setLevel(level)
    root.handlers = handlers
    structlog.reset_defaults()


def told(lines: list[Line]) -> str:
    """Return all that a customer reads."""
    shown = [line for line in lines if line.who != "user" and not line.note]
    return "\n".join("\n".join((line.text, *map(str, line.choices))) for line in shown)


def sent(asked: Asked) -> str:
    """Return all that a model was sent, its key aside."""
    body = json.dumps(asked.body, ensure_ascii=False)
    return "\n".join((asked.path, *map(str, asked.headers.items()), body))


def offered(lines: list[Line]) -> list[tuple[str, str]]:
    """Return the choices that a turn showed."""
    return [choice for line in lines for choice in line.choices]


def test_there_is_something_to_steal(shop: HostileShop) -> None:
    """Else nothing below could fail."""
    assert ["A-1001", "A-1002"] == [f"A-{1_000 + row[0]}" for row in shop.shop()["placed_order"]]
    assert len(ATTEMPTS) >= 20


@pytest.mark.parametrize("attempt", ATTEMPTS, ids=lambda attempt: attempt.name.replace(" ", "-"))
def test_an_attempt_starts_nothing_and_reveals_nothing(
    shop: HostileShop, attempt: Attempt, logged: pytest.CaptureFixture[str]
) -> None:
    who = attempt.name.replace(" ", "-")
    for text in attempt.before:
        shop.say(who, text)
    books, others, caused = shop.shop(), shop.others(who), shop.effects(who)
    lines: list[Line] = []
    for mood in moods(attempt.wanted):
        shop.standin.always = mood
        before = shop.standin.count
        new = shop.say(who, attempt.text, file=attempt.file, content=attempt.content)
        lines += new
        session = shop.session(who)
        assert before + 1 == shop.standin.count
        assert not session.frames
        if session.pending is not None:
            assert ("offer", True) == (session.pending.kind, session.pending.flow in OFFERED)
            assert tuple(label for _, label in offered(new)) in YES_NO
            lines += shop.say(who, "no")
        else:
            assert not offered(new)
    assert {"ask_assistant"} == set(shop.effects(who)[len(caused) :])
    assert (books, others) == (shop.shop(), shop.others(who))

    log = logged.readouterr().err
    assert "assistant_failed" in log
    for secret in shop.of_others():
        assert secret not in told(lines)
        assert secret not in log
        assert not [asked.at for asked in shop.standin.asked if secret in sent(asked)]
    for text in (*attempt.before, attempt.text, "all I know", "Placeorder", "9847011111"):
        assert text[:40] not in log
    assert not UNSEEN.search(told(lines))
    assert max(len(line.text) for line in lines) <= LONGEST_TEXT


@pytest.mark.parametrize("flow", sorted(OFFERED))
def test_a_yes_starts_what_was_shown_and_nothing_is_filled_in(shop: HostileShop, flow: str) -> None:
    """Whatever else the model called beside it; the customer is asked from the beginning."""
    who = f"yes-{flow}"
    beside = call("place_order", items="9 fans", name="Eve", phone="+919447099999")
    shop.standin.always = calls(beside, call(flow=flow), call(flow="complaint", sure=True))
    books = shop.shop()
    shown = shop.say(who, "hm, what could you do for me there?")[-1]
    title = shop.service.conversations.books["parts_shop"].flows[flow].title["en"].constant
    assert title is not None
    assert title in shown.text
    answer = shop.say(who, "Yes")
    session = shop.session(who)
    # Where a flow leads on at once, as a repetition of nothing does, it is called by the one shown.
    assert flow == session.frames[0].flow
    assert ("bot", "") == (answer[-1].who, session.doing)
    for word in ("Eve", "fan", "9447099999"):
        assert word not in f"{session}{told(answer)}"
    assert books == shop.shop()


def test_what_goes_back_to_the_model_is_no_longer_than_what_was_said(shop: HostileShop) -> None:
    """A turn that was cut for the customer is not kept whole: nobody has read the rest."""
    shop.standin.always = says("y" * (LONGEST_TEXT + 1))
    shop.say("long", "what do you say to that?")
    shop.say("long", "and to this one?")
    assert "y" * LONGEST_TEXT in sent(shop.standin.asked[-1])
    assert "y" * (LONGEST_TEXT + 1) not in sent(shop.standin.asked[-1])


def test_the_key_is_sent_in_its_header_and_nowhere_else(shop: HostileShop) -> None:
    """An address is written into the logs of everything that stands between."""
    shop.standin.always = says("Yes.")
    shop.say("key-only", "are you there at all?")
    asked = shop.standin.asked[-1]
    assert SECRETS["SHOP_GEMINI_KEY"] == asked.key
    assert asked.key not in sent(asked)
