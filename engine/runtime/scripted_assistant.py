"""An assistant that answers from a list: for tests, for a demonstration without a key."""

from __future__ import annotations

__all__ = ["ScriptedAssistant"]

from engine.questions import NotAnswered, Question, Reply
from engine.records import Work


class ScriptedAssistant:
    """Gives its replies in order and keeps what it was asked; an exception among them is raised."""

    def __init__(self, *replies: str | Reply | Exception) -> None:
        """Know these."""
        self.replies = list(replies)
        self.asked: list[Question] = []

    async def ask(self, work: Work, question: Question) -> Reply:  # noqa: ARG002 - as the port has it
        """Answer a question."""
        self.asked.append(question)
        if not self.replies:
            raise NotAnswered("the script has no more replies")
        reply = self.replies.pop(0)
        if isinstance(reply, Exception):
            raise reply
        return Reply(reply) if isinstance(reply, str) else reply
