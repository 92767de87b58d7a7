"""What an expression is built for: a statement with binds, or an Ibis table of its own.

The builders of conditions, functions and measures are the same for both; they ask the
target for a value's place, a cast, and the rows of totals.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

import ibis
import ibis.expr.datashape as ds
import ibis.expr.datatypes as dt
import ibis.expr.operations as ops
import ibis.expr.types as ir
from ibis.common.typing import VarTuple

from aurora_widgets.query.model import Scalar
from aurora_widgets.query.types import DATE, TEXT, TIMESTAMP, TIMESTAMPTZ, ColumnType
from aurora_widgets.sql.datatypes import call, ibis_type
from aurora_widgets.sql.fit import held
from aurora_widgets.sql.shape import Slot, Value


class Bind(ops.Value):  # type: ignore[misc]
    """A named placeholder of a statement."""

    name: str
    written: str
    dtype: dt.DataType
    shape = ds.scalar


class TypeCast(ops.Value):  # type: ignore[misc]
    """A cast to a column type, also to those that Ibis has not."""

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
        self.decisions: list[tuple[int, Callable[[Any, ColumnType], object], ColumnType, object]] = []

    def decide(self, slot: Slot, question: Callable[[Any, ColumnType], Any], column_type: ColumnType) -> Any:
        """Return what a value's own nature decides of the statement, and remember that it did."""
        answer = question(self._values[slot.index], column_type)
        self.decisions.append((slot.index, question, column_type, answer))
        return answer

    def place(self, slot: Slot, column_type: ColumnType) -> Any:
        """Return the value of a slot, as a value of that type."""
        return self.place_by(slot, held, column_type)

    @abstractmethod
    def place_by(self, slot: Slot, read: Callable[[Any, ColumnType], Any], column_type: ColumnType) -> Any:
        """Return ``read`` of the slot's value, as a value of that type."""

    @abstractmethod
    def place_list(
        self, slot: Slot, read: Callable[[Any, ColumnType], list[Scalar]], column_type: ColumnType
    ) -> Any:
        """Return ``read`` of the slot's list, as an array of that type."""

    @abstractmethod
    def rows(self, slot: Slot) -> Any:
        """Return a number of rows, as ``Table.limit`` takes it."""

    @abstractmethod
    def written_as(self, value: ir.Value, column_type: ColumnType) -> Any:
        """Return the engine's own cast of a value."""

    @abstractmethod
    def totals(
        self, table: ir.Table, keys: Sequence[str], measures: dict[str, Any], totals: str, name: str
    ) -> ir.Table:
        """Return the groups of ``table`` and their totals, with the count of rolled-up keys last."""

    def cast(self, typed: Typed, to: ColumnType) -> Any:
        """Return a value as another type; a timestamp with a zone by the time zone in force."""
        if typed.type == to:
            return typed.value
        if typed.type == TIMESTAMPTZ and to != TIMESTAMPTZ:
            local = Typed(call("timezone", ibis.literal(self.time_zone), typed.value, to=TIMESTAMP), TIMESTAMP)
            return self.cast(local, to)
        if to == TIMESTAMPTZ and typed.type in {DATE, TIMESTAMP}:
            return call("timezone", ibis.literal(self.time_zone), self.cast(typed, TIMESTAMP), to=TIMESTAMPTZ)
        return self.written_as(typed.value, to)


_UNWRITTEN = {"text", "boolean", "date", "timestamp", "timestamptz", "float64"}
"""Types that a bind has by its Python value alone, whatever the value."""


@dataclass(frozen=True, slots=True)
class Place:
    """A bind of a statement: its name, whose value it is, and how that is read."""

    name: str
    index: int
    read: Callable[[Any, ColumnType], Any]
    type: ColumnType

    def of(self, values: Sequence[Value]) -> Any:
        """Return what is bound."""
        return self.read(values[self.index], self.type)


class ForStatement(Target):
    """Builds for a statement: values become binds."""

    def __init__(
        self, values: Sequence[Value], time_zone: str, type_name: Callable[[ColumnType], str]
    ) -> None:
        super().__init__(values, time_zone)
        self._type_name = type_name
        self.places: list[Place] = []

    def _bind(self, place: Place, written: str, dtype: dt.DataType) -> Any:
        self.places.append(place)
        return Bind(place.name, written, dtype).to_expr()

    def place_by(self, slot: Slot, read: Callable[[Any, ColumnType], Any], column_type: ColumnType) -> Any:
        place = Place(f"p{len(self.places) + 1}", slot.index, read, column_type)
        written = "" if column_type.name in _UNWRITTEN else self._type_name(column_type)
        return self._bind(place, written, ibis_type(column_type))

    def place_list(
        self, slot: Slot, read: Callable[[Any, ColumnType], list[Scalar]], column_type: ColumnType
    ) -> Any:
        place = Place(f"p{len(self.places) + 1}", slot.index, read, column_type)
        return self._bind(place, f"{self._type_name(column_type)}[]", dt.Array(ibis_type(column_type)))

    def rows(self, slot: Slot) -> Any:
        place = Place(f"p{len(self.places) + 1}", slot.index, lambda rows, _: rows, TEXT)
        return self._bind(place, "", dt.int64)

    def written_as(self, value: ir.Value, column_type: ColumnType) -> Any:
        return TypeCast(value.op(), self._type_name(column_type), ibis_type(column_type)).to_expr()

    def totals(
        self, table: ir.Table, keys: Sequence[str], measures: dict[str, Any], totals: str, name: str
    ) -> ir.Table:
        rolled = RolledUp(tuple(table[key].op() for key in keys), totals).to_expr()
        return table.aggregate([measures[each].name(each) for each in measures] + [rolled.name(name)], by=list(keys))


class ForTable(Target):
    """Builds an Ibis table that any Ibis connection can run: values become literals."""

    def place_by(self, slot: Slot, read: Callable[[Any, ColumnType], Any], column_type: ColumnType) -> Any:
        return ibis.literal(read(self._values[slot.index], column_type), type=ibis_type(column_type))

    def place_list(
        self, slot: Slot, read: Callable[[Any, ColumnType], list[Scalar]], column_type: ColumnType
    ) -> Any:
        values = read(self._values[slot.index], column_type)
        return ibis.literal(values, type=dt.Array(ibis_type(column_type)))

    def rows(self, slot: Slot) -> Any:
        return cast("int", self._values[slot.index])

    def written_as(self, value: ir.Value, column_type: ColumnType) -> Any:
        return value.cast(ibis_type(column_type))

    def totals(
        self, table: ir.Table, keys: Sequence[str], measures: dict[str, Any], totals: str, name: str
    ) -> ir.Table:
        kept = range(len(keys), -1, -1) if totals == "rollup" else sorted({len(keys), 0}, reverse=True)
        types = table.schema()
        levels = []
        for count in kept:
            level = table.aggregate([measures[each].name(each) for each in measures], by=list(keys[:count]))
            columns = {
                key: level[key] if at < count else ibis.null(types[key]) for at, key in enumerate(keys)
            }
            columns |= {each: level[each] for each in measures}
            levels.append(level.select(**columns, **{name: ibis.literal(len(keys) - count, type=dt.int64)}))
        return ibis.union(*levels) if len(levels) > 1 else levels[0]
