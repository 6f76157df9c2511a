# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.configmgr.tenant_attach.plugins.module_utils._errors import InvalidOptionError
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.documents._findings import SEVERITIES
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.judge._engine import judge
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.judge._severities import parse
from ansible_collections.configmgr.tenant_attach.tests.unit.declared import DECLARED


@pytest.mark.parametrize("declared", [None, {}])
def test_by_default_they_are_those_of_the_catalogue(declared: t.Any, healthy: dict[str, t.Any]) -> None:
    assert parse(declared) == {}
    findings = judge(healthy, DECLARED, severities=parse(declared))["findings"]
    assert all(each["severity"] == each["catalogue_severity"] for each in findings)


@pytest.mark.parametrize("severity", SEVERITIES)
def test_one_that_is_set_stands_beside_that_of_the_catalogue(severity: str, healthy: dict[str, t.Any]) -> None:
    usual = judge(healthy, DECLARED)["findings"]
    found = judge(healthy, DECLARED, severities=parse({"scp_online": severity}))["findings"]
    for before, after in zip(usual, found, strict=True):
        assert after == {**before, "severity": severity if after["id"] == "scp_online" else before["severity"]}
    assert {each["catalogue_severity"] for each in found if each["id"] == "scp_online"} == {"critical"}


@pytest.mark.parametrize(
    ("declared", "expected", "observed", "step"),
    [
        ({"scp_onlin": "low"}, "each key of tenant_attach_severities", "'scp_onlin'", "did you mean scp_online?"),
        ({7: "low"}, "each key of tenant_attach_severities", "7", "remove it"),
        ({"scp_online": "hig"}, "tenant_attach_severities.scp_online", "'hig'", "did you mean high?"),
        ({"scp_online": "Low"}, "one of critical, high, low, medium", "'Low'", "did you mean low?"),
        ({"scp_online": None}, "tenant_attach_severities.scp_online", "None", "remove it"),
        ({"scp_online": ["low"]}, "tenant_attach_severities.scp_online", "['low']", "did you mean low?"),
        (["low"], "a dictionary of severities by id", "['low']", "correct the variable"),
    ],
    ids=[
        "an id that does not exist -> refused",
        "an id that is a number -> refused",
        "a severity that is misspelt -> refused",
        "a severity in other letters -> refused",
        "no severity -> refused",
        "a list as severity -> refused",
        "a list of severities -> refused",
    ],
)
def test_what_does_not_exist_is_refused_by_name(declared: t.Any, expected: str, observed: str, step: str) -> None:
    with pytest.raises(InvalidOptionError) as caught:
        parse(declared)
    assert expected in caught.value.expected
    assert (caught.value.observed, caught.value.next_step) == (observed, step)
