"""From the rows that an engine gave to a page: cells, labels, and what was cut."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aurora_widgets.export.cells import cells, cut
from aurora_widgets.service import labels
from aurora_widgets.service.answers import Page

if TYPE_CHECKING:
    import pyarrow as pa

    from aurora_widgets.catalog.model import Catalog
    from aurora_widgets.plan.context import Planned
    from aurora_widgets.query.model import Query


def page(
    query: Query,
    planned: Planned,
    found: pa.Table,
    catalog: Catalog,
    *,
    offset: int,
    wanted: int,
    most: int,
    longest: int,
    elapsed_ms: float,
    from_cache: bool,
) -> Page:
    """Return a page.

    Parameters
    ----------
    query, planned
        The question, and how it ran.
    found
        Its rows from ``offset`` on, one more than the page has where there is more.
    catalog
        Labels, formats, and the time zone of the cells.
    wanted, most
        Rows that were asked for, and that a page may have.
    longest
        Characters of a cell.
    """
    size = min(wanted, most)
    table = found.slice(0, size)
    by_column = []
    places = []
    for index, (field, values) in enumerate(zip(planned.schema, table.columns, strict=True)):
        shown_cells = cells(values, field.type, catalog.time_zone)
        places += [(row, index) for row in cut(shown_cells, longest)]
        by_column.append(shown_cells)
    notes = list(planned.notes)
    if wanted > most:
        notes.append(f"A page has at most {most:,} rows.")
    if places:
        notes.append(f"Texts of more than {longest:,} characters are cut here.")
    return Page(
        columns=labels.columns(query, planned.schema, catalog),
        rows=[list(row) for row in zip(*by_column, strict=True)],
        offset=offset,
        more=found.num_rows > size,
        truncated=wanted > most,
        cut=tuple(places),
        elapsed_ms=elapsed_ms,
        vintage=planned.vintage,
        notes=tuple(notes),
        from_cache=from_cache,
        arrow=table,
    )
