"""`aurora sizing`: the table, the arithmetic against a simulation of its own, and its refusals."""

from __future__ import annotations

import heapq
import json
import random

import pytest

from aurora_widgets import cli, settings
from aurora_widgets.portal import sizing

LIMITS = settings.load({})


def load(users, every=10.0, seconds=4.0, wait=2.0):
    return sizing.Load(users, every, seconds, wait)


def sized(capsys, *arguments):
    code = cli.main(["sizing", *arguments])
    told = capsys.readouterr()
    return code, told.out, told.err


def test_the_table_has_the_four_sizes_and_marks_the_one_that_fits(capsys):
    code, out, _ = sized(capsys, "--users", "200")
    assert code == 0
    rows = [line.split() for line in out.splitlines() if "×" in line and "processes" not in line.lower()]
    assert [" ".join(row[row.index("×") - 1 : row.index("×") + 2]) for row in rows] == [
        "1 × 10", "2 × 15", "4 × 20", "8 × 25",
    ]  # fmt: skip
    assert [row[0] == "→" for row in rows] == [False, False, False, True]
    assert "Set API_PROCESSES=8 ORACLE_MAX_POOL=25 QUERY_TIMEOUT_SECONDS=120." in out
    assert "needs 221 SESSIONS free" in out


@pytest.mark.parametrize(
    ("users", "processes", "pool"), [(1, 1, 10), (10, 1, 10), (25, 2, 15), (100, 4, 20), (200, 8, 25)]
)
def test_the_smallest_size_that_is_enough_is_chosen(users, processes, pool):
    chosen = sizing.sizing(load(users), LIMITS).chosen
    assert (chosen.processes, chosen.pool, chosen.connections) == (processes, pool, processes * pool)
    assert chosen.users >= users


def test_more_than_one_machine_holds_are_spread_over_several(capsys):
    found = sizing.sizing(load(1000), LIMITS)
    assert not found.chosen.fits
    assert found.hosts * found.chosen.users >= 1000 > (found.hosts - 1) * found.chosen.users
    _, out, _ = sized(capsys, "--users", "1000")
    assert f"on each of {found.hosts} hosts, with LIMITS_STORAGE" in out


def test_sessions_are_compared_with_the_databases(capsys):
    _, out, _ = sized(capsys, "--users", "200", "--sessions", "472")
    assert "Of the database's 472 SESSIONS that takes 221 and leaves 251." in out
    _, out, _ = sized(capsys, "--users", "200", "--oracle-processes", "100")
    assert "The database has 172 SESSIONS, 49 fewer than that takes" in out


def test_a_machine_reads_the_same_numbers(capsys):
    _, out, _ = sized(capsys, "--users", "200", "--sessions", "472", "--json")
    told = json.loads(out)
    assert told["chosen"]["connections"] == 200
    assert told["chosen"]["sessions"] == 221
    assert told["database_sessions"] == 472
    assert [row["users"] for row in told["rows"]] == sorted(row["users"] for row in told["rows"])


def test_quicker_questions_need_fewer_connections():
    assert sizing.sizing(load(200, seconds=0.2), LIMITS).chosen.connections == 10
    quicker = [sizing.sizing(load(1, seconds=s), LIMITS).rows[0].users for s in (0.5, 1, 2, 4, 8)]
    assert quicker == sorted(quicker, reverse=True)


def test_memory_grows_by_a_kernel_a_person_and_a_lab_an_analyst():
    few, more = (sizing.memory_mb(1, users, LIMITS) for users in (10, 110))
    assert more - few == pytest.approx(100 * sizing.KERNEL_MB, abs=1)
    assert sizing.memory_mb(1, 10, LIMITS, analysts=3) - few == 3 * sizing.ANALYST_MB
    assert sizing.memory_mb(2, 10, LIMITS) - few == sizing.WORKER_MB + 256


def test_two_hundred_people_weigh_what_they_did_when_they_were_measured():
    """2,878 MB, of which some 160 were the cache (benchmarks/README.md)."""
    limits = settings.load({"CACHE_MAX_BYTES": "160000000"})
    assert sizing.memory_mb(1, 200, limits) == pytest.approx(2878, rel=0.01)


@pytest.mark.parametrize(("pool", "busy"), [(10, 4.4), (10, 8.0), (25, 20.0)])
def test_the_share_that_comes_too_late_is_what_a_simulation_finds(pool, busy):
    """Two hundred thousand questions that come and take as long as they do by chance."""
    chance = random.Random(7)  # noqa: S311  the same each time
    seconds, wait = 4.0, 2.0
    free_at = [0.0] * pool
    now, late, asked = 0.0, 0, 200_000
    for _ in range(asked):
        now += chance.expovariate(busy / seconds)
        begun = max(now, heapq.heappop(free_at))
        late += begun - now > wait
        heapq.heappush(free_at, begun + chance.expovariate(1 / seconds))
    share = sizing._late(pool, busy, load(1, seconds=seconds, wait=wait))
    assert share == pytest.approx(late / asked, rel=0.15, abs=0.0005)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--users", "0"], "Say how many people, from 1 to 1,000,000."),
        (["--users", "-5"], "Say how many people, from 1 to 1,000,000."),
        (["--users", "5000000"], "Say how many people, from 1 to 1,000,000."),
        (["--users", "many"], "invalid int value"),
        (["--users", "10", "--seconds", "0"], "more than 0"),
        (["--users", "10", "--every", "nan"], "more than 0"),
        (["--users", "10", "--seconds", "1e9"], "no pool a free connection"),
        ([], "--users"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(capsys, arguments, said):
    code, out, err = sized(capsys, *arguments)
    assert (code, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1
