"""What Gemini's answers come to: texts as people write them, and at most one offer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from adapters.gemini.answers import MOST_KEPT, Unsigned, plain, reply, whole_sentences
from adapters.gemini.standin import Mood, blocked, call, calls, empty, says, stopped
from engine.cleaning import LONGEST_TEXT
from engine.questions import NotAnswered, Reply
from tests.gemini.asking import OFFERS


def read(mood: Mood) -> Reply:
    return reply(mood.body, OFFERS)


def failed(mood: Mood) -> tuple[str, bool]:
    with pytest.raises(NotAnswered) as raised:
        read(mood)
    return str(raised.value), raised.value.again


def parts(*given: Mapping[str, Any]) -> Mood:
    return Mood(body={"candidates": [{"content": {"role": "model", "parts": list(given)}}]})


def test_a_text_is_the_answer_and_is_kept_as_it_came() -> None:
    kept = {"role": "model", "parts": [{"text": "We are in **Kerala**."}]}

    assert Reply("We are in *Kerala*.", "", {"gemini": kept}) == read(says("We are in **Kerala**."))


def test_texts_are_joined_and_thoughts_are_not_said() -> None:
    mood = parts({"text": "Hm.", "thought": True}, {"text": "We are "}, {"text": "here."})

    assert "We are here." == read(mood).text


def test_a_call_offers_a_flow_and_is_kept_with_its_signature() -> None:
    answer = read(calls(call(flow="order")))

    assert ("", "order") == (answer.text, answer.offer)
    assert "thoughtSignature" in answer.verbatim["gemini"]["parts"][0]


def test_a_text_may_stand_beside_an_offer() -> None:
    answer = read(calls(call(flow="visit"), text="Gladly."))

    assert ("Gladly.", "visit") == (answer.text, answer.offer)


# Everything that is never obeyed.
BAD = {
    "a flow that is not offered": call(flow="refund"),
    "an unknown function": call("delete_orders", flow="order"),
    "no argument": call(),
    "one more argument": call(flow="order", amount=1),
    "another type": call(flow=["order"]),
    "a number": call(flow=1),
    "no arguments at all": {"name": "offer_flow"},
    "arguments that are a list": {"name": "offer_flow", "args": ["order"]},
    "a flow in other letters": call(flow="Order"),
}


@pytest.mark.parametrize("bad", [pytest.param(one, id=name) for name, one in BAD.items()])
def test_a_bad_call_is_as_if_it_had_not_been_made(bad: dict[str, Any]) -> None:
    assert ("empty", False) == failed(calls(bad))
    assert Reply("Gladly.") == read(calls(bad, text="Gladly."))
    assert Reply("", "order") == read(calls(bad, call(flow="order")))


def test_of_several_offers_the_first_counts_and_the_turn_does_not_go_back() -> None:
    assert Reply("", "visit") == read(calls(call(flow="visit"), call(flow="order")))


def test_without_offers_nothing_is_offered() -> None:
    assert Reply("Yes.") == reply(calls(call(flow="order"), text="Yes.").body, {})


@pytest.mark.parametrize("reason", ["SAFETY", "PROHIBITED_CONTENT", "OTHER"])
def test_a_question_that_is_blocked_has_no_answer(reason: str) -> None:
    assert (f"blocked: {reason}", False) == failed(blocked(reason))


@pytest.mark.parametrize(
    "reason", ["SAFETY", "RECITATION", "PROHIBITED_CONTENT", "SPII", "BLOCKLIST", "LANGUAGE", "NEW"]
)
def test_an_answer_that_is_blocked_is_not_said(reason: str) -> None:
    """Not even the half of it that came."""
    assert (f"blocked: {reason}", False) == failed(stopped(reason, "How to make"))


@pytest.mark.parametrize("reason", ["OTHER", "MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL"])
def test_a_mishap_is_tried_again(reason: str) -> None:
    assert (f"stopped: {reason}", True) == failed(stopped(reason))


def test_missing_signatures_are_told_apart() -> None:
    with pytest.raises(Unsigned):
        read(stopped("MISSING_THOUGHT_SIGNATURE"))


@pytest.mark.parametrize(
    "body", [{}, {"candidates": []}, {"candidates": [{}]}, empty().body, says(" \n").body]
)
def test_nothing_is_no_answer_but_may_be_one_the_next_time(body: dict[str, Any]) -> None:
    assert ("empty", True) == failed(Mood(body=body))


@pytest.mark.parametrize("reason", ["MAX_TOKENS", "CONTINUATION"])
def test_a_cut_answer_ends_with_its_last_whole_sentence(reason: str) -> None:
    """And goes back as what was read, not as what was cut."""
    assert Reply("We are here. Come by!") == read(
        stopped(reason, "We are here. Come by! We are op")
    )
    assert (reason, False) == failed(stopped(reason, "We are op"))
    assert (reason, False) == failed(stopped(reason))


def test_a_call_in_a_cut_answer_is_not_obeyed() -> None:
    body = calls(call(flow="order")).body
    body["candidates"][0]["finishReason"] = "MAX_TOKENS"

    assert ("MAX_TOKENS", False) == failed(Mood(body=body))


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("One. Two", "One."),
        ("It costs 3.", ""),
        ("It costs 3.50 today. An", "It costs 3.50 today."),
        ("Parts:\n- a fan\n- a rem", "Parts:\n- a fan"),
        ("1. Go\n2. ", "1. Go"),
        ('He said "Come." Then', 'He said "Come."'),
        ("来てください。明日", "来てください。"),
        ("", ""),
    ],
)
def test_whole_sentences_are_what_ends_for_sure(text: str, whole: str) -> None:
    assert whole == whole_sentences(text)


@pytest.mark.parametrize(
    ("markdown", "chat"),
    [
        ("We are **here**.", "We are *here*."),
        ("__Open__ daily", "*Open* daily"),
        ("*already* fine", "*already* fine"),
        ("2 ** 3 ** 4", "2 ** 3 ** 4"),
        ("https://shop.example/price__list__a.pdf", "https://shop.example/price__list__a.pdf"),
        ("## Hours\nDaily", "Hours\nDaily"),
        ("* a fan\n  * small", "- a fan\n  - small"),
        ("See [our page](https://shop.example/a).", "See our page (https://shop.example/a)."),
        ("[https://shop.example](https://shop.example)", "https://shop.example"),
        ("![](https://shop.example/a.png)", "https://shop.example/a.png"),
        ("**[Shop](https://s.example)**", "*Shop (https://s.example)*"),
        ("array[0](1) and #1", "array0 (1) and #1"),
        ("  spaced  ", "spaced"),
    ],
)
def test_markdown_becomes_what_people_write_in_chats(markdown: str, chat: str) -> None:
    assert chat == plain(markdown)


def test_a_turn_that_is_too_big_is_not_kept() -> None:
    def thought(size: int) -> Mood:
        return parts({"text": "x" * size, "thought": True}, {"text": "Yes."})

    assert {} == read(thought(MOST_KEPT)).verbatim
    assert {} != read(thought(MOST_KEPT // 2)).verbatim


def test_an_answer_longer_than_a_message_ends_with_a_sentence() -> None:
    """What follows it is not begun."""
    sentence = "We are open."
    text = read(says(" ".join([sentence] * 400))).text
    assert text.endswith(f" {sentence}")
    assert LONGEST_TEXT - len(sentence) <= len(text) <= LONGEST_TEXT
    endless = "x" * (LONGEST_TEXT + 5)
    assert endless == read(says(endless)).text


def test_a_turn_that_is_too_long_to_be_said_whole_is_not_kept() -> None:
    assert {} == read(says("x" * (LONGEST_TEXT + 1))).verbatim
    assert {} != read(says("x" * LONGEST_TEXT)).verbatim
