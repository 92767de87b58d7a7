"""An open DuckDB result: Arrow batches as they come, under the statement's deadline."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, Final

import duckdb
import numpy as np
import pyarrow as pa

from aurora_widgets.engine.failures import failed
from aurora_widgets.errors import AuroraError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aurora_widgets.engine.pool import Lease

BATCH_ROWS: Final = 10_000
"""Rows of an Arrow batch: few enough that a cancel between two is prompt."""

_UNSIGNED: Final = pa.decimal256(39, 0)
_STOPPED: Final = "Query interrupted"


class DuckDBRows:
    """The result of the statement that a lease's cursor runs.

    The deadline holds until the result is read to its end or closed, and either frees the cursor.

    Parameters
    ----------
    lease
        The hold on the cursor, which this gives up.
    """

    def __init__(self, lease: Lease) -> None:
        self._lease = lease
        spelled = [str(column[1]) for column in lease.cursor.description or ()]
        self._reader = lease.cursor.to_arrow_reader(BATCH_ROWS)
        self._unsigned = frozenset(at for at, kind in enumerate(spelled) if kind == "UHUGEINT")
        self.schema = self._reader.schema
        for at in self._unsigned:
            self.schema = self.schema.set(at, self.schema.field(at).with_type(_UNSIGNED))

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        try:
            while True:
                with translated(self._lease):
                    self._lease.check()
                    try:
                        batch = self._reader.read_next_batch()
                    except StopIteration:
                        return
                yield self._as_said(batch) if self._unsigned else batch
        finally:
            self.close()

    def _as_said(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        columns = [
            _unsigned(column) if at in self._unsigned else column for at, column in enumerate(batch.columns)
        ]
        return pa.RecordBatch.from_arrays(columns, schema=self.schema)

    def close(self) -> None:
        """Free the cursor; a second call does nothing."""
        try:
            self._reader.close()
        finally:
            self._lease.release()

    def __del__(self) -> None:
        with contextlib.suppress(Exception):
            self.close()


def _unsigned(column: Any) -> pa.Array[Any]:
    """Return a UHUGEINT column as what it is: DuckDB gives its 128 bits as those of a signed number."""
    validity, numbers = column.buffers()
    words = np.frombuffer(numbers, dtype=np.uint64).reshape(-1, 2)
    wide = np.zeros((len(words), 4), dtype=np.uint64)
    wide[:, :2] = words
    buffers = [validity, pa.py_buffer(wide.tobytes())]
    return pa.Array.from_buffers(_UNSIGNED, len(column), buffers, offset=column.offset)


@contextlib.contextmanager
def translated(lease: Lease) -> Iterator[None]:
    """Say what ends a statement as one of our errors, or as the Control-C that it was."""
    try:
        yield
    except AuroraError:
        raise
    except (duckdb.Error, RuntimeError, OSError) as error:
        lease.check()
        if not isinstance(error, duckdb.Error) and _STOPPED in str(error):
            raise KeyboardInterrupt from error  # DuckDB swallows it
        raise failed(error) from error
