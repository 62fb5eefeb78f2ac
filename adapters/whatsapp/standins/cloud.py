"""Meta's WhatsApp Cloud API on this machine (meta: messages/, webhooks/, pricing, error-codes)."""

from __future__ import annotations

__all__ = ["CloudStandin"]

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from adapters.whatsapp.standins.answering import answered, file, media
from adapters.whatsapp.standins.meta import MetaStandin
from adapters.whatsapp.standins.refusing import error_body


class CloudStandin(MetaStandin):
    """The Graph API for one number, and its webhooks.

    ::

        with CloudStandin(app_secret="s", token="t", verify_token="v", phone_number_id="1065") as cloud:
            cloud.webhook = "http://127.0.0.1:8000/api/whatsapp/main/webhook"
            budi = cloud.phone("6281234567890", name="Budi")
            budi.says("hi")
            (answer,) = budi.wait()
    """

    def __init__(
        self,
        *,
        app_secret: str = "fake-app-secret",  # noqa: S107 - no secret of anybody's
        token: str = "fake-token",  # noqa: S107 - same
        verify_token: str = "fake-verify-token",  # noqa: S107 - same
        phone_number_id: str = "106540352242922",
        **more: Any,
    ) -> None:
        """Take what the product is configured with."""
        super().__init__(phone_number_id=phone_number_id, **more)
        self.app_secret = app_secret
        self.token = token
        self.verify_token = verify_token

    def connection(self) -> dict[str, str]:
        """Return the product's settings of this connection; secrets by the names of `environment`."""
        return {
            "provider": "cloud",
            "phone_number_id": self.phone_number_id,
            "app_secret": "env:FAKE_WHATSAPP_APP_SECRET",
            "token": "env:FAKE_WHATSAPP_TOKEN",
            "verify_token": "env:FAKE_WHATSAPP_VERIFY_TOKEN",
            "base_url": self.url,
        }

    def environment(self) -> dict[str, str]:
        """Return the variables that `connection` names."""
        return {
            "FAKE_WHATSAPP_APP_SECRET": self.app_secret,
            "FAKE_WHATSAPP_TOKEN": self.token,
            "FAKE_WHATSAPP_VERIFY_TOKEN": self.verify_token,
        }

    def verify(self, token: str | None = None, timeout: float = 10.0) -> bool:
        """Ask the webhook for its challenge, as Meta does when it is set up."""
        challenge = str(secrets.randbelow(10**10))
        params = {
            "hub.mode": "subscribe",
            "hub.challenge": challenge,
            "hub.verify_token": self.verify_token if token is None else token,
        }
        answer = self.ask_product(params, timeout)
        return answer.status_code == 200 and answer.text == challenge

    def proof(self, body: bytes) -> Mapping[str, str]:
        """Sign the bytes as they are."""
        made = hmac.new(self.app_secret.encode(), body, hashlib.sha256).hexdigest()
        return {"x-hub-signature-256": f"sha256={made}"}

    def routes(self) -> list[BaseRoute]:
        """Return the paths of the Graph API; any version will do."""
        return [
            Route("/v{version}/{number}/messages", self._messages, methods=["POST"]),
            Route("/v{version}/{media}", self._media, methods=["GET"]),
            Route("/whatsapp_business/attachments/", self._file, methods=["GET"]),
        ]

    def _token_good(self, request: Request) -> bool:
        return request.headers.get("authorization") == f"Bearer {self.token}"

    def _no_access(self, request: Request) -> tuple[int, Any] | None:
        return None if self._token_good(request) else (401, error_body(190, ""))

    async def _messages(self, request: Request) -> Response:
        number = request.path_params["number"]
        wrong = "" if number == self.phone_number_id else number
        good = self._token_good(request)
        return await answered(
            self, request, lambda body: self.decide(body, token_good=good, number=wrong)
        )

    async def _media(self, request: Request) -> Response:
        return await media(self, request, self._no_access(request))

    async def _file(self, request: Request) -> Response:
        return await file(self, request, self._no_access(request))
