"""Log-in by an identity provider: the production file as it ships, against a real OpenID Connect server."""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
import sys
from collections.abc import Iterator

import httpx
import pytest
from hub_lab import Hub, eventually, running, shipped
from served import free_port

PEOPLE = {
    "ada": ["aurora", "analysts"],
    "bo": ["aurora"],
    "cleo": ["aurora", "operators"],
    "eve": ["somebody-else"],
}


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An OpenID Connect provider, a process of its own; its address."""
    port = free_port()
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port)]
    for name, groups in PEOPLE.items():
        command += ["--user-claims", json.dumps({"sub": name, "preferred_username": name, "groups": groups})]
    log = tmp_path_factory.mktemp("provider") / "log.txt"
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)
    url = f"http://127.0.0.1:{port}"
    try:
        eventually(lambda: process.poll() is not None or _answers(url), "the provider answers")
        assert process.poll() is None, log.read_text()
        yield url
    finally:
        process.terminate()
        process.wait(10)


def _answers(url: str) -> bool:
    with contextlib.suppress(httpx.HTTPError):
        return httpx.get(f"{url}/.well-known/openid-configuration").is_success
    return False


@pytest.fixture(scope="module")
def company(provider: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """A portal with the shipped file; changed alone in what it says is to be changed."""
    folder = tmp_path_factory.mktemp("company")
    port = free_port()
    told = httpx.get(f"{provider}/.well-known/openid-configuration").json()
    environment = {
        "OAUTH_CLIENT_ID": "aurora",
        "OAUTH_CLIENT_SECRET": "not-for-logs-6f1d",
        "OAUTH2_AUTHORIZE_URL": told["authorization_endpoint"],
        "OAUTH2_TOKEN_URL": told["token_endpoint"],
        "OAUTH2_USERDATA_URL": told["userinfo_endpoint"],
        "OAUTH_CALLBACK_URL": f"http://127.0.0.1:{port}/hub/oauth_callback",
    }
    with running(folder, "--config", str(shipped(folder)), port=port, env=environment) as hub:
        yield hub


def log_in(client: httpx.Client, provider: str, name: str) -> httpx.Response:
    """Follow the log-in button to the provider, be this person there, and come back."""
    page = client.get("hub/login")
    button = re.search(r'class="act" href="([^"]+)"', page.text)
    assert button, page.text
    asked = client.get(button[1].replace("&amp;", "&"))
    assert str(asked.url).startswith(provider), asked.text
    return client.post(str(asked.url), data={"sub": name})


@contextlib.contextmanager
def person(hub: Hub, provider: str, name: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=hub.url, follow_redirects=True, timeout=30) as client:
        answer = log_in(client, provider, name)
        assert answer.status_code == 200, answer.text
        yield client


def test_a_claim_s_groups_give_the_roles(company: Hub, provider: str) -> None:
    with person(company, provider, "bo") as bo:
        assert bo.get("hub/").url == company.portal
        assert bo.get("hub/spawn").status_code == 403
        assert bo.get("hub/admin").status_code == 403
    with person(company, provider, "cleo") as cleo:
        assert cleo.get("hub/admin").status_code == 200
        assert cleo.get("hub/spawn").status_code == 403
    with person(company, provider, "ada") as ada:
        assert "JupyterLab" in ada.get("hub/home").text
        assert ada.get("hub/admin").status_code == 403


def test_whoever_is_in_none_of_the_groups_does_not_get_in(company: Hub, provider: str) -> None:
    with httpx.Client(base_url=company.url, follow_redirects=True, timeout=30) as client:
        assert log_in(client, provider, "eve").status_code == 403
        assert "/hub/login" in str(client.get("hub/home").url)


def test_a_log_out_ends_what_was_copied_of_the_log_in(company: Hub, provider: str) -> None:
    with (
        person(company, provider, "cleo") as cleo,
        httpx.Client(base_url=company.url, cookies=cleo.cookies, follow_redirects=True, timeout=30) as thief,
    ):
        assert "cleo" in thief.get("hub/home").text
        cleo.get("hub/logout")
        assert "/hub/login" in str(thief.get("hub/home").url)


def test_no_demo_account_is_left(company: Hub) -> None:
    assert company.passwords == {}
    assert "Demo accounts" not in httpx.get(f"{company.url}hub/login").text


def test_the_provider_s_secret_is_in_no_log(company: Hub) -> None:
    assert "not-for-logs" not in company.log.read_text()
