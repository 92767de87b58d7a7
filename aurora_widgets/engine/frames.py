"""Tables in memory (pandas, polars, Arrow, Ibis) as Arrow, with nothing copied that needs no change.

pandas' own rule holds for its frames: NaN in a column of floats is a missing value. Frames that
can be changed in place are read anew for each question; a lazy one is run once, when it is opened.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Callable

_DECIMAL_DIGITS: Final = 38
Column: TypeAlias = "pa.ChunkedArray[Any]"
_CHANGEABLE: Final = {("pandas", "DataFrame"), ("polars", "DataFrame")}
_NO_ONE_TYPE: Final = (pa.ArrowException, TypeError, ValueError, OverflowError)


def as_arrow(frame: Any) -> tuple[pa.Table, tuple[str, ...]]:
    """Return the frame as an Arrow table whose columns are ``c0``, ``c1``, …, and their own names.

    Parameters
    ----------
    frame
        A pandas, polars, Arrow or Ibis table, or what else gives an Arrow stream.

    Raises
    ------
    ValueError
        It is no table, or has no columns.
    """
    names, columns = _columns(frame)
    if not columns:
        raise ValueError("it has no columns")
    stored = [_scannable(column) for column in columns]
    return pa.Table.from_arrays(stored, names=[f"c{at}" for at in range(len(stored))]), names


def changeable(frame: object) -> bool:
    """Say whether the frame's cells, rows or columns may be changed in place: pandas' and polars'."""
    kind = type(frame)
    return (kind.__module__.partition(".")[0], kind.__name__) in _CHANGEABLE


def _columns(frame: Any) -> tuple[tuple[str, ...], list[Column]]:
    kind = type(frame).__module__.partition(".")[0]
    if (kind, type(frame).__name__) == ("pandas", "DataFrame"):
        return _of_pandas(frame)
    table = _table(frame, kind)
    for name, column in zip(table.column_names, table.columns, strict=True):
        try:
            column.validate(full=True)  # a text that is not UTF-8 would bring all of DuckDB down
        except (pa.ArrowInvalid, pa.ArrowIndexError) as error:
            raise ValueError(f"its column {name} is damaged ({error})") from error
    return tuple(str(name) for name in table.column_names), list(table.columns)


def _table(frame: Any, kind: str) -> pa.Table:
    if isinstance(frame, pa.Table):
        return frame
    if kind == "polars" and type(frame).__name__ in {"DataFrame", "LazyFrame"}:
        return _of_polars(frame)
    if hasattr(frame, "to_pyarrow"):  # Ibis
        found = _run(frame.to_pyarrow)
        if isinstance(found, pa.Table):
            return found
    elif isinstance(frame, pa.RecordBatch):
        return pa.Table.from_batches([frame])
    elif hasattr(frame, "__arrow_c_stream__") and kind not in {"pandas", "polars"}:
        return pa.table(frame)
    raise ValueError(f"a {type(frame).__name__} is no table; pandas, polars, Arrow and Ibis tables are")


def _run(question: Callable[[], Any]) -> Any:
    """Run what a lazy frame stands for; its own errors have many types."""
    try:
        return question()
    except Exception as error:
        said = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise ValueError(f"the question that it stands for fails: {said}") from error


def _of_polars(frame: Any) -> pa.Table:
    import polars as pl  # noqa: PLC0415 - only whoever has a polars frame needs polars

    eager: pl.DataFrame = _run(frame.lazy().collect)
    changed: list[pl.Series] = []
    for column in eager:
        if column.dtype == pl.Object:  # Arrow would carry the objects' addresses
            texts = [None if value is None else str(value) for value in column]
            changed.append(pl.Series(column.name, texts, dtype=pl.String))
        elif column.dtype in {pl.Int128, pl.UInt128}:
            digits = pl.Decimal(_DECIMAL_DIGITS, 0)
            whole = column.cast(digits, strict=False)
            fits = whole.null_count() == column.null_count()
            changed.append(whole if fits else column.cast(pl.String))
    return eager.with_columns(changed).to_arrow(compat_level=pl.CompatLevel.newest())


def _of_pandas(frame: Any) -> tuple[tuple[str, ...], list[Column]]:
    """Return a pandas frame's columns; a named index is a column too."""
    if any(name is not None for name in frame.index.names):
        frame = frame.reset_index(allow_duplicates=True)
    names = tuple(
        " ".join(str(part) for part in name if str(part)) if isinstance(name, tuple) else str(name)
        for name in frame.columns
    )
    return names, [_series(frame.iloc[:, at], name) for at, name in enumerate(names)]


def _series(series: Any, name: str) -> Column:
    for values in (series, series.to_numpy):
        with contextlib.suppress(*_NO_ONE_TYPE):
            array = pa.array(values() if callable(values) else values, from_pandas=True)
            if not isinstance(array.type, pa.BaseExtensionType):
                return array if isinstance(array, pa.ChunkedArray) else pa.chunked_array([array])
    gone = series.isna()
    texts = [None if missing else str(value) for value, missing in zip(series, gone, strict=True)]
    try:
        return pa.chunked_array([pa.array(texts, pa.string())])  # no one type: each as it is written
    except UnicodeEncodeError as error:
        raise ValueError(f"a text in its column {name} holds half a character (a lone surrogate)") from error


def _scannable(column: Column) -> Column:
    """Return the column under a type that DuckDB scans and compares as it does its own."""
    kind = column.type
    if isinstance(kind, pa.BaseExtensionType) and not isinstance(kind, pa.UuidType):
        return _scannable(_stored(column))
    if pa.types.is_null(kind):
        return column.cast(pa.string())
    if pa.types.is_float16(kind):
        return column.cast(pa.float32())
    if pa.types.is_decimal256(kind):
        return _narrow_decimal(column)
    if pa.types.is_run_end_encoded(kind):
        decode: Any = pc.run_end_decode  # type: ignore[attr-defined] # the stubs lack it
        return _scannable(decode(column))
    if pa.types.is_dictionary(kind) and not _is_text(kind.value_type):
        return _scannable(column.cast(kind.value_type))
    return column


def _stored(column: Column) -> Column:
    chunks: list[Any] = [chunk.storage for chunk in column.chunks]  # type: ignore[attr-defined]
    bare = pa.chunked_array(chunks, type=column.type.storage_type)
    return bare.cast(pa.bool_()) if isinstance(column.type, pa.Bool8Type) else bare


def _narrow_decimal(column: Column) -> Column:
    """Return a 256-bit decimal in 128 bits where every value fits, else as text."""
    with contextlib.suppress(pa.ArrowInvalid, ValueError):
        return column.cast(pa.decimal128(_DECIMAL_DIGITS, column.type.scale))
    return pa.chunked_array(
        [pa.array([None if value is None else str(value) for value in column.to_pylist()], pa.string())],
    )


def _is_text(kind: pa.DataType) -> bool:
    return pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
