"""Asking the assistant: only while the question is open, as often as may be, as long as one waits."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic_core import to_json
from structlog.testing import capture_logs

from engine.events import Event, OperatorSaid, Said
from engine.language.wording import compile_text
from engine.questions import NotAnswered, Passage, Question, Remark, Reply
from engine.records import Work
from engine.runtime.assistant import PATIENCE, PAUSE
from engine.runtime.prompting import CHARACTERS_KEPT, LINES_KEPT
from engine.runtime.scripted_assistant import ScriptedAssistant
from engine.runtime.worker import AT_ONCE, LEASE, QUESTIONS_AT_ONCE, SPREAD
from engine.stores.budget import SqlBudget
from engine.stores.database import single
from tests.core.flows import JOB
from tests.core.talk import START, book_of
from tests.runtime.conftest import Open
from tests.runtime.office import Clock, Gated, Office
from tests.stores.waiting import until

ASKED = "when does the moon rise?"
DAY = 24 * 3_600_000


@pytest.fixture
def asking(tmp_path: Path) -> Any:
    """A bot with an assistant, one flow it may offer, and a fact."""
    return book_of(
        tmp_path / "bot",
        JOB,
        title="Moon & Co",
        facts={"pickup": {"en": "the pier"}},
        hours={"mon": "09:00-18:00"},
        assistant={
            "use": "gemini",
            "system": "Be kind.",
            "fallback": "Not now.",
            "timeout": "30s",
            "per_day": 900,
        },
    )


class Slow:
    """An assistant that says nothing before it is let."""

    def __init__(self) -> None:
        """Wait."""
        self.asked = 0
        self.said: list[tuple[Remark, ...]] = []
        self.asked_now = asyncio.Event()
        self.may = asyncio.Event()

    async def ask(self, work: Work, question: Question) -> Reply:
        """Answer, when it may."""
        self.asked += 1
        self.said.append(question.said)
        self.asked_now.set()
        await self.may.wait()
        return Reply("At noon.", verbatim={"gemini": {"role": "model", "parts": []}})


class Shelf:
    """Knowledge that finds the same for everybody."""

    def find(self, text: str, *, limit: int = 3) -> Sequence[Passage]:
        """Return what it has."""
        return [Passage("moon.md: Rising", "The moon rises at nine.")]


async def asks(office: Office, text: str | Event = ASKED, **more: Any) -> None:
    """Say something, and have done what it asks for."""
    await office.say(text, **more)
    await office.worker.drain()


async def last(office: Office) -> str:
    """Return the last line that was said."""
    lines: list[str] = [line.text for line in await office.store.lines((await office.session()).id)]
    return lines[-1]


async def statuses(office: Office) -> list[str]:
    """Return how far the questions are."""
    return [status for kind, status in await office.effects() if kind == "ask_assistant"]


# -- what it is told ---------------------------------------------------------------------------------


async def test_it_is_told_its_task_the_facts_and_what_it_may_offer(
    open_office: Open, asking: Any
) -> None:
    """And the hours, the time where the business is, the language; nothing else."""
    assistant = ScriptedAssistant("At noon.")
    office = open_office(asking, assistants={"shop": assistant})
    await asks(office)

    (question,) = assistant.asked
    assert ASKED == question.text
    for told in ("Moon & Co", "Be kind.", "pickup: the pier", "open on Monday: 09:00-18:00"):
        assert told in question.instruction
    assert "in English where that cannot be told" in question.instruction
    assert {"job": "A job is wanted."} == question.offers
    assert "job: A job is wanted." in question.instruction
    assert question.now.startswith("Monday, 2026-01-05 ")
    assert 30_000 == question.timeout


async def test_facts_that_name_others_are_told_whole(open_office: Open, tmp_path: Path) -> None:
    """As customers read them, but for who the customer is."""
    assistant = ScriptedAssistant("At noon.")
    book = book_of(
        tmp_path / "bot",
        JOB,
        title="Moon at {bot.pickup}",
        facts={"pickup": "the pier", "way": "To {bot.pickup}!"},
        assistant={"use": "gemini"},
    )
    known = compile_text("Hello {contact.name}, {bot.gone}!", book.languages)
    book = replace(book, facts={**book.facts, "hello": known})
    office = open_office(book, assistants={"shop": assistant})
    await asks(office)
    told = assistant.asked[0].instruction
    assert "customers of Moon at the pier in a chat" in told
    assert "way: To the pier!" in told
    assert "hello: Hello , !" in told


async def test_without_hours_hints_or_a_task_nothing_is_made_up(
    open_office: Open, tmp_path: Path
) -> None:
    """A bare bot tells its title and the rules."""
    job = {**JOB, "start": {"phrases": ["job please"]}}
    bare = book_of(tmp_path / "bare", job, assistant={"use": "gemini"})
    assistant = ScriptedAssistant("At noon.")
    office = open_office(bare, assistants={"shop": assistant})
    await asks(office)
    assert "offer_flow" not in assistant.asked[0].instruction
    assert "open on" not in assistant.asked[0].instruction


async def test_what_was_said_before_goes_along_and_the_question_only_once(
    open_office: Open, asking: Any
) -> None:
    """Earlier questions, answers and flows; nothing for the console."""
    assistant = ScriptedAssistant("At noon.", "No.")
    office = open_office(asking, assistants={"shop": assistant})
    await asks(office)
    await office.mode("manual")
    await office.operator("Hari here.")
    await office.mode("agent")
    await asks(office, "is it full?")

    said = [(one.who, one.text) for one in assistant.asked[1].said]
    assert [("user", ASKED), ("assistant", "At noon."), ("operator", "Hari here.")] == said


async def test_what_a_person_typed_on_the_phone_goes_along(open_office: Open, asking: Any) -> None:
    """The customer has read it, so the assistant must not say otherwise."""
    assistant = ScriptedAssistant("At noon.", "No.")
    office = open_office(asking, assistants={"shop": assistant})
    await asks(office)
    said = OperatorSaid("o1", office.clock(), "At midnight today.", "phone", sent=True)
    assert await office.conversations.deliver(office.place(), said)
    await office.mode("agent")
    await asks(office, "is it full?")

    assert ("operator", "At midnight today.") in [
        (one.who, one.text) for one in assistant.asked[1].said
    ]


async def test_what_another_text_of_the_burst_was_answered_with_goes_along(
    open_office: Open, asking: Any
) -> None:
    """The welcome or an answer that stands below the question is no answer to it."""
    book = book_of_welcome(asking)
    assistant = ScriptedAssistant("At noon.")
    office = open_office(book, assistants={"shop": assistant})
    await asks(office)
    assert [("bot", "Welcome!")] == [(one.who, one.text) for one in assistant.asked[0].said]


def book_of_welcome(book: Any) -> Any:
    """Return the bot with a welcome."""
    return replace(book, welcome=compile_text("Welcome!", book.languages))


async def test_a_question_in_a_language_that_is_gone_is_answered_in_the_first(
    open_office: Open, asking: Any
) -> None:
    """A release took it out of the bot while the question was open."""
    assistant = ScriptedAssistant("At noon.")
    office = open_office(asking, assistants={"shop": assistant})
    await office.say(ASKED)
    await change(office, language="ml")
    await office.worker.drain()
    assert "At noon." == await last(office)
    assert "in English where that cannot be told" in assistant.asked[0].instruction


@pytest.mark.parametrize(
    "event",
    [
        Said("m", START, "when does the moon rise?\nand when the sun?"),
        Said("m", START, ASKED, file="moon.bmp", fault="file_unreadable"),
    ],
    ids=["several lines", "with a file"],
)
async def test_a_question_of_any_form_is_told_once(
    open_office: Open, asking: Any, event: Said
) -> None:
    """A line break or a file beside it makes no second remark of it."""
    assistant = ScriptedAssistant("At noon.")
    office = open_office(asking, assistants={"shop": assistant})
    await asks(office, event)
    assert event.text == assistant.asked[0].text
    assert "user" not in {one.who for one in assistant.asked[0].said}


async def test_history_is_bounded_by_lines_and_by_characters(
    open_office: Open, asking: Any
) -> None:
    """The newest stay."""
    long = "x" * 3_000
    assistant = ScriptedAssistant(*["Yes."] * 30, *[long] * 6, "Done.")
    office = open_office(asking, assistants={"shop": assistant})
    for n in range(37):
        await office.say(f"what is the number {n}?")
        if n == 18:  # the budget of one conversation
            await renew_budget(office)
        await office.worker.drain()
    assert max(len(one.said) for one in assistant.asked) <= LINES_KEPT
    told = [sum(len(one.text) for one in asked.said) for asked in assistant.asked]
    assert long in {one.text for one in assistant.asked[-1].said}
    assert max(told) <= CHARACTERS_KEPT


async def renew_budget(office: Office) -> None:
    """Let a conversation ask again."""
    await change(office, asked=0)


async def change(office: Office, **fields: Any) -> None:
    """Change the session as it is stored."""
    body = {**(await office.session()).to_json(), **fields}
    statement = ("UPDATE session SET body = $1", (to_json(body).decode(),))
    await office.database.transact(lambda: single(statement))
    await office.store.drop(office.place())


async def test_passages_are_given_and_their_sources_kept_with_the_line(
    open_office: Open, asking: Any
) -> None:
    """So that a person can see what an answer leans on; so is the model's own turn."""
    turn = {
        "gemini": {"role": "model", "parts": [{"text": "At nine.", "thoughtSignature": "c2ln"}]}
    }
    assistant = ScriptedAssistant(Reply("At nine.", verbatim=turn), "Yes.")
    office = open_office(asking, assistants={"shop": assistant}, knowledge={"shop": Shelf()})
    await asks(office)
    assert ["moon.md: Rising"] == [one.source for one in assistant.asked[0].passages]
    line = (await office.store.lines((await office.session()).id))[-1]
    assert line.about is not None
    assert (["moon.md: Rising"], turn) == (line.about["sources"], line.about["verbatim"])

    await asks(office, "is it full?")
    assert turn == assistant.asked[1].said[-1].verbatim


