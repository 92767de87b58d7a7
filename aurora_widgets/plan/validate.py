"""Everything wrong with a document at once; and the same document, plain, where nothing is.

Paths count the document as written, disabled steps included. A disabled step, group or
condition means nothing: it is not looked into and is gone afterwards. Where a fault leaves
columns or a type open, what hangs on them is no fault of its own.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, assert_never

from aurora_widgets.errors import Fault, QueryInvalid
from aurora_widgets.plan import shape
from aurora_widgets.plan.columns import Columns
from aurora_widgets.plan.conditions import HOLDS, Conditions
from aurora_widgets.plan.expressions import Expressions
from aurora_widgets.plan.names import folded, of_expression
from aurora_widgets.plan.order import UNSORTABLE
from aurora_widgets.query.checks import check_part
from aurora_widgets.query.faults import at, in_order, one_of, shown, unknown
from aurora_widgets.query.functions import buckets_for, common_type
from aurora_widgets.query.measures import MEASURES, measures_for
from aurora_widgets.query.model import (
    ALL,
    LATEST,
    TOTAL,
    Aggregate,
    Constant,
    Derive,
    Filter,
    Join,
    Key,
    Limit,
    Measure,
    On,
    Query,
    Scalar,
    Select,
    Sort,
    SortKey,
    Step,
    Vintage,
)
from aurora_widgets.query.types import INT64, TIMESTAMPTZ, UNKNOWN, ColumnType, Family
from aurora_widgets.query.values import typed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aurora_widgets.catalog.model import Table
    from aurora_widgets.plan.context import Context


def validate(query: Query, context: Context) -> Query:
    """Refuse a document with faults; drop what is disabled, type values, name joined columns.

    Raises
    ------
    QueryInvalid
        With every fault and its path.
    """
    most = context.settings.whole("QUERY_MAX_STEPS")
    count = sum(not step.disabled for step in query.steps)
    if count > most:
        message = f"A question has at most {most:,} steps; this one has {count:,}."
        raise QueryInvalid([Fault("too-many", "steps", message)])
    faults: list[Fault] = []
    zone = zoneinfo.ZoneInfo(context.catalog.time_zone)
    now = _now(query.as_of, context.now, zone, faults)
    check = _Check(context, faults, zone, Conditions(now, zone, faults))
    checked = check.query(query)
    if faults:
        raise QueryInvalid(in_order(faults))
    return checked


def _now(as_of: str | None, now: dt.datetime, zone: zoneinfo.ZoneInfo, faults: list[Fault]) -> dt.datetime:
    """Return the wall clock's time that settles relative dates."""
    if as_of is not None:
        told = typed(as_of, TIMESTAMPTZ, "as_of", "as_of")
        if isinstance(told, Fault):
            faults.append(told)
        elif isinstance(told, dt.datetime):
            now = told if told.tzinfo is not None else told.replace(tzinfo=zone)
        elif isinstance(told, dt.date):
            now = dt.datetime.combine(told, dt.time(), zone)
    return now.astimezone(zone).replace(tzinfo=None)


