"""The query document as frozen types: what is asked, never how.

A document is a first table and steps, each a pure function from a table to a table.
All parts are closed unions of frozen dataclasses: match them exhaustively.

Values are JSON's scalars, read exactly: a number with a fraction is a ``Decimal``,
never a float. After the plan's validation they are typed by their column
(``date``, ``datetime``, ``Decimal``, ...).
"""

# ruff: noqa: PLC0415 - a document reads and writes itself by modules that are made of these types

from __future__ import annotations

import datetime as dt
import importlib
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

VERSION = 1

Scalar = str | int | float | Decimal | bool | dt.date | dt.datetime | dt.time | None
"""A value. In a document as read: ``str``, ``int``, ``Decimal``, ``bool`` or ``None``."""

How = Literal["inner", "left", "right", "full"]
Comparison = Literal["=", "<", "<=", ">", ">="]
Bucket = Literal["year", "quarter", "month", "week", "day", "hour"]
Totals = Literal["none", "grand", "rollup"]
LATEST = "latest"
ALL = "all"


class _Tuples:
    """Keeps lists as tuples, so that a part made with ``[…]`` is as immutable as any."""

    __slots__: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        for name in self.__slots__:
            value = getattr(self, name)
            if isinstance(value, list):
                object.__setattr__(self, name, tuple(value))


@dataclass(frozen=True, slots=True)
class Vintage:
    """Which load of a table: values, ``latest`` or ``all``; ``None`` is the catalog's default."""

    load_type: Scalar = None
    load_id: Scalar = None


@dataclass(frozen=True, slots=True)
class Column:
    """A column's value, in an expression."""

    column: str


@dataclass(frozen=True, slots=True)
class Constant:
    """A value, in an expression; its type is what the place wants."""

    value: Scalar


@dataclass(frozen=True, slots=True)
class Call(_Tuples):
    """A function of the closed list applied to expressions."""

    fn: str
    args: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Branch:
    """One ``when`` of a case."""

    when: Tree
    then: Expression


@dataclass(frozen=True, slots=True)
class Case(_Tuples):
    """The first branch whose condition holds; else ``otherwise``, else NULL."""

    branches: tuple[Branch, ...]
    otherwise: Expression | None = None


Expression = Column | Constant | Call | Case


@dataclass(frozen=True, slots=True)
class Condition(_Tuples):
    """One rule of a filter. Which operands are set depends on the operator."""

    column: str
    op: str
    value: Scalar = None
    values: tuple[Scalar, ...] | None = None
    low: Scalar = None
    high: Scalar = None
    count: int | None = None
    unit: str | None = None
    include_current: bool = False
    other: str | None = None
    case_sensitive: bool | None = None
    disabled: bool = False


@dataclass(frozen=True, slots=True)
class Group(_Tuples):
    """Conditions and groups under one ``and`` or ``or``; an empty one keeps every row."""

    op: Literal["and", "or"] = "and"
    children: tuple[Tree, ...] = ()
    negate: bool = False
    disabled: bool = False


Tree = Group | Condition


@dataclass(frozen=True, slots=True)
class On:
    """A pair of join columns: left (of the rows so far), right (of the joined table)."""

    left: str
    right: str
    op: Comparison = "="


@dataclass(frozen=True, slots=True)
class Join(_Tuples):
    """Add the columns of another table.

    ``steps`` and ``outputs`` are the plan's and never written: steps that run on the
    joined table first, and ``(right column, name in the result)`` for each column kept
    of it.
    """

    table: str
    on: tuple[On, ...]
    how: How = "inner"
    alias: str | None = None
    vintage: Vintage | None = None
    disabled: bool = False
    steps: tuple[Step, ...] = ()
    outputs: tuple[tuple[str, str], ...] | None = None


@dataclass(frozen=True, slots=True)
class Filter:
    """Keep the rows for which the tree is true."""

    where: Tree
    role: Literal["search"] | None = None
    disabled: bool = False


@dataclass(frozen=True, slots=True)
class Derive:
    """A calculated column."""

    column: str
    expression: Expression
    disabled: bool = False


