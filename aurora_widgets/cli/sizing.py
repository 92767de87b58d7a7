"""``aurora sizing``: how large a portal has to be for its people."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from aurora_widgets.cli.parser import Commands
    from aurora_widgets.portal.sizing import Sizing

_SIZING = """\
Says how many processes and connections the query service needs for so many people at work at once, what
that takes of Oracle's SESSIONS, and how much memory the machine should have. A person asks every 10
seconds, and a question holds its connection for 4, unless you say otherwise: yours are in the metric
aurora_request_seconds. Memory is reckoned from what 200 people took who worked for ten minutes
(benchmarks/README.md).

  aurora sizing --users 200
  aurora sizing --users 80 --analysts 5 --seconds 1.5 --sessions 472
  aurora sizing --users 200 --json
"""


def add(commands: Commands) -> None:
    """Add the command."""
    sized = commands.add("sizing", "say how large a portal has to be", _SIZING, _sizing)
    sized.add_argument("--users", type=int, required=True, help="people at work at the same time")
    sized.add_argument(
        "--analysts", type=int, default=0, help="people with a JupyterLab of their own, besides (0)"
    )
    sized.add_argument("--every", type=float, default=10, help="seconds between two questions of one (10)")
    sized.add_argument("--seconds", type=float, default=4, help="a question's in the database (4)")
    sized.add_argument("--sessions", type=int, help="the database's SESSIONS, to compare with")
    sized.add_argument(
        "--oracle-processes", type=int, metavar="PROCESSES", help="the database's PROCESSES, if not SESSIONS"
    )
    sized.add_argument("--json", action="store_true", help="print it as JSON")


def _sizing(chosen: argparse.Namespace) -> None:
    from aurora_widgets import settings as limits
    from aurora_widgets.portal.sizing import Load, default_sessions, sizing

    settings = limits.load()
    load = Load(chosen.users, chosen.every, chosen.seconds, settings.seconds("POOL_WAIT_SECONDS"))
    found = sizing(load, settings, chosen.analysts)
    there = chosen.sessions
    if there is None and chosen.oracle_processes is not None:
        there = default_sessions(chosen.oracle_processes)
    if chosen.json:
        print(json.dumps(found.as_json() | {"database_sessions": there}, indent=2))
        return
    _print_table(found)
    _print_database(found, there)


def _print_table(found: Sizing) -> None:
    load, row = found.load, found.chosen
    print(
        f"{load.users:,} people, each with a question of {load.seconds:g} s every {load.every:g} s, "
        f"keep {load.busy:,.1f} connections busy on average.\n"
    )
    print("  processes × pool  connections  enough for  of SESSIONS  memory")
    for each in found.rows:
        mark = "→" if each is row else " "
        print(
            f"{mark} {each.processes:>9} × {each.pool:<4}  {each.connections:>11}  {each.users:>10,}"
            f"  {each.sessions:>11}  {each.memory_mb / 1000:.1f} GB"
        )
    where = f" on each of {found.hosts} hosts, with LIMITS_STORAGE" if found.hosts > 1 else ""
    slow = " QUERY_TIMEOUT_SECONDS=120" if load.users >= 200 else ""  # noqa: PLR2004  as the setting's help has it
    print(f"\nSet API_PROCESSES={row.processes} ORACLE_MAX_POOL={row.pool}{slow}{where}.")
    print("Memory is that of hub, proxy, portal, query service with full caches, and a page a person.")


def _print_database(found: Sizing, there: int | None) -> None:
    needed = found.hosts * found.chosen.sessions
    if there is None:
        print(
            f"The database needs {needed:,} SESSIONS free, and as many PROCESSES as connections; "
            "without SESSIONS set it has 1.5 × PROCESSES + 22."
        )
    elif needed <= there:
        print(f"Of the database's {there:,} SESSIONS that takes {needed:,} and leaves {there - needed:,}.")
    else:
        print(f"The database has {there:,} SESSIONS, {needed - there:,} fewer than that takes: raise them.")
