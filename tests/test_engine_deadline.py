"""Every statement has a deadline and can be cancelled, and an interrupt never hits another's statement."""

from __future__ import annotations

import signal
import threading
import time

import pyarrow as pa
import pytest

from aurora_widgets import settings
from aurora_widgets.engine.base import Cancellation
from aurora_widgets.engine.duckdb import DuckDBEngine
from aurora_widgets.errors import Cancelled, EngineFailed, PoolExhausted, QueryTimeout

HEAVY = (
    "SELECT count(*) AS n FROM range(1000000000) a, range(1000000000) b WHERE (a.range * b.range) % 7 = $p"
)
ENDLESS = "SELECT a.range AS n FROM range(1000000000) a, range(1000) b"


@pytest.fixture
def engine():
    limits = settings.load({}).replace(DUCKDB_POOL=2, POOL_WAIT_SECONDS=0.1)
    opened = DuckDBEngine.open({"small": pa.table({"n": [1, 2, 3]})}, limits)
    yield opened
    opened.close()


def numbers(engine, sql="SELECT n FROM small", timeout=30.0, cancellation=None):
    rows = engine.execute(sql, {}, timeout=timeout, cancellation=cancellation)
    return [row["n"] for batch in rows for row in batch.to_pylist()]


def test_a_heavy_join_ends_at_its_deadline_and_the_cursor_serves_again(engine):
    for _ in range(4):  # more often than there are cursors
        began = time.monotonic()
        with pytest.raises(QueryTimeout, match=r"longer than 0\.2 seconds"):
            engine.execute(HEAVY, {"p": 3}, timeout=0.2)
        assert time.monotonic() - began < 2
    assert numbers(engine) == [1, 2, 3]


def test_a_cancel_ends_a_heavy_join_at_once(engine):
    cancellation = Cancellation()
    began = []

    def later():
        time.sleep(0.2)
        began.append(time.monotonic())
        cancellation.cancel()

    thread = threading.Thread(target=later)
    thread.start()
    with pytest.raises(Cancelled):
        engine.execute(HEAVY, {"p": 3}, timeout=60, cancellation=cancellation)
    ended = time.monotonic()
    thread.join()
    assert ended - began[0] < 1  # 0.05 on a quiet machine
    assert numbers(engine) == [1, 2, 3]


def test_a_question_cancelled_before_it_starts_never_starts(engine):
    cancellation = Cancellation()
    cancellation.cancel()
    with pytest.raises(Cancelled):
        engine.execute(HEAVY, {"p": 3}, timeout=60, cancellation=cancellation)


def test_the_deadline_holds_while_rows_are_read(engine):
    rows = engine.execute(ENDLESS, {}, timeout=0.3)
    with pytest.raises(QueryTimeout):
        for _ in rows:
            pass
    assert numbers(engine) == [1, 2, 3]


def test_a_result_that_is_not_read_to_the_end_gives_its_cursor_back(engine):
    for _ in range(5):
        rows = engine.execute(ENDLESS, {}, timeout=60)
        assert next(iter(rows)).num_rows > 0
        rows.close()
        rows.close()
    for _ in range(5):
        engine.execute(ENDLESS, {}, timeout=60)  # forgotten, not closed
    assert numbers(engine) == [1, 2, 3]


def test_when_all_cursors_are_busy_the_next_question_is_refused_after_the_wait(engine):
    busy = [engine.execute(ENDLESS, {}, timeout=60) for _ in range(2)]
    began = time.monotonic()
    with pytest.raises(PoolExhausted) as refused:
        numbers(engine)
    assert 0.05 < time.monotonic() - began < 5
    assert refused.value.retry_after == 5
    busy[0].close()
    assert numbers(engine) == [1, 2, 3]
    busy[1].close()


def test_a_late_cancel_never_ends_the_next_question_on_the_same_cursor():
    limits = settings.load({}).replace(DUCKDB_POOL=1, POOL_WAIT_SECONDS=30.0)
    engine = DuckDBEngine.open({"small": pa.table({"n": [1, 2, 3]})}, limits)
    outcomes: set[str] = set()

    def cancelled_soon(pause):
        cancellation = Cancellation()
        timer = threading.Timer(pause, cancellation.cancel)
        timer.start()
        try:
            numbers(engine, cancellation=cancellation)
            outcomes.add("answered")
        except Cancelled:
            outcomes.add("cancelled")
        timer.join()

    for turn in range(120):
        racer = threading.Thread(target=cancelled_soon, args=(0.0003 * (turn % 10),))
        racer.start()
        assert numbers(engine) == [1, 2, 3]
        racer.join()
    assert "answered" in outcomes
    engine.close()


def test_many_threads_each_get_their_own_answer():
    limits = settings.load({}).replace(DUCKDB_POOL=3, POOL_WAIT_SECONDS=30.0)
    engine = DuckDBEngine.open({"small": pa.table({"n": [1, 2, 3]})}, limits)
    wrong = []

    def ask(number):
        for turn in range(20):
            found = numbers(engine, f"SELECT n * {number} + {turn} AS n FROM small")
            if found != [number + turn, 2 * number + turn, 3 * number + turn]:
                wrong.append(found)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    engine.close()


def test_no_thread_is_left_behind(engine):
    numbers(engine)
    before = threading.active_count()
    for _ in range(50):
        numbers(engine)
    until = time.monotonic() + 5
    while threading.active_count() > before and time.monotonic() < until:
        time.sleep(0.01)
    assert threading.active_count() <= before


def test_control_c_ends_the_question_and_the_engine_goes_on(engine):
    threading.Timer(0.3, signal.raise_signal, [signal.SIGINT]).start()
    with pytest.raises(KeyboardInterrupt):
        engine.execute(HEAVY, {"p": 3}, timeout=60)
    assert numbers(engine) == [1, 2, 3]
    assert numbers(engine) == [1, 2, 3]


def test_a_statement_that_fails_is_said_without_the_databases_words(engine, caplog):
    with pytest.raises(EngineFailed) as failed:
        engine.execute("SELECT nothing FROM small", {}, timeout=5)
    assert "nothing" not in failed.value.detail
    assert "nothing" in caplog.text
    assert numbers(engine) == [1, 2, 3]
