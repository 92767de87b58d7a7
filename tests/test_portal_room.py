"""How much memory there is for one more page, by files as Linux has them."""

from __future__ import annotations

from pathlib import Path

import pytest

from aurora_widgets.portal.room import free_memory

MACHINE = "MemTotal:        8000000 kB\nMemFree:          100000 kB\nMemAvailable:    4000000 kB\n"
GIGABYTE = 10**9


@pytest.fixture
def linux(tmp_path: Path) -> Path:
    """A machine with four gigabytes to spare, and this process in a unit of a slice."""
    (tmp_path / "meminfo").write_text(MACHINE)
    (tmp_path / "cgroup").write_text("0::/system.slice/aurora-portal.service\n")
    (tmp_path / "groups" / "system.slice" / "aurora-portal.service").mkdir(parents=True)
    return tmp_path


def limited(folder: Path, most: str, used: int, kept: int = 0) -> None:
    (folder / "memory.max").write_text(f"{most}\n")
    (folder / "memory.current").write_text(f"{used}\n")
    (folder / "memory.stat").write_text(f"anon {used - kept}\nactive_file 0\ninactive_file {kept}\n")


def free(linux: Path) -> int | None:
    return free_memory(linux / "meminfo", linux / "cgroup", linux / "groups")


def test_without_a_limit_it_is_what_the_machine_has(linux: Path) -> None:
    assert free(linux) == 4_096_000_000
    limited(linux / "groups" / "system.slice" / "aurora-portal.service", "max", 3 * GIGABYTE)
    assert free(linux) == 4_096_000_000


def test_a_unit_s_limit_counts_and_what_it_keeps_of_files_is_free(linux: Path) -> None:
    unit = linux / "groups" / "system.slice" / "aurora-portal.service"
    limited(unit, str(2 * GIGABYTE), used=GIGABYTE)
    assert free(linux) == GIGABYTE
    limited(unit, str(2 * GIGABYTE), used=GIGABYTE, kept=GIGABYTE // 2)
    assert free(linux) == GIGABYTE * 3 // 2


def test_so_does_that_of_what_it_is_in(linux: Path) -> None:
    limited(linux / "groups" / "system.slice", str(GIGABYTE), used=GIGABYTE - 10)
    limited(linux / "groups" / "system.slice" / "aurora-portal.service", str(GIGABYTE), used=0)
    assert free(linux) == 10


def test_so_does_that_of_a_container_which_sees_its_own_group_as_the_first(linux: Path) -> None:
    (linux / "cgroup").write_text("0::/\n")
    limited(linux / "groups", str(GIGABYTE), used=400_000_000)
    assert free(linux) == 600_000_000


def test_groups_of_the_first_version_are_not_read(linux: Path) -> None:
    (linux / "cgroup").write_text("4:memory:/docker/ab12\n1:cpu:/\n")
    assert free(linux) == 4_096_000_000


def test_where_nothing_is_told_nothing_is_known(tmp_path: Path) -> None:
    assert free(tmp_path) is None


def test_this_machine_has_some() -> None:
    found = free_memory()
    assert found is None or found > 0
