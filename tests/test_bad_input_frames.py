"""Tables in memory that are odd or broken: shown as they are, or refused in one sentence that says where."""

from __future__ import annotations

import datetime as dt
import decimal

import ibis
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from aurora_widgets import Explorer
from aurora_widgets.errors import SourceInvalid

NOT_UTF8 = pa.Array.from_buffers(
    pa.string(), 1, [None, pa.py_buffer(b"\0\0\0\0\2\0\0\0"), pa.py_buffer(b"\xff\xfe")]
)


def odd_frame(columns, *rows):
    frame = pd.DataFrame(list(rows))
    frame.columns = columns
    return frame


REFUSED = {
    "no columns, pandas": (pd.DataFrame(index=[1, 2]), "data cannot be read: it has no columns."),
    "no columns, Arrow": (pa.table({}), "data cannot be read: it has no columns."),
    "half a character": (
        pd.DataFrame({"s": pd.Series(["a\ud800b", "x"], dtype=object)}),
        "data cannot be read: a text in its column s holds half a character (a lone surrogate).",
    ),
    "a broken lazy frame": (
        pl.LazyFrame({"a": [1]}).select("nope"),
        (
            'data cannot be read: the question that it stands for fails: unable to find column "nope"; '
            'valid columns: ["a"].'
        ),
    ),
    "text that is not UTF-8": (
        pa.table({"note": NOT_UTF8}),
        (
            "data cannot be read: its column note is damaged (In chunk 0: Invalid: Invalid UTF8 sequence at "
            "string index 0)."
        ),
    ),
    "an array": (
        np.zeros((2, 2)),
        "data cannot be read: a ndarray is no table; pandas, polars, Arrow and Ibis tables are.",
    ),
    "a series": (
        pd.Series([1]),
        "data cannot be read: a Series is no table; pandas, polars, Arrow and Ibis tables are.",
    ),
    "nothing": ({}, "There is nothing to open: name a file, a folder, a table or a catalog."),
    "no name": ({" ": pa.table({"a": [1]})}, "a table in memory has no name to call its table by."),
}


@pytest.mark.parametrize(("source", "sentence"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_opened_is_one_sentence(source, sentence):
    with pytest.raises(SourceInvalid) as refused:
        Explorer(source)
    assert refused.value.detail == sentence


def test_an_unbound_question_of_ibis_is_one_sentence():
    with pytest.raises(SourceInvalid, match="the question that it stands for fails"):
        Explorer(ibis.table({"a": "int64"}, name="nowhere"))


SHOWN = {
    "equal names": (odd_frame(["a", "a"], [1, 2]), ["a", "a (2)"], [["1", "2"]]),
    "names that are no text": (
        odd_frame([1, 2.5, pd.Timestamp("2024-01-01")], [1, 2, 3]),
        ["1", "2.5", "2024-01-01 00:00:00"],
        [["1", "2", "3"]],
    ),
    "half a character in a name": (
        odd_frame(pd.Index(["a\ud800"], dtype=object), [1]),
        ["a�"],
        [["1"]],
    ),
    "names in levels": (
        odd_frame(pd.MultiIndex.from_tuples([("a", "x"), ("a", "y")]), [1, 2]),
        ["a x", "a y"],
        [["1", "2"]],
    ),
    "objects of many kinds": (
        pd.DataFrame({"o": [1, "a", None, dt.date(2024, 1, 1), [1], decimal.Decimal("1.5")]}),
        ["o"],
        [["1"], ["a"], [None], ["2024-01-01"], ["[1]"], ["1.5"]],
    ),
    "integers past 64 bits": (pd.DataFrame({"o": [2**70, 10**40]}), ["o"], [[str(2**70)], [str(10**40)]]),
    "no rows": (pd.DataFrame({"a": []}), ["a"], []),
    "a lazy frame": (pl.LazyFrame({"a": [1]}), ["a"], [["1"]]),
    "128 bits, polars": (
        pl.DataFrame(
            {"i": pl.Series([2**127 - 1], dtype=pl.Int128), "u": pl.Series([2**127], dtype=pl.UInt128)}
        ),
        ["i", "u"],
        [[str(2**127 - 1), str(2**127)]],
    ),
    "Arrow's own types": (
        pa.table(
            {
                "large": pa.array(["a"], pa.large_string()).dictionary_encode(),
                "null": pa.nulls(1),
                "list": pa.array([[1]], pa.large_list(pa.int8())),
                "wide": pa.array([decimal.Decimal("1" * 50)], pa.decimal256(60, 0)),
                "nulls": pa.array([[None]], pa.list_(pa.null())),
                "month": pa.array([pa.MonthDayNano([1, 2, 3000])]),
            }
        ),
        ["large", "null", "list", "wide", "nulls", "month"],
        [["a", None, "[1]", "1" * 50, "[null]", "1 month 2 days 00:00:00.000003"]],
    ),
    "a table name with NUL": ({"a\0b": pa.table({"c": [1]})}, ["c"], [["1"]]),
}


@pytest.mark.parametrize(("source", "names", "rows"), SHOWN.values(), ids=SHOWN)
def test_what_is_odd_is_shown_as_it_is(source, names, rows):
    shown = Explorer(source)
    assert [column["name"] for column in shown.state.page["columns"]] == names
    assert shown.state.page["rows"] == rows
    assert shown.state.status["state"] == "ready"
