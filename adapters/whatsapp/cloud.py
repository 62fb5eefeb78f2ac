"""A number at Meta's WhatsApp Cloud API."""

from __future__ import annotations

__all__ = ["CloudApi"]

from collections.abc import Callable
from typing import Final

import httpx2

from adapters.whatsapp.calls import Calls, plain_client
from adapters.whatsapp.graph_number import GraphNumber
from adapters.whatsapp.media import META_FILES, file_at

BASE_URL: Final = "https://graph.facebook.com"


class CloudApi(GraphNumber):
    """Speaks to the Graph API as the owner of a token."""

    def __init__(
        self,
        phone_number_id: str,
        token: str,
        *,
        version: str,
        base_url: str = BASE_URL,
        client: Callable[[], httpx2.AsyncClient] = plain_client,
    ) -> None:
        """Keep whose number it is and the token."""
        self._base_url = base_url
        super().__init__(
            Calls(base_url, {"authorization": f"Bearer {token}"}, client),
            messages=f"/{version}/{phone_number_id}/messages",
            media=f"/{version}",
        )

    def file_at(self, url: str) -> httpx2.URL:
        """Return where to fetch a file: from Meta's file server, or from the Graph API."""
        return file_at(url, self._base_url, also=(META_FILES, BASE_URL))
