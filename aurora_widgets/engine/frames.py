"""Tables in memory (pandas, polars, Arrow, Ibis) as Arrow, with nothing copied that needs no change."""

from __future__ import annotations

from typing import Any

import pyarrow as pa


def as_arrow(frame: Any, name: str) -> tuple[pa.Table, tuple[str, ...]]:
    """Return the frame as an Arrow table whose columns are ``c0``, ``c1``, …, and their own names.

    Parameters
    ----------
    frame
        A pandas, polars, Arrow or Ibis table.
    name
        What it is called, for the sentence that refuses it.

    Raises
    ------
    ValueError
        It is no table, or a column of it has no type that a table can hold.
    """
    table = _table(frame, name)
    if table.num_columns == 0:
        raise ValueError("it has no columns")
    names = tuple(str(column) for column in table.column_names)
    return table.rename_columns([f"c{at}" for at in range(table.num_columns)]), names


def _table(frame: Any, name: str) -> pa.Table:
    module = type(frame).__module__.partition(".")[0]
    if isinstance(frame, pa.Table):
        return frame
    if isinstance(frame, pa.RecordBatch):
        return pa.Table.from_batches([frame])
    if isinstance(frame, pa.RecordBatchReader):
        return frame.read_all()
    if module == "pandas":
        return _pandas(frame)
    if module == "polars":
        return frame.lazy().collect().to_arrow()
    if hasattr(frame, "to_pyarrow"):
        return frame.to_pyarrow()
    if hasattr(frame, "__arrow_c_stream__"):
        return pa.table(frame)
    raise ValueError(f"a {type(frame).__name__} is no table; pandas, polars, Arrow and Ibis tables are")


def _pandas(frame: Any) -> pa.Table:
    arrays, names = [], []
    for at, column in enumerate(frame.columns):
        series = frame.iloc[:, at]
        names.append(str(column))
        arrays.append(_series(series))
    return pa.Table.from_arrays(arrays, names=names)


def _series(series: Any) -> Any:
    array = pa.Array.from_pandas(series)
    return array if isinstance(array, pa.ChunkedArray) else pa.chunked_array([array])
