"""The shipped nginx.conf in a real nginx: its limits, and what it passes on through the hub's real proxy."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
import secrets
import socket
import subprocess
import threading
import time
from pathlib import Path

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import tornado.httpserver
import tornado.web
import tornado.websocket
from nginx_lab import NAME, free_ports, moved, nginx, request
from service_lab import ADA, ask, served, until

PROXY = Path(__file__).parents[1] / "node_modules" / "configurable-http-proxy" / "bin"
PROGRAM = b"export const answer = 42; // " + b"x" * 4000


def session():
    return f"jupyterhub-session-id={secrets.token_hex(16)}"


# ── what stands behind


class Echo(tornado.web.RequestHandler):
    """Says what reached it."""

    def get(self, *_):
        seen = {**self.request.headers, "address": self.request.remote_ip, "scheme": self.request.protocol}
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Cache-Control", "no-store")
        self.finish(seen)

    async def post(self, *_):
        self.finish({"bytes": len(self.request.body)})


class Static(tornado.web.RequestHandler):
    """A file of a service, without a word on how long it may be kept."""

    def get(self, name):
        if name.startswith("missing"):
            raise tornado.web.HTTPError(404)
        self.set_header("Content-Type", "text/javascript")
        self.set_header("Cache-Control", "no-cache")
        self.finish(PROGRAM)


class Refuse(tornado.web.RequestHandler):
    def get(self):
        self.set_status(503)
        self.set_header("Retry-After", "30")
        self.set_header("Content-Type", "application/problem+json")
        self.finish({"code": "EXPORT_QUEUE_FULL"})


class Stream(tornado.web.RequestHandler):
    """Sends its last line when whoever asked has read the first."""

    first_was_read = asyncio.Event()

    async def get(self):
        self.write("first\n")
        await self.flush()
        await asyncio.wait_for(self.first_was_read.wait(), 20)
        self.finish("last\n")


class Socket(tornado.websocket.WebSocketHandler):
    def select_subprotocol(self, offered):
        return offered[0] if offered else None

    def on_message(self, message):
        self.write_message(f"{message} from {self.request.remote_ip}")


@contextlib.contextmanager
def small_server():
    """A hub's stand-in: tornado, as the hub and Voila are, believing a proxy's headers as the hub does."""
    app = tornado.web.Application(
        [
            (r"/(?:hub|services/portal/voila)/static/(.*)", Static),
            (r"/hub/refuse", Refuse),
            (r"/hub/api/users/ada/server/progress", Stream),
            (r"/services/portal/api/kernels/1/channels", Socket),
            (r"/(.*)", Echo),
        ],
        log_function=lambda _: None,
    )
    listening = tornado.netutil.bind_sockets(0, "127.0.0.1")
    loop = asyncio.new_event_loop()

    async def serve():
        server = tornado.httpserver.HTTPServer(app, xheaders=True)
        server.add_sockets(listening)
        loop.ended = asyncio.Event()
        loop.is_ready = True
        await loop.ended.wait()
        server.stop()
        await server.close_all_connections()

    loop.is_ready = False
    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    until(lambda: loop.is_ready)
    try:
        yield listening[0].getsockname()[1], loop
    finally:
        loop.call_soon_threadsafe(loop.ended.set)
        thread.join(20)
        loop.close()


@contextlib.contextmanager
def hub_proxy(default, **services):
    """The hub's own proxy, routed as the hub routes it."""
    port, api = free_ports(2)
    process = subprocess.Popen(
        [
            "node", str(PROXY / "configurable-http-proxy"), "--ip=127.0.0.1", f"--port={port}",
            "--api-ip=127.0.0.1", f"--api-port={api}", f"--default-target={default}", "--log-level=error",
        ],
    )  # fmt: skip
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{api}") as client:

            def ready():
                assert process.poll() is None, "the hub's proxy did not start"
                with contextlib.suppress(httpx.TransportError):
                    return client.get("/api/routes").status_code == 200

            until(ready)
            for name, target in services.items():
                client.post(f"/api/routes/services/{name}", json={"target": target}).raise_for_status()
        yield port
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture(scope="module")
def chain(tmp_path_factory):
    """Browser, nginx, the hub's proxy, a small server and the query service on the flights of a year."""
    folder = tmp_path_factory.mktemp("chain")
    rows = {"origin": ["EWR", "JFK"] * 150_000, "number": list(range(300_000))}
    with contextlib.ExitStack() as stack:
        pq.write_table(pa.table(rows), folder / "flights.parquet")
        port, loop = stack.enter_context(small_server())
        service, _ = stack.enter_context(served(folder / "flights.parquet", prefix="/services/aurora"))
        target = service.removesuffix("/services/aurora")
        proxy = stack.enter_context(hub_proxy(f"http://127.0.0.1:{port}", aurora=target))
        door = stack.enter_context(nginx(folder, proxy))
        door.loop = loop
        yield door


