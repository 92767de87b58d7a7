"""What an expression is built for: a statement with binds, or an Ibis table of its own.

The builders of conditions, functions and measures are the same for both; they ask the
target for a value's place, a cast, and the rows of totals.
"""

from __future__ import annotations

import urllib.parse
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import ibis
import ibis.expr.datashape as ds
import ibis.expr.datatypes as dt
import ibis.expr.operations as ops
import ibis.expr.types as ir
from ibis.common.typing import VarTuple  # noqa: TC002 - Ibis reads the annotations of its nodes

from aurora_widgets.query.types import DATE, INT64, TEXT, TIMESTAMP, TIMESTAMPTZ, ColumnType
from aurora_widgets.sql.datatypes import call, ibis_type
from aurora_widgets.sql.fit import held

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from aurora_widgets.sql.shape import Slot, Value


class Bind(ops.Value):  # type: ignore[misc]
    """A named placeholder, cast to the type that is ``written`` unless that is empty."""

    name: str
    written: str
    dtype: dt.DataType
    shape = ds.scalar


class TypeCast(ops.Value):  # type: ignore[misc]
    """A cast to an engine's type, also to those that Ibis has not."""

    arg: ops.Value
    written: str
    dtype: dt.DataType

    @property
    def shape(self) -> Any:
        """The shape of what is cast."""
        return self.arg.shape


class RolledUp(ops.Reduction):  # type: ignore[misc]
    """How many keys a row of totals has rolled up; its aggregate is grouped by ``totals``."""

    keys: VarTuple[ops.Value]
    totals: str
    dtype = dt.int64


@dataclass(frozen=True, slots=True)
class Typed:
    """An Ibis value and its type as the document knows it."""

    value: Any
    type: ColumnType


@dataclass(frozen=True, slots=True)
class Place:
    """A bind of a statement: its name, whose value it is, and how that is read.

    Parameters
    ----------
    name
        The placeholder's.
    index
        The slot of the document's value.
    read
        From the document's value to what is bound, by ``type``.
    at
        Which of the list that ``read`` returns; past its end, the last.
    """

    name: str
    index: int
    read: Callable[[Any, ColumnType], Any]
    type: ColumnType
    at: int | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What a value's own nature decided of a statement: the question asked of it, and the answer."""

    index: int
    question: Callable[[Any, ColumnType], object]
    type: ColumnType
    answer: object

    def holds(self, values: Sequence[Value]) -> bool:
        """Whether other values decide the same."""
        return self.question(values[self.index], self.type) == self.answer


class Target(ABC):
    """Where an expression is built.

    Parameters
    ----------
    values
        The document's values, by their slots.
    time_zone
        In which timestamps with a zone are read.
    """

    def __init__(self, values: Sequence[Value], time_zone: str) -> None:
        self._values = values
        self.time_zone = time_zone
        self.decisions: list[Decision] = []

    def decide(self, slot: Slot, question: Callable[[Any, ColumnType], Any], column_type: ColumnType) -> Any:
        """Return what a value decides of the statement, and remember that it did."""
        answer = question(self._values[slot.index], column_type)
        self.decisions.append(Decision(slot.index, question, column_type, answer))
        return answer

    def place(self, slot: Slot, column_type: ColumnType) -> Any:
        """Return the value of a slot, as a value of that type."""
        return self._one(slot, held, column_type, None)

    def place_item(
        self, slot: Slot, read: Callable[[Any, ColumnType], list[Any]], column_type: ColumnType, at: int
    ) -> Any:
        """Return one of the list that ``read`` makes of a slot; past its end, the last."""
        return self._one(slot, read, column_type, at)

    @abstractmethod
    def _one(
        self, slot: Slot, read: Callable[[Any, ColumnType], Any], column_type: ColumnType, at: int | None
    ) -> Any: ...

    @abstractmethod
    def place_list(
        self, slot: Slot, read: Callable[[Any, ColumnType], list[Any]], column_type: ColumnType
    ) -> Any:
        """Return the list that ``read`` makes of a slot, as an array of that type."""

    @abstractmethod
    def first(self, table: ir.Table, slot: Slot) -> ir.Table:
        """Return the first rows of a table, as many as a slot says, whatever becomes of them.

        DuckDB filters what it scans by what a later join or sort keeps, also below a LIMIT, unless
        something keeps it from that.
        """

    @abstractmethod
    def written_as(self, value: ir.Value, column_type: ColumnType) -> Any:
        """Return the engine's own cast of a value."""

    @abstractmethod
    def totals(
        self, table: ir.Table, keys: Sequence[str], measures: Mapping[str, Any], totals: str, name: str
    ) -> ir.Table:
        """Return the groups of ``table`` and their totals, with the count of rolled-up keys last."""

    def cast(self, typed: Typed, to: ColumnType) -> Any:
        """Return a value as another type; a timestamp with a zone by the time zone in force."""
        if typed.type == to:
            return typed.value
        if typed.type == TIMESTAMPTZ:
            local = call("timezone", ibis.literal(self.time_zone), typed.value, to=TIMESTAMP)
            return self.cast(Typed(local, TIMESTAMP), to)
        if to == TIMESTAMPTZ and typed.type in {DATE, TIMESTAMP}:
            return call("timezone", ibis.literal(self.time_zone), self.cast(typed, TIMESTAMP), to=TIMESTAMPTZ)
        return self.written_as(typed.value, to)


