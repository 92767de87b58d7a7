"""The container file and the Kubernetes files, as far as that goes without a registry and a cluster."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

import pytest
import yaml
from traitlets.config import Config

from aurora_widgets.portal import hub, hub_wiring
from aurora_widgets.settings import load

ROOT = Path(__file__).parents[1]
KUBERNETES = ROOT / "hub_config" / "kubernetes"
WIRING = hub_wiring.Wiring(*["http://127.0.0.1:1"] * 5, "a", "b", "c", "d", Path("/nowhere"))


def instructions():
    """Return the container file's instructions: word and rest."""
    text = (ROOT / "hub_config" / "Containerfile").read_text()
    lines = "\n".join(line for line in text.splitlines() if line and not line.startswith("#"))
    found = [line.split(maxsplit=1) for line in lines.replace("\\\n", " ").splitlines()]
    return [(word, rest) for word, rest in found]


def of(word):
    return [rest for found, rest in instructions() if found == word]


# ── the image


def test_every_instruction_is_one_that_there_is():
    known = {"ARG", "FROM", "ENV", "WORKDIR", "COPY", "RUN", "USER", "STOPSIGNAL", "CMD"}
    assert {word for word, _ in instructions()} == known, (
        "in particular no VOLUME, no ADD and no secret by ARG"
    )


def test_it_is_built_in_one_stage_and_run_from_another_as_nobody():
    words = [word for word, _ in instructions()]
    assert [rest for word, rest in instructions() if word == "FROM"] == ["${PYTHON} AS build", "${PYTHON}"]
    last = len(words) - 1 - words[::-1].index("FROM")
    assert instructions()[last:][-3][0] == "USER"
    assert of("USER") == ["10001:10001"]
    assert "--mount" not in " ".join(of("RUN"))


def test_everything_that_is_copied_is_in_the_source_tree():
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.splitlines()
    for copied in of("COPY"):
        *sources, _ = shlex.split(copied)
        if sources[0].startswith("--from="):
            continue
        for source in sources:
            assert any(name == source or name.startswith(f"{source}/") for name in tracked), source


def test_every_package_is_pinned_by_its_hash():
    installs = re.findall(r"pip install [^&]*", " ".join(of("RUN")))
    assert len(installs) == 3
    assert all("--require-hashes" in install or "--no-deps" in install for install in installs)
    text = (ROOT / "requirements" / "portal.txt").read_text()
    entries = re.split(r"\n(?=\S)", text)
    for entry in entries:
        if "==" in entry.splitlines()[0]:
            assert "--hash=sha256:" in entry, entry.splitlines()[0]


def test_the_image_has_the_versions_that_are_tested():
    def versions(name):
        text = (ROOT / "requirements" / name).read_text()
        return dict(re.findall(r"^([\w.-]+)==([^ \\]+)", text, re.MULTILINE))

    image, tested = versions("portal.txt"), versions("all.txt")
    assert {name: version for name, version in image.items() if tested.get(name) != version} == {}
    assert not {"pytest", "playwright", "mypy"} & set(image)


# ── Kubernetes


def values():
    return yaml.safe_load((KUBERNETES / "values.yaml").read_text())


def manifests(kind):
    found = yaml.safe_load_all((KUBERNETES / "services.yaml").read_text())
    return {one["metadata"]["name"]: one for one in found if one["kind"] == kind}


def test_roles_and_services_are_those_of_aurora_hub(monkeypatch):
    monkeypatch.setenv("AURORA_METRICS_TOKEN", "0" * 64)
    told = Config()
    told.JupyterHub.authenticator_class = "generic-oauth"
    told.JupyterHub.spawner_class = "kubespawner.KubeSpawner"
    hub.configure(told, WIRING)
    roles = {role["name"]: role for role in told.JupyterHub.load_roles}
    here = values()["hub"]["loadRoles"]
    assert set(here) == set(roles) - {"keeper"}, "the chart keeps its proxy itself"
    for name, role in here.items():
        for key in ("description", "scopes", "groups", "services"):
            assert role.get(key) == roles[name].get(key), (name, key)
    services = {service["name"]: service for service in told.JupyterHub.services}
    for name, service in values()["hub"]["services"].items():
        for key in ("oauth_no_confirm", "oauth_client_allowed_scopes", "display"):
            assert service.get(key) == services[name].get(key), (name, key)


