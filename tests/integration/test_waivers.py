# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Accepted exceptions from end to end: what was found stays, what counts changes, and what is wrong is refused."""

from __future__ import annotations

import csv
import json
import typing as t
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from integration.harness import TARGETS, Ansible, Json, Labs, Readiness, RunReadiness, fqdn, short

OWNER = {"owner": "Ada Quill", "reason": "the site is closed in March", "ticket": "CHG0040123"}
LATER, EARLIER = "2999-12-31", "2020-01-31"


def accepted(readiness: Readiness) -> Iterator[Json]:
    """A waiver for everything that fails in a run, by name."""
    for finding in readiness.findings:
        if finding["outcome"] == "fail":
            kind, name = finding["scope"]["kind"], finding["scope"]["name"]
            scope = kind if kind in {"hierarchy", "tenant"} else f"{kind}:{name}"
            yield {"id": finding["id"], "scope": scope, "expires": LATER, **OWNER}


@pytest.fixture(scope="module")
def contoso(judged: Callable[[str], Readiness]) -> Readiness:
    return judged("contoso")


@pytest.fixture(scope="module")
def waived(contoso: Readiness, readiness: RunReadiness) -> Readiness:
    """A run in which everything that fails is waived, one thing twice and one for nothing."""
    waivers = [
        *accepted(contoso),
        {"id": "scp_endpoint_check", "scope": "site:CAS", "expires": LATER, **OWNER},
        {"id": "site_version", "scope": "site:P01", "expires": LATER, **OWNER},
    ]
    return readiness(
        contoso.lab,
        tenant_attach_waivers=waivers,
        tenant_attach_severities={"scp_endpoint_check": "low"},
        fail_on="fail",
    )


def without_waiver(finding: Json) -> Json:
    return {**finding, "waiver": None, "severity": finding["catalogue_severity"]}


def test_what_was_found_stays_and_no_longer_fails_the_run(waived: Readiness, contoso: Readiness) -> None:
    assert (contoso.run.status, waived.run.status) == (2, 0)
    assert [without_waiver(each) for each in waived.findings] == contoso.findings
    before, after = contoso.document["summary"], waived.document["summary"]
    assert after["outcomes"] == before["outcomes"]
    assert (before["verdict"], before["waived"], after["waived"]) == ("not_ready", 0, before["outcomes"]["fail"])
    assert after["verdict"] == ("not_proven" if before["outcomes"]["unknown"] else "ready")
    assert "fail" not in waived.document["fails_on"]
    failing = {code for code, entry in contoso.document["sites"].items() if entry["outcomes"]["fail"]}
    assert failing
    assert all(waived.document["sites"][code]["waived"] for code in failing)
    assert all(waived.document["sites"][code]["verdict"] != "not_ready" for code in failing)


def test_the_run_says_what_is_accepted_and_what_is_of_no_use(waived: Readiness) -> None:
    number = waived.document["summary"]["waived"]
    output = " ".join(waived.run.output.split())
    assert f", with {number} accepted exceptions: " in output
    assert f"Accepted exceptions ({number})" in output
    assert f"until {LATER}, Ada Quill, CHG0040123: the site is closed in March" in output
    assert "Waivers that no finding carries (2)" in output
    assert {(each["id"], each["reason"]) for each in waived.document["waivers_unused"]} == {
        ("scp_endpoint_check", "a more specific waiver takes its place"),
        ("site_version", "passes or does not apply"),
    }
    assert "[severity low (high in the catalogue)]" in output or "[severity low (" in output


