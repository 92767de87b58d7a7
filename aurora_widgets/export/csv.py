"""CSV: RFC 4180, UTF-8, exact.

An empty cell is NULL and ``""`` an empty text. A text that a spreadsheet would take for a
formula gets an apostrophe before it, which spreadsheets read as "this is text". Dates are
ISO 8601, with a blank before the time, which spreadsheets read too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO

import pyarrow as pa
import pyarrow.compute
import pyarrow.types as kinds

from aurora_widgets.export.cells import cells
from aurora_widgets.query.types import Family

if TYPE_CHECKING:
    from collections.abc import Callable

    from aurora_widgets.export.result import Result
    from aurora_widgets.query.types import Field

pc: Any = pyarrow.compute  # its stubs know arrays but not the plain values that it takes beside them

_FORMULA = r"^[=+\-@\t\r]"
_SPECIAL = r'[",\r\n]'
_PLAIN_SCALE = 6  # Arrow writes smaller decimals with an exponent
_EXACT_BITS = 64


def write_csv(
    result: Result, file: BinaryIO, progress: Callable[[int], None], *, formulas: bool = False
) -> tuple[str, ...]:
    """Write a result as CSV; ``formulas`` leaves texts that look like formulas as they are."""
    names = pa.array([field.name for field in result.schema], pa.string())
    heading: list[Any] = _quoted(names, formulas=formulas).to_pylist()
    file.write((",".join(heading) + "\r\n").encode())
    for batch in result.counted(progress):
        columns = [
            _texts(column, field, result.time_zone, formulas=formulas)
            for column, field in zip(batch.columns, result.schema, strict=True)
        ]
        if batch.num_rows:
            lines = pc.binary_join_element_wise(*columns, ",").to_pylist()
            file.write(("\r\n".join(lines) + "\r\n").encode())
    return ()


def _texts(column: pa.Array[Any], field: Field, time_zone: str, *, formulas: bool) -> Any:
    """Return one column as CSV writes it, NULL as nothing."""
    fast = _cast(column, field)
    if fast is not None:
        return pc.fill_null(fast, "")
    shown = cells(column, field.type, time_zone)
    if field.type.family is Family.TIMESTAMP:
        shown = [cell and str(cell).replace("T", " ", 1) for cell in shown]
    texts = [None if cell is None else cell if isinstance(cell, str) else _plain(cell) for cell in shown]
    return pc.fill_null(_quoted(pa.array(texts, pa.string()), formulas=formulas or not _is_text(field)), "")


def _is_text(field: Field) -> bool:
    return field.type.name in {"text", "nested", "unknown"}


def _plain(cell: object) -> str:
    return str(cell).lower() if isinstance(cell, bool) else str(cell)


def _cast(column: pa.Array[Any], field: Field) -> Any:
    """Return the texts where Arrow's own casts write them as we do; else ``None``."""
    kind = column.type
    if kinds.is_boolean(kind) or (kinds.is_integer(kind) and kind.bit_width <= _EXACT_BITS):
        return pc.cast(column, pa.string())
    if kinds.is_decimal(kind) and field.type.is_decimal and kind.scale <= _PLAIN_SCALE:
        return pc.cast(column, pa.string())
    if kinds.is_float64(kind) and pc.all(pc.is_finite(column), min_count=0).as_py():
        return pc.cast(column, pa.string())
    return None


def _quoted(texts: Any, *, formulas: bool) -> Any:
    """Return texts guarded, and in quotes where they need them."""
    if not formulas:
        risky = pc.match_substring_regex(texts, _FORMULA)
        if pc.any(risky).as_py():
            texts = pc.if_else(risky, pc.binary_join_element_wise("'", texts, ""), texts)
    special = pc.or_(pc.match_substring_regex(texts, _SPECIAL), pc.equal(texts, ""))
    if not pc.any(special).as_py():
        return texts
    doubled = pc.replace_substring(texts, '"', '""')
    return pc.if_else(special, pc.binary_join_element_wise('"', doubled, '"', ""), texts)