def test_a_service_is_told_what_aurora_hub_would_tell_it():
    for part, name in (("aurora-portal", "portal"), ("aurora-query", "aurora")):
        (container,) = manifests("Deployment")[part]["spec"]["template"]["spec"]["containers"]
        told = {one["name"]: one.get("value") for one in container["env"]}
        expected = WIRING.of_service(name)
        token = next(one for one in container["env"] if one["name"] == "JUPYTERHUB_API_TOKEN")
        assert token["valueFrom"]["secretKeyRef"] == {"name": "hub", "key": f"hub.services.{name}.apiToken"}
        for key in set(expected) - {"JUPYTERHUB_API_TOKEN", "JUPYTERHUB_API_URL", "JUPYTERHUB_SERVICE_URL"}:
            assert told[key] == expected[key], key
        port = container["ports"][0]["containerPort"]
        assert told["JUPYTERHUB_SERVICE_URL"] == f"http://0.0.0.0:{port}"
        assert values()["hub"]["services"][name]["url"] == f"http://{part}:{port}"
        assert manifests("Service")[part]["spec"]["ports"][0]["port"] == port


@pytest.mark.parametrize("name", ["aurora-query", "aurora-portal", "aurora-redis"])
def test_a_pod_is_nobody_and_writes_to_memory_alone(name):
    pod = manifests("Deployment")[name]["spec"]["template"]["spec"]
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    for volume in pod["volumes"]:
        assert volume.get("emptyDir", {}).get("medium") == "Memory" or "configMap" in volume
    for container in pod["containers"]:
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert "memory" in container["resources"]["limits"]
        assert "@sha256:" in container["image"] or not container["image"].endswith((":latest", "/aurora"))


def test_replicas_of_the_query_service_count_together_in_redis():
    query = manifests("Deployment")["aurora-query"]
    assert query["spec"]["replicas"] >= 2
    (container,) = query["spec"]["template"]["spec"]["containers"]
    told = {one["name"]: one.get("value") for one in container["env"]}
    assert told["LIMITS_STORAGE"] == "redis://:$(REDIS_PASSWORD)@aurora-redis:6379"
    before = [one["name"] for one in container["env"]].index("REDIS_PASSWORD")
    assert before < [one["name"] for one in container["env"]].index("LIMITS_STORAGE"), (
        "or it is not filled in"
    )
    assert manifests("Deployment")["aurora-redis"]["spec"]["replicas"] == 1
    assert manifests("Deployment")["aurora-portal"]["spec"]["replicas"] == 1


def test_a_pod_that_ends_may_finish_its_questions():
    told = manifests("ConfigMap")["aurora-settings"]["data"]
    limits = load(told)
    patience = limits.seconds("QUERY_TIMEOUT_SECONDS") + limits.seconds("POOL_WAIT_SECONDS") + 5
    pod = manifests("Deployment")["aurora-query"]["spec"]["template"]["spec"]
    assert pod["terminationGracePeriodSeconds"] > patience


def test_analysts_reach_the_query_service_and_nothing_private_else():
    single = values()["singleuser"]
    assert single["networkPolicy"]["egressAllowRules"] == {"nonPrivateIPs": False, "privateIPs": False}
    assert single["networkPolicy"]["egress"][0]["to"] == [
        {"podSelector": {"matchLabels": {"app": "aurora-query"}}}
    ]
    assert single["extraEnv"]["AURORA_SERVICE_URL"] == "http://aurora-query:8083/services/aurora/"
    assert single["storage"]["type"] == "none"
    assert values()["cull"]["enabled"]
    assert values()["scheduling"]["userScheduler"]["enabled"]