@pytest.fixture
def alone(tmp_path):
    """Nginx before a server that is never the slow part, each test with untouched limits."""
    (port,) = free_ports(1)
    quick = f"server {{ listen 127.0.0.1:{port}; access_log off; return 200 ok; }}\n"
    with nginx(tmp_path, port, quick) as door:
        yield door


def seconds_of(work):
    start = time.monotonic()
    found = work()
    return found, time.monotonic() - start


# ── limits


def test_a_session_may_ask_ten_a_second_and_a_page_load_at_once(alone):
    mine = session()
    found, seconds = seconds_of(lambda: alone.statuses([request("/hub/home", cookie=mine)] * 150))
    assert 81 <= found.count(200) <= 81 + 10 * seconds + 1
    assert found.count(200) + found.count(429) == 150
    again, more = seconds_of(
        lambda: (time.sleep(1.0), alone.statuses([request("/hub/home", cookie=mine)] * 50))[1]
    )
    assert 10 <= again.count(200) <= 10 * (more + seconds) + 1, "ten more a second later"


def test_an_office_behind_one_address_is_not_one_user(alone):
    for _ in range(7):
        found = alone.statuses([request("/services/portal/", cookie=session())] * 80)
        assert set(found) == {200}


def test_an_address_without_a_session_may_ask_ten_a_second(alone):
    with contextlib.ExitStack() as stack:
        start = time.monotonic()
        connections = [stack.enter_context(alone.connect()) for _ in range(150)]
        for connection in connections:
            connection.sendall(request("/hub/login"))
        statuses = {}
        while len(statuses) < 150 and time.monotonic() - start < 1.5:
            for number, connection in enumerate(connections):
                if number not in statuses:
                    connection.settimeout(0.001)
                    with contextlib.suppress(TimeoutError, OSError):
                        statuses[number] = int(connection.recv(4096)[9:12])
        seconds = time.monotonic() - start
    found = list(statuses.values())
    assert 150 - 101 - 10 * seconds - 1 <= found.count(429) <= 150 - 101
    assert 21 <= found.count(200) <= 21 + 10 * seconds + 1, "twenty at once, then ten a second, in turn"


def test_another_address_is_not_held_up(alone):
    crowd = [request("/hub/login")] * 25
    with alone.connect("127.0.0.2") as sent:
        sent.sendall(b"".join(crowd) * 4)
        answer, seconds = seconds_of(lambda: alone.ask("/hub/login", source="127.0.0.3"))
    assert answer.status == 200
    assert seconds < 2


def test_made_up_sessions_get_no_further_than_their_address(alone):
    def flood():
        return [
            status
            for _ in range(3)
            for status in alone.statuses([request("/hub/home", cookie=session()) for _ in range(900)])
        ]

    found, seconds = seconds_of(flood)
    assert 601 <= found.count(200) <= 601 + 300 * seconds + 1
    assert alone.ask("/hub/home", source="127.0.0.9", cookie=session()).status == 200, "nobody else pays"


def test_what_no_hub_would_set_is_no_session(alone):
    cookies = [
        "jupyterhub-session-id=1",
        "jupyterhub-session-id=" + "g" * 32,
        "x-jupyterhub-session-id=" + "a" * 32,
    ]
    for number, cookie in enumerate(cookies):
        start = time.monotonic()
        found = alone.statuses([request("/hub/home", cookie=cookie)] * 26, source=f"127.0.1.{number + 1}")
        assert set(found) == {200}
        assert time.monotonic() - start >= 0.4, "after twenty they are paced like everyone's before log-in"


