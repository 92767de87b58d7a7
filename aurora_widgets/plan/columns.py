"""The columns at one place of a document while it is checked: a type for each, where it is known."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aurora_widgets.query.faults import unknown

if TYPE_CHECKING:
    from aurora_widgets.errors import Fault
    from aurora_widgets.query.types import ColumnType, Schema


@dataclass(slots=True)
class Columns:
    """Names and types; a type is ``None`` where an earlier fault leaves it open.

    Parameters
    ----------
    types
        In order.
    partial
        Whether an earlier fault hides some columns, so that a missing name is no fault here.
    """

    types: dict[str, ColumnType | None] = field(default_factory=dict)
    partial: bool = False

    @classmethod
    def of(cls, schema: Schema) -> Columns:
        """Return the columns of a schema, all of them known."""
        return cls({each.name: each.type for each in schema})

    def find(self, name: str, path: str, faults: list[Fault]) -> ColumnType | None:
        """Return the column's type, or ``None`` and a fault, unless an earlier one explains it."""
        if name not in self.types and not self.partial:
            faults.append(unknown("unknown-column", path, name, "a column here", self.types))
        return self.types.get(name)
