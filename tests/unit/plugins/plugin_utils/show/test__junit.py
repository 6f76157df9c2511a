# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
import xmlschema

from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.show import _junit
from ansible_collections.configmgr.tenant_attach.tests.unit.readers import JUNIT, POINT, junit_suites, varied

Json = dict[str, t.Any]
ELEMENTS = {"pass": None, "warn": None, "fail": "failure", "unknown": "error", "not_applicable": "skipped"}


@pytest.fixture
def document(healthy: Json) -> Json:
    return varied(healthy)


@pytest.fixture
def suites(document: Json) -> dict[str, Json]:
    """Test suites by name, each with its cases by name."""
    found = junit_suites(_junit.render(document))
    assert len({suite["@name"] for suite in found}) == len(found)
    return {suite["@name"]: {**suite, "cases": {case["@name"]: case for case in suite["testcase"]}} for suite in found}


def element(case: Json) -> str | None:
    found = [name for name in ("failure", "error", "skipped") if name in case]
    assert len(found) <= 1
    return found[0] if found else None


def suite_of(finding: Json) -> str:
    kind, name = finding["scope"]["kind"], finding["scope"]["name"]
    return name if kind == name else f"{kind} {name}"


def test_the_schema_is_one_that_refuses(document: Json) -> None:
    text = _junit.render(document)
    JUNIT.validate(text)
    for damage in (("testcase name", "testcase title"), ("<failure", "<fail"), ('tests="', 'number="')):
        with pytest.raises(xmlschema.XMLSchemaException):
            JUNIT.validate(text.replace(*damage))


def test_there_is_a_suite_for_what_findings_are_about(document: Json, suites: dict[str, Json]) -> None:
    assert list(suites) == list(dict.fromkeys(map(suite_of, document["findings"])))
    assert {"tenant", "hierarchy", "site P01", f"host {POINT}", "account operator001@contoso.com"} <= set(suites)
    assert suites[f"host {POINT}"]["properties"] == [{"property": [{"@name": "site", "@value": "CAS"}]}]
    assert "properties" not in suites["tenant"]


def test_each_outcome_has_its_element(document: Json, suites: dict[str, Json]) -> None:
    assert {each["outcome"] for each in document["findings"]} == set(ELEMENTS)
    for finding in document["findings"]:
        case = suites[suite_of(finding)]["cases"][finding["id"]]
        assert case["@classname"] == finding["area"]
        waived = finding["waiver"] is not None and not finding["waiver"]["expired"]
        wanted = "skipped" if waived else ELEMENTS[finding["outcome"]]
        assert element(case) == wanted
        if wanted:
            (found,) = case[wanted]
            assert found["@type"] == finding["outcome"]
            assert finding["observed"] in found["@message"]
            assert f"Prerequisite: {finding['title']}" in found["$"]
        assert ("system-out" in case) == (
            not wanted and (finding["outcome"] == "warn" or finding["severity"] != finding["catalogue_severity"])
        )


def test_counts_are_those_of_the_elements(document: Json, suites: dict[str, Json]) -> None:
    whole = JUNIT.to_dict(_junit.render(document))
    for suite in suites.values():
        found = [element(case) for case in suite["testcase"]]
        assert (suite["@tests"], suite["@failures"], suite["@errors"], suite["@skipped"]) == tuple(
            map(str, (len(found), found.count("failure"), found.count("error"), found.count("skipped")))
        )
        assert suite["@timestamp"] == document["collected_at"]
    for key in ("@tests", "@failures", "@errors"):
        assert int(whole[key]) == sum(int(suite[key]) for suite in suites.values())
    outcomes = document["summary"]["outcomes"]
    # One of the failures and two of the errors are waived.
    assert (int(whole["@failures"]), int(whole["@errors"])) == (outcomes["fail"] - 1, outcomes["unknown"] - 2)
    assert int(whole["@tests"]) == document["summary"]["findings"]


def test_what_is_waived_says_by_whom_and_until_when_and_what_it_is(suites: dict[str, Json]) -> None:
    (skipped,) = suites[f"host {POINT}"]["cases"]["scp_online"]["skipped"]
    assert skipped["@message"].startswith(
        f"fail, waived for host:{POINT} until 2999-12-31, Ada Quill, CHG0040123: the site is closed in March (offline"
    )
    assert "Severity: high (critical in the catalogue)" in skipped["$"]


def test_what_is_waived_no_longer_says_so(suites: dict[str, Json]) -> None:
    (failure,) = suites["account operator001@contoso.com"]["cases"]["operator_discovered"]["failure"]
    said = "waiver for account:operator001@contoso.com expired on 2020-01-31, Ada Quill: the site is closed in March"
    assert said in failure["@message"]
    assert f"Waiver: {said}" in failure["$"]


def test_what_warns_passes_and_says_why(suites: dict[str, Json]) -> None:
    case = suites["hierarchy"]["cases"]["site_versions_uniform"]
    assert "Outcome: warn\nSeverity: high (low" in case["system-out"][0]
    # So does what passes where its severity was set.
    assert "Severity: medium (" in suites["hierarchy"]["cases"]["scp_present"]["system-out"][0]
