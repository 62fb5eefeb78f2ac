"""What stays the same while this process runs: gzipped once, and told to be the same by 304.

Files and pages are held in memory. Starlette's own would read and compress them for every page view,
48 kB of script in the loop that conversations run in.
"""

from __future__ import annotations

__all__ = ["Unchanging"]

import gzip
import re
from collections.abc import Mapping
from hashlib import blake2b

from starlette.requests import Request
from starlette.responses import Response

# RFC 9110, section 12.5.3: named, and not with a weight of nought.
_TAKES_GZIP = re.compile(
    r"(?:^|[,\s])(?:x-)?gzip\s*(?:$|,|;(?!\s*q=0(?:\.0*)?\s*(?:$|,)))", re.IGNORECASE
)
_TAG = re.compile(r'"[^"]*"')


class Unchanging:
    """A body in both forms, each with the tag that names its content."""

    def __init__(self, body: bytes, media_type: str, headers: Mapping[str, str]) -> None:
        """Compress it; without a date inside, so that every process names it alike."""
        name = blake2b(body, digest_size=12).hexdigest()
        self._plain = body, f'"{name}"'
        self._zipped = gzip.compress(body, 9, mtime=0), f'"{name}-gzip"'
        self._headers = {**headers, "content-type": media_type, "vary": "accept-encoding"}

    def answer(self, request: Request) -> Response:
        """Return it as the client takes it; nothing but 304 where the client has it."""
        takes_gzip = _TAKES_GZIP.search(request.headers.get("accept-encoding", ""))
        body, tag = self._zipped if takes_gzip else self._plain
        headers = {**self._headers, "etag": tag}
        if tag in _TAG.findall(request.headers.get("if-none-match", "")):
            return Response(status_code=304, headers=headers)
        if takes_gzip:
            headers["content-encoding"] = "gzip"
        return Response(body, headers=headers)
