"""Documents as Python: nested constructors, printed to be read and read back without running.

``to_code`` prints a cell that makes the same document and opens it in a widget;
``from_code`` reads the document back out of it from the syntax tree.
"""

from __future__ import annotations

import ast
import dataclasses
from decimal import Decimal, InvalidOperation
from typing import cast

from aurora_widgets.errors import Fault, QueryInvalid
from aurora_widgets.query import model
from aurora_widgets.query.grammar import RECORDS
from aurora_widgets.query.read import DEFAULT_LIMITS, Limits, from_object
from aurora_widgets.query.write import as_object, plain

WIDTH = 88
"""Columns of a printed line, where nothing longer stands in it."""

_POSITIONAL: dict[type, int] = {
    model.Query: 1,
    model.Filter: 1,
    model.Condition: 3,
    model.Group: 2,
    model.Join: 1,
    model.On: 2,
    model.Derive: 2,
    model.Column: 1,
    model.Constant: 1,
    model.Call: 2,
    model.Case: 1,
    model.Branch: 2,
    model.Key: 1,
    model.Measure: 3,
    model.SortKey: 1,
    model.Sort: 1,
    model.Select: 1,
    model.Limit: 1,
}
"""How many arguments are printed by position; the rest are named."""

_CLASSES = {cls.__name__: cls for cls in RECORDS}


def to_code(query: model.Query, *, source: str = "", ibis: str = "") -> str:
    """Return a runnable cell: imports, ``query = Query(…)``, and the widget that shows it.

    Parameters
    ----------
    query
        What is asked.
    source
        The arguments that open the data again, as Python; without them the sample data.
    ibis
        Code that gives the same rows by Ibis alone, to stand in the cell as well.
    """
    constructor = _source(query, 0, len("query = "))
    names = sorted({node.id for node in ast.walk(ast.parse(constructor)) if isinstance(node, ast.Name)})
    lines = ["from decimal import Decimal", ""] if "Decimal" in names else []
    lines += [
        f"from aurora_widgets import Explorer{', connect' if source.startswith('connect(') else ''}",
        *_import("aurora_widgets.query", [name for name in names if name in _CLASSES]),
        "",
        f"query = {constructor}",
        f"explorer = Explorer({source}, query=query)" if source else "explorer = Explorer(query=query)",
        *(["", "# The same rows by Ibis alone; `explorer.value` is them as well.", ibis] if ibis else []),
        "explorer",
    ]
    return "\n".join(lines) + "\n"


def _import(module: str, names: list[str]) -> list[str]:
    line = f"from {module} import {', '.join(names)}"
    if len(line) <= WIDTH:
        return [line]
    return [f"from {module} import (", *(f"    {name}," for name in names), ")"]


def _source(value: object, indent: int, before: int) -> str:
    """Return the source of a part or value, on one line where it fits.

    Parameters
    ----------
    value
        What to print.
    indent
        Of the line that it begins on.
    before
        Characters of that line before it, indent included.
    """
    line = _line(value)
    if before + len(line) < WIDTH or not _breaks(value):
        return line
    inner = indent + 4
    if isinstance(value, tuple):
        items = [("", item) for item in value]
        head, tail = "(", ")"
    else:
        items = _arguments(value)
        head, tail = f"{type(value).__name__}(", ")"
    pad = " " * inner
    body = [f"{pad}{name}{_source(item, inner, inner + len(name))},\n" for name, item in items]
    return f"{head}\n{''.join(body)}{' ' * indent}{tail}"


def _breaks(value: object) -> bool:
    return bool(value) if isinstance(value, tuple) else type(value) in RECORDS


def _line(value: object) -> str:
    if isinstance(value, tuple | list):
        items = ", ".join(map(_line, value))
        return f"({items},)" if len(value) == 1 else f"({items})"
    if type(value) in RECORDS:
        arguments = ", ".join(f"{name}{_line(item)}" for name, item in _arguments(value))
        return f"{type(value).__name__}({arguments})"
    scalar = plain(value)
    if isinstance(scalar, str) and not {"'", '"'} & set(scalar):
        return f'"{repr(scalar)[1:-1]}"'
    return f'Decimal("{scalar}")' if isinstance(scalar, Decimal) else repr(scalar)


