"""What is asked about one column of a result: its values, and the column summed up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aurora_widgets.errors import Fault, QueryInvalid
from aurora_widgets.export.cells import cells, cut
from aurora_widgets.query.faults import nearest, shown
from aurora_widgets.service import questions
from aurora_widgets.service.answers import Profile, Value, Values

if TYPE_CHECKING:
    from aurora_widgets.engine.base import Cancellation
    from aurora_widgets.export.cells import Cell
    from aurora_widgets.query.model import Query
    from aurora_widgets.query.types import ColumnType, Schema
    from aurora_widgets.service.run import Runner

_TOP_VALUES = 10


def values(
    runner: Runner,
    query: Query,
    column: str,
    *,
    search: str,
    limit: int | None,
    order: questions.Order,
    cancellation: Cancellation | None,
) -> Values:
    """List values; see ``Runner.values``."""
    settings = runner.settings
    most = min(limit or settings.whole("PREVIEW_PAGE_ROWS"), settings.whole("PREVIEW_MAX_ROWS"))
    schema, kind = _column(runner, query, column)
    if kind.family not in questions.COMPARABLE:
        return Values((), more=False)
    document = questions.values(query, schema, column, search=search, most=most + 1, order=order)
    found = runner.answer(runner.plan(document, cancellation=cancellation), cancellation)
    rows: list[Any] = found.column(1).to_pylist()
    texts = cells(found.column(0), kind, runner.catalog.time_zone)
    too_long = set(cut(texts, settings.whole("CELL_MAX_CHARACTERS")))
    listed = [
        Value(value, int(count), index in too_long)
        for index, (value, count) in enumerate(zip(texts, rows, strict=True))
    ]
    return Values(tuple(listed[:most]), more=len(listed) > most)


def profile(runner: Runner, query: Query, column: str, cancellation: Cancellation | None) -> Profile:
    """Sum a column up; see ``Runner.profile``."""
    schema, kind = _column(runner, query, column)
    planned = runner.plan(questions.profile(query, schema, column), cancellation=cancellation)
    found = runner.answer(planned, cancellation)
    row = {
        field.name: cells(values, field.type, runner.catalog.time_zone)[0]
        for field, values in zip(planned.schema, found.columns, strict=True)
    }
    rows, filled, distinct = (row.get(name) for name in ("rows", "filled", "distinct"))
    return Profile(
        type=kind,
        rows=_whole(rows),
        empty=_whole(rows) - _whole(filled),
        distinct=None if distinct is None else _whole(distinct),
        min=row.get("min"),
        max=row.get("max"),
        average=row.get("avg"),
        top=runner.values(query, column, limit=_TOP_VALUES, cancellation=cancellation).values,
    )


def told_apart(schema: Schema) -> None:
    """Raise ``QueryInvalid`` where two columns differ by case alone."""
    seen: dict[str, str] = {}
    for field in schema:
        other = seen.setdefault(field.name.casefold(), field.name)
        if other != field.name:
            message = (
                f"{shown(other)} and {shown(field.name)} differ by case alone, and SQL built on an "
                "expression would mix them up: show one of them, or use to_arrow()."
            )
            raise QueryInvalid([Fault("duplicate-name", "", message)])


def _column(runner: Runner, query: Query, name: str) -> tuple[Schema, ColumnType]:
    """Return the columns of the question's result and the type of one of them."""
    schema = runner.plan(query).schema
    for field in schema:
        if field.name == name:
            return schema, field.type
    near = nearest(name, [field.name for field in schema])
    hint = f"; did you mean {shown(near)}?" if near else "."
    raise QueryInvalid([Fault("unknown-column", "column", f"{shown(name)} is not a column here{hint}", near)])


def _whole(cell: Cell) -> int:
    return 0 if cell is None else int(cell)
