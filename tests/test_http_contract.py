"""Each route of the service, as its contract has it, over a real socket and a real DuckDB."""

from __future__ import annotations

import json
import socket

import duckdb
import httpx
import pyarrow as pa
import pytest
from jsonschema import Draft202012Validator
from service_lab import ADA, BO, CY, ask, client, served

from aurora_widgets.plan.context import InForce
from aurora_widgets.service import wire

SALES = """
    (1, 'EMEA', 10.50::DECIMAL(9,2), 'nan'::DOUBLE, 9007199254740993, DATE '2024-01-31'),
    (2, 'EMEA', NULL,                1.5,           1,                NULL),
    (3, 'APAC', -3.25,               'infinity',    2,                DATE '2024-02-29'),
    (4, NULL,   0.00,                NULL,          3,                DATE '2024-02-29')
"""
CATALOG = """
version: 1
tables:
  sales:
    label: Sales
    key: [id]
    columns:
      amount: {label: Amount, format: {type: currency, currency: EUR, decimals: 2}}
    joins:
      - {to: regions, on: {region: code}, cardinality: many_to_one}
  loads:
    vintage: {load_type: kind, load_id: load}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    home = tmp_path_factory.mktemp("data")
    with duckdb.connect() as db:
        columns = "id, region, amount, ratio, big, day"
        db.execute(f"COPY (FROM (VALUES {SALES}) t({columns})) TO '{home}/sales.parquet'")
        rows = "('EMEA', 'Europe'), ('EMEA', 'Europe again'), ('AMER', 'America')"
        db.execute(f"COPY (FROM (VALUES {rows}) t(code, label)) TO '{home}/regions.parquet'")
        days = ("'daily', DATE '2024-01-02'", "'daily', DATE '2024-01-01'", "'weekly', DATE '2024-01-01'")
        rows = ", ".join(f"({day}, 1)" for day in days)
        db.execute(f"COPY (FROM (VALUES {rows}) t(kind, load, n)) TO '{home}/loads.parquet'")
    (home / "catalog.yaml").write_text(CATALOG)
    return home


@pytest.fixture(scope="module")
def service(folder):
    paths = (folder / f"{name}.parquet" for name in ("sales", "regions", "loads"))
    limits = {"QUERY_MAX_BYTES": "20000", "RESULT_MAX_ROWS": "3", "MAX_ROW_LIMIT": "1000"}
    with served(*paths, catalog=folder / "catalog.yaml", limits=limits, prefix="/services/aurora") as (
        url,
        _,
    ):
        yield url


@pytest.fixture
def ada(service):
    with client(service) as opened:
        yield opened


def refused(answer, status, code):
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    problem = answer.json()
    assert (problem["status"], problem["code"]) == (status, code)
    assert problem["request_id"] == answer.headers["x-request-id"]
    assert problem["detail"].endswith((".", "?", ".)", " more)"))
    return problem


def test_the_tables_are_listed_with_all_that_a_client_needs(ada):
    found = ada.get("/api/tables").json()
    assert [table["name"] for table in found["tables"]] == ["sales", "loads", "regions"]
    assert found["limits"]["PREVIEW_PAGE_ROWS"] == 50
    sales = ada.get("/api/tables/sales").json()
    assert sales == found["tables"][0]
    assert sales["label"] == "Sales"
    assert sales["joins"] == [{"to": "regions", "on": [["region", "code"]], "cardinality": "many_to_one"}]
    assert [(column["name"], column["type"]) for column in sales["columns"]][:3] == [
        ("id", "int32"),
        ("region", "text"),
        ("amount", "decimal(9,2)"),
    ]


def test_the_loads_are_listed_newest_first(ada):
    assert ada.get("/api/tables/loads/vintages").json() == {
        "load_types": [
            {
                "load_type": "daily",
                "load_ids": [{"load_id": "2024-01-02", "rows": 1}, {"load_id": "2024-01-01", "rows": 1}],
            },
            {"load_type": "weekly", "load_ids": [{"load_id": "2024-01-01", "rows": 1}]},
        ]
    }
    assert ada.get("/api/tables/sales/vintages").json() == {"load_types": []}


def test_a_page_is_exact_in_json(ada):
    page = ada.post("/api/page", json=ask("sales", limit=3)).json()
    assert page["rows"] == [
        [1, "EMEA", "10.50", "NaN", "9007199254740993", "2024-01-31"],
        [2, "EMEA", None, 1.5, 1, None],
        [3, "APAC", "-3.25", "Infinity", 2, "2024-02-29"],
    ]
    assert (page["more"], page["truncated"], page["from_cache"]) == (True, False, False)
    assert page["columns"][2] == {
        "name": "amount",
        "type": "decimal(9,2)",
        "label": "Amount",
        "format": {"type": "currency", "decimals": 2, "currency": "EUR", "thousands": True},
    }
    rest = ada.post("/api/page", json=ask("sales", offset=3, limit=3)).json()
    assert ([row[0] for row in rest["rows"]], rest["more"]) == ([4], False)


def test_a_page_is_an_arrow_stream_where_that_is_accepted(ada):
    kind = "application/vnd.apache.arrow.stream"
    answer = ada.post("/api/page", json=ask("sales", limit=2), headers={"Accept": kind})
    assert answer.headers["content-type"] == kind
    table = pa.ipc.open_stream(answer.content).read_all()
    assert table.column("id").to_pylist() == [1, 2]
    assert table.schema.field("amount").type == pa.decimal128(9, 2)
    told = json.loads(table.schema.metadata[b"aurora"])
    assert (told["more"], told["columns"][2]["label"]) == (True, "Amount")


def test_the_whole_result_is_an_arrow_stream_up_to_its_limit(ada):
    three = {"type": "limit", "rows": 3}
    answer = ada.post("/api/result", json=ask("sales", three))
    assert pa.ipc.open_stream(answer.content).read_all().num_rows == 3
    problem = refused(ada.post("/api/result", json=ask("sales")), 422, "RESULT_TOO_LARGE")
    assert "more than 3 rows" in problem["detail"]


def test_whole_results_are_for_the_groups_that_may(service):
    with client(service, BO) as bo:
        problem = refused(bo.post("/api/result", json=ask("sales")), 403, "FORBIDDEN")
        assert problem["detail"] == "Whole results are for the group analysts."
        assert bo.post("/api/page", json=ask("sales")).status_code == 200


def test_rows_are_counted_and_values_listed(ada):
    only = {"type": "filter", "where": {"type": "condition", "column": "region", "op": "=", "value": "EMEA"}}
    assert ada.post("/api/count", json=ask("sales", only)).json() == {"rows": 2, "exact": True}
    found = ada.post("/api/values", json=ask("sales", column="region", search="a", limit=1)).json()
    assert found == {"values": [{"value": "EMEA", "rows": 2}], "more": True}
    summed = ada.post("/api/profile", json=ask("sales", column="amount")).json()
    assert (summed["rows"], summed["empty"], summed["min"], summed["max"]) == (4, 1, "-3.25", "10.50")


def test_a_join_is_checked_before_it_is_made(ada):
    join = {"type": "join", "table": "regions", "how": "left", "on": [{"left": "region", "right": "code"}]}
    found = ada.post("/api/join-check", json=ask("sales", join=join)).json()
    assert (found["left_rows"], found["matched"], found["multiplied"]) == (4, 2, 2)
    assert len(found["sample"]["rows"]) == 6


def test_a_page_says_which_loads_the_latest_are(ada):
    found = wire.page_back(ada.post("/api/page", json=ask("loads")).json())
    loads = (("daily", "2024-01-02"), ("weekly", "2024-01-01"))
    assert found.vintage == (InForce("loads", "all", "latest", loads),)


def test_a_question_is_explained(ada):
    found = ada.post("/api/explain", json=ask("loads")).json()
    assert "SELECT" in found["sql"]
    latest = [["daily", "2024-01-02"], ["weekly", "2024-01-01"]]
    assert found["vintage"] == [{"table": "loads", "load_type": "all", "load_id": "latest", "loads": latest}]
    assert (found["estimate"], found["threshold"], found["verdict"]) == (0, 100_000_000, "fine")


def test_what_a_question_would_hold_is_estimated_before_it_is_run(folder):
    pairs = {"type": "join", "table": "regions", "how": "inner", "on": [{"left": "region", "right": "code"}]}
    by = [{"column": "id"}]
    limits = {"DUCKDB_COST_THRESHOLD": "3"}
    paths = (folder / f"{name}.parquet" for name in ("sales", "regions"))
    with served(*paths, limits=limits) as (url, runner), client(url) as ada:

        def judged(*steps):
            found = ada.post("/api/explain", json=ask("sales", *steps)).json()
            return found["estimate"], found["verdict"]

        assert judged({"type": "sort", "by": by}) == (4, "expensive")
        assert judged({"type": "sort", "by": by}, {"type": "limit", "rows": 2}) == (2, "fine")
        assert judged(pairs)[1] == "expensive"
        runner.engine._pool._wait = 0
        taken = [runner.engine._pool.take() for _ in range(8)]
        assert judged(pairs) == (None, "unknown")
        for cursor in taken:
            runner.engine._pool.give_back(cursor)


def test_health_is_open_and_figures_are_for_the_host_and_for_operators(service):
    with client(service, token=None) as anyone:
        assert anyone.get("/healthz").json()["status"] == "ok"
        assert "db_pool_size 8.0" in anyone.get("/metrics").text
        proxied = {"X-Forwarded-For": "203.0.113.7"}
        refused(anyone.get("/metrics", headers=proxied), 401, "UNAUTHENTICATED")

        def read(token):
            return anyone.get("/metrics", headers={**proxied, "Authorization": f"Bearer {token}"})

        assert "operators" in refused(read(ADA), 403, "FORBIDDEN")["detail"]
        assert read(CY).status_code == 200


@pytest.mark.parametrize(
    "header", [{}, {"Authorization": "Bearer wrong-secret"}, {"Authorization": "Basic YTpi"}]
)
def test_whoever_has_no_token_is_told_so(service, header):
    answer = httpx.get(f"{service}/api/tables", headers=header)
    refused(answer, 401, "UNAUTHENTICATED")
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("path", "body", "fault"),
    [
        ("/api/page", b"{", ("not-json", "")),
        ("/api/page", b"\xff", ("not-json", "")),
        ("/api/page", b"[1]", ("wrong-value", "")),
        ("/api/page", b"[" * 10_000, ("too-deep", "")),
        ("/api/page", {}, ("missing", "query")),
        ("/api/page", {"query": 1}, None),
        ("/api/page", ask("sales", offset=-1), ("wrong-value", "offset")),
        ("/api/page", ask("sales", limit="5"), ("wrong-value", "limit")),
        ("/api/page", ask("sales", limit=True), ("wrong-value", "limit")),
        ("/api/page", ask("sales", ofset=1), ("unknown-key", "ofset")),
        ("/api/page", ask("sale"), ("unknown-table", "table")),
        ("/api/page", ask("sales", {"type": "filter"}), None),
        ("/api/values", ask("sales"), ("missing", "column")),
        ("/api/values", ask("sales", column="regio"), ("unknown-column", "column")),
        ("/api/join-check", ask("sales", join={"type": "limit", "rows": 1}), ("wrong-value", "join")),
        ("/api/join-check", ask("sales", join={"type": "join", "table": "regions"}), None),
    ],
)
def test_what_is_wrong_with_a_request_is_said_with_its_place(ada, path, body, fault):
    sent = {"content": body} if isinstance(body, bytes) else {"json": body}
    problem = refused(ada.post(path, **sent), 422, "QUERY_INVALID")
    assert problem["faults"]
    if fault is not None:
        assert (problem["faults"][0]["code"], problem["faults"][0]["path"]) == fault


def test_all_that_is_wrong_with_a_document_is_said_at_once(ada):
    steps = [{"type": "limit", "rows": "x"}, {"type": "sort", "by": [{"column": "regio"}]}]
    problem = refused(ada.post("/api/page", json=ask("sales", *steps)), 422, "QUERY_INVALID")
    assert [fault["path"] for fault in problem["faults"]] == ["steps[0].rows", "steps[1].by[0].column"]


def test_what_is_not_there_is_404_and_a_wrong_method_405(ada):
    assert "sales" in refused(ada.get("/api/tables/sale"), 404, "NOT_FOUND")["detail"]
    refused(ada.get("/api/nothing"), 404, "NOT_FOUND")
    answer = ada.get("/api/page")
    refused(answer, 405, "METHOD_NOT_ALLOWED")
    assert answer.headers["allow"] == "POST"


def test_paging_ends_where_the_limit_says(ada):
    refused(ada.post("/api/page", json=ask("sales", offset=1000)), 422, "OFFSET_TOO_DEEP")


def test_a_hundred_megabytes_are_refused_before_they_are_sent(service):
    host, port = httpx.URL(service).host, httpx.URL(service).port
    with socket.create_connection((host, port), timeout=10) as raw:
        raw.sendall(
            b"POST /services/aurora/api/page HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n"
            b"Authorization: Bearer " + ADA.encode() + b"\r\n\r\n{"
        )
        answer = raw.makefile("rb").read()  # and the connection is closed
    assert answer.startswith(b"HTTP/1.1 422")
    assert b"too-large" in answer


def test_a_body_without_a_length_is_read_no_further_than_allowed(ada):
    answer = ada.post("/api/page", content=(b" " * 10_000 for _ in range(4)))
    assert refused(answer, 422, "QUERY_INVALID")["faults"][0]["code"] == "too-large"


def test_the_request_id_of_a_proxy_is_kept(ada):
    assert ada.get("/healthz", headers={"X-Request-ID": "proxy-4711"}).headers["x-request-id"] == "proxy-4711"
    made = ada.get("/healthz", headers={"X-Request-ID": "no good\tid"}).headers["x-request-id"]
    assert made != "no good\tid"


def test_the_description_is_a_schema_that_the_answers_fit(ada):
    document = ada.get("/openapi.json").json()
    paths = {path.removeprefix("/services/aurora") for path in document["paths"]}
    assert paths == {
        "/api/tables", "/api/tables/{name}", "/api/tables/{name}/vintages", "/api/page", "/api/result",
        "/api/count", "/api/values", "/api/profile", "/api/join-check", "/api/explain", "/healthz", "/readyz",
    }  # fmt: skip
    Draft202012Validator.check_schema(document["components"]["schemas"]["Query"])

    def fits(answer, path, method, status="200"):
        content = document["paths"][f"/services/aurora{path}"][method]["responses"][status]["content"]
        kind = answer.headers["content-type"]
        schema = {**content[kind]["schema"], "components": document["components"]}
        Draft202012Validator(schema).validate(answer.json())

    join = {"type": "join", "table": "regions", "how": "left", "on": [{"left": "region", "right": "code"}]}
    fits(ada.get("/api/tables"), "/api/tables", "get")
    fits(ada.get("/api/tables/loads"), "/api/tables/{name}", "get")
    fits(ada.get("/api/tables/loads/vintages"), "/api/tables/{name}/vintages", "get")
    fits(ada.post("/api/page", json=ask("sales")), "/api/page", "post")
    fits(ada.post("/api/page", json=ask("nothing")), "/api/page", "post", "422")
    fits(ada.post("/api/count", json=ask("sales")), "/api/count", "post")
    fits(ada.post("/api/values", json=ask("sales", column="day")), "/api/values", "post")
    fits(ada.post("/api/profile", json=ask("sales", column="ratio")), "/api/profile", "post")
    fits(ada.post("/api/join-check", json=ask("sales", join=join)), "/api/join-check", "post")
    fits(ada.post("/api/explain", json=ask("loads")), "/api/explain", "post")
    fits(ada.get("/readyz"), "/readyz", "get")


def test_a_request_that_never_arrives_is_given_up(service, monkeypatch):
    monkeypatch.setattr("aurora_widgets.service.desk._BODY_SECONDS", 0.05)
    host, port = httpx.URL(service).host, httpx.URL(service).port
    with socket.create_connection((host, port), timeout=10) as raw:
        raw.sendall(
            b"POST /services/aurora/api/count HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n"
            b"Authorization: Bearer " + ADA.encode() + b"\r\n\r\n{"
        )
        assert raw.makefile("rb").read().startswith(b"HTTP/1.1 408")
