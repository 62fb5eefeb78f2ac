"""The metrics as Prometheus reads them: what all processes counted, and what is still to be done."""

from __future__ import annotations

__all__ = ["exposition"]

from collections.abc import Iterable, Iterator, Mapping, Sequence

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    Metric,
    SummaryMetricFamily,
)
from prometheus_client.registry import Collector

from adapters.service import Service
from engine.overview import Counts, Outbox
from engine.runtime.counting import SUMMARIES
from engine.runtime.metrics import COUNTERS


class Once(Collector):
    """Families that were worked out already."""

    def __init__(self, families: Sequence[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        """Return them."""
        return self._families


async def exposition(service: Service) -> str:
    """Return the metrics of all processes, whichever of them is asked."""
    counts = await service.counting.sums()
    outbox = await service.overview.outbox()
    bots = sorted(service.conversations.books)
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Once([*_counted(counts, bots), *_owed(outbox, service.clock())]))
    return generate_latest(registry).decode()


def _counted(counts: Counts, bots: Sequence[str]) -> Iterator[Metric]:
    kept: dict[str, dict[tuple[str, ...], float]] = {}
    for (name, labels), value in sorted(counts.items()):
        kept.setdefault(name, {})[labels] = value
    for name, counter in COUNTERS.items():
        family = CounterMetricFamily(counter.name, counter.help, labels=counter.labels)
        # What has not happened yet is nought, not missing: a rate is known from the first time on.
        nought = {(bot,): 0.0 for bot in bots} if counter.labels == ("bot",) else {}
        for labels, value in (nought | kept.get(name, {})).items():
            family.add_metric(labels, value)
        yield family
    for name, counter in SUMMARIES.items():
        summary = SummaryMetricFamily(counter.name, counter.help, labels=counter.labels)
        times: Mapping[tuple[str, ...], float] = kept.get(f"{name}_count", {})
        for labels, sum_ in kept.get(name, {}).items():
            summary.add_metric(labels, count_value=int(times.get(labels, 0)), sum_value=sum_)
        yield summary


def _owed(outbox: Outbox, now: int) -> Iterator[Metric]:
    age = 0.0 if outbox.oldest_at is None else max(0.0, (now - outbox.oldest_at) / 1_000)
    yield GaugeMetricFamily(
        "rejoinder_outbox_depth", "Effects still to be done.", value=outbox.depth
    )
    yield GaugeMetricFamily(
        "rejoinder_outbox_oldest_seconds", "How long the oldest of them waits.", value=age
    )
