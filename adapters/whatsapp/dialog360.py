"""A number at 360dialog, which passes Meta's Cloud API on."""

from __future__ import annotations

__all__ = ["Dialog360"]

from collections.abc import Callable
from typing import Final

import httpx2

from adapters.whatsapp.calls import Calls, plain_client
from adapters.whatsapp.graph_number import GraphNumber
from adapters.whatsapp.media import file_at, is_of_meta_files

BASE_URL: Final = "https://waba-v2.360dialog.io"


class Dialog360(GraphNumber):
    """Speaks Meta's bodies with 360dialog's key, which belongs to one number."""

    def __init__(
        self,
        api_key: str,
        *,
        base_url: str = BASE_URL,
        client: Callable[[], httpx2.AsyncClient] = plain_client,
    ) -> None:
        """Keep the key. The paths have no version and no number; with them it refuses."""
        self._base_url = base_url
        super().__init__(
            Calls(base_url, {"D360-API-KEY": api_key}, client), messages="/messages", media=""
        )

    def file_at(self, url: str) -> httpx2.URL:
        """Return where to fetch a file: what lies at Meta is fetched through 360dialog."""
        return file_at(url, self._base_url, means_base=is_of_meta_files)
