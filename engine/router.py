"""What does this text mean NOW: one reading of a message against where the session stands.

The order of meaning is the design's: pending question, the state's own choice, a whole-message
command, values, corrections, questions, the start of a flow. Nothing here changes anything.
"""

from __future__ import annotations

__all__ = ["is_aside", "understand"]

import re
from collections import Counter
from itertools import pairwise

from engine.language.book import Book, Choose, Collect, Flow, State, Topic
from engine.meaning import Heard, Words
from engine.ordering import LEFT_OUT, MOST, WHICH
from engine.prompts import open_slots
from engine.readers.conditions import has_condition, without_conditions
from engine.readers.folding import singular, words
from engine.readers.lexicon import word_set
from engine.readers.product_words import number_words, small_words
from engine.readers.reading import Read
from engine.readers.waiting import asks_to_wait
from engine.session import Pending, Session
from engine.slot_reading import (
    REACHED,
    SlotReader,
    Topics,
    hearing_of,
    named_slot,
    ordered_goods,
    read_free,
    read_start,
    without,
    yes_no_of,
)

# Words: longer messages say something.
LONGEST_SMALL_TALK = 8
LONGEST_LEFT_OUT = 4
LONGEST_POSITION = 3
LONGEST_PICK = 6
LONGEST_QUANTITY = 5
LONGEST_DROP = 6
_SIGN = re.compile(r"[,.;!?\n](?!\d)")
_QUESTION = re.compile(r"[^.!?\n]*\?")


def understand(book: Book, session: Session, text: str, at: int, *, answers: bool) -> Heard:
    """Read a text; `answers` is whether it can answer the question that stands open."""
    said = words(text)
    heard = Heard(text=text, said=said, seen=answers)
    pending = session.pending if answers else None
    if pending is not None:
        heard.answer = _answer(book, session, pending, heard)
        if heard.answer:
            return heard
    if not session.frames:
        _idle(book, session, heard, at)
        return heard
    flow = book.flows[session.frames[-1].flow]
    state = flow.states[session.frames[-1].state]
    if is_aside(book, session) and _starts_by_value(book, session, heard, at):
        return heard
    reader = SlotReader(book, session, heard, at)
    reader.changing = _change_asked(pending)
    labelled = isinstance(state, Choose) and state.answers.whole(said) is not None
    if not labelled and asks_to_wait(said) and not _command(book, flow, said):
        heard.waits = True
    elif isinstance(state, Choose):
        _at_choices(flow, state, heard, reader)
    else:
        heard.command = _command(book, flow, said)
        if not heard.command:
            reader.cue = bool(said) and bool(book.cues.find(said))
            _in_flow(flow, state, heard, reader)
    dropped = reader.empties or (heard.missed and _drops_it_all(book, session, heard))
    heard.waits = heard.waits or (heard.missed and asks_to_wait(said, whole=False))
    if dropped and not flow.lacks("cancel"):
        heard.command = "cancel"  # which asks first
    return heard


def is_aside(book: Book, session: Session) -> bool:
    """Tell whether all that is open is a flow that otherwise interrupts: nobody is held to it."""
    return len(session.frames) == 1 and book.flows[session.frames[0].flow].interrupts


def _drops_it_all(book: Book, session: Session, heard: Heard) -> bool:
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


def _at_choices(flow: Flow, state: Choose, heard: Heard, reader: SlotReader) -> None:
    """Read a text at choices: with a cue it may correct, though it begins with "no"."""
    book, session = reader.book, reader.session
    plain = words(without_conditions(heard.text, book.languages))
    named = reader.names_goods(flow)
    # "No filters" is about filters, and refuses nothing else.
    reader.cue = named or (bool(plain) and bool(book.cues.find(plain)))
    # "Yes but make it 18", "12 sensors, yes": a number beside a decision changes something.
    counted = any(word.isdigit() for word, _, _ in heard.said)
    if len(heard.said) == 1 and counted:  # "2" is the second choice, "19" none of three
        word = heard.said[0][0]
        counted = not _is_small_number(word) or len(state.choices) < int(word)
    reader.cue = reader.cue or counted
    correcting = reader.cue or reader.changing is not None
    if correcting and _in_flow(flow, state, heard, reader):
        return
    if heard.seen:
        # "Ok" answers the question that was put last: never the choices behind one of ours.
        bare = session.pending is None
        heard.choice = _choice(book, session, state, heard, bare=bare, named=named)
        if heard.choice is not None:
            topics = book.topics.find(heard.said)
            heard.questions = [name for (kind, name, _), _, _ in topics if kind == "faq"]
            return
    heard.command = _command(book, flow, heard.said)
    if heard.command:
        return
    if correcting:
        _rest(reader, flow, heard.text, (), open_text=False)
    else:
        _in_flow(flow, state, heard, reader)


