"""What happened in a world, in order, for people: who sent what, who was killed, what was stored."""

from __future__ import annotations

__all__ = ["story"]

from typing import TYPE_CHECKING

from tests.simulation.record import START, Happened

if TYPE_CHECKING:
    from tests.simulation.world import World


def story(world: World) -> list[str]:
    """Return everything that happened, one line each, with the time and the number of its step."""
    happened = list(world.record.story)
    for step, ms, by, id_, lane, was, version, status, mode, contact in world.sql(
        "SELECT step, ms, by, id, lane, was_version, version, status, mode, contact"
        " FROM noted_session"
    ):
        what = f"goes from version {was} to" if was is not None else "begins at version"
        where = f"{lane}, contact {contact[:6]}"
        told = f"{id_} {what} {version} ({status}, {mode}; {where})"
        happened.append(Happened(step, ms, f"{by} commits", told))
    for step, ms, by, id_, kind, was, status, attempts in world.sql(
        "SELECT step, ms, by, id, kind, was, status, attempts FROM noted_effect"
    ):
        told = f"{kind} {id_} is {status}" + (f", was {was}, attempt {attempts}" if was else "")
        happened.append(Happened(step, ms, f"{by} commits", told))
    return [f"{one.step:>6} {_time(one.ms)} {one.who:>12} {one.what}" for one in sorted(happened)]


def _time(ms: int) -> str:
    seconds, rest = divmod(ms - START, 1_000)
    days, seconds = divmod(seconds, 86_400)
    return f"{days}d {seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{rest:03}"
