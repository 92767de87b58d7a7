"""Log-in by a directory: the production file as it ships, against a real server of LDAP over TLS."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path

import httpx
import pytest
from certipy import Certipy
from hub_lab import Hub, running, shipped, sign_in
from served import free_port, started, wait_for

from aurora_widgets.portal.hub_wiring import Wiring

PEOPLE = ("ada", "bo", "cleo", "eve")
GROUPS = """\
dn: dc=example,dc=com
objectClass: dcObject
objectClass: organization
o: Example
dc: example

dn: ou=people,dc=example,dc=com
objectClass: organizationalUnit
ou: people

dn: ou=groups,dc=example,dc=com
objectClass: organizationalUnit
ou: groups

dn: cn=aurora,ou=groups,dc=example,dc=com
objectClass: groupOfNames
cn: aurora
member: uid=ada,ou=people,dc=example,dc=com
member: uid=bo,ou=people,dc=example,dc=com

dn: cn=analysts,ou=groups,dc=example,dc=com
objectClass: groupOfUniqueNames
cn: analysts
uniqueMember: uid=ada,ou=people,dc=example,dc=com

dn: cn=operators,ou=groups,dc=example,dc=com
objectClass: posixGroup
cn: operators
gidNumber: 5000
memberUid: cleo

"""
"""Groups of the three kinds that directories have."""
PERSON = """\
dn: uid={name},ou=people,dc=example,dc=com
objectClass: inetOrgPerson
uid: {name}
cn: {name}
sn: {name}
userPassword: not-for-logs-{name}

"""
TRY = """
import sys
from ldapauthenticator import LDAPAuthenticator
from traitlets.config.loader import PyFileConfigLoader

log_in = LDAPAuthenticator(config=PyFileConfigLoader(sys.argv[1], ".").load_config())
connection = log_in.get_connection("uid=bo,ou=people,dc=example,dc=com", "not-for-logs-bo")
print("bound:", connection.bound)
"""


@dataclass
class Directory:
    """A server of LDAP that runs."""

    port: int
    authority: Path
    """Who vouches for its certificate."""
    process: subprocess.Popen[bytes]

    def config(self, folder: Path, authority: Path) -> Path:
        """The shipped file for this server, which this authority has to vouch for."""
        return shipped(
            folder,
            authenticator_class='"ldap"',
            server_address=f'"127.0.0.1"; ldap.server_port = {self.port}',
            tls_kwargs=f'{{"validate": ssl.CERT_REQUIRED, "ca_certs_file": "{authority}"}}',
        )


def authority(folder: Path) -> tuple[Certipy, Path]:
    """Make a certificate authority."""
    store = Certipy(store_dir=str(folder))
    store.create_ca("ca")
    return store, folder / "ca" / "ca.crt"


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Directory]:
    folder, port = tmp_path_factory.mktemp("directory"), free_port()
    store, certificate = authority(folder / "tls")
    pair = store.create_signed_pair("server", "ca", alt_names=["IP:127.0.0.1"])["files"]
    tree, log = folder / "tree.ldif", folder / "log.txt"
    tree.write_text(GROUPS + "".join(PERSON.format(name=name) for name in PEOPLE))
    program = Path(__file__).with_name("ldap_directory.py")
    process = started([sys.executable, str(program), str(tree), str(port), pair["cert"], pair["key"]], log)
    try:
        wait_for(lambda: _listens(port), process, log)
        yield Directory(port, certificate, process)
    finally:
        process.terminate()
        process.wait(10)


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
        return True
    return False


@pytest.fixture(scope="module")
def firm(directory: Directory, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """A portal whose people are in the directory."""
    folder = tmp_path_factory.mktemp("firm")
    with running(folder, "--config", str(directory.config(folder, directory.authority))) as hub:
        yield hub


@contextlib.contextmanager
def person(hub: Hub, name: str, password: str = "") -> Iterator[tuple[httpx.Client, int]]:
    """Somebody who tries to log in, and the status of the answer."""
    with httpx.Client(base_url=hub.url, follow_redirects=True, timeout=30) as client:
        yield client, sign_in(client, name, password or f"not-for-logs-{name}").status_code


def test_a_directory_s_groups_give_the_roles(firm: Hub) -> None:
    with person(firm, "bo") as (bo, status):
        assert status == 200
        assert bo.get("hub/", follow_redirects=False).headers["location"] == "/services/portal/"
        assert bo.get("hub/spawn").status_code == 403
        assert bo.get("hub/admin").status_code == 403
    with person(firm, "cleo") as (cleo, _):
        assert cleo.get("hub/admin").status_code == 200
        assert cleo.get("hub/spawn").status_code == 403
    with person(firm, "ada") as (ada, _):
        assert "JupyterLab" in ada.get("hub/home").text
        assert ada.get("hub/admin").status_code == 403


@pytest.mark.parametrize(
    ("name", "password"),
    [("eve", ""), ("bo", "wrong"), ("nobody", ""), ("*", ""), ("bo,ou=people", ""), ("bo)(uid=*", "")],
)
def test_whoever_the_directory_does_not_vouch_for_does_not_get_in(
    firm: Hub, name: str, password: str
) -> None:
    with person(firm, name, password) as (client, status):
        assert status == 403
        assert "/hub/login" in str(client.get("hub/home").url)


def test_no_password_is_in_a_log(firm: Hub) -> None:
    with person(firm, "bo"), person(firm, "eve"):
        assert "not-for-logs" not in firm.log.read_text()


def test_a_server_that_nobody_vouches_for_is_told_no_password(directory: Directory, tmp_path: Path) -> None:
    def tried(authority: Path) -> str:
        config = directory.config(tmp_path, authority)
        wiring = Wiring(**{field.name: f"http://127.0.0.1/{field.name}" for field in fields(Wiring)})
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", TRY, config.name],
            check=False,
            cwd=tmp_path,
            env={**os.environ, **wiring.environment()},
            capture_output=True,
            text=True,
        )
        return done.stdout + done.stderr

    assert "bound: True" in tried(directory.authority)
    assert "CERTIFICATE_VERIFY_FAILED" in tried(authority(tmp_path / "tls")[1])


def test_while_the_directory_is_away_people_are_told_to_come_back(firm: Hub, directory: Directory) -> None:
    """The last of these tests: it ends the directory."""
    directory.process.terminate()
    directory.process.wait(10)
    with httpx.Client(base_url=firm.url, follow_redirects=True, timeout=30) as client:
        answer = sign_in(client, "bo", "not-for-logs-bo")
        assert answer.status_code == 503
        assert "Log-ins can&#39;t be checked at the moment; try again in a few minutes." in answer.text
        assert 'value="bo"' in answer.text
    (line,) = [line for line in firm.log.read_text().splitlines() if "LDAPSocketOpenError" in line]
    assert json.loads(line)["message"] == "A log-in could not be checked"
    assert "not-for-logs" not in firm.log.read_text()