class Burnt:
    """Knowledge that cannot be searched."""

    def find(self, text: str, *, limit: int = 3) -> Sequence[Passage]:
        """Fail."""
        raise ZeroDivisionError(text)


async def test_a_search_that_fails_costs_the_passages_alone(open_office: Open, asking: Any) -> None:
    """The question is asked at once, with what else is known, and counts once."""
    assistant = ScriptedAssistant("At nine.")
    office = open_office(asking, assistants={"shop": assistant}, knowledge={"shop": Burnt()})
    with capture_logs() as logs:
        await asks(office)
    assert [()] == [one.passages for one in assistant.asked]
    assert "At nine." == (await office.store.lines((await office.session()).id))[-1].text
    (told,) = (one for one in logs if one["event"] == "knowledge_failed")
    assert "ZeroDivisionError" == told["why"]
    assert ASKED not in str(told)


async def test_an_offer_without_words_is_kept_for_the_next_question(
    open_office: Open, asking: Any
) -> None:
    """The vendor sees its own call again, where a person sees a note."""
    turn = {"gemini": {"role": "model", "parts": [{"functionCall": {"name": "offer_flow"}}]}}
    assistant = ScriptedAssistant(Reply(offer="job", verbatim=turn), "Fine.")
    office = open_office(asking, assistants={"shop": assistant})
    await asks(office, "mend it")
    await office.say("no")
    await asks(office, "what else?")
    offered = next(one for one in assistant.asked[1].said if one.verbatim)
    assert ("assistant", turn) == (offered.who, offered.verbatim)
    assert 2 == office.counted("assistant_answers")