def test_every_report_says_the_same(waived: Readiness) -> None:
    number = waived.document["summary"]["waived"]
    names = {"readiness.json", "readiness.md", "readiness.csv", "junit.xml", "evidence.json"}
    assert {path.name for path in waived.directory.iterdir()} >= names
    with (waived.directory / "readiness.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file, strict=True))
    assert [(row["id"], row["scope"], row["outcome"]) for row in rows] == [
        (each["id"], each["scope"]["name"], each["outcome"]) for each in waived.findings
    ]
    assert sum(row["waiver"] == "waived" for row in rows) == number
    suites = ET.parse(waived.directory / "junit.xml").getroot()
    assert (suites.get("tests"), suites.get("failures")) == (str(len(waived.findings)), "0")
    assert suites.get("errors") == str(waived.document["summary"]["outcomes"]["unknown"])
    skipped = [each.get("message", "") for each in suites.iter("skipped")]
    assert sum(message.startswith("fail, waived for ") for message in skipped) == number
    text = (waived.directory / "readiness.md").read_text(encoding="utf-8")
    assert f"## Accepted exceptions ({number})" in text


def test_one_that_has_expired_counts_again_and_says_so(lab: Labs, contoso: Readiness, readiness: RunReadiness) -> None:
    point = fqdn("cm-scp01")
    waivers = [
        {
            **each,
            "expires": EARLIER if (each["id"], each["scope"]) == ("scp_endpoint_check", f"host:{point}") else LATER,
        }
        for each in accepted(contoso)
    ]
    expired = readiness(lab("contoso"), tenant_attach_waivers=waivers)
    assert expired.run.status == 2
    assert expired.document["summary"]["verdict"] == "not_ready"
    assert expired.document["summary"]["waived"] == len(waivers) - 1
    (finding,) = (each for each in expired.findings if each["waiver"] and each["waiver"]["expired"])
    assert (finding["id"], short(finding), finding["outcome"]) == ("scp_endpoint_check", "cm-scp01", "fail")
    said = f"waiver for host:{point} expired on {EARLIER}, Ada Quill, CHG0040123"
    assert said in " ".join(expired.run.output.split())


RIGHT = {"id": "scp_online", "scope": "site:CAS", "expires": LATER, **OWNER}


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"tenant_attach_waivers": [{**RIGHT, "id": "scp_onlin"}]}, ("'scp_onlin'", "did you mean scp_online?")),
        ({"tenant_attach_waivers": [{**RIGHT, "expiry": LATER}]}, ("'expiry'", "did you mean expires?")),
        ({"tenant_attach_waivers": [{**RIGHT, "expires": "2027-02-30"}]}, ("(scp_online).expires", "'2027-02-30'")),
        ({"tenant_attach_waivers": [{**RIGHT, "owner": ""}]}, ("(scp_online).owner", "not empty")),
        ({"tenant_attach_waivers": [{**RIGHT, "scope": "*"}]}, ("(scp_online).scope", "no scope for everything")),
        ({"tenant_attach_waivers": [RIGHT, {**RIGHT, "scope": "SITE:cas"}]}, ("SITE:cas twice", "entries 0 and 1")),
        ({"tenant_attach_severities": {"scp_online": "lo"}}, ("tenant_attach_severities.scp_online", "'lo'")),
        ({"tenant_attach_severities": {"scp": "low"}}, ("each key of tenant_attach_severities", "'scp'")),
    ],
    ids=["id", "key", "day", "owner", "everything", "twice", "severity", "severity-id"],
)
def test_what_is_wrong_is_refused_before_any_request(
    variables: Json, said: tuple[str, ...], lab: Labs, readiness: RunReadiness
) -> None:
    with lab("contoso").watched() as requests:
        refused = readiness(lab("contoso"), **variables)
    assert requests == []
    assert refused.run.status == 2
    assert not refused.directory.exists()
    for text in said:
        assert text in refused.run.output


def test_a_day_may_stand_in_yaml_as_a_day(tmp_path: Path, ansible: Ansible, contoso: Readiness) -> None:
    result = tmp_path / "result.json"
    variables = {"stored": str(contoso.directory / "evidence.json"), "result": str(result)}
    ansible.playbook(TARGETS / "judge" / "waivers.yml", variables=variables)
    returned: dict[str, t.Any] = json.loads(result.read_text())
    assert returned["changed"] is False
    (finding,) = returned["findings"]
    assert (finding["outcome"], finding["severity"]) == ("fail", "low")
    assert finding["waiver"]["expires"] == LATER
