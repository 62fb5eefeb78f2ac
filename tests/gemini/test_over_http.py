"""The real client and the stand-in, over real HTTP on both paths."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from random import Random

import httpx2
import pytest
from google import genai
from google.genai import types
from structlog.testing import capture_logs

from adapters.gemini.assistant import Gemini
from adapters.gemini.standin import (
    GeminiStandin,
    Mood,
    blocked,
    call,
    calls,
    cut,
    fails,
    html,
    limited,
    says,
    slow,
    stopped,
)
from engine.questions import Question, Remark
from tests.gemini.asking import OFFERS, WORK, failure, question, tried
from tests.simulation.loop import SimulatedLoop

HI = Remark("user", "Hi")


@pytest.fixture
def standin() -> GeminiStandin:
    return GeminiStandin()


@pytest.fixture
def url(standin: GeminiStandin) -> Iterator[str]:
    with standin.served() as url:
        yield url


@pytest.mark.parametrize("version", ["v1", "v1beta"])
@pytest.mark.parametrize("prefix", ["", "/proxy/gemini", "/slash/"])
async def test_both_paths_answer_behind_any_prefix(
    standin: GeminiStandin,
    url: str,
    version: str,
    prefix: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GOOGLE_GENAI_API_VERSION", version)

    answer = await tried(Gemini(key="secret", base_url=f"{url}{prefix}"))

    assert "I am a stand-in of Gemini." == answer.text
    path = f"{prefix.rstrip('/')}/{version}/models/gemini-flash-latest:generateContent"
    assert [path] == [one.path for one in standin.asked]
    assert "secret" == standin.asked[0].key
    assert "x-goog-api-key" not in standin.asked[0].headers


async def test_every_mood_comes_over_the_wire(standin: GeminiStandin, url: str) -> None:
    moods: list[tuple[Mood, tuple[str, bool, int | None]]] = [
        (limited("17s"), ("429: too many questions", True, 17_000)),
        (limited(header="2"), ("429: too many questions", True, 2_000)),
        (fails(500), ("500: a fault of its own", True, None)),
        (cut(), ("it cannot be reached", True, None)),
        (blocked(), ("blocked: SAFETY", False, None)),
        (html(), ("502: it cannot be reached through what stands before it", True, None)),
    ]
    for mood, expected in moods:
        standin.next(mood)
        assert expected == await failure(Gemini(key="k", base_url=url))
    assert [429, 429, 500, 0, 200, 502] == [one.status for one in standin.asked]


async def test_a_slow_one_is_left_in_time(standin: GeminiStandin, url: str) -> None:
    """By the client's own limit, and by whoever waits for it."""
    standin.always = slow(60)
    gemini = Gemini(key="k", base_url=url)

    assert ("no answer in time", True, None) == await failure(gemini, question(timeout=200))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(tried(gemini), 0.2)


async def test_where_nobody_listens_it_is_asked_again_later(
    standin: GeminiStandin, url: str
) -> None:
    gemini = Gemini(key="k", base_url=url)
    standin.down()
    assert ("it cannot be reached", True, None) == await failure(gemini)
    standin.up()

    assert "I am a stand-in of Gemini." == (await tried(gemini)).text


async def test_a_moved_address_is_not_followed_with_the_key(
    standin: GeminiStandin, url: str
) -> None:
    standin.next(Mood(307, "", {"location": "/v1/models/gemini-x:generateContent"}))

    await failure(Gemini(key="k", base_url=url))

    assert 1 == standin.count


# -- thought signatures ----------------------------------------------------------------------------


async def offered(standin: GeminiStandin, gemini: Gemini) -> Remark:
    """Have a flow offered; return the line as a database gives it back."""
    standin.next(calls(call(flow="order")))
    answer = await gemini.ask(WORK, question("I want many"))
    return Remark("assistant", answer.text, json.loads(json.dumps(dict(answer.verbatim))))


