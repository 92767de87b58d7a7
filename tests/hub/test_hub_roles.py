"""Who may do what at the hub."""

from __future__ import annotations

import pytest
from hub_lab import Hub


def test_after_the_log_in_a_business_user_is_at_the_portal(hub: Hub) -> None:
    with hub.person("business") as client:
        answer = client.get("hub/")
        assert answer.url == hub.portal
        assert answer.status_code == 200


@pytest.mark.parametrize("name", ["business", "operator"])
def test_who_is_no_analyst_can_start_no_server(hub: Hub, name: str) -> None:
    with hub.person(name) as client:
        assert client.get("hub/spawn").status_code == 403
