"""Column types as every room names them, free of any engine's spelling."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass


class Family(enum.StrEnum):
    """What a type can be asked: the row of the operator table."""

    NUMBER = "number"
    TEXT = "text"
    BOOLEAN = "boolean"
    DATE = "date"
    TIMESTAMP = "timestamp"
    OTHER = "other"


_WHOLE = re.compile(r"u?int(8|16|32|64|128)$")
_DECIMAL = re.compile(r"decimal\((\d+),\s*(\d+)\)$")
_FAMILIES = {
    "boolean": Family.BOOLEAN,
    "float32": Family.NUMBER,
    "float64": Family.NUMBER,
    "text": Family.TEXT,
    "uuid": Family.OTHER,
    "date": Family.DATE,
    "timestamp": Family.TIMESTAMP,
    "timestamptz": Family.TIMESTAMP,
    "time": Family.OTHER,
    "interval": Family.OTHER,
    "binary": Family.OTHER,
    "nested": Family.OTHER,
    "unknown": Family.OTHER,
}


@dataclass(frozen=True, slots=True)
class ColumnType:
    """A type by its name.

    ``int8`` … ``int128``, ``uint8`` … ``uint128``, ``decimal(p,s)``, ``float32``,
    ``float64``, ``text``, ``boolean``, ``date``, ``timestamp`` (no zone),
    ``timestamptz`` (an instant), ``time``, ``interval``, ``binary``, ``uuid``,
    ``nested`` (list, struct, map, union), ``unknown``.
    """

    name: str

    def __str__(self) -> str:
        return self.name

    @property
    def family(self) -> Family:
        """The row of the operator table."""
        if self.is_whole or self.is_decimal:
            return Family.NUMBER
        return _FAMILIES[self.name]

    @property
    def is_whole(self) -> bool:
        """Whether it is an integer of any width."""
        return _WHOLE.match(self.name) is not None

    @property
    def is_decimal(self) -> bool:
        """Whether it is a decimal, exact at its scale."""
        return _DECIMAL.match(self.name) is not None

    @property
    def is_float(self) -> bool:
        """Whether it is a binary floating-point number."""
        return self.name in {"float32", "float64"}

    @property
    def precision_scale(self) -> tuple[int, int]:
        """Digits in all and digits after the point, of a decimal."""
        match = _DECIMAL.match(self.name)
        if match is None:
            raise ValueError(f"{self.name} is not a decimal")
        return int(match[1]), int(match[2])


def decimal(precision: int, scale: int) -> ColumnType:
    """Return the decimal type of that many digits, ``scale`` of them after the point."""
    return ColumnType(f"decimal({precision},{scale})")


BOOLEAN = ColumnType("boolean")
INT64 = ColumnType("int64")
INT128 = ColumnType("int128")
FLOAT64 = ColumnType("float64")
TEXT = ColumnType("text")
DATE = ColumnType("date")
TIMESTAMP = ColumnType("timestamp")
TIMESTAMPTZ = ColumnType("timestamptz")
TIME = ColumnType("time")
INTERVAL = ColumnType("interval")
BINARY = ColumnType("binary")
UUID = ColumnType("uuid")
NESTED = ColumnType("nested")
UNKNOWN = ColumnType("unknown")


@dataclass(frozen=True, slots=True)
class Field:
    """A column of some step's result: its name and type."""

    name: str
    type: ColumnType


Schema = tuple[Field, ...]
"""The columns of a step's result, in order."""
