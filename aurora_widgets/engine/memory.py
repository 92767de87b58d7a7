"""Folders in memory-backed storage that are gone with the process that made them, however it ended."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_MEMORY = Path("/dev/shm")  # noqa: S108  memory-backed on Linux


@contextlib.contextmanager
def folder(prefix: str) -> Iterator[Path]:
    """Make a folder for as long as the block lasts; those of processes that were killed go first.

    Parameters
    ----------
    prefix
        What its name begins with, and no other's.
    """
    parent = _MEMORY if os.access(_MEMORY, os.W_OK) else Path(tempfile.gettempdir())
    for left in parent.glob(f"{prefix}*"):
        owner = left.name.removeprefix(prefix).partition("-")[0]
        if owner.isdecimal() and not Path(f"/proc/{owner}").exists():
            shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=f"{prefix}{os.getpid()}-", dir=parent) as made:
        yield Path(made)
