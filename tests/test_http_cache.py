"""Answers kept and shared: never stale, never more bytes than allowed, one run for all who ask at once."""

from __future__ import annotations

import threading

import pyarrow as pa
import pytest
from service_lab import until

from aurora_widgets.engine.base import Cancellation
from aurora_widgets.errors import AuroraError, Cancelled, EngineFailed
from aurora_widgets.service.cache import Cache

ROWS = pa.table({"n": [1, 2, 3]})


class Run:
    """A run that ends when the test says so, and counts."""

    def __init__(self, outcome=ROWS):
        self.outcome, self.times, self.stops = outcome, 0, []
        self.go = threading.Event()

    def __call__(self, stop):
        self.times += 1
        self.stops.append(stop)
        stop.on_cancel(self.go.set)
        assert self.go.wait(20)
        if stop.cancelled:
            raise Cancelled("The question was cancelled.")
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


class Asking(threading.Thread):
    """Someone who asks in a thread of their own."""

    def __init__(self, cache, run, key="question"):
        super().__init__()
        self.stop, self.answer = Cancellation(), None
        self._ask = lambda: cache.answer(lambda: key, run, self.stop)
        self.start()

    def run(self):
        try:
            self.answer = self._ask()
        except AuroraError as refusal:
            self.answer = refusal

    def result(self):
        self.join(20)
        return self.answer


def waiting(cache):
    return sum(flight.waiting for flight in cache._flights.values())


@pytest.fixture
def cache():
    return Cache(10_000_000)


def test_the_same_question_again_is_at_hand(cache):
    run = Run()
    run.go.set()
    assert cache.answer(lambda: "question", run) == (ROWS, False)
    assert cache.answer(lambda: "question", run) == (ROWS, True)
    assert cache.answer(lambda: "another", run) == (ROWS, False)
    assert run.times == 2


def test_the_same_question_at_once_runs_once(cache):
    run = Run()
    askers = [Asking(cache, run) for _ in range(20)]
    until(lambda: waiting(cache) == 20)
    run.go.set()
    assert [asker.result() for asker in askers] == [(ROWS, False)] * 20
    assert run.times == 1


def test_who_leaves_ends_it_for_nobody_else_and_the_last_ends_it(cache):
    run = Run()
    first = Asking(cache, run)
    until(lambda: run.times)
    others = [Asking(cache, run) for _ in range(2)]
    until(lambda: waiting(cache) == 3)
    first.stop.cancel()  # it is the one whose thread runs it
    others[0].stop.cancel()
    assert isinstance(others[0].result(), Cancelled)
    assert not run.stops[0].cancelled
    run.go.set()
    assert others[1].result() == (ROWS, False)
    assert isinstance(first.result(), Cancelled)

    alone = Run()
    both = [Asking(cache, alone, "more") for _ in range(2)]
    until(lambda: waiting(cache) == 2)
    for asker in both:
        asker.stop.cancel()
    assert all(isinstance(asker.result(), Cancelled) for asker in both)
    assert alone.stops[0].cancelled


def test_who_asks_after_all_have_left_starts_anew(cache):
    run = Run()
    left = Asking(cache, run)
    until(lambda: run.times)
    left.stop.cancel()
    again = Run()
    again.go.set()
    assert cache.answer(lambda: "question", again) == (ROWS, False)
    left.result()


def test_a_failure_is_told_to_all_and_not_kept(cache):
    run = Run(EngineFailed("The database could not answer this question."))
    askers = [Asking(cache, run) for _ in range(3)]
    until(lambda: waiting(cache) == 3)
    run.go.set()
    assert all(isinstance(asker.result(), EngineFailed) for asker in askers)
    run.outcome = ROWS
    assert cache.answer(lambda: "question", run) == (ROWS, False)


def test_an_answer_of_data_that_changed_meanwhile_is_not_kept(cache):
    version = ["one"]

    def changes(_stop):
        version[0] = "two"
        return ROWS

    def run(_stop):
        return ROWS

    assert cache.answer(lambda: version[0], changes) == (ROWS, False)
    assert cache.answer(lambda: version[0], run) == (ROWS, False)
    version[0] = "one"
    assert cache.answer(lambda: version[0], run) == (ROWS, False)


def test_the_bytes_kept_are_bounded_and_the_longest_unused_goes_first():
    def rows(_stop):
        return pa.table({"n": pa.array(range(1000), pa.int64())})

    cache = Cache(100_000)  # room for eleven of 9,024 bytes
    for number in range(11):
        cache.answer(lambda number=number: number, rows)
    cache.answer(lambda: 0, rows)
    cache.answer(lambda: "new", rows)
    assert cache.bytes <= 100_000
    assert cache.answer(lambda: 0, rows)[1]
    assert not cache.answer(lambda: 1, rows)[1]


def test_a_large_answer_is_not_kept():
    cache = Cache(100_000)

    def rows(_stop):
        return pa.table({"n": pa.array(range(5000), pa.int64())})

    assert [cache.answer(lambda: "large", rows)[1] for _ in range(2)] == [False, False]
    assert cache.bytes == 0
