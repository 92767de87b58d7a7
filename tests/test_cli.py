"""The command line: exact files that are whole or not there, and one sentence for whatever is wrong."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
import zipfile
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree as ET

import duckdb
import pyarrow as pa
import pytest

from aurora_widgets import cli
from aurora_widgets.export import csv as csv_writer

ROWS = """SELECT * FROM (VALUES
    (1, 12345678901234567.89::DECIMAL(20,2), 9007199254740993, 'plain', DATE '2024-02-29',
     TIMESTAMP '2024-02-29 13:45:00', true, 0.1::DOUBLE),
    (2, -0.50, -5, '=1+1', DATE '1899-12-31', TIMESTAMP '2024-02-29 13:45:00.123456', false, 'nan'::DOUBLE),
    (3, NULL, NULL, 'a "b", c' || chr(10) || 'd', NULL, NULL, NULL, '-infinity'::DOUBLE),
    (4, 0.00, 0, '', DATE '2024-01-01', TIMESTAMP '0044-01-01 00:00:00', true, 1e20),
    (5, 1.10, 7, '-5', DATE '2024-01-01', TIMESTAMP '2024-01-01 00:00:00', true, 2)
) t(id, money, big, text, day, happened, flag, ratio)"""  # fmt: skip


@pytest.fixture
def data(tmp_path):
    path = tmp_path / "things.parquet"
    duckdb.sql(ROWS).write_parquet(str(path))
    return path


@pytest.fixture
def question(tmp_path):
    path = tmp_path / "question.json"
    path.write_text('{"version": 1, "table": "things"}')
    return path


def aurora(capsys, *arguments):
    """Run the command here; return its exit code, standard output and standard error."""
    code = cli.main([str(argument) for argument in arguments])
    return (code, *capsys.readouterr())


def workbook(path):
    """Return the rows of a workbook's sheet; a cell is (kind, text, number format)."""
    space = {"x": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
    with zipfile.ZipFile(path) as parts:
        sheet, styles = (
            ET.fromstring(parts.read(f"xl/{part}.xml")) for part in ("worksheets/sheet1", "styles")
        )
    own = {
        each.get("numFmtId"): each.get("formatCode") for each in styles.iterfind("x:numFmts/x:numFmt", space)
    }
    forms = [each.get("numFmtId") for each in styles.iterfind("x:cellXfs/x:xf", space)]
    rows = []
    for row in sheet.iterfind("x:sheetData/x:row", space):
        cells = {}
        for cell in row.iterfind("x:c", space):
            column = re.match("[A-Z]+", cell.get("r"))[0]
            form = forms[int(cell.get("s", 0))]
            assert cell.find("x:f", space) is None, "a formula"
            text = "".join(part.text or "" for part in cell.iter() if part.tag.endswith(("}t", "}v")))
            cells[column] = (cell.get("t", "n"), text, own.get(form, form))
        rows.append(cells)
    return rows


def test_csv_is_exact(capsysbinary, data, question):
    assert cli.main(["run", str(question), "--data", str(data)]) == 0
    out = capsysbinary.readouterr().out.decode()
    assert out.startswith(
        "id,money,big,text,day,happened,flag,ratio\r\n1,12345678901234567.89,9007199254740993,plain,"
    )
    _, *rows = csv.reader(io.StringIO(out, newline=""))
    assert rows == [
        [
            "1",
            "12345678901234567.89",
            "9007199254740993",
            "plain",
            "2024-02-29",
            "2024-02-29 13:45:00",
            "true",
            "0.1",
        ],
        ["2", "-0.50", "-5", "'=1+1", "1899-12-31", "2024-02-29 13:45:00.123456", "false", "NaN"],
        ["3", "", "", 'a "b", c\nd', "", "", "", "-Infinity"],
        ["4", "0.00", "0", "", "2024-01-01", "0044-01-01 00:00:00", "true", "1e+20"],
        ["5", "1.10", "7", "'-5", "2024-01-01", "2024-01-01 00:00:00", "true", "2.0"],
    ]
    assert '\r\n4,0.00,0,"",2024-01-01' in out  # an empty text is not NULL
    assert '\r\n3,,,"a ""b"", c\nd",,,,' in out


def test_formulas_stay_where_that_is_asked(capsysbinary, data, question):
    assert cli.main(["run", str(question), "--data", str(data), "--keep-formulas"]) == 0
    assert b",=1+1," in capsysbinary.readouterr().out


def test_json_has_the_cells_of_a_page(capsysbinary, data, question):
    assert cli.main(["run", str(question), "--data", str(data), "--format", "json"]) == 0
    found = json.loads(capsysbinary.readouterr().out)
    assert found["columns"][1] == {"name": "money", "type": "decimal(20,2)"}
    assert found["rows"][0][:4] == [1, "12345678901234567.89", "9007199254740993", "plain"]
    assert found["rows"][1][7] == "NaN"
    assert found["rows"][2][1:3] == [None, None]


def test_arrow_keeps_every_type(capsys, tmp_path, data, question):
    out = tmp_path / "out.arrow"
    assert aurora(capsys, "run", question, "--data", data, "-o", out)[0] == 0
    with pa.ipc.open_file(out) as found:
        table = found.read_all()
    assert table.schema.field("money").type == pa.decimal128(20, 2)
    assert table["money"].to_pylist()[:3] == [Decimal("12345678901234567.89"), Decimal("-0.50"), None]


def test_arrow_on_a_pipe_is_a_stream(capsysbinary, data, question):
    assert cli.main(["run", str(question), "--data", str(data), "--format", "arrow"]) == 0
    assert pa.ipc.open_stream(capsysbinary.readouterr().out).read_all().num_rows == 5


def test_a_workbook_has_real_dates_and_no_rounded_digit(capsys, tmp_path, data, question):
    out = tmp_path / "out.xlsx"
    assert aurora(capsys, "run", question, "--data", data, "-o", out) == (0, "", "")
    heading, first, second, third, *_ = workbook(out)
    assert [cell[1] for cell in heading.values()] == [
        "id",
        "money",
        "big",
        "text",
        "day",
        "happened",
        "flag",
        "ratio",
    ]
    text, date, time_ = ("inlineStr", "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss")
    assert first == {
        "A": ("n", "1", "0"),
        "B": (text, "12345678901234567.89", "0"),
        "C": (text, "9007199254740993", "0"),
        "D": (text, "plain", "0"),
        "E": ("n", str((dt.date(2024, 2, 29) - dt.date(1899, 12, 30)).days), date),
        "F": ("n", "45351.57291666666", time_),
        "G": ("b", "1", "0"),
        "H": ("n", "0.1", "0"),
    }
    assert [second[column][:2] for column in "BCDEFGH"] == [
        ("n", "-0.50"),
        ("n", "-5"),
        (text, "=1+1"),
        (text, "1899-12-31"),
        (text, "2024-02-29T13:45:00.123456"),
        ("b", "0"),
        (text, "NaN"),
    ]
    assert second["B"][2] == "#,##0.00"
    assert set(third) == {"A", "D", "H"}  # NULLs are no cells


def test_too_many_rows_for_excel_are_refused_before_the_start(capsys, tmp_path, data, question, monkeypatch):
    monkeypatch.setenv("EXPORT_EXCEL_MAX_ROWS", "4")
    out = tmp_path / "out.xlsx"
    code, _, err = aurora(capsys, "run", question, "--data", data, "-o", out)
    assert code == 2
    assert "more than the 4 rows" in err
    assert "--format csv" in err
    assert not out.exists()
    assert aurora(capsys, "run", question, "--data", data, "-o", tmp_path / "out.csv")[0] == 0


def test_a_text_too_long_for_excel_is_cut_and_said(capsys, tmp_path):
    duckdb.sql("SELECT repeat('x', 40000) AS t").write_parquet(str(tmp_path / "long.parquet"))
    (tmp_path / "q.json").write_text('{"version": 1, "table": "long"}')
    out = tmp_path / "out.xlsx"
    code, _, err = aurora(capsys, "run", tmp_path / "q.json", "--data", tmp_path, "-o", out)
    assert (code, err) == (
        0,
        "1 text was cut to the 32,767 characters that an Excel cell has; CSV has them whole.\n",
    )
    assert len(workbook(out)[1]["A"][1]) == 32_767


def test_every_row_comes_out_not_a_page(capsysbinary, tmp_path):
    duckdb.sql("SELECT range AS n FROM range(250000)").write_parquet(str(tmp_path / "many.parquet"))
    (tmp_path / "q.json").write_text('{"version": 1, "table": "many"}')
    assert cli.main(["run", str(tmp_path / "q.json"), "--data", str(tmp_path / "many.parquet")]) == 0
    lines = capsysbinary.readouterr().out.decode().split("\r\n")
    assert lines[:2] == ["n", "0"]
    assert [int(line) for line in lines[1:-1]] == list(range(250_000))


def test_an_empty_result_is_a_heading(capsysbinary, tmp_path, data):
    where = {"type": "filter", "where": {"type": "condition", "column": "id", "op": ">", "value": 99}}
    (tmp_path / "q.json").write_text(json.dumps({"version": 1, "table": "things", "steps": [where]}))
    assert cli.main(["run", str(tmp_path / "q.json"), "--data", str(data)]) == 0
    assert capsysbinary.readouterr().out == b"id,money,big,text,day,happened,flag,ratio\r\n"


def test_a_question_may_come_from_standard_input(capsysbinary, data, monkeypatch):
    document = io.TextIOWrapper(
        io.BytesIO(b'{"version": 1, "table": "things", "steps": [{"type": "limit", "rows": 1}]}')
    )
    monkeypatch.setattr(sys, "stdin", document)
    assert cli.main(["run", "-", "--data", str(data), "--format", "csv", "-o", "-"]) == 0
    assert capsysbinary.readouterr().out.count(b"\r\n") == 2


def test_a_file_that_fails_half_way_is_not_there_and_the_old_one_is_kept(
    capsys, tmp_path, data, question, monkeypatch
):
    def breaks(*_, **__):
        raise OSError(28, "No space left on device")

    out = tmp_path / "out.csv"
    out.write_text("yesterday")
    monkeypatch.setattr(csv_writer, "_texts", breaks)
    code, _, err = aurora(capsys, "run", question, "--data", data, "-o", out)
    assert (code, err.count("\n")) == (2, 1)
    assert "No space left on device" in err
    assert out.read_text() == "yesterday"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.csv", "question.json", "things.parquet"]


@pytest.mark.parametrize("form", ["arrow", "xlsx"])
def test_standard_output_that_is_full_closed_or_left_is_no_surprise(tmp_path, data, question, form):
    run = f"{sys.executable} -m aurora_widgets.cli run {question} --data {data} --format {form}"

    def told(command):
        done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
        return done.returncode, done.stderr

    assert told(f"{run} > /dev/full") == (2, "No space left on device.\n")
    assert told(f"{run} >&-") == (2, "Standard output is closed; name a file with -o.\n")
    assert told(f"set -o pipefail; {run} | true") == (0, "")


def test_a_device_is_written_to_and_a_link_keeps_pointing(capsys, tmp_path, data, question):
    assert aurora(capsys, "run", question, "--data", data, "-o", "/dev/null")[0] == 0
    assert Path("/dev/null").is_char_device()
    (tmp_path / "real.csv").write_text("")
    (tmp_path / "link.csv").symlink_to(tmp_path / "real.csv")
    assert aurora(capsys, "run", question, "--data", data, "-o", tmp_path / "link.csv")[0] == 0
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "real.csv").read_text().startswith("id,")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ["run", "QUESTION"],
            "name files with --data, a catalog with --catalog, or the sample data with --demo",
        ),
        (["sql", "QUESTION"], "name files with --data"),
        (["run", "nothing.json", "--data", "DATA"], "No such file or directory: nothing.json"),
        (["run", "QUESTION", "--data", "nothing.parquet"], "There is no file"),
        (["run", "BROKEN", "--data", "DATA"], "JSON"),
        (["run", "WRONG", "--data", "DATA"], "did you mean `money`?"),
        (["run", "FUTURE", "--data", "DATA"], "version"),
        (["run", "QUESTION", "--data", "QUESTION"], "cannot be opened"),
        (["run", "QUESTION", "--data", "DATA", "-o", "missing/out.csv"], "There is no folder"),
        (["run", "QUESTION", "--demo", "--data", "DATA"], "--demo reads the sample data alone"),
        (["run", "QUESTION", "--format", "pdf"], "invalid choice: 'pdf'"),
        (["sql", "QUESTION", "--data", "DATA", "--dialect", "latin"], "latin"),
        (["open"], "Name files or folders to open"),
        (["open", "nothing.parquet"], "There is no file"),
        (["opne"], "invalid choice: 'opne'"),
        (["check", "nothing.yaml"], "nothing.yaml"),
        ([], "arguments are required: COMMAND"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_is_wrong_is_one_sentence_and_two(
    capsys, tmp_path, data, question, monkeypatch, arguments, sentence
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "broken.json").write_text('{"version": 1,')
    (tmp_path / "future.json").write_text('{"version": 99, "table": "things"}')
    wrong = {"type": "filter", "where": {"type": "condition", "column": "mony", "op": ">", "value": 1}}
    (tmp_path / "wrong.json").write_text(json.dumps({"version": 1, "table": "things", "steps": [wrong]}))
    names = {
        "QUESTION": question,
        "DATA": data,
        "BROKEN": "broken.json",
        "WRONG": "wrong.json",
        "FUTURE": "future.json",
    }
    code, out, err = aurora(capsys, *(names.get(argument, argument) for argument in arguments))
    assert (code, out) == (2, "")
    assert err.count("\n") == 1, err
    assert sentence in err
    assert "Traceback" not in err


def test_sql_is_printed_with_its_values_and_runs(capsys, tmp_path, data):
    where = {"type": "filter", "where": {"type": "condition", "column": "text", "op": "=", "value": "it's"}}
    (tmp_path / "q.json").write_text(json.dumps({"version": 1, "table": "things", "steps": [where]}))
    code, out, err = aurora(capsys, "sql", tmp_path / "q.json", "--data", data, "--dialect", "duckdb")
    assert (code, err) == (0, "")
    assert "'it''s'" in out
    with duckdb.connect() as connection:
        connection.execute(f"CREATE VIEW things AS FROM '{data}'")
        assert connection.execute(out).fetchall() == []


def test_check_lists_all_faults_with_their_places(capsys, tmp_path, data):
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text("version: 1\ntables:\n  things: {source: things.parquet, key: [id]}\n")
    bad.write_text(
        "version: 1\ntables:\n  things:\n    key: [idd]\n    columns:\n      mony: {label: Money}\n"
    )
    assert aurora(capsys, "check", good) == (0, f"{good} holds for 1 table.\n", "")
    code, out, err = aurora(capsys, "check", bad, "--data", data)
    assert (code, err) == (2, f"{bad} has 2 faults.\n")
    assert "did you mean `money`?" in out
    assert "did you mean `id`?" in out
    code, out, _ = aurora(capsys, "check", bad, "--data", data, "--json")
    assert [fault["suggestion"] for fault in json.loads(out)["faults"]] == ["id", "money"]
    assert json.loads(aurora(capsys, "check", good, "--json")[1]) == {"faults": []}


def test_help_is_worth_reading(capsys):
    for command in ((), ("demo",), ("open",), ("run",), ("sql",), ("check",)):
        with pytest.raises(SystemExit) as end:
            cli.main([*command, "--help"])
        assert end.value.code == 0
    out = capsys.readouterr().out
    assert "aurora run question.json --data sales.parquet" in out
    assert "RFC 4180" in out


def test_a_reader_that_has_had_enough_ends_it_quietly(tmp_path):
    duckdb.sql("SELECT range AS n FROM range(500000)").write_parquet(str(tmp_path / "many.parquet"))
    (tmp_path / "q.json").write_text('{"version": 1, "table": "many"}')
    command = f"{sys.executable} -m aurora_widgets.cli run q.json --data many.parquet; echo $? >&2"
    done = subprocess.run(
        ["sh", "-c", f"({command}) | head -2"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout == "n\n0\n"
    assert done.stderr == "0\n"


def test_ctrl_c_is_130_without_a_trace_or_a_file(tmp_path):
    duckdb.sql("SELECT range AS n, range % 3 AS k FROM range(30000)").write_parquet(
        str(tmp_path / "many.parquet")
    )
    pair = {"left": "k", "right": "k"}
    joins = [{"type": "join", "table": "many", "as": f"m{i}", "on": [pair]} for i in range(3)]
    (tmp_path / "q.json").write_text(json.dumps({"version": 1, "table": "many", "steps": joins}))
    command = [
        sys.executable,
        "-m",
        "aurora_widgets.cli",
        "run",
        "q.json",
        "--data",
        "many.parquet",
        "-o",
        "out.csv",
    ]
    process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    wait(lambda: process.poll() is not None or any(tmp_path.glob(".out.csv.*")) or busy(process.pid))
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=30)[1] == ""
    assert process.returncode == 130
    assert {path.name for path in tmp_path.iterdir()} == {"many.parquet", "q.json"}


def busy(pid):
    """Whether the process has used a few seconds: it is past its imports, in the database."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") > 6


def wait(done, seconds=60):
    end = time.monotonic() + seconds
    while not done() and time.monotonic() < end:
        time.sleep(0.05)


def test_the_page_is_served_on_this_machine_alone(tmp_path, data):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "aurora_widgets.cli",
        "open",
        str(data),
        "--no-browser",
        "--port",
        str(port),
    ]
    log = tmp_path / "log"
    with log.open("w") as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)
    try:
        wait(lambda: answers(port) or process.poll() is not None)
        assert process.poll() is None, log.read_text()
        assert log.read_text() == f"Aurora is at http://127.0.0.1:{port}/ (Ctrl+C ends it)\n"
        listening = [
            line.split()[1]
            for name in ("tcp", "tcp6")
            for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]
            if line.split()[1].endswith(f":{port:04X}") and line.split()[3] == "0A"
        ]
        assert listening == [f"0100007F:{port:04X}"]
        taken = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (taken.returncode, taken.stdout) == (2, "")
        assert taken.stderr == f"Port {port} is taken; choose another with --port, or none for a free one.\n"
    finally:
        process.terminate()
        process.wait(30)


def answers(port):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/voila/static/voila.js", timeout=2):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


@pytest.mark.parametrize("command", ["run", "sql"])
@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("FILTER_MAX_CONDITIONS", "2", "at most 2 conditions"),
        ("FILTER_MAX_DEPTH", "1", "nested deeper than 1 level."),
        ("QUERY_MAX_BYTES", "40", "40 are allowed"),
    ],
)
def test_a_document_is_read_within_the_limits_of_the_environment(
    capsys, monkeypatch, data, tmp_path, command, variable, value, said
):
    rule = {"type": "condition", "column": "id", "op": ">", "value": 0}
    group = {"type": "group", "op": "and", "children": [rule, rule, rule]}
    where = {"type": "group", "op": "or", "children": [group]}
    question = tmp_path / "three.json"
    question.write_text(
        json.dumps({"version": 1, "table": "things", "steps": [{"type": "filter", "where": where}]})
    )
    assert aurora(capsys, command, question, "--data", data)[0] == 0
    monkeypatch.setenv(variable, value)
    code, out, err = aurora(capsys, command, question, "--data", data)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert said in err
