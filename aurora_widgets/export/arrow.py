"""Arrow's own file, and its stream for pipes."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO, cast

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Callable
    from io import IOBase

    from aurora_widgets.export.result import Result


def write_arrow(result: Result, file: BinaryIO, progress: Callable[[int], None]) -> tuple[str, ...]:
    """Write a result as an Arrow IPC file."""
    with pa.ipc.new_file(pa.PythonFile(cast("IOBase", file)), result.arrow) as writer:
        for batch in result.counted(progress):
            writer.write_batch(batch)
    return ()


def write_arrow_stream(result: Result, file: BinaryIO, progress: Callable[[int], None]) -> tuple[str, ...]:
    """Write a result as an Arrow IPC stream."""
    with pa.ipc.new_stream(pa.PythonFile(cast("IOBase", file)), result.arrow) as writer:
        for batch in result.counted(progress):
            writer.write_batch(batch)
    return ()
