# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the time of a run of the gates went, and by how much that differs from an earlier run."""

from __future__ import annotations

import json
import re
import typing as t
import xml.etree.ElementTree as ET
from dataclasses import asdict, dataclass, field

if t.TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MOST = 20
# Seconds: what differs by less says nothing.
NOTICED = 0.5
# What pytest-xdist adds to the name of a test that it keeps together with others.
GROUP = re.compile(r"@[\w.-]+$")


@dataclass(frozen=True)
class Spent:
    """Seconds that passed, and seconds of processor time that were used meanwhile."""

    seconds: float
    cpu: float

    def __sub__(self, other: Spent) -> Spent:
        return Spent(self.seconds - other.seconds, self.cpu - other.cpu)


@dataclass(frozen=True)
class Gate:
    """A target that was made."""

    name: str
    passed: bool
    spent: Spent

    @property
    def result(self) -> str:
        """What became of it, in a word."""
        return "passed" if self.passed else "FAILED"


@dataclass
class Run:
    """A run of the gates.

    Attributes:
        load: Load average of the machine before it.
        cores: Processors of the machine.
        prepared: What it took to install and build.
        spent: What it took in all.
        gates: What was made.
        tests: Seconds by gate and name of the test.
    """

    load: float
    cores: int
    prepared: Spent
    spent: Spent
    gates: list[Gate]
    tests: dict[str, float] = field(default_factory=dict)


def of_tests(directory: Path, since: float) -> dict[str, float]:
    """Read the results that pytest has left below a directory since some time: seconds by test."""
    found: dict[str, float] = {}
    for file in sorted(directory.glob("**/results/*.xml")):
        if file.stat().st_mtime < since:
            continue
        above = file.parent.parent
        gate = file.stem if above == directory else f"{above.name} {file.stem}"
        for case in ET.parse(file).getroot().iter("testcase"):  # noqa: S314  # Our own pytest wrote it.
            name = f"{gate}: {case.get('classname')}::{GROUP.sub('', case.get('name') or '')}"
            found[name] = found.get(name, 0) + float(case.get("time") or 0)
    return found


def write(run: Run, file: Path) -> None:
    """Write a run to a file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(asdict(run), indent=1) + "\n", encoding="utf-8")


def read(file: Path) -> Run | None:
    """Read an earlier run, None where there is none."""
    if not file.is_file():
        return None
    found = json.loads(file.read_text(encoding="utf-8"))
    gates = [Gate(gate["name"], passed=gate["passed"], spent=Spent(**gate["spent"])) for gate in found["gates"]]
    prepared, spent = (Spent(**found[name]) for name in ("prepared", "spent"))
    return Run(found["load"], found["cores"], prepared, spent, gates, found["tests"])


def told(run: Run, earlier: Run | None) -> str:
    """Return what there is to say about a run."""
    slowest = sorted(run.tests.items(), key=lambda each: -each[1])[:MOST]
    lines = ["The slowest tests:", *(f"{seconds:8.1f} s  {name}" for name, seconds in slowest), ""]
    if earlier is None:
        lines += ["There is no earlier run to compare with: name its times.json as BASELINE.", ""]
    else:
        lines += [*_differences(run, earlier), ""]
    gates = run.spent - run.prepared
    lines += [
        f"To install and build: {run.prepared.seconds / 60:.1f} minutes, {run.prepared.cpu / 60:.1f} of CPU.",
        f"For the gates:        {gates.seconds / 60:.1f} minutes, {gates.cpu / 60:.1f} of CPU.",
        f"The machine has {run.cores} processors; its load average before was {run.load:.2f}.",
    ]
    return "\n".join(lines)


def _differences(run: Run, earlier: Run) -> t.Iterator[str]:
    before = {gate.name: gate.spent for gate in earlier.gates}
    yield f"Against the earlier run (load average before: {earlier.load:.2f}), seconds and seconds of CPU:"
    for gate in run.gates:
        more = gate.spent - before.get(gate.name, Spent(0, 0))
        yield f"{more.seconds:+8.0f} {more.cpu:+8.0f}  {gate.name}{'' if gate.name in before else ', which is new'}"
    more = run.spent - earlier.spent
    yield f"{more.seconds:+8.0f} {more.cpu:+8.0f}  all"
    yield from _differences_of_tests(run.tests, earlier.tests)


def _differences_of_tests(now: Mapping[str, float], before: Mapping[str, float]) -> t.Iterator[str]:
    new = {name: seconds for name, seconds in now.items() if name not in before}
    gone = [seconds for name, seconds in before.items() if name not in now]
    kept = {name: seconds - before[name] for name, seconds in now.items() if name in before}
    yield f"Of the tests, {len(new)} are new: {sum(new.values()):+.1f} s; {len(gone)} are gone: {-sum(gone):+.1f} s;"
    yield f"{len(kept)} were there: {sum(kept.values()):+.1f} s. What is new or became slower, the most first:"
    more = {**{f"{name}, which is new": seconds for name, seconds in new.items()}, **kept}
    found = sorted(((seconds, name) for name, seconds in more.items() if seconds >= NOTICED), reverse=True)
    yield from (f"{seconds:+8.1f} s  {name}" for seconds, name in found[:MOST])
    if not found:
        yield f"       nothing by {NOTICED} s or more"
    elif len(found) > MOST:
        yield f"         and {len(found) - MOST} more, see the two files"
