"""Every limit, each as one row: name, environment variable, default, help.

The documentation is made from this table, and nothing else in the code writes a
limit down.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aurora_widgets.errors import AuroraError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Value = int | float | str | None

_MOST = 2**53
_LONGEST = 10**9  # seconds; what a thread can wait for is not much longer


class SettingInvalid(AuroraError):
    """An environment variable that cannot be read as its setting."""

    code = "SETTING_INVALID"


@dataclass(frozen=True, slots=True)
class Setting:
    """One limit.

    Parameters
    ----------
    name
        The environment variable, which is also the key in ``Settings``.
    default
        What holds when the variable is absent.
    help
        One line for the operator, with the unit.
    parse
        Text of the variable to the value; raises ``ValueError`` for what it refuses.
    """

    name: str
    default: Value
    help: str
    parse: Callable[[str], Value]


def _whole(text: str) -> int:
    number = int(text.replace("_", "").replace(",", ""))
    if not 0 <= number <= _MOST:
        raise ValueError(text)
    return number


def _some(text: str) -> int:
    number = _whole(text)
    if number == 0:
        raise ValueError(text)
    return number


def _seconds(text: str) -> float:
    number = float(text)
    if not 0 <= number <= _LONGEST:
        raise ValueError(text)
    return number


def _deadline(text: str) -> float:
    number = _seconds(text)
    if number == 0:
        raise ValueError(text)
    return number


_UNITS = {"": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "kib": 2**10, "mib": 2**20, "gib": 2**30}


def _bytes(text: str) -> int:
    digits = text.strip().rstrip("KkMmGgIiBb ")
    unit = text.strip()[len(digits) :].strip().lower()
    number = float(digits) * _UNITS[unit]
    if not 0 <= number <= _MOST:
        raise ValueError(text)
    return int(number)


def _memory(text: str) -> str:
    found = re.fullmatch(r"(\d+(?:\.\d+)?) ?(%|[KMGT]i?B)", text, re.IGNORECASE)
    if found is None or not float(found[1]) or (found[2] == "%" and float(found[1]) > 100):  # noqa: PLR2004
        raise ValueError(text)
    return text


def _level(text: str) -> str:
    if text.lower() not in {"info", "warning", "error"}:
        raise ValueError(text)
    return text.lower()


def _rate(text: str) -> str:
    count, _, window = text.partition("/")
    if int(count) < 1 or window.strip() not in {"second", "minute", "hour"}:
        raise ValueError(text)
    return f"{int(count)}/{window.strip()}"


def _groups(text: str) -> str:
    names = [name.strip() for name in text.split(",")]
    if not all(names):
        raise ValueError(text)
    return ",".join(names)


SETTINGS: tuple[Setting, ...] = (
    Setting("API_PROCESSES", 1, "Worker processes of the query service.", _some),
    Setting("ORACLE_MIN_POOL", 2, "Oracle connections kept open, per process.", _whole),
    Setting("ORACLE_MAX_POOL", 10, "Oracle connections at most, per process.", _some),
    Setting("POOL_WAIT_SECONDS", 2.0, "How long a question waits for a connection; then 503.", _seconds),
    Setting("PREVIEW_PAGE_ROWS", 50, "Rows of a page unless asked otherwise.", _some),
    Setting("PREVIEW_MAX_ROWS", 500, "Rows of a page at most; a larger one is cut and says so.", _some),
    Setting(
        "CELL_MAX_CHARACTERS",
        10_000,
        "Text of a cell shown on a page; a longer one is cut and says so.",
        _some,
    ),
    Setting("SAMPLE_ROWS", 50, "Rows of an example or of a join's sample.", _some),
    Setting("MAX_ROW_LIMIT", 100_000, "How far counts and paging go.", _some),
    Setting("QUERY_TIMEOUT_SECONDS", 60.0, "Deadline of one question; 120 for 200 users.", _deadline),
    Setting("EXPORT_EXCEL_MAX_ROWS", 100_000, "Rows of an Excel export; more is refused first.", _some),
    Setting("EXPORT_QUEUE_MAX", 50, "Exports waiting at most.", _whole),
    Setting("PREVIEW_RATE_LIMIT", "60/minute", "Pages of one user, over all processes.", _rate),
    Setting("EXPORT_RATE_LIMIT", "5/minute", "Exports of one user, over all processes.", _rate),
    Setting("HELPER_RATE_LIMIT", "300/minute", "Counts, values and samples of one user.", _rate),
    Setting("USER_MAX_TASKS", 2, "Pages and exports at once, per user.", _some),
    Setting(
        "EXPLAIN_PLAN_THRESHOLD",
        1_000_000,
        "Estimated rows out of a join, sort or aggregate (Oracle).",
        _whole,
    ),
    Setting("FILTER_MAX_DEPTH", 32, "Levels of groups in a filter.", _some),
    Setting("FILTER_MAX_CONDITIONS", 1_000, "Conditions in a filter; a list of values is one.", _some),
    Setting("QUERY_MAX_BYTES", 1_000_000, "Size of a document.", _bytes),
    Setting("QUERY_MAX_STEPS", 100, "Steps of a document.", _some),
    Setting("RESULT_MAX_ROWS", 1_000_000, "Rows of a whole result for a notebook.", _some),
    Setting("RESULT_GROUPS", "analysts", "Groups that may fetch whole results; * is everybody.", _groups),
    Setting(
        "METRICS_GROUPS", "operators", "Groups that may read the figures from elsewhere; * likewise.", _groups
    ),
    Setting("DUCKDB_POOL", 8, "DuckDB cursors at once, per process.", _some),
    Setting(
        "DUCKDB_MEMORY_LIMIT",
        "60%",
        "DuckDB's memory in all processes of a service, such as 4GB; a percentage is of the machine's.",
        _memory,
    ),
    Setting(
        "DUCKDB_COST_THRESHOLD",
        100_000_000,
        "Estimated rows out of a join, sort or aggregate (DuckDB).",
        _whole,
    ),
    Setting("CACHE_MAX_BYTES", 256_000_000, "Bytes of pages kept, per process.", _bytes),
    Setting("NOTEBOOK_CACHE_MAX_BYTES", 32_000_000, "Bytes of pages kept in a notebook's kernel.", _bytes),
    Setting("KERNELS_PER_USER", 4, "Open portal pages of one user.", _some),
    Setting("KERNELS_MAX", 250, "Open portal pages of all users together.", _some),
    Setting("KERNEL_STARTS", 4, "Portal kernels that start at once; more wait for their turn.", _some),
    Setting("KERNEL_IDLE_SECONDS", 900, "Idle seconds after which a portal kernel ends.", _whole),
    Setting(
        "KERNEL_LEFT_SECONDS",
        60.0,
        "After which a portal kernel ends whose page's connection is gone.",
        _deadline,
    ),
    Setting("KERNEL_MEMORY_MB", 512, "Memory ceiling of a portal kernel.", _whole),
    Setting("LOG_LEVEL", "info", "The least grave lines that are logged: info, warning or error.", _level),
    Setting("LIMITS_STORAGE", None, "A Redis URL where service processes span hosts.", str),
)


@dataclass(frozen=True, slots=True)
class Settings:
    """The values in force; ``settings.whole("PREVIEW_PAGE_ROWS")`` reads one."""

    values: Mapping[str, Value]

    def __getitem__(self, name: str) -> Value:
        return self.values[name]

    def whole(self, name: str) -> int:
        """Return a setting that is a whole number."""
        value = self.values[name]
        if not isinstance(value, int):
            raise TypeError(name)
        return value

    def seconds(self, name: str) -> float:
        """Return a setting that is a number of seconds."""
        value = self.values[name]
        if not isinstance(value, int | float):
            raise TypeError(name)
        return float(value)

    def text(self, name: str) -> str:
        """Return a setting that is text."""
        value = self.values[name]
        if not isinstance(value, str):
            raise TypeError(name)
        return value

    def replace(self, **changes: Value) -> Settings:
        """Return the same settings with some changed; an unknown name raises ``KeyError``."""
        for name in changes:
            if name not in self.values:
                raise KeyError(name)
        return Settings({**self.values, **changes})


def load(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from the environment.

    Parameters
    ----------
    environment
        Variables to read; the process's own by default.

    Raises
    ------
    SettingInvalid
        A variable is set to what its setting does not accept.
    """
    found = os.environ if environment is None else environment
    values: dict[str, Value] = {}
    for setting in SETTINGS:
        text = found.get(setting.name, "").strip()
        if not text:
            values[setting.name] = setting.default
            continue
        try:
            values[setting.name] = setting.parse(text)
        except (ValueError, KeyError) as error:
            raise SettingInvalid(
                f"{setting.name}={text!r} is not valid: {setting.help} The default is {setting.default!r}."
            ) from error
    return Settings(values)
