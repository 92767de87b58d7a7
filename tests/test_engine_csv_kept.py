"""A CSV file that a command has read is there for the processes that it starts, until it changes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from aurora_widgets import settings
from aurora_widgets.engine import csv, csv_kept, finding, memory
from aurora_widgets.engine.duckdb import DuckDBEngine
from aurora_widgets.errors import SourceInvalid


def kept(path):
    return csv_kept.kept(finding.find([path], {}))


def rows(engine, sql="SELECT COLUMNS(c -> c NOT LIKE '%row%') FROM sales"):
    return [tuple(row.values()) for batch in engine.execute(sql, {}, timeout=30) for row in batch.to_pylist()]


def unread(*_):
    raise AssertionError("the file was read again")


def test_it_is_read_once_and_again_when_it_changes(tmp_path, monkeypatch):
    path = tmp_path / "sales.csv"
    path.write_text("id,ID,\n1,x,00123\n2,,5\n")
    plain = DuckDBEngine.open([path], settings.load({}))
    wanted, listed = rows(plain), plain.listings()
    plain.close()
    with kept(path):
        with monkeypatch.context() as patch:
            patch.setattr(csv, "load", unread)
            engine, second = (DuckDBEngine.open([path], settings.load({})) for _ in range(2))
        assert (rows(engine), engine.listings()) == (wanted, listed) == (rows(second), second.listings())
        (listing,) = engine.listings()
        assert rows(engine, f"SELECT {listing.row_id} FROM sales") == [(0,), (1,)]
        path.write_text("id,ID,\n7,y,00001\n")
        assert rows(engine) == [(7, "y", "00001")]
        engine.close()
        second.close()
    assert csv_kept.FOLDER not in os.environ


def test_a_process_finds_what_another_has_read_and_the_folder_goes_with_its_maker(tmp_path):
    path = tmp_path / "sales.csv"
    path.write_text("a\n1\n")
    look = (
        "from aurora_widgets import settings; from aurora_widgets.engine import csv, csv_kept; "
        "from aurora_widgets.engine.duckdb import DuckDBEngine; import sys; csv.load = None; "
        "print(DuckDBEngine.open([sys.argv[1]], settings.load({})).listings()[0].rows)"
    )
    with kept(path):
        folder = Path(os.environ[csv_kept.FOLDER])
        done = subprocess.run([sys.executable, "-c", look, path], capture_output=True, text=True, check=True)
        assert done.stdout == "1\n"
    assert not folder.exists()


def test_a_folder_of_a_process_that_was_killed_goes(tmp_path, monkeypatch):
    monkeypatch.setattr(memory, "_MEMORY", tmp_path)
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    (tmp_path / f"x-{gone.pid}-abc").mkdir()
    (tmp_path / f"x-{os.getpid()}-abc").mkdir()
    with memory.folder("x-") as made:
        assert {made.name, f"x-{os.getpid()}-abc"} == {path.name for path in tmp_path.iterdir()}


def test_a_broken_file_is_refused_and_one_without_room_is_left_to_whoever_opens_it(tmp_path, monkeypatch):
    path = tmp_path / "sales.csv"
    path.write_text("a,b\n1,2\n3\n")
    with pytest.raises(SourceInvalid, match="line 3 has 1 value"), kept(path):
        pass
    path.write_text("a,b\n1,2\n")
    monkeypatch.setattr(csv_kept.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 1}))
    with kept(path):
        assert not list(Path(os.environ[csv_kept.FOLDER]).iterdir())
        engine = DuckDBEngine.open([path], settings.load({}))
        assert rows(engine) == [(1, 2)]
        engine.close()
