"""What differs between engines, as data: the printer, the names of types, how a bind looks."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlglot as sg
import sqlglot.expressions as sge
from ibis.backends.sql.compilers.duckdb import DuckDBCompiler

from aurora_widgets.errors import AuroraError
from aurora_widgets.sql.target import RolledUp

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ibis.backends.sql.compilers.base import SQLGlotCompiler

    from aurora_widgets.query.types import ColumnType


class DialectUnknown(AuroraError):
    """A dialect that no statement can be written in."""

    code = "DIALECT_UNKNOWN"
    status = 422


FUNCTIONS = (
    "abs", "add", "age", "ceil", "contains", "date_diff", "date_trunc", "day", "divide", "epoch_us", "floor",
    "hour", "isodow", "length", "lower", "mod", "month", "multiply", "quarter", "regexp_full_match",
    "replace", "round", "starts_with", "substring", "subtract", "suffix", "timezone", "to_days", "to_hours",
    "to_months", "trim", "upper", "year",
)  # fmt: skip
"""Functions that this room calls by name (``datatypes.call``). The names and the meanings are DuckDB's:
another dialect's table says what has each meaning there."""

Written = str | type[sge.Binary]
"""How a dialect writes a function: by a name of its own, or between its operands."""

_DUCKDB_FUNCTIONS: Mapping[str, Written] = {
    **{name: name for name in FUNCTIONS},
    # These read better as what they are; Ibis's own want operands of a type it can promote.
    "add": sge.Add,
    "subtract": sge.Sub,
    "multiply": sge.Mul,
}


class _DuckDB(DuckDBCompiler):  # type: ignore[misc]
    """Ibis's DuckDB printer with our binds and totals, and every column named."""

    __slots__ = ()

    def visit_Bind(self, op: Any, *, name: str, written: str, dtype: Any) -> Any:  # noqa: ARG002, N802
        place = sge.Placeholder(this=name)
        return _cast(place, written) if written else place

    def visit_TypeCast(self, op: Any, *, arg: Any, written: str, dtype: Any) -> Any:  # noqa: ARG002, N802
        return _cast(arg, written)

    def visit_RolledUp(self, op: Any, *, keys: Any, totals: str) -> Any:  # noqa: ARG002, N802
        counts: list[Any] = [sge.Anonymous(this="GROUPING", expressions=[key]) for key in keys]
        added = functools.partial(functools.reduce, lambda a, b: sge.Add(this=a, expression=b))
        return added(counts) if counts else sge.convert(0)

    def visit_ScalarUDF(self, op: Any, **kw: Any) -> Any:  # noqa: N802
        written = _DUCKDB_FUNCTIONS.get(op.__func_name__, op.__func_name__)  # an extension's is not there
        if isinstance(written, str):
            return self.f.anon[written](*kw.values())
        return self.binop(written, *kw.values())

    def visit_Not(self, op: Any, *, arg: Any) -> Any:  # noqa: N802
        bare = arg.this if isinstance(arg, sge.Paren) else arg
        return sge.NEQ(**bare.args) if isinstance(bare, sge.EQ) else super().visit_Not(op, arg=arg)

    def visit_And(self, op: Any, *, left: Any, right: Any) -> Any:  # noqa: ARG002, N802
        return _connected(sge.And, left, right)

    def visit_Or(self, op: Any, *, left: Any, right: Any) -> Any:  # noqa: ARG002, N802
        return _connected(sge.Or, left, right)

    def visit_Select(self, op: Any, *, selections: Any, **kw: Any) -> Any:  # noqa: N802
        star = op.is_star_selection()
        result = super().visit_Select(op, selections=selections, **kw)
        if star and isinstance(result, sge.Select):
            result.set("expressions", list(self._cleanup_names(selections)))
        return result

    def visit_Aggregate(self, op: Any, *, parent: Any, groups: Any, metrics: Any) -> Any:  # noqa: N802
        select = super().visit_Aggregate(op, parent=parent, groups=groups, metrics=metrics)
        totals = next((each.totals for each in op.metrics.values() if isinstance(each, RolledUp)), None)
        if totals and groups:
            select.set("group", _GROUPS[totals]([each.copy() for each in groups.values()]))
        return select

    def visit_Limit(self, op: Any, *, parent: Any, n: Any, offset: Any) -> Any:  # noqa: N802, ARG002
        if isinstance(parent, sge.Subquery) and parent.this.args.get("limit") is None:
            first = parent.this.limit(n).subquery(parent.alias_or_name)
        else:
            first = _columns(op, parent).from_(parent).limit(n).subquery("first")
        # DuckDB filters what it scans by what a later join or sort keeps, also below a LIMIT, but not below
        # a window. This one keeps every row, in its order.
        kept = sge.GT(this=sge.Window(this=sge.RowNumber()), expression=sge.convert(0))
        return _columns(op, first).from_(first).qualify(kept)


