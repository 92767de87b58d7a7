"""The systemd units: what systemd says of them, and that they wire the parts as the code does."""

from __future__ import annotations

import http.server
import shlex
import shutil
import stat
import subprocess
import sys
import threading
from collections import defaultdict
from pathlib import Path

import pytest

from aurora_widgets.portal import hub_wiring
from aurora_widgets.settings import SETTINGS, load

FOLDER = Path(__file__).parents[1] / "hub_config" / "systemd"
SERVICES = sorted(FOLDER.glob("*.service"))
PARTS = ("hub", "portal", "proxy", "query")


def parsed(path):
    """Return every value of each key, by section, as systemd joins its lines."""
    found = defaultdict(lambda: defaultdict(list))
    section, rest = "", ""
    for line in path.read_text().splitlines():
        if line.startswith(("#", ";")) and not rest:
            continue
        line = rest + line.strip()  # noqa: PLW2901
        rest = ""
        if line.endswith("\\"):
            rest = line[:-1] + " "
        elif line.startswith("["):
            section = line.strip("[]")
        elif line:
            key, equals, value = line.partition("=")
            assert equals, f"{path.name}: {line!r} is no setting"
            found[section][key].append(value.strip())
    return found


def environment(unit, secrets):
    """Return what a unit's process is given: its files, then its own lines."""
    found = {}
    for name in unit["Service"]["EnvironmentFile"]:
        path = Path(name)
        assert path.parent == Path("/etc/aurora")
        found |= variables(secrets / path.name if path.suffix == ".secrets" else FOLDER / path.name)
    for line in unit["Service"]["Environment"]:
        (assignment,) = shlex.split(line)
        name, _, value = assignment.partition("=")
        found[name] = value
    return found


