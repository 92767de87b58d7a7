"""Settings, documents, outputs and calculations that go too far: one sentence that says what to do."""

from __future__ import annotations

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from aurora_widgets import Explorer, cli, settings
from aurora_widgets.cli import questions
from aurora_widgets.errors import EngineFailed, QueryInvalid
from aurora_widgets.portal.page import PageUnavailable, free_port
from aurora_widgets.query import from_json
from aurora_widgets.service.open import open_runner
from aurora_widgets.settings import SettingInvalid

TABLE = pa.table({"a": [1, 2, 9223372036854775807], "t": ["100%_x", "y", None]})


@pytest.fixture(scope="module")
def runner():
    with_table = open_runner(frames={"t": TABLE})
    yield with_table
    with_table.close()


@pytest.fixture
def data(tmp_path):
    path = tmp_path / "t.parquet"
    pq.write_table(TABLE, path)
    (tmp_path / "q.json").write_text('{"version": 1, "table": "t"}')
    return path


def asked(*steps):
    return from_json(json.dumps({"version": 1, "table": "t", "steps": list(steps)}))


def derived(name, fn, *args):
    return {"type": "derive", "column": name, "expression": {"fn": fn, "args": list(args)}}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("PREVIEW_PAGE_ROWS", "abc"),
        ("PREVIEW_PAGE_ROWS", "0"),
        ("PREVIEW_PAGE_ROWS", "9" * 30),
        ("DUCKDB_POOL", "0"),
        ("DUCKDB_MEMORY_LIMIT", "plenty"),
        ("DUCKDB_MEMORY_LIMIT", "0%"),
        ("DUCKDB_MEMORY_LIMIT", "500%"),
        ("QUERY_TIMEOUT_SECONDS", "0"),
        ("QUERY_TIMEOUT_SECONDS", "nan"),
        ("POOL_WAIT_SECONDS", "1e300"),
        ("QUERY_MAX_BYTES", "inf"),
        ("QUERY_MAX_BYTES", "-3"),
    ],
)
def test_a_setting_that_makes_no_sense_is_named_with_its_default(name, text, data, monkeypatch, capsys):
    with pytest.raises(SettingInvalid, match=f"{name}=.* is not valid: .* The default is "):
        settings.load({name: text})
    monkeypatch.setenv(name, text)
    assert cli.main(["run", str(data.parent / "q.json"), "--data", str(data)]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"{name}=")
    assert error.count("\n") == 1


@pytest.mark.parametrize("text", ["60%", "60 %", "4GB", "512 MiB", "1.5gb"])
def test_memory_is_written_in_many_ways(text):
    assert settings.load({"DUCKDB_MEMORY_LIMIT": text})["DUCKDB_MEMORY_LIMIT"] == text


def test_too_many_steps_are_refused_before_anything_is_planned(runner):
    steps = [
        derived(f"z{at}", "add", {"column": f"z{at - 1}" if at else "a"}, {"value": 1}) for at in range(400)
    ]
    with pytest.raises(QueryInvalid, match="A question has at most 100 steps; this one has 400"):
        runner.page(asked(*steps))
    assert len(runner.page(asked(*({**step, "disabled": True} for step in steps))).rows) == 3


def test_what_nests_too_deep_for_sql_is_a_fault_and_no_accident(runner):
    wide = derived("z", "concat", *[{"column": "t"}] * 2000)
    with pytest.raises(QueryInvalid, match="stand one on another; ask for less at once"):
        runner.page(asked(wide))
    shown = Explorer({"t": TABLE}, query=asked())
    shown.query = asked(wide)
    assert shown.state.status["error"]["code"] == "QUERY_INVALID"


def test_a_fault_many_levels_down_is_still_a_sentence(runner):
    tree = {"type": "condition", "column": "a", "op": ">", "value": 0}
    for _ in range(33):
        tree = {"type": "group", "op": "and", "children": [tree]}
    with pytest.raises(QueryInvalid) as refused:
        asked({"type": "filter", "where": tree})
    assert len(refused.value.detail) < 250
    assert refused.value.detail.startswith("steps[0].where.children[0]")


def test_a_number_that_grows_too_large_says_what_to_do(runner):
    with pytest.raises(EngineFailed) as refused:
        runner.page(asked(derived("z", "add", {"column": "a"}, {"value": 1})))
    assert refused.value.detail == (
        "A value does not fit: Overflow in addition of INT64 (9223372036854775807 + 1); "
        "filter it out, or change the calculation."
    )


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        ("nowhere/x.csv", "There is no folder {home}/nowhere: make it first, or name another.\n"),
        ("", "{home} is a folder: name a file in it.\n"),
        ("/dev/full", "/dev/full could not be written: No space left on device.\n"),
    ],
)
@pytest.mark.parametrize("form", questions.FORMATS)
def test_where_nothing_can_be_written_that_is_said(output, sentence, form, data, capsys):
    home = data.parent.resolve()
    target = str(home / output)
    before = sorted(home.iterdir())
    arguments = ["run", str(home / "q.json"), "--data", str(data), "--format", form, "-o", target]
    assert cli.main(arguments) == 2
    assert capsys.readouterr() == ("", sentence.format(home=home))
    assert sorted(home.iterdir()) == before


def test_a_port_that_there_is_not_is_not_called_taken():
    for port in (-1, 0, 99_999):
        with pytest.raises(PageUnavailable, match=f"There is no port {port}: choose one from 1 to 65535"):
            free_port(port)


def test_a_pipe_is_not_waited_for(tmp_path, capsys):
    import os  # noqa: PLC0415

    os.mkfifo(tmp_path / "t.csv")
    (tmp_path / "q.json").write_text('{"version": 1, "table": "t"}')
    assert cli.main(["run", str(tmp_path / "q.json"), "--data", str(tmp_path / "t.csv")]) == 2
    assert "is a device or a pipe; save it as a file first." in capsys.readouterr().err
