# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stored evidence: judged again without any network, and reported."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from integration.harness import TARGETS, Ansible, Json, Readiness

# Python reads a module of this name at its start: every process of Ansible's gets it.
NO_NETWORK = """\
import pathlib
import socket
import sys


def watch(event, arguments):
    # Ansible itself looks up its own machine when it starts.
    looked_up = event == "socket.getaddrinfo" and arguments[0] != "127.0.0.1"
    if looked_up or (event == "socket.connect" and arguments[0].family != socket.AF_UNIX):
        pathlib.Path({trace!r}).write_text(f"{{event}} {{arguments}}")
        raise OSError("there is no network here")


sys.addaudithook(watch)
"""


@pytest.fixture
def stored(judged: Callable[[str], Readiness], tmp_path: Path) -> Path:
    """Evidence of contoso, far from where it came from."""
    return Path(shutil.copy(judged("contoso").directory / "evidence.json", tmp_path / "stored.json"))


def test_judging_twice_is_the_same_to_the_byte_and_needs_no_network(
    stored: Path, tmp_path: Path, ansible: Ansible, judged: Callable[[str], Readiness]
) -> None:
    contoso = judged("contoso")
    trace = tmp_path / "trace"
    (tmp_path / "cut").mkdir()
    (tmp_path / "cut" / "sitecustomize.py").write_text(NO_NETWORK.format(trace=str(trace)))
    environment = {"PYTHONPATH": str(tmp_path / "cut")}
    variables = {"stored": str(stored), "expectations": contoso.lab.variables["tenant_attach_expectations"]}
    with contoso.lab.watched() as requests:
        for name in ("one", "two"):
            more = {**variables, "directory": str(tmp_path / name)}
            run = ansible.playbook(TARGETS / "judge" / "stored.yml", variables=more, environment=environment)
            assert (run.status, run.recap["changed"]) == (0, 0)
    assert requests == []
    assert not trace.exists(), trace.read_text()
    texts = {path.read_bytes() for path in tmp_path.glob("*/*/readiness.json")}
    assert len(list(tmp_path.glob("*/*/readiness.json"))) == 4
    assert texts == {contoso.text.encode()}
    # The trap works: this is what a run that uses the network would have left.
    ask = "import socket; socket.create_connection(('127.0.0.1', 9))"
    subprocess.run([sys.executable, "-c", ask], env=environment, capture_output=True, check=False)
    assert trace.exists()


def test_time_counts_as_of_the_evidence(tmp_path: Path, ansible: Ansible, judged: Callable[[str], Readiness]) -> None:
    # The same evidence as if it had been collected years from now. No clock of any machine says so.
    later = {**judged("healthy").evidence, "collected_at": "2031-01-01T00:00:00Z"}
    stored = tmp_path / "stored.json"
    stored.write_text(json.dumps(later))
    variables = {"stored": str(stored), "expectations": {}, "directory": str(tmp_path)}
    ansible.playbook(TARGETS / "judge" / "stored.yml", variables=variables)
    findings = json.loads((tmp_path / "first" / "readiness.json").read_text())["findings"]
    outcomes = {
        name: {finding["outcome"] for finding in findings if finding["id"] == name}
        for name in ("adminservice_certificate", "site_version_supported", "scp_endpoint_check", "site_version")
    }
    assert outcomes == {
        "adminservice_certificate": {"fail"},
        "site_version_supported": {"warn"},
        "scp_endpoint_check": {"unknown"},
        "site_version": {"pass"},
    }


def test_judge_takes_a_part_and_refuses_what_it_does_not_know(stored: Path, tmp_path: Path, ansible: Ansible) -> None:
    result = tmp_path / "result.json"
    ansible.playbook(TARGETS / "judge" / "refusals.yml", variables={"stored": str(stored), "result": str(result)})
    returned: Json = json.loads(result.read_text())
    assert {finding["id"] for finding in returned["part"]["findings"]} == {"scp_online"}
    said = {
        "no such id": "did you mean scp_online?",
        "no such id to skip": "'everything'",
        "no such file": "FileNotFoundError",
        "no JSON": "JSONDecodeError",
        "another version": "schema_version 1",
        "no time": "'yesterday'",
        "another section": "did you mean hierarchy?",
    }
    assert returned["refused"].keys() == said.keys()
    for name, text in said.items():
        assert returned["refused"][name]["failed"] is True
        for part in (text, "Expected: ", "Observed: ", "Next step: "):
            assert part in returned["refused"][name]["msg"]


def test_report_writes_what_it_is_asked_for(stored: Path, tmp_path: Path, ansible: Ansible) -> None:
    result = tmp_path / "result.json"
    variables = {"stored": str(stored), "directory": str(tmp_path / "reports"), "result": str(result)}
    run = ansible.playbook(TARGETS / "report" / "report.yml", variables=variables)
    assert run.recap["changed"] == 0
    returned: Json = json.loads(result.read_text())
    assert returned["one"]["files"] == [str(tmp_path / "reports" / "one" / "readiness.md")]
    assert [path.name for path in (tmp_path / "reports").rglob("*.*")] == ["readiness.md"]
    part, nowhere = returned["refused"]
    assert "the whole result of configmgr.tenant_attach.judge" in part["msg"]
    assert "tenant_attach_report_dir" in nowhere["msg"]
    assert "NotADirectoryError" in nowhere["msg"]