@dataclass(slots=True)
class _Check:
    """Walks the steps with the columns at hand."""

    context: Context
    faults: list[Fault]
    zone: zoneinfo.ZoneInfo
    conditions: Conditions

    def query(self, query: Query) -> Query:
        table = self._table(query.table, "table")
        vintage = query.vintage
        columns = Columns(partial=True)
        if table is not None:
            columns = Columns.of(table.schema)
            vintage = self._vintage(vintage, table, "vintage")
        self.faults.extend(check_part(query, ""))
        done: list[Step] = []
        for index, step in enumerate(query.steps):
            if not step.disabled:
                done.extend(self.step(step, columns, at("steps", index)))
        return Query(query.table, vintage, tuple(done))

    def step(self, step: Step, columns: Columns, path: str) -> Iterable[Step]:
        """Return the step made plain, and leave in ``columns`` what it leaves."""
        self.faults.extend(check_part(step, path))
        match step:
            case Join():
                return (self._join(step, columns, path),)
            case Filter():
                if step.where.disabled:
                    return ()
                return (Filter(self.conditions.tree(step.where, columns, at(path, "where")), step.role),)
            case Derive():
                return (self._derive(step, columns, path),)
            case Aggregate():
                return self._aggregate(step, columns, path)
            case Sort():
                keys = self._sort_keys(step, columns, path)
                return (Sort(keys),) if keys else ()
            case Select():
                return (self._select(step, columns, path),)
            case Limit():
                if step.rows < 0:
                    self._fault("wrong-value", at(path, "rows"), "The number of rows can't be negative.")
                return (step,)
            case _:
                assert_never(step)

    def _table(self, name: str, path: str) -> Table | None:
        table = self.context.catalog.get(name)
        if table is None:
            self.faults.append(
                unknown("unknown-table", path, name, "a table here", self.context.catalog.tables)
            )
        return table

    def _vintage(self, vintage: Vintage | None, table: Table, path: str) -> Vintage | None:
        """Type the pins of a vintage by their columns."""
        if vintage is None:
            return None
        pins = table.vintage
        if pins is None:
            if {vintage.load_type, vintage.load_id} - {None, ALL}:
                self._fault("no-vintage", path, f"{shown(table.name)} has no loads to choose from.")
            return None
        return Vintage(
            self._pin(vintage.load_type, pins.load_type, table, at(path, "load_type")),
            self._pin(vintage.load_id, pins.load_id, table, at(path, "load_id")),
        )

    def _pin(self, value: Scalar, name: str | None, table: Table, path: str) -> Scalar:
        if value is None or value in {LATEST, ALL}:
            return value
        column = None if name is None else table.column(name)
        if column is None:
            self._fault("no-vintage", path, f"{shown(table.name)} has no load types to choose from.")
            return value
        told = typed(value, column.type, path, column.name)
        if isinstance(told, Fault):
            self.faults.append(told)
            return value
        return told

    def _join(self, join: Join, columns: Columns, path: str) -> Join:
        table = self._table(join.table, at(path, "table"))
        right = Columns(partial=True) if table is None else Columns.of(table.schema)
        vintage = None if table is None else self._vintage(join.vintage, table, at(path, "vintage"))
        if not join.on:
            self._fault("wrong-join", at(path, "on"), "A join needs a pair of columns to match on.")
        for index, pair in enumerate(join.on):
            self._pair(pair, columns, right, at(at(path, "on"), index))
        if table is None:
            columns.partial = True
            return join
        return self._named(replace(join, vintage=vintage), columns, table, path)

    def _pair(self, pair: On, columns: Columns, right: Columns, path: str) -> None:
        left_type = columns.find(pair.left, at(path, "left"), self.faults)
        right_type = right.find(pair.right, at(path, "right"), self.faults)
        if left_type is None or right_type is None:
            return
        alike = left_type.family is right_type.family
        if left_type.family is Family.OTHER:
            alike = left_type == right_type and left_type.name not in UNSORTABLE
        if not alike:
            self._fault(
                "wrong-type",
                path,
                f"{shown(pair.left)} holds {HOLDS[left_type.family]} and {shown(pair.right)} holds "
                f"{HOLDS[right_type.family]}: they can't be matched.",
            )
        elif pair.op != "=" and left_type.family in {Family.BOOLEAN, Family.OTHER}:
            self._fault("wrong-type", at(path, "op"), f"{shown(pair.left)} can only be matched by `=`.")

    def _named(self, join: Join, columns: Columns, table: Table, path: str) -> Join:
        """Name the columns that a join adds, and coalesce its keys."""
        right = {each.name: each.type for each in table.schema}
        for left, name in shape.coalesced(join).items():
            mine, its = columns.types.get(left), right.get(name)
            if mine is not None and its is not None:
                columns.types[left] = common_type((mine, its)) or mine
        outputs = shape.outputs(tuple(columns.types), join, table.schema)
        before, place = Columns(dict(columns.types)), at(path, "as" if join.alias else "table")
        for column, name in outputs:
            # Two of the joined table's own may differ by case alone.
            others = columns if name in columns.types else before
            if self._new(name, others, place, "name the join with `as`"):
                columns.types[name] = right[column]
        return replace(join, outputs=outputs)

    def _derive(self, step: Derive, columns: Columns, path: str) -> Derive:
        reader = Expressions(columns, self.faults, self.zone, self.conditions)
        expression, found = reader.read(step.expression, at(path, "expression"))
        if found == UNKNOWN and not any(of_expression(expression)):
            self._fault("wrong-value", at(path, "expression"), "This is empty on every row.")
        self._new(step.column, columns, at(path, "column"), "choose another name")
        columns.types.setdefault(step.column, found)
        return Derive(step.column, expression)

    def _aggregate(self, step: Aggregate, columns: Columns, path: str) -> Iterable[Step]:
        result = Columns(partial=False)
        for index, key in enumerate(step.by):
            self._key(key, columns, result, at(at(path, "by"), index))
        for index, measure in enumerate(step.measures):
            self._measure(measure, columns, result, at(at(path, "measures"), index))
        if step.totals != "none":
            result.types[TOTAL] = INT64
        columns.types = result.types
        # What stood open before is settled now, as only these columns exist.
        columns.partial = False
        if step.totals != "none" and not step.by:
            # One row, and nothing in it is rolled up.
            return replace(step, totals="none"), Derive(TOTAL, Constant(0))
        return (step,)

    def _key(self, key: Key, columns: Columns, result: Columns, path: str) -> None:
        found = columns.find(key.column, at(path, "column"), self.faults)
        if found is not None and found.name in UNSORTABLE:
            self._fault("wrong-type", at(path, "column"), f"{shown(key.column)} can't be grouped by.")
        if found is not None and key.bucket is not None and key.bucket not in buckets_for(found):
            units = buckets_for(found)
            fix = f"; use {one_of(units)}." if units else ": only dates can."
            self._fault(
                "wrong-bucket", at(path, "bucket"), f"{shown(key.column)} can't be cut to `{key.bucket}`{fix}"
            )
        if key.name not in result.types:
            self._new(
                key.name, result, at(path, "column" if key.alias is None else "as"), "name it with `as`"
            )
        result.types.setdefault(key.name, found)

    def _measure(self, measure: Measure, columns: Columns, result: Columns, path: str) -> None:
        self.faults.extend(check_part(measure, path))
        row = MEASURES.get(measure.fn)
        if row is None:
            self.faults.append(
                unknown("unknown-measure", at(path, "fn"), measure.fn, "a measure", MEASURES, list_them=True)
            )
        found: ColumnType | None = None
        known = measure.column is None
        if measure.column is not None:
            found = columns.find(measure.column, at(path, "column"), self.faults)
            known = found is not None
        elif row is not None:
            known = not row.needs_column
        if row is not None and found is not None and found.family not in row.families:
            names = [each.fn for each in measures_for(found)]
            self._fault(
                "wrong-measure",
                at(path, "fn"),
                f"{shown(measure.column or '')} holds {HOLDS[found.family]}, which `{measure.fn}` "
                f"can't take; use {one_of(names)}.",
            )
            known = False
        if measure.alias not in result.types:
            self._new(measure.alias, result, at(path, "as"), "choose another name")
        result.types.setdefault(measure.alias, row.result(found) if row is not None and known else None)

    def _sort_keys(self, step: Sort, columns: Columns, path: str) -> tuple[SortKey, ...]:
        keys: dict[str, SortKey] = {}
        for index, key in enumerate(step.by):
            place = at(at(at(path, "by"), index), "column")
            found = columns.find(key.column, place, self.faults)
            if found is not None and found.name in UNSORTABLE:
                self._fault("wrong-type", place, f"{shown(key.column)} can't be sorted by.")
            keys.setdefault(key.column, key)
        return tuple(keys.values())

    def _select(self, step: Select, columns: Columns, path: str) -> Select:
        if not step.columns:
            self._fault("empty-step", at(path, "columns"), "Keep at least one column.")
        types: dict[str, ColumnType | None] = {}
        for index, name in enumerate(step.columns):
            place = at(at(path, "columns"), index)
            if name in types:
                self._fault("duplicate-name", place, f"{shown(name)} is there already.")
            types.setdefault(name, columns.find(name, place, self.faults))
        columns.types = types
        # A name that an earlier fault hides stands for one column now.
        columns.partial = False
        return Select(step.columns)

    def _new(self, name: str, columns: Columns, path: str, fix: str) -> bool:
        """Check a name that a step makes; names that differ by case alone are the same."""
        if not name.strip():
            self._fault("missing-value", path, "A column needs a name.")
            return False
        if any(folded(name) == folded(each) for each in columns.types):
            self._fault("duplicate-name", path, f"There is a column {shown(name)} already; {fix}.")
            return False
        return True

    def _fault(self, code: str, path: str, message: str) -> None:
        self.faults.append(Fault(code, path, message))