def variables(path):
    lines = [line for line in path.read_text().splitlines() if line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


@pytest.fixture
def secrets(tmp_path):
    subprocess.run([FOLDER / "make-secrets", tmp_path / "etc"], check=True)
    return tmp_path / "etc"


@pytest.fixture
def units():
    return {path.stem.removeprefix("aurora-"): parsed(path) for path in SERVICES}


def test_there_is_a_unit_for_each_part(units):
    assert tuple(sorted(units)) == PARTS


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
def test_a_unit_may_write_nothing_and_become_nobody(path):
    service = parsed(path)["Service"]
    assert service["ProtectSystem"] == ["strict"]
    for key in ("DynamicUser", "NoNewPrivileges", "PrivateTmp", "PrivateDevices", "ProtectHome"):
        assert service[key] == ["yes"], key
    assert service["CapabilityBoundingSet"] == [""]
    assert "/etc/aurora" in service["ReadOnlyPaths"][0]
    assert service["MemoryMax"], "one part must not take the memory of all"
    assert "ReadWritePaths" not in service
    assert ("StateDirectory" in service) == (path.name == "aurora-hub.service")
    assert service["Restart"] == ["always"]


def test_only_hub_and_query_service_can_reach_another_machine_by_an_edit(units):
    for part in ("proxy", "portal"):
        assert units[part]["Service"]["IPAddressDeny"] == ["any"]
        assert units[part]["Service"]["IPAddressAllow"] == ["localhost"]


def test_systemd_finds_no_fault_with_the_units(tmp_path):
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd is not installed: its own word on the units was not had, the rest was tested")
    for path in FOLDER.glob("aurora*"):
        if path.suffix in {".service", ".target"}:
            text = path.read_text()
            for line in text.splitlines():  # what is installed elsewhere stands for itself here
                if line.startswith("ExecStart="):
                    text = text.replace(line.split()[0], "ExecStart=/bin/true")
            (tmp_path / path.name).write_text(text)
    found = subprocess.run(
        [analyze, "verify", "--man=no", *map(str, tmp_path.iterdir())],
        check=False, capture_output=True, text=True,
        env={"SYSTEMD_UNIT_PATH": f"{tmp_path}:", "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    faults = [line for line in found.stderr.splitlines() if str(tmp_path) in line or "aurora" in line]
    assert (found.returncode, faults) == (0, [])


def test_the_hub_is_told_where_everything_is(units, secrets):
    wiring = hub_wiring.from_environment(environment(units["hub"], secrets))
    assert wiring.is_local
    assert len({wiring.proxy_token, wiring.portal_token, wiring.service_token, wiring.keeper_token}) == 4
    assert str(wiring.state) == "/var/lib/aurora-hub"


@pytest.mark.parametrize(("part", "name"), [("portal", hub_wiring.PORTAL), ("query", hub_wiring.SERVICE)])
def test_a_service_is_told_what_aurora_hub_would_tell_it(units, secrets, part, name):
    wiring = hub_wiring.from_environment(environment(units["hub"], secrets))
    told = environment(units[part], secrets)
    expected = wiring.of_service(name)
    assert {key: told.get(key) for key in expected} == expected
    assert not {"AURORA_KEEPER_TOKEN", "CONFIGPROXY_AUTH_TOKEN"} & set(told), "secrets of others"


def test_the_portal_asks_the_query_service_directly(units, secrets):
    wiring = hub_wiring.from_environment(environment(units["hub"], secrets))
    asked = environment(units["portal"], secrets)["AURORA_SERVICE_URL"]
    assert asked == f"{wiring.service}{hub_wiring.prefix_of(hub_wiring.SERVICE)}"


def test_the_proxy_listens_where_nginx_and_the_hub_look_for_it(units, secrets):
    wiring = hub_wiring.from_environment(environment(units["hub"], secrets))
    told = environment(units["proxy"], secrets)
    assert told["CONFIGPROXY_AUTH_TOKEN"] == wiring.proxy_token
    assert told["AURORA_KEEPER_TOKEN"] == wiring.keeper_token
    (command,) = units["proxy"]["Service"]["ExecStart"]
    words = command.split()
    given = {word: words[place + 1] for place, word in enumerate(words) if word.startswith("--")}
    assert wiring.public == f"http://{given['--ip']}:{given['--port']}/"
    assert wiring.proxy == f"http://{given['--api-ip']}:{given['--api-port']}"
    assert given["--error-target"] == f"{wiring.hub}/hub/error"
    nginx = (FOLDER.parent / "nginx.conf").read_text()
    assert f"server {wiring.public.removeprefix('http://').rstrip('/')} " in nginx


def test_a_new_proxy_is_told_its_ways_by_a_hub_that_runs(units, secrets):
    asked = []

    class Hub(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            asked.append((self.path, self.headers["Authorization"]))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    told = environment(units["proxy"], secrets)
    (line,) = units["proxy"]["Service"]["ExecStartPost"]
    assert not {"%", "$", "\\"} & set(line), "nothing that systemd reads in a way of its own"
    command = shlex.split(line.removeprefix("-"))
    assert not any(value in line for value in told.values())
    with http.server.HTTPServer(("127.0.0.1", 0), Hub) as server:
        script = command[2].replace("8081", str(server.server_port))
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        done = subprocess.run([sys.executable, "-c", script], check=False, env=told)
        server.shutdown()
        thread.join()
    assert done.returncode == 0
    assert asked == [("/hub/api/proxy", f"token {told['AURORA_KEEPER_TOKEN']}")]
    nobody = subprocess.run([sys.executable, "-c", script], check=False, env=told)
    assert nobody.returncode == 0, "when the machine starts the hub is not there yet"


def test_the_query_service_may_finish_its_questions(units):
    slowest = load({"QUERY_TIMEOUT_SECONDS": "120"})
    patience = slowest.seconds("QUERY_TIMEOUT_SECONDS") + slowest.seconds("POOL_WAIT_SECONDS") + 5
    assert int(units["query"]["Service"]["TimeoutStopSec"][0]) > patience
    assert units["query"]["Service"]["KillMode"] == ["mixed"]


def test_the_environments_file_names_settings_that_there_are():
    known = {row.name for row in SETTINGS} | {
        "AURORA_PUBLIC_URL", "AURORA_PROXY_URL", "AURORA_HUB_URL", "AURORA_PORTAL_URL",
        "AURORA_SERVICE_ORIGIN",
    }  # fmt: skip
    told = variables(FOLDER / "aurora.env")
    assert set(told) <= known
    load(told)


def test_secrets_are_long_different_and_for_root_alone_and_stay(secrets):
    before = {path.name: path.read_text() for path in secrets.iterdir()}
    assert set(before) == {
        "hub.secrets", "metrics.token", "portal.secrets", "proxy.secrets", "query.secrets",
    }  # fmt: skip
    assert before["metrics.token"] == variables(secrets / "hub.secrets")["AURORA_METRICS_TOKEN"]
    for path in secrets.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        if path.suffix == ".secrets":
            assert all(len(value) == 64 for value in variables(path).values())
    again = subprocess.run([FOLDER / "make-secrets", secrets], check=False, capture_output=True, text=True)
    assert again.returncode == 2
    assert "is there already" in again.stderr
    assert {path.name: path.read_text() for path in secrets.iterdir()} == before
