"""The webhooks' addresses: whose is it, is it signed, then everything in it, then 200.

Once signed everything is answered with 200, junk as well: whatever else we answered would have it
posted again for days. Only what cannot be stored is 503, and comes again.
"""

from __future__ import annotations

__all__ = ["WebhookRoutes"]

import json
from collections.abc import Callable, Mapping
from secrets import compare_digest
from typing import Final

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from adapters.web.problems import Problem
from adapters.web.site import Site
from adapters.whatsapp.cloud_updates import cloud_updates
from adapters.whatsapp.numbers import Number, preview_key
from adapters.whatsapp.reception import Reception
from adapters.whatsapp.signatures import Verdict, meta_signed, secret_told, waha_signed
from adapters.whatsapp.switchboard import Switchboard
from adapters.whatsapp.updates import Update
from adapters.whatsapp.waha_updates import waha_updates
from engine.expiry import PREVIEW
from engine.language.schema_channels import WahaConnection

log = structlog.get_logger()

Signed = Callable[[bytes, Mapping[str, str], str], Verdict]

# provider -> who judges a body, by which secret
_JUDGES: Final[Mapping[str, tuple[Signed, str]]] = {
    "cloud": (meta_signed, "app_secret"),
    "dialog360": (lambda _body, headers, secrets: secret_told(headers, secrets), "webhook_secret"),
    "waha": (waha_signed, "hmac_key"),
}


class WebhookRoutes:
    """What providers post, and Meta's question whether we are there."""

    def __init__(self, site: Site, switchboard: Callable[[], Switchboard]) -> None:
        """Take what all routes share; the numbers are there once the service is open."""
        self._site = site
        self._switchboard = switchboard
        self._reception: Reception | None = None

    async def verify(self, request: Request) -> Response:
        """Answer Meta's challenge, where its token is ours."""
        query = request.query_params
        given = query.get("hub.verify_token", "").encode()
        for number in await self._asked(request):
            secret = number.secrets.get("verify_token", "").encode()
            if secret and compare_digest(given, secret) and query.get("hub.mode") == "subscribe":
                return PlainTextResponse(query.get("hub.challenge", ""))
        raise Problem("wrong-signature", case="token")

    async def post(self, request: Request) -> Response:
        """Take what a provider tells."""
        numbers = await self._asked(request)
        body = await request.body()
        number = self._signer(request, body, numbers)
        told = _parsed(body)
        updates = _updates(number, told)
        switchboard = self._switchboard()
        bot, lane = number.bot, number.name
        if request.path_params["connection"] == PREVIEW:
            bot, lane = await self._previewed(number, updates), PREVIEW
        if self._reception is None:
            service = self._site.service
            self._reception = Reception(service, switchboard, told=service.supervision.told)
        await self._reception.take(number, updates, bot=bot, lane=lane)
        return JSONResponse({"received": len(updates)})

    # -- whose it is ----------------------------------------------------------------------------

    async def _asked(self, request: Request) -> list[Number]:
        """Return the numbers this address may be of: several, where bots are tried on a phone."""
        switchboard = self._switchboard()
        name = request.path_params["connection"]
        if name == PREVIEW:
            found = list({number.name: number for _, number in switchboard.previews()}.values())
        else:
            number = await switchboard.number(name)
            found = [number] if number is not None else []
        if not found:
            raise Problem("not-found")
        return found

    def _signer(self, request: Request, body: bytes, numbers: list[Number]) -> Number:
        """Return whose signature it is, or refuse; who is refused often must wait."""
        wrong = False
        for number in numbers:
            judge, secret = _JUDGES[number.provider]
            verdict = judge(body, request.headers, number.secrets.get(secret, ""))
            if verdict == "good":
                return number
            wrong = wrong or verdict == "wrong"
        self._site.limit_stranger(request)
        log.warning("webhook_refused", connection=request.path_params["connection"], wrong=wrong)
        raise Problem("wrong-signature" if wrong else "no-signature")

    async def _previewed(self, number: Number, updates: list[Update]) -> str:
        """Return whose preview this is: several bots may borrow one number, a phone tries one."""
        bots = [bot.bot for bot, own in self._switchboard().previews() if own.name == number.name]
        overview = self._site.service.overview
        phones = {
            one.known_as
            for update in updates
            if (one := getattr(update, "sender", None)) is not None
        }
        for bot in bots[1:] if phones else ():
            for phone in phones:
                found = await overview.by_key(preview_key(phone), bot=bot)
                if found is not None and found.status == "open":
                    return bot
        return bots[0]


def _parsed(body: bytes) -> object:
    try:
        parsed: object = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return parsed


def _updates(number: Number, told: object) -> list[Update]:
    settings = number.settings
    if isinstance(settings, WahaConnection):
        return waha_updates(told, session=settings.session)
    return cloud_updates(told, phone_number_id=settings.phone_number_id)
