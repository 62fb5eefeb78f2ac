"""What Gemini is sent: a history it takes, with its own turns exactly as they came."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.gemini.assistant import Gemini
from adapters.gemini.contents import ASKED, contents, has_verbatim, tool
from adapters.gemini.standin import GeminiStandin
from adapters.gemini.standin.asking import read
from adapters.gemini.standin.moods import signature
from adapters.gemini.standin.rules import Terms, refusal
from engine.questions import Passage, Question, Remark
from tests.gemini.asking import OFFERS, question, tried

CALL = {"id": "call-1", "name": "offer_flow", "args": {"flow": "order"}}
SIGNED = {"functionCall": CALL, "thoughtSignature": signature(CALL)}
OFFERED = {"role": "model", "parts": [SIGNED]}
RESPONSE = {"functionResponse": {"id": "call-1", "name": "offer_flow", "response": ASKED}}
SAID = {"role": "model", "parts": [{"text": "We are *here*.", "thoughtSignature": "QUJD"}]}


def user(text: str) -> Remark:
    return Remark("user", text)


def bot(text: str) -> Remark:
    return Remark("bot", text)


def own(content: Any, text: str = "", vendor: str = "gemini") -> Remark:
    return Remark("assistant", text, {vendor: content})


def turn(role: str, *texts: str) -> dict[str, Any]:
    return {"role": role, "parts": [{"text": text} for text in texts]}


def test_each_sides_remarks_in_a_row_are_one_turn() -> None:
    """Operators and the bot are the model's side; a new remark begins a new line."""
    sent = contents(
        question(
            "And now?", user("Hi"), user("Hello?"), bot("Welcome."), Remark("operator", "Yes?")
        )
    )

    assert [
        turn("user", "Hi", "\nHello?"),
        turn("model", "Welcome.", "\nYes?"),
        turn("user", "And now?"),
    ] == sent


def test_a_history_begins_with_the_customer() -> None:
    sent = contents(question("Hm?", bot("Welcome."), own(OFFERED), user("Hi"), bot("Yes?")))

    assert [turn("user", "Hi"), turn("model", "Yes?"), turn("user", "Hm?")] == sent


def test_what_was_written_last_without_an_answer_belongs_to_the_question() -> None:
    assert [turn("user", "Hi\nthere\nHm?")] == contents(question("Hm?", user("Hi"), user("there")))


def test_passages_and_the_time_stand_before_the_question() -> None:
    passages = (Passage("warranty.md: Batteries", "Six months."), Passage("b.md", "Open daily."))

    (sent,) = contents(question("How long?", passages=passages, now="Monday, 2026-01-05 09:00"))

    context, asked = sent["parts"]
    assert {"text": "How long?"} == asked
    assert context["text"].startswith("Now it is Monday, 2026-01-05 09:00.\n\n")
    assert "[warranty.md: Batteries]\nSix months.\n\n[b.md]\nOpen daily." in context["text"]
    assert "business's own texts" in context["text"]


def test_an_offer_goes_back_as_it_came_with_what_came_of_it() -> None:
    sent = contents(question("Where?", user("Hi"), own(OFFERED), bot("Shall we?"), user("no")))

    assert [
        turn("user", "Hi"),
        OFFERED,
        {"role": "user", "parts": [RESPONSE]},
        turn("model", "Shall we?"),
        turn("user", "no\nWhere?"),
    ] == sent


def test_what_follows_an_offer_is_a_turn_of_its_own() -> None:
    sent = contents(question("Where?", user("Hi"), own(OFFERED)))

    assert [
        turn("user", "Hi"),
        OFFERED,
        {"role": "user", "parts": [RESPONSE]},
        turn("user", "Where?"),
    ] == sent
    assert sent == contents(question("Where?", bot("Welcome."), user("Hi"), own(OFFERED)))


def test_an_offer_after_an_offer_follows_what_came_of_the_first() -> None:
    sent = contents(question("Where?", user("Hi"), own(OFFERED), own(OFFERED)))

    response = {"role": "user", "parts": [RESPONSE]}
    assert [OFFERED, response, OFFERED, response] == sent[1:-1]


def test_a_call_without_an_id_is_answered_without_one() -> None:
    call = {"name": "offer_flow", "args": {"flow": "order"}}
    kept = {"role": "model", "parts": [{"functionCall": call}]}

    sent = contents(question("Where?", user("Hi"), own(kept)))

    assert [{"functionResponse": {"name": "offer_flow", "response": ASKED}}] == sent[2]["parts"]


def test_a_text_of_its_own_goes_back_as_it_came() -> None:
    """Beside other lines of the same side too; its parts are never touched."""
    sent = contents(
        question("Hm?", user("Hi"), bot("One moment."), own(SAID, "We are here."), bot("!"))
    )

    assert {
        "role": "model",
        "parts": [{"text": "One moment."}, *SAID["parts"], {"text": "\n!"}],
    } == sent[1]


