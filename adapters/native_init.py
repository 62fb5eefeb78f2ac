"""Dataclasses for the compiler: each with an ``__init__`` it can see.

What `dataclass` makes as the program runs stays interpreted, even in a compiled module: such an
object costs fifteen times as much as one whose ``__init__`` is compiled with the rest. So the copy
that is compiled has them written out. Types alone keep it from changing frozen objects: mypy looks
at the sources, where they are frozen still.
"""

from __future__ import annotations

__all__ = ["with_native_init"]

import ast


def with_native_init(source: str) -> str:
    """Return a module with the ``__init__`` of its plain dataclasses written out."""
    lines = source.splitlines()
    classes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ClassDef)]
    # From the last to the first: what is put in moves what comes after it.
    for node in sorted(classes, key=lambda one: -one.lineno):
        found = _made_by(node)
        if found is None or (written := _init(node)) is None:
            continue
        decorator, options = found
        end = node.end_lineno or node.lineno
        lines[end:end] = ["", *written]
        lines[decorator.lineno - 1] = f"@dataclass({_changed(options)})"
    return "\n".join(lines) + "\n"


def _made_by(node: ast.ClassDef) -> tuple[ast.expr, dict[str, bool]] | None:
    """Return the decorator and its options; None for what is no dataclass on its own."""
    plain = not node.bases and not any(
        isinstance(part, ast.FunctionDef) and part.name in {"__init__", "__post_init__"}
        for part in node.body
    )
    for decorator in node.decorator_list if plain else ():
        match decorator:
            case ast.Call(func=ast.Name(id="dataclass"), args=[], keywords=keywords):
                options = {
                    word.arg: bool(word.value.value)
                    for word in keywords
                    if word.arg and isinstance(word.value, ast.Constant)
                }
                if decorator.lineno == decorator.end_lineno and len(options) == len(keywords):
                    return decorator, options
    return None


def _changed(options: dict[str, bool]) -> str:
    """Write the options anew: no ``__init__``, and what is frozen can still be hashed."""
    changed = {key: value for key, value in options.items() if key != "frozen"}
    if options.get("frozen") and options.get("eq", True):
        changed["unsafe_hash"] = True
    return ", ".join(f"{key}={value}" for key, value in (changed | {"init": False}).items())


def _init(node: ast.ClassDef) -> list[str] | None:
    """Return the lines of the ``__init__``; None where there is no field, or one not known here."""
    indent = " " * (node.col_offset + 4)
    given: list[str] = []
    kept: list[str] = []
    for part in node.body:
        if not isinstance(part, ast.AnnAssign) or not isinstance(part.target, ast.Name):
            continue
        name, type_ = part.target.id, ast.unparse(part.annotation)
        made = _factory(part.value)
        if type_.startswith("ClassVar") or (made and "None" in type_) or made == "":
            return None
        if made:
            given.append(f"{name}: {type_} | None = None")
            kept.append(f"self.{name} = {made}() if {name} is None else {name}")
            continue
        default = _default(part.value)
        given.append(f"{name}: {type_}" + (f" = {default}" if default else ""))
        kept.append(f"self.{name} = {name}")
    if not given:
        return None
    return [
        f"{indent}def __init__(self, {', '.join(given)}) -> None:",
        *(f"{indent}    {line}" for line in kept),
    ]


def _factory(value: ast.expr | None) -> str | None:
    """Return what makes a field's value; None where nothing does, "" where it is not known how."""
    match value:
        case ast.Call(func=ast.Name(id="field"), keywords=keywords):
            by = {word.arg: word.value for word in keywords}
            if "default_factory" in by:
                return f"({ast.unparse(by['default_factory'])})"
            return None if "init" not in by and "kw_only" not in by else ""
    return None


def _default(value: ast.expr | None) -> str:
    match value:
        case None:
            return ""
        case ast.Call(func=ast.Name(id="field"), keywords=keywords):
            return "".join(ast.unparse(word.value) for word in keywords if word.arg == "default")
    return ast.unparse(value)
