"""What is known about the tables: discovered columns with the YAML's words over them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from aurora_widgets.query.types import ColumnType, Field, Schema

if TYPE_CHECKING:
    from collections.abc import Mapping

Cardinality = Literal["one_to_one", "one_to_many", "many_to_one", "many_to_many"]


@dataclass(frozen=True, slots=True)
class Format:
    """How cells are shown: ``number``, ``integer``, ``currency``, ``percent``, ``date`` or ``text``.

    A date that is cut to a bucket has the bucket's name: ``year``, ``quarter``, ``month``, ``week``,
    ``day``, ``hour``. No catalog says so; a question does.
    """

    type: str
    decimals: int | None = None
    currency: str | None = None
    thousands: bool = True


@dataclass(frozen=True, slots=True)
class Column:
    """A column as the catalog knows it."""

    name: str
    type: ColumnType
    label: str
    description: str = ""
    format: Format | None = None
    physical: str = ""
    """What the engine calls it where that differs: of two names that differ by case alone, or
    a name that no SQL can hold. Empty is the name itself."""

    @property
    def stored(self) -> str:
        """The engine's name for it, for SQL; ``name`` is the document's."""
        return self.physical or self.name


@dataclass(frozen=True, slots=True)
class JoinHint:
    """A declared way to another table: left column → right column."""

    to: str
    on: tuple[tuple[str, str], ...]
    cardinality: Cardinality | None = None


@dataclass(frozen=True, slots=True)
class VintageColumns:
    """Which columns say what load a row is of, how loads are ordered, and the default."""

    load_type: str | None
    load_id: str
    order_by: str | None = None
    default_load_type: str | None = None
    default_load_id: str | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """What an engine says of a table before any YAML: given to ``catalog``, made by ``engine``."""

    name: str
    schema: Schema
    rows: int | None = None
    source: str = ""
    key: tuple[str, ...] = ()
    ordered: bool = True
    """Whether an unsorted scan of it returns rows in one stable order."""
    physical: Mapping[str, str] = field(default_factory=dict)
    """The engine's name of each column whose own name it cannot hold (see ``Column.physical``)."""
    row_id: str = ""
    """The engine's name of a whole number that no two rows share, in the order of a scan; no
    column of the schema. Empty where it has none."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table that may be asked about."""

    name: str
    columns: tuple[Column, ...]
    label: str = ""
    description: str = ""
    source: str = ""
    """What the engine calls it; the SQL room's table name. Empty is the name itself."""
    key: tuple[str, ...] = ()
    vintage: VintageColumns | None = None
    joins: tuple[JoinHint, ...] = ()
    rows: int | None = None
    ordered: bool = True
    """Whether an unsorted scan of it returns rows in one stable order."""
    row_id: str = ""
    """As in ``Listing``: never shown, only to sort by where nothing else tells rows apart."""

    @property
    def schema(self) -> Schema:
        """Names and types alone."""
        return tuple(Field(column.name, column.type) for column in self.columns)

    def column(self, name: str) -> Column | None:
        """Return the column of that name, or ``None``."""
        return next((column for column in self.columns if column.name == name), None)


@dataclass(frozen=True, slots=True)
class Catalog:
    """Every table by name, in the order to list them."""

    tables: Mapping[str, Table] = field(default_factory=dict)
    time_zone: str = "UTC"

    def __getitem__(self, name: str) -> Table:
        return self.tables[name]

    def get(self, name: str) -> Table | None:
        """Return the table of that name, or ``None``."""
        return self.tables.get(name)

    def portable(self) -> Catalog:
        """Return it without what only the engine's own views have, for text that may run elsewhere."""
        return replace(self, tables={name: replace(table, row_id="") for name, table in self.tables.items()})
