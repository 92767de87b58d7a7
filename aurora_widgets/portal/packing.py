"""Fill the holes of this heap, so that what its forks make lies side by side on new pages of memory.

A page of memory that a fork writes on becomes its own. What it makes would go into the first free place of
the right size, and after a start full of imports such places lie scattered over all that it shares.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

_BYTES: Final = sys.getsizeof(b"")
_FLOAT: Final = sys.getsizeof(0.5)
_LARGE: Final = (32_768, 16_384, 4_096, 2_048, 1_024, 768, 600)
_MOST: Final = 2_000_000
"""Bytes that holes of one size may take in all."""
_FIELDS: Final = 5


def fill() -> list[object]:
    """Fill every hole; what is returned fills them as long as it is kept."""
    kept: list[object] = []
    for size in _LARGE:  # of the C library's heap, where what is larger than half a kilobyte goes
        end, left = _heap_end(), _MOST
        while _heap_end() == end and left > 0:
            kept.extend([bytes(size) for _ in range(8)])
            left -= 8 * size
    for size, free in _free_blocks().items():  # of Python's own
        if size >= _BYTES:
            kept.extend([bytes(size - _BYTES) for _ in range(free)])
        elif size >= _FLOAT:
            kept.extend([index + 0.5 for index in range(free)])
    return kept


def _free_blocks() -> dict[int, int]:
    """Return how many blocks of each size are free between others, as CPython tells."""
    file = os.memfd_create("blocks")
    errors = os.dup(2)
    os.dup2(file, 2)
    try:
        sys._debugmallocstats()  # noqa: SLF001  the one place that tells; it writes on standard error
    finally:
        os.dup2(errors, 2)
        os.close(errors)
    with open(file, "rb") as told:  # noqa: PTH123  a file without a name
        told.seek(0)
        lines = [line.split() for line in told]
    rows = [
        [int(text) for text in line]
        for line in lines
        if len(line) == _FIELDS and all(map(bytes.isdigit, line))
    ]
    return {size: free for _, size, _, _, free in rows}


def _heap_end() -> str:
    lines = Path("/proc/self/maps").read_text(encoding="ascii").splitlines()
    return next((line.split()[0] for line in lines if line.endswith("[heap]")), "")
