"""Greetings, thanks and nods: what is no more than that."""

from __future__ import annotations

__all__ = ["LONGEST_SMALL_TALK", "left_for_text", "pleasantries", "read_small_talk"]

from engine.hearing import yes_no_of
from engine.language.book import Book
from engine.meaning import Heard, Topics, Words
from engine.readers.folding import words
from engine.session import Session

LONGEST_SMALL_TALK = 8  # words: longer messages say something


def pleasantries(book: Book, said: Words) -> tuple[Topics, list[tuple[str, int, int]], set[int]]:
    """Find greetings and thanks, the bot's own before ours, and the words they take up."""
    topics = book.small_talk.find(said)
    greetings = [] if topics else book.greetings.find(said)
    taken = {n for _, first, end in [*topics, *greetings] for n in range(first, end)}
    return topics, greetings, taken


def read_small_talk(book: Book, heard: Heard) -> None:
    """A greeting or a thank-you: the bot's own answer to it, or none."""
    said = heard.said
    if len(said) > LONGEST_SMALL_TALK:
        return
    topics, greetings, taken = pleasantries(book, said)
    if not taken:
        return
    others = [said[n][0] for n in range(len(said)) if n not in taken]
    if others and heard.text.rstrip().endswith("?"):
        return  # "hello?" is a greeting, "hi, open?" asks something
    unknown = [word for word in others if word not in book.small_words]
    # "Ok thank you so much, Jaya" is thanks; "thanks, cancel" and "hi 12 fans" are not only that.
    if len(unknown) > 1 or any(not word.isalpha() for word in unknown):
        return
    if any(book.command_words.whole([(word, 0, 0)]) for word in unknown):
        return
    heard.questions = list(dict.fromkeys(topic[1] for topic, _, _ in topics))[:1]
    heard.greets = True
    kinds = {kind for kind, _, _ in greetings}
    heard.courtesy = next((kind for kind in ("thanks", "goodbye") if kind in kinds), "")


def left_for_text(book: Book, session: Session, heard: Heard, rest: str) -> str:
    """Return what is left for free text: nothing where only labels, cues or a nod are left."""
    if not heard.fills:
        return "" if _nods(book, session, heard) else rest
    if all(word in book.small_words for word, _, _ in words(rest)):
        return ""
    return ", ".join(part for piece in rest.split(",") if (part := piece.strip()))


def _nods(book: Book, session: Session, heard: Heard) -> bool:
    """Tell whether the text is "ok", "thanks" or a thumb: nothing that free text could mean."""
    said = heard.said
    if not said or book.greetings.whole(said) is not None:
        return True
    if len(said) > 3:
        return False
    return yes_no_of(book, session, heard.text) == "yes"
