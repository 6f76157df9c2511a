# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The event source and its rulebook, in a real ansible-rulebook that finds them in the installed collection."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
import typing as t
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml
from integration.harness import PATIENCE, TRAPS, Json, Labs, Readiness

RULEBOOK = "configmgr.tenant_attach.outcomes"
READY = "Waiting for events"
LOOKED = "changes of outcome"
FAILS = "scp_online of cm-ps1.corp.contoso.example fails: offline"
WELL = "scp_online of cm-ps1.corp.contoso.example passes again."


def without_controller(playbook: Json, directory: Path) -> Path:
    """Return a copy of the example that runs a playbook where the example starts a job template for it."""
    tree = Path(os.environ["ANSIBLE_COLLECTIONS_PATH"], "ansible_collections", "configmgr", "tenant_attach")
    rulesets = yaml.safe_load((tree / "extensions" / "eda" / "rulebooks" / "outcomes.yml").read_text(encoding="utf-8"))
    (template,) = (each for each in rulesets[0]["rules"][0]["actions"] if "run_job_template" in each)
    del template["run_job_template"]
    template["run_playbook"] = playbook
    file = directory / "example.yml"
    file.write_text(yaml.safe_dump(rulesets), encoding="utf-8")
    return file


class Rulebook:
    """A running ansible-rulebook, with what it has said so far."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self._lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.append(line)

    @property
    def output(self) -> str:
        return "".join(self._lines)

    def wait(self, text: str, times: int = 1) -> None:
        """Wait until it has said something so many times."""
        end = time.monotonic() + PATIENCE
        while self.output.count(text) < times:
            assert self.process.poll() is None, self.output
            assert time.monotonic() < end, f"it never said {text!r}:\n{self.output}"
            time.sleep(0.05)

    def ended(self) -> int:
        """Wait until it ends by itself, and return its status."""
        status = self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        return status


@pytest.fixture
def rulebook(tmp_path: Path) -> Callable[..., t.ContextManager[Rulebook]]:
    """Call it with a rulebook and variables: it runs while the block does."""
    program = shutil.which("ansible-rulebook", path=str(Path(sys.executable).parent))
    assert program is not None, "ansible-rulebook is not installed"

    @contextmanager
    def run(name: str | Path, variables: Json) -> Iterator[Rulebook]:
        file, inventory = tmp_path / "variables.yml", tmp_path / "inventory.yml"
        file.write_text(yaml.safe_dump(variables), encoding="utf-8")
        inventory.write_text("all: {hosts: {localhost: {ansible_connection: local}}}\n", encoding="utf-8")
        names = ("PATH", "HOME", "JAVA_HOME", "ANSIBLE_COLLECTIONS_PATH")
        environment = {
            **{name: os.environ[name] for name in names if name in os.environ},
            **TRAPS,
            # It asks ansible-galaxy where the collection is.
            "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"])),
            "ANSIBLE_HOME": str(tmp_path / "home"),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONUNBUFFERED": "1",
        }
        options = ("--rulebook", str(name), "--inventory", str(inventory), "--vars", str(file), "--verbose")
        with subprocess.Popen(
            [program, *options],
            env=environment,
            cwd=tmp_path,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            running = Rulebook(process)
            try:
                yield running
            finally:
                process.terminate()
                process.wait(PATIENCE)

    return run


class Reports:
    """A report directory, written as the report action writes it: whole files, by their name."""

    def __init__(self, directory: Path, document: Json) -> None:
        self.directory = directory
        self._document = document

    def write(self, outcome: str) -> None:
        """Write the findings of a run in which the service connection point is online, or not."""
        document = json.loads(json.dumps(self._document))
        (finding,) = (each for each in document["findings"] if each["id"] == "scp_online")
        finding.update(outcome=outcome, observed="offline" if outcome == "fail" else "online")
        self.replace(json.dumps(document))

    def replace(self, text: str) -> None:
        self.directory.mkdir(exist_ok=True)
        temporary = self.directory / ".readiness.json.new"
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(self.directory / "readiness.json")


@pytest.fixture
def reports(judged: Callable[[str], Readiness], tmp_path: Path) -> Reports:
    """Reports of the attached estate."""
    return Reports(tmp_path / "reports", judged("attached").document)


def test_the_example_reacts_to_changes_and_to_nothing_else(
    rulebook: Callable[..., t.ContextManager[Rulebook]], reports: Reports, lab: Labs, tmp_path: Path
) -> None:
    estate = lab("attached")
    verified = tmp_path / "verified"
    variables = {
        "tenant_attach_report_dir": str(reports.directory),
        "tenant_attach_watch_delay": 0.1,
    }
    own = tmp_path / "playbooks" / "look.yml"
    own.parent.mkdir()
    own.write_text(yaml.safe_dump([{"import_playbook": "configmgr.tenant_attach.verify"}]), encoding="utf-8")
    playbook = {
        "name": str(own),
        "extra_vars": {
            **{name: value for name, value in estate.variables.items() if name.startswith("tenant_attach_")},
            "tenant_attach_report_dir": str(verified),
        },
    }
    with rulebook(without_controller(playbook, tmp_path), variables) as running:
        running.wait(READY)
        running.wait("What was known of it stays as it is")
        # The first findings are what others are compared with.
        for looks, outcome in enumerate(("pass", "unknown", "fail"), 1):
            reports.write(outcome)
            running.wait(LOOKED, looks)
        running.wait(FAILS)
        # While nothing changes, nothing happens; nor does something half-written.
        reports.write("fail")
        reports.replace('{"schema_version": "1.1", "findings": [')
        running.wait("it is no JSON")
        for looks, outcome in enumerate(("unknown", "pass"), 4):
            reports.write(outcome)
            running.wait(LOOKED, looks)
        running.wait(WELL)
        # The action has started verify, which is the shipped playbook, and it has found the estate in order.
        running.wait("\nATTACH IS ON AND HEALTHY: ")
    assert (running.output.count(FAILS), running.output.count(WELL)) == (1, 1)
    assert json.loads((verified / "readiness.json").read_text(encoding="utf-8"))["ready"] is True
    assert not [secret for secret in estate.secrets if secret in running.output]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"path": "reports", "dely": 5}, r"expected one of path, delay, initial, observed 'dely'"),
        ({"path": "reports", "delay": "{{ never }}"}, r"delay: expected seconds, more than 0, observed 'soon'"),
    ],
    ids=["unknown", "wrong"],
)
def test_wrong_arguments_end_it_with_the_reason(
    rulebook: Callable[..., t.ContextManager[Rulebook]], tmp_path: Path, arguments: Json, said: str
) -> None:
    file = tmp_path / "rulebook.yml"
    rule = {"name": "Never", "condition": "event.configmgr_tenant_attach is defined", "action": {"debug": {}}}
    ruleset = {"name": "Wrong", "hosts": "localhost", "sources": [{RULEBOOK: arguments}], "rules": [rule]}
    file.write_text(yaml.safe_dump([ruleset]), encoding="utf-8")
    with rulebook(file, {"never": "soon"}) as running:
        assert running.ended() != 0
    assert re.search(said, running.output), running.output
