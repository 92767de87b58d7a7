"""The status line: what is said of the question that stands, its rows, and what went wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aurora_widgets.widgets import view, words

if TYPE_CHECKING:
    from aurora_widgets.errors import AuroraError
    from aurora_widgets.plan.context import InForce
    from aurora_widgets.query.model import Query
    from aurora_widgets.settings import Settings
    from aurora_widgets.widgets.asked import Asked
    from aurora_widgets.widgets.reading import Reading


def status(
    state: str,
    now: Reading | None,
    asked: Asked,
    query: Query | None,
    settings: Settings,
    *,
    grid: str,
    refusal: AuroraError | None = None,
    part: str | None = None,
    announce: str = "",
) -> view.Json:
    """Return the trait ``status``.

    Parameters
    ----------
    state
        ``start``, ``loading``, ``ready``, ``error`` or ``busy``.
    now, query
        The document that stands, and what of it is run.
    asked
        The page and the count, as far as they have come.
    grid
        Which view of the rows is chosen.
    refusal, part
        What went wrong, and beside which part of the question it is said.
    announce
        For the live region.
    """
    count = None if query is None else asked.count(query)
    answer = asked.answer
    return {
        "state": state,
        "rows": None if count is None else count.rows,
        "exact": count is not None and count.exact,
        "elapsed_ms": None if answer is None else answer.elapsed_ms,
        "from_cache": answer is not None and answer.from_cache,
        "offset": asked.offset,
        "page_rows": settings.whole("PREVIEW_PAGE_ROWS"),
        "max_offset": settings.whole("MAX_ROW_LIMIT"),
        "notes": _notes(now, asked),
        "vintage": _vintage(now, in_force(asked, query)),
        "error": None if refusal is None else view.error(refusal, part),
        "grid": grid,
        "announce": announce,
    }


def in_force(asked: Asked, query: Query | None) -> tuple[InForce, ...]:
    """Return the loads that the shown answer read, where it answers this question."""
    return asked.answer.vintage if asked.answer is not None and asked.question == query else ()


def _notes(now: Reading | None, asked: Asked) -> list[str]:
    notes = list(asked.answer.notes) if asked.answer is not None else []
    if now is not None and now.broken:
        notes.insert(0, words.left_out(len(now.broken)))
    return notes


def _vintage(now: Reading | None, loads: tuple[InForce, ...]) -> str:
    if now is None or now.table.vintage is None:
        return ""
    return words.vintage_words(now.query.vintage, next(iter(loads), None))
