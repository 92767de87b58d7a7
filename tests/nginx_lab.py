"""The nginx.conf that is shipped, run by a real nginx as an ordinary process on free ports."""

from __future__ import annotations

import contextlib
import itertools
import re
import socket
import ssl
import subprocess
from pathlib import Path

from certipy import Certipy
from service_lab import until

CONFIG = Path(__file__).parents[1] / "hub_config" / "nginx.conf"
NAME = "aurora.example.com"


def free_ports(count):
    with contextlib.ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]


def moved(folder, upstream, extra=""):
    """Return the shipped configuration with its ports and paths exchanged, and nothing else."""
    plain, tls = free_ports(2)
    store = Certipy(store_dir=str(folder / "tls"))
    store.create_ca("ca")
    pair = store.create_signed_pair("server", "ca", alt_names=[f"DNS:{NAME}"])["files"]
    text = CONFIG.read_text()
    exchanged = {
        "user www-data;\n": "daemon off;\n",
        "/run/nginx.pid": f"{folder}/pid",
        "/run/nginx-body": f"{folder}/body",
        "/var/log/nginx/error.log": f"{folder}/error.log",
        "/var/log/nginx/aurora.log": f"{folder}/access.log",
        "/etc/aurora/tls/fullchain.pem": pair["cert"],
        "/etc/aurora/tls/privkey.pem": pair["key"],
        "listen 80": f"listen {plain}",
        "listen 443": f"listen {tls}",
        "server 127.0.0.1:8000": f"server 127.0.0.1:{upstream}",
        "http {\n": f"http {{\n{extra}"
        + "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in ("proxy", "fastcgi", "uwsgi", "scgi")),
    }
    for old in exchanged:
        assert old in text, f"the shipped file has no {old!r}"
    # All at once: a free port may begin with one that is exchanged.
    text = re.sub("|".join(map(re.escape, exchanged)), lambda found: exchanged[found[0]], text)
    path = folder / "nginx.conf"
    path.write_text(text)
    authority = folder / "tls" / "ca" / "ca.crt"
    return path, plain, tls, authority


@contextlib.contextmanager
def nginx(folder, upstream, extra=""):
    """Run it; gives a door to it."""
    path, plain, tls, authority = moved(folder, upstream, extra)
    with (folder / "stderr").open("w") as complaints:
        process = subprocess.Popen(["nginx", "-p", str(folder), "-c", str(path)], stderr=complaints)

    def ready():
        assert process.poll() is None, (folder / "stderr").read_text()
        if not (folder / "pid").exists():  # it has no port yet, so whoever answers there is not nginx
            return False
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", tls), 1):
            return True
        return False

    try:
        until(ready)
        yield Door(plain, tls, authority, folder)
    finally:
        process.terminate()
        process.wait(20)


class Door:
    """Where a nginx listens, and how a browser that trusts it connects from some address."""

    def __init__(self, plain, tls, authority, folder):
        self.plain, self.tls, self.folder = plain, tls, folder
        self.context = ssl.create_default_context(cafile=str(authority))

    def connect(self, source="127.0.0.1", name=NAME):
        bare = socket.create_connection(("127.0.0.1", self.tls), 20, (source, 0))
        return self.context.wrap_socket(bare, server_hostname=name)

    def ask(self, path="/", *, source="127.0.0.1", method="GET", body=b"", **headers):
        """Ask one question; gives its answer."""
        with self.connect(source) as sent:
            sent.sendall(request(path, method=method, body=body, **headers))
            return next(answers(sent))

    def pipelined(self, requests, source="127.0.0.1"):
        """Send requests on one connection, all at once; gives their answers."""
        with self.connect(source) as sent:
            sent.sendall(b"".join(requests))
            return list(itertools.islice(answers(sent), len(requests)))

    def statuses(self, requests, source="127.0.0.1"):
        return [answer.status for answer in self.pipelined(requests, source)]


class Answer:
    """Status, headers as they came (a name may come twice), body."""

    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def __getitem__(self, name):
        found = [value for key, value in self.headers if key == name.lower()]
        assert len(found) <= 1, f"{name} came {len(found)} times: {found}"
        return found[0] if found else None


def request(path="/", method="GET", body=b"", **headers):
    headers = {"host": NAME, **{name.replace("_", "-"): value for name, value in headers.items()}}
    if body:
        headers["content-length"] = str(len(body))
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode() + body


def answers(sent):
    """Read one answer after the other from a connection."""
    with sent.makefile("rb") as file:
        while line := file.readline():
            status = int(re.fullmatch(rb"HTTP/1\.1 (\d+) .*\r\n", line)[1])
            headers = []
            while (line := file.readline()) != b"\r\n":
                name, _, value = line.decode("latin-1").partition(":")
                headers.append((name.lower(), value.strip()))
            yield Answer(status, headers, _body(file, status, dict(headers)))


def _body(file, status, headers):
    if status in {101, 204, 304}:
        return b""
    if headers.get("transfer-encoding") != "chunked":
        return file.read(int(headers.get("content-length", 0)))
    parts = []
    while size := int(file.readline(), 16):
        parts.append(file.read(size))
        file.readline()
    file.readline()
    return b"".join(parts)
