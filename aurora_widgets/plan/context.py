"""What a plan is made from besides the document, and what it hands on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aurora_widgets.query.model import Query, Scalar

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from aurora_widgets.catalog.model import Catalog
    from aurora_widgets.query.types import Schema
    from aurora_widgets.settings import Settings

Load = tuple[Scalar, Scalar]
"""One load of a table: its load type (``None`` where the table has none) and its load ID."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a document is planned against.

    Parameters
    ----------
    catalog
        Every table this user may see.
    settings
        The limits in force.
    now
        The time of the run, with a zone; settles relative dates where the document has no ``as_of``.
    latest
        For each table with a vintage, the latest load of each load type, newest first: the
        answer to ``vintage.loads_question``, read by ``vintage.latest_loads``. A table that is
        absent here is asked for its latest loads inside the statement itself, which is right
        but slower and prunes no partitions; a table with an empty answer has no loads and
        gives no rows.
    """

    catalog: Catalog
    settings: Settings
    now: dt.datetime
    latest: Mapping[str, tuple[Load, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class InForce:
    """The vintage one table of the document is read at.

    Parameters
    ----------
    table
        Its name in the document: the ``as`` of a join, else the table's.
    load_type, load_id
        As asked after the catalog's defaults: a value, ``latest`` or ``all``.
    loads
        The loads that are read, where they are known; ``None`` where all are, or where the
        database finds them.
    """

    table: str
    load_type: Scalar
    load_id: Scalar
    loads: tuple[Load, ...] | None = None

    def as_json(self) -> dict[str, object]:
        """Return it as the service's answers give it."""
        loads = None if self.loads is None else [list(load) for load in self.loads]
        return {
            "table": self.table,
            "load_type": self.load_type,
            "load_id": self.load_id,
            "loads": loads,
        }


@dataclass(frozen=True, slots=True)
class Planned:
    """A document ready to be compiled, and what it returns.

    Parameters
    ----------
    query
        The planned document: no disabled parts, values typed by their column, ``Join.outputs``
        set, scans pruned, the order total.
    schema
        The columns of the result, which every engine casts to.
    vintage
        The vintage in force, for each table that has one.
    notes
        Sentences a person may want to know about how the document was read.
    """

    query: Query
    schema: Schema
    vintage: tuple[InForce, ...] = ()
    notes: tuple[str, ...] = ()
