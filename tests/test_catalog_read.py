"""The catalog's YAML over what an engine found: what it says, and what is said of its mistakes."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from aurora_widgets import catalog
from aurora_widgets.catalog import Format, JoinHint, Listing, VintageColumns
from aurora_widgets.catalog.source import parse
from aurora_widgets.errors import CatalogInvalid
from aurora_widgets.query.types import DATE, INT64, TEXT, Field, decimal

ROOT = Path(__file__).parents[1]
SAMPLES = sorted((ROOT / "aurora_widgets" / "samples").glob("*.yaml"))

FOUND = (
    Listing(
        "sales",
        (
            Field("id", INT64),
            Field("revenue", decimal(12, 2)),
            Field("day", DATE),
            Field("rep", INT64),
            Field("ID", TEXT),
        ),
        rows=3,
        physical={"ID": "ID_2"},
    ),
    Listing("people", (Field("id", INT64), Field("name", TEXT)), key=("id",)),
)


@pytest.fixture
def write(tmp_path):
    def write_it(text):
        path = tmp_path / "catalog.yaml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write_it


def faults(path, listings=FOUND):
    with pytest.raises(CatalogInvalid) as refused:
        catalog.load(path, listings)
    return {fault.path: fault for fault in refused.value.faults}


def test_without_a_file_the_tables_are_as_found():
    found = catalog.load(None, FOUND)
    assert list(found.tables) == ["sales", "people"]
    assert found.time_zone == "UTC"
    assert found["people"].key == ("id",)
    assert found["sales"].column("revenue").label == "revenue"
    assert (found["sales"].column("ID").stored, found["sales"].column("id").stored) == ("ID_2", "id")


def test_the_file_speaks_over_what_was_found(write):
    path = write("""
version: 1
time_zone: Europe/Berlin
tables:
  people: {label: People}
  orders:
    label: Orders
    description: One row an order.
    source: sales
    key: [id]
    vintage: {load_id: day, order_by: id, default: {load_id: 2024-01-31}}
    columns:
      revenue: {label: Revenue, format: {type: currency, decimals: 2, currency: EUR}}
    joins:
      - {to: people, on: {rep: id}, cardinality: many_to_one}
""")
    found = catalog.load(path, FOUND)
    assert found.time_zone == "Europe/Berlin"
    assert list(found.tables) == ["people", "orders"]
    orders = found["orders"]
    assert (orders.label, orders.key, orders.rows) == ("Orders", ("id",), 3)
    assert orders.vintage == VintageColumns(None, "day", "id", None, "2024-01-31")
    assert orders.joins == (JoinHint("people", (("rep", "id"),), "many_to_one"),)
    assert orders.column("revenue").label == "Revenue"
    assert orders.column("revenue").format == Format("currency", 2, "EUR")
    assert found["people"].key == ("id",)


def test_all_faults_come_at_once_with_line_path_and_nearest_name(write):
    path = write("""version: 1
time_zone: Europe/Berln
tables:
  sales:
    label: Sales
    label: Again
    columns:
      revnue: {label: Revenue}
      day: {format: {type: currency}}
      rep: {formt: {type: date}}
    key: [idd]
    vintage: {load_id: dy}
    joins:
      - {to: peple, on: {rep: id}}
      - {to: people, on: {day: name}, cardinality: many}
  salse: {}