async def test_an_offer_goes_back_signed_and_is_taken(standin: GeminiStandin, url: str) -> None:
    gemini = Gemini(key="k", base_url=url)
    kept = await offered(standin, gemini)

    await tried(gemini, question("no, where are you?", HI, kept, Remark("bot", "Shall we?")))

    sent = standin.asked[-1].contents
    assert [200, 200] == [one.status for one in standin.asked]
    assert ["user", "model", "user", "model", "user"] == [one["role"] for one in sent]
    assert sent[1]["parts"][0]["thoughtSignature"]


def unsigned(kept: Remark) -> Remark:
    (part,) = kept.verbatim["gemini"]["parts"]
    bare = {name: given for name, given in part.items() if name != "thoughtSignature"}
    return replace(kept, verbatim={"gemini": {"role": "model", "parts": [bare]}})


async def test_a_turn_put_together_anew_is_refused(standin: GeminiStandin, url: str) -> None:
    """The real client sends it, and Gemini 3 takes none without its signature."""
    gemini = Gemini(key="k", base_url=url)
    kept = unsigned(await offered(standin, gemini))

    await tried(gemini, question("no", HI, kept))

    assert ["", "signature", ""] == [one.rule for one in standin.asked]
    assert [200, 400, 200] == [one.status for one in standin.asked]


async def test_a_turn_it_does_not_know_again_is_sent_as_its_text(
    standin: GeminiStandin, url: str
) -> None:
    """As after a change of the model: one question more, and the customer has an answer."""
    gemini = Gemini(key="k", base_url=url)
    kept = replace(unsigned(await offered(standin, gemini)), text="Would you like to order?")

    answer = await tried(gemini, question("no", HI, kept))

    assert "I am a stand-in of Gemini." == answer.text
    assert "Would you like to order?" in standin.asked[-1].texts


async def test_a_turn_the_client_cannot_read_is_sent_as_its_text(
    standin: GeminiStandin, url: str
) -> None:
    """As one that an older client kept; what cannot be read is not even sent."""
    odd = {"role": "model", "parts": [{"text": "We are here.", "thoughtSignature": "?"}]}

    await tried(
        Gemini(key="k", base_url=url),
        question("Hm?", HI, Remark("assistant", "We are here.", {"gemini": odd})),
    )

    assert [["Hi", "We are here.", "Hm?"]] == [one.texts for one in standin.asked]


async def test_a_turn_it_refuses_for_another_reason_is_sent_as_its_text_too(
    standin: GeminiStandin, url: str
) -> None:
    """A signature may come in a part of its own, whose empty text it does not take back."""
    parts = [{"text": "We are here."}, {"text": "", "thoughtSignature": "QUJD"}]
    candidate = {"content": {"role": "model", "parts": parts}, "finishReason": "STOP"}
    standin.next(Mood(body={"candidates": [candidate]}))
    gemini = Gemini(key="k", base_url=url)
    first = await gemini.ask(WORK, question("Where?"))
    kept = Remark("assistant", first.text, json.loads(json.dumps(dict(first.verbatim))))

    with capture_logs() as logs:
        answer = await tried(gemini, question("Hm?", HI, kept))

    assert "I am a stand-in of Gemini." == answer.text
    assert [200, 400, 200] == [one.status for one in standin.asked]
    assert ["Hi", "We are here.", "Hm?"] == standin.asked[-1].texts
    assert [] == logs


# -- many at once ----------------------------------------------------------------------------------


async def test_as_many_wait_at_once_as_a_worker_may_ask(standin: GeminiStandin, url: str) -> None:
    """Five hundred slow answers hold up nobody, and all first questions open one client."""
    standin.always = slow(60)
    gemini = Gemini(key="k", base_url=url)
    asking = [asyncio.create_task(gemini.ask(WORK, question(timeout=60_000))) for _ in range(512)]

    there = await asyncio.to_thread(standin.wait_for, lambda: standin.under_way == 512, 60.0)
    standin.release()
    answers = await asyncio.gather(*asking)
    await gemini.aclose()

    assert there
    assert {"Here I am at last."} == {one.text for one in answers}
    assert 512 == standin.count == standin.most_at_once


# -- the stand-in itself ---------------------------------------------------------------------------


