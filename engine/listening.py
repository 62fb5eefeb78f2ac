"""Acting on what a text or a tap was understood as. The router says what it means; this does it."""

from __future__ import annotations

__all__ = ["hear_tap", "hear_text"]

from engine.answering import answered, answers_to, chosen
from engine.commands import command
from engine.draft import Draft, Prompt
from engine.first_message import read_free
from engine.going_on import go_on_with
from engine.language.states import Choose
from engine.meaning import Heard
from engine.offering import offer_order
from engine.readers.spoken import spoken_language
from engine.reasons import note_meaning, note_outcome, note_unanswered
from engine.router import understand
from engine.starting import start_with
from engine.told import only_told
from engine.undoing import remember


def hear_text(draft: Draft, text: str, sent_at: int, *, held: bool = False) -> None:
    """Read one text and act on it; `sent_at` tells whether its writer can have seen a question.

    A text that was `held` while an action ran counts only for what it says: by the outcome,
    a "hello??" has been answered.
    """
    session = draft.session
    if not text and not session.frames:
        draft.because("empty")
        draft.tell_built_in("empty")
        return
    _say_unsaid(draft)
    _snapshot(draft)
    before = session.pending
    _hear(draft, text, sent_at, held=held)
    offer_order(draft)
    note_outcome(draft, before)
    remember(draft, draft.before)


def _say_unsaid(draft: Draft) -> None:
    """Say how flows ended while a person talked: "your order number is ..."."""
    for text in draft.session.unsaid:
        draft.say(text)
    draft.session.unsaid = ()


def _too_late_for(draft: Draft, text: str) -> None:
    """Say that a value came too late, when it was sent while the flow's last action ran."""
    session = draft.session
    groups = draft.book.flows[draft.acted].groups if draft.acted in draft.book.flows else ()
    if not session.frames and read_free(draft.book, session, groups, text, draft.at)[0]:
        draft.tell_built_in("too_late")


def _notice_language(draft: Draft, heard: Heard) -> None:
    """Answer in the language that is clearly spoken; inside a flow it stays what it was."""
    session = draft.session
    if len(draft.book.languages) < 2 or (session.language and session.frames):
        return
    asks = bool(heard.start or heard.questions)
    spoken = spoken_language(heard.text, heard.said, draft.book.languages, asks=asks)
    if spoken or not session.language:
        session.language = spoken or heard.language


def _snapshot(draft: Draft) -> None:
    """Keep the frames as they are now, for `back` to find again."""
    draft.step += 1
    draft.filled = False
    draft.baseline = None
    if draft.step > 1 or draft.moved:
        draft.before = [frame.copy() for frame in draft.session.frames]


def _hear(draft: Draft, text: str, sent_at: int, *, held: bool) -> None:
    session = draft.session
    # A question said in this turn has not been shown yet; one said later than the text was sent
    # has not been seen either (design, I11).
    seen = session.shown is not None and sent_at >= session.shown.at
    heard = understand(draft.book, session, text, sent_at, answers=seen)
    if not session.frames and draft.unanswered:
        heard = _with_number(draft, heard, sent_at)
        text = heard.text
    _notice_language(draft, heard)
    draft.heard = text
    if session.pending is not None and session.pending.lets_go and heard.missed:
        draft.close()
    if held and (heard.missed or heard.greets or heard.waits):
        _too_late_for(draft, text)
        return
    if only_told(draft, heard, sent_at):
        draft.because("told")
        draft.noted = True
        return
    returned, session.returned = session.returned, False
    if heard.missed:
        _missed(draft, text, seen=seen, returned=returned)
        return
    draft.excused = True
    note_meaning(draft, heard)
    _act(draft, heard)


def _act(draft: Draft, heard: Heard) -> None:
    """Do what a text means."""
    if heard.answer:
        answered(draft, heard.answer)
    elif heard.choice is not None:
        for question in heard.questions:
            draft.tell(draft.book.answers[question])
        chosen(draft, heard.choice)
    elif heard.command:
        if heard.empties:
            draft.tell_built_in("nothing_left")
        command(draft, heard.command)
    elif heard.waits:
        draft.tell_built_in("declined")  # "All right."; the question stays open
    elif draft.session.frames:
        go_on_with(draft, heard)
    else:
        _idle(draft, heard)


def _with_number(draft: Draft, heard: Heard, sent_at: int) -> Heard:
    """Read "50" and "relay", a quantity and its part in two messages of one burst, as one."""
    number = draft.unanswered[-1]
    if not number.isdecimal():
        return heard
    text = f"{number} {heard.text}"
    together = understand(draft.book, draft.session, text, sent_at, answers=heard.seen)
    if not together.start_fills:
        return heard
    draft.unanswered.pop()
    note_unanswered(draft, "joined")
    return together


def hear_tap(draft: Draft, tap: str) -> None:
    """Act on a button: only the latest showing of the open question counts."""
    _say_unsaid(draft)
    _snapshot(draft)
    before = draft.session.pending
    _tap(draft, tap)
    offer_order(draft)
    note_outcome(draft, before)
    remember(draft, draft.before)


def _tap(draft: Draft, tap: str) -> None:
    session = draft.session
    where, _, seq = tap.rpartition("#")
    place, _, choice = where.rpartition(".")
    shown = session.shown
    draft.excused = True
    gone = session.pending is None and not session.frames
    if gone or shown is None or shown.place != place or str(shown.seq) != seq:
        draft.because("old_tap")
        draft.tell_built_in("old_button")
        draft.prompt = Prompt.REPEAT
        return
    if session.pending is not None:
        if choice in answers_to(session.pending):
            pending = session.pending
            draft.because("tap_answer", question=pending.kind, answer=choice, to=pending.flow)
            answered(draft, choice)
        else:
            draft.because("stray_tap")
            draft.prompt = Prompt.REPEAT
        return
    state = draft.state
    for position, one in enumerate(state.choices if isinstance(state, Choose) else ()):
        if one.id == choice:
            draft.because("tap", choice=choice)
            chosen(draft, position)
            return
    draft.because("stray_tap")
    draft.prompt = Prompt.REPEAT


def _missed(draft: Draft, text: str, *, seen: bool, returned: bool) -> None:
    session = draft.session
    if not session.frames and session.pending is None:
        draft.because("nothing")
        draft.unanswered.append(text)
    elif returned:
        # A person has just handed back: the customer may not know that the question stands again.
        draft.because("returned")
        draft.excused = True
        draft.prompt = Prompt.REPEAT
    elif seen:
        draft.because("miss")
        draft.missed = True
    else:
        draft.because("unseen")


def _idle(draft: Draft, heard: Heard) -> None:
    pending = draft.session.pending
    if pending is None or not pending.unspoken:  # "are you open today?" does not end a product
        draft.close()
    if heard.greets and not draft.session.seq and draft.book.welcome is not None:
        return  # the welcome of a new session answers a greeting
    for question in heard.questions:
        draft.tell(draft.book.answers[question])
    if heard.start:
        start_with(draft, heard.start, heard.start_fills)
    elif heard.courtesy and not heard.questions:
        draft.tell_built_in(heard.courtesy)
    elif heard.greets and not heard.questions:
        draft.tell(draft.book.welcome or draft.book.commands["help"].say)
