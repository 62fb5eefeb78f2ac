"""The program `./run` starts: what runs for long takes the engine compiled, where it has been built.

A start of any other command is over before machine code pays; tests start `adapters.cli`, and so
run the sources.
"""

from __future__ import annotations

__all__ = ["main"]

import sys

from adapters.compiled import use_compiled

FOR_LONG = ("serve", "worker")


def main() -> None:
    """Decide where the engine comes from, then run the command line."""
    if sys.argv[1:2] and sys.argv[1] in FOR_LONG:
        use_compiled()
    from adapters.cli import main as command_line  # noqa: PLC0415 - it imports the engine

    command_line()


if __name__ == "__mp_main__":  # one of several processes of `serve`
    use_compiled()
if __name__ == "__main__":
    main()
