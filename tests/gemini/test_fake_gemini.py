"""The command for authors without a key: an address, two lines to copy, and a useful answer."""

from __future__ import annotations

import asyncio
import signal
import socket
from pathlib import Path

import pytest

from adapters.gemini.assistant import Gemini
from adapters.gemini.standin import GeminiStandin
from adapters.gemini.standin.trying import helpful
from engine.questions import Passage, Question, Reply
from tests.adapters.programs import start
from tests.gemini.asking import question, tried

LONG = Passage("parts.md: Fans", "A fan has three blades. " * 40)


def answered(asked: Question) -> Reply:
    return asyncio.run(tried(Gemini(key="k", transport=GeminiStandin(helpful).transport()), asked))


def test_the_best_passage_is_named() -> None:
    passages = (Passage("warranty.md: Batteries", "Six months.\n\nNot more."), LONG)

    assert (
        "warranty.md: Batteries says: Six months.\n\nNot more."
        == answered(question("How long?", passages=passages, now="Monday")).text
    )


def test_a_passage_reads_as_on_paper() -> None:
    """Without its headings twice, and without the ends of a file's lines; a list stays one."""
    text = "Returns > Opened packing\nWe change it, but do\nnot give money back:\n- a fan\n- a coil"
    passages = (Passage("returns.md: Opened packing", text),)

    assert (
        "returns.md: Opened packing says: We change it, but do not give money back:\n- a fan\n- a coil"
        == answered(question("And opened?", passages=passages)).text
    )


def test_a_long_passage_is_cut_between_words() -> None:
    text = answered(question("How many blades?", passages=(LONG,))).text

    told = text.removeprefix("parts.md: Fans says: ").removesuffix(" ...")
    assert LONG.text.startswith(f"{told} ")
    assert 250 < len(told) <= 300


def test_a_flow_is_offered_by_its_name() -> None:
    asked = question("I want a big order, please!", offers={"big_order": "Many.", "visit": "x"})

    assert "big_order" == answered(asked).offer
    assert "" == answered(question("I want a big fan", offers={"big_order": "Many."})).offer


def test_without_anything_it_says_what_it_is() -> None:
    assert (
        "I am a stand-in of Gemini, and was given no passage about that."
        == answered(question("Hm?")).text
    )


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 0), (signal.SIGTERM, 143)])
def test_the_command_serves_until_it_is_stopped(number: int, code: int) -> None:
    with start("fake-gemini") as program:
        program.until("listening on ")
        url = program.until("\n").strip()
        program.until("assistant: {use: gemini}", "stderr")
        program.until(f"GOOGLE_GEMINI_BASE_URL={url}\n", "stderr")
        reply = asyncio.run(tried(Gemini(key="any", base_url=url), question("An order, please")))
        ended, *_ = program.stop(number)

    assert "order" == reply.offer
    assert code == ended


def test_a_talk_in_the_database_ends_only_after_the_answer(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("REJOINDER_DATA", str(tmp_path))
    monkeypatch.setenv("GEMINI_API_KEY", "any")
    with GeminiStandin(helpful).served() as url:
        monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", url)
        with start("chat", "--session", "web-ana") as chat:
            chat.tell("do you sell generators?")
            _, said, _ = chat.ended()

    assert "<assistant about.md: What we do not have says: " in said


def test_a_port_that_is_taken_is_told() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with start("fake-gemini", "--port", str(port)) as program:
            code, _, err = program.ended()

    assert 2 == code
    assert f"Port {port} cannot be listened on" in err
