"""What tables there are and what is known about them.

``load`` merges a YAML file over what an engine found; ``sources`` says which files the
YAML names; ``json_schema`` describes it for editors.
"""

from aurora_widgets.catalog.model import Catalog, Column, Format, JoinHint, Listing, Table, VintageColumns
from aurora_widgets.catalog.read import load, sources
from aurora_widgets.catalog.schema import json_schema

__all__ = [
    "Catalog",
    "Column",
    "Format",
    "JoinHint",
    "Listing",
    "Table",
    "VintageColumns",
    "json_schema",
    "load",
    "sources",
]
