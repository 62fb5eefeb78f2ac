"""The command that brings a stand-in of Gemini to an author without a key."""

# ruff: noqa: PLC0415 - what it serves is imported inside: `--help` must not wait for it

from __future__ import annotations

__all__ = ["fake_gemini"]

from typing import Annotated

import typer

from adapters.terms import show, word
from engine.errors import UsageError


def fake_gemini(
    *,
    port: Annotated[int, typer.Option(help="Its port; 0 takes a free one.")] = 0,
) -> None:
    """Serve a stand-in of Gemini until Ctrl-C: it names the best passage, and offers flows by name."""
    import signal
    import sys
    from contextlib import suppress
    from threading import Event

    from adapters.gemini.standin import GeminiStandin
    from adapters.gemini.standin.trying import helpful

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        with GeminiStandin(helpful).served(port) as url:
            show(f"A stand-in of Gemini is listening on {url}")
            word("in bot.yaml:          assistant: {use: gemini}")
            word(f"in the environment:   export GEMINI_API_KEY=any GOOGLE_GEMINI_BASE_URL={url}")
            with suppress(KeyboardInterrupt):
                Event().wait()
    except OSError as error:
        raise UsageError(
            f"Port {port} cannot be listened on: {error.strerror}. Take --port 0."
        ) from None
