"""A CSV file is read as a careful person would: nothing is dropped, guessed or rounded."""

from __future__ import annotations

import pytest

from aurora_widgets import settings
from aurora_widgets.engine.duckdb import DuckDBEngine
from aurora_widgets.errors import SourceInvalid


@pytest.fixture
def read(tmp_path):
    """Read a CSV file of this text: its column types, and its rows as text."""

    def read_it(text):
        path = tmp_path / "x.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        engine = DuckDBEngine.open([path], settings.load({}))
        try:
            (listing,) = engine.listings()
            columns = ", ".join(f'CAST("{field.name}" AS VARCHAR)' for field in listing.schema)
            found = [
                tuple(row.values())
                for batch in engine.execute(f"SELECT {columns} FROM x", {}, timeout=30)
                for row in batch.to_pylist()
            ]
            assert listing.rows == len(found)
            return {field.name: field.type.name for field in listing.schema}, found
        finally:
            engine.close()

    return read_it


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ("1 2 -3 0", "int64"),
        ("00123 1", "text"),
        ("+49 1", "text"),
        ("1,234 1", "text"),
        ("123456789012345678901 3", "int128"),
        ("123456789012345678901234567890123456789012345 1", "text"),
        ("1 2.50 -.5", "decimal(18,2)"),
        ("1234567890123456789012345678.0000000001 0.1000000000", "decimal(38,10)"),
        ("0.30000000000000004 1.5", "float64"),
        ("1e5 2", "float64"),
        ("nan 2.5 -inf", "float64"),
        ("12345678901234567890 1e5", "text"),
        ("12345678901234567 nan", "text"),
        ("9007199254740993 1e5", "text"),
        ("9007199254740992 1e5", "float64"),
        ("9007199254740993 0.1234567890123 1.5", "decimal(29,13)"),
        ("0.1234567890123456789 nan", "text"),
        ("0.12345678901234568 1e-17 -2.5 inf", "float64"),
        ("1 n/a", "text"),
        ("true FALSE", "boolean"),
        ("true 1", "text"),
        ("2024-02-29 2023-01-01", "date"),
        ("2024-02-29 2023-02-29", "text"),
        ("2024-02-29T10:00 2024-02-29", "timestamp"),
        ("2024-02-29T10:00:00Z 2024-02-29T10:00:00+02:00", "timestamptz"),
        ("2024-02-29T10:00:00Z 2024-02-29T10:00:00", "text"),
        ("13/02/2024 01/02/2024", "date"),
        ("02/13/2024 01/02/2024", "date"),
        ("01/02/2024 02/03/2024", "text"),
        ("13/02/2024 02/13/2024", "text"),
        ("31.12.2024 1.2.2024", "date"),
    ],
)
def test_a_column_has_the_type_that_all_its_values_have(read, values, kind):
    text = "k;v\n" + "".join(f"x;{value}\n" for value in values.split())
    assert read(text)[0]["v"] == kind


def test_days_and_months_are_not_mixed_up(read):
    assert read("a,b\n13/02/2024,02/13/2024\n01/02/2024,01/02/2024\n")[1] == [
        ("2024-02-13", "2024-02-13"),
        ("2024-02-01", "2024-01-02"),
    ]


