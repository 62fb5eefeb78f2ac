"""``./run bench NAME [--json] [FLAGS]``: take the figures of one part and say which floors hold.

A bench that has flags of its own says so in `add_flags(parser)` and gets them in `rows(options)`.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from importlib import import_module

from adapters.compiled import use_compiled
from bench.report import show

BENCHES = {
    "assistant": "what others lose while 500 sessions wait for an answer; what a question costs",
    "core": "what a turn costs without storage",
    "http": "what a turn over HTTP costs, against routes that store nothing; streams; a flood",
    "readers": "what the readers understand and cost, on a folder of rows (--rows, --misses)",
    "store": "what a stored turn costs, against raw limits and (--peers) other engines",
    "whatsapp": "what webhooks of a provider cost, against the same turns handed in directly",
}
# The modules that are not called like their bench.
MODULES = {"http": "http_turns", "readers": "reader_scores"}


def main(arguments: list[str]) -> int:
    """Run one bench; 0 when every floor holds, 1 when not, 2 when there is no such bench."""
    name = next(iter(arguments), "")
    if name not in BENCHES:
        listed = "\n".join(f"  {name}  {what}" for name, what in BENCHES.items())
        print(f"usage: ./run bench NAME [--json] [FLAGS]\n{listed}", file=sys.stderr)
        return 2
    use_compiled()  # where the engine has been built, as the product does
    module = import_module(f"bench.{MODULES.get(name, name)}")
    parser = ArgumentParser(prog=f"./run bench {name}", description=BENCHES[name])
    parser.add_argument("--json", action="store_true", help="the figures as JSON")
    flagged = hasattr(module, "add_flags")
    if flagged:
        module.add_flags(parser)
    options = parser.parse_args(arguments[1:])
    rows = module.rows(options) if flagged else module.rows()
    return 0 if show(rows, as_json=options.json) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
