"""Planned documents as Ibis code for people: what ``to_ibis`` builds, printed to be run.

The printer knows the operations that this room builds with, and no others: a registered
measure or operator may use more, for which ``NotPrintable`` is raised. Each relation is a
line with a name; what the code makes of the same tables is the same expression.
"""

from __future__ import annotations

import datetime as dt
import keyword
import math
import textwrap
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import ibis
import ibis.expr.operations as ops

from aurora_widgets.errors import AuroraError
from aurora_widgets.query.faults import not_too_deep
from aurora_widgets.query.model import Join, Step
from aurora_widgets.sql.datatypes import ibis_type
from aurora_widgets.sql.statement import to_ibis

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from aurora_widgets.catalog.model import Catalog
    from aurora_widgets.plan.context import Planned

WIDTH = 100
"""Columns of a printed line, where its parts can be put on lines of their own."""


class NotPrintable(AuroraError):
    """The question uses an extension whose Ibis this room cannot print."""

    code = "NOT_PRINTABLE"
    status = 422


@not_too_deep
def ibis_code(planned: Planned, catalog: Catalog) -> str:
    """Return Python of a function ``answer(tables)``, from Ibis tables by name to the result.

    Parameters
    ----------
    planned
        Best without the passes ``push_down`` and ``prune``, so that it reads as it was asked.
    catalog
        Types of the columns, and the time zone.

    Raises
    ------
    NotPrintable
        A registered measure or operator builds what is not known here.
    """
    names = dict.fromkeys([planned.query.table, *_joined(planned.query.steps)])
    tables = {
        name: ibis.table({column.name: ibis_type(column.type) for column in catalog[name].columns}, name=name)
        for name in names
    }
    printer = _Printer()
    last = printer.relation(to_ibis(planned, tables, catalog.time_zone).op())
    body = textwrap.indent("\n".join([*printer.lines, f"return {last}"]), "    ")
    return "\n".join(["import ibis", "", *printer.functions, "", "def answer(tables):", body]) + "\n"


def _joined(steps: Sequence[Step]) -> Iterable[str]:
    for step in steps:
        if isinstance(step, Join):
            yield step.table
            yield from _joined(step.steps)


_BINARY: dict[type, str] = {
    ops.Equals: "==",
    ops.NotEquals: "!=",
    ops.Less: "<",
    ops.LessEqual: "<=",
    ops.Greater: ">",
    ops.GreaterEqual: ">=",
    ops.And: "&",
    ops.Or: "|",
    ops.Add: "+",
    ops.Subtract: "-",
    ops.Multiply: "*",
    ops.Divide: "/",
    ops.FloorDivide: "//",
    ops.TimestampAdd: "+",
    ops.TimestampSub: "-",
}
_COMPARISONS = (ops.Equals, ops.NotEquals, ops.Less, ops.LessEqual, ops.Greater, ops.GreaterEqual)
_METHODS: dict[type, str] = {
    ops.IsNull: "isnull",
    ops.NotNull: "notnull",
    ops.Sum: "sum",
    ops.Mean: "mean",
    ops.Min: "min",
    ops.Max: "max",
    ops.Count: "count",
    ops.CountDistinct: "nunique",
    ops.Median: "median",
}
_SPREADS: dict[type, str] = {ops.StandardDev: "std", ops.Variance: "var"}
_VARIADIC: dict[type, str] = {ops.Coalesce: "coalesce", ops.Greatest: "greatest", ops.Least: "least"}