# -- when it is not asked -----------------------------------------------------------------------------


async def test_a_question_that_was_replaced_is_not_asked_any_more(
    open_office: Open, asking: Any
) -> None:
    """A newer text took its place before anybody had time for it."""
    assistant = ScriptedAssistant("Both.")
    office = open_office(asking, assistants={"shop": assistant})
    await office.say(ASKED)
    await asks(office, "or the sun?")
    assert ["or the sun?"] == [one.text for one in assistant.asked]
    assert ["withdrawn", "done"] == await statuses(office)


async def test_nobody_is_asked_for_a_flow_that_started_or_a_session_that_ended(
    open_office: Open, asking: Any
) -> None:
    """Not even where the flow is over again."""
    assistant = ScriptedAssistant()
    office = open_office(asking, assistants={"shop": assistant})
    await office.say(ASKED)
    await office.say("job please")
    await office.say(ASKED, who="ana")
    await office.mode("ended", who="ana")
    await office.worker.drain()
    assert [] == assistant.asked
    assert ["withdrawn", "withdrawn"] == await statuses(office)


async def test_nobody_is_asked_for_a_conversation_that_has_idled_away(
    open_office: Open, clock: Clock, tmp_path: Path
) -> None:
    """Its deadline is past and nobody has rung it yet, as after an outage."""
    rules = {"use": "gemini", "fallback": "Not now."}
    assistant = ScriptedAssistant()
    office = open_office(
        book_of(tmp_path / "bot", JOB, assistant=rules, session={"idle": "30m"}),
        assistants={"shop": assistant},
    )
    await office.say(ASKED)
    clock.now += 30 * 60_000
    await office.worker.drain()
    assert [] == assistant.asked
    assert ["withdrawn"] == await statuses(office)


