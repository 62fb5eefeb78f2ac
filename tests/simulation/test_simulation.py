"""Whatever happens at whatever moment, no message is lost, taken twice or answered to another.

Each seed is a world of some workers, killed and restarted, on one database that comes and goes and
a cache that lies; `invariants` says what must hold in the end. More of them: SIMULATED_SEEDS=2000.
"""

from __future__ import annotations

import os

import pytest

from tests.simulation.__main__ import main
from tests.simulation.database import SimulatedDatabase
from tests.simulation.report import broken
from tests.simulation.simulate import simulate

SEEDS = int(os.environ.get("SIMULATED_SEEDS", "200"))
CHUNK = 25  # worlds per test


@pytest.mark.parametrize("start", range(0, SEEDS, CHUNK))
def test_all_invariants_hold_in_every_world(start: int) -> None:
    requests = 0
    for seed in range(start, min(start + CHUNK, SEEDS)):
        outcome = simulate(seed)
        requests += outcome.counts["requests"]
        if outcome.wrong:
            pytest.fail(broken(outcome), pytrace=False)
    assert requests > 0  # outside of flows the assistant is asked


def test_the_same_seed_is_the_same_world() -> None:
    first, second = (simulate(7, always_tell=True) for _ in range(2))

    assert first == second
    assert len(first.story) > 100
    assert first.counts["requests"] > 0  # what asks the assistant draws nothing of its own


def test_a_broken_world_is_told_with_how_to_see_it_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A database that forgets every third line is found out, and the story says what happened."""
    connect = SimulatedDatabase._connect

    def forgetful(self: SimulatedDatabase) -> object:
        connection = connect(self)
        connection.execute(
            "CREATE TEMP TRIGGER forgets AFTER INSERT ON line WHEN NEW.seq = 3"
            " BEGIN DELETE FROM line WHERE session = NEW.session AND seq = 3; END"
        )
        return connection

    monkeypatch.setattr(SimulatedDatabase, "_connect", forgetful)

    assert main(["--seed", "3"]) == 1
    told = capsys.readouterr().out
    assert "Seed 3 breaks what must hold:\n" in told
    assert "I3: lines are 1..n: the lines of " in told
    assert " is killed\n" in told
    assert "Again: python -m tests.simulation --seed 3\n" in told
    assert "1 of them break an invariant: seeds 3\n" in told
