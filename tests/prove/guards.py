"""The guards, where each stands, what removes it, and the test that notices.

A removal is a piece of the source and what stands there without the guard.
"""

from __future__ import annotations

__all__ = ["GUARDS", "Guard", "Removal"]

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Removal:
    """One piece of a file, and the same piece without the guard."""

    file: str
    guarded: str
    bare: str


@dataclass(frozen=True, slots=True)
class Guard:
    """What is protected by it, how it is removed, and which test turns red."""

    name: str
    promise: str
    removals: tuple[Removal, ...]
    test: str


CONTRACT = "tests/stores/test_contract.py"

GUARDS = (
    Guard(
        "compare-and-swap",
        "no committed turn is overwritten",
        (
            Removal(
                "engine/stores/sql_commit.py",
                " AND session.version = was_version",
                " AND was_version = was_version",
            ),
            Removal(
                "engine/stores/sql_commit.py",
                " AND session.turn_id = was_turn AND",
                " AND was_turn = was_turn AND",
            ),
        ),
        f"{CONTRACT}::test_equal_versions_with_another_content_are_a_conflict[sqlite]",
    ),
    Guard(
        "dedupe",
        "a message that comes again changes nothing",
        (
            Removal(
                "engine/stores/migrations/versions/0001_sessions.py",
                '_index("line_once", "line", "inbound", where="inbound IS NOT NULL", unique=True)',
                '_index("line_once", "line", "inbound", where="inbound IS NOT NULL")',
            ),
        ),
        f"{CONTRACT}::test_one_message_id_is_taken_once_in_any_lane[sqlite]",
    ),
    Guard(
        "lease",
        "no two workers do one effect at once",
        (
            Removal(
                "engine/stores/sql_effects.py",
                '" not_before = lease FROM v',
                '" not_before = lease - lease FROM v',
            ),
        ),
        f"{CONTRACT}::test_an_effect_is_taken_by_one_worker_until_it_is_given_back[sqlite]",
    ),
    Guard(
        "mode check at send",
        "no bot line is sent after a take-over",
        (
            Removal(
                "engine/stores/sql_effects.py",
                "attempts = $2 AND status = 'taken' RETURNING id",
                "attempts = $2 RETURNING id",
            ),
        ),
        f"{CONTRACT}::test_what_was_taken_and_not_yet_sent_is_withdrawn_too[sqlite]",
    ),
)
