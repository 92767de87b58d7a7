"""What the service answers: frozen, exact, and each with its JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

    from aurora_widgets.catalog.model import Format
    from aurora_widgets.export.cells import Cell
    from aurora_widgets.plan.context import InForce
    from aurora_widgets.query.model import Join, Scalar
    from aurora_widgets.query.types import ColumnType


@dataclass(frozen=True, slots=True)
class PageColumn:
    """A column of a page: the document's name, its type, and how it is shown."""

    name: str
    type: ColumnType
    label: str
    format: Format | None = None

    def as_json(self) -> dict[str, object]:
        """Return the column as ``POST /api/page`` gives it."""
        form = self.format
        return {
            "name": self.name,
            "type": self.type.name,
            "label": self.label,
            "format": None
            if form is None
            else {
                "type": form.type,
                "decimals": form.decimals,
                "currency": form.currency,
                "thousands": form.thousands,
            },
        }


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of a result.

    Parameters
    ----------
    columns
        In order.
    rows
        As JSON cells (see ``cells``), a list a row.
    offset
        How many rows of the result stand before them.
    more
        Whether the result goes on after them.
    truncated
        Whether more rows were asked for than a page may have.
    cut
        ``(row, column)`` of each text that is too long for a page, shortened here.
    elapsed_ms
        From the question to its last row.
    vintage
        The loads in force, of each table that has any.
    notes
        Sentences to show beside the rows: what was cut, and how the question was read.
    from_cache
        Whether the rows were at hand.
    arrow
        The rows as the engine gave them, nothing cut; ``None`` of a page that came as JSON.
    """

    columns: tuple[PageColumn, ...]
    rows: list[list[Cell]]
    offset: int
    more: bool
    truncated: bool
    cut: tuple[tuple[int, int], ...]
    elapsed_ms: float
    vintage: tuple[InForce, ...]
    notes: tuple[str, ...]
    from_cache: bool = False
    arrow: pa.Table | None = field(default=None, repr=False, compare=False)

    def as_json(self) -> dict[str, object]:
        """Return the page as ``POST /api/page`` gives it."""
        return {
            "columns": [column.as_json() for column in self.columns],
            "rows": self.rows,
            "offset": self.offset,
            "more": self.more,
            "truncated": self.truncated,
            "cut": [list(place) for place in self.cut],
            "elapsed_ms": round(self.elapsed_ms, 1),
            "vintage": [pin.as_json() for pin in self.vintage],
            "notes": list(self.notes),
            "from_cache": self.from_cache,
        }


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows; where not ``exact``, there are more."""

    rows: int
    exact: bool


@dataclass(frozen=True, slots=True)
class Value:
    """A distinct value as a JSON cell, how many rows hold it, and whether it is too long to be here whole."""

    value: Cell
    rows: int
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Values:
    """Distinct values of a column, none of them empty; ``more`` where the list goes on."""

    values: tuple[Value, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class Loads:
    """A load type (``None`` where the table has none) and its load IDs, newest first, with their rows."""

    load_type: Scalar
    load_ids: tuple[tuple[Scalar, int], ...]


@dataclass(frozen=True, slots=True)
class Fix:
    """A join to have in place of the one checked, and the words for its button."""

    label: str
    join: Join


@dataclass(frozen=True, slots=True)
class JoinCheck:
    """What a join would do.

    Parameters
    ----------
    left_rows
        Rows before the join.
    matched, unmatched
        Of them, with a partner and without.
    multiplied
        Of them, with more than one partner.
    right_unmatched
        Rows of the joined table without a partner.
    average_matches
        Partners of a matched row, on average; 0 where none is matched.
    exact
        Whether every row was looked at.
    warning
        What would go wrong, in a sentence.
    fix
        What would put it right.
    sample
        Some joined rows.
    """

    left_rows: int
    matched: int
    unmatched: int
    multiplied: int
    right_unmatched: int
    average_matches: float
    exact: bool
    warning: str | None
    fix: Fix | None
    sample: Page


@dataclass(frozen=True, slots=True)
class Profile:
    """A column summed up; ``None`` where its type has no such figure."""

    type: ColumnType
    rows: int
    empty: int
    distinct: int | None
    min: Cell
    max: Cell
    average: Cell
    top: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a question would run: its SQL for people, the loads in force, and notes."""

    sql: str
    vintage: tuple[InForce, ...]
    notes: tuple[str, ...]
