"""Answers to a question of the engine's own: which of several, yes or no, leave it or leave it out.

A text that is something else is no answer; it is read as what it says.
"""

from __future__ import annotations

__all__ = ["drops_it_all", "is_small_number", "read_answer"]

import re
from collections import Counter

from engine.frame import Pending
from engine.hearing import REACHED, hearing_of, yes_no_of
from engine.language.book import Book
from engine.meaning import Heard, Words
from engine.ordering import LEFT_OUT, MOST, WHICH
from engine.readers.clauses import CLAUSE_ENDS, without
from engine.readers.folding import singular, words
from engine.readers.lexicon import word_set
from engine.readers.numerals import part_in_digits, part_words, tokens
from engine.readers.product_words import number_words, small_words
from engine.readers.reading import Read
from engine.session import Session

# Words: longer messages say something.
LONGEST_LEFT_OUT = 4
LONGEST_POSITION = 3
LONGEST_PICK = 6
LONGEST_QUANTITY = 5
LONGEST_DROP = 6
_SIGN = re.compile(rf"[{CLAUSE_ENDS}](?!\d)")


def read_answer(book: Book, session: Session, pending: Pending, heard: Heard) -> str:
    """Read the answer to a pending question; empty when the text is something else."""
    if pending.kind == "unclear":
        if _says_more(book, session, pending, heard):
            return ""
        if not pending.labels[-1] and _keeps_all(book, session, heard):
            return str(len(pending.labels))
        return _candidate(book, session, pending, heard) or _proposed(book, session, pending, heard)
    if pending.kind == "line":
        return _line(book, session, pending, heard)
    if pending.kind == "leave":
        dropped = "leave" if drops_it_all(book, session, heard) else ""
        return book.leaves.whole(heard.said) or dropped
    if pending.kind in {"change", "value"}:
        return "no" if _is_bare_no(book, session, heard) else ""
    found = _how_many(book, session, pending, heard) if pending.value is not None else ""
    return found or ("" if pending.unspoken else _yes_or_no(book, session, pending, heard))


def _yes_or_no(book: Book, session: Session, pending: Pending, heard: Heard) -> str:
    if book.command_words.whole(heard.said) == pending.kind:
        return "yes"  # saying it again confirms it
    meaning = yes_no_of(book, session, heard.text)
    if len(heard.said) > 2 and any(word.isdigit() for word, _, _ in heard.said):
        return ""  # "ok, new list: 60 m cable": not what was asked
    if meaning == "cancel":
        return "yes" if pending.kind == "cancel" else "no"
    return meaning if meaning in {"yes", "no"} else ""


def _keeps_all(book: Book, session: Session, heard: Heard) -> bool:
    """Tell whether no line of an order is to go: "none", "keep all"."""
    shown = book.texts["keep_all"][session.language or book.languages[0]]
    label = words(shown.constant or "")
    same = [word for word, _, _ in heard.said] == [word for word, _, _ in label]
    return same or yes_no_of(book, session, heard.text) == "no"


def _says_more(book: Book, session: Session, pending: Pending, heard: Heard) -> bool:
    """Tell whether one of several addresses is named among other data, which would be lost."""
    said = {word for word, _, _ in heard.said}
    labels = {word for label in pending.labels for word, _, _ in words(label)}
    flow = book.flows[session.frames[pending.depth].flow]
    return flow.slots[pending.slot].kind in REACHED and len(said - labels) > LONGEST_LEFT_OUT


def _is_bare_no(book: Book, session: Session, heard: Heard) -> bool:
    """Tell "no, nothing" from "no 15 fans" and from a value with a no in it."""
    short = len(heard.said) <= 3 and all(word.isalpha() for word, _, _ in heard.said)
    # "No change, confirm" is a yes, and here nothing to be changed.
    return (short and yes_no_of(book, session, heard.text.split()[0]) == "no") or (
        short and yes_no_of(book, session, heard.text) == "no"
    )