async def test_the_answer_to_a_replaced_question_is_not_said(
    open_office: Open, asking: Any
) -> None:
    """It came while a flow started: recorded, never said."""
    assistant = Slow()
    office = open_office(asking, assistants={"shop": assistant})
    await office.say(ASKED)
    draining = asyncio.create_task(office.worker.drain())
    await assistant.asked_now.wait()
    await office.say("job please")
    assistant.may.set()
    await draining
    lines = await office.store.lines((await office.session()).id)
    assert "assistant answer dropped" == lines[-1].note
    assert "assistant" not in {line.who for line in lines}

    await office.say("cancel")
    await office.say("yes")
    await asks(office, "is it full?")
    assert "At noon." not in {one.text for one in assistant.said[-1]}


async def starts(office: Office) -> None:
    """Begin a flow."""
    await office.say("job please")


async def starts_and_gives_up(office: Office) -> None:
    """Begin a flow and leave it."""
    await office.say("job please")
    await office.say("cancel")
    await office.say("yes")
    assert not (await office.session()).frames


async def is_talked_to(office: Office) -> None:
    """Be answered by a person, who hands back."""
    await office.mode("manual")
    await office.operator("At ten.")
    await office.mode("agent")


async def is_taken_over(office: Office) -> None:
    """Be answered by a person from now on."""
    await office.mode("manual")


@pytest.mark.parametrize("happens", [starts, starts_and_gives_up, is_talked_to, is_taken_over])
async def test_what_another_process_does_meanwhile_comes_first(
    open_office: Open, asking: Any, happens: Callable[[Office], Awaitable[None]]
) -> None:
    """The answer is kept with a note, and nothing is changed by it."""
    assistant = Slow()
    one, two = (open_office(asking, assistants={"shop": assistant}) for _ in range(2))
    await one.say(ASKED)
    draining = asyncio.create_task(one.worker.drain())
    await assistant.asked_now.wait()
    await happens(two)
    before = await two.session()
    assistant.may.set()
    await draining

    after = await two.session()
    lines = await two.store.lines(after.id)
    assert ("At noon.", "assistant answer dropped") == (lines[-1].text, lines[-1].note)
    assert ["assistant answer dropped"] == [one.note for one in lines if one.text == "At noon."]
    assert before.version + 1 == after.version
    assert (before.frames, before.mode, before.pending) == (after.frames, after.mode, after.pending)
    assert ["done"] == await statuses(two)