""")
    found = faults(path)
    assert {where: (fault.message.partition(":")[0], fault.suggestion) for where, fault in found.items()} == {
        "time_zone": ("line 2", "Europe/Berlin"),
        "tables.sales.label": ("line 6", None),
        "tables.sales.columns.revnue": ("line 8", "revenue"),
        "tables.sales.columns.day.format": ("line 9", None),
        "tables.sales.columns.rep.formt": ("line 10", "format"),
        "tables.sales.key[0]": ("line 11", "id"),
        "tables.sales.vintage.load_id": ("line 12", "day"),
        "tables.sales.joins[0].to": ("line 14", "people"),
        "tables.sales.joins[1].cardinality": ("line 15", None),
        "tables.sales.joins[1].on.day": ("line 15", None),
        "tables.salse": ("line 16", "sales"),
    }
    assert found["tables.sales.columns.revnue"].message == (
        "line 8: `revnue` is not a column of `sales`; did you mean `revenue`?"
    )


@pytest.mark.parametrize("key", ["require_filter", "rows", "views", "visible_to"])
def test_what_this_version_cannot_enforce_is_refused_and_not_ignored(write, key):
    path = write(f"version: 1\ntables:\n  sales:\n    {key}: {{}}\n")
    (fault,) = faults(path).values()
    assert fault.code == "not-enforced"
    assert f"line 4: this version cannot enforce `{key}`" in fault.message


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "catalog.yaml: it is empty."),
        (b"version: 1\ntables: {a: \xff}", "catalog.yaml: line 2 is not UTF-8."),
        (b"tables: [", "catalog.yaml: line "),
        (b"&a [*a]", "nested more than 50 deep"),
        (b"[" * 5000, "catalog.yaml: "),
        (b"hello", "`hello` stands where keys and values must"),
        (b"version: 2", "`2` is not 1"),
        (b"tables: {}", "`version` is missing here"),
        (b"version: 1\ntables:", "`null` stands where keys and values must"),
        (b"version: 1\ntables: {sales: {label: 2024}}", "stands where text must; put it in quotes"),
        (b"version: 1\ntables: {sales: {label: ''}}", "this text is empty"),
        (b"version: 1\ntables: {sales: {key: []}}", "this list is empty"),
        (
            b"version: 1\ntables: {sales: {columns: {rep: {format: {type: number, decimals: 99}}}}}",
            "not from 0 to 20",
        ),
        (b"version: 1\n? [a]\n: b\n", "a key here is a name"),
    ],
)
def test_a_file_that_is_no_catalog_is_said_in_one_sentence(write, text, said):
    with pytest.raises(CatalogInvalid) as refused:
        catalog.load(write(text), FOUND)
    assert said in refused.value.detail
    assert "\n" not in refused.value.detail


def test_a_missing_file_is_said(tmp_path):
    with pytest.raises(CatalogInvalid, match="there is no such file"):
        catalog.load(tmp_path / "none.yaml", FOUND)


def test_anchors_cannot_make_a_small_file_a_large_one(write):
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{at}: &a{at} [{', '.join([f'*a{at - 1}'] * 10)}]" for at in range(1, 9)]
    with pytest.raises(CatalogInvalid, match="anchors unfold to more than"):
        catalog.load(write("\n".join(lines)), FOUND)


def test_yaml_of_our_century_norway_and_dates_are_text(write):
    path = write("version: 1\ntables: {sales: {label: NO, description: 2024-01-31}}")
    table = catalog.load(path, FOUND)["sales"]
    assert (table.label, table.description) == ("NO", "2024-01-31")


def test_sources_are_found_from_the_files_own_folder(write, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "s.parquet").write_bytes(b"")
    path = write(
        "version: 1\ntables:\n  sales: {source: data/s.parquet}\n  people: {source: hr.people}\n  other: {}\n"
    )
    assert catalog.sources(path) == {"sales": tmp_path / "data" / "s.parquet"}
    path = write("version: 1\ntables:\n  sales:\n    source: data/t.parquet\n")
    with pytest.raises(
        CatalogInvalid, match=r"line 4: there is no file `data/t\.parquet` beside the catalog"
    ):
        catalog.sources(path)


def test_the_published_schema_is_the_one_that_is_checked():
    published = json.loads((ROOT / "docs" / "catalog.schema.json").read_text("utf-8"))
    assert published == catalog.json_schema()
    jsonschema.Draft202012Validator.check_schema(published)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_the_samples_catalogs_fit_the_schema(path):
    jsonschema.validate(parse(path).value, catalog.json_schema())
