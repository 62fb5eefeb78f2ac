"""A bot as its files say it: read, checked key by key, and still knowing where everything stands."""

from __future__ import annotations

__all__ = ["BotSource", "FlowSource", "Product", "content_hash"]

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path as File
from typing import Any, TypedDict

from engine.language.document import Document
from engine.language.passages import Piece
from engine.language.schema import AlwaysFile, BotFile, FaqEntry, FlowFile, TextsFile


class Product(TypedDict):
    """One row of the catalogue; what a cell leaves open is None."""

    id: str
    name: str
    names: Mapping[str, str]  # in other languages
    aliases: tuple[str, ...]
    price: Decimal | None
    tiers: tuple[tuple[int, Decimal], ...]  # (from this quantity, each), rising; `price` from 1
    unit: str
    min: int | None
    pack: int | None
    stock: int | None
    line: int


@dataclass(frozen=True, slots=True)
class FlowSource:
    """A flow's file: its content, its places, and the hash a live session is compared by."""

    flow: FlowFile
    document: Document
    hash: str


@dataclass(frozen=True, slots=True)
class BotSource:
    """All files of a bot; `documents` holds "bot", "faq", "always" and "texts"."""

    folder: File
    bot: BotFile
    flows: Mapping[str, FlowFile]
    faq: tuple[FaqEntry, ...]
    always: AlwaysFile
    texts: TextsFile
    catalogue: tuple[Product, ...]
    knowledge: tuple[Piece, ...]  # the texts an assistant may use, cut
    documents: Mapping[str, Document]
    flow_documents: Mapping[str, Document]
    hashes: Mapping[str, str]


def content_hash(content: Mapping[str, Any]) -> str:
    """Name a flow's content: comments and the order of keys do not matter, all else does."""
    # Without start.at the first state begins: there the order of the states does matter.
    first = next(iter(content["states"]))
    canonical = json.dumps([first, content], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()[:16]
