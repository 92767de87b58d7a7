"""Whatever its own description allows, and what it does not, the service answers as it describes."""

from __future__ import annotations

import duckdb
import pytest
import schemathesis
from hypothesis import HealthCheck, given, seed, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from service_lab import ADA, served

EXAMPLES = 8
"""Of each route and kind; more find more."""
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
PATIENT = {
    "PREVIEW_RATE_LIMIT": "100000/minute",
    "HELPER_RATE_LIMIT": "100000/minute",
    "EXPORT_RATE_LIMIT": "100000/minute",
    "CACHE_MAX_BYTES": "0",
}
ROUTES = [
    ("GET", "/api/tables"),
    ("GET", "/api/tables/{name}"),
    ("GET", "/api/tables/{name}/vintages"),
    ("POST", "/api/page"),
    ("POST", "/api/result"),
    ("POST", "/api/count"),
    ("POST", "/api/values"),
    ("POST", "/api/profile"),
    ("POST", "/api/join-check"),
    ("POST", "/api/explain"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
]


@pytest.fixture(scope="module")
def described(tmp_path_factory):
    path = tmp_path_factory.mktemp("data") / "sales.parquet"
    with duckdb.connect() as db:
        columns = "range AS id, 'region ' || range % 7 AS region, (range / 100)::DECIMAL(9,2) AS amount"
        db.execute(f"COPY (SELECT {columns} FROM range(1000)) TO '{path}'")
    with served(path, limits=PATIENT) as (url, _):
        yield schemathesis.openapi.from_url(f"{url}/openapi.json")


def test_every_route_is_tried(described):
    assert {(each.ok().method.upper(), each.ok().path) for each in described.get_all_operations()} == set(
        ROUTES
    )


@pytest.mark.parametrize("mode", list(schemathesis.GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_answers_are_as_described(described, method, path, mode):
    operation = described[path][method]

    @seed(7)
    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(operation.as_strategy(generation_mode=mode))
    def asked(case):
        match case.body:
            case {"query": {"table": str()} as query}:  # else nearly every question names no table
                query["table"] = "sales"
        case.call_and_validate(headers={"Authorization": f"Bearer {ADA}"}, checks=CHECKS)

    asked()
