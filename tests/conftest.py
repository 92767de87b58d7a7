"""What several test modules share."""

from __future__ import annotations

import os

import pytest

from aurora_widgets import demo


@pytest.fixture(scope="session")
def sample(tmp_path_factory):
    """The sample data, made once for all workers of a run."""
    base = tmp_path_factory.getbasetemp()
    return demo.prepare(parent=base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base)