def _candidate(book: Book, session: Session, pending: Pending, heard: Heard) -> str:
    """Read "the second one", "2" or a label as the number of a candidate."""
    spoken = [word for word, _, _ in heard.said]
    count = len(pending.labels)
    meant = _with_digits(heard, (session.language or book.languages[0],))
    labels = [{singular(word) for word, _, _ in words(label)} for label in pending.labels]
    meant = {singular(word) for word in meant}
    # "1.5 ton" is the label, not the first one; "1 ton of course" is "1 ton".
    said_of = meant - book.small_words
    if len(said_of) > 1 and len(spoken) <= LONGEST_PICK:
        named = [n for n, label in enumerate(labels, 1) if said_of <= label]
        fewest = min((len(labels[n - 1]) for n in named), default=0)
        shortest = [n for n in named if len(labels[n - 1]) == fewest]
        if len(shortest) == 1:
            return str(shortest[0])
    for phrase in (" ".join(spoken), *spoken):
        # In a longer text a number counts something: "2 indoor motors and 1 outdoor motor".
        short = len(spoken) <= LONGEST_POSITION and is_small_number(phrase)
        number = book.ordinals.get(phrase, int(phrase) if short else None)
        if number is not None:
            position = number if number > 0 else count + 1 + number
            if 1 <= position <= count:
                return str(position)
    hits = [
        n
        for n, label in enumerate(labels, 1)
        if meant and label and (meant <= label or label <= meant)
    ]
    if not hits and len(spoken) <= LONGEST_PICK:
        # "The outdoor one, please": a word that only one of the labels has.
        once = Counter(word for label in labels for word in label)
        hits = [
            n
            for n, label in enumerate(labels, 1)
            if any(once[word] == 1 for word in label & said_of)
            # "Today after 4 pm" is no "4 kVA": beside a number nothing else may be said.
            and (said_of <= label or any(not word.isdigit() for word in label & said_of))
        ]
    return str(hits[0]) if len(hits) == 1 else ""


def _with_digits(heard: Heard, languages: tuple[str, ...]) -> set[str]:
    """Give the words of a text, with parts as labels have them: "half inch" is "1/2 inch"."""
    meant = {word for word, _, _ in heard.said}
    if not meant.isdisjoint(part_words(languages)):
        for token in tokens(heard.text, languages):
            if token.spelt and token.value % 1:
                digits = part_in_digits(token.value)
                meant -= {word for word, _, _ in words(heard.text[token.start : token.end])}
                meant |= {word for word, _, _ in words(digits)}
    return meant


def _proposed(book: Book, session: Session, pending: Pending, heard: Heard) -> str:
    """Read a yes or a no to an address with its slip mended: the mended one, or as it was typed."""
    if len({label.partition("@")[0] for label in pending.labels}) > 1 or len(pending.labels) != 2:
        return ""
    return {"yes": "1", "no": "2"}.get(yes_no_of(book, session, heard.text), "")


def _line(book: Book, session: Session, pending: Pending, heard: Heard) -> str:
    """Read what is open about a line: one of several products, a quantity, or to leave it out."""
    found = ""
    if pending.text in WHICH:
        found = _among(book, session, pending, heard) or _candidate(book, session, pending, heard)
    else:
        read = book.number.reader.read(
            heard.text, hearing_of(book.number, book, session, 0, asked=True)
        )
        numbers = [one.value for one in read if isinstance(one, Read)]
        # In a longer text a number may be anything: a phone number, a part of an address.
        short = len(heard.said) <= LONGEST_QUANTITY and "@" not in heard.text
        found = f"={numbers[0]}" if len(numbers) == 1 and short and numbers[0] < MOST else ""
    if found:
        return found
    meaning = yes_no_of(book, session, heard.text)
    if meaning == "yes" and len(pending.candidates) == 1:
        return "1"
    # "Leave it out, no other": the first words say it.
    first = words(_SIGN.split(heard.text, maxsplit=1)[0])
    short = len(first) <= LONGEST_DROP
    dropped = drops_it_all(book, session, heard) and not book.command_words.whole(heard.said)
    if meaning == "no" or dropped or (short and book.left_out.find(first)):
        return _left_out(book, session, pending, first)
    return ""