async def test_the_answer_to_a_conversation_that_ended_meanwhile_is_nobodys(
    open_office: Open, asking: Any
) -> None:
    """Not either where the customer has begun another one, in another process."""
    assistant = Slow()
    one, two = (open_office(asking, assistants={"shop": assistant}) for _ in range(2))
    await one.say(ASKED)
    draining = asyncio.create_task(one.worker.drain())
    await assistant.asked_now.wait()
    await two.mode("ended")
    await two.say("hello")
    assistant.may.set()
    await draining

    lines = await two.store.lines((await two.session()).id)
    assert "At noon." not in {line.text for line in lines}
    assert ["done"] == await statuses(two)


async def test_a_day_has_its_budget_over_all_conversations(
    open_office: Open, clock: Clock, tmp_path: Path
) -> None:
    """Who comes later that day reads what the bot can do; the next day begins anew."""
    rules = {"use": "gemini", "fallback": "Not now.", "per_day": 2}
    assistant = ScriptedAssistant("One.", "Two.", "Three.")
    office = open_office(
        book_of(tmp_path / "bot", JOB, assistant=rules), assistants={"shop": assistant}
    )
    for who in ("ana", "bo", "hari"):
        await asks(office, who=who)
    assert 2 == len(assistant.asked)
    assert (await last(office)).startswith("Sorry")
    clock.now += DAY
    await asks(office)
    assert "Three." == await last(office)


async def test_questions_of_one_moment_are_counted_one_by_one_in_one_transaction(
    office: Office,
) -> None:
    """Five hundred that come together wait for the disk once; the last ones still find none left."""
    database = office.database
    assert isinstance(database, Gated)
    database.gate = asyncio.Event()
    budget = SqlBudget(database)
    bots = ("shop", "shop", "spa", "shop")
    asked = [asyncio.ensure_future(budget.spend(bot, "2026-01-05", limit=2)) for bot in bots]
    await until(lambda: database.waiting > 0)
    assert 1 == database.waiting
    database.gate.set()
    assert [True, True, True, False] == await asyncio.gather(*asked)


async def test_a_budget_of_nothing_asks_nobody(office: Office) -> None:
    """The row is not even made."""
    assert not await SqlBudget(office.database).spend("shop", "2026-01-05", limit=0)


# -- when it does not answer --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "reply",
    [NotAnswered("blocked: SAFETY"), OSError("?"), Reply("  "), Reply(offer="nothing"), None],
)
async def test_without_an_answer_the_fallback_is_said(
    open_office: Open, asking: Any, reply: Any
) -> None:
    """Blocked, broken, empty, an offer of what there is not, no more answers: nobody is asked again."""
    assistant = ScriptedAssistant(*([] if reply is None else [reply]))
    office = open_office(asking, assistants={"shop": assistant})
    await asks(office)
    assert "Not now." == await last(office)
    assert 1 == len(assistant.asked)


async def test_a_slow_assistant_is_not_waited_for_longer_than_the_bot_says(
    open_office: Open, tmp_path: Path
) -> None:
    """Its time is over: the fallback."""
    rules = {"use": "gemini", "fallback": "Not now.", "timeout": "1s"}
    office = open_office(
        book_of(tmp_path / "bot", JOB, assistant=rules), assistants={"shop": Slow()}
    )
    await asks(office)
    assert "Not now." == await last(office)


async def test_what_may_help_is_tried_once_more_and_not_a_third_time(
    open_office: Open, clock: Clock, asking: Any
) -> None:
    """A fault of the vendor's; the question stays open meanwhile."""
    assistant = ScriptedAssistant(*[NotAnswered("500", again=True)] * 3)
    office = open_office(asking, assistants={"shop": assistant})
    await asks(office)
    assert ASKED == await last(office)
    clock.now += PAUSE + SPREAD
    await office.worker.drain()
    assert "Not now." == await last(office)
    assert 2 == len(assistant.asked)


