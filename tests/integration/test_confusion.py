# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The confusion table: every scenario of the lab, every prerequisite, the outcome that is right."""

from __future__ import annotations

import datetime as dt
import json
import typing as t
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import yaml
from integration.harness import HERE, TARGETS, Ansible, Json, Readiness, short

from lab import scenario as scenarios

TABLE: Json = yaml.safe_load((HERE / "confusion.yml").read_text(encoding="utf-8"))
ROWS: dict[str, dict[str, t.Any]] = TABLE["scenarios"]
OUTCOMES = {"pass", "warn", "fail", "not_applicable", "unknown"}
NOTICE = dt.timedelta(days=90)
Expected = dict[tuple[str, str], str]


def scopes(name: str) -> dict[str, dict[str, int]]:
    """For each kind of scope: the names of its members, with the build of their site."""
    estate = scenarios.load(name)
    upper = {code: site for code, site in estate.sites.items() if site.type != "secondary"}
    build = {code: site.build for code, site in estate.sites.items()}
    top = estate.top_site
    assert estate.tenant is not None
    operators = {upn.partition("@")[0]: top.build for upn in estate.tenant.operators}
    onboarder = {str(estate.expectations["onboarding_account"]).partition("@")[0]: top.build}
    return {
        "sites": {code: build[code] for code in upper},
        "primaries": {code: build[code] for code, site in upper.items() if site.type == "primary"},
        "providers": {host: build[each.site] for host, each in estate.providers.items()},
        "points": {host: build[each.site] for host, each in estate.connection_points.items()},
        "hosts": {
            host: build[each.site]
            for host, each in (*estate.providers.items(), *estate.connection_points.items())
            if each.site in upper
        },
        **double_hop(estate),
        "primary_providers": {
            host: build[each.site]
            for host, each in estate.providers.items()
            if each.site in upper and upper[each.site].type == "primary"
        },
        "hierarchy": {"hierarchy": top.build},
        "tenant": {"tenant": top.build},
        "onboarder": onboarder,
        "operators": operators,
        "people": {**onboarder, **operators},
    }


def double_hop(estate: scenarios.Scenario) -> dict[str, dict[str, int]]:
    """Whom the lists of the product's page name, by the scenario."""
    cas, primaries = estate.top_site, [site for site in estate.sites.values() if site.type == "primary"]
    nobody = {"hierarchy": cas.build}
    remote = [host for host, each in estate.providers.items() if each.site == cas.code and host != cas.server]
    remote_sql = cas.sql.host != cas.server
    if cas.type != "cas" or not (remote or remote_sql):
        return dict.fromkeys(("delegating", "sql_below", "sql"), nobody)
    below = {site.sql.host: site.build for site in primaries}
    return {
        "delegating": dict.fromkeys([*remote, cas.server], cas.build)
        | ({site.server: site.build for site in primaries} if remote_sql else {}),
        "sql_below": below,
        "sql": below | ({cas.sql.host: cas.build} if remote_sql else {}),
    }


def expected(name: str) -> Expected:
    """The outcome for every prerequisite and scope of a scenario."""
    found: Expected = {}
    members = scopes(name)
    for prerequisite, row in ROWS[name].items():
        outcomes = row if isinstance(row, dict) else {"default": row}
        concerned = members[TABLE["prerequisites"][prerequisite]]
        strange = outcomes.keys() - {"default"} - concerned.keys()
        assert not strange, f"{name}, {prerequisite}: {strange} are not among {', '.join(concerned)}"
        for scope, build in concerned.items():
            outcome = str(outcomes.get(scope, outcomes["default"]))
            found[prerequisite, scope] = dated(build) if outcome == "dated" else outcome
    assert set(found.values()) <= OUTCOMES
    return found


def dated(build: int) -> str:
    """The outcome for the support of a build, as of today."""
    return "warn" if dt.datetime.now(tz=dt.UTC).date() + NOTICE > TABLE["support_ends"][build] else "pass"


def observed(readiness: Readiness) -> Expected:
    """The outcome of every finding."""
    found: Expected = {}
    for finding in readiness.findings:
        # What a prerequisite says that stumbled, whatever the outcome: everything missing is to be noticed before.
        assert "a form that is not understood" not in finding["reason"], finding
        key = (finding["id"], short(finding))
        assert key not in found, f"{key} was judged twice"
        found[key] = finding["outcome"]
    return found


def differences(wanted: Mapping[tuple[str, str], str], got: Mapping[tuple[str, str], str]) -> list[str]:
    """What differs, one line each."""
    return [
        f"{prerequisite} of {scope}: expected {wanted.get((prerequisite, scope))}, got {got.get((prerequisite, scope))}"
        for prerequisite, scope in sorted(wanted.keys() | got.keys())
        if wanted.get((prerequisite, scope)) != got.get((prerequisite, scope))
    ]


@pytest.mark.parametrize("name", sorted(ROWS))
def test_every_finding_is_the_one_of_the_table(name: str, judged: Callable[[str], Readiness]) -> None:
    assert differences(expected(name), observed(judged(name))) == []


def test_every_scenario_has_a_table() -> None:
    assert set(ROWS) == {path.stem for path in scenarios.SCENARIOS.glob("*.yml")}


@pytest.mark.parametrize("name", sorted(ROWS))
def test_every_scenario_has_a_row_for_every_prerequisite(name: str) -> None:
    assert set(ROWS[name]) == set(TABLE["prerequisites"])


def test_the_table_has_every_prerequisite_of_the_catalogue(ansible: Ansible, tmp_path: Path) -> None:
    # Of evidence that holds nothing, every prerequisite can only say that it does not know.
    result = tmp_path / "findings.json"
    ansible.playbook(TARGETS / "judge" / "empty.yml", variables={"result": str(result)})
    findings = json.loads(result.read_text())["findings"]
    assert {finding["outcome"] for finding in findings} == {"unknown"}
    ids = [finding["id"] for finding in findings]
    assert len(ids) == len(set(ids))
    assert set(ids) == set(TABLE["prerequisites"])
