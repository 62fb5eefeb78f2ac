"""./run explain: why a message was taken as it was, and what came of it, for the owner of a shop."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from typer.testing import Result

from adapters.assembly import build_book
from adapters.explaining import explained, in_words
from adapters.operating import opened
from adapters.service import Service
from adapters.settings import load_settings
from engine.events import AssistantAnswered, ModeChanged, OperatorSaid, Said
from engine.overview import Listed, Requested
from engine.questions import Reply
from engine.runtime.arrivals import Arrival
from engine.runtime.scripted_assistant import ScriptedAssistant
from engine.transcript import Line
from tests.adapters.programs import ROOT

Run = Callable[..., Result]
LA_VITE = ROOT / "fixtures/bots/la_vite"
KINDS = [
    pytest.param("sqlite", id="sqlite"),
    pytest.param("postgres", id="postgres", marks=pytest.mark.needs("postgres")),
]


@pytest.fixture(params=KINDS)
def key(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """A visitor of a restaurant whose conversations are in a database of each kind."""
    if request.param == "sqlite":
        monkeypatch.setenv("REJOINDER_DATA", str(tmp_path))
    else:
        monkeypatch.setenv("REJOINDER_DATABASE_URL", request.getfixturevalue("database_url"))
    return f"web-{uuid4().hex}"


class Guest:
    """Somebody who talks to the restaurant, and what the world does meanwhile."""

    def __init__(self, service: Service, key: str) -> None:
        self.service = service
        self.key = key
        self.count = count(1)

    async def says(self, text: str, **more: Any) -> None:
        """Say this, and have done what it asks for."""
        await self.asks(text, **more)
        await self.service.worker.drain()

    async def asks(self, text: str, **more: Any) -> None:
        """Say this; nobody works yet."""
        event = Said(f"{self.key}-{next(self.count)}", self.service.clock(), text, **more)
        arrival = Arrival("la_vite", "web", (f"web:{self.key}",), self.key, event)
        await self.service.conversations.receive(arrival)

    async def meets(self, event: Any) -> None:
        """Have this happen to the conversation."""
        found = await self.service.overview.by_key(self.key)
        assert found is not None
        place = (found.bot, found.lane, found.contact)
        await self.service.conversations.deliver(place, event, session=found.id)

    async def effect(self) -> str:
        """Return the question that was put to the assistant last."""
        found = await self.service.overview.by_key(self.key)
        assert found is not None
        asked = await self.service.overview.requested(found.id)
        return [one.id for one in asked if one.kind == "ask_assistant"][-1]


def talk(key: str, story: Callable[[Guest], Any], *replies: str | Reply | Exception) -> None:
    """Have a conversation with the restaurant, whose assistant gives these replies."""

    async def told() -> None:
        async with opened(
            load_settings()[0],
            books={"la_vite": build_book(LA_VITE)},
            assistants={"la_vite": ScriptedAssistant(*replies)},
        ) as service:
            await story(Guest(service, key))

    asyncio.run(told())


def as_json(run: Run, key: str, seq: int) -> dict[str, Any]:
    result = run("explain", key, str(seq), "--json")
    assert (0, "") == (result.exit_code, result.stderr)
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_every_message_says_what_it_was_taken_for(key: str, run: Run) -> None:
    """Start phrases, readings and the FAQ come before the assistant; the command says which it was."""

    async def story(guest: Guest) -> None:
        await guest.says("are dogs allowed")
        await guest.says("whose recipe is the lasagne")
        await guest.says("reservation please")
        await guest.says("2 people tomorrow at 7pm")

    talk(key, story, "Marta's grandmother's.")
    head, *rows = run("explain", key).stdout.splitlines()
    assert ["SEQ", "WHO", "TAKEN", "AS", "TEXT"] == head.split()
    assert [
        ("user", "question"), ("user", "assistant"), ("user", "start"), ("user", "values"),
    ] == [tuple(row.split()[1:3]) for row in rows if row.split()[1] == "user"]  # fmt: skip
    as_array = json.loads(run("explain", key, "--json").stdout)
    assert [row.split()[0] for row in rows] == [str(one["seq"]) for one in as_array]

    said = run("explain", key, "6").stdout
    assert said.startswith(f"{key}, line 6, ")
    assert "reservation please\n\nTaken as: start\n  No flow was active.\n" in said
    assert 'It starts the flow table: its start phrase was found, as "reservation".' in said
    assert "only where none of them is found, the assistant is asked." in said
    assert "the bot:\n    Lovely! May I have the number of guests and time?\n" in said
    assert "After this turn: table: asking.\nNow: guest: asking.\n" in said
    reply = run("explain", key, "7").stdout
    assert "In answer to line 6, " in reply
    assert "Taken as: start" in reply


def test_a_question_and_its_answer_name_each_other(key: str, run: Run) -> None:
    """The question is told at the answer, its sources and what was offered beside it."""

    async def story(guest: Guest) -> None:
        await guest.asks("we are so hungry and cannot cook")
        answer = AssistantAnswered(
            await guest.effect(), guest.service.clock(), "We can cook for you.", "takeaway",
            about={"sources": ["menu.md: Pizza"]},
        )  # fmt: skip
        await guest.meets(answer)
        await guest.asks("yes")

    talk(key, story)
    question, answer = as_json(run, key, 1), as_json(run, key, 3)

    assert question["messages"][0]["reason"]["effect"] == question["assistant"]["effect"]
    assert [("ask_assistant", "a question to the assistant")] == [
        ("ask_assistant", one["what"]) for one in question["requested"]
    ]
    assert "We can cook for you." == question["assistant"]["answer"]["text"]
    assert (["menu.md: Pizza"], "takeaway", None) == (
        answer["assistant"]["sources"], answer["assistant"]["offered"],
        answer["assistant"]["dropped"],
    )  # fmt: skip
    assert [1] == [one["seq"] for one in answer["assistant"]["question"]]
    assert [] == answer["messages"]
    words = run("explain", key, "3").stdout
    assert "No message of the customer led to it" not in words  # the question did
    assert "It was asked by line 1, " in words
    assert "It was given: menu.md: Pizza." in words
    assert "It offered the flow takeaway; only the customer's yes starts it." in words
    assert "It answered in line 3, " in run("explain", key, "1").stdout
    assert 'The answer "yes" to the question whether to begin takeaway.' in (
        run("explain", key, "5").stdout
    )


def test_an_answer_that_was_never_said_says_why(key: str, run: Run) -> None:
    """A newer message had come, or a flow had started."""

    async def story(guest: Guest) -> None:
        await guest.asks("whose recipe is the lasagne")
        first = await guest.effect()
        await guest.asks("and who taught her")
        await guest.meets(AssistantAnswered(first, guest.service.clock(), "Marta's."))
        second = await guest.effect()
        await guest.asks("reservation")
        await guest.meets(AssistantAnswered(second, guest.service.clock(), "Her mother's."))
        await guest.meets(ModeChanged("o1", guest.service.clock(), "ended", "ana"))

    talk(key, story)
    lines = json.loads(run("explain", key, "--json").stdout)
    dropped = [one["seq"] for one in lines if one.get("note") == "assistant answer dropped"]

    assert ["a newer message had come", "a flow had started meanwhile"] == [
        as_json(run, key, seq)["assistant"]["dropped"] for seq in dropped
    ]
    words = run("explain", key, str(dropped[1])).stdout
    assert "Recorded, never said: a flow had started meanwhile." in words
    assert "Now: ended." in words


def test_what_a_turn_requested_is_told_with_its_outcome(key: str, run: Run) -> None:
    """Not done yet, done, withdrawn: for messages, actions and people who were told."""

    async def story(guest: Guest) -> None:
        await guest.asks("whose recipe is the lasagne")
        await guest.asks("person")
        await guest.meets(OperatorSaid("o2", guest.service.clock(), "Marta here.", "marta"))

    talk(key, story)
    asked = run("explain", key, "1").stdout
    person = run("explain", key, "3").stdout

    assert "Requested by this turn:\n  a question to the assistant: still to be done.\n" in asked
    assert "It has given no answer that is kept." in asked
    assert "word to the desk floor: asked for a person: still to be done." in person
    assert 'The command "person".' in person
    operator = json.loads(run("explain", key, "--json").stdout)[-1]
    assert "operator" == operator["who"]
    told = run("explain", key, str(operator["seq"])).stdout
    assert "No message of the customer led to it" in told
    assert "a person of the business:\n  Marta here." in told


def test_what_is_not_there_is_told_with_the_remedy(key: str, run: Run) -> None:
    async def story(guest: Guest) -> None:
        await guest.says("hello")

    talk(key, story)
    line = run("explain", key, "99")
    near = run("explain", f"{key}x", "1")
    nobody = run("explain", "zzz")

    assert (1, "") == (line.exit_code, line.stdout)
    assert f"{key} has no line 99: its lines are 1 to 2. ./run explain {key} lists" in line.stderr
    assert (1, "") == (near.exit_code, near.stdout)
    assert f'There is no session "{key}x". Did you mean "{key}"?' in near.stderr
    assert "./run sessions lists those that are open, with --all" in nobody.stderr
    assert 2 == run("explain", key, "0").exit_code
    assert 2 == run("explain", key, "first").exit_code
    assert 1 == run("explain", key, "1", "--bot", "parts_shop").exit_code
    assert 0 == run("explain", key, "1", "--bot", str(LA_VITE)).exit_code


# -- what no conversation of now leaves behind ----------------------------------------------------

FOUND = Listed("s1", "web-a", "shop", "web", "c1", 3, "agent", "open", None, "idle", 0)


def test_lines_of_before_this_was_kept_are_not_recorded() -> None:
    """Nothing is guessed about them."""
    lines = [Line(1, 1, "user", "hi", 0), Line(2, 1, "bot", "Hello!\nHow are you?", 0)]

    what = explained(FOUND, lines, [], 1)

    assert ("not recorded", None, None) == (
        what["messages"][0]["taken_as"], what["messages"][0]["reason"], what["then"],
    )  # fmt: skip
    words = in_words(what)
    assert "Taken as: not recorded\n  What it was taken for is not recorded.\n" in words
    assert "    Hello!\n    How are you?\n" in words
    assert words.endswith("\n\nNow: idle.")


def test_an_answer_without_its_question_was_waited_for_by_nobody() -> None:
    """The question's line may be of before this was kept; so may a take-over be all that happened."""
    note = Line(
        4, 2, "system", "Deep.", 0, note="assistant answer dropped", about={"effect": "s1:1:1"}
    )  # fmt: skip

    what = explained(FOUND, [note], [], 4)

    assert "nobody waited for it any more" == what["assistant"]["dropped"]


@pytest.mark.parametrize(
    ("kind", "status", "fields", "words"),
    [
        ("send", "done", {}, "a message to the customer: done."),
        ("reply", "unknown", {}, "a message to the customer: nobody can tell whether it went out."),
        ("send", "withdrawn", {}, "a message to the customer: withdrawn."),
        ("run_action", "failed", {"action": "place"}, "the action place: failed."),
        ("publish", "taken", {"event": "x"}, "the event x for other systems: being done."),
        ("parked", "parked", {}, "a fault of ours, to be looked at: ./run parked: parked."),
        ("later", "later", {}, "later: later."),
    ],
)
def test_outcomes_in_words(kind: str, status: str, fields: dict[str, str], words: str) -> None:
    request = Requested("s1:1:1", 1, kind, status, fields)
    other = Requested("s1:2:1", 2, kind, status, fields)

    said = in_words(explained(FOUND, [Line(1, 1, "user", "hi", 0)], [request, other], 1))

    assert f"Requested by this turn:\n  {words}\n" in said
    assert 1 == said.count(words)