class _Printer:
    """Prints relations as named lines, and values as expressions over those names."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.functions: list[str] = []
        self._relations: dict[Any, str] = {}
        self._called: dict[Any, str] = {}
        self._taken = {"answer", "float", "ibis", "tables"}

    def relation(self, op: Any) -> str:
        """Return the name of a relation, printing it first where that is still to be done."""
        if op not in self._relations:
            word, source = self._relation(op)
            name = self._fresh(word)
            self.lines.append(f"{name} = {source}")
            self._relations[op] = name
        return self._relations[op]

    def _fresh(self, word: str) -> str:
        plain = word.isidentifier() and word.isascii() and not keyword.iskeyword(word)
        stem = word if plain else "table"
        name, number = stem, 1
        while name in self._taken:
            number += 1
            name = f"{stem}_{number}"
        self._taken.add(name)
        return name

    def _relation(self, op: Any) -> tuple[str, str]:
        """Return a word for a relation, and its source."""
        match op:
            case ops.UnboundTable():
                return op.name, f"tables[{_quoted(op.name)}]"
            case ops.Filter():
                parent = self.relation(op.parent)
                predicates = [self.value(each, bare=True) for each in op.predicates]
                return "filtered", _call(f"{parent}.filter", predicates)
            case ops.Project():
                return self._project(op)
            case ops.Aggregate():
                parent = self.relation(op.parent)
                by = [self._named(name, each, op.parent) for name, each in op.groups.items()]
                metrics = [self._named(name, each, op.parent) for name, each in op.metrics.items()]
                return "grouped", _call(f"{parent}.aggregate", [_list(metrics), f"by={_list(by)}"])
            case ops.Sort():
                parent = self.relation(op.parent)
                return "ordered", _call(f"{parent}.order_by", [self._sort_key(each) for each in op.keys])
            case ops.Limit(n=int() as rows, offset=0):
                return "first", f"{self.relation(op.parent)}.limit({rows})"
            case ops.Distinct():
                return "distinct", f"{self.relation(op.parent)}.distinct()"
            case ops.Union(distinct=False):
                left, right = self.relation(op.left), self.relation(op.right)
                return "united", f"ibis.union({left}, {right})"
            case ops.JoinChain(rest=(link,)):
                return self._join(op, link)
            case _:
                raise _unknown(op)

    def _project(self, op: Any) -> tuple[str, str]:
        parent = self.relation(op.parent)
        values = list(op.values.items())
        columns = op.parent.schema.names
        same = [name for name, each in values if _is_column(each, op.parent, name)]
        if len(values) > len(columns) and tuple(same) == columns == tuple(op.values)[: len(columns)]:
            new = [self._named(name, each, op.parent) for name, each in values[len(columns) :]]
            return "derived", _call(f"{parent}.mutate", new)
        return "chosen", _call(
            f"{parent}.select", [self._named(name, each, op.parent) for name, each in values]
        )

    def _join(self, op: Any, link: Any) -> tuple[str, str]:
        left, right = self.relation(op.first.parent), self.relation(link.table.parent)
        self._relations[op.first], self._relations[link.table] = left, right
        on = [self.value(each, bare=True) for each in link.predicates]
        arguments = [right, _list(on), f"how={_quoted(link.how)}"]
        joined = self._fresh("joined")
        self.lines.append(f"{joined} = {_call(f'{left}.join', arguments)}")
        self._relations[op.first] = self._relations[link.table] = joined
        values = [self._named(name, each, None) for name, each in op.values.items()]
        del self._relations[op.first], self._relations[link.table]
        return "chosen", _call(f"{joined}.select", values)

    def _named(self, name: str, value: Any, parent: Any) -> str:
        """Return a column of a result: by its name alone where it is the parent's."""
        if _is_column(value, parent, name):
            return _quoted(name)
        source = self.value(value)
        named = isinstance(value, ops.Field) and value.name == name
        return source if named else f"{source}.name({_quoted(name)})"

    def _sort_key(self, key: Any) -> str:
        order = "asc" if key.ascending else "desc"
        return f"ibis.{order}({self.value(key.arg, bare=True)}, nulls_first={key.nulls_first})"

    def value(self, op: Any, *, bare: bool = False) -> str:
        """Return a value's source; ``bare`` where nothing around it could bind more tightly."""
        source = self._value(op)
        if type(op) in _BINARY or isinstance(op, ops.Not | ops.Negate | ops.StringConcat):
            return source if bare else f"({source})"
        return source

    def _value(self, op: Any) -> str:
        kind = type(op)
        if kind in _BINARY:
            return self._binary(op)
        if kind in _METHODS and getattr(op, "where", None) is None:
            return f"{self.value(op.arg)}.{_METHODS[kind]}()"
        if kind in _SPREADS and op.where is None:
            return f"{self.value(op.arg)}.{_SPREADS[kind]}(how={_quoted(op.how)})"
        if kind in _VARIADIC:
            return f"ibis.{_VARIADIC[kind]}({self._listed(op.arg)})"
        match op:
            case ops.Field():
                return f"{self.relation(op.rel)}[{_quoted(op.name)}]"
            case ops.Literal():
                return _literal(op)
            case ops.Not():
                return f"~{self.value(op.arg)}"
            case ops.Negate():
                return f"-{self.value(op.arg)}"
            case ops.StringConcat():
                return " + ".join(self.value(each) for each in op.arg)
            case ops.InValues():
                options = _list([_plain(each) or self.value(each, bare=True) for each in op.options])
                return f"{self.value(op.value)}.isin({options})"
            case ops.InSubquery(rel=ops.DummyTable()):
                ((name, unnest),) = op.rel.values.items()
                return f"{self.value(op.needle)}.isin({self._unnested(name, unnest)})"
            case ops.InSubquery(rel=ops.Project(parent=ops.DummyTable())):
                return f"{self.value(op.needle)}.isin({self._from_list(op.rel)})"
            case ops.WindowFunction(func=ops.RowNumber(), group_by=(), order_by=()):
                return "ibis.row_number()"
            case ops.NullIf():
                return f"{self.value(op.arg)}.nullif({self.value(op.null_if_expr, bare=True)})"
            case ops.Cast():
                return f"{self.value(op.arg)}.cast({_quoted(str(op.to))})"
            case ops.TryCast():
                return f"{self.value(op.arg)}.try_cast({_quoted(str(op.to))})"
            case ops.IfElse():
                return f"ibis.ifelse({self._listed((op.bool_expr, op.true_expr, op.false_null_expr))})"
            case ops.SearchedCase():
                cases = [f"({self._listed(pair)})" for pair in zip(op.cases, op.results, strict=True)]
                return f"ibis.cases({', '.join(cases)}, else_={self.value(op.default, bare=True)})"
            case ops.CountStar(where=None):
                return f"{self.relation(op.arg)}.count()"
            case ops.ScalarUDF():
                arguments = [_plain(each, numbers=False) or self.value(each, bare=True) for each in op.args]
                return f"{self._function(op)}({', '.join(arguments)})"
            case _:
                raise _unknown(op)

    def _binary(self, op: Any) -> str:
        left, right = self.value(op.left), self.value(op.right)
        if isinstance(op, _COMPARISONS) and not isinstance(op.left, ops.Literal):
            right = _plain(op.right) or right
        return f"{left} {_BINARY[type(op)]} {right}"

    def _listed(self, values: Iterable[Any]) -> str:
        return ", ".join(self.value(each, bare=True) for each in values)

    def _unnested(self, name: str, unnest: Any) -> str:
        if not isinstance(unnest, ops.Unnest):
            raise _unknown(unnest)
        return f"{self.value(unnest.arg)}.unnest().name({_quoted(name)}).as_table()[{_quoted(name)}]"

    def _from_list(self, op: Any) -> str:
        """Return the one column of a projection over a list's items."""
        ((name, value),) = op.values.items()
        ((item, unnest),) = op.parent.values.items()
        listed = self._fresh("listed")
        unnested = self._unnested(item, unnest).removesuffix(f"[{_quoted(item)}]")
        self.lines.append(f"{listed} = {unnested}")
        self._relations[op.parent] = listed
        return self._named(name, value, None)

    def _function(self, op: Any) -> str:
        """Return the name of an engine's function, printing its signature first."""
        name = op.__func_name__
        types = tuple(str(each.dtype) for each in op.args)
        key = (name, types, str(op.dtype))
        if key not in self._called:
            called = self._fresh(name)
            taken = f"({', '.join(map(_quoted, types))}{',' if len(types) == 1 else ''})"
            signature = f"({taken}, {_quoted(str(op.dtype))})"
            parameters = ", ".join(f"a{at}" for at in range(len(types)))
            self.functions += [
                f"@ibis.udf.scalar.builtin(name={_quoted(name)}, signature={signature})",
                f"def {called}({parameters}): ...",
                "",
            ]
            self._called[key] = called
        return self._called[key]


