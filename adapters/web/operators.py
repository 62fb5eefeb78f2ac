"""The operators' routes, for programs that hold the operator token: take over, answer, hand back, end."""

from __future__ import annotations

__all__ = ["OperatorRoutes"]

from collections.abc import Callable
from secrets import compare_digest
from typing import Annotated, Any

from fastapi import Path, Query, Request

from adapters.operating import Ended, NoSession, find, told
from adapters.web.bodies import read_body
from adapters.web.problems import Problem
from adapters.web.replies import chat
from adapters.web.site import Site
from adapters.web.wire import Said
from engine.events import Event, ModeChanged, OperatorSaid

BY = "operator"

Key = Annotated[
    str,
    Path(
        description="The session's key, as ./run sessions lists it.",
        pattern=r"^[\w.+:@-]{1,200}$",
    ),
]


class OperatorRoutes:
    """What a person does, over HTTP."""

    def __init__(self, site: Site) -> None:
        """Take what all routes share."""
        self._site = site

    async def take_over(self, request: Request, key: Key) -> dict[str, Any]:
        """Answer a customer yourself; the bot is quiet from now on."""
        return await self._turn(
            request, key, lambda id_, at: ModeChanged(id_, at, "manual", BY), unless="manual"
        )

    async def hand_back(self, request: Request, key: Key) -> dict[str, Any]:
        """Let the bot answer again."""
        return await self._turn(
            request, key, lambda id_, at: ModeChanged(id_, at, "agent", BY), unless="agent"
        )

    async def end(self, request: Request, key: Key) -> dict[str, Any]:
        """End a conversation; the customer's next message opens a new one."""
        return await self._turn(
            request,
            key,
            lambda id_, at: ModeChanged(id_, at, "ended", f"ended by {BY}"),
            ends=f"ended by {BY}",
        )

    async def look(
        self,
        request: Request,
        key: Key,
        after: Annotated[int, Query(ge=0, le=2**31, description="Only lines after this one.")] = 0,
    ) -> dict[str, Any]:
        """Return what was said, and how far each line came on the customer's phone."""
        self._admit(request)
        found = await self._site.service.overview.by_key(key)
        if found is None:
            raise Problem("no-session")
        return await self._shown(key, found.bot, found.id, after)

    async def say(self, request: Request, key: Key) -> dict[str, Any]:
        """Say something to a customer; it takes the conversation over, if nobody has."""
        self._admit(request)
        body = await read_body(request, Said)
        return await self._turn(request, key, lambda id_, at: OperatorSaid(id_, at, body.text, BY))

    async def _turn(
        self,
        request: Request,
        key: str,
        event: Callable[[str, int], Event],
        *,
        unless: str = "",
        ends: str = "",
    ) -> dict[str, Any]:
        self._admit(request)
        service = self._site.service
        try:
            found = await find(service, key)
            before = await service.overview.session(key, bot=found.bot)
            await told(service, key, event, unless=unless, ends=ends)
        except NoSession as error:
            raise Problem("no-session", str(error)) from None
        except Ended as error:
            raise Problem("not-now", str(error)) from None
        return await self._shown(key, found.bot, found.id, before.seq if before else 0)

    async def _shown(self, key: str, bot: str, session: str, after: int) -> dict[str, Any]:
        service = self._site.service
        now = await service.overview.session(key, bot=bot)
        lines = await service.store.lines(session, after=after)
        body = chat(self._site.book(bot), now, lines, key=key, token=None)
        sent = await service.switchboard.deliveries.of_session(session)
        states = {seq: one.state for one in sent for seq in one.lines}
        for line in body["lines"]:
            if line["seq"] in states:
                line["delivery"] = states[line["seq"]]
        return body

    def _admit(self, request: Request) -> None:
        token = self._site.settings.operator_token
        if not token:
            raise Problem(
                "no-operator", "No operator token is set here: REJOINDER_OPERATOR_TOKEN sets one."
            )
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        good = scheme.lower() == "bearer" and compare_digest(given.strip().encode(), token.encode())
        if not good:
            raise Problem("no-operator")
