"""Scripts played with Gemini itself: its client asks a stand-in over HTTP, as a worker would.

A script's own answers are what the stand-in says, when the script says so; where a script has none,
the stand-in answers at once.
"""

from __future__ import annotations

__all__ = ["Gone", "Played", "Scripts"]

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from adapters.assembly import DEFAULT_BOT, build_player, find_bot, load_script
from adapters.assembly.bots import load_source
from adapters.gemini.assistant import Gemini
from adapters.gemini.standin import Asked, GeminiStandin, Mood, blocked, call, calls, says, slow
from engine.events import AssistantAnswered
from engine.language.book import Book
from engine.language.bot_compiler import compile_bot
from engine.play import Player
from engine.records import Work
from engine.runtime.assistant import Asker, Rest
from engine.runtime.knowledge import Texts
from engine.runtime.metrics import Counters
from engine.stage import Stage
from engine.stores.memory import MemoryStore

FOREVER = 3_600.0  # seconds: a held answer comes when the script says what it is


@dataclass(frozen=True, slots=True)
class Gone:
    """One request, as it reached the stand-in."""

    contact: str  # whose question it is
    inside: bool  # a flow was active in their conversation, in that very moment
    asked: Asked


@dataclass(slots=True)
class Played:
    """A script, and every question that was asked while it was played."""

    path: Path
    requests: list[Gone]
    stood: Mapping[str, set[str]]  # contact -> all texts that stand in their conversations


@dataclass(slots=True)
class _Question:
    """A request under way; `body` is what it will be answered."""

    task: asyncio.Task[AssistantAnswered | Rest | None]
    body: dict[str, Any] = field(default_factory=dict)


class Scripts:
    """Plays scripts, one after the other, on one stand-in and one client."""

    def __init__(self, standin: GeminiStandin, url: str) -> None:
        """Open nothing yet."""
        self.standin = standin
        self._gemini = Gemini(key="any", base_url=url)
        self._runner = asyncio.Runner()
        # Compiling takes longer than playing; books are values.
        self._books: dict[tuple[Path, ...], tuple[Book, Mapping[str, Texts]]] = {}

    def close(self) -> None:
        """Close the client."""
        self._runner.run(self._gemini.aclose())
        self._runner.close()

    def play(self, path: Path) -> Played:
        """Play a script of a bot that has Gemini for its assistant, whatever its file says."""
        script = load_script(path)
        given: dict[str, Any] = dict(script.headers)
        own = given.pop("assistant", "none") == "scripted"
        folder = find_bot(given.pop("bot", DEFAULT_BOT))
        plain = build_player(folder, given, path=script.path)
        player = Player(
            lambda changes: self._book(folder, *changes)[0],
            plain.stage.store,
            plain.stage.actions,
            path=script.path,
            assistant="scripted",
            attachment=plain._attachment,
            **given,
        )
        stage = _Stage(self, player.stage, self._book(folder)[1], held=own)
        player.stage = plain.stage = stage  # the actions look at the store of `plain`
        for block in script.blocks:
            player.play(block)
        self.standin.release()
        return Played(path, stage.requests, stage.stood())

    def _book(self, folder: Path, *changes: Path) -> tuple[Book, Mapping[str, Texts]]:
        if (folder, *changes) not in self._books:
            source = load_source(folder, changes)
            rules = source.bot.assistant.model_copy(update={"use": "gemini"})
            bot = source.bot.model_copy(update={"assistant": rules})
            texts = {source.bot.bot: Texts(source.knowledge, source.bot.languages)}
            book = compile_bot(replace(source, bot=bot)), texts if source.knowledge else {}
            self._books[(folder, *changes)] = book
        return self._books[(folder, *changes)]

    # -- one question ----------------------------------------------------------------------------

    def begin(self, stage: _Stage, work: Work) -> tuple[_Question, list[Gone]]:
        """Ask, as far as the stand-in: it has the question, or nobody asks it any more."""
        asker = Asker(
            {work.bot: stage.book},
            stage.store,
            {work.bot: self._gemini},
            clock=lambda: stage.now,
            counters=Counters(),
            knowledge=stage.texts,
        )
        body: dict[str, Any] = {}

        async def reached() -> tuple[_Question, list[Gone]]:
            loop, there, before = asyncio.get_running_loop(), asyncio.Event(), self.standin.count

            def mood(_: Asked) -> Mood:
                loop.call_soon_threadsafe(there.set)
                return slow(FOREVER, Mood(body=body))

            self.standin.always = mood
            question = _Question(loop.create_task(asker.ask(work)), body)
            question.task.add_done_callback(lambda _: there.set())
            await there.wait()
            session = await stage.store.load((work.bot, work.lane, work.contact))
            inside = session is None or bool(session.frames)
            new = self.standin.asked[before:]
            return question, [Gone(work.contact, inside, asked) for asked in new]

        return self._runner.run(reached())

    def end(self, question: _Question, answer: Mapping[str, Any]) -> Mapping[str, Any]:
        """Have a question answered; return what the product makes of it."""
        mood = blocked() if answer.get("failed") else says(answer.get("text", ""))
        if "offer" in answer:
            mood = calls(call(flow=answer["offer"]))
        question.body.update(mood.body)
        self.standin.release()

        async def answered() -> AssistantAnswered | Rest | None:
            return await question.task

        came = self._runner.run(answered())
        if came is None:  # nobody asked any more, so nobody was asked
            return answer
        assert isinstance(came, AssistantAnswered), came
        return {"text": came.text, "offer": came.offer, "failed": came.failed, "about": came.about}


class _Stage(Stage):
    """A stage whose assistant is Gemini."""

    def __init__(
        self, scripts: Scripts, plain: Stage, texts: Mapping[str, Texts], *, held: bool
    ) -> None:
        super().__init__(plain.book, plain.store, plain.actions, plain.now)
        self.texts = texts
        self._scripts = scripts
        self._held = held
        self._questions: dict[str, _Question] = {}
        self.requests: list[Gone] = []

    def _ask(self, work: Work) -> None:
        self._questions[work.effect.id], new = self._scripts.begin(self, work)
        self.requests += new
        super()._ask(work)
        if not self._held:
            self.answer(work.contact, {"text": "I am a stand-in."})

    def answer(self, contact: str, answer: Mapping[str, Any]) -> None:
        """Let the stand-in say what the script says."""
        question = self._questions.pop(self.asked[contact].effect.id)
        super().answer(contact, self._scripts.end(question, answer))

    def stood(self) -> dict[str, set[str]]:
        """Return by contact every text that stands in their conversations."""
        store = self.store
        assert isinstance(store, MemoryStore)
        found: dict[str, set[str]] = {}
        for id_, row in store._sessions.items():
            found.setdefault(row.place[2], set()).update(one.text for one in store._lines[id_])
        return found