def test_what_it_says_may_hang_on_what_it_is_asked(standin: GeminiStandin, url: str) -> None:
    standin.always = lambda asked: says(f"{asked.model} was asked: {asked.question}")

    answer = asyncio.run(tried(Gemini(key="k", base_url=url, model="gemini-x"), question("Hm?")))

    assert "gemini-x was asked: Hm?" == answer.text


@pytest.mark.parametrize(
    ("mood", "chunks"),
    [
        (says("Hi."), ["Hi."]),
        (calls(call(flow="order"), text="Gladly."), ["Gladly.", "order"]),
        (blocked(), ["SAFETY"]),
    ],
)
async def test_streams_are_served_too(
    standin: GeminiStandin, url: str, mood: Mood, chunks: list[str]
) -> None:
    standin.next(mood)
    options = types.HttpOptions(base_url=url, httpx_async_client=httpx2.AsyncClient())
    client = genai.Client(api_key="k", http_options=options)
    got = []
    async for one in await client.aio.models.generate_content_stream(
        model="gemini-x", contents="Hi"
    ):
        if not one.candidates:
            assert one.prompt_feedback is not None
            got.append(str(one.prompt_feedback.block_reason).partition(".")[2])
            continue
        content = one.candidates[0].content
        assert content is not None
        for part in content.parts or ():
            made = part.function_call
            got.append(str(part.text if made is None else (made.args or {})["flow"]))
    await options.httpx_async_client.aclose()  # type: ignore[union-attr]
    client.close()

    assert chunks == got
    assert "streamGenerateContent" == standin.asked[0].method


def test_a_request_that_is_refused_takes_no_mood(standin: GeminiStandin, url: str) -> None:
    standin.next(says("Hi."))
    wrong = httpx2.post(f"{url}/v1/models/gemini-x:generateContent", json={}, trust_env=False)

    assert 403 == wrong.status_code
    assert "no key" == standin.asked[0].rule
    assert "Hi." == asyncio.run(tried(Gemini(key="k", base_url=url))).text


def test_on_a_clock_of_ones_own_slow_takes_no_time() -> None:
    """As simulations run it: no socket, no thread, no second of anybody's."""
    loop = SimulatedLoop(Random(1))  # noqa: S311 - no secret
    standin = GeminiStandin(slow(3_600), clock=lambda: int(loop.time() * 1_000))
    gemini = Gemini(key="k", transport=standin.transport())
    began = loop.time()

    answer = loop.run_until_complete(tried(gemini, question(timeout=7_200_000)))
    after_an_hour = loop.time() - began
    why, *_ = loop.run_until_complete(failure(gemini, question(timeout=10_000)))
    loop.close()

    assert "Here I am at last." == answer.text
    assert 3_600 <= after_an_hour < 3_601
    assert "no answer in time" == why
    assert standin.asked[1].at - standin.asked[0].at >= 3_600_000


@pytest.mark.filterwarnings("ignore:.*is not a valid FinishReason")
async def test_an_end_that_the_client_does_not_know_is_not_said(
    standin: GeminiStandin, url: str
) -> None:
    standin.next(stopped("SOMETHING_NEW", "Half a"))

    assert ("blocked: SOMETHING_NEW", False, None) == await failure(Gemini(key="k", base_url=url))


async def test_an_answer_that_could_go_on_is_one_request(standin: GeminiStandin, url: str) -> None:
    """The client would ask by itself for the rest of it."""
    body = stopped("CONTINUATION", "We are here. And").body
    body["candidates"][0]["continuationToken"] = "more"
    standin.next(Mood(body=body))

    assert "We are here." == (await tried(Gemini(key="k", base_url=url))).text
    assert 1 == standin.count


def test_what_it_saw_can_be_read_off_a_request() -> None:
    standin = GeminiStandin()
    asked = Question("Hm?", "You answer.", (HI, Remark("bot", "Yes?")), offers=OFFERS)

    asyncio.run(tried(Gemini(key="k", transport=standin.transport()), asked))

    (one,) = standin.asked
    assert (["Hi", "Yes?", "Hm?"], "Hm?", "", {}) == (
        one.texts,
        one.question,
        one.context,
        one.passages,
    )
    assert ("order", "visit") == one.offers
    assert 0 == standin.under_way
