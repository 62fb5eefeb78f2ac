"""From where a file is fetched: the provider's own hosts and nowhere else.

The address comes from outside. Fetched wherever it points, a payload would read what only this
server can reach, and carry our key to whoever asks for it.
"""

from __future__ import annotations

__all__ = ["META_FILES", "NotOurs", "file_at", "is_local", "is_of_meta_files"]

from collections.abc import Callable, Collection
from typing import Final

import httpx2

META_FILES: Final = "https://lookaside.fbsbx.com"
"""Where Meta keeps files."""

_PORTS: Final = {"http": 80, "https": 443}


class NotOurs(Exception):
    """A file lies where we do not fetch from."""


def file_at(
    url: str,
    base_url: str,
    *,
    also: Collection[str] = (),
    means_base: Callable[[httpx2.URL], bool] = lambda _: False,
) -> httpx2.URL:
    """Return where to fetch a file, or raise `NotOurs`.

    `also`: other hosts of the provider, as `https://host`. `means_base`: the address names a host
    that is ours to replace by base_url.
    """
    try:
        there, base = httpx2.URL(url), httpx2.URL(base_url)
    except httpx2.InvalidURL as fault:
        raise NotOurs("the file's address is none") from fault
    if there.userinfo or there.scheme not in _PORTS:
        raise NotOurs("the file's address is none of a file")
    if means_base(there):
        path = base.raw_path.rstrip(b"/") + there.raw_path
        return base.copy_with(raw_path=path)
    if _origin(there) not in {_origin(base), *(_origin(httpx2.URL(host)) for host in also)}:
        raise NotOurs("the file lies on another host than the provider's")
    return there


def is_local(url: httpx2.URL) -> bool:
    """Tell whether an address names the machine it was written on."""
    return url.host in {"localhost", "127.0.0.1", "::1"}


def is_of_meta_files(url: httpx2.URL) -> bool:
    """Tell whether an address is one of Meta's file server."""
    return _origin(url) == _origin(httpx2.URL(META_FILES))


def _origin(url: httpx2.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host.lower(), url.port or _PORTS.get(url.scheme)
