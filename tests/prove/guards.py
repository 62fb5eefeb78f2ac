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
TIERED = "tests/stores/test_tiered.py"
QUEUES = "tests/runtime/test_queues.py"
LATE = "fixtures/conversations/assistant/late_answer_is_dropped.chat"

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
                " AND session.turn_id = was_turn",
                " AND was_turn = was_turn",
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
                "attempts + 1, not_before = lease FROM v",
                "attempts + 1, not_before = lease - lease FROM v",
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
                "attempts = $2 AND status IN ('taken', 'unsettled') RETURNING id",
                "attempts = $2 RETURNING id",
            ),
        ),
        f"{CONTRACT}::test_what_was_taken_and_not_yet_sent_is_withdrawn_too[sqlite]",
    ),
    Guard(
        "load-after-lock",
        "of two quick messages the second meets what the first one left",
        (
            Removal(
                "engine/runtime/conversations.py",
                "            mail = Mail(event, lanes, opens)\n",
                "            mail = Mail(event, lanes, opens)\n"
                "            found = await self._load((arrival.bot, contact), lanes, fresh=False)\n"
                '            self.__dict__.setdefault("early", {})[id(event)] = (found,)\n',
            ),
            Removal(
                "engine/runtime/conversations.py",
                "            session = await self._met(who, rest, fresh=attempt > 0)\n",
                '            early = self.__dict__.get("early", {}).pop(id(rest[0].event), None)\n'
                "            if early is None:\n"
                "                early = (await self._met(who, rest, fresh=attempt > 0),)\n"
                "            session = early[0]\n",
            ),
        ),
        f"{QUEUES}::test_a_message_meets_the_conversation_as_the_one_before_it_left_it",
    ),
    Guard(
        "cache-after-commit",
        "no reader meets what was never stored",
        (
            Removal(
                "engine/stores/tiered.py",
                "                if isinstance(outcome, Committed):\n",
                "                if True:\n",
            ),
        ),
        f"{TIERED}::test_nothing_is_cached_when_the_commit_fails",
    ),
    Guard(
        "drop-on-conflict",
        "a wrong copy costs one conflict, not every turn",
        (
            Removal(
                "engine/stores/tiered.py",
                "                else:\n                    outdated.append(place)\n",
                "",
            ),
        ),
        f"{TIERED}::test_a_wrong_copy_costs_one_conflict_and_is_dropped_everywhere",
    ),
    Guard(
        "ended-is-a-miss",
        "no turn is taken on a conversation that is over",
        (Removal("engine/stores/tiered.py", "        if not kept.ended:", "        if True:"),),
        f"{TIERED}::test_an_ended_session_is_no_session_in_any_tier",
    ),
    Guard(
        "idempotency key",
        "an action that is run again has its effect once",
        (
            Removal(
                "flows/ledger.py",
                "        return await self._entries.do((key, entry))",
                '        return await self._entries.do((f"{key}/{self._clock()}", entry))',
            ),
        ),
        "tests/runtime/test_ledger.py::test_what_is_entered_again_keeps_its_number[sqlite]",
    ),
    Guard(
        "drop of late answers",
        "an assistant's answer counts only while its question is open",
        (
            Removal(
                "engine/taking.py",
                "if asking is None or asking.id != event.id or session.frames or session.mode",
                "if session.mode",
            ),
        ),
        LATE,
    ),
    Guard(
        "no model in flows",
        "while a flow is active the assistant is not asked",
        (
            Removal(
                "engine/listening.py",
                "    if not session.frames and session.pending is None:\n        draft.because",
                "    if session.pending is None:\n        draft.because",
            ),
            Removal(
                "engine/concluding.py",
                "    if draft.unanswered and not session.frames and session.mode",
                "    if draft.unanswered and session.mode",
            ),
        ),
        "tests/gemini/test_no_model_in_flows.py::test_the_same_question_in_a_flow_is_not_asked",
    ),
    Guard(
        "attempts of a question",
        "a question that kills whoever asks it is given up",
        (
            Removal(
                "engine/runtime/assistant.py",
                "        if work.attempt > ATTEMPTS:",
                "        if work.attempt > ATTEMPTS + 9:",
            ),
        ),
        "tests/runtime/test_assistant.py::test_two_kills_while_it_waits_end_in_the_fallback",
    ),
)
