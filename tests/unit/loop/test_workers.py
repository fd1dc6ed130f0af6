"""Jobs side by side: what hangs holds nothing up, and is known to hang."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial
from threading import Event, current_thread

import pytest

from controller.loop.workers import InTurn, SideBySide, Workers

SOON_S, LONG_S = 0.05, 30.0


@pytest.fixture
def released() -> Iterator[Event]:
    """A job that waits for it hangs, until the test has ended."""
    event = Event()
    yield event
    event.set()


def names(number: int) -> list[str]:
    return [f"job {each}" for each in range(number)]


@pytest.mark.parametrize("workers", [InTurn(), SideBySide(), SideBySide(at_once=1)], ids=["turn", "8", "1"])
def test_every_job_has_its_result_under_its_name(workers: Workers):
    jobs = {name: partial(str.upper, name) for name in names(30)}
    assert workers.run(jobs, patience_s=LONG_S) == {name: name.upper() for name in names(30)}
    assert workers.busy == frozenset()


@pytest.mark.parametrize("workers", [InTurn(), SideBySide(at_once=1)], ids=["turn", "one thread"])
def test_jobs_begin_in_their_order(workers: Workers):
    begun: list[str] = []
    workers.run({name: partial(begun.append, name) for name in names(9)}, patience_s=LONG_S)
    assert begun == names(9)


def test_in_turn_runs_in_the_callers_thread():
    assert InTurn().run({"a": current_thread}, patience_s=LONG_S) == {"a": current_thread()}


def test_a_job_that_hangs_has_no_result_and_is_busy(released):
    workers = SideBySide()
    assert workers.run({"hangs": released.wait, "ends": int}, patience_s=SOON_S) == {"ends": 0}
    assert workers.busy == {"hangs"}
    released.set()
    workers.wait({"hangs"}, time.monotonic() + LONG_S)
    assert workers.busy == frozenset()


def test_waiting_for_what_hangs_ends_at_its_instant(released):
    workers = SideBySide()
    workers.run({"hangs": released.wait}, patience_s=0)
    workers.wait({"hangs"}, time.monotonic() + SOON_S)
    assert workers.busy == {"hangs"}


def test_jobs_that_hang_keep_no_slot(released, monkeypatch):
    """More of them than slots: the one behind them has its turn all the same."""
    monkeypatch.setattr("controller.loop.workers.SLOT_S", SOON_S)
    jobs = {**dict.fromkeys(names(20), released.wait), "ends": int}
    assert SideBySide(at_once=4).run(jobs, patience_s=8 * SOON_S) == {"ends": 0}


def test_at_most_so_many_run_at_once():
    running, most = set[str](), [0]

    def job(name: str) -> None:
        running.add(name)
        most[0] = max(most[0], len(running))
        time.sleep(0.002)
        running.discard(name)

    SideBySide(at_once=3).run({name: partial(job, name) for name in names(30)}, patience_s=LONG_S)
    assert 1 <= most[0] <= 3


def test_at_the_end_of_time_what_has_not_begun_never_begins(released):
    begun: list[str] = []
    workers = SideBySide(at_once=1)
    jobs = {"hangs": released.wait, "late": partial(begun.append, "late")}
    assert workers.run(jobs, patience_s=LONG_S, until_s=time.monotonic() + SOON_S) == {}
    assert (workers.busy, begun) == ({"hangs"}, [])


def test_after_the_end_of_time_nothing_begins():
    begun: list[str] = []
    SideBySide().run({"a": partial(begun.append, "a")}, patience_s=LONG_S, until_s=time.monotonic() - 1)
    assert begun == []
