"""The served shop with Gemini beside it, over real HTTP: killed while it waits, without a key, with a wrong one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from signal import SIGKILL
from typing import Any

import httpx2

from adapters.gemini.standin import GeminiStandin, says, slow
from tests.web.site import CONTACT, ORDER, Served, Visitor, served
from tests.whatsapp.serving import until

ASKED = "what is the meaning of life?"
LEASE = 40.0  # seconds: what a killed process had asked is free again after 15
UNKNOWN = "Sorry, I did not understand."
FALLBACK = "I cannot look that up right now."
WRONG = "wrong-0123456789"


def environment(url: str, key: str) -> dict[str, str]:
    """Return what an operator sets."""
    return {"GOOGLE_GEMINI_BASE_URL": url, "GEMINI_API_KEY": key, "GOOGLE_API_KEY": ""}


def said(chat: Mapping[str, Any], who: str) -> list[str]:
    """Return what one side said."""
    return [line["text"] for line in chat["lines"] if line["who"] == who]


def answered(visitor: Visitor) -> Any:
    """Look at the conversation until nothing is worked on any more, as the page does."""

    def settled() -> Any:
        chat = visitor.history()
        return None if chat["pending"] else chat

    return until(settled, LEASE)


def counted(shop: Served, of: str) -> dict[str, float]:
    """Return what is counted about the assistant, by labels."""
    rows = [row.split(" ") for row in httpx2.get(f"{shop.url}/metrics").text.splitlines()]
    begins = f"rejoinder_assistant_{of}_total{{"
    return {
        row[0].removeprefix(begins)[:-1]: float(row[1]) for row in rows if row[0].startswith(begins)
    }


def test_killed_while_it_waits_it_asks_once_more_and_one_answer_is_shown(tmp_path: Path) -> None:
    standin = GeminiStandin()
    standin.next(slow(600), says("Forty-two."))
    with standin.served() as url:
        with served(tmp_path, **environment(url, "any")) as shop:
            browser = shop.visitor()
            asked = browser.say(ASKED)
            assert standin.wait_for(lambda: 1 == standin.count)
            shop.program.stop(SIGKILL)
        with served(tmp_path, **environment(url, "any")) as shop:
            visitor = shop.visitor()
            visitor.http.cookies = browser.http.cookies
            waiting = visitor.history()
            chat = answered(visitor)
            shop.program.stop()

    assert [True, True, False] == [one["pending"] for one in (asked, waiting, chat)]
    assert [] == said(waiting, "assistant")
    assert ["Forty-two."] == said(chat, "assistant")
    assert FALLBACK not in "".join(line["text"] for line in chat["lines"])
    assert [ASKED] * 2 == [one.question for one in standin.asked]


def test_questions_and_what_came_of_them_are_counted(tmp_path: Path) -> None:
    """Inside the flow nobody is asked, and an order is placed as ever."""
    standin = GeminiStandin(says("Forty-two."))
    with standin.served() as url, served(tmp_path, **environment(url, "any")) as shop:
        visitor = shop.visitor()
        visitor.say(ASKED)
        answered(visitor)
        visitor.say(ORDER)
        visitor.say(ASKED)
        visitor.say(CONTACT)
        visitor.say("yes")
        chat = answered(visitor)

        assert "Your order number is" in said(chat, "bot")[-1]
        assert {'bot="parts_shop"': 1} == counted(shop, "calls")
        assert {'bot="parts_shop",outcome="answered"': 1} == counted(shop, "answers")
        assert {'bot="parts_shop"': 0} == counted(shop, "calls_in_flow")
        assert 1 == standin.count


def test_without_a_key_the_shop_says_at_once_what_it_can_do(tmp_path: Path) -> None:
    standin = GeminiStandin()
    with standin.served() as url, served(tmp_path, **environment(url, "")) as shop:
        visitor = shop.visitor()
        visitor.say("hello")
        chat = visitor.say(ASKED)
        ordered = visitor.say(ORDER)
        code, _, log = shop.program.stop()

    assert not chat["pending"]
    assert said(chat, "bot")[-1].startswith(UNKNOWN)
    assert "bulk_order" == ordered["flow"]
    assert 0 == standin.count
    assert 1 == log.count("assistant_not_asked")
    assert 0 == code


def test_with_a_wrong_key_the_fallback_is_said_and_the_operator_told_once(tmp_path: Path) -> None:
    """What to repair stands in one line of the log; the key does not."""
    standin = GeminiStandin(key="right")
    with standin.served() as url, served(tmp_path, **environment(url, WRONG)) as shop:
        visitor = shop.visitor()
        shown = []
        for text in (ASKED, "and of death?"):
            visitor.say(text)
            shown.append(answered(visitor)["lines"][-1]["text"])
        ordered = visitor.say(ORDER)
        _, _, log = shop.program.stop()

    assert all(text.startswith(FALLBACK) for text in shown)
    assert "bulk_order" == ordered["flow"]
    assert ["key", "key"] == [one.rule for one in standin.asked]
    (told,) = [row for row in log.splitlines() if "gemini_refused" in row]
    assert "GEMINI_API_KEY" in told
    assert WRONG not in log
    assert "life" not in log
