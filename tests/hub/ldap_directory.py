"""A directory of people and groups, served by LDAP over TLS.

As a program: ``ldap_directory.py LDIF PORT CERTIFICATE KEY``.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from ldaptor.inmemory import fromLDIFFile
from ldaptor.interfaces import IConnectedLDAPEntry
from ldaptor.protocols.ldap.ldapserver import LDAPServer
from twisted.internet import reactor, ssl
from twisted.internet.protocol import ServerFactory
from twisted.python.components import registerAdapter


class Directory(ServerFactory):
    """Gives each connection the tree."""

    protocol = LDAPServer

    def __init__(self, root: Any) -> None:
        self.root = root


def main(ldif: str, port: str, certificate: str, key: str) -> None:
    """Serve until SIGTERM."""
    registerAdapter(lambda directory: directory.root, Directory, IConnectedLDAPEntry)
    keys = ssl.DefaultOpenSSLContextFactory(key, certificate)

    def serve(root: Any) -> None:
        reactor.listenSSL(int(port), Directory(root), keys, interface="127.0.0.1")

    with Path(ldif).open("rb") as file:
        fromLDIFFile(file).addCallback(serve)
    reactor.run()


if __name__ == "__main__":
    main(*sys.argv[1:])
