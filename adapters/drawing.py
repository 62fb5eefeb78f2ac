"""A flow as a picture: Mermaid's `stateDiagram-v2`, as text."""

from __future__ import annotations

__all__ = ["draw_flow"]

from collections.abc import Iterator

from engine.language.flow_graph import graph_of, initial_state, straight, ways
from engine.language.schema import ChooseState, EndState, FlowFile, Guard, HandOverState, When

# Words Mermaid reads as its own at the beginning of a line.
_RESERVED = frozenset({"as", "class", "direction", "end", "fork", "join", "note", "state", "style"})
_ENTITIES = str.maketrans({"#": "#35;", ";": "#59;", ":": "#58;", '"': "#quot;", "\n": " "})
_UNITS = ((86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1_000, "s"))


def draw_flow(flow: FlowFile, language: str) -> str:
    """Draw a flow's states and every way from one to the next, with what takes it."""
    rows = ["stateDiagram-v2"]
    rows += [f'    state "{name}" as {_id(name)}' for name in flow.states if _id(name) != name]
    rows.append(f"    [*] --> {_id(initial_state(flow))}")
    reached = {initial_state(flow)}
    for name, state in flow.states.items():
        for target, label in _ways(flow, name, language):
            reached.add(target)
            rows.append(f"    {_id(name)} --> {_id(target)}{_label(label)}")
        if isinstance(state, EndState):
            rows.append(f"    {_id(name)} --> [*]{_label(state.end)}")
    # A command leads there from every state that waits; one arrow says so.
    commands = {edge.target for edge in graph_of(flow).edges if edge.via == "command"}
    rows += [
        f"    [*] --> {_id(name)}: by command" for name in flow.states if name in commands - reached
    ]
    return "\n".join(rows) + "\n"


def _ways(flow: FlowFile, name: str, language: str) -> Iterator[tuple[str, str]]:
    state = flow.states[name]
    for path, via, way in ways(name, state):
        what = "" if via == "then" else via
        if isinstance(state, ChooseState):
            label = state.choices[int(path[3])].label
            what = (
                label if isinstance(label, str) else label.get(language, next(iter(label.values())))
            )
        for branch in way:
            condition = _condition(branch.when) if branch.when else "else" if len(way) > 1 else ""
            target = branch.go or branch.else_ or ""
            yield target, f"{what} [{condition}]".strip() if condition else what
    for edge in straight(name, state):
        what = edge.via
        if what == "missed":
            what = f"after {edge.path[-1]} misses"
        elif isinstance(state, HandOverState):
            after = next(ms for ms, to in (state.nobody_after or {}).items() if to == edge.target)
            what = f"nobody for {_duration(after)}"
        yield edge.target, what


def _condition(when: When) -> str:
    return " or ".join(
        " and ".join(f"{slot} {_guard(guard)}" for slot, guard in each.items()) for each in when
    )


def _guard(guard: Guard) -> str:
    parts = []
    if guard.is_ is not None:
        parts.append(f"is {guard.is_}")
    if guard.in_ is not None:
        parts.append(f"is one of {', '.join(map(str, guard.in_))}")
    if guard.at_least is not None:
        parts.append(f"≥ {guard.at_least}")
    if guard.at_most is not None:
        parts.append(f"≤ {guard.at_most}")
    if guard.begins is not None:
        parts.append(f"begins with {guard.begins}")
    if guard.total_at_least is not None:
        parts.append(f"total ≥ {guard.total_at_least}")
    if guard.known is not None:
        parts.append("known" if guard.known else "not known")
    if guard.not_ is not None:
        parts.append(f"not ({_guard(guard.not_)})")
    return " and ".join(parts)


def _duration(ms: int) -> str:
    size, unit = next((size, unit) for size, unit in _UNITS if ms % size == 0)
    return f"{ms // size}{unit}"


def _id(state: str) -> str:
    return f"{state}_" if state in _RESERVED else state


def _label(label: str) -> str:
    return f": {label.translate(_ENTITIES)}" if label else ""
