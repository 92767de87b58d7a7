"""What an attacker with a business user's account tries: all of it is refused, and logged."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from hub_lab import Hub, eventually
from portal_lab import BROWSER, Person, closed_with, lives, logged, message, packed, person, refused_with

V1 = "v1.kernel.websocket.jupyter.org"
NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.fixture(scope="module")
def mallory(hub: Hub) -> Iterator[Person]:
    with person(hub, "business") as someone:
        yield someone


@pytest.fixture(scope="module")
def page(mallory: Person) -> Iterator[str]:
    kernel = mallory.open()
    yield kernel
    assert mallory.close(kernel).status_code == 204


@pytest.fixture(scope="module")
def alice(hub: Hub) -> Iterator[tuple[Person, str]]:
    """Somebody else, with a page open."""
    with person(hub, "analyst") as someone:
        kernel = someone.open()
        yield someone, kernel
        someone.close(kernel)


MESSAGES = [
    message("execute_request", code="import os; os.system('id')", silent=False),
    message("execute_request", "control", code="1"),
    message("complete_request", code="o", cursor_pos=1),
    message("inspect_request", code="os", cursor_pos=1, detail_level=1),
    message("history_request", output=True, raw=True, hist_access_type="tail", n=10),
    message("is_complete_request", code="1"),
    message(
        "debug_request", "control", type="request", command="evaluate", seq=1, arguments={"expression": "1"}
    ),
    message("input_reply", "stdin", value="yes"),
    message("shutdown_request", "control", restart=True),
    message("shutdown_request", "shell", restart=False),
    message("interrupt_request", "control"),
    message("create_subshell_request", "control"),
    message("usage_request", "control"),
    message("comm_open", comm_id="1", target_name="evil", data={}),
    message("comm_open", comm_id="1", target_name="jupyter.widget", data={"state": {}}),
    message("comm_open", "control", comm_id="1", target_name="jupyter.widget.control", data={}),
    message("comm_open", comm_id="1", data={}),
    message("comm_msg", "iopub", comm_id="1", data={}),
    message("comm_msg", "stdin", comm_id="1", data={}),
    message("status", "iopub", execution_state="dead"),
    message("", "shell"),
]


@pytest.mark.parametrize("form", ["text", "binary"])
@pytest.mark.parametrize(
    "sent", MESSAGES, ids=lambda sent: f"{sent['header']['msg_type']} on {sent['channel']}"
)
def test_a_websocket_that_says_more_than_widgets_do_is_closed(
    hub: Hub, mallory: Person, page: str, sent: dict[str, Any], form: str
) -> None:
    before = len(hub.log.read_text())
    with mallory.connect(page, subprotocols=[V1] if form == "binary" else None) as connection:
        connection.send(packed(sent) if form == "binary" else json.dumps(sent))
        assert closed_with(connection) == 1008
    tried = f"{sent['header']['msg_type']} on {sent['channel']}"
    if sent["header"]["msg_type"] == "comm_open" and sent["channel"] == "shell":
        tried = f"comm_open of {sent['content'].get('target_name')}"
    eventually(lambda: tried in hub.log.read_text()[before:], f"a line says {tried}")
    line = next(line for line in hub.log.read_text()[before:].splitlines() if tried in line)
    assert '"user": "business"' in line


@pytest.mark.parametrize(
    "sent",
    [
        "",
        "{",
        "[]",
        "null",
        "{}",
        '{"channel": "shell"}',
        b"",
        b"\x00" * 7,
        b"\xff" * 400,
        b"\x7f" + b"\xff" * 99,
        "\u0000" * 50,
    ],
    ids=lambda sent: repr(sent)[:20],
)
@pytest.mark.parametrize("protocols", [None, [V1]], ids=["old", "new"])
def test_a_malformed_message_closes_its_websocket(
    mallory: Person, page: str, sent: str | bytes, protocols: list[Any] | None
) -> None:
    with mallory.connect(page, subprotocols=protocols) as connection:
        connection.send(sent)
        assert closed_with(connection) == 1008


def test_a_message_of_three_megabytes_is_not_even_read(mallory: Person, page: str) -> None:
    with mallory.connect(page) as connection:
        connection.send(json.dumps(message("comm_msg", comm_id="1", data={"text": "x" * 3_000_000})))
        assert closed_with(connection) in {1006, 1009}


def test_after_all_that_the_page_works_on(mallory: Person, page: str) -> None:
    assert lives(mallory, page)


# ── other people's kernels


def test_the_kernel_of_another_is_not_there(hub: Hub, mallory: Person, alice: tuple[Person, str]) -> None:
    victim, kernel = alice
    assert refused_with(mallory, kernel) == 404
    assert mallory.get(f"api/kernels/{kernel}").status_code == 404
    assert mallory.close(kernel).status_code == 404
    assert mallory.client.delete(f"{mallory.portal}api/kernels/{kernel}").status_code in {403, 404}
    assert logged(hub.log, "KERNEL_OF_ANOTHER", kernel, '"user": "business"')
    assert lives(victim, kernel)


def test_the_kernel_of_another_reads_as_one_that_never_was(
    mallory: Person, alice: tuple[Person, str]
) -> None:
    _, kernel = alice
    for path in ("api/kernels/{}", "ended/{}", "voila/query/{}", "api/kernels/{}/channels"):
        there, nowhere = mallory.get(path.format(kernel)), mallory.get(path.format(NOBODY))
        assert there.status_code == nowhere.status_code == 404, path
        told = [answer.text.replace(answer.headers["X-Request-ID"], "") for answer in (there, nowhere)]
        assert told[0] == told[1]


# ── what Jupyter and Voila would serve

ADDRESSES = [
    "api",
    "api/kernels",
    "api/kernels/{kernel}/restart",
    "api/kernels/{kernel}/interrupt",
    "api/kernelspecs",
    "api/sessions",
    "api/contents",
    "api/contents/portal.ipynb",
    "api/contents/portal.ipynb/checkpoints",
    "api/terminals",
    "terminals/websocket/1",
    "api/config/notebook",
    "api/nbconvert",
    "api/me",
    "api/status",
    "api/shutdown",
    "api/events/subscribe",
    "nbconvert/html/portal.ipynb",
    "nbconvert/script/portal.ipynb",
    "files/portal.ipynb",
    "notebooks/portal.ipynb",
    "portal.ipynb",
    "tree",
    "lab",
    "login",
    "logout",
    "view/portal.ipynb",
    "custom/custom.css",
    "kernelspecs/python3/logo-64x64.png",
    "voila/tree",
    "voila/render/portal.ipynb",
    "voila/render/tour.ipynb",
    "voila/files/portal.ipynb",
    "voila/files/README.md",
    "voila/query/{kernel}",
    "voila/execution/{kernel}",
    "voila/api/contents/",
    "voila/templates/lab/static/voila.js",
    "voila/templates/aurora/index.html.j2",
    "voila/templates/aurora/conf.json",
    "voila/templates/aurora",
    "voila/templates/",
    "voila/static/",
    "voila/static/voila.js.map",
    "voila/labextensions/",
    "voila/labextensions/anywidget/../../voila/templates/aurora/conf.json",
    "metrics",
    ".git/config",
    "portal/app.py",
]


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("address", ADDRESSES)
def test_nothing_but_the_page_is_served(mallory: Person, page: str, address: str, method: str) -> None:
    headers = {"X-XSRFToken": mallory.cookie("_xsrf")} | (BROWSER if method == "GET" else {})
    url = mallory.portal + address.format(kernel=page)
    answer = mallory.client.request(method, url, headers=headers)
    assert answer.status_code in {403, 404, 405}, answer.text
    assert "Traceback" not in answer.text
    assert "ipynb" not in answer.text


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_the_own_kernel_may_be_looked_at_and_nothing_more(mallory: Person, page: str, method: str) -> None:
    headers = {"X-XSRFToken": mallory.cookie("_xsrf")}
    answer = mallory.client.request(method, f"{mallory.portal}api/kernels/{page}", headers=headers)
    assert answer.status_code in {403, 405}
    assert mallory.client.get(f"{mallory.portal}api/kernels/{page}").json() == {"id": page, "name": "python3"}


def test_what_was_tried_is_logged_with_who_tried(hub: Hub, mallory: Person) -> None:
    mallory.get("api/contents/secret-plan.ipynb")
    assert logged(hub.log, "NO_SUCH_ADDRESS", "secret-plan", '"user": "business"')


@pytest.mark.parametrize(
    "path",
    [
        "voila/static/../../../../../../etc/passwd",
        "voila/static/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "voila/static//etc/passwd",
        "voila/static/..%2f..%2f..%2f..%2f..%2fetc%2fpasswd",
        "voila/static/\\..\\..\\etc\\passwd",
        "voila/static/%00",
        "voila/templates/aurora/static/../../../../../../../../../etc/passwd",
        "voila/templates/aurora/static/../index.html.j2",
        "voila/templates/..%2f..%2fstatic/x",
        "voila/labextensions/../../../../../../../etc/passwd",
        "voila/themes/../../../../../../../etc/passwd",
        "voila/themes/.hidden",
    ],
)
def test_no_path_leads_out_of_the_static_files(hub: Hub, path: str) -> None:
    where = urlsplit(hub.inside("portal"))
    asked = http.client.HTTPConnection(
        where.hostname or "", where.port, timeout=15
    )  # sends the path as it is
    asked.request("GET", f"/services/portal/{path}")
    answer = asked.getresponse()
    text = answer.read().decode()
    assert answer.status in {400, 403, 404}, text
    assert "root:" not in text
    assert "Traceback" not in text
    asked.close()


@pytest.mark.parametrize(
    "query", ["?voila-template=lab", "?template=reveal", "?theme=dark", "?voila-theme=dark"]
)
def test_the_address_chooses_no_other_template(mallory: Person, query: str) -> None:
    answer = mallory.get(query)
    assert "aurora-skeleton" in answer.text
    assert '"jupyterLabTheme": "light"' in answer.text or "jupyterLabTheme" not in answer.text
    kernel = answer.text.split('"kernelId": "')[1][:36]
    assert mallory.close(kernel).status_code == 204


# ── other sites, and who is not logged in


def test_the_page_of_another_site_can_not_connect(hub: Hub, mallory: Person, page: str) -> None:
    assert refused_with(mallory, page, origin="https://evil.example") == 403
    assert logged(hub.log, "OTHER_ORIGIN", "evil.example")


def test_the_page_of_another_site_can_not_close_a_page(mallory: Person, page: str) -> None:
    assert mallory.close(page, data={}).status_code == 403
    assert mallory.close(page, data={"_xsrf": "guessed"}).status_code == 403
    assert lives(mallory, page)


def test_without_a_log_in_there_is_no_connection(mallory: Person, page: str) -> None:
    assert refused_with(mallory, page, cookies=False) == 403


def test_without_a_log_in_the_page_leads_to_it_and_keeps_the_question(hub: Hub) -> None:
    answer = httpx.get(f"{hub.portal}?q=abc", headers=BROWSER, follow_redirects=True)
    assert answer.url.path == "/hub/login"


@pytest.mark.parametrize("token", ["nonsense", "a b", "x" * 5000])
def test_a_token_that_nobody_has_opens_nothing(hub: Hub, token: str) -> None:
    answer = httpx.get(hub.portal, headers={"Authorization": f"token {token}"})
    assert answer.status_code in {302, 401, 403}


def test_headers_of_the_browser_reach_no_kernel(mallory: Person) -> None:
    answer = mallory.get(headers={"X-Aurora-Token": "forged", "Aurora-Service-Url": "http://evil.example/"})
    kernel = answer.text.split('"kernelId": "')[1][:36]
    assert lives(mallory, kernel)
    assert mallory.close(kernel).status_code == 204