def _arguments(part: object) -> list[tuple[str, object]]:
    """Return the arguments to print: by position with no name before them, then by name."""
    record = RECORDS[type(part)]
    positional = _POSITIONAL.get(type(part), 0)
    written = {entry.field: entry for entry in record.entries}
    arguments: list[tuple[str, object]] = []
    in_place = True
    for index, field in enumerate(dataclasses.fields(cast("type[model.Query]", type(part)))):
        entry = written.get(field.name)
        if entry is None:
            continue
        value = getattr(part, field.name)
        value = tuple(value) if isinstance(value, list) else value
        needless = not entry.required and value == field.default
        in_place = in_place and index < positional and not needless
        if not needless:
            arguments.append(("" if in_place else f"{field.name}=", value))
    return arguments


def from_code(text: str, limits: Limits = DEFAULT_LIMITS) -> model.Query:
    """Read the document out of code that assigns ``query = Query(…)``, or is such a call.

    Nothing is run: only the constructors of documents, literals and ``Decimal("…")`` are read.

    Raises
    ------
    QueryInvalid
        There is no such call, there is something else in it, or the document has faults.
    """
    if len(text) > 4 * limits.size:
        raise _refused("The code is too long.")
    try:
        tree = ast.parse(text)
        part = _evaluate(_call(tree))
    except (SyntaxError, ValueError):
        raise _refused("This is not Python code.") from None
    except (RecursionError, MemoryError):
        raise _refused("The code is nested too deeply.") from None
    try:
        return from_object(as_object(cast("model.Query", part)), limits)
    except TypeError as error:
        raise _refused(f"{error}.") from None


def _call(tree: ast.Module) -> ast.expr:
    found: ast.expr | None = None
    for statement in tree.body:
        match statement:
            case (
                ast.Assign(targets=[ast.Name(id="query")], value=value)
                | ast.Expr(value=ast.Call(func=ast.Name(id="Query")) as value)
            ):
                found = value
            case _:
                pass
    if not isinstance(found, ast.Call) or not isinstance(found.func, ast.Name) or found.func.id != "Query":
        raise _refused("The code has no `query = Query(…)` to read.")
    return found


def _evaluate(node: ast.expr) -> object:
    match node:
        case ast.Constant(value=str() | int() | float() | None as value):
            return _exact(node, value)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)):
            if isinstance(value, bool):
                raise _at(node, "a minus belongs before a number")
            return -cast("Decimal | int", _exact(node, value))
        case ast.Tuple(elts=items) | ast.List(elts=items):
            return tuple(_evaluate(item) for item in items)
        case ast.Call(func=ast.Name(id="Decimal"), args=[ast.Constant(value=str(text))], keywords=[]):
            try:
                return Decimal(text)
            except InvalidOperation:
                raise _at(node, f"`{text[:40]}` is no number") from None
        case ast.Call(func=ast.Name(id=name), args=args, keywords=keywords) if name in _CLASSES:
            return _part(node, _CLASSES[name], args, keywords)
        case _:
            raise _at(node, "only a question's own parts and plain values are read here")


def _exact(node: ast.expr, value: str | float | None) -> object:
    """Return a literal's value; a number with a point as the shortest decimal that means it."""
    if isinstance(value, complex | bytes):
        raise _at(node, "only text, numbers, True, False and None are read here")
    return plain(value)


def _part(node: ast.expr, cls: type, args: list[ast.expr], keywords: list[ast.keyword]) -> object:
    fields = [entry.field for entry in RECORDS[cls].entries]
    order = [field.name for field in dataclasses.fields(cls) if field.name in fields]
    if len(args) > len(order):
        raise _at(node, f"`{cls.__name__}` has {len(order)} arguments")
    given = dict(zip(order, map(_evaluate, args), strict=False))
    for keyword in keywords:
        if keyword.arg is None or keyword.arg not in order or keyword.arg in given:
            raise _at(node, f"`{cls.__name__}` takes no such argument as `{keyword.arg}`")
        given[keyword.arg] = _evaluate(keyword.value)
    try:
        part: object = cls(**given)
    except TypeError:
        raise _at(node, f"`{cls.__name__}` needs more arguments") from None
    return part


def _at(node: ast.expr, message: str) -> QueryInvalid:
    return _refused(f"Line {node.lineno}: {message}.")


def _refused(message: str) -> QueryInvalid:
    return QueryInvalid([Fault("wrong-code", "", message)])
