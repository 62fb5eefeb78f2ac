"""The pages of the documentation."""

from __future__ import annotations

__all__ = ["FRONT", "LANGUAGE", "OPERATING", "PAGES", "ROOT", "SCRIPTS", "unfenced"]

import re
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
LANGUAGE: Final = ROOT / "docs" / "flow-language.md"
OPERATING: Final = ROOT / "docs" / "operating.md"
SCRIPTS: Final = ROOT / "docs" / "scripts.md"
FRONT: Final = (ROOT / "README.md", ROOT / "CONTRIBUTING.md")
PAGES: Final = (*FRONT, *sorted((ROOT / "docs").glob("*.md")))


def unfenced(page: Path) -> str:
    """Return a page without its fenced blocks."""
    return re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
