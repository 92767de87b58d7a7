"""A table of named rows that other packages may add to through Python entry points."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import entry_points
from typing import Generic, Protocol, TypeVar


class _Named(Protocol):
    @property
    def name(self) -> str: ...


Row = TypeVar("Row", bound=_Named)


class Registry(Mapping[str, Row], Generic[Row]):
    """Rows by name, in the order to offer them; entry points are read at the first look.

    Parameters
    ----------
    kind
        What a row must be; what an entry point gives is checked against it.
    group
        The entry point group: each entry names a row, or an iterable of rows.
    rows
        What ships.
    """

    def __init__(self, kind: type[Row], group: str, rows: Iterable[Row]) -> None:
        self._kind = kind
        self._group = group
        self._rows = {row.name: row for row in rows}
        self._loaded = False
        self._lock = threading.RLock()

    def register(self, row: Row) -> None:
        """Add a row; one of the same name is refused, so that no meaning changes silently.

        Raises
        ------
        TypeError
            It is not a row of this table.
        ValueError
            The name is taken by another row.
        """
        if not isinstance(row, self._kind):
            raise TypeError(f"{row!r} is not {self._kind.__name__}")
        if self._rows.setdefault(row.name, row) != row:
            raise ValueError(f"{self._kind.__name__} {row.name!r} exists already")

    def _all(self) -> dict[str, Row]:
        if not self._loaded:
            with self._lock:
                if not self._loaded:
                    self._loaded = True
                    self._load()
        return self._rows

    def _load(self) -> None:
        for entry in entry_points(group=self._group):
            try:
                found = entry.load()
                for row in (found,) if isinstance(found, self._kind) else tuple(found):
                    self.register(row)
            except Exception as error:  # noqa: BLE001 - another's package must not take Aurora down
                warnings.warn(
                    f"the extension {entry.name!r} of {self._group} was left out: {error}",
                    stacklevel=2,
                )

    def __getitem__(self, name: str) -> Row:
        return self._all()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(tuple(self._all()))

    def __len__(self) -> int:
        return len(self._all())
