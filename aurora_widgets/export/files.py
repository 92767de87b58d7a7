"""Output that is whole or not there."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from aurora_widgets.errors import AuroraError

if TYPE_CHECKING:
    from collections.abc import Iterator


class OutputInvalid(AuroraError):
    """A file that can't be written."""

    code = "OUTPUT_INVALID"
    status = 422


@contextlib.contextmanager
def whole(path: Path) -> Iterator[BinaryIO]:
    """Open a file that appears under its name when the block ends well, and not before.

    A device or a pipe is written to directly; a link's target is what is replaced.
    """
    target = Path(os.path.realpath(path))
    if target.is_dir():
        raise OutputInvalid(f"{path} is a folder: name a file in it.")
    if not target.parent.is_dir():
        raise OutputInvalid(f"There is no folder {target.parent}: make it first, or name another.")
    try:
        yield from _written(target)
    except BrokenPipeError:  # its reader has had enough
        raise
    except OSError as error:
        raise OutputInvalid(f"{path} could not be written: {error.strerror}.") from error


def _written(target: Path) -> Iterator[BinaryIO]:
    if target.exists() and not target.is_file():
        with target.open("wb") as file:
            yield file
        return
    handle, name = tempfile.mkstemp(prefix=f".{target.name[:40]}.", suffix=".part", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            yield cast("BinaryIO", file)
        Path(name).chmod(_mode(target))
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _mode(target: Path) -> int:
    """Return the permissions of the file that is replaced, or those of a new one."""
    with contextlib.suppress(OSError):
        return target.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
