"""The portal: Voila with one notebook behind the hub's log-in, for all business users in one process.

``python -m aurora_widgets.portal.app`` is a service of the hub, or what a spawner starts for one user.
"""

from __future__ import annotations

import logging
import os
import resource
import sys

from aurora_widgets import settings
from aurora_widgets.portal import page
from aurora_widgets.service import logs


def main() -> None:
    """Serve the portal as the hub's environment says, until SIGTERM or Ctrl+C."""
    logs.configure()
    root = logging.getLogger()
    logging.getLogger("aurora_widgets").setLevel(root.level)
    root.setLevel(max(root.level, logging.WARNING))  # below it libraries name sessions
    logging.getLogger("tornado").setLevel(logging.ERROR)  # it warns of each websocket without a reason
    limits = settings.load()
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    # jsonschema's grammar of addresses takes 1.5 s and 15 MB to import, and nothing here asks for it.
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    from aurora_widgets.portal.server import Portal, configured  # noqa: PLC0415  after that

    address = os.environ.get("JUPYTERHUB_SERVICE_URL", "http://127.0.0.1:8866")
    portal = Portal.instance(config=configured(address, os.environ.get("JUPYTERHUB_SERVICE_PREFIX", "/")))
    portal.log = logging.getLogger("voila")
    portal.limits = limits
    portal.initialize([str(page.notebook())])
    portal.start()


if __name__ == "__main__":
    main()