@pytest.mark.parametrize("path", ["/hub/login?next=", "/hub/x/../login", "/hub/api/users/ada/tokens"])
def test_a_session_does_not_buy_more_passwords_to_try(alone, path):
    start = time.monotonic()
    alone.statuses([request(path, method="POST", body=b"password=x", cookie=session()) for _ in range(26)])
    assert time.monotonic() - start >= 0.4


def test_static_files_are_not_counted(alone):
    paths = [
        "/hub/static/css/style.min.css?v=0123456789abcdef",
        "/services/portal/voila/static/voila.js",
        "/services/portal/voila/templates/base/static/1187.voila.js",
        "/user/ada@example.com/static/lab/main.0123456789abcdef.js?v=0123456789abcdef",
    ]
    for path in paths:
        assert set(alone.statuses([request(path)] * 900)) == {200}
    assert alone.ask("/hub/login").status == 200


@pytest.mark.parametrize(
    "path",
    [
        "/hub/login/../static/x.js",
        "/hub/static/../login",
        "/hub/static/%2e%2e/login",
        "/hub/api/%2e%2e/static/x.js",
        "/hub//static/x.js",
        "/hub/static/x.js?next=/hub/login",
        "/hub/static/",
        "/user/ada/files/static/x.js",
    ],
)
def test_what_only_looks_static_is_counted(alone, path):
    start = time.monotonic()
    alone.statuses([request(path)] * 26)
    assert time.monotonic() - start >= 0.4


def test_only_reading_a_static_file_is_not_counted(alone):
    start = time.monotonic()
    alone.statuses([request("/hub/static/x.js", method="POST", body=b"x")] * 26)
    assert time.monotonic() - start >= 0.4


def test_a_forwarded_address_is_not_believed(alone):
    start = time.monotonic()
    alone.statuses(
        [request("/hub/login", x_forwarded_for=f"10.0.0.{n}", x_real_ip=f"10.0.0.{n}") for n in range(26)]
    )
    assert time.monotonic() - start >= 0.4


def test_a_refusal_says_when_to_go_on_to_a_person_and_to_a_program(alone):
    mine = session()
    asked = [
        *[request("/hub/home", cookie=mine)] * 200,
        request("/services/aurora/api/page", cookie=mine),
        request("/services/portal/", cookie=mine, accept="text/html,application/xhtml+xml"),
    ]
    *_, program, person = alone.pipelined(asked)
    assert program.status == person.status == 429
    assert program["Retry-After"] == person["Retry-After"] == "2"
    assert program["Content-Type"] == "application/problem+json"
    problem = json.loads(program.body)
    assert problem["code"] == "RATE_LIMITED"
    assert problem["status"] == 429
    assert b'http-equiv="refresh" content="2"' in person.body


# ── what is passed on


def test_who_asks_is_said_by_nginx_alone(chain):
    lies = {
        "x_forwarded_for": "6.6.6.6",
        "x_real_ip": "6.6.6.6",
        "forwarded": "for=6.6.6.6;proto=http",
        "x_scheme": "http",
        "x_forwarded_proto": "http",
        "x_forwarded_host": "evil.example",
        "x_forwarded_user": "admin",
        "remote_user": "admin",
        "x_request_id": "mine",
        "proxy": "http://evil.example",
    }
    seen = json.loads(chain.ask("/hub/home", source="127.0.0.5", **lies).body)
    assert seen["address"] == "127.0.0.5"
    assert seen["scheme"] == "https"
    assert seen["Host"] == NAME
    assert len(seen["X-Request-Id"]) == 32
    assert not any(lie in json.dumps(seen) for lie in ("6.6.6.6", "evil", "admin", "mine"))


def test_a_header_stands_once(chain):
    answer = chain.ask("/hub/home")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "no-store"
    assert answer["Strict-Transport-Security"] == "max-age=31536000"
    assert answer["Referrer-Policy"] == "same-origin"