# -- the engine's own questions, the state's choices, commands -------------------------------------


def _change_asked(pending: Pending | None) -> Pending | None:
    return pending if pending is not None and pending.kind in {"change", "value"} else None


def _answer(book: Book, session: Session, pending: Pending, heard: Heard) -> str:
    """Read the answer to a pending question; empty when the text is something else."""
    if pending.kind == "unclear":
        if _says_more(book, session, pending, heard):
            return ""
        return _candidate(book, pending, heard.said) or _proposed(book, session, pending, heard)
    if pending.kind == "line":
        return _line(book, session, pending, heard)
    if pending.kind == "leave":
        dropped = "leave" if _drops_it_all(book, session, heard) else ""
        return book.leaves.whole(heard.said) or dropped
    if pending.kind in {"change", "value"}:
        return "no" if _is_bare_no(book, session, heard) else ""
    if book.command_words.whole(heard.said) == pending.kind:
        return "yes"  # saying it again confirms it
    meaning = yes_no_of(book, session, heard.text)
    if len(heard.said) > 2 and any(word.isdigit() for word, _, _ in heard.said):
        return ""  # "ok, new list: 60 m cable": not what was asked
    if meaning == "cancel":
        return "yes" if pending.kind == "cancel" else "no"
    return meaning if meaning in {"yes", "no"} else ""


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


def _candidate(book: Book, pending: Pending, said: Words) -> str:
    """Read "the second one", "2" or a label as the number of a candidate."""
    spoken = [word for word, _, _ in said]
    count = len(pending.labels)
    meant = set(spoken)
    labels = [{word for word, _, _ in words(label)} for label in pending.labels]
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
        short = len(spoken) <= LONGEST_POSITION and _is_small_number(phrase)
        number = book.ordinals.get(phrase, int(phrase) if short else None)
        if number is not None:
            position = number if number > 0 else count + 1 + number
            if 1 <= position <= count:
                return str(position)
    hits = [n for n, label in enumerate(labels, 1) if meant and (meant <= label or label <= meant)]
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


def _proposed(book: Book, session: Session, pending: Pending, heard: Heard) -> str:
    """Read a yes or a no to an address with its slip mended: the mended one, or as it was typed."""
    if len({label.partition("@")[0] for label in pending.labels}) > 1 or len(pending.labels) != 2:
        return ""
    return {"yes": "1", "no": "2"}.get(yes_no_of(book, session, heard.text), "")


def _line(book: Book, session: Session, pending: Pending, heard: Heard) -> str:
    """Read what is open about a line: one of several products, a quantity, or to leave it out."""
    found = ""
    if pending.text in WHICH:
        found = _among(book, session, pending, heard) or _candidate(book, pending, heard.said)
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
    dropped = _drops_it_all(book, session, heard) and not book.command_words.whole(heard.said)
    if meaning == "no" or dropped or (short and book.left_out.find(first)):
        return _left_out(book, session, pending, first)
    return ""


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


def _is_small_number(word: str) -> bool:
    # Two digits: nobody is offered a hundred things, and a phone number is no position.
    return len(word) <= 2 and word.isascii() and word.isdigit()


