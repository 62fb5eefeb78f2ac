"""The commands that work everywhere: cancel, back, restart, person, help, question, language."""

from __future__ import annotations

__all__ = ["command", "confirmed", "hand_over"]

from collections.abc import Callable

from engine.draft import Draft, Prompt
from engine.frame import Pending
from engine.hours import is_open
from engine.language.book import Command
from engine.language.states import Do
from engine.progress import abandon, announce, enter, leave_interruption, start
from engine.undoing import back


def command(draft: Draft, name: str) -> None:
    """Do what a whole-message command says."""
    name, _, argument = name.partition(":")
    own = draft.flow.commands.get(name) if draft.session.frames else None
    usual = draft.book.commands[name]
    here = usual
    if own is not None:
        here = Command(own.ask or usual.ask, own.say or usual.say, usual.nothing, own.go)
    if name not in {"language", "person"}:
        draft.close()
    _COMMANDS[name](draft, here, argument)


def _cancel(draft: Draft, here: Command, argument: str) -> None:
    _ask_first(draft, "cancel", here)


def _restart(draft: Draft, here: Command, argument: str) -> None:
    _ask_first(draft, "restart", here)


def _ask_first(draft: Draft, name: str, here: Command) -> None:
    if not draft.session.frames:
        draft.tell(here.nothing or draft.book.texts["nothing_open"])
        return
    draft.open(Pending(name))


def confirmed(draft: Draft, name: str) -> None:
    """Do what was asked first: cancel or restart."""
    own = draft.flow.commands.get(name)
    say = (own.say if own else None) or draft.book.commands[name].say
    outermost = draft.session.frames[0].flow
    title = _title(draft)
    draft.close()
    if own is not None and own.go:
        draft.tell(own.say, flow=title)  # the state has words of its own
        enter(draft, own.go)
    elif name == "cancel":
        draft.tell(say or draft.book.texts["cancelled"], flow=title)
        abandon(draft)
    else:
        abandon(draft)
        draft.tell(say or draft.book.texts["restarted"], flow=title)
        start(draft, outermost, {})


def _back(draft: Draft, here: Command, argument: str) -> None:
    if not draft.session.frames:
        draft.tell_built_in("nothing_open")
    elif here.go:
        enter(draft, here.go)
    elif leave_interruption(draft) or back(draft):
        draft.tell(here.say or draft.book.texts["went_back"], flow=_title(draft))
    else:
        draft.tell(here.nothing or draft.book.texts["nothing_back"])
        draft.prompt = Prompt.REPEAT


def _title(draft: Draft) -> str:
    return draft.word(draft.book.flows[draft.session.frames[0].flow].title)


def _person(draft: Draft, here: Command, argument: str) -> None:
    session = draft.session
    own = here.go or ("person" if session.frames and "person" in draft.flow.states else "")
    if own and not isinstance(draft.state, Do):
        enter(draft, own)
        return
    hand_over(draft, here)


def hand_over(draft: Draft, here: Command) -> None:
    """Give the whole conversation to a person, wherever it stands."""
    session = draft.session
    desk = draft.book.desks.get(draft.book.desk)
    if desk is None:
        draft.tell_built_in("no_person")
        draft.prompt = Prompt.REPEAT
        return
    announce(draft, desk.say or here.say)
    if not is_open(draft.book, draft.at):
        # The desk reads it when it opens; until then the bot goes on talking.
        draft.notify(desk.name, "asked for a person while closed")
        draft.prompt = Prompt.REPEAT
        return
    session.mode = "manual"
    session.asking = None
    draft.prompt = Prompt.NONE
    draft.notify(desk.name, "asked for a person")
    session.nobody_at = draft.at + desk.nobody_after if desk.nobody_after else None


def _help(draft: Draft, here: Command, argument: str) -> None:
    draft.tell(here.say)
    draft.prompt = Prompt.REPEAT


def _question(draft: Draft, here: Command, argument: str) -> None:
    draft.tell(here.say)


def _language(draft: Draft, here: Command, argument: str) -> None:
    if argument:
        draft.session.language = argument
        name = draft.book.language_names[argument]
        draft.tell_built_in("language_set", language=name)
    else:
        names = list(draft.book.language_names.values())
        draft.say(draft.word(here.say, {"languages": draft.join(names, "or")}) if here.say else "")
    draft.prompt = Prompt.REPEAT


_COMMANDS: dict[str, Callable[[Draft, Command, str], None]] = {
    "cancel": _cancel,
    "back": _back,
    "restart": _restart,
    "person": _person,
    "help": _help,
    "question": _question,
    "language": _language,
}
