"""The service under stress: a busy pool, clients that leave, many at once, workers that die."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import signal
import socket
import threading
import warnings
from pathlib import Path

import duckdb
import httpx
import pytest
from service_lab import ADA, BO, ask, client, command, served, until, workers

import aurora_widgets
from aurora_widgets import Explorer, settings
from aurora_widgets.engine.base import Cancellation
from aurora_widgets.errors import (
    AuroraError,
    Cancelled,
    NotFound,
    PoolExhausted,
    QueryInvalid,
    QueryTimeout,
    ServiceUnavailable,
    Unauthenticated,
)
from aurora_widgets.query import Query, from_json
from aurora_widgets.query.model import Join, On
from aurora_widgets.service.auth import read_tokens
from aurora_widgets.service.workers import listening, of_each
from aurora_widgets.widgets.client import EmbeddedClient
from aurora_widgets.widgets.http_client import AddressInvalid

ENDLESS = {
    "type": "join",
    "table": "other",
    "how": "inner",
    "on": [{"left": "k", "right": "k"}, {"left": "n", "right": "n", "op": ">"}],
}
SUM = {"type": "aggregate", "by": [], "measures": [{"as": "rows", "fn": "count"}]}
PATIENT = {"PREVIEW_RATE_LIMIT": "1000/minute", "HELPER_RATE_LIMIT": "1000/minute"}


def slow(number=0):
    """A question that takes minutes, unless someone ends it; each number is a question of its own."""
    where = {"type": "condition", "column": "n", "op": ">", "value": number}
    return ask("numbers", {"type": "filter", "where": where}, ENDLESS, SUM)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    home = tmp_path_factory.mktemp("data")
    with duckdb.connect() as db:
        for name, rows in (("numbers", 5_000_000), ("other", 10_000)):
            db.execute(f"COPY (SELECT range AS n, 1 AS k FROM range({rows})) TO '{home}/{name}.parquet'")
        columns = "range AS id, 'region ' || range % 7 AS region, (range / 100)::DECIMAL(9,2) AS amount"
        db.execute(f"COPY (SELECT {columns} FROM range(1000)) TO '{home}/sales.parquet'")
    return home


class Sent(threading.Thread):
    """A request in a thread of its own; closing its client is what a closed tab does."""

    def __init__(self, url, body, path="/api/page", token=ADA):
        super().__init__()
        self.client, self.answer = client(url, token), None
        self._ask = lambda: self.client.post(path, json=body)
        self.start()

    def run(self):
        try:
            self.answer = self._ask()
        except (httpx.HTTPError, RuntimeError) as error:
            self.answer = error

    def leave(self):
        for connection in self.client._transport._pool.connections:
            stream = connection._connection._network_stream
            stream.get_extra_info("socket").shutdown(2)
        self.join(20)
        self.client.close()


_CONNECTED = []


def connect(url, token):
    """Connect as a notebook does; closed when the test is over."""
    _CONNECTED.append(aurora_widgets.connect(url, token))
    return _CONNECTED[-1]


@pytest.fixture(autouse=True)
def _disconnect():
    yield
    while _CONNECTED:
        _CONNECTED.pop().close()
    with (
        warnings.catch_warnings()
    ):  # what was broken off in the middle on purpose is collected here, unclosed
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


def busy(url):
    return figure(url, "db_pool_busy_count")


def figure(url, name):
    lines = httpx.get(f"{url}/metrics").text.splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith(name) and "{" not in line)


def test_a_busy_pool_is_503_and_leaving_gives_the_connection_back(data):
    limits = {**PATIENT, "DUCKDB_POOL": "1", "POOL_WAIT_SECONDS": "0.2"}
    with served(data, limits=limits) as (url, _), client(url, BO) as bo:
        first = Sent(url, slow())
        until(lambda: busy(url) == 1)
        assert bo.get("/readyz").json()["status"] == "ok"
        waiting = Sent(url, ask("sales"), token=BO)
        until(lambda: bo.get("/readyz").status_code == 503)
        waiting.join(20)
        assert bo.get("/healthz").status_code == 200
        assert waiting.answer.json()["detail"] == "The warehouse is busy."
        waiting.client.close()
        answer = bo.post("/api/page", json=ask("sales"))
        assert (answer.status_code, answer.json()["code"]) == (503, "DATABASE_POOL_EXHAUSTED")
        assert (answer.headers["retry-after"], answer.json()["retry_after"]) == ("5", 5)
        with pytest.raises(PoolExhausted) as refused:
            connect(url, BO).page(Query("sales"))
        assert refused.value.retry_after == 5
        explorer = Explorer(connect(url, BO), query=Query("sales"))
        assert (explorer.state.status["state"], explorer.state.status["error"]["retry_after"]) == ("busy", 5)
        first.leave()
        until(lambda: busy(url) == 0)
        assert bo.post("/api/page", json=ask("sales")).status_code == 200
        assert 'aurora_refusals_total{code="DATABASE_POOL_EXHAUSTED"}' in bo.get("/metrics").text


def test_a_question_past_its_deadline_is_ended_in_the_database(data):
    with served(data, limits={"QUERY_TIMEOUT_SECONDS": "0.3"}) as (url, _):
        with pytest.raises(QueryTimeout, match=r"longer than 0\.3 seconds"):
            connect(url, ADA).page(from_json(slow()["query"]))
        until(lambda: busy(url) == 0)


def test_a_third_question_at_once_is_refused_but_a_newer_one_takes_the_place_of_one_that_left(data):
    with served(data, limits=PATIENT) as (url, _), client(url) as ada:
        both = [Sent(url, slow(number)) for number in (1, 2)]
        until(lambda: busy(url) == 2)
        answer = ada.post("/api/page", json=ask("sales"))
        assert (answer.status_code, answer.json()["code"]) == (429, "TOO_MANY_TASKS")
        assert int(answer.headers["retry-after"]) >= 1
        assert ada.post("/api/count", json=ask("sales")).status_code == 200
        with client(url, BO) as bo:
            assert bo.post("/api/page", json=ask("sales")).status_code == 200
        both[0].leave()
        assert ada.post("/api/page", json=ask("sales")).status_code == 200
        both[1].leave()
        until(lambda: busy(url) == 0)


def test_cancel_in_a_kernel_ends_the_question_in_the_database(data):
    with served(data, limits=PATIENT) as (url, _):
        stop = Cancellation()
        threading.Thread(target=lambda: (until(lambda: busy(url) == 1), stop.cancel())).start()
        with pytest.raises(Cancelled):
            connect(url, ADA).page(from_json(slow()["query"]), cancellation=stop)
        until(lambda: busy(url) == 0)


def test_many_who_ask_the_same_at_once_are_one_question_in_the_database(data):
    with served(data, limits={**PATIENT, "USER_MAX_TASKS": "50"}) as (url, runner):
        runs, go, execute = [], threading.Event(), runner.engine.execute

        def counted(sql, binds, **more):
            runs.append(sql)
            assert go.wait(20)
            return execute(sql, binds, **more)

        runner.engine.execute = counted
        asked = [Sent(url, ask("sales"), token=token) for token in [ADA, BO] * 10]
        until(lambda: sum(flight.waiting for flight in runner.cache._flights.values()) == 20)
        asked[0].leave()
        go.set()
        for each in asked[1:]:
            each.join(20)
            assert each.answer.json()["rows"][0] == [0, "region 0", "0.00"]
            each.client.close()
        assert len(runs) == 1


def test_a_page_is_at_hand_the_second_time_and_never_after_its_file_changed(tmp_path):
    path = tmp_path / "sales.csv"
    path.write_text("n\n1\n2\n")
    with served(path) as (url, _), client(url) as ada:

        def page():
            found = ada.post("/api/page", json=ask("sales")).json()
            return [row[0] for row in found["rows"]], found["from_cache"]

        assert [page(), page()] == [([1, 2], False), ([1, 2], True)]
        path.write_text("n\n1\n2\n3\n")
        assert [page(), page()] == [([1, 2, 3], False), ([1, 2, 3], True)]


def test_the_explorer_shows_the_same_over_http_as_embedded(data):
    with served(data / "sales.parquet") as (url, runner):
        far, near = connect(url, ADA), EmbeddedClient(runner)
        assert repr(far) == f"connect('{url}', …)"
        question = {
            "version": 1,
            "table": "sales",
            "steps": [
                {"type": "filter", "where": {"type": "condition", "column": "id", "op": "<", "value": 500}},
                {
                    "type": "aggregate",
                    "by": [{"column": "region"}],
                    "measures": [{"as": "sum", "fn": "sum", "column": "amount"}],
                },
                {"type": "sort", "by": [{"column": "sum", "descending": True}]},
            ],
        }
        one, other = (Explorer(each, query=question) for each in (far, near))
        assert one.state.page == other.state.page
        assert one.state.page["rows"]
        query = other.query
        assert far.count(query) == near.count(query)
        assert far.values(query, "region", "5", 3) == near.values(query, "region", "5", 3)
        assert far.profile(query, "sum") == near.profile(query, "sum")
        assert (far.sql(query), far.ibis_code(query)) == (near.sql(query), near.ibis_code(query))
        assert far.to_arrow(query).equals(near.to_arrow(query))
        join = Join("sales", (On("region", "region"),), how="inner", alias="again")
        here, there = near.join_check(Query("sales"), join), far.join_check(Query("sales"), join)
        assert (there.left_rows, there.multiplied) == (1000, here.multiplied)
        assert there.sample.rows == here.sample.rows
        with pytest.raises(NotFound, match="to_arrow"):
            _ = one.value
        with pytest.raises(QueryInvalid) as refused:
            far.page(Query("sale"))
        assert refused.value.faults[0].suggestion == "sales"


def test_no_address_no_service_and_no_token_are_told_apart(data, monkeypatch):
    for name in ("AURORA_SERVICE_URL", "AURORA_TOKEN", "JUPYTERHUB_API_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(AddressInvalid):
        connect("reports.example", ADA)
    with pytest.raises(AddressInvalid, match="AURORA_SERVICE_URL"):
        aurora_widgets.connect()
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", ADA)
    with pytest.raises(Unauthenticated, match="AURORA_TOKEN"):
        aurora_widgets.connect("http://127.0.0.1:9")  # the hub's token is shown to its own service alone
    with served(data / "sales.parquet") as (url, _):
        with pytest.raises(Unauthenticated):
            connect(url, "wrong-secret")
        kernel = connect(url, ADA)
    with pytest.raises(ServiceUnavailable) as refused:
        kernel.page(Query("sales"))
    assert refused.value.retry_after == 5


def test_a_notebook_connects_by_its_environment_and_its_code_connects_again(data, monkeypatch):
    with served(data / "sales.parquet") as (url, _):
        monkeypatch.setenv("AURORA_SERVICE_URL", f"{url}/")
        monkeypatch.setenv("JUPYTERHUB_API_TOKEN", ADA)
        monkeypatch.delenv("AURORA_TOKEN", raising=False)
        _CONNECTED.append(aurora_widgets.connect())
        explorer = Explorer(_CONNECTED[-1], query=Query("sales"))
        code = explorer.code()
        assert "from aurora_widgets import Explorer, connect\n" in code
        assert "explorer = Explorer(connect(), query=query)\n" in code
        ran = run_cell(code)
        assert ran.state.page == explorer.state.page
        assert len(ran.to_arrow()) == 1000
        monkeypatch.delenv("AURORA_SERVICE_URL")
        monkeypatch.setenv("AURORA_TOKEN", BO)
        elsewhere = Explorer(connect(url, ADA), query=Query("sales")).code()
        assert f"Explorer(connect('{url}'), query=query)" in elsewhere
        assert ADA not in code + elsewhere
        assert run_cell(elsewhere).state.page == explorer.state.page


def run_cell(code):
    names = {}
    exec(code.partition("# The same rows by Ibis alone")[0], names)  # noqa: S102  our own code, printed
    _CONNECTED.append(names["explorer"].state.client)
    return names["explorer"]


def test_what_breaks_is_told_with_the_id_that_its_line_in_the_log_has(data):
    with (
        served(data, limits={"QUERY_TIMEOUT_SECONDS": "0.2"}) as (url, _),
        pytest.raises(QueryTimeout, match=r"\(Request [0-9a-f]{16}\.\)"),
    ):
        connect(url, ADA).page(from_json(slow()["query"]))


# ── as the command runs it


@pytest.fixture(scope="module")
def two(data, tmp_path_factory):
    home = tmp_path_factory.mktemp("two")
    limits = {"PREVIEW_RATE_LIMIT": "30/minute", "HELPER_RATE_LIMIT": "1000/minute", "USER_MAX_TASKS": "4"}
    with command(home, "--data", data, "--processes", "2", **limits) as (url, process):
        yield url, process, home / "log"


def test_two_processes_keep_one_allowance_which_a_killed_one_does_not_take_along(two):
    url, process, log = two
    before = until(lambda: len(found := workers(process)) == 2 and found)
    until(lambda: figure(url, "aurora_worker_count") == 2)

    def pages(number):
        statuses = []
        for _ in range(number):
            with client(url, BO) as bo:  # a new connection each: both workers get some
                statuses.append(bo.post("/api/page", json=ask("sales")).status_code)
        return statuses

    assert pages(20) == [200] * 20
    served_by = {line["process"] for line in lines(log) if line.get("path") == "/api/page"}
    os.kill(before[0], signal.SIGKILL)
    after = until(lambda: len(found := workers(process)) == 2 and before[0] not in found and found)
    assert before[1] in after
    assert pages(15) == [200] * 10 + [429] * 5
    assert served_by <= set(before)


def test_a_kernel_asks_again_where_its_worker_was_killed_in_the_middle(two):
    url, process, _ = two
    kernel = connect(url, ADA)
    victims = workers(process)
    answers = []

    def count():
        answers.append(kernel.count(Query("sales", steps=())))

    slow_one = Sent(url, slow(7))
    until(lambda: busy(url) == 1)
    for victim in victims:
        os.kill(victim, signal.SIGKILL)
    slow_one.join(20)
    assert isinstance(slow_one.answer, httpx.HTTPError)
    until(lambda: len(found := workers(process)) == 2 and not set(found) & set(victims))
    count()
    assert answers[0].rows == 1000
    places = [Sent(url, slow(number)) for number in range(4)]  # all four of ada's: none was lost
    until(lambda: busy(url) == 4)
    for place in places:
        place.leave()


def test_each_request_is_a_line_of_json_without_its_token(two):
    url, _, log = two
    with client(url) as ada:
        answer = ada.post("/api/count", json=ask("nothing"))
    found = until(
        lambda: [line for line in lines(log) if line.get("request_id") == answer.headers["x-request-id"]]
    )
    assert (found[0]["status"], found[0]["code"], found[0]["user"]) == (422, "QUERY_INVALID", "ada")
    assert "secret" not in log.read_text()


def lines(log):
    return [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]


def test_a_stop_lets_the_running_page_finish(data, tmp_path):
    with command(tmp_path, "--data", data, QUERY_TIMEOUT_SECONDS="3") as (url, process):
        page = Sent(url, slow())
        until(lambda: busy(url) == 1)
        process.send_signal(signal.SIGTERM)
        page.join(20)
        assert (page.answer.status_code, page.answer.json()["code"]) == (504, "QUERY_TIMEOUT")
        assert process.wait(20) == 0
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"{url}/healthz")


def test_workers_end_with_their_parent_however_it_ends(data, tmp_path):
    with command(tmp_path, "--data", data / "sales.parquet") as (url, process):
        (worker,) = workers(process)
        process.kill()
        until(lambda: _is_gone(worker))
        with pytest.raises(httpx.TransportError):
            httpx.get(f"{url}/healthz")


def _is_gone(process):
    status = Path(f"/proc/{process}/stat")
    return not status.exists() or status.read_text().split(") ")[1].startswith("Z")


def test_answers_do_not_wait_for_nagle():
    opened = listening("127.0.0.1", 0)
    assert opened.proto == socket.IPPROTO_TCP  # else asyncio leaves the delay of 40 ms on
    with pytest.raises(
        AuroraError, match=r"Port \d+ of 127\.0\.0\.1 can't be used: Address already in use\."
    ):
        listening(*opened.getsockname())
    opened.close()


def test_a_file_of_tokens_is_read_strictly_and_its_secrets_never_said(tmp_path):
    path = tmp_path / "tokens.yaml"
    for text in (
        "",
        "[1]",
        "12345678: {user: a}",
        "'': {user: a}",
        "long-enough: ada",
        "long-enough: {user: a, group: b}",
        "a: : b",
    ):
        path.write_text(text)
        with pytest.raises(AuroraError) as refused:
            read_tokens(path)
        assert "long-enough" not in refused.value.detail


def test_a_secret_that_can_be_guessed_is_taken_with_a_warning(tmp_path, caplog):
    path = tmp_path / "tokens.yaml"
    path.write_text("short: {user: ada}")
    assert asyncio.run(read_tokens(path).user("short")).name == "ada"
    assert "can be guessed" in caplog.text
    assert "short" not in caplog.text


def test_workers_share_the_memory_that_duckdb_may_have():
    def share(limit, processes):
        chosen = settings.load({"DUCKDB_MEMORY_LIMIT": limit, "API_PROCESSES": str(processes)})
        return of_each(chosen).text("DUCKDB_MEMORY_LIMIT")

    assert (share("60%", 4), share("3 GiB", 2)) == ("15.000%", "1.500 GiB")
