"""A document's SQL without a connection: what a catalog says of the columns is enough."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from aurora_widgets import settings, sql
from aurora_widgets.catalog.model import Catalog
from aurora_widgets.errors import CatalogInvalid, Fault
from aurora_widgets.plan import Context, plan

if TYPE_CHECKING:
    from aurora_widgets.query.model import Query


def sql_text(query: Query, catalog: object, dialect: str) -> str:
    """Return the document as SQL for people; ``Query.sql`` says of what, and what is raised."""
    if not isinstance(catalog, Catalog):
        raise CatalogInvalid([Fault("missing", "catalog", _NEEDED)])
    tables = catalog.portable()
    now = dt.datetime.now(tz=dt.UTC)
    return sql.compile_text(plan(query, Context(tables, settings.load(), now)), tables, dialect)


_NEEDED = "SQL needs to know the columns' types: give `catalog`, an explorer's for one (`explorer.catalog`)."
