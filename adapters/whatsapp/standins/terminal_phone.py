"""A customer's phone at a terminal or a pipe: what is typed is sent, what comes is shown."""

from __future__ import annotations

__all__ = ["HELP", "TerminalPhone"]

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Event, RLock, Thread
from typing import Any

from adapters.terminal import friendly_rows
from engine.transcript import Entry, choices, rendered

HELP = """\
  /tap LABEL          press a button or a row, also by its number or label alone
  /image [FILE]       send a photo; also /voice [FILE] and /file FILE
  /location           send where you are
  /as +6281234567890  be another customer
  /quit               leave (or Ctrl-D)
"""
LOOK = 0.05  # seconds between looks for what came
LEAVE = 2.0  # seconds for the last webhooks


class TerminalPhone:
    """One handset after the other, on any stand-in.

    `patience`: seconds an answer may take to begin; `quiet`: so long after the last message, the
    answer was whole.
    """

    def __init__(
        self,
        standin: Any,
        number: str,
        show: Callable[[str], None],
        *,
        friendly: bool,
        patience: float = 8.0,
        quiet: float = 0.8,
    ) -> None:
        """Begin to show what comes; `friendly` is for people, else a transcript."""
        self._standin = standin
        self._show = show
        self._friendly = friendly
        self._patience = patience
        self._quiet = quiet
        self._shown: dict[str, int] = {}
        self._marked: dict[str, int] = {}
        self._phones: dict[str, Any] = {}
        self._newest: dict[str, Any] = {}
        self._last_news = time.monotonic()
        self._lock = RLock()
        self._over = Event()
        self.phone = self._take(number)
        Thread(target=self._watch, name="phone", daemon=True).start()

    def type(self, line: str) -> bool:
        """Do what a line says and wait for the answer; False: leave."""
        text = line.rstrip("\r\n")
        command, _, rest = text.strip().partition(" ")
        if command in ("/quit", "/exit"):
            return False
        if command in ("/help", "/?"):
            self._show(HELP)
        elif command == "/as":
            self._be(rest.strip())
        elif text.strip():
            before = self._last_news
            if self._send(command, rest.strip(), text):
                self._answered(before)
        return True

    def close(self) -> None:
        """Show what is still outstanding, then nothing more."""
        self._answered(self._last_news, patience=self._quiet)
        self._over.set()
        self._look()
        with suppress(TimeoutError, AssertionError):
            self._standin.settled(LEAVE)  # what was read is told, where somebody listens

    # -- sending -----------------------------------------------------------------------------------

    def _send(self, command: str, rest: str, text: str) -> bool:
        if command == "/tap" or self._label(text.strip()):
            return self._tap(rest if command == "/tap" else text.strip())
        if command in ("/image", "/voice", "/file"):
            return self._file(command, rest)
        if command == "/location":
            self._own(Entry("said", "", file="location"))
            self.phone.location(9.3835, 76.5741, "Thiruvalla")
            return True
        if command.startswith("/"):
            self._show(f"{command} is no command; /help shows those there are.")
            return False
        self._own(Entry("said", text))
        self.phone.says(text)
        return True

    def _tap(self, label: str) -> bool:
        message, title = self._newest.get(self.phone.number), self._label(label, any_way=True)
        if message is None or not title:
            self._show(f'no button is called "{label}" now.')
            return False
        self._own(Entry("tap", title))
        buttons = any(one.title == title for one in message.buttons)
        (self.phone.taps if buttons else self.phone.picks)(message, title)
        return True

    def _file(self, command: str, name: str) -> bool:
        file = Path(name).expanduser()
        if name and not file.is_file():
            self._show(f"there is no file {name}.")
            return False
        if command == "/file" and not name:
            self._show("/file needs a file: /file order.csv")
            return False
        given = [file.read_bytes()] if name else []
        self._own(Entry("said", "", file=file.name if name else command[1:]))
        if command == "/image":
            self.phone.sends_image(*given)
        elif command == "/voice":
            self.phone.sends_voice(*given)
        else:
            kinds = {".csv": "text/csv", ".pdf": "application/pdf", ".txt": "text/plain"}
            mime = kinds.get(file.suffix.lower(), "application/octet-stream")
            self.phone.sends_file(*given, file.name, mime)
        return True

    def _be(self, number: str) -> None:
        digits = number.removeprefix("+")
        if not digits.isdecimal() or not 6 <= len(digits) <= 15:
            self._show(f'"{number}" is no phone number. Example: /as +6281234567890')
            return
        self.phone = self._take(digits)
        self._show(f"# you are +{digits} now")

    def _take(self, number: str) -> Any:
        digits = number.removeprefix("+")
        with self._lock:
            if digits not in self._phones:
                self._phones[digits] = self._standin.phone(digits, name=f"Customer {digits[-4:]}")
                self._shown[digits] = self._marked[digits] = 0
        return self._phones[digits]

    def _label(self, typed: str, *, any_way: bool = False) -> str:
        """Return the title that a number or a label means; in a transcript only after /tap."""
        message = self._newest.get(self.phone.number)
        if message is None or not (self._friendly or any_way):
            return ""
        titles = _titles(message)
        if typed.isdecimal() and 1 <= int(typed) <= len(titles):
            return titles[int(typed) - 1]
        return next((one for one in titles if one.casefold() == typed.casefold()), "")

    def _own(self, entry: Entry) -> None:
        if not self._friendly:
            self._show("\n".join(rendered(entry)))

    # -- what comes --------------------------------------------------------------------------------

    def _answered(self, before: float, *, patience: float = 0.0) -> None:
        until = time.monotonic() + (patience or self._patience)
        while True:
            now, last = time.monotonic(), self._last_news
            if last > before and now - last >= self._quiet:
                return
            if last <= before and now >= until:
                self._complain()
                return
            time.sleep(LOOK)

    def _complain(self) -> None:
        posted = self._standin.posted
        if posted and posted[-1].status != 200:
            status = posted[-1].status or "nothing"
            self._show(f"# the product answered {status} to the webhook {posted[-1].url}")

    def _watch(self) -> None:
        while not self._over.wait(LOOK):
            self._look()

    def _look(self) -> None:
        with self._lock:
            for number, phone in list(self._phones.items()):
                self._news(number, phone)

    def _news(self, number: str, phone: Any) -> None:
        marks = getattr(phone, "marks", ())
        for mark in marks[self._marked[number] :]:
            self._marked[number] += 1
            if self._friendly:
                self._show(f"  ✓✓ read{', typing ...' if mark.typing else ''}")
        came = phone.inbox[self._shown[number] :]
        for message in came:
            self._shown[number] += 1
            self._arrived(message, phone)
        if came:
            phone.reads()
            self._last_news = time.monotonic()

    def _arrived(self, message: Any, phone: Any) -> None:
        who = "" if phone is self.phone else f"+{phone.number} "
        speaker = "operator" if getattr(message, "by_hand", False) else "bot"
        titles = _titles(message)
        if titles:
            self._newest[phone.number] = message
        if who:
            self._show(f"# to {who.strip()}:")
        entries = [Entry(speaker, message.text or f"({message.kind})")]
        entries += [choices(titles)] if titles else []
        for entry in entries:
            for row in friendly_rows(entry) if self._friendly else rendered(entry):
                self._show(row)


def _titles(message: Any) -> Sequence[str]:
    found = (*getattr(message, "buttons", ()), *getattr(message, "rows", ()))
    return [one.title for one in found]
