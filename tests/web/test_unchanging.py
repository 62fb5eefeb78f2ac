"""The widget and the pages on the wire: small, and asked for again only when they changed."""

from __future__ import annotations

import gzip

import httpx2
import pytest

from tests.web.site import Served

PATHS = ["/", "/docs", "/docs/style.css", "/openapi.json", "/widget/rejoinder-chat.js", "/widget/demo.css"]  # fmt: skip


def raw(shop: Served, path: str, **headers: str) -> tuple[httpx2.Response, bytes]:
    """Return an answer, and its body as it came over the wire."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    with httpx2.stream("GET", shop.url + path, headers={"accept-encoding": "", **given}) as answer:
        return answer, b"".join(answer.iter_raw())


def test_the_widget_is_at_most_15_kb_on_the_wire(shop: Served) -> None:
    answer, body = raw(shop, "/widget/rejoinder-chat.js", accept_encoding="gzip, deflate, br")
    head = sum(len(name) + len(value) + 4 for name, value in answer.headers.raw)

    assert "gzip" == answer.headers["content-encoding"]
    assert len(body) <= 15_000
    assert head < 1_000
    assert len(body) == int(answer.headers["content-length"])


@pytest.mark.parametrize("path", PATHS)
def test_both_forms_are_the_same_and_who_has_one_is_told_so(shop: Served, path: str) -> None:
    plain, whole = raw(shop, path)
    zipped, packed = raw(shop, path, accept_encoding="gzip")

    assert "content-encoding" not in plain.headers
    assert whole == gzip.decompress(packed)
    assert plain.headers["etag"] != zipped.headers["etag"]
    for answer in (plain, zipped):
        assert "accept-encoding" in answer.headers["vary"]
        assert answer.headers["cache-control"] in ("no-cache", "public, max-age=300")
        assert "charset=utf-8" in answer.headers["content-type"] or path == "/openapi.json"
    for given, tag in (("gzip", zipped.headers["etag"]), ("", plain.headers["etag"])):
        for has in (tag, f"W/{tag}", f'"other", {tag}'):
            again, body = raw(shop, path, accept_encoding=given, if_none_match=has)
            assert (304, b"") == (again.status_code, body)
            assert tag == again.headers["etag"]
        assert 200 == raw(shop, path, accept_encoding=given, if_none_match='"other"')[0].status_code


@pytest.mark.parametrize(
    ("takes", "zipped"),
    [
        ("gzip", True), ("br, gzip", True), ("GZIP;q=0.5, br", True), ("x-gzip", True), ("gzip;q=0.01", True),
        ("", False), ("br", False), ("gzip;q=0", False), ("br, gzip; q=0.0", False), ("notgzip", False),
    ],
)  # fmt: skip
def test_it_is_gzipped_for_whoever_takes_that(shop: Served, takes: str, zipped: bool) -> None:  # noqa: FBT001 - two columns
    answer, _ = raw(shop, "/widget/rejoinder-chat.js", accept_encoding=takes)

    assert zipped == ("content-encoding" in answer.headers)
