"""A chat in the terminal: the same player as scripts, fed line by line.

Without a terminal every line in is a message and a transcript comes out. On a terminal choices are
numbered, and a number or a label taps. A line that begins with / is an event of the script format.
"""

from __future__ import annotations

__all__ = ["HELP", "chat", "friendly_rows", "labels"]

from collections.abc import Callable, Iterable, Sequence

from engine.errors import ScriptError
from engine.play import Player
from engine.script import Block, read_event
from engine.transcript import SPEAKERS, Entry, plain, rendered, visible

HELP = """\
  /tap LABEL          press a button, also by its number or label alone
  /wait 31 minutes    let time pass
  /restart, /operator takes over, /sql down ...   anything a script's ~ line can say
  /quit               leave (or Ctrl-D)
"""


def chat(
    player: Player,
    lines: Iterable[str],
    show: Callable[[str], None],
    *,
    friendly: bool = False,
    watch: bool = False,
) -> None:
    """Talk until the lines end or one says /quit; `friendly` is for people, else a transcript."""
    offered: list[str] = []
    for number, line in enumerate(lines, start=1):
        text = line.rstrip("\r\n")
        if text.strip() in ("/quit", "/exit"):
            return
        if text.strip() in ("/help", "/?"):
            show(HELP)
            continue
        try:
            entry = _entry(text, offered if friendly else (), number)
            if not friendly:
                show("\n".join(rendered(entry)))
            outputs = player.play(Block((entry,)))
        except ScriptError as error:
            # In a chat the place is what was just typed.
            show(visible(str(error).partition(": ")[2]))
            continue
        shown = [one for one in outputs if one.kind == "choices"]
        offered = labels(shown[-1]) if shown else []
        for one in outputs:
            for row in friendly_rows(one, watch=watch) if friendly else rendered(one):
                show(row)


def labels(choices: Entry) -> list[str]:
    """Return the labels that a line of choices shows."""
    return [plain(label) for label in choices.text.split(" | ")]


def _entry(text: str, offered: Sequence[str], number: int) -> Entry:
    """Read what was typed: a tap, an event or a message."""
    command, _, rest = text.partition(" ")
    if command == "/tap":
        return Entry("tap", _label(rest.strip(), offered) or rest.strip(), line=number)
    if command.startswith("/"):
        event = Entry("event", rest if command == "/wait" else text[1:], line=number)
        read_event(event, "chat")
        return event
    label = _label(text.strip(), offered)
    return Entry("tap", label, line=number) if label else Entry("said", text, line=number)


def _label(typed: str, offered: Sequence[str]) -> str:
    if typed.isdecimal() and 1 <= int(typed) <= len(offered):
        return offered[int(typed) - 1]
    return next((label for label in offered if label.casefold() == typed.casefold()), "")


def friendly_rows(entry: Entry, *, watch: bool = False) -> list[str]:
    """Write an entry for somebody who talks to the bot; flows and effects only on request."""
    if entry.kind == "choices":
        return ["   ".join(f"({n}) {visible(one)}" for n, one in enumerate(labels(entry), 1))]
    if entry.kind in SPEAKERS:
        return [f"{entry.kind}> {visible(entry.text)}"]
    return [row.strip() for row in rendered(entry)] if watch else []
