"""How much memory there is for one more page: of the machine, and of its unit or container."""

from __future__ import annotations

from pathlib import Path
from typing import Final

_MACHINE: Final = Path("/proc/meminfo")
_OWN_GROUP: Final = Path("/proc/self/cgroup")
_GROUPS: Final = Path("/sys/fs/cgroup")


def free_memory(machine: Path = _MACHINE, own_group: Path = _OWN_GROUP, groups: Path = _GROUPS) -> int | None:
    """Return the bytes that new processes may have, or ``None`` where that is not known.

    A unit's ``MemoryMax`` and a container's limit are those of control groups (version 2), each within its
    parent. Past it the kernel kills what it likes, so that it has to be seen before.

    Parameters
    ----------
    machine
        What Linux says of the machine's memory.
    own_group, groups
        Which control group this process is in, and where they are.
    """
    found = [_of_machine(machine)]
    own = next((line[3:] for line in _lines(own_group) if line.startswith("0::")), None)
    if own is not None:
        group = groups / own.strip("/")
        found += [_of_group(folder) for folder in (group, *group.parents) if folder.is_relative_to(groups)]
    return min((size for size in found if size is not None), default=None)


def _of_machine(path: Path) -> int | None:
    return next(
        (int(line.split()[1]) * 1024 for line in _lines(path) if line.startswith("MemAvailable:")), None
    )


def _of_group(folder: Path) -> int | None:
    most, used = _lines(folder / "memory.max"), _lines(folder / "memory.current")
    if not most or not used or most[0] == "max":
        return None
    # What was read from files and not looked at for long is given back before anything is killed.
    kept = next(
        (
            int(line.split()[1])
            for line in _lines(folder / "memory.stat")
            if line.startswith("inactive_file ")
        ),
        0,
    )
    return int(most[0]) - int(used[0]) + kept


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="ascii").splitlines()
    except OSError:
        return []
