"""The bench of the assistant: its vendor, those who ask it, and what its figures say."""

from __future__ import annotations

from pathlib import Path

import httpx2
import pytest

from adapters.assembly import build, open_database, prepare
from adapters.settings import Settings
from bench.asking import ASKING, Askers, Others
from bench.assistant import Figures, bot_at
from bench.assistant_vendor import SEEN, SENT
from bench.http_turns import serving

FEW = 3


@pytest.mark.anyio
async def test_each_question_is_asked_and_its_answer_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Through the product and a second process: a bench whose questions end elsewhere would look fast."""
    with serving("bench.assistant_vendor", "0") as vendor:
        bot = bot_at(vendor.url, tmp_path, monkeypatch.setenv)
        settings = Settings(data=tmp_path / "data", bot=[str(bot)])
        database = open_database(settings)
        await prepare(database)
        service = build(settings, database=database)
        service.start()
        try:
            askers = Askers(service, FEW)
            await askers.ask()
            assert (await Others(service).write(0.01)).per_second > 0
        finally:
            await service.stop()
        async with httpx2.AsyncClient(base_url=vendor.url, trust_env=False) as client:
            sent = (await client.get(SENT)).json()
            seen = (await client.get(SEEN)).json()
    assert set(askers.answered) == set(sent)
    assert FEW == len(sent)
    assert 1 <= seen["most"] <= FEW


@pytest.mark.parametrize(
    ("kept", "floors"),
    [([99.0, 96.0, 90.0], [True, True]), ([94.0, 94.9, 99.0], [False, True])],
)
def test_what_is_left_is_the_middle_of_all_stretches(kept: list[float], floors: list[bool]) -> None:
    """One slow moment of the machine decides nothing."""
    figures = Figures(quiet=[100.0], beside=[95.0], dearer=[100.0], kept=kept, most=ASKING)
    assert floors == [row.met for row in figures.rows() if row.floor is not None]
