# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures of the integration tests."""

from __future__ import annotations

import itertools
import typing as t
from collections.abc import Iterator, Sequence
from contextlib import ExitStack

import pytest
from integration.harness import NOISE, READINESS, Ansible, Lab, Labs, Readiness, RunReadiness
from testbed import directory

IMPATIENT = {"ruined"}


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
def judged(lab: Labs, readiness: RunReadiness) -> t.Callable[[str], Readiness]:
    """Call it with the name of a scenario: one plain readiness run of it, shared by all who only look at it."""
    done: dict[str, Readiness] = {}

    def look(scenario: str) -> Readiness:
        if scenario not in done:
            # Silent hosts are waited for: not as long as a real network might need.
            options = {"tenant_attach_adminservice": {**lab(scenario).adminservice, "timeout": 5}}
            done[scenario] = readiness(lab(scenario), **(options if scenario in IMPATIENT else {}))
        return done[scenario]

    return look