def _columns(op: Any, table: Any) -> Any:
    """Return a SELECT of an operation's columns, which a table has."""
    return sg.select(*(sg.column(name, table=table.alias_or_name, quoted=True) for name in op.schema.names))


def _cast(value: Any, written: str) -> Any:
    """Return a cast; sqlglot's own leaves it out on one to a decimal of other digits."""
    return sge.Cast(this=value, to=sge.DataType.build(written, dialect="duckdb"))


def _connected(joint: type[sge.Connector], left: Any, right: Any) -> Any:
    """Join two booleans; only one joined by the other word needs parentheses."""
    bare = (side.this if isinstance(side, sge.Paren) else side for side in (left, right))
    sides = [
        sge.paren(each) if isinstance(each, sge.Connector) and not isinstance(each, joint) else each
        for each in bare
    ]
    return joint(this=sides[0], expression=sides[1])


def _rollup(keys: list[sge.Expression]) -> sge.Group:
    return sge.Group(rollup=[sge.Rollup(expressions=keys)])


def _grand(keys: list[sge.Expression]) -> sge.Group:
    sets = [sge.Tuple(expressions=keys), sge.Tuple(expressions=[])]
    return sge.Group(grouping_sets=[sge.GroupingSets(expressions=sets)])


_GROUPS: Mapping[str, Callable[[list[sge.Expression]], sge.Group]] = {"grand": _grand, "rollup": _rollup}

_DUCKDB_TYPES = {
    "int8": "TINYINT",
    "int16": "SMALLINT",
    "int32": "INTEGER",
    "int64": "BIGINT",
    "int128": "HUGEINT",
    "uint8": "UTINYINT",
    "uint16": "USMALLINT",
    "uint32": "UINTEGER",
    "uint64": "UBIGINT",
    "uint128": "UHUGEINT",
    "float32": "FLOAT",
    "float64": "DOUBLE",
    "text": "VARCHAR",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
    "timestamptz": "TIMESTAMPTZ",
    "time": "TIME",
    "interval": "INTERVAL",
    "binary": "BLOB",
    "uuid": "UUID",
}


@dataclass(frozen=True, slots=True)
class Dialect:
    """One engine's SQL.

    Parameters
    ----------
    name
        As ``compile`` takes it and sqlglot knows it.
    printer
        From Ibis to a sqlglot tree.
    types
        The name of each plain type; a decimal's is made by ``decimal``.
    decimal
        The name of the decimal type, to be filled with precision and scale.
    functions
        How it writes each of ``FUNCTIONS``.
    """

    name: str
    printer: type[SQLGlotCompiler]
    types: Mapping[str, str]
    decimal: str
    functions: Mapping[str, Written]

    def type_name(self, column_type: ColumnType) -> str:
        """Return the engine's name of a type."""
        if column_type.is_decimal:
            return self.decimal.format(*column_type.precision_scale)
        return self.types[column_type.name]


DIALECTS: dict[str, Dialect] = {
    "duckdb": Dialect("duckdb", _DuckDB, _DUCKDB_TYPES, "DECIMAL({}, {})", _DUCKDB_FUNCTIONS),
}
"""Every dialect by name."""


def dialect_of(name: str) -> Dialect:
    """Return the dialect of that name.

    Raises
    ------
    DialectUnknown
        There is none.
    """
    if name not in DIALECTS:
        raise DialectUnknown(f"There is no SQL for {name} yet; use {' or '.join(DIALECTS)}.")
    return DIALECTS[name]
