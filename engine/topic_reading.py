"""Questions and start phrases in a text: where they stand, and what they ask for."""

from __future__ import annotations

__all__ = ["TopicReader", "asked", "note_topics"]

from engine.hearing import hearing_of
from engine.language.book import Book, Flow, Topic
from engine.language.slot import Group
from engine.meaning import Heard, Topics, Words
from engine.readers.clauses import uncounted_clause, without
from engine.readers.folding import words
from engine.readers.lexicon import word_set
from engine.session import Session
from engine.small_talk import read_small_talk


class TopicReader:
    """Looks for them inside a flow, once: before the readers that take any words, or behind all."""

    __slots__ = ("_found", "_looked_in", "_spans", "at", "book", "heard", "session")

    def __init__(self, book: Book, session: Session, heard: Heard, at: int) -> None:
        self.book = book
        self.session = session
        self.heard = heard
        self.at = at
        self._found: Topics | None = None  # once looked for
        self._looked_in: Words = heard.said  # where they were looked for
        # Where they stand, with a question's words.
        self._spans: list[tuple[int, int, frozenset[str], bool]] = []

    def without_topics(self, group: Group, text: str) -> str:
        """Take questions and start phrases out before readers that would take any words.

        A reader of products sees what asks for something: "how much are 2 fans" orders none.
        """
        if self._found is None:
            said = self.heard.said if text == self.heard.text else words(text)
            self._found = self.book.topics.find(said)
            self._looked_in = said
            here = {frame.flow for frame in self.session.frames}
            for (_, name, _), first, end in self._found:
                if end - first > 1:  # a single word may be a part of a name or a product
                    spoken = frozenset(word for word, _, _ in said[first:end])
                    span = said[first][1], said[end - 1][2]
                    self._spans.append((*span, spoken, name not in here))
        hearing = hearing_of(group, self.book, self.session, self.at, asked=False)
        asks = word_set(hearing.languages, "asks") if hearing.catalogue else frozenset()
        for start, end, question, aside in self._spans:
            if question.isdisjoint(asks):
                span = start, end
                if aside and group.kind == "items":
                    span = uncounted_clause(text, start, end, hearing.languages)
                text = without(text, *span)
        return text

    def read_rest(
        self, flow: Flow, rest: str, open_now: tuple[str, ...], *, open_text: bool
    ) -> None:
        """Look for questions and for the start of another flow in what no reader took."""
        book, heard = self.book, self.heard
        topics = self._found
        left = heard.said
        looked_in = self._looked_in
        if topics is None and heard.fills:
            left = looked_in = words(rest)
        if topics is None and open_text and not rest.rstrip().endswith("?"):
            # An open text slot takes anything but a whole question or start phrase.
            topic = book.topics.whole(left)
            topics = [] if topic is None else [(topic, 0, len(left))]
        elif topics is None:
            topics = book.topics.find(left)
        asks = not flow.lacks("question")
        for (kind, name, _), first, end in sorted(topics, key=_place) if topics else ():
            if kind == "faq":
                if asks and name not in heard.questions:
                    heard.questions.append(name)
            # Filling the open slot is going on; but a flow that only interrupts does not end it.
            elif name != flow.name and (
                book.flows[name].interrupts or not _answers(heard, open_now)
            ):
                heard.start = heard.start or _by_phrase(heard, name, looked_in[first:end])
        if left and not (heard.fills or heard.unclear or heard.questions or heard.start):
            read_small_talk(book, heard)
            # The phrase of the flow that is active is no miss: the question is put again.
            heard.greets = heard.greets or any(topic[1] == flow.name for topic, _, _ in topics)


def note_topics(heard: Heard, topics: Topics) -> None:
    """Note what a text asks for while no flow is active."""
    # The longest phrase decides which flow is meant; questions are answered in their order.
    for (kind, name, _), first, end in topics:
        if kind == "flow" and not heard.start:
            heard.start = _by_phrase(heard, name, heard.said[first:end])
    heard.questions = asked(topics)
    languages = {topic[2] for topic, _, _ in topics}
    heard.language = languages.pop() if len(languages) == 1 else ""


def asked(topics: Topics) -> list[str]:
    """Name the questions in their order; who asks one in two ways gets one answer."""
    named = (name for (kind, name, _), _, _ in sorted(topics, key=_place) if kind == "faq")
    return list(dict.fromkeys(named))


def _by_phrase(heard: Heard, name: str, phrase: Words) -> str:
    heard.start_by, heard.found = "phrase", [word for word, _, _ in phrase]
    return name


def _answers(heard: Heard, open_now: tuple[str, ...]) -> bool:
    return any(one.slot in open_now for one in heard.fills)


def _place(hit: tuple[Topic, int, int]) -> int:
    return hit[1]
