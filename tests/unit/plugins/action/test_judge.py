# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime as dt
import json
import typing as t
from pathlib import Path

import pytest
from ansible.errors import AnsibleActionFail

from ansible_collections.configmgr.tenant_attach.plugins.action.judge import ActionModule
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.documents._expectations import parse
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.judge._engine import judge

Json = dict[str, t.Any]
Act = t.Callable[..., Json]


@pytest.mark.parametrize("check_mode", [True, False])
def test_evidence_becomes_findings(act: Act, healthy: Json, check_mode: bool) -> None:
    declared = {"cloud": "public", "provider_authentication_level": "windows"}
    result = act(ActionModule, check_mode=check_mode, evidence=healthy, expectations=declared)
    assert result["changed"] is False
    assert not result.get("failed")
    findings = judge(healthy, parse(declared))
    assert {key: result[key] for key in findings} == findings


def test_evidence_may_come_from_a_file(act: Act, healthy: Json, tmp_path: Path) -> None:
    path = tmp_path / "evidence.json"
    path.write_text(json.dumps(healthy), encoding="utf-8")
    result = act(ActionModule, evidence=str(path), only=["scp_online"])
    assert [finding["id"] for finding in result["findings"]] == ["scp_online"]


def test_some_may_be_left_out(act: Act, healthy: Json) -> None:
    result = act(ActionModule, evidence=healthy, skip=["cas_delegation"])
    assert "cas_delegation" not in {finding["id"] for finding in result["findings"]}


def test_waivers_and_severities_take_effect(act: Act, healthy: Json) -> None:
    healthy["hierarchy"]["service_connection_points"][0]["mode"] = "offline"
    # YAML reads a day as a date.
    waiver = {
        "id": "scp_online",
        "scope": "site:CAS",
        "owner": "Ada",
        "reason": "a test",
        "expires": dt.date(2030, 1, 1),
    }
    result = act(
        ActionModule, evidence=healthy, waivers=[waiver], severities={"scp_online": "low"}, only=["scp_online"]
    )
    (finding,) = result["findings"]
    assert (finding["outcome"], finding["severity"], finding["catalogue_severity"]) == ("fail", "low", "critical")
    assert finding["waiver"] == {
        "scope": "site:CAS",
        "owner": "Ada",
        "reason": "a test",
        "ticket": None,
        "expires": "2030-01-01",
        "expired": False,
    }
    assert (result["summary"]["waived"], result["ready"], result["fails_on"]) == (1, True, [])


def test_the_purpose_chooses_what_is_judged(act: Act, healthy: Json) -> None:
    result = act(ActionModule, evidence=healthy, purpose="verification")
    assert (result["purpose"], result["ready"]) == ("verification", False)
    assert "attach_state" in {each["id"] for each in result["findings"] if each["outcome"] == "fail"}
    assert "host_clock" not in {each["id"] for each in result["findings"]}


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"waivers": [{"id": "scp_onlin"}]}, "did you mean scp_online?"),
        ({"severities": {"scp_online": "lov"}}, "did you mean low?"),
        ({"purpose": "verification", "expectations": {"attached": False}}, "or left out"),
        ({"evidence": "/does/not/exist.json"}, "FileNotFoundError"),
        ({"evidence": {}}, "schema_version 1"),
        ({"expectations": {"clowd": "public"}}, "did you mean cloud?"),
        ({"expectations": {"cloud": "private"}}, "'private'"),
        ({"only": ["scp_onlin"]}, "did you mean scp_online?"),
        ({"skip": ["nothing"]}, "each id in skip"),
    ],
)
def test_a_failure_is_one_of_the_task(act: Act, healthy: Json, options: Json, text: str) -> None:
    result = act(ActionModule, **{"evidence": healthy, **options})
    assert (result["failed"], result["changed"], result["error"]["kind"]) == (True, False, "option")
    assert text in result["msg"]


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({}, "evidence"),
        ({"evidence": {}, "onlly": []}, "onlly"),
        ({"evidence": {}, "purpose": "verify"}, "verification"),
    ],
)
def test_options_are_those_of_the_argument_spec(act: Act, options: Json, text: str) -> None:
    with pytest.raises(AnsibleActionFail, match=text):
        act(ActionModule, **options)
