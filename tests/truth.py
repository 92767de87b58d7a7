# ruff: noqa: E501 - a row stands on a line
"""A small table with everything that makes figures wrong, and plain DuckDB on the same rows.

``test_truth_*.py`` hold documents as JSON and beside each, by hand, the SQL of what QUERY.md says.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from decimal import Decimal

import duckdb

from aurora_widgets.query.model import Query
from aurora_widgets.query.read import from_json
from aurora_widgets.service.open import open_runner

TABLES = r"""
CREATE TABLE mess (id INTEGER, n INTEGER, m INTEGER, big BIGINT, huge HUGEINT, x DOUBLE, y DOUBLE,
  f FLOAT, d DECIMAL(18,4), w DECIMAL(38,10),
  t VARCHAR, s VARCHAR, b BOOLEAN, day DATE, ts TIMESTAMP, tz TIMESTAMPTZ, k VARCHAR);
INSERT INTO mess VALUES
 (1, 5, 3, 9007199254740993, 170141183460469231731687303715884105727, 'NaN', 'NaN', 0.1, 0.0050, 1234567890123456789012345678.0123456789, 'A', 'a', true, '2023-12-31', '2023-12-31 23:59:59.999999', '2023-12-31 23:30:00-05', 'x'),
 (2, -7, 3, 9007199254740992, -5, 'Infinity', 1, 0.1, 0.0051, -0.0000000001, 'a', 'A', false, '2024-01-01', '2024-01-01 00:00:00', '2024-01-01 00:00:00-05', 'x'),
 (3, 7, -3, 9223372036854775807, 0, '-Infinity', 0, 1.5, -2.5000, 2.5, '', NULL, NULL, '2024-02-29', '2024-02-29 12:00:00', '2024-02-29 23:59:59.5-05', 'y'),
 (4, NULL, 0, NULL, NULL, NULL, 2, NULL, NULL, NULL, NULL, '', true, NULL, NULL, NULL, NULL),
 (5, 0, 0, 0, 0, '-0.0', 0.0, '-0.0', 0.0000, 0, '50% off', '50%', false, '1969-12-31', '1969-12-31 23:59:59', '2024-03-10 01:59:59-05', 'z'),
 (6, 2147483647, 2147483647, -9223372036854775808, 1, 2.5, 0.1, 2.5, 99999999999999.9999, 0.5, 'a_b', 'a%b', NULL, '2024-12-30', '2024-12-30 00:00:00.000001', '2024-03-10 03:00:00-04', ''),
 (7, -2147483648, NULL, 1, 2, -2.5, -0.5, 3.4e38, -99999999999999.9999, -0.5, 'O''Hara; "x", y', 'O''Hara', true, '2021-01-03', '2021-01-03 05:06:07.891', '2024-11-03 01:30:00-04', NULL),
 (8, 12, 5, 12, 12, 0.1, 0.1, 0.1, 12.0000, 12, '12', '12', false, '2024-01-31', '2024-01-31 23:59:59', '2024-11-03 01:30:00-05', 'X'),
 (9, -7, -3, -1, -1, 1.5, 'Infinity', 1.5, 1.0050, 1.5, 'Straße Éa', 'É', true, '2024-03-31', '2024-03-31 22:30:00', '2024-03-31 23:30:00-04', 'y'),
 (10, 7, 3, 10, 10, 7, NULL, 7, 0.1250, 0.125, ' a ', 'ab', NULL, '2024-04-01', '2024-04-01 00:30:00', '2024-04-01 00:30:00-04', ' x'),
 (11, 5, 2, 11, 11, 0.5, 0.5, 0.5, -1.0050, -1.5, 'abc%d_e\f', '_', true, '2020-12-31', '2020-12-31 00:00:00', '2020-12-31 00:00:00-05', 'é');
CREATE TABLE side (k VARCHAR, n INTEGER, t VARCHAR, v DECIMAL(10,2), lo INTEGER, hi INTEGER, since DATE);
INSERT INTO side VALUES ('x', 5, 'one', 1.10, 0, 5, '2024-01-01'), ('x', -7, 'two', NULL, 5, 10, '2023-06-01'), ('y', 7, NULL, 3.30, -10, 0, NULL),
 (NULL, NULL, 'null', 4.40, NULL, NULL, '2020-01-01'), ('q', 99, '', 5.50, 6, 8, '2025-01-01'), ('', 1, 'empty', 6.60, 0, 0, '2024-01-01');