def test_the_last_row_decides_too(read):
    many = "1,2024-01-01,2.5\n" * 30_000
    assert read("a,b,c\n" + many)[0] == {"a": "int64", "b": "date", "c": "decimal(18,1)"}
    types, rows = read("a,b,c\n" + many + "x,2024-13-01,0.123\n")
    assert types == {"a": "text", "b": "text", "c": "decimal(18,3)"}
    assert (len(rows), rows[0], rows[-1]) == (
        30_001,
        ("1", "2024-01-01", "2.500"),
        ("x", "2024-13-01", "0.123"),
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b\n1,2\n3\n", "line 3 has 1 value where the header has 2: there is nothing for b"),
        ("a,b\n1,2\n3,4,5\n", "line 3 has 3 values where the header has 2: nothing names the one after b"),
        ('a,b\n1,"x\ny"\n3\n', "line 4 has 1 value where the header has 2: there is nothing for b"),
        ('a,b\n1,2\n"3,4\n5,6\n', "the quotes in line 3 do not pair"),
        ('a,b\n1,2\n"3"x,4\n', "the quotes in line 3 do not pair"),
        ("a,b\n" + "1,2\n" * 60_000 + "3,4,5\n", "line 60002 has 3 values"),
        ("a,b\r\n1,2\n3,4\r\n", "mixes line endings"),
        ("a,b\n1,€\n".encode("cp1252"), "line 2 is not UTF-8; save the file as CSV UTF-8"),
        ("a,b\n1,é".encode()[:-1], "line 2 is not UTF-8; save the file as CSV UTF-8"),
        ("a,b\n1,x\n".encode("utf-16-le"), "it is no text file"),
        ("a,b\n1,x\n".encode("utf-16")[:-1], "it is not UTF-16 throughout; save it as CSV UTF-8"),
        ("a,b\n1,2\n3\n".encode("utf-16"), "line 3 has 1 value where the header has 2"),
        ("", "it is empty"),
        (" \n\n", "it is empty"),
    ],
)
def test_a_broken_file_is_refused_with_the_line(read, text, said):
    with pytest.raises(SourceInvalid) as refused:
        read(text)
    assert said in refused.value.detail
    assert "\n" not in refused.value.detail


@pytest.mark.parametrize(
    "text",
    [
        "a,b\n1,x\n3,y\n",
        "a;b\n1;x\n3;y\n",
        "a\tb\n1\tx\n3\ty\n",
        "a|b\n1|x\n3|y\n",
        "a,b\r\n1,x\r\n3,y",
        "a,b\r1,x\r3,y\r",
        "\n\na,b\n1,x\n\n3,y\n\n",
        "sep=;\na;b\n1;x\n3;y\n",
        '"a","b"\n"1","x"\n"3","y"\n',
        "a, b\n 1 ,x\n3 ,y\n",
        "a,b\n1,x,\n3,y,\n",
        b"\xef\xbb\xbfa,b\n1,x\n3,y\n",
        "a,b\n1,x\n3,y\n".encode("utf-16"),
        b"\xfe\xff" + "sep=,\r\na,b\r\n1,x\r\n\r\n3,y,\r\n".encode("utf-16-be"),
    ],
)
def test_however_it_is_written_it_is_the_same_table(read, text):
    assert read(text) == ({"a": "int64", "b": "text"}, [("1", "x"), ("3", "y")])


def test_values_stay_as_they_are(read):
    assert read('a,b\n"x, ""y""","two\nlines"\n  ,\n"",3"\n')[1] == [
        ('x, "y"', "two\nlines"),
        ("  ", None),
        (None, '3"'),
    ]
    assert read("a\nä\n".encode("latin-1"))[1] == [("ä",)]
    assert read('a,b\n😀,"€\n日本"\n,""\n'.encode("utf-16"))[1] == [("😀", "€\n日本"), (None, None)]
    assert read("name\nhello\n\nworld\n".encode("utf-16"))[1] == [("hello",), (None,), ("world",)]
    assert read("name\nhello\n\nworld\n")[1] == [("hello",), (None,), ("world",)]
    long = "x" * 2_100_000
    assert read(f"a,b\n1,{long}\n2,y\n")[1] == [("1", long), ("2", "y")]


def test_header_only_and_odd_headers(read):
    assert read("a,b\n") == ({"a": "text", "b": "text"}, [])
    assert read("a,b") == ({"a": "text", "b": "text"}, [])
    assert list(read("a,a,,select\n1,2,3,4\n")[0]) == ["a", "a (2)", "column 3", "select"]


def test_names_that_differ_by_case_keep_their_own_values(tmp_path):
    (tmp_path / "x.csv").write_text("id,ID\n1,2\n")
    engine = DuckDBEngine.open([tmp_path / "x.csv"], settings.load({}))
    (listing,) = engine.listings()
    assert ([field.name for field in listing.schema], listing.physical) == (["id", "ID"], {"ID": "ID_2"})
    (batch,) = engine.execute("SELECT id, ID_2 FROM x", {}, timeout=30)
    assert batch.to_pylist() == [{"id": 1, "ID_2": 2}]
    engine.close()
