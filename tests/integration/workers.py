# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Several workers of pytest-xdist run the tests side by side. What one of them has made, the others can use.

Without pytest-xdist there is one worker, and nothing is different.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
import typing as t
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from xdist.scheduler import LoadScopeScheduling

# What runs on one worker, one after the other: a file, but for these parts of files.
GROUPS = {
    # Those that ask the lab of `judged("contoso")` once more: no requests of others are to be seen.
    "test_readiness.py::test_check_mode_finds_the_same": "asked again",
    "test_stored_evidence.py::test_judging_twice_is_the_same_to_the_byte_and_needs_no_network": "asked again",
    "test_waivers.py": "asked again",
    # One Windows host, and one domain controller.
    "test_windows.py": "windows",
    "test_probe.py": "windows",
    "test_directory.py": "domain",
    "test_kerberos.py": "domain",
    # As long as all the rest of its file.
    "test_tenant.py::test_without_a_permission_exactly_what_needs_it_is_unknown": "permissions",
}
# These begin first. All others follow.
LONGEST = (
    *("windows", "permissions", "test_tenant.py", "test_readiness.py", "domain", "test_enforce.py", "test_drift.py"),
    *("test_double_hop.py", "asked again", "test_verify.py", "test_runner.py", "test_played_windows.py"),
    *("test_network.py", "test_report_page.py", "test_confusion.py", "test_controller.py", "test_inventory.py"),
)


def group(nodeid: str) -> str:
    """Return the group that a test belongs to."""
    path, _colons, name = nodeid.partition("::")
    file = path.rpartition("/")[2]
    return GROUPS.get(f"{file}::{name.partition('[')[0]}") or GROUPS.get(file, file)


def rank(nodeid: str) -> int:
    """Return when a test begins: by its group, those of a group one after the other."""
    own = group(nodeid)
    return LONGEST.index(own) if own in LONGEST else len(LONGEST)


class Scheduling(LoadScopeScheduling):
    """Gives each worker a group at a time.

    The marks of pytest-xdist itself would do, but in 3.8 it does not see them with pytest 9.2.
    """

    def _split_scope(self, nodeid: str) -> str:
        return group(nodeid)


class Workers:
    """What the workers of a run have in common.

    Args:
        directory: A directory that all of them see.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._present = directory / "present"
        self._present.mkdir(parents=True, exist_ok=True)
        self._own = self._present / str(os.getpid())

    def once(self, name: str, make: Callable[[Path], t.Any]) -> t.Any:
        """Return what was made under a name, JSON. Who asks first makes it, in the directory that it is given."""
        directory = self.directory / name
        directory.mkdir(parents=True, exist_ok=True)
        done = directory / "made.json"
        with (directory / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not done.exists():
                made = make(directory)
                done.write_text(json.dumps(made), encoding="utf-8")
            return json.loads(done.read_text(encoding="utf-8"))

    @contextmanager
    def together(self) -> Iterator[None]:
        """Leave the block when everybody leaves it: what this worker has started is used by others."""
        self._own.touch()
        try:
            yield
        finally:
            self._own.unlink()
            while any(Path("/proc", other.name).exists() for other in self._present.iterdir()):
                time.sleep(0.1)


def running(factory: pytest.TempPathFactory) -> Workers:
    """Return the workers of this run."""
    base = factory.getbasetemp()
    return Workers((base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "shared")
