"""``python -m aurora_widgets.portal.hub_data`` sees that the data can be opened, before anything is started.

A process of its own: what it loads is gone with it.
"""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from aurora_widgets.errors import AuroraError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_REFUSED = 2


class DataUnreadable(AuroraError):
    """Data that can't be opened; the message is the cause's."""

    code = "DATA_UNREADABLE"


def see(paths: Sequence[Path], catalog: Path | None) -> None:
    """Open the data once, elsewhere.

    Raises
    ------
    DataUnreadable
    """
    command = [
        sys.executable,
        "-P",
        "-m",
        __name__,
        "" if catalog is None else str(catalog),
        *map(str, paths),
    ]
    done = subprocess.run(command, check=False, stdin=subprocess.DEVNULL, capture_output=True, text=True)  # noqa: S603
    if done.returncode:
        raise DataUnreadable((done.stderr.strip().splitlines() or ["The data can't be opened."])[-1])


if __name__ == "__main__":
    from aurora_widgets.service.open import open_runner

    try:
        open_runner(*sys.argv[2:], catalog=sys.argv[1] or None).close()
    except AuroraError as error:
        sys.stderr.write(" ".join(error.detail.split()))
        sys.exit(_REFUSED)
