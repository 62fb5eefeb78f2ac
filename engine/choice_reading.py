"""The choice a state offers, by its label, its number or its meaning; and the commands."""

from __future__ import annotations

__all__ = ["read_choice", "read_command"]

import re
from itertools import pairwise

from engine.answer_reading import is_small_number
from engine.hearing import yes_no_of
from engine.language.book import Book, Flow
from engine.language.states import Choose
from engine.meaning import Heard, Words
from engine.readers.clauses import without
from engine.readers.conditions import without_conditions
from engine.readers.folding import words
from engine.readers.lexicon import word_set
from engine.session import Session
from engine.small_talk import LONGEST_SMALL_TALK, pleasantries

LONGEST_LABELLED = 4  # words: a longer message says more than a label
_QUESTION = re.compile(r"[^.!?\n]*\?")


def read_choice(
    book: Book, session: Session, state: Choose, heard: Heard, *, bare: bool, named: bool
) -> int | None:
    """Read a label, its words, its number or its meaning; `named`: beside some goods."""
    position = state.answers.whole(heard.said)
    if position is not None:
        return position
    labelled = _by_label(book, session, state, heard)
    if labelled is not None:
        place, denied = labelled
        return None if denied else place
    if len(heard.said) == 1 and is_small_number(heard.said[0][0]):
        number = int(heard.said[0][0])
        if 1 <= number <= len(state.choices):
            return number - 1
    # "Ok thanks", after an answer to a question, confirms nothing.
    if state.means and bare and not _only_polite(book, heard.said):
        meaning = _decision(book, session, heard.text) or _last_word(book, session, heard, named)
        if (named or re.search(r"\d", heard.text)) and meaning in {"no", "cancel"}:
            return None  # "no, 450 metres" refuses no order
        # "Yes but drop the relays" agrees to another order than this one.
        drops = any(topic == "drops" for topic, _, _ in book.cues.find(heard.said))
        if meaning != "yes" or (_says_what_is_known(session, heard) and not drops):
            return state.means.get(meaning)
    return None


def _by_label(book: Book, session: Session, state: Choose, heard: Heard) -> tuple[int, bool] | None:
    """Read "ok leave it" as the one label that begins so, and whether it is denied: "dont ..."."""
    said = heard.said
    if len(said) > LONGEST_LABELLED:
        return None
    language = session.language or book.languages[0]
    pairs = [(one, other) for (one, _, _), (other, _, _) in pairwise(said)]
    begins = [
        (place, tuple(word for word, _, _ in words(label)[:2]))
        for place, (_, label) in enumerate(state.shown[language])
    ]
    found = [(place, pairs.index(begin)) for place, begin in begins if begin in pairs]
    if len(found) != 1:
        return None
    place, at = found[0]
    negated = at > 0 and said[at - 1][0] in word_set((language,), "not")
    return place, negated and heard.text[said[at - 1][2] : said[at][1]].isspace()


def _says_what_is_known(session: Session, heard: Heard) -> bool:
    """Tell whether each number beside a yes stands in the values: "yes, 20", but not "yes, 15"."""
    numbers = [word for word, _, _ in heard.said if word.isdecimal()]
    values = [str(value) for frame in session.frames for value in frame.slots.values()]
    return all(re.search(rf"(?<!\d)0*{n}(?!\d)", " ".join(values)) for n in numbers)


def _decision(book: Book, session: Session, text: str) -> str:
    """Read a yes or a no, not out of a question beside it, nor out of "that's all"."""
    outside = without_conditions(_QUESTION.sub(" ", text), book.languages)
    text = outside if outside.strip() else text
    said = words(text)
    for _, first, end in book.enough.find(said):
        text = without(text, said[first][1], said[end - 1][2])
    return yes_no_of(book, session, text)


def _last_word(book: Book, session: Session, heard: Heard, named: bool) -> str:  # noqa: FBT001
    """Read the yes at the end: "she will collect it. Yes, please", "12 relays, yes"."""
    signs = r"[,.!;\n]" if named else r"[.!;\n]"
    pieces = [one for one in re.split(signs, heard.text) if one.strip()]
    if len(pieces) < 2 or _only_polite(book, words(pieces[-1])):
        return ""
    return "yes" if yes_no_of(book, session, pieces[-1]) == "yes" else ""


def _only_polite(book: Book, said: Words) -> bool:
    """Tell "ok thanks" and "hello sir" from "yes thanks"."""
    _, _, taken = pleasantries(book, said)
    return bool(taken) and all(
        n in taken or word in book.polite_words for n, (word, _, _) in enumerate(said)
    )


def read_command(book: Book, flow: Flow | None, said: Words) -> str:
    """Read a command that works here; empty when the text is none."""
    command = book.command_words.whole(said)
    if command is None and _asks_for_a_person(book, said):
        command = "person"
    if command is None and flow is not None and said:
        command = _command_with_title(book, flow, said)
    if command is None:
        return ""
    name = command.partition(":")[0]
    return "" if flow is not None and flow.lacks(name) else command


def _command_with_title(book: Book, flow: Flow, said: Words) -> str | None:
    """Read "cancel my bulk order": the word, and the flow's own name behind it."""
    if flow.own_words.isdisjoint([word for word, _, _ in said]):
        return None
    for command, first, end in book.command_words.find(said):
        others = [word for word, _, _ in said[:first] + said[end:]]
        own = [word for word in others if word in flow.own_words]
        if own and command in {"cancel", "restart"}:
            small = book.small_words | {"my", "the", "this", "el", "la", "mi"}
            if all(word in small for word in others if word not in own):
                return command
    return None


def _asks_for_a_person(book: Book, said: Words) -> bool:
    """Read "let me talk to a human": words of the command, and beside them nothing that says more."""
    if not 2 < len(said) <= LONGEST_SMALL_TALK:
        return False
    found = [hit for hit in book.command_words.find(said) if hit[2] - hit[1] > 1]
    if len(found) != 1 or found[0][0] != "person":
        return False
    _, first, end = found[0]
    others = {word for word, _, _ in said[:first] + said[end:]}
    refused = word_set(book.languages, "not")
    return others <= book.small_words - refused and not book.topics.find(said)
