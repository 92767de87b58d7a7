"""What a rude or broken client sends: it is refused in a sentence, and the others don't notice."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import duckdb
import httpx
import pytest
from service_lab import ADA, BO, ask, client, served, until

from aurora_widgets.service import connections, shared


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    found = tmp_path_factory.mktemp("data") / "sales.parquet"
    with duckdb.connect() as db:
        columns = "range AS id, 'region ' || range % 7 AS region"
        db.execute(f"COPY (SELECT {columns} FROM range(100000)) TO '{found}'")
    return found


def dialled(url):
    return socket.create_connection((httpx.URL(url).host, httpx.URL(url).port), timeout=20)


def served_well(url):
    with client(url, BO) as bo:
        assert bo.post("/api/page", json=ask("sales")).status_code == 200


def test_ten_thousand_rules_are_counted_and_refused(path):
    rules = [{"type": "condition", "column": "id", "op": "=", "value": n} for n in range(10_000)]
    where = {"type": "group", "op": "or", "children": rules}
    with served(path) as (url, _), client(url) as ada:
        for route in ("page", "count", "result", "explain"):
            answer = ada.post(f"/api/{route}", json=ask("sales", {"type": "filter", "where": where}))
            assert (answer.status_code, answer.json()["code"]) == (422, "QUERY_INVALID")
            assert "1,000" in answer.json()["detail"]
        served_well(url)


def test_seventy_pages_at_once_by_one_user_leave_the_others_their_pages(path):
    """Sixty a minute are allowed, two at a time; cached answers count as well."""
    with served(path) as (url, _), ThreadPoolExecutor(70) as people:

        def page(number):
            with client(url) as ada:
                return ada.post("/api/page", json=ask("sales", offset=number))

        asked = [people.submit(page, number) for number in range(70)]
        served_well(url)
        answers = [each.result() for each in asked]
        found = Counter((answer.status_code, answer.json().get("code")) for answer in answers)
        assert set(found) <= {(200, None), (429, "RATE_LIMITED"), (429, "TOO_MANY_TASKS")}
        assert found[429, "RATE_LIMITED"] == 10
        assert found[200, None] >= 2
        assert all(int(answer.headers["retry-after"]) >= 1 for answer in answers if answer.status_code == 429)


def test_clients_that_say_half_a_request_are_let_go(path, monkeypatch):
    monkeypatch.setattr(connections, "_HEAD_SECONDS", 0.3)
    with served(path) as (url, _), contextlib.ExitStack() as open_ones:
        halves = [open_ones.enter_context(dialled(url)) for _ in range(100)]
        for half in halves[:50]:
            half.sendall(b"POST /api/page HTTP/1.1\r\nHost: x\r\n")
        served_well(url)
        for half in halves:
            assert half.recv(1) == b""


def test_a_client_that_reads_nothing_holds_up_nobody(path):
    with served(path, limits={"PREVIEW_RATE_LIMIT": "10000/minute"}) as (url, _), dialled(url) as deaf:
        request = (
            b"GET /api/tables HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + ADA.encode() + b"\r\n\r\n"
        )
        deaf.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while deaf.send(request * 10):
                pass
        for _ in range(5):
            served_well(url)


def test_no_limit_goes_by_the_clock_on_the_wall(path, monkeypatch):
    wall, real = [0.0], time.time
    monkeypatch.setattr(time, "time", lambda: real() + wall[0])
    with served(path, limits={"PREVIEW_RATE_LIMIT": "2/minute"}) as (url, _), client(url) as ada:

        def page():
            return ada.post("/api/page", json=ask("sales"))

        assert [page().status_code for _ in range(2)] == [200, 200]
        for jump in (86_400, -86_400):
            wall[0] += jump
            answer = page()
            assert answer.status_code == 429
            assert 50 <= int(answer.headers["retry-after"]) <= 60
    assert shared.time.monotonic is time.monotonic


def test_what_is_no_http_is_refused(path):
    with served(path) as (url, _), dialled(url) as raw:
        raw.sendall(b"\x16\x03\x01 hello\r\n\r\n")
        assert raw.recv(100).startswith(b"HTTP/1.1 400")
        served_well(url)


def test_a_flood_of_wrong_tokens_keeps_no_user_from_their_pages(path):
    with served(path) as (url, _):
        done = threading.Event()

        def guess():
            with httpx.Client(base_url=url) as stranger:
                while not done.is_set():
                    answer = stranger.get("/api/tables", headers={"Authorization": "Bearer guess"})
                    assert answer.status_code == 401

        with ThreadPoolExecutor(4) as strangers:
            guessing = [strangers.submit(guess) for _ in range(4)]
            until(lambda: any(each.running() for each in guessing))
            for _ in range(5):
                served_well(url)
            done.set()
            for each in guessing:
                each.result()
