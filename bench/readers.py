"""The peers' own extraction as readers, so that in the comparison everybody reads the same way."""

from __future__ import annotations

__all__ = ["WORKLOAD_READERS"]

from bench.peers import workload
from engine.readers import READERS, Hearing, Kind, Read, Reading


def read_items(text: str, _hearing: Hearing) -> list[Reading]:
    """Read items as the workload does; its lines come as ours."""
    found = workload.extract_items(text)
    if not found:
        return []
    lines = [{"quantity": one["qty"], "unit": None, "name": one["name"]} for one in found]
    return [Read(lines, 0, len(text))]


def _contact(part: str) -> Kind:
    pattern = {"name": workload._NAME, "phone": workload._PHONE, "email": workload._EMAIL}[part]  # noqa: SLF001 - the peers' own patterns

    def read(text: str, _hearing: Hearing) -> list[Reading]:
        match = pattern.search(text)
        if match is None:
            return []
        group = 0 if part == "email" else 1
        return [Read(match[group], match.start(group), match.end(group))]

    orders = {"email": 10, "phone": 20, "name": 100}
    return Kind(read, orders[part], volunteers=True)


def read_yes(text: str, _hearing: Hearing) -> list[Reading]:
    """Read a yes as the workload does."""
    return [Read("yes", 0, len(text))] if workload.is_yes(text) else []


WORKLOAD_READERS = {
    **READERS,
    "items": Kind(read_items, 60, volunteers=True),
    "person_name": _contact("name"),
    "phone": _contact("phone"),
    "email": _contact("email"),
    "yes_no": Kind(read_yes, 90),
}
