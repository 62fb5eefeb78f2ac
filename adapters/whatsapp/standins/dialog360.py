"""360dialog on this machine: Meta's bodies behind one key, with paths and errors of its own.

docs.360dialog.com: the-basics, receiving-messages-via-webhook, error-messages.
"""

from __future__ import annotations

__all__ = ["OWN_ERRORS", "Dialog360Standin"]

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from adapters.whatsapp.standins.answering import answered, file, media
from adapters.whatsapp.standins.inbound import Media
from adapters.whatsapp.standins.meta import MetaStandin

# Where Meta keeps files; 360dialog hands them out under its own address, to who has the key.
LOOKASIDE = "https://lookaside.fbsbx.com"

# By HTTP status: (what the body calls it, what it says).
OWN_ERRORS: Mapping[int, tuple[int, str]] = {
    400: (400, "You have exceeded the limit of requests. Try again later."),
    401: (404, "Invalid api_key or token expired"),
    403: (403, "This URL is blocked."),
    500: (500, "Internal server error"),
    502: (502, "WhatsApp for Business API not available"),
}


def own_error(http: int) -> tuple[int, Any]:
    """Return a refusal of 360dialog's own, which has no code of Meta's."""
    code, says = OWN_ERRORS[http]
    return http, {"meta": {"httpCode": code, "developerMessage": says, "success": False}}


class Dialog360Standin(MetaStandin):
    """360dialog for one number. Its webhooks carry the headers that the product registered."""

    def __init__(
        self,
        *,
        api_key: str = "fake-api-key",
        webhook_secret: str = "fake-webhook-secret",  # noqa: S107 - no secret of anybody's
        platform_secret: str = "",
        phone_number_id: str = "106540352242922",
        **more: Any,
    ) -> None:
        """Take what the product is configured with; partners have a `platform_secret` too."""
        super().__init__(phone_number_id=phone_number_id, **more)
        self.api_key = api_key
        self.webhook_secret = webhook_secret
        self.platform_secret = platform_secret
        self.headers: dict[str, str] = {"X-Rejoinder-Secret": webhook_secret}
        self._own: list[int] = []

    def connection(self) -> dict[str, str]:
        """Return the product's settings of this connection; secrets by the names of `environment`."""
        return {
            "provider": "dialog360",
            "phone_number_id": self.phone_number_id,
            "api_key": "env:FAKE_WHATSAPP_API_KEY",
            "webhook_secret": "env:FAKE_WHATSAPP_WEBHOOK_SECRET",
            "base_url": self.url,
        }

    def environment(self) -> dict[str, str]:
        """Return the variables that `connection` names."""
        return {
            "FAKE_WHATSAPP_API_KEY": self.api_key,
            "FAKE_WHATSAPP_WEBHOOK_SECRET": self.webhook_secret,
        }

    def verify(self) -> bool:
        """Ask nothing: 360dialog has no challenge."""
        return True

    def fail_itself(self, http: int, *, times: int = 1) -> None:
        """Refuse the next messages with an error of 360dialog's own: 400, 401, 403, 500, 502."""
        self._own += [http] * times

    def proof(self, body: bytes) -> Mapping[str, str]:
        """Return the registered headers; nothing of ours is signed."""
        if not self.platform_secret:
            return dict(self.headers)
        made = hmac.new(self.platform_secret.encode(), body, hashlib.sha256).hexdigest()
        return {**self.headers, "x-360dialog-signature": made}

    def media_url(self, media: Media) -> str:
        """Return Meta's address of a file, whose host is to be replaced."""
        return super().media_url(media).replace(self.url, LOOKASIDE, 1)

    def routes(self) -> list[BaseRoute]:
        """Return its paths: none has a version or a phone number id in it."""
        return [
            Route("/messages", self._messages, methods=["POST"]),
            Route("/v1/configs/webhook", self._webhook, methods=["GET", "POST"]),
            Route("/whatsapp_business/attachments/", self._file, methods=["GET"]),
            Route("/{media:str}", self._media, methods=["GET"]),
        ]

    def _no_access(self, request: Request) -> tuple[int, Any] | None:
        good = request.headers.get("d360-api-key") == self.api_key
        return None if good else own_error(401)

    async def _messages(self, request: Request) -> Response:
        refused = self._no_access(request)

        def decided(body: Any) -> tuple[int, Any]:
            if refused is not None:
                return refused
            if self._own and not (isinstance(body, dict) and "status" in body):
                return own_error(self._own.pop(0))
            return self.decide(body, token_good=True)

        return await answered(self, request, decided)

    async def _media(self, request: Request) -> Response:
        return await media(self, request, self._no_access(request))

    async def _file(self, request: Request) -> Response:
        return await file(self, request, self._no_access(request))

    async def _webhook(self, request: Request) -> Response:
        refused = self._no_access(request)
        if refused is not None:
            return JSONResponse(refused[1], refused[0])
        if request.method == "POST":
            given = await request.json()
            self.webhook = given["url"]
            self.headers = {str(key): str(text) for key, text in given.get("headers", {}).items()}
        return JSONResponse({"url": self.webhook, "headers": self.headers})
