"""Every link of the documentation leads somewhere."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

from tests.docs.pages import PAGES, ROOT, unfenced

LINK: Final = re.compile(r"(?<!!)\[[^\]\n]+\]\(([^)\s]+)\)|!\[[^\]\n]*\]\(([^)\s]+)\)")


def anchors(page: Path) -> set[str]:
    """List the anchors GitHub gives a page's headings."""
    text = unfenced(page)
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", [pytest.param(page, id=page.name) for page in PAGES])
def test_every_link_leads_somewhere(page: Path) -> None:
    """A relative link names a file that is there, and a heading that file has."""
    text = unfenced(page)
    astray = []
    for match in LINK.finditer(text):
        link = match[1] or match[2]
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            astray.append(link)

    assert [] == astray


def test_no_page_holds_the_marks_of_a_merge() -> None:
    marked = [
        f"{page.relative_to(ROOT)}:{number}"
        for page in (*PAGES, ROOT / "CHANGELOG.md")
        for number, line in enumerate(page.read_text("utf-8").splitlines(), 1)
        if re.match(r"(?:<{7}|>{7}) |={7}$", line)
    ]

    assert [] == marked