CREATE TABLE other_side (code VARCHAR, t VARCHAR, v BIGINT);
INSERT INTO other_side VALUES ('x', 'ox', 1), ('w', 'ow', 2), (NULL, 'on', 3), ('y','oy',4), ('y','oy2',5);
CREATE TABLE none_at_all (k VARCHAR, n INTEGER, x DOUBLE, day DATE);
CREATE TABLE loads (load_type VARCHAR, load_id VARCHAR, loaded_at TIMESTAMP, k VARCHAR, v INTEGER);
INSERT INTO loads VALUES ('M', '9', '2024-01-01', 'x', 1), ('M', '10', '2024-02-01', 'x', 2), ('M', '10', '2024-02-01', 'y', 3), ('D', '2', '2024-03-01', 'x', 4),
 ('D', '1', '2024-04-01', 'y', 5), ('D', '1', '2024-04-01', NULL, 6), (NULL, '7', '2024-05-01', 'z', 7), ('E', NULL, NULL, 'z', 8);
CREATE TABLE by_id (lt VARCHAR, run INTEGER, v INTEGER);
INSERT INTO by_id VALUES ('M', 9, 1), ('M', 10, 2), ('D', 3, 3), ('D', 2, 4);
CREATE TABLE days (day DATE, load_id DATE, v INTEGER);
INSERT INTO days VALUES ('2024-01-01', '2024-01-05', 1), ('2024-01-02', '2024-01-05', 2), ('2024-01-01', '2024-01-04', 10);
"""

CATALOG = """\
version: 1
time_zone: America/New_York
tables:
  mess: {key: [id]}
  loads: {vintage: {load_type: load_type, load_id: load_id, order_by: loaded_at}}
  by_id: {vintage: {load_type: lt, load_id: run}}
  days: {vintage: {load_id: load_id}}
"""


class World:
    """One database, asked by documents and by SQL."""

    def __init__(self, folder):
        self.path, self.catalog = folder / "nasty.duckdb", folder / "nasty.yaml"
        with duckdb.connect(self.path) as made:
            made.execute("SET TimeZone = 'America/New_York'")
            made.execute(TABLES)
        self.catalog.write_text(CATALOG)
        self.runner = open_runner(self.path, catalog=self.catalog)
        self.plain = duckdb.connect()
        self.plain.execute(f"ATTACH '{self.path}' AS nasty (READ_ONLY); USE nasty")
        self.plain.execute("SET TimeZone = 'America/New_York'")

    def ask(self, document):
        """Return the rows of a page, of a document that comes back whole from each way it travels."""
        query = from_json(document)
        assert query == Query.from_json(query.to_json())
        assert query == Query.from_url(query.to_url())
        assert query == Query.from_code(query.to_code())
        page = self.runner.page(query, limit=500)
        assert not page.more
        return [tuple(map(told, row)) for row in page.rows]

    def sql(self, text):
        """Return the rows of plain SQL as JSON cells."""
        relation = self.plain.sql(text)
        names = [f"c{at}" for at, _ in enumerate(relation.columns)]
        shown = [
            f"strftime({name}, '%Y-%m-%dT%H:%M:%S.%f%z')" if str(kind).endswith("TIME ZONE") else name
            for name, kind in zip(names, relation.types, strict=True)
        ]
        rows = self.plain.execute(f"SELECT {', '.join(shown)} FROM ({text}) q({', '.join(names)})").fetchall()
        return [tuple(told(cell(each)) for each in row) for row in rows]

    def close(self):
        self.runner.close()
        self.plain.close()


def cell(value):
    """Return what ``POST /api/page`` gives for a value."""
    match value:
        case bool() | None:
            return value
        case int():
            return value if abs(value) <= 2**53 else str(value)
        case float() if math.isnan(value):
            return "NaN"
        case float() if math.isinf(value):
            return "Infinity" if value > 0 else "-Infinity"
        case Decimal():
            return format(value, "f")
        case dt.date():
            return value.isoformat()
    return value


def told(shown):
    """Return a cell such that 1.50 is 1.5, and an instant the same in each writing."""
    if isinstance(shown, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT.*", shown):
        return dt.datetime.fromisoformat(shown)
    if isinstance(shown, str) and re.fullmatch(r"-?\d+(\.\d+)?", shown):
        return Decimal(shown)
    if isinstance(shown, float):
        return float(f"{shown:.14g}") + 0.0
    return shown


def in_no_order(rows):
    """Return rows sorted in any one way."""
    return sorted(rows, key=lambda row: [(each is None, type(each).__name__, str(each)) for each in row])
