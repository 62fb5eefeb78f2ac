"""The business's own texts: the passage that answers a question is found by its words."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import UsageError
from engine.language.passages import pieces
from engine.questions import Passage
from engine.runtime.knowledge import Texts
from engine.runtime.search_terms import terms

WARRANTY = """\
# Warranty

## Compressors

Twelve months from the date on the bill.

## Batteries

None; a battery is used up.
"""
GAS = """\
# Gas

We fill R32 and R22; a refill takes two hours. Units of 1.5 ton take longer.

## Leaks

A leak is soldered first.
"""
SPANISH = "# Devoluciones\n\nLas piezas sin usar se devuelven en siete días, también el cañón.\n"
HINDI = "# गारंटी\n\nकंप्रेसर की गारंटी बारह महीने है।\n"
MALAYALAM = "# വാറന്റി\n\nകംപ്രസ്സറിന് പന്ത്രണ്ട് മാസം വാറന്റി ഉണ്ട്.\n"
CHINESE = "# 退货政策\n\n未使用的零件可在七天内退货。\n"
FILES = {
    "warranty.md": WARRANTY,
    "gas.md": GAS,
    "returns.es.md": SPANISH,
    "hindi.md": HINDI,
    "malayalam.md": MALAYALAM,
    "chinese.md": CHINESE,
}
PIECES = [piece for name, text in FILES.items() for piece in pieces(name, text)]

ENGLISH = Texts(PIECES, ("en",))


@pytest.fixture(scope="module")
def texts() -> Texts:
    """The texts of a small shop, in several languages."""
    return Texts(PIECES, ("en", "es", "hi"))


def sources(texts: Texts, question: str, limit: int = 3) -> list[str]:
    """Name the passages that are found."""
    return [passage.source for passage in texts.find(question, limit=limit)]


def test_a_passage_says_where_it_stands_and_under_what(texts: Texts) -> None:
    """The model reads the headings with the text; people read the source."""
    text = "Warranty > Compressors\nTwelve months from the date on the bill."

    assert list(texts.find("compressor?", limit=1)) == [Passage("warranty.md: Compressors", text)]


def test_a_text_without_a_heading_is_shown_as_it_is() -> None:
    """Nothing is put before it."""
    found = Texts(list(pieces("plain.md", "Nobody works on Sunday.")), ("en",)).find("sunday")

    assert list(found) == [Passage("plain.md", "Nobody works on Sunday.")]


@pytest.mark.parametrize(
    ("question", "source"),
    [
        ("How long is the WARRANTY of a compressor?", "warranty.md: Compressors"),
        ("warrenty on compresor", "warranty.md: Compressors"),
        ("baterries", "warranty.md: Batteries"),
        ("my guarantee for a dead battery", "warranty.md: Batteries"),
        ("my garantee for cells", "warranty.md: Batteries"),
        ("refilling R22", "gas.md: Gas"),
        ("1.5 ton", "gas.md: Gas"),
        ("it is leaking", "gas.md: Leaks"),
        ("devolucion de un canon", "returns.es.md: Devoluciones"),
        ("can\u0303o\u0301n", "returns.es.md: Devoluciones"),
        ("कंप्रेसर", "hindi.md: गारंटी"),
        ("കംപ്രസ്സറിന്", "malayalam.md: വാറന്റി"),
        ("可以退货吗", "chinese.md: 退货政策"),
    ],
)
def test_the_passage_that_answers_comes_first(texts: Texts, question: str, source: str) -> None:
    """By its words, their endings, a slip, what means the same, and in any script."""
    assert sources(texts, question)[0] == source


@pytest.mark.parametrize(
    "question",
    ["", "?!", "how is it please", "wonderful holidays tomorrow", "r99", "r2d2", "अ", "海"],
)
def test_what_shares_no_word_is_not_found(texts: Texts, question: str) -> None:
    """Small words are shared by all texts, and a model's number is right or another one."""
    assert sources(texts, question) == []


def test_no_more_than_wanted_are_found(texts: Texts) -> None:
    """Three, where nothing else is said."""
    question = "warranty compressor battery gas leak refill devoluciones"

    assert len(sources(texts, question, limit=9)) == 5
    assert len(texts.find(question)) == 3
    assert len(sources(texts, question, limit=1)) == 1


def test_several_shared_words_count_more_than_one_that_is_repeated() -> None:
    """A text that says "gas" ten times does not answer a question about gas leaks better."""
    often = (
        "# A\n"
        + "gas " * 10
        + "\n# B\nWhen gas leaks out of a pipe there is much to be done first.\n"
    )
    others = "".join(f"# C{number}\nAnother text about parts.\n" for number in range(9))

    found = Texts(list(pieces("a.md", often + others)), ("en",))

    assert sources(found, "gas leaks") == ["a.md: B", "a.md: A"]


def test_a_long_text_is_looked_for_by_its_first_words(texts: Texts) -> None:
    """A page of talk costs no more than a long question."""
    talk = " ".join(f"word{number}" for number in range(64))

    assert sources(texts, f"compressor {talk}")[0] == "warranty.md: Compressors"
    assert sources(texts, f"{talk} compressor") == []


def test_no_texts_answer_nothing() -> None:
    """An empty index is one, too."""
    assert list(Texts([], ("en",)).find("warranty")) == []


SYNTAX = (
    '"',
    "'",
    "*",
    "^",
    "(",
    ")",
    "{",
    "}",
    ":",
    "-",
    "+",
    "AND",
    "OR",
    "NOT",
    "NEAR(",
    ",",
    "\0",
)


@settings(max_examples=300)
@given(
    st.lists(
        st.sampled_from((*SYNTAX, "heading", "sense", "gas", "गारंटी", "退货"))
        | st.text(max_size=12)
    )
)
def test_no_text_is_a_command_to_the_index(said: list[str]) -> None:
    """Signs and words that mean something to SQLite are words like others, and nothing raises."""
    for joint in ("", " "):
        assert len(ENGLISH.find(joint.join(said))) <= 3


@pytest.mark.parametrize(
    "question", ["2 units leak.", "12,", "410 is what I have.", ".5 ton?", "1/"]
)
def test_a_question_may_begin_with_a_number_and_end_with_a_stop(question: str) -> None:
    """The sign at its end stands before no number."""
    assert terms(question)[0].isdecimal()
    assert len(ENGLISH.find(question)) <= 3


def test_an_sqlite_that_cannot_search_is_told() -> None:
    """Whoever starts the bot reads what is missing and what to do."""
    database = sqlite3.connect(":memory:")
    database.set_authorizer(
        lambda action, *_: (
            sqlite3.SQLITE_DENY if action == sqlite3.SQLITE_CREATE_VTABLE else sqlite3.SQLITE_OK
        )
    )

    with pytest.raises(UsageError, match=r"was built without FTS5\. Use a Python"):
        Texts(PIECES, ("en",), database)
