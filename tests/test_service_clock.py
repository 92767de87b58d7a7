"""A clock that is set anew while people work: nobody waits for it, and nobody gets more than is theirs."""

from __future__ import annotations

import os
import time

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from service_lab import BO, ask, client, served

HOUR = 3600


@pytest.fixture
def file(tmp_path):
    pq.write_table(pa.table({"number": [1, 2, 3]}), tmp_path / "t.parquet")
    return tmp_path / "t.parquet"


@pytest.mark.parametrize("jump", [HOUR, -24 * HOUR], ids=["an hour on", "a day back"])
def test_a_limit_is_neither_lifted_nor_prolonged(file, monkeypatch, jump):
    clock = time.time
    with served(file, limits={"PREVIEW_RATE_LIMIT": "3/minute"}) as (url, _), client(url) as ada:
        for _ in range(3):
            assert ada.post("/api/page", json=ask("t")).status_code == 200
        monkeypatch.setattr(time, "time", lambda: clock() + jump)
        refused = ada.post("/api/page", json=ask("t"))
        assert refused.json()["code"] == "RATE_LIMITED"
        assert 1 <= int(refused.headers["Retry-After"]) <= 60
        with client(url, BO) as bo:
            assert bo.post("/api/page", json=ask("t")).json()["rows"] == [[1], [2], [3]]


@pytest.mark.parametrize("jump", [HOUR, -HOUR], ids=["an hour on", "an hour back"])
def test_a_file_that_was_written_by_another_clock_is_read_at_once_and_anew(file, jump):
    moment = time.time() - jump
    os.utime(file, (moment, moment))
    with served(file) as (url, _), client(url) as ada:
        assert ada.post("/api/page", json=ask("t")).json()["rows"] == [[1], [2], [3]]
        pq.write_table(pa.table({"number": [4, 5]}), file)
        os.utime(file, (moment + 2, moment + 2))
        assert ada.post("/api/page", json=ask("t")).json()["rows"] == [[4], [5]]
