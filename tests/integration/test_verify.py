# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The verify playbook: the same run as readiness, with the question of after the onboarding."""

from __future__ import annotations

import re
import typing as t
from pathlib import Path

import pytest
from integration.harness import VERIFY, Ansible, Labs, Readiness, RunReadiness, short

LAST = "Fail as asked for"
PASSING = {
    "adminservice_certificate",
    "adminservice_component",
    "adminservice_functional",
    "attach_state",
    "attach_upload",
    "attached_tenant",
    "cloud_service_health",
    "intune_subscription",
    "onboarding_application_age",
    "onboarding_objects",
    "onboarding_secret",
    "provider_authentication_level",
    "scp_cloud_connection",
    "scp_component",
    "scp_endpoint_check",
    "scp_online",
    "scp_present",
    "scp_top_tier",
    "scp_unique",
}
# By scenario: what the verdict says, and what fails, as place and prerequisite.
VERDICTS = {
    "attached": ("attach is on and healthy", set()),
    "healthy": ("attach is not on", {("attach_state", "hierarchy"), ("onboarding_objects", "tenant")}),
    "ruined": (
        "attach is not on",
        {
            ("adminservice_certificate", "cm-p01-prv01"),
            ("adminservice_component", "cm-p01"),
            ("adminservice_component", "cm-p03"),
            ("adminservice_functional", "cm-p03"),
            ("attach_state", "hierarchy"),
            ("onboarding_objects", "tenant"),
            ("scp_cloud_connection", "cm-scp01"),
            ("scp_component", "cm-scp01"),
            ("scp_endpoint_check", "cm-scp01"),
            ("scp_online", "cm-scp01"),
            ("scp_top_tier", "cm-p01"),
            ("scp_unique", "hierarchy"),
        },
    ),
}


@pytest.fixture(scope="module")
def verified(lab: Labs, readiness: RunReadiness) -> t.Callable[[str], Readiness]:
    """Call it with the name of a scenario: one run of verify, shared by all who look at it."""
    done: dict[str, Readiness] = {}

    def look(scenario: str) -> Readiness:
        if scenario not in done:
            # Silent hosts are waited for: not as long as a real network might need.
            patience = {"tenant_attach_adminservice": {**lab(scenario).adminservice, "timeout": 5}}
            done[scenario] = readiness(lab(scenario), playbook=VERIFY, **(patience if scenario == "ruined" else {}))
        return done[scenario]

    return look


@pytest.mark.parametrize("scenario", sorted(VERDICTS))
def test_the_verdict_and_how_the_run_ends(scenario: str, verified: t.Callable[[str], Readiness]) -> None:
    answer, failing = VERDICTS[scenario]
    looked = verified(scenario)
    assert looked.named("fail") == failing
    assert {each["id"] for each in looked.findings} == PASSING
    assert looked.document["purpose"] == "verification"
    assert looked.run.status == (2 if failing else 0)
    assert (looked.run.recap["failed"], looked.run.recap["changed"]) == (1 if failing else 0, 0)
    assert looked.run.tasks[-1] == LAST
    assert re.search(rf"^{answer.upper()}: \d+ fail", looked.run.output, re.MULTILINE)
    assert f"Verdict: {answer}." in looked.run.output
    assert " ready" not in looked.run.output.lower()


def test_an_attached_hierarchy_passes_everything(verified: t.Callable[[str], Readiness]) -> None:
    assert {name for name, _place in verified("attached").named("pass")} == PASSING
    assert verified("attached").document["fails_on"] == []


def test_the_findings_are_those_of_readiness(
    verified: t.Callable[[str], Readiness], judged: t.Callable[[str], Readiness]
) -> None:
    # Where readiness has nothing to expect of an attached hierarchy either, both say the same.
    usual = {(each["id"], short(each)): each["outcome"] for each in judged("attached").findings}
    found = {(each["id"], short(each)): each["outcome"] for each in verified("attached").findings}
    assert found == {key: value for key, value in usual.items() if key[0] in PASSING}


def test_neither_people_nor_windows_hosts_are_looked_at(verified: t.Callable[[str], Readiness]) -> None:
    evidence = verified("attached").evidence
    assert not evidence.keys() & {"accounts", "hosts"}


def test_fail_on_decides(lab: Labs, readiness: RunReadiness) -> None:
    run = readiness(lab("healthy"), "--check", playbook=VERIFY, fail_on="never").run
    assert (run.status, run.recap["changed"], run.tasks[-1]) == (0, 0, LAST)


def test_contradicting_expectations_are_refused_before_any_request(lab: Labs, readiness: RunReadiness) -> None:
    estate = lab("attached")
    with estate.watched() as requests:
        refused = readiness(estate, playbook=VERIFY, tenant_attach_expectations={"attached": False})
    assert requests == []
    assert refused.run.status == 2
    assert not refused.directory.exists()
    assert "tenant_attach_expectations.attached to be true, or left out" in refused.run.output


def test_reports_go_beside_those_of_readiness(lab: Labs, ansible: Ansible, tmp_path: Path) -> None:
    # Both write files of the same names, so each has a directory of its own.
    estate = lab("attached")
    run = ansible.playbook(VERIFY, lab=estate, environment={"PWD": str(tmp_path)}, inventory=estate.inventory)
    assert run.status == 0
    assert [path.name for path in tmp_path.iterdir()] == ["tenant-attach-verify"]
    assert (tmp_path / "tenant-attach-verify" / "readiness.json").is_file()
