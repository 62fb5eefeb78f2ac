"""What does this text mean NOW: one reading of a message against where the session stands.

The order of meaning is the design's: pending question, the state's own choice, a whole-message
command, values, corrections, questions, the start of a flow. Nothing here changes anything.
"""

from __future__ import annotations

__all__ = ["is_aside", "understand"]

from engine.answer_reading import drops_it_all, is_small_number, read_answer
from engine.choice_reading import read_choice, read_command
from engine.first_message import read_start, starts_by_goods, starts_by_value
from engine.frame import Pending
from engine.goods import names_goods
from engine.hearing import yes_no_of
from engine.labels import named_slot
from engine.language.book import Book, Flow
from engine.language.states import Choose, Collect, State
from engine.meaning import Heard
from engine.prompts import open_slots
from engine.readers.conditions import has_condition, without_conditions
from engine.readers.folding import words
from engine.readers.waiting import asks_to_wait
from engine.session import Session
from engine.slot_reading import SlotReader
from engine.small_talk import read_small_talk
from engine.topic_reading import asked, note_topics


def understand(book: Book, session: Session, text: str, at: int, *, answers: bool) -> Heard:
    """Read a text; `answers` is whether it can answer the question that stands open."""
    said = words(text)
    heard = Heard(text=text, said=said, seen=answers)
    pending = session.pending if answers else None
    if pending is not None:
        heard.answer = read_answer(book, session, pending, heard)
        if heard.answer:
            return heard
    if not session.frames:
        _idle(book, session, heard, at)
        return heard
    flow = book.flows[session.frames[-1].flow]
    state = flow.states[session.frames[-1].state]
    if _is_for_another(book, session, state, heard, at):
        return heard
    reader = SlotReader(book, session, heard, at)
    reader.changing = _change_asked(pending)
    labelled = isinstance(state, Choose) and state.answers.whole(said) is not None
    if not labelled and asks_to_wait(said) and not read_command(book, flow, said):
        heard.waits = True
    elif isinstance(state, Choose):
        _at_choices(flow, state, heard, reader)
    else:
        heard.command = read_command(book, flow, said)
        if not heard.command:
            reader.cue = bool(said) and bool(book.cues.find(said))
            _in_flow(flow, state, heard, reader)
    dropped = heard.empties or (heard.missed and drops_it_all(book, session, heard))
    heard.waits = heard.waits or (heard.missed and asks_to_wait(said, whole=False))
    if dropped and not flow.lacks("cancel"):
        heard.command = "cancel"  # which asks first
    return heard


def _is_for_another(book: Book, session: Session, state: State, heard: Heard, at: int) -> bool:
    """Tell whether a text is for another flow, or for the person who has just handed back."""
    if session.returned and isinstance(state, Collect):
        read_small_talk(book, heard)  # "thanks, Jaya" names that person
    return heard.greets or (is_aside(book, session) and starts_by_value(book, session, heard, at))


def is_aside(book: Book, session: Session) -> bool:
    """Tell whether all that is open is a flow that otherwise interrupts: nobody is held to it."""
    return len(session.frames) == 1 and book.flows[session.frames[0].flow].interrupts


def _at_choices(flow: Flow, state: Choose, heard: Heard, reader: SlotReader) -> None:
    """Read a text at choices: with a cue it may correct, though it begins with "no"."""
    book, session = reader.book, reader.session
    plain = words(without_conditions(heard.text, book.languages))
    named = names_goods(book, session, flow, heard.text, reader.at)
    # "No filters" is about filters, and refuses nothing else.
    reader.cue = named or (bool(plain) and bool(book.cues.find(plain)))
    # "Yes but make it 18", "12 sensors, yes": a number beside a decision changes something.
    counted = any(word.isdigit() for word, _, _ in heard.said)
    if len(heard.said) == 1 and counted:  # "2" is the second choice, "19" none of three
        word = heard.said[0][0]
        counted = not is_small_number(word) or len(state.choices) < int(word)
    reader.cue = reader.cue or counted
    correcting = reader.cue or reader.changing is not None
    if correcting and _in_flow(flow, state, heard, reader):
        return
    if heard.seen:
        # "Ok" answers the question that was put last: never the choices behind one of ours.
        bare = session.pending is None
        heard.choice = read_choice(book, session, state, heard, bare=bare, named=named)
        if heard.choice is not None:
            heard.questions = asked(book.topics.find(heard.said))
            return
    heard.command = read_command(book, flow, heard.said)
    if heard.command:
        return
    if correcting:
        reader.topics.read_rest(flow, heard.text, (), open_text=False)
    else:
        _in_flow(flow, state, heard, reader)


def _change_asked(pending: Pending | None) -> Pending | None:
    return pending if pending is not None and pending.kind in {"change", "value"} else None


def _in_flow(flow: Flow, state: State, heard: Heard, reader: SlotReader) -> bool:
    """Read values, then what is left; at choices with a cue, say only whether there was a value."""
    session = reader.session
    top = len(session.frames) - 1
    frame = session.frames[top]
    open_now = open_slots(frame, state) if isinstance(state, Collect) else ()
    open_text = "text" in [flow.slots[name].kind for name in open_now]
    rest = reader.read(flow, open_now, open_text=open_text)
    found = bool(heard.fills) or heard.unclear is not None
    if not found and (reader.cue or reader.changing is not None):
        heard.change = named_slot(reader.book, session, heard.said)
        found = heard.change is not None
    if not found and isinstance(state, Choose) and (reader.cue or reader.changing is not None):
        return False
    reader.topics.read_rest(flow, rest, open_now, open_text=open_text)
    if not heard.fills and open_now and isinstance(state, Collect) and heard.seen:
        optional = open_now[0] in state.optional and not frame.reopened
        heard.skips = optional and _declines(reader, heard, open_text=open_text)
    if open_text and not (
        heard.questions or heard.start or heard.unclear or heard.greets or heard.skips
    ):
        reader.free_text(flow, rest, open_now)
    return found


def _declines(reader: SlotReader, heard: Heard, *, open_text: bool) -> bool:
    if reader.book.skips.whole(heard.said) is not None:
        return True
    # "No nuts, please" is a wish; "no thanks" is none.
    if open_text and len(heard.said) > 3:
        return False
    return yes_no_of(reader.book, reader.session, heard.text) == "no"


def _idle(book: Book, session: Session, heard: Heard, at: int) -> None:
    heard.command = read_command(book, None, heard.said)
    if heard.command:
        return
    if asks_to_wait(heard.said):
        heard.waits = True
        return
    topics = book.topics.find(heard.said)
    if topics:
        note_topics(heard, topics)
    if (
        heard.start
        and has_condition(heard.text, book.languages)
        and starts_by_value(book, session, heard, at)
    ):
        return  # "30 motors, call me if in doubt" asks for motors
    if heard.start:
        heard.start_fills = read_start(book, session, heard.start, heard.text, at)
    elif not starts_by_value(book, session, heard, at) and not heard.questions:
        read_small_talk(book, heard)
        if not heard.greets:
            starts_by_goods(book, session, heard, at)
