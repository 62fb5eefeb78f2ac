"""What an action's signature says: its books, what it is told of the conversation, its arguments."""

from __future__ import annotations

__all__ = ["bound", "faults_of", "spec_of"]

from collections.abc import Callable, Iterator, Mapping, Sequence
from inspect import Parameter, isawaitable, signature
from typing import Any, get_args, get_type_hints

from engine.language.schema import ActionSpec, Argument, SlotKind
from flows.context import Context, Contexts

Action = Callable[..., Any]
BOOKS = ("orders", "callbacks", "requests")
KINDS = get_args(SlotKind)


def spec_of(name: str, action: Action) -> ActionSpec:
    """Return an action as the checker of flows sees it."""
    return ActionSpec(name, tuple(_arguments(action)))


def bound(action: Action, books: Mapping[str, Any], contexts: Contexts) -> Action:
    """Return the action as a worker calls it: by its key and what the flow gives it."""
    hints = get_type_hints(action, include_extras=True)
    parameters = signature(action).parameters
    writes_in = [books[name] for name, one in parameters.items() if _is_book(one)]
    told = [name for name in parameters if hints.get(name) is Context]
    keyed = "key" in parameters

    async def run(*, key: str, **arguments: Any) -> Any:
        given = dict(arguments)
        if keyed:
            given["key"] = key
        if told:
            given |= dict.fromkeys(told, await contexts(key))
        result = action(*writes_in, **given)
        return await result if isawaitable(result) else result

    return run


def faults_of(action: Action) -> Iterator[tuple[str, str]]:
    """Say what is wrong with an action's signature, each with its remedy."""
    try:
        hints = get_type_hints(action, include_extras=True)
    except (NameError, TypeError) as error:
        yield (
            f"an annotation cannot be read: {error}",
            "Import its kind: from flows.actions import Text",
        )
        return
    for name, one in signature(action).parameters.items():
        if one.kind in (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD):
            yield f'"*{name}" takes anything', "Name each argument, so that flows can be checked."
        elif _is_book(one):
            if name not in BOOKS:
                remedy = f"Books are {', '.join(BOOKS)}; put a * before what a flow gives."
                yield f'"{name}" is no book', remedy
        elif name != "key" and hints.get(name) is not Context and not _has_kind(hints.get(name)):
            remedy = "Annotate it with one of flows.actions: Text, Phone, Items, Number, ..."
            yield f'"{name}" does not say which kind of slot it takes', remedy


def _arguments(action: Action) -> Iterator[Argument]:
    hints = get_type_hints(action, include_extras=True)
    for name, one in signature(action).parameters.items():
        if _is_book(one) or name == "key" or hints[name] is Context:
            continue
        required = one.default is Parameter.empty
        yield Argument(name, hints[name].__metadata__[0], required=required)


def _is_book(one: Parameter) -> bool:
    return one.kind in (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)


def _has_kind(hint: Any) -> bool:
    kinds: Sequence[Any] = getattr(hint, "__metadata__", ())
    return bool(kinds) and (kinds[0] is None or kinds[0] in KINDS)
