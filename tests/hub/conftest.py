"""One real hub for all tests of a run: JupyterHub, node proxy, query service, page, sample data."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hub_lab import METRICS_TOKEN, Hub, running


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.hub)
            item.add_marker(pytest.mark.timeout(180))
            if {"chromium", "window"} & set(getattr(item, "fixturenames", ())):
                item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """The hub that tests share: leave it as it was found, and start your own (`running`) to break one."""
    secrets = {"WAREHOUSE_PASSWORD": "not-for-kernels", "AURORA_METRICS_TOKEN": METRICS_TOKEN}
    with running(tmp_path_factory.mktemp("hub"), env=secrets) as found:
        yield found
