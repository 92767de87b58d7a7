"""A catalog file, over what an engine found: read, checked and merged, with every fault at once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from aurora_widgets.catalog.check import check
from aurora_widgets.catalog.merge import discovered, merged
from aurora_widgets.catalog.schema import json_schema
from aurora_widgets.catalog.source import parse
from aurora_widgets.errors import Fault
from aurora_widgets.query.faults import at, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from aurora_widgets.catalog.model import Catalog, Listing

_FILES: Final = frozenset({".parquet", ".parq", ".csv", ".tsv", ".txt", ".duckdb", ".ddb", ".db"})
"""A ``source`` that ends so, or that holds a slash, is a file; any other is the database's name."""


def load(path: Path | str | None, listings: Iterable[Listing]) -> Catalog:
    """Return the catalog.

    Parameters
    ----------
    path
        The YAML file; ``None`` for what was found alone.
    listings
        What the engine found.

    Raises
    ------
    CatalogInvalid
        The file has faults; ``faults`` holds all of them, each with its path and line.
    """
    if path is None:
        return discovered(listings)
    parsed = parse(Path(path))
    check(parsed.value, json_schema(), parsed.fault)
    catalog = merged(parsed.value if isinstance(parsed.value, dict) else {}, listings, parsed.fault)
    parsed.refuse(Path(path).name)
    return catalog


def sources(path: Path | str) -> Mapping[str, Path]:
    """Return the files that a catalog names, by table: what to open for it.

    Parameters
    ----------
    path
        The YAML file; relative sources go from its folder.

    Raises
    ------
    CatalogInvalid
        The file has faults, or a file that it names is not there.
    """
    file = Path(path)
    parsed = parse(file)
    check(parsed.value, json_schema(), parsed.fault)
    parsed.refuse(file.name)
    found: dict[str, Path] = {}
    for name, about in parsed.value.get("tables", {}).items():
        said = about.get("source", "")
        if not ("/" in said or Path(said).suffix.lower() in _FILES):
            continue
        found[name] = (file.parent / Path(said).expanduser()).absolute()
        if not found[name].is_file():
            here = at(at(at("", "tables"), name), "source")
            parsed.fault(Fault("missing-file", here, f"there is no file {shown(said)} beside the catalog."))
    parsed.refuse(file.name)
    return found