def test_a_services_own_refusal_keeps_its_words_and_its_time(chain):
    answer = chain.ask("/hub/refuse", accept="text/html")
    assert (answer.status, answer["Retry-After"]) == (503, "30")
    assert json.loads(answer.body) == {"code": "EXPORT_QUEUE_FULL"}


def test_a_websocket_goes_through_with_its_protocol(chain):
    async def talk():
        asked = tornado.httpclient.HTTPRequest(
            f"wss://{NAME}:{chain.tls}/services/portal/api/kernels/1/channels", ssl_options=chain.context
        )
        resolver = tornado.netutil.OverrideResolver(
            resolver=tornado.netutil.DefaultLoopResolver(), mapping={NAME: "127.0.0.1"}
        )
        opened = await tornado.websocket.websocket_connect(
            asked, subprotocols=["v1.kernel.websocket.jupyter.org"], resolver=resolver
        )
        await opened.write_message("hello")
        said = await asyncio.wait_for(opened.read_message(), 20)
        protocol = opened.selected_subprotocol
        opened.close()
        return said, protocol

    assert asyncio.run(talk()) == ("hello from 127.0.0.1", "v1.kernel.websocket.jupyter.org")


def test_nothing_but_a_websocket_is_upgraded(chain):
    seen = json.loads(chain.ask("/hub/home", connection="Upgrade, HTTP2-Settings", upgrade="h2c").body)
    assert "Upgrade" not in seen


def test_a_stream_arrives_while_it_is_made(chain):
    with chain.connect() as sent:
        sent.sendall(request("/hub/api/users/ada/server/progress"))
        received = b""
        while b"first" not in received:
            received += sent.recv(4096)
        assert b"last" not in received
        chain.loop.call_soon_threadsafe(Stream.first_was_read.set)
        while b"last" not in received:
            received += sent.recv(4096)


def test_the_query_service_answers_through_all_of_it(chain):
    sent = json.dumps(ask("flights", limit=2)).encode()
    answer = chain.ask(
        "/services/aurora/api/page", method="POST", body=sent,
        authorization=f"Bearer {ADA}", content_type="application/json",
    )  # fmt: skip
    assert answer.status == 200, answer.body
    assert len(json.loads(answer.body)["rows"]) == 2
    assert len(answer["X-Request-ID"]) == 32
    refused = chain.ask("/services/aurora/api/tables")
    assert (refused.status, json.loads(refused.body)["code"]) == (401, "UNAUTHENTICATED")


def test_a_whole_result_goes_through_unbuffered_and_uncompressed(chain):
    answer = chain.ask(
        "/services/aurora/api/result", method="POST", body=json.dumps(ask("flights")).encode(),
        authorization=f"Bearer {ADA}", content_type="application/json", accept_encoding="gzip",
    )  # fmt: skip
    assert answer.status == 200, answer.body
    assert answer["Content-Encoding"] is None
    assert pa.ipc.open_stream(answer.body).read_all().num_rows == 300_000


@pytest.mark.parametrize(
    "path",
    [
        "/services/aurora/metrics", "/services/aurora/healthz", "/services/aurora/healthz/",
        "/services/portal/metrics", "/hub/metrics", "/hub/health", "/_chp_healthz",
        "/services/aurora/%6detrics", "/services//aurora/metrics", "/services/x/../aurora/metrics",
    ],
)  # fmt: skip
def test_figures_and_health_are_not_for_outside(chain, path):
    assert chain.ask(path, authorization=f"Bearer {ADA}").status == 404


