"""Limits that hold exactly: over threads, over processes, and when a process is killed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import threading
import time

import pytest
from service_lab import until

from aurora_widgets import settings
from aurora_widgets.errors import RateLimited, TooManyTasks
from aurora_widgets.service.limits import Budget, Limits, LimitsUnavailable
from aurora_widgets.service.shared import SharedMemory


class Clock:
    """A clock that tests move."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def memory(clock):
    made = SharedMemory(entries=10, windows=4, places=4, clock=clock)
    yield made
    made.close()


def in_fork(work):
    """Run ``work`` in a fork and return its process."""
    process = os.fork()
    if not process:
        code = 1
        try:
            code = work() or 0
        finally:
            os._exit(code)
    return process


def code_of(process):
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def test_no_window_of_a_minute_ever_holds_more_than_the_limit(memory, clock):
    let_through = []
    for _ in range(2000):
        clock.now += 0.7
        if memory.acquire_entry("ada", 5, 60):
            let_through.append(clock.now)
    assert all(later - earlier > 60 for earlier, later in zip(let_through, let_through[5:], strict=False))
    assert len(let_through) > 2000 * 0.7 / 60 * 5 - 6  # and as many as that allows


def test_a_refused_request_costs_nothing_and_users_are_apart(memory, clock):
    assert [memory.acquire_entry("ada", 2, 60) for _ in range(4)] == [True, True, False, False]
    assert memory.acquire_entry("bo", 2, 60)
    clock.now += 60.1
    assert memory.acquire_entry("ada", 2, 60)


def test_several_at_once_are_let_through_together_or_not(memory):
    assert memory.acquire_entry("ada", 5, 60, amount=3)
    assert not memory.acquire_entry("ada", 5, 60, amount=3)
    assert memory.acquire_entry("ada", 5, 60, amount=2)
    assert not memory.acquire_entry("ada", 5, 60)
    assert memory.get("ada") == 5
    memory.clear("ada")
    assert memory.get("ada") == 0


def test_the_window_says_when_there_is_room_again(memory, clock):
    memory.acquire_entry("ada", 2, 60)
    clock.now += 20
    memory.acquire_entry("ada", 2, 60)
    start, count = memory.get_moving_window("ada", 2, 60)
    assert count == 2
    assert start == pytest.approx(time.time() - 20, abs=2)


def test_who_has_not_asked_for_long_makes_room_for_others(memory, clock):
    assert all(memory.acquire_entry(f"user {number}", 1, 60) for number in range(4))
    assert not memory.acquire_entry("one too many", 1, 60)
    assert not memory.acquire_entry("user 0", 1, 60)
    clock.now += 60.1
    assert all(memory.acquire_entry(f"other {number}", 1, 60) for number in range(4))


def test_processes_and_threads_share_one_allowance():
    memory = SharedMemory(entries=300)

    def hit():
        passed = []

        def some():
            passed.extend(memory.acquire_entry("ada", 250, 60) for _ in range(50))

        threads = [threading.Thread(target=some) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return sum(passed)

    processes = [in_fork(hit) for _ in range(3)]  # 450 tries
    assert sum(code_of(process) for process in processes) == 250
    memory.close()


def test_a_process_killed_with_the_lock_in_its_hands_holds_nobody_up():
    memory = SharedMemory(entries=10)
    told, tell = os.pipe()

    def holds():
        with memory._locked():
            os.write(tell, b".")
            time.sleep(60)

    process = in_fork(holds)
    os.read(told, 1)
    os.kill(process, signal.SIGKILL)
    assert memory.acquire_entry("ada", 5, 60)
    assert code_of(process) == -signal.SIGKILL
    memory.close()


def test_places_of_a_killed_process_are_free_at_once_and_its_requests_still_count():
    memory = SharedMemory(entries=10)
    told, tell = os.pipe()

    def takes():
        assert memory.acquire_entry("ada", 5, 60)
        assert memory.take("ada", 2) is not None
        assert memory.take("ada", 2) is not None
        os.write(tell, b".")
        time.sleep(60)

    process = in_fork(takes)
    os.read(told, 1)
    assert memory.take("ada", 2) is None
    bo = memory.take("bo", 1)
    assert bo is not None
    os.kill(process, signal.SIGKILL)  # not waited for: a zombie is as dead
    mine = until(lambda: memory.take("ada", 2))
    assert memory.take("ada", 2) is not None
    assert memory.take("ada", 2) is None
    assert memory.take("bo", 1) is None
    memory.give_back(mine)
    assert memory.take("ada", 2) is not None
    assert memory.get("ada") == 1
    code_of(process)
    memory.close()


def test_a_refusal_says_when_to_go_on():
    limits = Limits(settings.load({"HELPER_RATE_LIMIT": "2/second", "USER_MAX_TASKS": "1"}))
    limits.spend(Budget.HELPER, "ada")
    limits.spend(Budget.HELPER, "ada")
    with pytest.raises(RateLimited, match="2 counts, values and samples within a second") as refused:
        limits.spend(Budget.HELPER, "ada")
    assert refused.value.retry_after == 1
    limits.spend(Budget.PAGE, "ada")
    place = limits.take("ada")
    with pytest.raises(TooManyTasks):
        limits.take("ada")
    limits.take("bo")
    limits.give_back(place)
    limits.take("ada")


# ── Redis, where processes span hosts


@pytest.fixture
def redis(tmp_path):
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("there is no redis-server on this machine")
    path = tmp_path / "redis"
    process = subprocess.Popen(
        [program, "--port", "0", "--unixsocket", path, "--save", "", "--appendonly", "no"],
        stdout=subprocess.DEVNULL,
    )
    until(path.exists)
    yield f"redis+unix://{path}", process
    process.kill()
    process.wait()


def test_redis_keeps_the_same_limits_for_several_hosts(redis):
    url, process = redis
    chosen = settings.load({"LIMITS_STORAGE": url, "PREVIEW_RATE_LIMIT": "5/minute", "USER_MAX_TASKS": "2"})

    def hit():
        host, passed = Limits(chosen), 0
        for _ in range(4):
            try:
                host.spend(Budget.PAGE, "ada")
                passed += 1
            except RateLimited:
                pass
        return passed

    processes = [in_fork(hit) for _ in range(2)]
    assert sum(code_of(each) for each in processes) == 5
    one, other = Limits(chosen), Limits(chosen)
    with pytest.raises(RateLimited) as refused:
        one.spend(Budget.PAGE, "ada")
    assert 50 <= refused.value.retry_after <= 60
    places = [one.take("ada"), other.take("ada")]
    with pytest.raises(TooManyTasks):
        one.take("ada")
    one.give_back(places[1])
    other.take("ada")
    process.kill()
    process.wait()
    with pytest.raises(LimitsUnavailable):
        one.spend(Budget.PAGE, "ada")
    with pytest.raises(LimitsUnavailable):
        one.take("ada")
