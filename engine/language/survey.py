"""A bot laid out for its checks: each flow with its graph and what is known in each of its states.

"Known" is what is filled on every path that leads somewhere: a text may only show what is known
where it is said. It is worked out once here, callees before their callers.
"""

from __future__ import annotations

__all__ = ["FlowSurvey", "Survey", "calls_of", "survey_of"]

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from engine.errors import Fault
from engine.language.document import Document, Path
from engine.language.flow_graph import Edge, FlowGraph, graph_of, known_by
from engine.language.schema import (
    BotFile,
    CallFile,
    CallState,
    CollectState,
    DoState,
    EndState,
    FlowFile,
)
from engine.language.source import BotSource

Known = frozenset[str]


@dataclass(frozen=True, slots=True)
class FlowSurvey:
    """One flow, laid out."""

    name: str
    flow: FlowFile
    document: Document
    graph: FlowGraph
    known: Mapping[str, Known]  # by reachable state: filled whenever it is entered
    left: Mapping[tuple[str, str], Known]  # by state and way out: filled whenever it is left so
    saved: Mapping[str, str]  # names of results, and the state that saves each

    def fault(self, path: Path, fault: str, remedy: str) -> Fault:
        """Say what is wrong with a part of this flow's file."""
        return self.document.fault(path, fault, remedy)


@dataclass(frozen=True, slots=True)
class Survey:
    """A bot, laid out."""

    source: BotSource
    flows: Mapping[str, FlowSurvey]

    @property
    def bot(self) -> BotFile:
        """The bot's own file."""
        return self.source.bot

    def fault(self, path: Path, fault: str, remedy: str) -> Fault:
        """Say what is wrong with a part of bot.yaml."""
        return self.source.documents["bot"].fault(path, fault, remedy)


def survey_of(source: BotSource) -> Survey:
    """Lay a bot out."""
    graphs = {name: graph_of(flow) for name, flow in source.flows.items()}
    layout = Layout(source, graphs, {})
    # Callees first: what a call fills depends on how its flow ends.
    for name in callees_first(source.flows):
        layout.known[name] = layout.spread(name)
    flows = {
        name: FlowSurvey(
            name,
            flow,
            source.flow_documents[name],
            graphs[name],
            layout.known[name],
            {
                (edge.source, edge.via): layout.known[name][edge.source]
                | layout.filled_by(flow, edge)
                for edge in graphs[name].edges
                if edge.source in layout.known[name]
            },
            {
                state.saves: place
                for place, state in flow.states.items()
                if isinstance(state, DoState) and isinstance(state.saves, str)
            },
        )
        for name, flow in source.flows.items()
    }
    return Survey(source, flows)


def calls_of(flow: FlowFile) -> Iterator[tuple[str, CallFile]]:
    """List a flow's calls, by the state that makes each."""
    for name, state in flow.states.items():
        if isinstance(state, CallState):
            yield name, state.call


def callees_first(flows: Mapping[str, FlowFile]) -> list[str]:
    """Order flows so that each comes after those it calls; a circle is cut where it is met."""
    order: list[str] = []
    for first in flows:
        stack, met = [(first, False)], set(order)
        while stack:
            name, left = stack.pop()
            if left:
                order.append(name)
            elif name not in met:
                met.add(name)
                stack.append((name, True))
                stack += [
                    (call.flow, False) for _, call in calls_of(flows[name]) if call.flow in flows
                ]
    return order


@dataclass(frozen=True, slots=True)
class Layout:
    """Works out what is known, flow by flow."""

    source: BotSource
    graphs: Mapping[str, FlowGraph]
    known: dict[str, dict[str, Known]]

    def spread(self, name: str) -> dict[str, Known]:
        """Carry what is known along every way; where ways meet, both must know."""
        flow, graph = self.source.flows[name], self.graphs[name]
        begin = graph.initial in flow.states
        known = {graph.initial: self.at_start(name, flow)} if begin else {}
        changed = list(known)
        while changed:
            state = changed.pop()
            for edge in graph.leaving[state]:
                after = known[state] | edge.known | self.filled_by(flow, edge)
                before = known.get(edge.target)
                now = after if before is None else before & after
                if now != before:
                    known[edge.target] = now
                    changed.append(edge.target)
        return known

    def at_start(self, name: str, flow: FlowFile) -> Known:
        """Name what is filled however the flow began."""
        begins: list[Known] = []
        start, forms = flow.start, self.source.bot.forms
        if start.phrases or start.hint:
            begins.append(frozenset())
        if start.when:
            begins.append(known_by(start.when))
        if start.form in forms:
            begins.append(frozenset(forms[start.form].fields) & frozenset(flow.slots))
        begins += [
            frozenset(call.with_)
            for caller in self.source.flows.values()
            for _, call in calls_of(caller)
            if call.flow == name
        ]
        return frozenset.intersection(*begins) if begins else frozenset()

    def filled_by(self, flow: FlowFile, edge: Edge) -> Known:
        """Name what a state has filled when it is left this way."""
        state = flow.states[edge.source]
        if isinstance(state, CollectState) and edge.via == "then":
            here = [slot for slot in state.collect if slot in flow.slots]
            return frozenset(slot for slot in here if not flow.slots[slot].optional)
        if isinstance(state, DoState) and edge.via == "done" and state.saves:
            return frozenset({state.saves} if isinstance(state.saves, str) else state.saves)
        if isinstance(state, CallState) and edge.via == "returned":
            theirs = self.filled_at_end(state.call.flow)
            return frozenset(ours for ours, named in state.call.saves.items() if named in theirs)
        return frozenset()

    def filled_at_end(self, name: str) -> Known:
        """Name what a flow has filled whenever it completes."""
        known = self.known.get(name, {})
        ends = [
            known[place]
            for place in known
            if isinstance(state := self.source.flows[name].states[place], EndState)
            and state.end == "completed"
        ]
        return frozenset.intersection(*ends) if ends else frozenset()
