"""What Prometheus and Grafana ask for is what a running Aurora tells, name by name and label by label."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jupyterhub.metrics  # noqa: F401  registers the hub's figures
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from prometheus_client import REGISTRY, generate_latest
from prometheus_client.parser import text_string_to_metric_families
from service_lab import ask, client, served

from aurora_widgets.portal.figures import Figures
from aurora_widgets.settings import load

FOLDER = Path(__file__).parents[1] / "hub_config"
RULES = yaml.safe_load((FOLDER / "prometheus" / "aurora.rules.yml").read_text())["groups"][0]["rules"]
SCRAPES = yaml.safe_load((FOLDER / "prometheus" / "prometheus.yml").read_text())["scrape_configs"]
DASHBOARD = json.loads((FOLDER / "grafana" / "aurora.json").read_text())
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
QUERIES = [rule["expr"] for rule in RULES] + [
    target["expr"] for panel in PANELS for target in panel["targets"]
]
WORDS = {
    "absent", "and", "by", "histogram_quantile", "increase", "max_over_time", "offset", "or", "rate", "sum",
    "unless",
}  # fmt: skip
NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"


def asked_for(query):
    """Return the metrics of an expression, each with the labels it is asked by, and the labels of groups."""
    text = re.sub(r"\[\w+\]", "", query)
    groups = {label for group in re.findall(r"\bby \(([^)]*)\)", text) for label in re.split(r", *", group)}
    text = re.sub(r"\bby \([^)]*\)", "", text)
    found = {}
    for name, matchers in re.findall(rf"({NAME})(\{{[^}}]*\}})?", re.sub(r"offset \w+", "", text)):
        if name not in WORDS:
            found.setdefault(name, set()).update(re.findall(rf'({NAME})(?:=~|!=|!~|=)"', matchers))
    return found, groups


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """Every sample that the three tell: its name, and the labels it has."""
    folder = tmp_path_factory.mktemp("observed")
    pq.write_table(pa.table({"number": [1, 2, 3]}), folder / "t.parquet")
    with served(folder / "t.parquet", prefix="/services/aurora") as (url, _), client(url) as asking:
        assert asking.post(f"{url}/api/page", json=ask("t")).status_code == 200
        assert asking.post(f"{url}/api/page", json=ask("nowhere")).status_code == 422
        service = asking.get(f"{url}/metrics").text
    portal = Figures()
    portal.starts.labels("started").inc()
    portal.ends.labels("idle").inc()
    portal.refusals.labels("HTTP_404").inc()
    hub = generate_latest(REGISTRY).decode()
    found = {"up": {"job"}}
    for text in (service, portal.text().decode(), hub):
        for family in text_string_to_metric_families(text):
            found.setdefault(family.name, set())
            for sample in family.samples:
                found.setdefault(sample.name, set()).update(sample.labels)
    labelled = REGISTRY._names_to_collectors
    for name in ("jupyterhub_request_duration_seconds", "jupyterhub_active_users"):  # before a first request
        labels = set(labelled[name]._labelnames)
        found[name] = labels
        found[f"{name}_bucket"] = labels | {"le"}
    return found


@pytest.mark.parametrize("query", QUERIES)
def test_each_figure_asked_for_is_told(told, query):
    metrics, groups = asked_for(query)
    assert metrics, query
    for name, labels in metrics.items():
        assert name in told, f"nothing tells {name}"
        assert labels <= told[name], f"{name} has no label {labels - told[name]}"
    assert all(any(label in told[name] for name in metrics) for label in groups), groups


def test_names_are_read_out_of_an_expression_as_prometheus_would():
    rate = 'sum by (le, route) (rate(a_bucket{route=~"$r",status="200"}[5m]))'
    query = f"histogram_quantile(0.95, {rate}) > 5 or b_total offset 5m"
    assert asked_for(query) == ({"a_bucket": {"route", "status"}, "b_total": set()}, {"le", "route"})


def test_what_an_operator_must_hear_of_has_a_rule():
    rules = {rule["alert"]: rule for rule in RULES}
    assert rules["AuroraPoolBusy"]["expr"] == "db_pool_busy_count / db_pool_size > 0.8"
    assert "db_pool_wait_count" in rules["AuroraPoolWait"]["expr"]
    assert "for" not in rules["AuroraPoolWait"], "any wait at all"
    assert {"AuroraPartDown", "AuroraNoWorker", "AuroraPoolExhausted", "AuroraRefusals"} <= set(rules)
    threshold = load({}).whole("KERNELS_MAX") * 0.8
    assert rules["AuroraKernelsNearLimit"]["expr"] == f"aurora_portal_kernel_count > {threshold:.0f}"
    for rule in RULES:
        assert rule["labels"]["severity"] in {"warning", "critical"}
        assert rule["annotations"]["summary"].endswith(".")
        assert rule["annotations"]["action"].endswith(".")


def test_codes_that_rules_look_for_are_codes_that_there_are():
    source = "\n".join(path.read_text() for path in (FOLDER.parent / "aurora_widgets").rglob("*.py"))
    for query in QUERIES:
        for codes in re.findall(r'code=~?"([^"]+)"', query):
            for code in codes.split("|"):
                assert f'"{code}"' in source, code
        for outcome in re.findall(r'(?:outcome|reason)!?="([^"]+)"', query):
            assert f'"{outcome}"' in source, outcome


def test_prometheus_asks_where_the_parts_listen():
    units = {path.stem.removeprefix("aurora-"): path.read_text() for path in FOLDER.glob("systemd/*.service")}
    for job, unit in (("aurora-query", "query"), ("aurora-portal", "portal")):
        scrape = next(one for one in SCRAPES if one["job_name"] == job)
        (target,) = scrape["static_configs"][0]["targets"]
        assert f"Environment=JUPYTERHUB_SERVICE_URL=http://{target}\n" in units[unit]
        prefix = scrape["metrics_path"].removesuffix("metrics")
        assert f"Environment=JUPYTERHUB_SERVICE_PREFIX={prefix}\n" in units[unit]
    hub = next(one for one in SCRAPES if one["job_name"] == "aurora-hub")
    assert hub["static_configs"][0]["targets"] == ["127.0.0.1:8081"]
    assert "credentials_file" in hub["authorization"]


def test_the_dashboard_stands_by_itself():
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])
    cells = set()
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        for x in range(place["x"], place["x"] + place["w"]):
            for y in range(place["y"], place["y"] + place["h"]):
                assert (x, y) not in cells, f"{panel['title']} lies over another"
                cells.add((x, y))
    for panel in PANELS:
        assert panel["datasource"]["uid"] == "${datasource}"
        assert panel["title"]
    known = {f"${one['name']}" for one in DASHBOARD["templating"]["list"]}
    used = {name for query in QUERIES for name in re.findall(r"\$\w+", query)}
    assert used <= known
    assert "http" not in json.dumps(DASHBOARD), "no outside host"
