# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One deadline for a whole run, and work done side by side within it. PRIVATE to the collection."""

from __future__ import annotations

import queue
import threading
import time
import typing as t

from ._errors import DeadlineError

Item = t.TypeVar("Item")
Result = t.TypeVar("Result")


class Deadline:
    """A moment after which nothing is waited for any more."""

    def __init__(self, seconds: float, clock: t.Callable[[], float] = time.monotonic) -> None:
        self.seconds = seconds
        self._clock = clock
        self._end = clock() + seconds

    def remaining(self) -> float:
        """Return the seconds that are left, never less than zero."""
        return max(0.0, self._end - self._clock())

    def limit(self, timeout: float, where: str) -> float:
        """Return the shorter of a timeout and what is left.

        Raises:
            DeadlineError: Nothing is left.
        """
        left = self.remaining()
        if left <= 0:
            raise self.error(where)
        return min(timeout, left)

    def error(self, where: str) -> DeadlineError:
        """Return the error that says that the time is used up."""
        return DeadlineError(
            expected=f"the whole run within {self.seconds:g} seconds (option deadline)",
            observed="the time was used up before this was answered",
            where=where,
            next_step="look for the slow or silent host named here, or raise the option deadline",
        )


def side_by_side(
    items: t.Sequence[Item],
    work: t.Callable[[Item], Result],
    late: t.Callable[[Item], Result],
    *,
    deadline: Deadline,
    limit: int,
) -> list[Result]:
    """Do the work for all items in parallel and return the results in the order of the items.

    What is not finished at the deadline is left behind and answered by `late`. The threads are daemons on purpose: name
    resolution and a server that sends one byte at a time cannot be interrupted, and must not keep the process alive.
    """
    results: dict[int, Result] = {}
    waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
    done: queue.SimpleQueue[tuple[int, Result | None, Exception | None]] = queue.SimpleQueue()
    for index in range(len(items)):
        waiting.put(index)

    def drain() -> None:
        while True:
            try:
                index = waiting.get_nowait()
            except queue.Empty:
                return
            try:
                done.put((index, work(items[index]), None))
            except Exception as exc:  # noqa: BLE001  # Handed over, and raised in the calling thread.
                done.put((index, None, exc))

    for _unused in range(min(limit, len(items))):
        threading.Thread(target=drain, daemon=True).start()
    while len(results) < len(items):
        try:
            index, result, problem = done.get(timeout=deadline.remaining() or 0.001)
        except queue.Empty:
            break
        if problem is not None:
            raise problem
        results[index] = t.cast("Result", result)
    return [results[index] if index in results else late(item) for index, item in enumerate(items)]
