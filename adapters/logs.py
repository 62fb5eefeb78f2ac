"""What is logged: one JSON object a line on standard error, or readable lines on a terminal.

Names of things and what became of them, never what somebody said: values are cut at their first
line, because databases repeat whole rows in the others, and a traceback is told by its place.
"""

from __future__ import annotations

__all__ = ["configure"]

import logging
import sys
from collections.abc import MutableMapping
from traceback import extract_tb
from typing import Any

import structlog
from structlog.typing import Processor

LONGEST = 300  # characters of one value: enough for a reason, too short for a row

Entry = MutableMapping[str, Any]


class StderrHandler(logging.Handler):
    """Writes to standard error, wherever that leads at the moment."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line."""
        sys.stderr.write(f"{self.format(record)}\n")
        sys.stderr.flush()


def configure(level: str) -> None:
    """Log from this level on; of other libraries warnings and above."""
    number = logging.getLevelNamesMapping()[level.upper()]
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _without_traceback,
        _short,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=lambda *_names: logging.getLogger("rejoinder"),
        cache_logger_on_first_use=False,  # commands are run one after the other in tests
    )
    last: Processor = structlog.processors.JSONRenderer()
    if sys.stderr.isatty():
        last = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    handler = StderrHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        )
    )
    root = logging.getLogger()
    root.handlers = [one for one in root.handlers if not isinstance(one, StderrHandler)]
    root.addHandler(handler)
    # Of other libraries only what is wrong: the rest is about how they work.
    root.setLevel(max(number, logging.WARNING))
    logging.getLogger("rejoinder").setLevel(number)


def _without_traceback(_logger: object, _method: str, entry: Entry) -> Entry:
    """Say which error it was and where it was raised; its message may hold what somebody wrote."""
    given = entry.pop("exc_info", None)
    error = given[1] if isinstance(given, tuple) else given
    if error is True:
        error = sys.exc_info()[1]
    if isinstance(error, BaseException):
        places = extract_tb(error.__traceback__)
        place = f" at {places[-1].filename}:{places[-1].lineno}" if places else ""
        entry["error"] = f"{type(error).__name__}{place}"
    return entry


def _short(_logger: object, _method: str, entry: Entry) -> Entry:
    for name, value in entry.items():
        if isinstance(value, str):
            entry[name] = value.partition("\n")[0][:LONGEST]
    return entry