def _is_column(value: Any, parent: Any, name: str) -> bool:
    return isinstance(value, ops.Field) and value.rel == parent and value.name == name


def _quoted(text: str) -> str:
    return repr(text) if {"'", '"'} & set(text) else f'"{repr(text)[1:-1]}"'


def _list(items: Sequence[str]) -> str:
    return f"[{', '.join(items)}]"


def _call(function: str, arguments: Sequence[str]) -> str:
    line = f"{function}({', '.join(arguments)})"
    if len(line) <= WIDTH:
        return line
    return f"{function}(\n" + "".join(f"    {each},\n" for each in arguments) + ")"


def _plain(op: Any, *, numbers: bool = True) -> str | None:
    """Return a literal whose place settles its type as Python alone; else ``None``."""
    if not isinstance(op, ops.Literal) or isinstance(op.value, bool):
        return None
    if isinstance(op.value, str) and op.dtype.is_string():
        return _quoted(op.value)
    return repr(op.value) if numbers and isinstance(op.value, int) and op.dtype.is_integer() else None


_WRITTEN: dict[type, Callable[[Any], str]] = {
    bool: repr,
    int: repr,
    str: _quoted,
    float: lambda value: repr(value) if math.isfinite(value) else f'float("{value}")',
    Decimal: lambda value: _quoted(format(value, "f")),
    dt.date: lambda value: _quoted(value.isoformat()),
    dt.datetime: lambda value: _quoted(value.isoformat()),
}


def _literal(op: Any) -> str:
    kind = _quoted(str(op.dtype))
    if op.value is None:
        return f"ibis.null({kind})"
    if isinstance(op.value, tuple):
        return f"ibis.literal({_list([_written(each, op) for each in op.value])}, {kind})"
    return f"ibis.literal({_written(op.value, op)}, {kind})"


def _written(value: Any, op: Any) -> str:
    for kind in type(value).__mro__:
        if kind in _WRITTEN:
            return _WRITTEN[kind](value)
    raise _unknown(op)


def _unknown(op: Any) -> NotPrintable:
    return NotPrintable(
        f"The question uses an extension that cannot be printed as Ibis code ({type(op).__name__}): "
        "`explorer.value` is its Ibis expression."
    )
