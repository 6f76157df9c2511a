# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make several targets, whatever becomes of the others, and end with a table: one run shows everything that is wrong.

What stands before `--` is made first, one after the other. The rest runs side by side, each with its output kept apart
and printed whole when it ends. It starts in the order given: name what takes longest first.

With --times, the run also says where its time went, and by how much it differs from an earlier run. No time is a
failure: machines differ, and so do their loads.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
import typing as t
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tools import times

# prctl(2): those whose parent has ended become children of this process, so that their time is counted as well.
SUBREAPER = 36


def headline(text: str) -> str:
    """Return a line that is easy to find in a long log."""
    return f"\n==================== {text} ===================="


MAKE = ("make", "--no-print-directory")


class Gates:
    """Runs commands, and remembers what became of them."""

    def __init__(self) -> None:
        self.made: list[times.Gate] = []
        self._printing = threading.Lock()

    def run(self, name: str, command: t.Sequence[str], output: t.IO[str] | None = None) -> times.Gate:
        """Run one command."""
        start = time.monotonic()
        # The jobs of a `make -j` above are handed on through file descriptors.
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT if output else None,
            close_fds=False,
        )
        _pid, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        spent = times.Spent(time.monotonic() - start, usage.ru_utime + usage.ru_stime)
        gate = times.Gate(name, passed=process.returncode == 0, spent=spent)
        self.made.append(gate)
        return gate

    def make_in_turn(self, targets: t.Sequence[str]) -> None:
        """Make one after the other. What they write is seen at once."""
        for target in targets:
            print(headline(target), flush=True)
            self.run(target, (*MAKE, target))

    def make_side_by_side(self, targets: t.Sequence[str], jobs: int) -> None:
        """Make some at a time."""
        with ThreadPoolExecutor(jobs) as pool:
            list(pool.map(self._make_apart, targets))

    def _make_apart(self, target: str) -> None:
        with self._printing:
            print(f"{target} begins", flush=True)
        with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as output:
            gate = self.run(target, (*MAKE, target), output)
            output.seek(0)
            with self._printing:
                print(headline(f"{target}: {gate.result}"))
                sys.stdout.writelines(output)
                sys.stdout.flush()


def adopt_orphans() -> None:
    """Have the time counted of those whose parent ends first. Where that cannot be, it is not."""
    try:
        ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)
    except (AttributeError, OSError):
        return


def used_by_children() -> float:
    """Return the seconds of processor time that all processes have used which were started here."""
    try:
        while os.waitpid(-1, os.WNOHANG) != (0, 0):
            pass
    except ChildProcessError:
        pass
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def table(gates: t.Sequence[times.Gate], spent: times.Spent) -> str:
    """Return what became of each, and of all."""
    everything = times.Gate("all", passed=all(gate.passed for gate in gates), spent=spent)
    return "\n".join(
        f"{gate.name:16} {gate.result:6} {gate.spent.seconds:6.0f} s {gate.spent.cpu:6.0f} s of CPU"
        for gate in (*gates, everything)
    )


def main() -> int:
    """Make all, and say what became of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=1, help="how many run side by side")
    parser.add_argument("--times", type=Path, help="file to write times to; those of tests lie below its directory")
    parser.add_argument("--baseline", type=Path, help="such a file of an earlier run; by default the one replaced")
    parser.add_argument("--first", nargs="*", default=[], metavar="TARGET", help="made before, one after the other")
    parser.add_argument("targets", nargs="*", metavar="TARGET")
    arguments = parser.parse_args()

    # It was for this program: what is made has paths of its own.
    os.environ.pop("PYTHONPATH", None)
    load, began, start = os.getloadavg()[0], time.time(), time.monotonic()
    adopt_orphans()
    gates = Gates()
    gates.make_in_turn(arguments.first)
    prepared = times.Spent(time.monotonic() - start, used_by_children())
    if arguments.jobs > 1:
        # All of them see what was there when they began: nothing is copied or built anew while others use it.
        os.environ["FROZEN"] = "1"
        gates.make_side_by_side(arguments.targets, arguments.jobs)
    else:
        gates.make_in_turn(arguments.targets)
    spent = times.Spent(time.monotonic() - start, used_by_children())

    if arguments.times:
        run = times.Run(load, os.cpu_count() or 0, prepared, spent, gates.made)
        run.tests = times.of_tests(arguments.times.parent, began)
        earlier = times.read(arguments.baseline or arguments.times)
        times.write(run, arguments.times)
        print(headline("times"))
        print(times.told(run, earlier))
    print(headline("gates"))
    order = [*arguments.first, *arguments.targets]
    print(table(sorted(gates.made, key=lambda gate: order.index(gate.name)), spent))
    return 0 if all(gate.passed for gate in gates.made) else 1


if __name__ == "__main__":
    sys.exit(main())
