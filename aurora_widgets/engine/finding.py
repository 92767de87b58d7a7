"""From what a person names (files, folders, frames) to sources, each of which can be opened.

A file's table is named after its stem; a folder's own files are its tables, sub-folders and
names that begin with ``.`` or ``_`` are passed over.
"""

from __future__ import annotations

import itertools
import math
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from aurora_widgets.engine import frames
from aurora_widgets.engine.names import writable
from aurora_widgets.errors import SourceInvalid

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Kind = Literal["parquet", "csv", "database", "frame"]

_KINDS: dict[str, Kind] = {
    ".parquet": "parquet",
    ".parq": "parquet",
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".duckdb": "database",
    ".ddb": "database",
    ".db": "database",
}

_SETTLED_SECONDS = 1.1

_LOOKS = itertools.count(1)
"""Each look at a frame that can be changed in place finds it changed: nothing cheap tells otherwise."""


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """One thing to open.

    Parameters
    ----------
    name
        The table's name; for a database file empty (its tables have names), or the one table wanted.
    kind
        How it is read.
    path
        The file, unless it is a frame.
    frame
        The table in memory, if it is one.
    slot
        Its number among the sources, for names within the engine.
    """

    name: str
    kind: Kind
    path: Path = Path()
    frame: object = None
    slot: int = 0

    def signature(self) -> tuple[int, int, int] | None:
        """Return what changes when the file does, or when the frame may have; ``None`` where it is gone."""
        if self.kind == "frame":
            return (next(_LOOKS) if frames.changeable(self.frame) else 0), 0, 0
        try:
            stat = self.path.stat()
        except OSError:
            return None
        return stat.st_mtime_ns, stat.st_size, stat.st_ino

    def unsettled(self) -> float:
        """Return the seconds until the second is over in which the file was written, 0 if it is.

        Until then it may be written again and look the same to DuckDB, which tells files apart by that
        second and their size.
        """
        if self.kind == "frame":
            return 0.0
        try:
            written = self.path.stat().st_mtime
        except OSError:
            return 0.0
        return max(0.0, math.floor(written) + _SETTLED_SECONDS - time.time())


def find(paths: Iterable[Path | str], tables: Mapping[str, object]) -> tuple[Source, ...]:
    """Return what is to be opened.

    Parameters
    ----------
    paths
        Files and folders.
    tables
        Files and frames by the name that their table is to have.

    Raises
    ------
    SourceInvalid
        A path is not there or is of no known kind, or two would make tables of one name.
    """
    found: list[Source] = []
    for given in paths:
        path = Path(given).expanduser()
        found.extend(_in_folder(path) if path.is_dir() else [_file(path, None)])
    for name, thing in tables.items():
        if isinstance(thing, str | Path):
            found.append(_file(Path(thing).expanduser(), writable(str(name))))
        else:
            found.append(Source(writable(str(name)), "frame", frame=thing))
    _refuse_twins(found)
    return tuple(replace(source, slot=slot) for slot, source in enumerate(found))


def _in_folder(folder: Path) -> list[Source]:
    entries = sorted(entry for entry in folder.iterdir() if not entry.name.startswith((".", "_")))
    sources = [_file(entry, None) for entry in entries if entry.suffix.lower() in _KINDS and entry.is_file()]
    if not sources:
        raise SourceInvalid(f"The folder {folder} holds no Parquet, CSV or DuckDB file.")
    return sources


def _file(path: Path, name: str | None) -> Source:
    path = path.absolute()
    if path.is_dir():
        raise SourceInvalid(f"{path} is a folder; a table is made of one file.")
    if not path.exists():
        raise SourceInvalid(f"There is no file {path}.")
    if not path.is_file():
        raise SourceInvalid(f"{path} is a device or a pipe; save it as a file first.")
    kind = _KINDS.get(path.suffix.lower()) or _kind_by_content(path)
    if kind is None:
        raise SourceInvalid(
            f"{path.name} is of a kind that cannot be opened; Parquet, CSV and DuckDB files can.",
        )
    if name is None:
        name = "" if kind == "database" else writable(path.stem)
    return Source(name, kind, path=path)


def _kind_by_content(path: Path) -> Kind | None:
    """Return what the first bytes tell of a file whose name tells nothing."""
    try:
        with path.open("rb") as file:
            head = file.read(12)
    except OSError as error:
        raise SourceInvalid(f"{path.name} cannot be read: {error.strerror}.") from error
    if head[:4] == b"PAR1":
        return "parquet"
    return "database" if head[8:12] == b"DUCK" else None


def _refuse_twins(sources: Iterable[Source]) -> None:
    seen: dict[str, Source] = {}
    for source in sources:
        if source.kind == "database" and not source.name:
            continue
        if not source.name.strip():
            raise SourceInvalid(f"{_where(source)} has no name to call its table by.")
        other = seen.setdefault(source.name, source)
        if other is not source:
            raise SourceInvalid(
                f"Two tables would be named {source.name}: {_where(other)} and {_where(source)}; "
                "rename one, or open only one of them.",
            )


def _where(source: Source) -> str:
    return "a table in memory" if source.kind == "frame" else str(source.path)