def _choice(
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
    if len(heard.said) == 1 and _is_small_number(heard.said[0][0]):
        number = int(heard.said[0][0])
        if 1 <= number <= len(state.choices):
            return number - 1
    # "Ok thanks", after an answer to a question, confirms nothing.
    if state.means and bare and not _only_polite(book, heard.said):
        meaning = _decision(book, session, heard.text) or _last_word(book, session, heard, named)
        if (named or re.search(r"\d", heard.text)) and meaning in {"no", "cancel"}:
            return None  # "no, 450 metres" refuses no order
        if meaning != "yes" or _says_what_is_known(session, heard):
            return state.means.get(meaning)
    return None


def _by_label(book: Book, session: Session, state: Choose, heard: Heard) -> tuple[int, bool] | None:
    """Read "ok leave it" as the one label that begins so, and whether it is denied: "dont ..."."""
    said = heard.said
    if len(said) > LONGEST_LEFT_OUT:
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
    _, _, taken = _pleasantries(book, said)
    return bool(taken) and all(
        n in taken or word in book.polite_words for n, (word, _, _) in enumerate(said)
    )


def _command(book: Book, flow: Flow | None, said: Words) -> str:
    command = book.command_words.whole(said)
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


# -- inside a flow ---------------------------------------------------------------------------------


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
    _rest(reader, flow, rest, open_now, open_text=open_text)
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


def _rest(
    reader: SlotReader, flow: Flow, rest: str, open_now: tuple[str, ...], *, open_text: bool
) -> None:
    """Look for questions and for the start of another flow in what no reader took."""
    book, heard = reader.book, reader.heard
    topics = reader.topics
    left = heard.said
    if topics is None and heard.fills:
        left = words(rest)
    if topics is None and open_text and not rest.rstrip().endswith("?"):
        # An open text slot takes anything but a whole question or start phrase.
        topic = book.topics.whole(left)
        topics = [] if topic is None else [(topic, 0, len(left))]
    elif topics is None:
        topics = book.topics.find(left)
    asks = not flow.lacks("question")
    for (kind, name, _), _, _ in sorted(topics, key=_place) if topics else ():
        if kind == "faq":
            if asks:
                heard.questions.append(name)
        # Filling the open slot is going on; but a flow that only interrupts does not end it.
        elif name != flow.name and (book.flows[name].interrupts or not _answers(heard, open_now)):
            heard.start = heard.start or name
    if left and not (heard.fills or heard.unclear or heard.questions or heard.start):
        _small_talk(book, heard)
        # The phrase of the flow that is active is no miss: the question is put again.
        heard.greets = heard.greets or any(topic[1] == flow.name for topic, _, _ in topics)


def _answers(heard: Heard, open_now: tuple[str, ...]) -> bool:
    return any(one.slot in open_now for one in heard.fills)


def _place(hit: tuple[Topic, int, int]) -> int:
    return hit[1]


def _pleasantries(book: Book, said: Words) -> tuple[Topics, list[tuple[str, int, int]], set[int]]:
    """Find greetings and thanks, the bot's own before ours, and the words they take up."""
    topics = book.small_talk.find(said)
    greetings = [] if topics else book.greetings.find(said)
    taken = {n for _, first, end in [*topics, *greetings] for n in range(first, end)}
    return topics, greetings, taken


def _small_talk(book: Book, heard: Heard) -> None:
    """A greeting or a thank-you: the bot's own answer to it, or none."""
    said = heard.said
    if len(said) > LONGEST_SMALL_TALK:
        return
    topics, greetings, taken = _pleasantries(book, said)
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
    heard.thanks = any(kind == "thanks" for kind, _, _ in greetings)


# -- while no flow is active -----------------------------------------------------------------------


def _idle(book: Book, session: Session, heard: Heard, at: int) -> None:
    heard.command = _command(book, None, heard.said)
    if heard.command:
        return
    if asks_to_wait(heard.said):
        heard.waits = True
        return
    topics = book.topics.find(heard.said)
    if topics:
        _note_topics(heard, topics)
    if (
        heard.start
        and has_condition(heard.text, book.languages)
        and _starts_by_value(book, session, heard, at)
    ):
        return  # "30 motors, call me if in doubt" asks for motors
    if heard.start:
        heard.start_fills = read_start(book, session, heard.start, heard.text, at)
    elif not _starts_by_value(book, session, heard, at) and not heard.questions:
        _small_talk(book, heard)
        if not heard.greets:
            _starts_by_goods(book, session, heard, at)


def _note_topics(heard: Heard, topics: Topics) -> None:
    # The longest phrase decides which flow is meant; questions are answered in their order.
    heard.start = next((name for (kind, name, _), _, _ in topics if kind == "flow"), "")
    heard.questions = [
        name for (kind, name, _), _, _ in sorted(topics, key=_place) if kind == "faq"
    ]
    languages = {topic[2] for topic, _, _ in topics}
    heard.language = languages.pop() if len(languages) == 1 else ""


def _starts_by_value(book: Book, session: Session, heard: Heard, at: int) -> bool:
    """Find a flow that starts by what the message contains; each kind of value is read once."""
    if not book.when_groups:
        return False
    values = read_free(book, session, book.when_groups, heard.text, at)
    for when in book.whens if values else ():
        slots = {slot: values[kind] for slot, kind in when.slots if kind in values}
        if slots and when.guard(slots):
            heard.start = when.flow
            groups = book.flows[when.flow].groups
            heard.start_fills = read_free(
                book, session, groups, heard.text, at, known=values, doubts=True
            )
            return True
    return False


def _starts_by_goods(book: Book, session: Session, heard: Heard, at: int) -> None:
    """Start an order of goods that are not sold, so that they are asked about: "need 10 spoons"."""
    for group in book.when_groups:
        lines = ordered_goods(book, session, group, heard.text, at)
        for when in book.whens if lines else ():
            slots = {slot: lines for slot, kind in when.slots if kind == group.source}
            if slots and when.guard(slots):
                heard.start = when.flow
                groups = book.flows[when.flow].groups
                known = {group.source: lines}
                heard.start_fills = read_free(
                    book, session, groups, heard.text, at, known=known, doubts=True
                )
                return
