"""What `aurora hub` refuses before it starts anything: one clear sentence, exit code 2."""

from __future__ import annotations

import fcntl
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from served import free_port


def refused(folder: Path, *options: str, env: dict[str, str] | None = None) -> str:
    """Run `aurora hub`, which must refuse; return its one sentence."""
    command = [
        sys.executable,
        "-m",
        "aurora_widgets.cli",
        "hub",
        "--no-browser",
        "--state",
        str(folder / "state"),
    ]
    if "--port" not in options:
        command += ["--port", str(free_port())]
    done = subprocess.run(
        [*command, *options],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "LOG_LEVEL": "warning", **(env or {})},
    )
    assert done.returncode == 2, done.stdout + done.stderr
    (line,) = done.stderr.splitlines()
    return line


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert refused(tmp_path, "--port", str(port)) == (
            f"Port {port} of 127.0.0.1 is taken; choose another with --port."
        )


def test_an_address_of_another_machine(tmp_path: Path) -> None:
    config = _config(tmp_path, 'c.JupyterHub.authenticator_class = "dummy"', "configure(c, analysts=())")
    said = refused(tmp_path, "--host", "192.0.2.1", "--config", str(config))
    assert said == "This machine has no address 192.0.2.1 (Cannot assign requested address)."


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])  # noqa: S104  refused
def test_demo_accounts_where_others_could_use_them(tmp_path: Path, host: str) -> None:
    said = refused(tmp_path, "--host", host)
    assert said.startswith("The demo accounts show their passwords to whoever opens the page")
    assert "--config" in said


def test_a_second_hub_with_the_same_state(tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir()
    with (state / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        said = refused(tmp_path)
    assert said.startswith(f"A portal runs already with the state of {state}")


def test_a_state_folder_that_holds_other_things_is_left_as_it_is(tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir(mode=0o755)
    (state / "thesis.tex").touch()
    said = refused(tmp_path)
    assert said == f"{state} holds other things than a portal's state: choose a folder of its own by --state."
    assert state.stat().st_mode & 0o777 == 0o755
    assert [path.name for path in state.iterdir()] == ["thesis.tex"]


def test_a_system_that_is_not_linux(tmp_path: Path) -> None:
    code = (
        "import signal, sys; del signal.sigtimedwait; sys.argv[0] = 'aurora'; "
        "from aurora_widgets.cli import main; sys.exit(main())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "hub", "--state", str(tmp_path / "state")],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2
    assert done.stderr == (
        "`aurora hub` runs on Linux: start it there, or in a container of hub_config/Containerfile. "
        "`aurora demo` and `aurora open` run here as well.\n"
    )
    assert not (tmp_path / "state").exists()


def test_data_that_is_not_there(tmp_path: Path) -> None:
    said = refused(tmp_path, "--data", str(tmp_path / "sales.parquet"))
    assert str(tmp_path / "sales.parquet") in said


def test_a_token_for_figures_that_could_be_guessed(tmp_path: Path) -> None:
    said = refused(tmp_path, env={"AURORA_METRICS_TOKEN": "secret"})
    assert said.startswith("AURORA_METRICS_TOKEN has to be a random text of 32 or more characters")
    assert "secret;" not in said


def test_a_setting_that_is_none(tmp_path: Path) -> None:
    assert refused(tmp_path, env={"API_PROCESSES": "many"}).startswith("API_PROCESSES='many' is not valid")


def test_a_configuration_that_is_not_there(tmp_path: Path) -> None:
    missing = tmp_path / "mine.py"
    assert (
        refused(tmp_path, "--config", str(missing)) == f"{missing} can't be read: No such file or directory."
    )


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (("c.JupyterHub.authenticator_class =",), "line 4: SyntaxError"),
        (("raise ValueError('no secret given')",), "line 4: ValueError: no secret given."),
        (("pass",), "does not call aurora_widgets.portal.hub.configure(c)."),
        (
            ('c.JupyterHub.authenticator_class = "dummy"', "configure(c)"),
            "Analysts' servers would run as the hub's own user",
        ),
    ],
)
def test_a_configuration_that_would_not_do(tmp_path: Path, lines: tuple[str, ...], said: str) -> None:
    assert said in refused(tmp_path, "--config", str(_config(tmp_path, *lines)))


def test_a_proxy_that_is_not_installed(tmp_path: Path) -> None:
    """As where only the wheel is installed: no source tree, no proxy on the PATH."""
    package = tmp_path / "elsewhere"
    package.mkdir()
    source = Path(__file__).parents[2] / "aurora_widgets"
    (package / "aurora_widgets").symlink_to(source)
    run = "from aurora_widgets.cli import main; sys.exit(main())"
    command = f"import sys; sys.path.insert(0, sys.argv.pop(1)); {run}"
    done = subprocess.run(
        check=False,
        args=[sys.executable, "-c", command, str(package), "hub", "--state", str(tmp_path / "state")],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=tmp_path,
        env={**os.environ, "PATH": str(tmp_path)},
    )
    assert done.returncode == 2
    assert "npm install -g configurable-http-proxy" in done.stderr


def _config(folder: Path, *lines: str) -> Path:
    config = folder / "config.py"
    head = ("from aurora_widgets.portal.hub import configure", "", "c = get_config()")
    config.write_text("\n".join((*head, *lines)) + "\n")
    return config