def _how_many(book: Book, session: Session, pending: Pending, heard: Heard) -> str:
    """Read "i need 12 of them" as the quantity of the one product that was asked about."""
    if heard.text.rstrip().endswith("?"):
        return ""
    hearing = hearing_of(book.number, book, session, 0, asked=True)
    read = [one for one in book.number.reader.read(heard.text, hearing) if isinstance(one, Read)]
    if len(read) != 1 or not 0 < read[0].value < MOST:
        return ""
    plain = small_words((session.language or book.languages[0],)) | book.small_words
    rest = words(without(heard.text, read[0].start, read[0].end))
    return f"={read[0].value}" if all(word in plain for word, _, _ in rest) else ""


def _among(book: Book, session: Session, pending: Pending, heard: Heard) -> str:
    """Read "not the 3 kva" and "4 or 5": what is left of several products, to be asked again."""
    languages = (session.language or book.languages[0],)
    refused, joined = word_set(languages, "not"), word_set(languages, "ranges")
    labels = [{word for word, _, _ in words(label)} for label in pending.labels]
    once = Counter(word for label in labels for word in label)
    hits: dict[bool, list[int]] = {False: [], True: []}  # whether it stands behind a "not"
    negated = either = False
    for word, _, _ in heard.said:
        named = [n for n, label in enumerate(labels, 1) if word in label and once[word] == 1]
        # "Not the motor the wheel": what is not wanted is named first.
        negated = word in refused or (negated and not (named and hits[True] and not either))
        either = either or word in joined
        if named and named[0] not in hits[negated]:
            hits[negated].append(named[0])
    if not (hits[True] or (either and len(hits[False]) > 1)):
        return ""
    left = hits[False] or [n for n in range(1, len(labels) + 1) if n not in hits[True]]
    return str(left[0]) if len(left) == 1 else f"~{' '.join(map(str, left))}" if left else ""


def _left_out(book: Book, session: Session, pending: Pending, said: Words) -> str:
    """Tell which line is to go: the open one, unless another of the order is named."""
    languages = (session.language or book.languages[0],)
    plain = small_words(languages) | book.small_words
    verbs = {n for _, start, end in book.left_out.find(said) for n in range(start, end)}
    named = {
        singular(word)
        for n, (word, _, _) in enumerate(said)
        if n not in verbs and word not in plain
    }
    if any(word in number_words(languages) or word.isdigit() for word, _, _ in said):
        return ""  # "no, I said two pumps and four hoses"
    asked, *others = [
        {singular(word) for word, _, _ in words(line["name"])}
        for line in (pending.value[pending.line], *pending.value)
    ]
    if named <= asked:
        return LEFT_OUT
    meant = [place for place, line in enumerate(others) if named <= line]
    return f"-{meant[0]}" if len(meant) == 1 else ""


def drops_it_all(book: Book, session: Session, heard: Heard) -> bool:
    """Tell whether a short text says "leave it be" or "scrap that" in words no command has."""
    if len(heard.said) > LONGEST_LEFT_OUT:
        return False
    language = session.language or book.languages[0]
    between = heard.text[heard.said[0][2] : heard.said[1][1]] if len(heard.said) > 1 else ","
    if heard.said and heard.said[0][0] in word_set((language,), "not") and between.isspace():
        return False  # "dont cancel it"
    # "Leave it out" is said of a line; "leave it" of everything, too.
    one = book.left_out.whole(heard.said) is not None and book.skips.whole(heard.said) is None
    return not one and yes_no_of(book, session, heard.text) == "cancel"


def is_small_number(word: str) -> bool:
    """Tell a number that may be a position among choices."""
    # Two digits: nobody is offered a hundred things, and a phone number is no position.
    return len(word) <= 2 and word.isascii() and word.isdigit()
