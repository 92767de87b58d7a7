"""Lay out this process's memory for its forks: what they use lies close together, and so does what they make.

A page of memory that a fork writes on becomes its own. Python writes on what it only looks at, for it counts
who does: a function that is called costs its page, and after a start full of imports the few that a kernel
calls lie scattered among the many that it never does. What a fork makes goes into the first free place of the
right size, and these lie scattered too.
"""

from __future__ import annotations

import ctypes
import gc
import os
import sys
import threading
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

_SIZES: Final = (*range(32_768, 1_024, -1_024), *range(1_024, 0, -16))
_MOST: Final = 2_000_000
"""Bytes that holes of one size may take in all."""
_FIELDS: Final = 5


def gather(work: Callable[[], object]) -> None:
    """Do some work, and put the code that it ran side by side, in the order in which it ran first."""
    ran: dict[int, CodeType] = {}

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "call":
            ran.setdefault(id(frame.f_code), frame.f_code)

    threading.setprofile(note)
    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
    users: dict[int, list[FunctionType]] = {}
    for each in gc.get_objects():
        if isinstance(each, FunctionType) and id(each.__code__) in ran:
            users.setdefault(id(each.__code__), []).append(each)
    fill()
    moved: dict[int, CodeType] = {}
    for number, code in ran.items():
        if number in users:
            made = _moved(code, ran, moved)
            for function in users[number]:
                function.__code__ = made


def _moved(code: CodeType, ran: dict[int, CodeType], moved: dict[int, CodeType]) -> CodeType:
    """Return a copy of code, with copies of those of its inner functions that ran."""
    if id(code) not in moved:
        inner = tuple(
            _moved(each, ran, moved) if isinstance(each, CodeType) and id(each) in ran else each
            for each in code.co_consts
        )
        moved[id(code)] = code.replace(co_consts=inner)
    return moved[id(code)]


def fill() -> None:
    """Fill every hole of the heap, for good."""
    _fill_library()
    _fill_python()


def _fill_library() -> None:
    """Fill the C library's, where all goes that is larger than half a kilobyte, or not Python's."""
    take = ctypes.CDLL(None).malloc
    take.argtypes, take.restype = [ctypes.c_size_t], ctypes.c_void_p
    highest = max(take(_SIZES[0]) or 0 for _ in range(_MOST // _SIZES[0]))
    for size in _SIZES:
        for _ in range(_MOST // size):
            place = take(size) or 0
            if place > highest:  # beyond all that was taken, so no hole is left
                highest = place
                break


def _fill_python() -> None:
    """Fill Python's own."""
    take = ctypes.pythonapi.PyMem_Malloc
    take.argtypes, take.restype = [ctypes.c_size_t], ctypes.c_void_p
    for size, free in _free_blocks().items():
        for _ in range(free):
            take(size)


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
