"""From what was sent to a document, with every fault at once: of how it is written and of what it asks."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from aurora_widgets.errors import Fault, QueryInvalid
from aurora_widgets.plan import Context
from aurora_widgets.plan.validate import validate
from aurora_widgets.query.faults import in_order
from aurora_widgets.query.read import Limits, from_json
from aurora_widgets.query.readable import readable, related

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aurora_widgets.catalog.model import Catalog
    from aurora_widgets.query.model import Query
    from aurora_widgets.settings import Settings


def read(
    source: str | bytes | Mapping[str, object],
    catalog: Catalog,
    settings: Settings,
) -> Query:
    """Read a document that asks of a catalog, no larger than the settings allow.

    Raises
    ------
    QueryInvalid
        With every fault; where it can't be read wholly, also those that the catalog tells of the rest.
    """
    limits = Limits.of(settings)
    try:
        return from_json(source, limits)
    except QueryInvalid as error:
        faults = [*error.faults, *_asked_in_vain(source, catalog, settings, limits)]
        raise QueryInvalid(in_order(faults)) from None


def _asked_in_vain(
    source: str | bytes | Mapping[str, object], catalog: Catalog, settings: Settings, limits: Limits
) -> list[Fault]:
    """Return the faults of what can be read of a document, but for those that follow from what can't."""
    try:
        query, unknown = readable(source, limits)
    except QueryInvalid:
        return []
    if query is None:
        return []
    try:
        validate(query, Context(catalog, settings, dt.datetime.now(dt.UTC)))
    except QueryInvalid as error:
        return [each for each in error.faults if not any(related(each.path, path) for path in unknown)]
    return []
