# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation of action plugins says what their argument specs say: ansible-test compares that for modules only."""

from __future__ import annotations

import typing as t

import pytest
import yaml

from ansible_collections.configmgr.tenant_attach.plugins.action import drift as drift_action
from ansible_collections.configmgr.tenant_attach.plugins.action import endpoint_info as probe_action
from ansible_collections.configmgr.tenant_attach.plugins.action import judge as judge_action
from ansible_collections.configmgr.tenant_attach.plugins.action import report as report_action
from ansible_collections.configmgr.tenant_attach.plugins.action import site_system_info as site_system_info_action
from ansible_collections.configmgr.tenant_attach.plugins.action import winhttp_proxy as winhttp_proxy_action
from ansible_collections.configmgr.tenant_attach.plugins.action import winhttp_proxy_info as winhttp_proxy_info_action
from ansible_collections.configmgr.tenant_attach.plugins.modules import (
    drift,
    endpoint_info,
    judge,
    report,
    site_system_info,
    winhttp_proxy,
    winhttp_proxy_info,
)
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.documents._expectations import (
    CHOICES,
    NAMES,
    Expectations,
)
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.judge._engine import judge as judge_evidence
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.judge._severities import parse as parse_severities
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.judge._waivers import KEYS
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.judge._waivers import parse as parse_waivers

PAIRS = {
    "drift": (drift, drift_action),
    "endpoint_info": (endpoint_info, probe_action),
    "judge": (judge, judge_action),
    "report": (report, report_action),
    "site_system_info": (site_system_info, site_system_info_action),
    "winhttp_proxy": (winhttp_proxy, winhttp_proxy_action),
    "winhttp_proxy_info": (winhttp_proxy_info, winhttp_proxy_info_action),
}


def as_spec(documented: dict[str, t.Any], spec: dict[str, t.Any]) -> dict[str, t.Any]:
    """Return documented options as an argument spec, with suboptions where that has them."""
    keys = ("type", "required", "default", "choices", "elements")
    made = {name: {key: entry[key] for key in keys if key in entry} for name, entry in documented.items()}
    for name, entry in spec.items():
        if "options" in entry:
            made[name]["options"] = as_spec(documented[name]["suboptions"], entry["options"])
    return made


@pytest.mark.parametrize(("module", "action"), PAIRS.values(), ids=list(PAIRS))
def test_options(module: t.Any, action: t.Any) -> None:
    documented = yaml.safe_load(module.DOCUMENTATION).get("options", {})
    assert as_spec(documented, action.ActionModule.ARGUMENT_SPEC) == action.ActionModule.ARGUMENT_SPEC
    assert module.DOCUMENTATION.count(f"module: {module.__name__.rpartition('.')[2]}\n") == 1


def test_expectations() -> None:
    documented = yaml.safe_load(judge.DOCUMENTATION)["options"]["expectations"]["suboptions"]
    assert sorted(documented) == sorted(NAMES)
    assert {name: tuple(entry["choices"]) for name, entry in documented.items() if "choices" in entry} == CHOICES


def test_waivers() -> None:
    documented = yaml.safe_load(judge.DOCUMENTATION)["options"]["waivers"]["suboptions"]
    assert tuple(documented) == KEYS
    assert {name for name, entry in documented.items() if entry.get("required")} == set(KEYS) - {"ticket"}


def test_the_waivers_of_the_examples_are_understood() -> None:
    (task, *_others) = yaml.safe_load(judge.EXAMPLES)
    options = task["configmgr.tenant_attach.judge"]
    assert [waiver.owner for waiver in parse_waivers(options["waivers"])] == ["Ada Quill, endpoint team"]
    assert parse_severities(options["severities"]) == {"site_mode": "low"}


def test_what_judge_returns(healthy: dict[str, t.Any]) -> None:
    documented = yaml.safe_load(judge.RETURN)
    found = judge_evidence(healthy, Expectations())
    assert sorted(documented) == sorted(found)
    assert set(documented["findings"]["sample"][0]) == set(found["findings"][0])


@pytest.mark.parametrize("module", [module for module, _action in PAIRS.values()], ids=list(PAIRS))
def test_examples_name_the_plugin_and_options_that_exist(module: t.Any) -> None:
    name = module.__name__.rpartition(".")[2]
    options = yaml.safe_load(module.DOCUMENTATION).get("options", {})
    used = [
        task[f"configmgr.tenant_attach.{name}"]
        for task in yaml.safe_load(module.EXAMPLES)
        if any(name in key for key in task)
    ]
    assert used
    assert all(set(task or ()) <= set(options) for task in used)
