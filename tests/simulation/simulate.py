"""Runs the world of a seed and says what became of it."""

from __future__ import annotations

__all__ = ["Outcome", "simulate"]

from dataclasses import dataclass
from logging import CRITICAL
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import structlog

from tests.simulation.database import empty_database
from tests.simulation.invariants import check
from tests.simulation.invariants_assistant import flow_came_first
from tests.simulation.loop import NothingLeftError, SimulatedLoop
from tests.simulation.probes import probe
from tests.simulation.story import story
from tests.simulation.world import World


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one world."""

    seed: int
    wrong: list[str]
    counts: dict[str, int]
    story: list[str]


def simulate(seed: int, *, always_tell: bool = False) -> Outcome:
    """Make the world of this seed, let it happen, and check what must hold."""
    random = Random(seed)  # noqa: S311 - repeated on purpose
    loop = SimulatedLoop(Random(random.getrandbits(32)))  # noqa: S311 - same
    logs = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(CRITICAL))
    try:
        with TemporaryDirectory(prefix="rejoinder-") as folder:
            path = Path(folder) / "world.db"
            path.write_bytes(empty_database())
            world = World(seed, loop, random, path)
            try:
                loop.run_until_complete(_all_of_it(world))
            except NothingLeftError as stuck:
                world.record.broken("a world comes to rest", str(stuck))
            for failure in loop.failures:
                world.record.broken("no task of a worker dies", failure)
            check(world)
            wrong = world.record.wrong
            told = story(world) if wrong or always_tell else []
            outcome = Outcome(seed, wrong, _counts(world), told)
            world.eyes.close()
            loop.bury()
            return outcome
    finally:
        structlog.configure(**logs)


async def _all_of_it(world: World) -> None:
    await world.live()
    await probe(world)
    await world.end()


def _counts(world: World) -> dict[str, int]:
    def count(query: str) -> int:
        return int(world.sql(f"SELECT count(*) FROM {query}")[0][0])

    requests = world.outside.model.requests
    return {
        "turns": count("noted_session"),
        "messages": sum(len(one.person.sent) for one in world.customers),
        "kills": world.kills,
        "pauses": world.pauses,
        "outages": world.outages,
        "jumps": world.jumps,
        "actions": count("effect WHERE kind = 'run_action' AND status = 'done'"),
        "sent": len(world.outside.received),
        "take-overs": count("noted_session WHERE mode = 'manual' AND was_mode = 'agent'"),
        "questions": count("effect WHERE kind = 'ask_assistant'"),
        "requests": len(requests),
        "overtaken": sum(flow_came_first(world, one) for one in requests),
        "steps": world.loop.steps,
    }
