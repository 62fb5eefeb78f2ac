"""For those who watch over the product: /health and /metrics."""

from __future__ import annotations

__all__ = ["WatchRoutes"]

import asyncio
from collections.abc import Awaitable, Callable
from time import perf_counter
from typing import Any

import structlog
from fastapi import Response
from prometheus_client import CONTENT_TYPE_LATEST

from adapters.metrics import exposition
from adapters.web.site import Site

log = structlog.get_logger()

PATIENCE = 2.0  # seconds; who asks for health waits no longer
NOT_THERE: dict[str, Any] = {"ok": None}


class WatchRoutes:
    """How this process is, and what all of them counted."""

    def __init__(self, site: Site) -> None:
        """Take what all routes share."""
        self._site = site

    async def health(self, response: Response) -> dict[str, Any]:
        """Say which parts answer: `down`, and 503, only where the database does not."""
        checks = {"redis": NOT_THERE}
        for name, check in self._site.service.checks.items():
            checks[name] = await _checked(name, check)
        checks |= await self._numbers()
        status = "ok"
        if not all(check["ok"] in (True, None) for check in checks.values()):
            status = "degraded" if checks["sql"]["ok"] else "down"
        if status == "down":
            response.status_code = 503
        return {"status": status, "checks": checks}

    async def _numbers(self) -> dict[str, Any]:
        """Say how the WhatsApp numbers are; whatever asking them costs, health is answered."""
        try:
            async with asyncio.timeout(PATIENCE):
                found = await self._site.service.supervision.health()
        except Exception as error:  # noqa: BLE001 - the database is away, which is said already
            log.warning("part_away", part="whatsapp", why=type(error).__name__)
            return {}
        return {f"whatsapp:{name}": how for name, how in found.items()}

    async def metrics(self) -> Response:
        """Return what all processes counted, as Prometheus reads it."""
        return Response(await exposition(self._site.service), media_type=CONTENT_TYPE_LATEST)


async def _checked(name: str, check: Callable[[], Awaitable[object]]) -> dict[str, Any]:
    began = perf_counter()
    try:
        await asyncio.wait_for(check(), PATIENCE)
        ok = True
    except Exception as error:  # noqa: BLE001 - whatever it is, that part is away
        log.warning("part_away", part=name, why=type(error).__name__)
        ok = False
    return {"ok": ok, "ms": round((perf_counter() - began) * 1_000)}
