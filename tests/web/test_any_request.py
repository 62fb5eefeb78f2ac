"""Whatever is sent, the answer is what the description says: Schemathesis asks, with all its checks."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.web.site import OPERATOR, ORDER, served
from tests.web.test_description import ROUTES

SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")
CONFIG = Path(__file__).with_name("schemathesis.toml")
EXAMPLES = "200"  # of each route, beside what each of its fields must take and refuse


@pytest.mark.parametrize("who", ["nobody", "a visitor and an operator"])
def test_no_request_finds_an_answer_that_is_not_described(who: str, tmp_path: Path) -> None:
    """Each route alone and in the order their links give; no route and no check is left out."""
    config = CONFIG.read_text("utf-8")
    with served(tmp_path / "shop") as shop:
        tokens = {"VISITOR": shop.visitor().say(ORDER)["session"], "OPERATOR": OPERATOR}
        if who == "nobody":
            config = re.sub(r"\[auth\.[^[]*", "", config)
        (tmp_path / CONFIG.name).write_text(config, "utf-8")
        asked = subprocess.run(
            [SCHEMATHESIS, "--config-file", CONFIG.name, "run", f"{shop.url}/openapi.json",
             "--max-examples", EXAMPLES, "--no-color"],
            cwd=tmp_path,  # where it keeps what it found
            env=os.environ | tokens,
            capture_output=True,
            text=True,
            check=False,
        )  # fmt: skip

    assert asked.returncode == 0, asked.stdout + asked.stderr
    assert f"{len(ROUTES)} selected / {len(ROUTES)} total" in asked.stdout
    assert all(f"{phase} (in" in asked.stdout for phase in ("Coverage", "Fuzzing", "Stateful"))
    assert (who == "nobody") == ("401/403" in asked.stdout)
