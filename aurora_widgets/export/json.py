"""JSON: ``{"columns": […], "rows": [[…], …]}``, with a page's cells, a row a line."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

import simplejson

from aurora_widgets.export.cells import cells

if TYPE_CHECKING:
    from collections.abc import Callable

    from aurora_widgets.export.result import Result


def write_json(result: Result, file: BinaryIO, progress: Callable[[int], None]) -> tuple[str, ...]:
    """Write a result as JSON."""
    columns = [{"name": field.name, "type": field.type.name} for field in result.schema]
    file.write(f'{{"columns": {_text(columns)},\n"rows": ['.encode())
    before = "\n"
    for batch in result.counted(progress):
        shown = [
            cells(column, field.type, result.time_zone)
            for column, field in zip(batch.columns, result.schema, strict=True)
        ]
        for row in zip(*shown, strict=True):
            file.write(f"{before}{_text(row)}".encode())
            before = ",\n"
    file.write(b"\n]}\n")
    return ()


def _text(value: object) -> str:
    return simplejson.dumps(value, ensure_ascii=False)
