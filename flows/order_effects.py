"""What an order asks of the worker: rows in its own transaction, so that none is forgotten.

They belong to the conversation the order was placed in, for as long as that is kept.
"""

from __future__ import annotations

__all__ = ["TELL", "publish", "tell"]

from collections.abc import Mapping
from typing import Any

from engine.effects import Effect, Publish, RunAction
from engine.stores.database import Database, Transaction, single
from engine.stores.effect_rows import encode
from engine.stores.encoding import to_text
from engine.stores.sql_commit import EFFECTS

TELL = "tell_order_status"  # no action of any flow: only `assembly` binds it
ATTEMPTS = 8  # over about ten minutes: the conversation may be busy, or the database away
KEPT = "SELECT id FROM session WHERE id = $1 AND status IN ('open', 'ended')"


def publish(
    database: Database, id_: str, session: str, event: str, data: Mapping[str, Any], *, at: int
) -> Transaction[bool]:
    """Have other systems told."""
    return (yield from _ask(database, session, Publish(id_, event, data), at))


def tell(
    database: Database, id_: str, session: str, arguments: Mapping[str, Any], *, at: int
) -> Transaction[bool]:
    """Have the customer told; False where their conversation is not kept any more."""
    effect = RunAction(id_, TELL, arguments, attempts=ATTEMPTS)
    return (yield from _ask(database, session, effect, at))


def _ask(database: Database, session: str, effect: Effect, at: int) -> Transaction[bool]:
    if not (yield KEPT, (session,)):
        return False  # nobody takes what belongs to no conversation
    kind, body = encode(effect)
    row = (effect.id, session, 0, kind, to_text(body), "owed", 0, 0, at)
    yield from single(database.bulk(EFFECTS, [row]))
    return True
