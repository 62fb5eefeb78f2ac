"""Finds what a business's own texts say about a question: by its words, without a model or a network.

The index is SQLite's full-text search in memory, whatever database sessions are kept in: the texts
are files of the bot, and change with a release, not with a conversation.
"""

from __future__ import annotations

__all__ = ["Texts"]

import sqlite3
from collections.abc import Sequence

from rapidfuzz import process
from rapidfuzz.distance import OSA

from engine.errors import UsageError
from engine.language.passages import Piece
from engine.questions import Passage
from engine.runtime.search_terms import alike, slips, small, terms

MOST_TERMS = 64  # of one question; a page of text is looked for by its first words
# What a word counts: in a heading, in the text, and where another one stands that means the same.
WEIGHTS = "2.0, 1.0, 0.5"
# The words are cut and folded before: the tokenizer only takes them apart at blanks, marks of Indic
# scripts being parts of words, and cuts English endings.
_PIECES = """\
CREATE VIRTUAL TABLE pieces USING fts5(heading, body, sense,
tokenize = "porter unicode61 remove_diacritics 0 categories 'L* M* N* Co'")
"""
_STEMS = "CREATE VIRTUAL TABLE stems USING fts5vocab(pieces, 'col')"
_ALL_STEMS = "SELECT DISTINCT term FROM stems WHERE col <> 'sense'"
_ADD = "INSERT INTO pieces(rowid, heading, body, sense) VALUES (?, ?, ?, ?)"
_FIND = f"SELECT rowid, -bm25(pieces, {WEIGHTS}) FROM pieces WHERE pieces MATCH ?"


class Texts:
    """The knowledge of one bot: its texts, and where which word stands."""

    def __init__(
        self,
        pieces: Sequence[Piece],
        languages: Sequence[str],
        database: sqlite3.Connection | None = None,
    ) -> None:
        """Index the pieces; `languages` are the bot's, the first is the one of most texts."""
        self._passages = [Passage(piece.source, _shown(piece)) for piece in pieces]
        self._small = small(tuple(languages))
        self._alike = alike(tuple(languages))
        # A process may read from another thread than it was started in.
        self._database = database or sqlite3.connect(":memory:", check_same_thread=False)
        try:
            self._database.execute(_PIECES)
            self._database.execute(_STEMS)
        except sqlite3.DatabaseError as error:
            raise UsageError(
                f"The SQLite {sqlite3.sqlite_version} of this Python cannot search texts ({error}):"
                " it was built without FTS5. Use a Python from python.org or of your system,"
                ' or take "knowledge" out of bot.yaml.'
            ) from None
        known = set(self._alike)
        for number, piece in enumerate(pieces):
            known.update(self._add(number, piece))
        known.update(stem for (stem,) in self._database.execute(_ALL_STEMS))
        self._known: dict[str, list[str]] = {}  # by their first letters, which are rarely missed
        for term in sorted(known):
            self._known.setdefault(term[0], []).append(term)

    def _add(self, number: int, piece: Piece) -> list[str]:
        heading = terms(" ".join((piece.file.partition(".")[0], *piece.path)))
        body = terms(piece.text)
        said = heading + body
        sense = [self._alike[term] for term in said if term in self._alike]
        row = (number, " ".join(heading), " ".join(body), " ".join(sense))
        self._database.execute(_ADD, row)
        return said

    def find(self, text: str, *, limit: int = 3) -> Sequence[Passage]:
        """Return the passages that share most with a text; none where no word is shared.

        A passage that shares several words of it comes before one that repeats a single word.
        """
        asked = [term for term in dict.fromkeys(terms(text)) if term not in self._small]
        scores: dict[int, int | float] = {}
        shared: dict[int, int] = {}
        for term in asked[:MOST_TERMS]:
            for number, score in self._having(term):
                scores[number] = scores.get(number, 0) + score
                shared[number] = shared.get(number, 0) + 1
        order = sorted(scores, key=lambda number: (-scores[number] * shared[number] ** 0.5, number))
        return [self._passages[number] for number in order[:limit]]

    def _having(self, term: str) -> Sequence[tuple[int, int | float]]:
        """Find a word, or what means the same; one that is nowhere may be a slip of some that are."""
        return self._rows([term]) or self._rows(self._nearest(term))

    def _nearest(self, term: str) -> list[str]:
        known = self._known.get(term[0], []) if (most := slips(term)) else []
        near = process.extract(term, known, scorer=OSA.distance, score_cutoff=most)
        return [word for word, distance, _ in near if distance == near[0][1]]

    def _rows(self, known: Sequence[str]) -> Sequence[tuple[int, int | float]]:
        # In quotes no sign of a word commands anything.
        parts = [f'{{heading body}} : "{term}"' for term in known]
        named = {self._alike[term] for term in known if term in self._alike}
        parts += [f'sense : "{name}"' for name in sorted(named)]
        return self._database.execute(_FIND, (" OR ".join(parts),)).fetchall() if parts else ()


def _shown(piece: Piece) -> str:
    """Put the headings before a piece: a table alone says nothing."""
    return "\n".join(filter(None, (" > ".join(piece.path), piece.text)))
