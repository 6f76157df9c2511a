# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures of the integration tests."""

from __future__ import annotations

import itertools
import os
import typing as t
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest
from integration import workers
from integration.harness import NOISE, READINESS, Ansible, Lab, Labs, Readiness, Run, RunReadiness, running
from testbed import directory, windows
from xdist.scheduler import LoadScopeScheduling

IMPATIENT = {"ruined"}


def pytest_xdist_make_scheduler(config: pytest.Config, log: t.Any) -> LoadScopeScheduling:
    """Keep on one worker what shares things that are slow to start."""
    return workers.Scheduling(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that nobody waits for it alone at the end."""
    # Where there are no workers, files stay whole.
    if "PYTEST_XDIST_WORKER" in os.environ:
        items.sort(key=lambda item: workers.rank(item.nodeid))


@pytest.fixture(scope="session", name="workers")
def everybody(tmp_path_factory: pytest.TempPathFactory) -> workers.Workers:
    """The workers of this run."""
    return workers.running(tmp_path_factory)


@pytest.fixture(scope="session", autouse=True)
def shared(workers: workers.Workers) -> Iterator[ExitStack]:
    """What this worker has started for all. It runs until all have ended."""
    with ExitStack() as stack, workers.together():
        yield stack


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Labs]:
    """Call it with the name of a scenario, and options of the lab: it starts what does not run yet."""
    with ExitStack() as stack:
        yield Labs(tmp_path_factory.mktemp("lab"), stack)


@pytest.fixture(scope="session")
def domain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[directory.Directory]:
    """A domain controller. It belongs to all: make what you need under names of your own."""
    with directory.running(tmp_path_factory.mktemp("domain")) as controller:
        yield controller


@pytest.fixture(scope="session")
def windows_host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[windows.Windows]:
    """A Windows host: cmd.exe and reg.exe of Wine behind OpenSSH, with the curl of this machine."""
    with windows.running(tmp_path_factory.mktemp("windows")) as host:
        yield host


@pytest.fixture(scope="session")
def ansible(tmp_path_factory: pytest.TempPathFactory) -> Ansible:
    """Ansible's commands."""
    return Ansible(tmp_path_factory.mktemp("ansible"))


@pytest.fixture(scope="session")
def readiness(ansible: Ansible, tmp_path_factory: pytest.TempPathFactory) -> RunReadiness:
    """Call it with a lab, options and variables: it runs the readiness playbook, or another that leaves the same."""
    numbers = itertools.count()

    def run(
        lab: Lab | None,
        *arguments: str,
        environment: dict[str, str] | None = None,
        inventory: str | None = None,
        playbook: str = READINESS,
        noise: Sequence[str] = NOISE,
        **variables: t.Any,
    ) -> Readiness:
        directory = tmp_path_factory.mktemp("reports") / str(next(numbers))
        variables = {"tenant_attach_report_dir": str(directory), **variables}
        hosts = inventory or (lab.inventory if lab else "localhost,")
        done = ansible.playbook(
            playbook,
            *arguments,
            lab=lab,
            variables=variables,
            environment=environment,
            inventory=hosts,
            noise=noise,
        )
        return Readiness(done, directory)

    return run


@pytest.fixture(scope="session")
def judged(workers: workers.Workers, shared: ExitStack, readiness: RunReadiness) -> t.Callable[[str], Readiness]:
    """Call it with the name of a scenario: one plain readiness run of it, shared by all who only look at it.

    Its lab has been asked by nobody else, and others may ask it the same again.
    """
    done: dict[str, Readiness] = {}

    def judge(scenario: str, directory: Path) -> dict[str, t.Any]:
        lab = shared.enter_context(running(directory / "lab", scenario))
        # Silent hosts are waited for: not as long as a real network might need.
        options = {"tenant_attach_adminservice": {**lab.adminservice, "timeout": 5}}
        found = readiness(lab, **(options if scenario in IMPATIENT else {}))
        return {"status": found.run.status, "output": found.run.output, "directory": str(found.directory)}

    def look(scenario: str) -> Readiness:
        if scenario not in done:
            name = f"judged-{scenario}"
            made = workers.once(name, lambda directory: judge(scenario, directory))
            lab = Lab(workers.directory / name / "lab")
            done[scenario] = Readiness(Run(made["status"], made["output"]), Path(made["directory"]), lab)
        return done[scenario]

    return look
