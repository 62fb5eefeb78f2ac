"""What must hold at the assistant: when it is asked, how often, and what it is told."""

from __future__ import annotations

__all__ = ["ASSISTANT", "flow_came_first"]

import json
from collections import Counter
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from engine.runtime.assistant import ATTEMPTS

if TYPE_CHECKING:
    from tests.simulation.model import Request
    from tests.simulation.world import World


def _open_when_taken(world: World) -> Iterator[str]:
    """I5: whoever asks took an open question outside of any flow.

    A flow that starts while the question is on its way meets it there: no lock is held that could
    keep it back. Its answer is dropped, which is another invariant.
    """
    for request in world.outside.model.requests:
        work = request.asking.work
        effect, session = work.effect.id, work.session
        # By this very worker: another may have taken it while this one was suspended.
        taken = world.sql(
            "SELECT max(step) FROM noted_effect WHERE id = ? AND status = 'taken' AND attempts = ?"
            " AND step < ?",
            effect,
            work.attempt,
            request.step,
        )[0][0]
        body = _session(world, session, taken)
        if body.get("frames"):
            yield f"{effect} of {session} was asked by whoever took it inside a flow"
        if body.get("status", "open") != "open":
            yield f"{effect} of {session} was asked by whoever took it after its end"


def flow_came_first(world: World, request: Request) -> bool:
    """Say whether a flow was active in the moment in which a request reached the assistant."""
    return bool(_session(world, request.asking.work.session, request.step).get("frames"))


def _session(world: World, session: str, step: int) -> dict[str, Any]:
    """Return how a session stood at a step."""
    found = world.sql(
        "SELECT body FROM noted_session WHERE id = ? AND step < ? ORDER BY step DESC LIMIT 1",
        session,
        step,
    )
    body: dict[str, Any] = json.loads(found[0][0])
    return body


def _as_often_as_may_be(world: World) -> Iterator[str]:
    """A question is asked twice at most, a kill in the middle included.

    What it refused for being asked too often does not count, nor what a worker that was stopped in
    order gave back.
    """
    asked = Counter(
        request.asking.work.effect.id
        for request in world.outside.model.requests
        if request.asked.status != 429 and not request.asking.given_back
    )
    for effect, times in asked.items():
        if times > ATTEMPTS:
            yield f"{effect} was asked {times} times"


def _as_it_takes_it(world: World) -> Iterator[str]:
    """Gemini refuses no request for what it holds."""
    for request in world.outside.model.requests:
        if request.asked.rule:
            yield f"{request.asking.work.effect.id} was refused: {request.asked.rule}"


def _one_answer(world: World) -> Iterator[str]:
    """Whatever was asked how often: a question has one answer, said or dropped."""
    lines = world.sql("SELECT session, data FROM line WHERE who = 'assistant'")
    answers = Counter((session, json.loads(data)["about"]["effect"]) for session, data in lines)
    for (session, effect), times in answers.items():
        if times > 1:
            yield f"{effect} of {session} was answered {times} times"


ASSISTANT: dict[str, Callable[[World], Iterator[str]]] = {
    "I5: the assistant is asked outside flows alone": _open_when_taken,
    "a question is asked twice at most": _as_often_as_may_be,
    "a question has one answer": _one_answer,
    "the assistant takes what it is asked": _as_it_takes_it,
}
