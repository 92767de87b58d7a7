"""From what a person names (files, folders, frames, a catalog) to a runner over it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from aurora_widgets import catalog as catalogs
from aurora_widgets import demo
from aurora_widgets import settings as limits
from aurora_widgets.engine.duckdb import DuckDBEngine
from aurora_widgets.errors import SourceInvalid
from aurora_widgets.service.run import Runner


def open_source(
    source: object = None, *, catalog: Path | str | None = None, settings: limits.Settings | None = None
) -> Runner:
    """Open whatever a notebook holds.

    Parameters
    ----------
    source
        A path or several, a frame (its table is called ``data``), frames by name, a runner,
        or nothing for the sample data.
    catalog, settings
        As for ``open_runner``.
    """
    match source:
        case Runner():
            return source
        case None if catalog is None:
            return open_runner(catalog=demo.prepare().catalog, settings=settings)
        case None:
            return open_runner(catalog=catalog, settings=settings)
        case str() | Path():
            return open_runner(source, catalog=catalog, settings=settings)
        case list() | tuple() if all(isinstance(item, str | Path) for item in source):
            return open_runner(*source, catalog=catalog, settings=settings)
        case Mapping():
            return open_runner(frames=source, catalog=catalog, settings=settings)
        case _:
            return open_runner(frames={"data": source}, catalog=catalog, settings=settings)


def open_runner(
    *paths: Path | str,
    catalog: Path | str | None = None,
    frames: Mapping[str, object] | None = None,
    settings: limits.Settings | None = None,
) -> Runner:
    """Open data in this process.

    Parameters
    ----------
    paths
        Parquet, CSV and DuckDB files, and folders of them.
    catalog
        A YAML file over what is found. Where neither paths nor frames are given, the files
        that it names are opened.
    frames
        Tables in memory (pandas, polars, Arrow, Ibis) and files, by name.
    settings
        Limits; the environment's by default.

    Raises
    ------
    SourceInvalid, CatalogInvalid, SettingInvalid
    """
    chosen = settings or limits.load()
    tables: dict[str, object] = dict(frames or {})
    if catalog is not None and not paths and not tables:
        tables.update(catalogs.sources(catalog))
    elif not paths and not tables:
        raise SourceInvalid("There is nothing to open: name a file, a folder, a table or a catalog.")
    engine = DuckDBEngine.open(paths, chosen, tables=tables)
    try:
        return Runner(engine, catalogs.load(catalog, engine.listings()), chosen)
    except BaseException:
        engine.close()
        raise