def test_static_files_are_compressed_and_others_are_not(chain):
    small = chain.ask("/services/portal/voila/static/voila.js", accept_encoding="gzip")
    assert small["Content-Encoding"] == "gzip"
    assert small["Vary"] == "Accept-Encoding"
    assert gzip.decompress(small.body) == PROGRAM
    assert len(small.body) < len(PROGRAM) / 10
    assert chain.ask("/services/portal/voila/static/voila.js").body == PROGRAM
    assert chain.ask("/hub/home", accept_encoding="gzip", x="y" * 3000)["Content-Encoding"] is None


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/hub/static/js/main.js?v=8d2f1c0a9b", "public, max-age=31536000, immutable"),
        ("/services/portal/voila/static/aurora.3fd01c2a9b44.js", "public, max-age=31536000, immutable"),
        ("/hub/static/js/main.js", "public, max-age=3600, stale-while-revalidate=86400"),
        ("/hub/static/missing.3fd01c2a9b44.js", None),
        ("/hub/home?v=8d2f1c0a9b", "no-store"),
    ],
)
def test_what_can_never_change_is_kept_for_good(chain, path, kept):
    assert chain.ask(path)["Cache-Control"] == kept


def test_a_body_larger_than_anything_aurora_reads_is_refused_at_once(chain):
    with chain.connect() as sent:
        sent.sendall(request("/services/aurora/api/page", method="POST", content_length="100000000"))
        received = sent.recv(65536)
    assert received.startswith(b"HTTP/1.1 413 ")
    assert b"larger than anything Aurora reads" in received
    assert json.loads(chain.ask("/hub/x", method="POST", body=b"x" * 1_500_000).body) == {"bytes": 1_500_000}


def test_an_analysts_upload_may_be_large(chain):
    answer = chain.ask("/user/ada/api/contents/x", method="POST", body=b"x" * 5_000_000)
    assert json.loads(answer.body) == {"bytes": 5_000_000}


def test_while_aurora_starts_again_people_are_told_and_their_page_waits(tmp_path):
    (nobody,) = free_ports(1)
    with nginx(tmp_path, nobody) as door:
        person, program = door.ask("/services/portal/", accept="text/html"), door.ask("/hub/api")
    assert person.status == program.status == 503
    assert person["Retry-After"] == program["Retry-After"] == "5"
    assert b'http-equiv="refresh" content="5"' in person.body
    assert json.loads(program.body)["code"] == "SERVICE_UNAVAILABLE"


def test_http_leads_to_https_and_another_name_nowhere(chain):
    with socket.create_connection(("127.0.0.1", chain.plain), 20) as sent:
        sent.sendall(request("/services/portal/?q=x"))
        answer = sent.recv(4096).decode()
    assert answer.startswith("HTTP/1.1 308 ")
    assert f"Location: https://{NAME}/services/portal/?q=x" in answer
    with pytest.raises(OSError, match=r"(?i)unrecognized name|alert|EOF|reset"):
        chain.connect(name="other.example.com")


def test_the_log_has_no_question_and_no_token(chain):
    chain.ask("/services/portal/?q=salaries", authorization=f"Bearer {ADA}", cookie=session())
    log = chain.folder / "access.log"
    until(lambda: '"path":"/services/portal/"' in log.read_text())
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert {"time", "address", "method", "path", "status", "bytes", "seconds", "request_id"} == set(lines[-1])
    assert "salaries" not in log.read_text()
    assert ADA not in log.read_text()


def test_half_of_an_ipv6_address_is_one_address(tmp_path):
    """What a provider gives to one customer is one bucket; a load balancer's word is believed here."""
    (port,) = free_ports(1)
    quick = f"server {{ listen 127.0.0.1:{port}; access_log off; return 200 ok; }}\n"
    balancer = "set_real_ip_from 127.0.0.1;\nreal_ip_header X-Forwarded-For;\n"
    with nginx(tmp_path, port, quick + balancer) as door:
        start = time.monotonic()
        door.statuses([request("/hub/login", x_forwarded_for=f"2001:db8::{n:x}") for n in range(26)])
        assert time.monotonic() - start >= 0.4
        start = time.monotonic()
        door.statuses([request("/hub/login", x_forwarded_for=f"2001:db8:0:{n + 1:x}::1") for n in range(26)])
        assert time.monotonic() - start < 0.4


def test_nginx_finds_no_fault_with_the_file(tmp_path):
    path, *_ = moved(tmp_path, 8000)
    found = subprocess.run(
        ["nginx", "-t", "-p", str(tmp_path), "-c", str(path)], check=False, capture_output=True, text=True
    )
    assert found.returncode == 0, found.stderr
    assert "warn" not in found.stderr
