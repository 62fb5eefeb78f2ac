"""Finds what a business's own texts say about a question: by its words, without a model or a network.

The index is SQLite's full-text search in memory, whatever database sessions are kept in: the texts
are files of the bot, and change with a release, not with a conversation.
"""

from __future__ import annotations

__all__ = ["Texts"]

import re
import sqlite3
from collections.abc import Iterator, Sequence

from rapidfuzz import process
from rapidfuzz.distance import OSA

from engine.errors import UsageError
from engine.language.passages import Piece
from engine.questions import Passage
from engine.readers.folding import words
from engine.readers.lexicon import mixed, own_words

MOST_TERMS = 64  # of one question; a page of text is looked for by its first words
HEADING_WEIGHT = 2.0  # a word in a heading counts as two in the text
# What most questions hold, whatever they are about.
SMALL_WORDS = ("questions", "fillers", "polite", "greetings", "pointing", "one", "and", "of", "not")
# Han, Kana, Thai, Lao, Burmese and Khmer are written without blanks: their pairs of signs are looked
# for instead of words.
_UNSPACED = "\u0e01-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003ffff"
_RUNS = re.compile(f"[{_UNSPACED}]+|[^{_UNSPACED}]+")
# The words are cut and folded before: the tokenizer only takes them apart at blanks, marks of Indic
# scripts being parts of words, and cuts English endings.
_TABLE = (
    "CREATE VIRTUAL TABLE pieces USING fts5(heading, body, "
    "tokenize = \"porter unicode61 remove_diacritics 0 categories 'L* M* N* Co'\")"
)
_FIND = (
    "SELECT rowid FROM pieces WHERE pieces MATCH ? "
    f"ORDER BY bm25(pieces, {HEADING_WEIGHT}, 1.0), rowid LIMIT ?"
)


class Texts:
    """The knowledge of one bot: its texts, and where which word stands."""

    def __init__(
        self,
        pieces: Sequence[Piece],
        languages: Sequence[str],
        database: sqlite3.Connection | None = None,
    ) -> None:
        """Index the pieces; small words are those of the bot's languages."""
        self._passages = [Passage(piece.source, _shown(piece)) for piece in pieces]
        self._small = frozenset(
            word
            for language in mixed(tuple(languages))
            for topic in SMALL_WORDS
            for word in own_words(language, topic)
        )
        # A process may read from another thread than it was started in.
        self._database = database or sqlite3.connect(":memory:", check_same_thread=False)
        try:
            self._database.execute(_TABLE)
        except sqlite3.DatabaseError as error:
            raise UsageError(
                f"The SQLite {sqlite3.sqlite_version} of this Python cannot search texts ({error}):"
                " it was built without FTS5. Use a Python from python.org or of your system,"
                ' or take "knowledge" out of bot.yaml.'
            ) from None
        known: set[str] = set()
        rows: list[tuple[int, str, str]] = []
        for number, piece in enumerate(pieces):
            heading = _terms(" ".join((piece.file.partition(".")[0], *piece.path)))
            body = _terms(piece.text)
            known.update(heading, body)
            rows.append((number, " ".join(heading), " ".join(body)))
        self._database.executemany(
            "INSERT INTO pieces(rowid, heading, body) VALUES (?, ?, ?)", rows
        )
        self._known = sorted(known)

    def find(self, text: str, *, limit: int = 3) -> Sequence[Passage]:
        """Return the passages that share most with a text; none where no word is shared."""
        asked = [term for term in dict.fromkeys(_terms(text)) if term not in self._small]
        looked_for = [known for term in asked[:MOST_TERMS] for known in self._as_known(term)]
        query = " OR ".join(f'"{term}"' for term in dict.fromkeys(looked_for))
        return [self._passages[number] for (number,) in self._rows(query, limit)]

    def _as_known(self, term: str) -> Iterator[str]:
        """Yield a word as the texts have it; one they do not have may be a slip of some they have."""
        if list(self._rows(f'"{term}"', 1)):
            yield term
        elif slips := _slips(term):
            near = process.extract(term, self._known, scorer=OSA.distance, score_cutoff=slips)
            for known, distance, _ in near:
                if distance == near[0][1]:
                    yield known

    def _rows(self, query: str, limit: int) -> Sequence[tuple[int]]:
        return self._database.execute(_FIND, (query, limit)).fetchall() if query else ()


def _slips(term: str) -> int:
    """Say how many slips a word may have; a short one and a model's number are other words."""
    if len(term) < 4 or any(sign.isdigit() for sign in term):
        return 0
    return 1 if len(term) < 7 else 2


def _shown(piece: Piece) -> str:
    """Put the headings before a piece: a table alone says nothing."""
    return "\n".join(filter(None, (" > ".join(piece.path), piece.text)))


def _terms(text: str) -> list[str]:
    """Cut a text into what is looked for."""
    found: list[str] = []
    for word, _, _ in words(text):
        if word.isascii():
            found.append(word)
            continue
        for run in _RUNS.findall(word):
            if len(run) > 2 and re.match(f"[{_UNSPACED}]", run):
                found.extend(run[place : place + 2] for place in range(len(run) - 1))
            else:
                found.append(run)
    return found
