"""What the page may do and ask, as a closed union of frozen types (``js/protocol.ts``)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from aurora_widgets.query.model import Aggregate, Join, Query, Scalar, SortKey, Tree, Vintage

GridView = Literal["table", "datagrid"]


@dataclass(frozen=True, slots=True)
class Pick:
    """Start a question on a table."""

    table: str


@dataclass(frozen=True, slots=True)
class ChooseVintage:
    """Choose the load of the first table."""

    load_type: Scalar
    load_id: Scalar


@dataclass(frozen=True, slots=True)
class SetFilter:
    """Replace both filters by one tree."""

    where: Tree | None


@dataclass(frozen=True, slots=True)
class Search:
    """Look for a text in the grid's data."""

    text: str


@dataclass(frozen=True, slots=True)
class SetJoins:
    """Replace the joins, and the first table where the sides were swapped."""

    joins: tuple[Join, ...]
    first: Query | None


@dataclass(frozen=True, slots=True)
class Summarize:
    """Replace the aggregation."""

    aggregate: Aggregate | None


@dataclass(frozen=True, slots=True)
class Calculated:
    """A calculated column as it was typed; ``was`` is its name in the question, where it is there."""

    column: str
    formula: str
    was: str | None = None
    disabled: bool = False


@dataclass(frozen=True, slots=True)
class Calculate:
    """Replace the calculated columns."""

    columns: tuple[Calculated, ...]


@dataclass(frozen=True, slots=True)
class SetSort:
    """Replace the order."""

    by: tuple[SortKey, ...]


@dataclass(frozen=True, slots=True)
class SortHeader:
    """Sort by the header of the large grid that was pressed last, with ``also`` beside the other columns."""

    also: bool


@dataclass(frozen=True, slots=True)
class SetSelect:
    """Replace the shown columns."""

    columns: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class OnChip:
    """Remove or toggle what a chip stands for."""

    do: Literal["remove", "toggle"]
    chip: str


@dataclass(frozen=True, slots=True)
class FilterCell:
    """Keep the rows like a cell of the page, or unlike it.

    ``epoch`` says which page the row was read on, so that a row of a newer one is never meant.
    """

    row: int
    column: str
    negate: bool
    epoch: int | None = None


@dataclass(frozen=True, slots=True)
class Plain:
    """A deed without operands."""

    do: Literal["undo", "redo", "reset", "cancel", "retry", "fix"]


@dataclass(frozen=True, slots=True)
class ShowPage:
    """Turn to the page that begins at this row."""

    offset: int


@dataclass(frozen=True, slots=True)
class SwitchGrid:
    """Change the grid's view."""

    view: GridView


@dataclass(frozen=True, slots=True)
class SetQuery:
    """Ask a whole document."""

    query: Query


Deed = (
    Pick
    | ChooseVintage
    | SetFilter
    | Search
    | SetJoins
    | Summarize
    | Calculate
    | SetSort
    | SortHeader
    | SetSelect
    | OnChip
    | FilterCell
    | Plain
    | ShowPage
    | SwitchGrid
    | SetQuery
)


@dataclass(frozen=True, slots=True)
class Before:
    """What stands before a join in an editor's draft."""

    first: Query
    joins: tuple[Join, ...]


@dataclass(frozen=True, slots=True)
class AskCount:
    """How many rows a draft of the filter would keep."""

    where: Tree | None


@dataclass(frozen=True, slots=True)
class AskValues:
    """Distinct values of a column, for the value editor."""

    column: str
    search: str
    limit: int


@dataclass(frozen=True, slots=True)
class AskTable:
    """A table's columns, or an example of its rows."""

    ask: Literal["columns", "example"]
    table: str


@dataclass(frozen=True, slots=True)
class AskLoads:
    """Which loads of a table may be chosen, and which a draft has chosen."""

    table: str
    vintage: Vintage | None


@dataclass(frozen=True, slots=True)
class AskKeys:
    """Which pairs of columns would join a table."""

    table: str
    index: int
    before: Before | None


@dataclass(frozen=True, slots=True)
class AskJoinCheck:
    """What a join would do to the rows."""

    join: Join
    index: int
    before: Before | None


@dataclass(frozen=True, slots=True)
class AskSummary:
    """Which columns a draft of the aggregation gives."""

    aggregate: Aggregate


@dataclass(frozen=True, slots=True)
class AskFormulas:
    """What is wrong with the formulas of an editor's draft, and what they give."""

    columns: tuple[Calculated, ...]


@dataclass(frozen=True, slots=True)
class AskCalculated:
    """A few rows of one calculated column of a draft."""

    columns: tuple[Calculated, ...]
    index: int


@dataclass(frozen=True, slots=True)
class AskFunctions:
    """What a formula can be made of."""


@dataclass(frozen=True, slots=True)
class AskProfile:
    """What a column holds."""

    column: str


@dataclass(frozen=True, slots=True)
class AskCell:
    """The whole text of a cell."""

    row: int
    column: str
    epoch: int | None = None


@dataclass(frozen=True, slots=True)
class AskCode:
    """The question as SQL, Python, JSON and link."""


Ask = (
    AskCount
    | AskValues
    | AskTable
    | AskLoads
    | AskKeys
    | AskJoinCheck
    | AskSummary
    | AskFormulas
    | AskCalculated
    | AskFunctions
    | AskProfile
    | AskCell
    | AskCode
)


@dataclass(frozen=True, slots=True)
class Asked:
    """An ask with the number that its answer carries back."""

    id: int
    ask: Ask