@pytest.mark.parametrize(
    "kept",
    [
        None,
        "text",
        {},
        {"role": "user", "parts": [{"text": "x"}]},
        {"role": "model"},
        {"role": "model", "parts": []},
        {"role": "model", "parts": ["x"]},
        {"role": "model", "parts": [{"inlineData": {}}]},
        {"role": "model", "parts": [{"functionCall": {}}]},
        {"role": "model", "parts": [{"functionCall": "x"}]},
    ],
)
def test_what_is_no_turn_falls_back_to_its_text(kept: Any) -> None:
    asked = question("Hm?", user("Hi"), own(kept, "We are here."))

    assert turn("model", "We are here.") == contents(asked)[1]
    assert not has_verbatim(asked)


def test_another_vendors_turn_is_its_text() -> None:
    sent = contents(question("Hm?", user("Hi"), own({"x": 1}, "We are here.", "retell")))

    assert turn("model", "We are here.") == sent[1]


@pytest.mark.parametrize("text", ["", "Would you like to order?"])
def test_an_offer_that_cannot_go_back_is_its_text_or_nothing(text: str) -> None:
    """After the bot's own words, without offers, and where it is said so, no call may stand."""
    cases = [
        question("Hm?", user("Hi"), bot("Well."), own(OFFERED, text)),
        question("Hm?", user("Hi"), own(OFFERED, text), offers={}),
    ]
    for asked in cases:
        sent = contents(asked)
        assert "functionCall" not in json.dumps(sent)
        assert (text in json.dumps(sent)) is True
    assert "functionCall" not in json.dumps(
        contents(question("Hm?", user("Hi"), own(OFFERED)), verbatim=False)
    )


def test_only_a_turn_that_would_go_back_counts_as_one() -> None:
    assert has_verbatim(question("Hm?", user("Hi"), own(OFFERED)))
    assert not has_verbatim(question("Hm?", own(OFFERED)))


def test_the_tool_names_the_flows_and_when_to_offer_them() -> None:
    declared = tool(OFFERS)

    assert ["order", "visit"] == declared["parameters_json_schema"]["properties"]["flow"]["enum"]
    assert "order: The customer wants to buy." in declared["description"]


async def test_the_request_is_what_gemini_wants() -> None:
    standin = GeminiStandin()

    await tried(Gemini(key="k", transport=standin.transport()))

    (asked,) = standin.asked
    assert ("v1", "gemini-flash-latest", "generateContent") == (
        asked.version,
        asked.model,
        asked.method,
    )
    assert "You answer for a shop." == asked.instruction
    assert "Where are you?" == asked.question
    assert ("order", "visit") == asked.offers
    assert {"functionCallingConfig": {"mode": "AUTO"}} == asked.body["toolConfig"]
    assert {"maxOutputTokens": 4_096} == asked.body["generationConfig"]
    assert "20" == asked.headers["x-server-timeout"]


async def test_without_offers_there_is_no_tool() -> None:
    standin = GeminiStandin()

    await tried(Gemini(key="k", transport=standin.transport()), question(offers={}))

    assert standin.asked[0].body.keys() == {"contents", "systemInstruction", "generationConfig"}


# -- whatever was said -----------------------------------------------------------------------------

TEXTS = st.text(max_size=8)
KEPT = st.sampled_from(
    [{}, {"gemini": OFFERED}, {"gemini": SAID}, {"gemini": {"role": "model"}}, {"retell": {"x": 1}}]
)
REMARKS = st.builds(Remark, st.sampled_from(["user", "bot", "assistant", "operator"]), TEXTS, KEPT)
ASKED_EVER = st.builds(
    Question,
    st.text(min_size=1, max_size=8),
    st.just("You answer."),
    st.lists(REMARKS, max_size=12).map(tuple),
    st.lists(st.builds(Passage, TEXTS, TEXTS), max_size=2).map(tuple),
    st.sampled_from([{}, OFFERS]),
)


@given(ASKED_EVER, st.booleans())
def test_whatever_was_said_is_taken(asked: Question, verbatim: bool) -> None:  # noqa: FBT001 - drawn
    """No list of remarks makes a request that Gemini refuses."""
    body = json.dumps({"contents": contents(asked, verbatim=verbatim)}).encode()
    path = "/v1/models/gemini-x:generateContent"

    refused = refusal(read(0, path, {"x-goog-api-key": "k"}, body), Terms())

    assert refused is None


@given(ASKED_EVER)
def test_nobodys_words_are_lost_or_turned_round(asked: Question) -> None:
    """What customers wrote is the user's, from their first remark on, and nothing else is."""
    *history, last = contents(asked)
    spoken = [part for one in history if one["role"] == "user" for part in one["parts"]]
    theirs = [part["text"] for part in [*spoken, last["parts"][-1]] if "text" in part]
    wrote = [one.text for one in asked.said if one.who == "user" and one.text.strip()]

    # Only line breaks are added between them.
    assert "".join([*wrote, asked.text]).replace("\n", "") == "".join(theirs).replace("\n", "")


@given(ASKED_EVER)
@settings(max_examples=30)  # each is a client of its own
def test_the_real_client_takes_it_too(asked: Question) -> None:
    """Through the client and over the wire, as it writes it."""
    standin = GeminiStandin()
    gemini = Gemini(key="k", transport=standin.transport())

    asyncio.run(tried(gemini, asked))

    assert [200] == [one.status for one in standin.asked]
