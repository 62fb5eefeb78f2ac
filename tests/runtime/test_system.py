"""Ids and the clock of a running process."""

from __future__ import annotations

from time import sleep

from engine.runtime.system import new_id, system_clock


def test_ids_are_never_met_twice_and_the_clock_goes() -> None:
    """Two sessions never share a name; time is milliseconds."""
    assert 1_000 == len({new_id() for _ in range(1_000)})
    assert system_clock() > 1_700_000_000_000


def test_sessions_of_one_time_lie_side_by_side() -> None:
    first = new_id()
    sleep(0.002)
    assert first[:11] < new_id()[:11]
