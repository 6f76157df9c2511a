# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import threading

import pytest

from ansible_collections.configmgr.tenant_attach.plugins.module_utils._deadline import Deadline, side_by_side
from ansible_collections.configmgr.tenant_attach.plugins.module_utils._errors import DeadlineError


class Clock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_what_remains_is_never_less_than_nothing() -> None:
    clock = Clock()
    deadline = Deadline(10, clock)
    assert deadline.remaining() == 10
    clock.now += 7
    assert deadline.remaining() == 3
    clock.now += 7
    assert deadline.remaining() == 0


@pytest.mark.parametrize(("passed", "timeout", "limit"), [(0, 30, 10), (0, 4, 4), (7, 4, 3), (9.5, 30, 0.5)])
def test_limit_is_the_shorter_of_both(passed: float, timeout: float, limit: float) -> None:
    clock = Clock()
    deadline = Deadline(10, clock)
    clock.now += passed
    assert deadline.limit(timeout, "here") == limit


@pytest.mark.parametrize("passed", [10, 11])
def test_after_the_end_nothing_is_begun(passed: float) -> None:
    clock = Clock()
    deadline = Deadline(10, clock)
    clock.now += passed
    with pytest.raises(DeadlineError, match=r"the whole run within 10 seconds .*Where: cm02\."):
        deadline.limit(30, "cm02")


def test_results_keep_the_order_of_the_items_whatever_finishes_first() -> None:
    gates = [threading.Event() for _unused in range(3)]
    gates[2].set()

    def work(index: int) -> str:
        # The last one goes first, and each opens the way for the one before it.
        assert gates[index].wait(30)
        if index:
            gates[index - 1].set()
        return f"done {index}"

    found = side_by_side([0, 1, 2], work, lambda _index: "late", deadline=Deadline(60), limit=3)
    assert found == ["done 0", "done 1", "done 2"]


def test_what_is_not_finished_at_the_end_is_answered_as_late() -> None:
    clock = Clock()
    deadline = Deadline(0.001, clock)
    release, finished = threading.Event(), threading.Event()

    def work(item: str) -> str:
        if item == "slow":
            release.wait(30)
        else:
            finished.set()
        return f"{item} done"

    class Patient(Deadline):
        def remaining(self) -> float:
            # Time is up only when the quick one was through.
            return 30 if not finished.is_set() else deadline.remaining()

    try:
        found = side_by_side(["slow", "quick"], work, lambda item: f"{item} late", deadline=Patient(1, clock), limit=2)
    finally:
        release.set()
    assert found[0] == "slow late"


def test_an_exception_is_raised_where_the_work_was_asked_for() -> None:
    def work(item: int) -> int:
        if item == 2:
            raise LookupError("item 2")
        return item

    with pytest.raises(LookupError, match="item 2"):
        side_by_side([1, 2, 3], work, lambda item: item, deadline=Deadline(60), limit=1)


@pytest.mark.parametrize("limit", [1, 2, 4])
def test_no_more_than_the_limit_run_at_once(limit: int) -> None:
    lock, running, most = threading.Lock(), [0], [0]
    meet = threading.Barrier(limit)

    def work(item: int) -> int:
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        meet.wait(30)  # Only when as many as allowed are here, anyone goes on.
        with lock:
            running[0] -= 1
        return item

    items = list(range(limit * 3))
    assert side_by_side(items, work, lambda _item: -1, deadline=Deadline(60), limit=limit) == items
    assert most[0] == limit


def test_nothing_to_do_is_done_at_once() -> None:
    assert side_by_side([], lambda item: item, lambda item: item, deadline=Deadline(60), limit=8) == []
