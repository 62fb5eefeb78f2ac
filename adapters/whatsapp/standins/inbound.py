"""What a customer sends, as Meta's webhooks write it (meta: webhooks/reference/messages)."""

from __future__ import annotations

__all__ = ["Media", "Update", "batches", "webhook_bytes"]

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

MOST_UPDATES = 1_000  # in one POST: meta: webhooks/overview


@dataclass(frozen=True, slots=True)
class Update:
    """One thing that a webhook tells; several may travel together.

    `value` is what stands beside `messaging_product` and `metadata`; `lane` names whose it is.
    """

    field: str
    value: Mapping[str, Any]
    id: str = ""
    lane: str = ""


@dataclass(frozen=True, slots=True)
class Media:
    """A file that lies at Meta."""

    id: str
    data: bytes = field(repr=False)
    mime: str

    @property
    def sha256(self) -> str:
        """The sum that Meta tells beside a file."""
        return hashlib.sha256(self.data).hexdigest()


def webhook_bytes(account: str, metadata: Mapping[str, str], updates: Sequence[Update]) -> bytes:
    """Return the body of one POST.

    Messages of one kind share a change, and every second change begins an entry of its own: who
    reads only the first of anything loses the rest. What is not ASCII is escaped, as Meta does.
    """
    if len(updates) > MOST_UPDATES:
        raise ValueError(f"{len(updates)} updates in one POST; Meta sends at most {MOST_UPDATES}")
    changes: list[dict[str, Any]] = []
    for update in updates:
        last = changes[-1] if changes else None
        if last is not None and _same_kind(last, update):
            _merge(last["value"], update.value)
            continue
        value: dict[str, Any] = {"messaging_product": "whatsapp", "metadata": dict(metadata)}
        _merge(value, update.value)
        changes.append({"value": value, "field": update.field})
    entries = [{"id": account, "changes": changes[n : n + 2]} for n in range(0, len(changes), 2)]
    body = {"object": "whatsapp_business_account", "entry": entries}
    return json.dumps(body, ensure_ascii=True, separators=(",", ":")).encode()


def _same_kind(change: Mapping[str, Any], update: Update) -> bool:
    kinds = set(change["value"]) - {"messaging_product", "metadata", "contacts"}
    lists = all(isinstance(part, list) for part in update.value.values())
    return change["field"] == update.field and lists and kinds == set(update.value) - {"contacts"}


def _merge(value: dict[str, Any], more: Mapping[str, Any]) -> None:
    for key, part in more.items():
        if not isinstance(part, list):
            value[key] = part
            continue
        have = value.setdefault(key, [])
        have.extend(one for one in part if key != "contacts" or one not in have)


def batches(updates: Iterable[Update], per_post: int) -> Iterator[list[Update]]:
    """Cut updates into those that travel together."""
    waiting = list(updates)
    for begin in range(0, len(waiting), per_post):
        yield waiting[begin : begin + per_post]
