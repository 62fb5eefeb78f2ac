"""Files are fetched from the provider's own hosts."""

from __future__ import annotations

import pytest

from adapters.whatsapp.media import META_FILES, NotOurs, file_at, is_local, is_of_meta_files

WAHA = "https://waha.internal:3000"


@pytest.mark.parametrize(
    ("url", "where"),
    [
        ("https://waha.internal:3000/api/files/a.jpg", "https://waha.internal:3000/api/files/a.jpg"),
        ("http://localhost:3000/api/files/a.jpg?x=1", "https://waha.internal:3000/api/files/a.jpg?x=1"),
        ("http://127.0.0.1/api/files/a", "https://waha.internal:3000/api/files/a"),
        ("http://[::1]:3000/api/files/a", "https://waha.internal:3000/api/files/a"),
    ],
)  # fmt: skip
def test_waha_that_calls_itself_localhost_is_found(url: str, where: str) -> None:
    """The address it is known by here replaces the one it knows itself by."""
    assert where == str(file_at(url, WAHA, means_base=is_local))


def test_a_path_of_the_base_is_kept() -> None:
    """WAHA may stand behind a folder of a web server."""
    where = file_at(
        "http://localhost:3000/api/f", "https://shop.example/waha/", means_base=is_local
    )

    assert "https://shop.example/waha/api/f" == str(where)


def test_meta_has_its_files_elsewhere() -> None:
    """Its file server belongs to it; 360dialog's files lie there and are fetched through it."""
    url = f"{META_FILES}/whatsapp_business/attachments/?mid=1&hash=a"
    base = "https://waba-v2.360dialog.io"

    assert url == str(file_at(url, "https://graph.facebook.com", also=(META_FILES,)))
    assert f"{base}/whatsapp_business/attachments/?mid=1&hash=a" == str(
        file_at(url, base, means_base=is_of_meta_files)
    )


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/a",
        "http://169.254.169.254/latest/meta-data",
        "http://localhost:5432/",
        "https://waha.internal/a",
        "http://waha.internal:3000/a",
        "https://waha.internal:3000@evil.example/a",
        "https://evil.example#@waha.internal:3000/a",
        "https://user:word@waha.internal:3000/a",
        "https://waha.internal.evil.example:3000/a",
        "https://lookaside.fbsbx.com.evil.example/a",
        "http://lookaside.fbsbx.com/a",
        "file:///etc/passwd",
        "ftp://waha.internal:3000/a",
        "//waha.internal:3000/a",
        "/api/files/a",
        "https://[broken",
        "https://waha.internal:99999999/a",
        "nonsense",
        "",
        "https://waha.internal:3000/\x00",
    ],
)
def test_nothing_is_fetched_from_anywhere_else(url: str) -> None:
    """A payload cannot send this server, and its key, where it likes."""
    with pytest.raises(NotOurs):
        file_at(url, WAHA, also=(META_FILES,))


def test_letters_of_a_host_may_be_large() -> None:
    """Names of hosts are the same in both."""
    assert "waha.internal" == file_at("HTTPS://WAHA.internal:3000/a", WAHA).host
