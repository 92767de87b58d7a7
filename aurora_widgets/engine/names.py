"""Names that SQL can hold, for columns and tables whose own names it cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def quoted(name: str) -> str:
    """Return an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return an SQL text literal."""
    return "'" + text.replace("'", "''") + "'"


def writable(name: str) -> str:
    """Return a name without what no SQL can hold: NUL and half characters (lone surrogates) become ``�``."""
    return name.replace("\0", "�").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def documented(names: Iterable[str]) -> tuple[str, ...]:
    """Return names as documents use them: none empty, no two the same.

    An empty name becomes ``column <position>``; the second of two equal names gets `` (2)``.
    """
    shown = map(writable, names)
    given = [name if name.strip() else f"column {at}" for at, name in enumerate(shown, start=1)]
    return _distinct(given, fold=str, form="{} ({})")


def physical(names: Iterable[str]) -> tuple[str, ...]:
    """Return names for the engine: no two the same in any case.

    DuckDB folds case, so that of ``id`` and ``ID`` the second is ``ID_2`` there.
    """
    return _distinct(list(names), fold=str.casefold, form="{}_{}")


def _distinct(names: list[str], *, fold: Callable[[str], str], form: str) -> tuple[str, ...]:
    wanted = {fold(name) for name in names}
    taken: set[str] = set()
    chosen: list[str] = []
    for name in names:
        candidate, number = name, 1
        while fold(candidate) in taken or (number > 1 and fold(candidate) in wanted):
            number += 1
            candidate = form.format(name, number)
        taken.add(fold(candidate))
        chosen.append(candidate)
    return tuple(chosen)
