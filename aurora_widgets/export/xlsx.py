"""Excel workbooks, in which every digit survives.

Excel keeps 15 digits of a number, so one of more digits is written as text. Dates and
timestamps are real dates where Excel has them (from 1 March 1900, to the millisecond);
others are text, as are NaN and infinity. Instants stand in the catalog's zone, which the
column's heading names, for Excel knows no zones. A text is never a formula.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import errno
from decimal import Decimal
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError

from aurora_widgets.export.cells import cells
from aurora_widgets.query.types import Family

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

    from aurora_widgets.export.cells import Cell
    from aurora_widgets.export.result import Result
    from aurora_widgets.query.types import ColumnType

_Any = TypeVar("_Any")

SHEET_ROWS = 1_048_575
"""Rows that a sheet has below its heading."""

_DIGITS = 15
_LONGEST = 32_767
_FIRST_DAY = dt.datetime(1900, 3, 1)  # noqa: DTZ001 before it Excel's calendar has a day too many
_MILLISECOND = 1000
_DATE, _TIME = "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss"


def write_xlsx(result: Result, file: BinaryIO, progress: Callable[[int], None]) -> tuple[str, ...]:
    """Write a result as a workbook of one sheet; the caller sees to it that the rows fit."""
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with _said_plainly(), xlsxwriter.Workbook(_Sink(file), options) as book:
        sheet = book.add_worksheet("Result")
        sheet.freeze_panes(1, 0)
        bold = book.add_format({"bold": True})
        for index, field in enumerate(result.schema):
            zone = f" ({result.time_zone})" if field.type.name == "timestamptz" else ""
            sheet.write_string(0, index, f"{field.name}{zone}", bold)
        writer = _Sheet(sheet, [_format(book, field.type) for field in result.schema])
        for batch in result.counted(progress):
            columns = [
                cells(column, field.type, result.time_zone)
                for column, field in zip(batch.columns, result.schema, strict=True)
            ]
            for row in zip(*columns, strict=True):
                writer.write(row, [field.type for field in result.schema])
    if not writer.cut:
        return ()
    texts = "1 text was" if writer.cut == 1 else f"{writer.cut:,} texts were"
    return (f"{texts} cut to the {_LONGEST:,} characters that an Excel cell has; CSV has them whole.",)


@contextlib.contextmanager
def _said_plainly() -> Iterator[None]:
    """Raise what the system said of a file, which the library wraps."""
    try:
        yield
    except FileCreateError as error:
        raise error.args[0] from error


class _Sink:
    """The file, which after a failed write takes the rest for nothing, as a zip file lets go of it late."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._failed = False
        self._end = 0

    def write(self, data: bytes) -> int:
        self._end += len(data)
        return len(data) if self._gone() else self._kept(lambda: self._file.write(data))

    def flush(self) -> None:
        if not self._gone():
            self._kept(self._file.flush)

    def tell(self) -> int:
        return self._end if self._gone() else self._kept(self._file.tell)

    def seek(self, offset: int, whence: int = 0) -> int:
        return 0 if self._gone() else self._kept(lambda: self._file.seek(offset, whence))

    def _gone(self) -> bool:
        return self._failed or self._file.closed

    def _kept(self, act: Callable[[], _Any]) -> _Any:
        try:
            return act()
        except OSError as error:
            self._failed = error.errno != errno.ESPIPE  # a pipe is written without going back
            raise


def _format(book: xlsxwriter.Workbook, kind: ColumnType) -> Format | None:
    if kind.is_decimal:
        scale = kind.precision_scale[1]
        return book.add_format({"num_format": "#,##0" + ("." + "0" * scale if scale else "")})
    if kind.family is Family.DATE:
        return book.add_format({"num_format": _DATE})
    return book.add_format({"num_format": _TIME}) if kind.family is Family.TIMESTAMP else None


class _Sheet:
    """Writes rows below the heading; ``cut`` counts the texts that Excel has no room for."""

    def __init__(self, sheet: Worksheet, formats: list[Format | None]) -> None:
        self._sheet = sheet
        self._formats = formats
        self._row = 0
        self.cut = 0

    def write(self, row: tuple[Cell, ...], kinds: list[ColumnType]) -> None:
        self._row += 1
        for index, (cell, kind) in enumerate(zip(row, kinds, strict=True)):
            if cell is not None:
                self._cell(index, cell, kind)

    def _cell(self, index: int, cell: Cell, kind: ColumnType) -> None:
        value = _excel(cell, kind)
        match value:
            case bool():
                self._sheet.write_boolean(self._row, index, value)
            case int() | float() | Decimal():
                self._sheet.write_number(self._row, index, value, self._formats[index])
            case dt.datetime():
                self._sheet.write_datetime(self._row, index, value, self._formats[index])
            case _:
                if len(value) > _LONGEST:
                    self.cut += 1
                    value = f"{value[: _LONGEST - 1]}…"
                self._sheet.write_string(self._row, index, value)


def _excel(cell: Cell, kind: ColumnType) -> Any:
    """Return the cell as Excel holds it exactly, else as text."""
    if isinstance(cell, bool) or cell is None:
        return cell
    if isinstance(cell, int | float):
        exact = not isinstance(cell, int) or len(str(abs(cell))) <= _DIGITS
        return cell if exact else str(cell)
    if kind.is_decimal:
        number = Decimal(cell)
        return number if len(number.as_tuple().digits) <= _DIGITS else cell
    if kind.family in {Family.DATE, Family.TIMESTAMP}:
        return _moment(cell)
    return cell


def _moment(text: str) -> dt.datetime | str:
    try:
        moment = dt.datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:  # a year that Excel has no date for, or infinity
        return text
    return moment if moment >= _FIRST_DAY and moment.microsecond % _MILLISECOND == 0 else text
