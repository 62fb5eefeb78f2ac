"""``./run bench NAME [--json]``: take the figures of one part and say which floors hold."""

from __future__ import annotations

import sys
from importlib import import_module

from bench.report import show

BENCHES = {"core": "what a turn costs without storage"}


def main(arguments: list[str]) -> int:
    """Run one bench; 0 when every floor holds, 1 when not, 2 when there is no such bench."""
    names = [one for one in arguments if not one.startswith("-")]
    if len(names) != 1 or names[0] not in BENCHES or set(arguments) - {*names, "--json"}:
        listed = "\n".join(f"  {name}  {what}" for name, what in BENCHES.items())
        print(f"usage: ./run bench NAME [--json]\n{listed}", file=sys.stderr)
        return 2
    rows = import_module(f"bench.{names[0]}").rows()
    return 0 if show(rows, as_json="--json" in arguments) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