_PLAIN = {"text", "boolean", "date", "timestamp", "timestamptz", "float64"}
"""Types that a bind has by its Python value's type, whatever the value."""


class ForStatement(Target):
    """Builds for a statement: values become binds, named in the order they are met."""

    def __init__(
        self, values: Sequence[Value], time_zone: str, type_name: Callable[[ColumnType], str]
    ) -> None:
        super().__init__(values, time_zone)
        self._type_name = type_name
        self.places: list[Place] = []

    def _name(self) -> str:
        return f"p{len(self.places) + 1}"

    def _one(
        self, slot: Slot, read: Callable[[Any, ColumnType], Any], column_type: ColumnType, at: int | None
    ) -> Any:
        place = Place(self._name(), slot.index, read, column_type, at)
        self.places.append(place)
        written = "" if column_type.name in _PLAIN else self._type_name(column_type)
        return Bind(place.name, written, ibis_type(column_type)).to_expr()

    def place_list(
        self, slot: Slot, read: Callable[[Any, ColumnType], list[Any]], column_type: ColumnType
    ) -> Any:
        """See ``Target``."""
        place = Place(self._name(), slot.index, read, column_type)
        self.places.append(place)
        return Bind(
            place.name, f"{self._type_name(column_type)}[]", dt.Array(ibis_type(column_type))
        ).to_expr()

    def first(self, table: ir.Table, slot: Slot) -> ir.Table:
        """See ``Target``; the dialect's LIMIT sees to it."""
        place = Place(self._name(), slot.index, held, INT64)
        self.places.append(place)
        return table.limit(Bind(place.name, "", dt.int64).to_expr())

    def written_as(self, value: ir.Value, column_type: ColumnType) -> Any:
        """See ``Target``."""
        return TypeCast(value.op(), self._type_name(column_type), ibis_type(column_type)).to_expr()

    def totals(
        self, table: ir.Table, keys: Sequence[str], measures: Mapping[str, Any], totals: str, name: str
    ) -> ir.Table:
        """Group by grouping sets, in one pass over the rows."""
        rolled = RolledUp(tuple(table[key].op() for key in keys), totals).to_expr()
        return table.aggregate([*_named(measures), rolled.name(name)], by=list(keys))


class ForTable(Target):
    """Builds an Ibis table that any DuckDB connection of Ibis can run: values become literals."""

    def _one(
        self, slot: Slot, read: Callable[[Any, ColumnType], Any], column_type: ColumnType, at: int | None
    ) -> Any:
        value = read(self._values[slot.index], column_type)
        if at is not None:
            value = value[min(at, len(value) - 1)]
        if isinstance(value, str) and "\0" in value:
            # No SQL text may hold a NUL: it ends the statement.
            return call("url_decode", ibis.literal(urllib.parse.quote(value)), to=TEXT)
        return ibis.literal(value, type=ibis_type(column_type))

    def place_list(
        self, slot: Slot, read: Callable[[Any, ColumnType], list[Any]], column_type: ColumnType
    ) -> Any:
        """See ``Target``."""
        return ibis.literal(
            read(self._values[slot.index], column_type), type=dt.Array(ibis_type(column_type))
        )

    def first(self, table: ir.Table, slot: Slot) -> ir.Table:
        """See ``Target``; a window sees to it."""
        rows = held(self._values[slot.index], INT64)  # type: ignore[arg-type]
        return table.limit(rows).filter(ibis.row_number() >= 0)

    def written_as(self, value: ir.Value, column_type: ColumnType) -> Any:
        """See ``Target``."""
        # ``cast`` leaves out what is idle: also one of a 128-bit integer, which Ibis takes for a decimal.
        return value.cast(ibis_type(column_type))

    def totals(
        self, table: ir.Table, keys: Sequence[str], measures: Mapping[str, Any], totals: str, name: str
    ) -> ir.Table:
        """Unite one aggregate a level, as Ibis has no grouping sets."""
        types = table.schema()
        levels = []
        for kept in range(len(keys), -1, -1) if totals == "rollup" else sorted({len(keys), 0}, reverse=True):
            # An aggregate of nothing by nothing is no SQL; its one row is that of any aggregate.
            made = _named(measures) if kept or measures else [table.count().name("rows")]
            level = table.aggregate(made, by=list(keys[:kept]))
            shown = {key: level[key] if at < kept else ibis.null(types[key]) for at, key in enumerate(keys)}
            shown |= {measure: level[measure] for measure in measures}
            levels.append(level.select(**shown, **{name: ibis.literal(len(keys) - kept, type=dt.int64)}))
        return ibis.union(*levels) if len(levels) > 1 else levels[0]


def _named(measures: Mapping[str, Any]) -> list[Any]:
    return [measure.name(name) for name, measure in measures.items()]
