"""What a writer is given: the columns of a result, and its rows as they come."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    import pyarrow as pa

    from aurora_widgets.query.types import Schema


@dataclass(frozen=True, slots=True)
class Result:
    """A result to write.

    Parameters
    ----------
    schema
        The columns, in order.
    arrow
        The same as the engine types them.
    batches
        The rows.
    time_zone
        The zone in which instants are written.
    """

    schema: Schema
    arrow: pa.Schema
    batches: Iterable[pa.RecordBatch]
    time_zone: str = "UTC"

    def counted(self, progress: Callable[[int], None]) -> Iterator[pa.RecordBatch]:
        """Yield the batches, telling after each how many rows there were."""
        rows = 0
        for batch in self.batches:
            yield batch
            rows += batch.num_rows
            progress(rows)


Writer = Callable[[Result, BinaryIO, Callable[[int], None]], tuple[str, ...]]
"""Writes a result, telling the rows written; returns sentences on what could not be written whole."""
