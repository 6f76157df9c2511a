# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Node counting: the queries, run by jq on what the modules really return, give the nodes that a controller counts."""

from __future__ import annotations

import json
import os
import re
import subprocess
import typing as t
from pathlib import Path

import pytest
import yaml
from integration.harness import HERE, TARGETS, Ansible, Json, Labs, fqdn

NAME = "configmgr.tenant_attach"
PLACE = Path("extensions", "audit", "event_query.yml")
FILE = HERE.parents[1] / PLACE
QUERIES: dict[str, dict[str, str]] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
# In ruins: these answer on TCP, though not all of them work. One is down, one is silent, one does not exist.
CONNECTED = ["cm-cas01", "cm-p01-prv01", "cm-p02", "cm-p02-prv01", "cm-p03"]
# What a task leaves where it did not do its work.
NOTHING: list[tuple[str, t.Any]] = [
    ("failed", {"failed": True, "changed": False, "msg": "TLS", "error": {"kind": "tls"}}),
    ("censored", {"censored": "the output has been hidden", "changed": False}),
    ("skipped", {"skipped": True, "skip_reason": "Conditional result was False", "changed": False}),
    ("loop", {"results": [{"changed": False, "providers": []}], "changed": False, "msg": "All items completed"}),
    ("no providers", {"providers": [], "changed": False}),
    ("odd", {"providers": None, "hierarchy": {"read_from": None}}),
    ("odder", {"providers": [None, {"host": None, "stages": [{"name": "connect", "ok": True}]}], "hierarchy": "none"}),
    ("odd stages", {"providers": [{"host": "a", "stages": None}, {"host": "b", "stages": ["connect"]}]}),
    ("unnamed", {"providers": [{"host": "", "stages": [{"name": "connect", "ok": True}]}]}),
    ("unnamed too", {"hierarchy": {"read_from": ""}}),
]


def nodes(module: str, result: t.Any) -> list[Json]:
    """What a query yields of a result, as the controller reads it."""
    command = ["jq", "--compact-output", QUERIES[f"{NAME}.{module}"]["query"]]
    done = subprocess.run(command, input=json.dumps(result), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def returned(lab: Labs, ansible: Ansible, tmp_path_factory: pytest.TempPathFactory) -> t.Callable[[str, str], Json]:
    """Call it with a scenario and the playbook of a module: what the module returned there."""
    directory = tmp_path_factory.mktemp("results")

    def run(scenario: str, target: str) -> Json:
        result = directory / f"{scenario}-{target.replace('/', '-')}.json"
        if not result.exists():
            patience = {"tenant_attach_adminservice": {**lab(scenario).adminservice, "timeout": 3}}
            variables = {"result": str(result), **(patience if scenario == "ruined" else {})}
            assert ansible.playbook(TARGETS / target, lab=lab(scenario), variables=variables).status == 0
        return t.cast("Json", json.loads(result.read_text(encoding="utf-8")))

    return run


@pytest.mark.parametrize(
    ("scenario", "module", "target", "hosts"),
    [
        ("attached", "adminservice_health_info", "adminservice_health_info/probe.yml", ["cm-ps1"]),
        ("attached", "hierarchy_info", "hierarchy_info/read.yml", ["cm-ps1"]),
        ("ruined", "adminservice_health_info", "adminservice_health_info/probe.yml", CONNECTED),
        ("ruined", "hierarchy_info", "hierarchy_info/read.yml", ["cm-cas01"]),
    ],
)
def test_the_hosts_that_a_module_connected_to_are_counted(
    scenario: str, module: str, target: str, hosts: list[str], returned: t.Callable[[str, str], Json]
) -> None:
    found = nodes(module, returned(scenario, target))
    assert sorted(node["name"] for node in found) == sorted(map(fqdn, hosts))
    for node in found:
        assert node.keys() == {"name", "canonical_facts", "facts"}
        assert node["canonical_facts"] == {"host_name": node["name"]}
        assert node["facts"].keys() >= {"infra_type", "infra_bucket", "device_type"}


def test_a_node_is_one_whichever_module_counts_it(returned: t.Callable[[str, str], Json]) -> None:
    # The controller takes nodes of equal canonical facts for one, and loses a job with two nodes of one name.
    probed = nodes("adminservice_health_info", returned("ruined", "adminservice_health_info/probe.yml"))
    (read,) = nodes("hierarchy_info", returned("ruined", "hierarchy_info/read.yml"))
    assert read in probed


@pytest.mark.parametrize("result", [each[1] for each in NOTHING], ids=[each[0] for each in NOTHING])
@pytest.mark.parametrize("query", sorted(QUERIES))
def test_of_a_result_without_work_nothing_is_counted_and_nothing_goes_wrong(query: str, result: t.Any) -> None:
    assert nodes(query.removeprefix(f"{NAME}."), result) == []


def test_the_file_is_where_the_controller_looks_for_it() -> None:
    tree = Path(os.environ["ANSIBLE_COLLECTIONS_PATH"], "ansible_collections", "configmgr", "tenant_attach")
    assert (tree / PLACE).read_bytes() == FILE.read_bytes()


def test_every_module_is_counted_or_named_with_the_reason_why_not() -> None:
    modules = {path.stem for path in (HERE.parents[1] / "plugins" / "modules").glob("*.py")}
    reasons = FILE.read_text(encoding="utf-8").partition("# Not counted:")[2].partition("---")[0]
    not_counted = {name for name in modules if re.search(rf"\b{name}\b", reasons)}
    counted = {name.removeprefix(f"{NAME}.") for name in QUERIES}
    assert not counted & not_counted
    assert counted | not_counted == modules, "extensions/audit/event_query.yml does not name every module"