@dataclass(frozen=True, slots=True)
class Key:
    """A group key; a date may be cut to a bucket."""

    column: str
    bucket: Bucket | None = None
    alias: str | None = None

    @property
    def name(self) -> str:
        """The result column: the alias, else ``<column>_<bucket>``, else the column."""
        if self.alias is not None:
            return self.alias
        return f"{self.column}_{self.bucket}" if self.bucket else self.column


@dataclass(frozen=True, slots=True)
class Measure:
    """An aggregate; ``count`` without a column counts rows."""

    alias: str
    fn: str
    column: str | None = None


@dataclass(frozen=True, slots=True)
class Aggregate(_Tuples):
    """Group by the keys; result columns are the keys, then the measures."""

    by: tuple[Key, ...] = ()
    measures: tuple[Measure, ...] = ()
    totals: Totals = "none"
    disabled: bool = False


TOTAL = "__total__"
"""The extra last column that ``totals`` adds: how many keys were rolled up."""

ROW = "__row__"
"""A row's place in its table, in planned documents alone: tells rows apart that no column does."""


@dataclass(frozen=True, slots=True)
class SortKey:
    """A column to sort by; NULLs are always last."""

    column: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Sort(_Tuples):
    """Order the rows; it holds through later ``select`` and ``limit``."""

    by: tuple[SortKey, ...]
    disabled: bool = False


@dataclass(frozen=True, slots=True)
class Select(_Tuples):
    """The visible columns, in order."""

    columns: tuple[str, ...]
    disabled: bool = False


@dataclass(frozen=True, slots=True)
class Limit:
    """Keep the first rows."""

    rows: int
    disabled: bool = False


Step = Join | Filter | Derive | Aggregate | Sort | Select | Limit


@dataclass(frozen=True, slots=True)
class Query(_Tuples):
    """A whole document.

    Parameters
    ----------
    table
        The first table's name in the catalog.
    vintage
        Which load of it; absent is the catalog's default, else ``latest``.
    steps
        In the order they run.
    as_of
        ISO timestamp that settles relative dates; the time of the run by default.
    """

    table: str
    vintage: Vintage | None = None
    steps: tuple[Step, ...] = ()
    as_of: str | None = None

    def to_json(self, *, indent: int | None = None) -> str:
        """Return the canonical JSON text."""
        from aurora_widgets.query import write

        return write.to_json(self, indent=indent)

    @classmethod
    def from_json(cls, source: str | bytes | Mapping[str, object]) -> Query:
        """Read a document; ``QueryInvalid`` holds all of its faults."""
        from aurora_widgets.query import read

        return read.from_json(source)

    def to_url(self) -> str:
        """Return the document as the ``q`` of a URL."""
        from aurora_widgets.query import url

        return url.to_url(self)

    @classmethod
    def from_url(cls, text: str) -> Query:
        """Read the ``q`` of a URL, or a whole URL."""
        from aurora_widgets.query import url

        return url.from_url(text)

    def to_code(self) -> str:
        """Return Python that asks the same."""
        from aurora_widgets.query import code

        return code.to_code(self)

    def sql(self, dialect: str = "duckdb", *, catalog: object = None) -> str:
        """Return the document as SQL for people, without a connection.

        Parameters
        ----------
        dialect
            Whose SQL.
        catalog
            An ``aurora_widgets.catalog.Catalog`` with the types of the columns: an
            explorer's ``catalog``, or one that is made of its parts.

        Raises
        ------
        QueryInvalid
            The document can't be run on these tables.
        CatalogInvalid
            No catalog is given.
        DialectUnknown
            There is no such dialect.
        """
        # By its name: what writes SQL is made of these types, and no part of them.
        text: str = importlib.import_module("aurora_widgets.service.offline").sql_text(self, catalog, dialect)
        return text

    @classmethod
    def from_code(cls, text: str) -> Query:
        """Read what ``to_code`` prints, without running it."""
        from aurora_widgets.query import code

        return code.from_code(text)
