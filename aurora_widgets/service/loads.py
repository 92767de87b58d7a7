"""The loads of tables with a vintage, asked once for each version of the data."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from aurora_widgets.catalog.model import Table

Rows = tuple[tuple[Any, ...], ...]
"""What ``vintage.loads_question`` gives."""


class KnownLoads:
    """What is known of each table's loads; for any number of threads.

    Parameters
    ----------
    version
        The version of the data there is now.
    """

    def __init__(self, version: Callable[[], str]) -> None:
        self._version = version
        self._lock = threading.Lock()
        self._known: dict[tuple[str, str], Rows] = {}

    def known(self, table: Table) -> Rows | None:
        """Return a table's loads, unless they are still to be asked."""
        with self._lock:
            return self._known.get((self._version(), table.name))

    def of(self, table: Table, ask: Callable[[], Rows]) -> Rows:
        """Return a table's loads, asking where they are not known."""
        known = self.known(table)
        if known is None:
            version = self._version()
            known = ask()
            with self._lock:
                self._known = {key: rows for key, rows in self._known.items() if key[0] == version}
                self._known[version, table.name] = known
        return known