async def test_a_vendor_that_wants_a_rest_gets_it_from_everybody(
    open_office: Open, clock: Clock, asking: Any
) -> None:
    """The delay it names is waited, and nobody else's question goes out meanwhile."""
    assistant = ScriptedAssistant(NotAnswered("429", again=True, after=17_000), "Two.", "One.")
    office = open_office(asking, assistants={"shop": assistant})
    await asks(office)
    await asks(office, who="ana")
    assert 1 == len(assistant.asked)
    clock.now += 17_000 + SPREAD
    await office.worker.drain()
    assert 3 == len(assistant.asked)
    assert await last(office) in {"One.", "Two."}


async def test_a_question_that_the_vendor_refused_takes_nothing_of_the_days_budget(
    open_office: Open, clock: Clock, tmp_path: Path
) -> None:
    """Two questions a day are two, however often the first has to be asked; the next day has its own."""
    rules = {"use": "gemini", "fallback": "Not now.", "per_day": 2}
    refusal = NotAnswered("429", again=True, after=1_000)
    assistant = ScriptedAssistant(refusal, refusal, refusal, "One.", "Two.", "Three.")
    office = open_office(
        book_of(tmp_path / "bot", JOB, assistant=rules), assistants={"shop": assistant}
    )
    await office.say(ASKED)
    for _ in range(4):
        await office.worker.drain()
        clock.now += 1_000 + SPREAD
    assert "One." == await last(office)
    await asks(office)
    assert "Two." == await last(office)
    await asks(office)
    assert (await last(office)).startswith("Sorry")

    clock.now += DAY
    assistant.replies = [refusal]
    await asks(office)
    clock.now += DAY
    assistant.replies = ["Four.", "Five.", "Six."]
    for _ in range(3):
        await asks(office)
    assert ["Six."] == assistant.replies


async def test_who_would_wait_too_long_is_told_at_once(
    open_office: Open, clock: Clock, asking: Any
) -> None:
    """A rest of an hour is nothing a customer waits for; nobody asks before it is over."""
    assistant = ScriptedAssistant(NotAnswered("429", after=3_600_000), "Later.")
    office = open_office(asking, assistants={"shop": assistant})
    for _ in range(2):
        await asks(office)
        assert "Not now." == await last(office)
        clock.now += PATIENCE
    assert 1 == len(assistant.asked)
    clock.now += 3_600_000
    await asks(office)
    assert "Later." == await last(office)


async def test_two_kills_while_it_waits_end_in_the_fallback(
    open_office: Open, clock: Clock, asking: Any
) -> None:
    """After one it is asked once more; a question that kills whoever asks it is given up."""
    assistant = ScriptedAssistant()
    office = open_office(asking, assistants={"shop": assistant})
    await office.say(ASKED)
    for _ in range(2):  # taken, and nobody comes back
        assert 1 == len(await office.store.take(clock(), until=clock() + LEASE))
        clock.now += LEASE
    await office.worker.drain()
    assert "Not now." == await last(office)
    assert [] == assistant.asked


async def test_without_an_assistant_the_bot_says_what_it_can_do(
    open_office: Open, asking: Any
) -> None:
    """It is configured and not there, for example without its key."""
    office = open_office(asking)
    await asks(office)
    assert (await last(office)).startswith("Sorry")


async def test_those_who_wait_for_an_answer_hold_nobody_up(open_office: Open, asking: Any) -> None:
    """However many: an action of somebody else's is done meanwhile; who comes too late waits."""
    assistant = Slow()
    done: list[str] = []

    async def work(*, key: str, email: str) -> dict[str, str]:
        done.append(key)
        return {"number": "A-1"}

    office = open_office(asking, assistants={"shop": assistant}, actions={"work": work})
    many = QUESTIONS_AT_ONCE + AT_ONCE + 1
    for n in range(many):
        await office.say(ASKED, who=f"w{n}")
    running = asyncio.create_task(office.worker.run())
    await until(lambda: assistant.asked >= QUESTIONS_AT_ONCE)
    await office.say("job please")
    await office.say("Hari, hari@example.com")
    await office.say("yes")
    await until(lambda: bool(done))
    assert QUESTIONS_AT_ONCE <= assistant.asked < many
    assistant.may.set()
    await until(lambda: assistant.asked == many)
    await office.worker.stop()
    await running
