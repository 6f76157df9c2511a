# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tables of verdicts: what is changed in the evidence of a healthy hierarchy, and how a prerequisite is judged then."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest

from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.documents._expectations import parse
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.judge._engine import judge
from ansible_collections.configmgr.tenant_attach.tests.unit.declared import NAMES, OPERATORS

Json = dict[str, t.Any]
Change = t.Callable[[Json], object]

OPERATOR = OPERATORS[0]
POINT = "cm-scp01.corp.contoso.example"
PROVIDER = "cm-p02-prv01.corp.contoso.example"
# The application that the hierarchy uses where it is attached.
CLIENT = "8c2d7b14-55ae-4f0d-b6a3-1e7f90c4d2aa"
# Intune's roles alone decide who acts, as far as the hierarchy goes: the tenant has a setting too.
INTUNE_DECIDES: Json = {**NAMES, "enforce_configmgr_rbac": False}
ERROR: Json = {
    "kind": "connection",
    "expected": "a TCP connection",
    "observed": "no answer at all",
    "where": "https://host",
    "next_step": "check the firewall",
    "rights": [],
}
# What is wrong with one provider or site is wrong with another one too.
_SHARED = {"provider_one_site", "site_user_discovery"}


def unchanged(_evidence: Json) -> None:
    """Change nothing."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Row:
    """A verdict.

    Args:
        what: What is the case, in words.
        change: What makes it so in the evidence of a healthy hierarchy.
        declared: What the team has declared.
        scope: The name of what is judged; everything that the prerequisite is judged for where there is none.
        outcome: How it is judged.
        says: What observation, reason or remedy say of it.
        observed: The whole observation, where it counts.
    """

    what: str
    change: Change = unchanged
    declared: Json = dataclasses.field(default_factory=lambda: NAMES)
    scope: str | None = None
    outcome: str
    says: str = ""
    observed: str | None = None


# The rows of prerequisites, by their ids.
Table = dict[str, tuple[Row, ...]]


def verdicts(table: Table) -> pytest.MarkDecorator:
    """Run a test for each row of a table, under a name that says the verdict."""
    return pytest.mark.parametrize(
        ("prerequisite", "row"),
        [
            pytest.param(prerequisite, row, id=f"{prerequisite}: {row.what} -> {row.outcome}")
            for prerequisite, rows in table.items()
            for row in rows
        ],
    )


def check(healthy: Json, prerequisite: str, row: Row) -> None:
    """Judge what a row tells of, and compare."""
    row.change(healthy)
    findings = judge(healthy, parse(row.declared), only=[prerequisite])["findings"]
    chosen = [finding for finding in findings if row.scope in {None, finding["scope"]["name"]}]
    assert chosen, findings
    for finding in chosen:
        assert finding["outcome"] == row.outcome, finding
        assert "a form that is not understood" not in finding["reason"], finding
        told = " ".join((finding["observed"], finding["reason"], (finding["remedy"] or {"text": ""})["text"]))
        assert row.says in told, finding
        assert row.observed in {None, finding["observed"]}, finding
        assert (finding["remedy"] is None) == (row.outcome in {"pass", "not_applicable"}), finding
    if row.scope is not None and row.change is not unchanged and row.outcome in {"fail", "warn"}:
        others = {finding["outcome"] for finding in findings if finding not in chosen}
        assert "fail" not in others or prerequisite in _SHARED, findings


# -- changes ----------------------------------------------------------------------------------------------------------


def all_of(*changes: Change) -> Change:
    return lambda evidence: [change(evidence) for change in changes]


def hierarchy(**values: t.Any) -> Change:
    return lambda evidence: evidence["hierarchy"].update(values)


def one_more(key: str, **entry: t.Any) -> Change:
    """Add an entry to a list of the hierarchy."""
    return lambda evidence: evidence["hierarchy"][key].append(entry)


def site(code: str, **values: t.Any) -> Change:
    return lambda evidence: next(s for s in evidence["hierarchy"]["sites"] if s["code"] == code).update(values)


def sites(**values: t.Any) -> Change:
    return lambda evidence: [each.update(values) for each in evidence["hierarchy"]["sites"]]


def point(**values: t.Any) -> Change:
    return lambda evidence: evidence["hierarchy"]["service_connection_points"][0].update(values)


def attached(tenant_id: str = "3f6c1a52-7d0e-4c1b-9a55-2b8f6d4e9c10") -> Change:
    entry = {
        "service": "Upload",
        "upload": True,
        "client_id": CLIENT,
        "tenant": {"id": tenant_id, "name": "Contoso"},
    }
    return hierarchy(attach={"state": "on", "services": [entry]})


def tenant(**values: t.Any) -> Change:
    return lambda evidence: evidence["tenant"].update(values)


def tenant_without(key: str) -> Change:
    """Replace a part of what the tenant tells by an error."""

    def change(evidence: Json) -> None:
        del evidence["tenant"][key]
        evidence["tenant"]["errors"][key] = ERROR

    return change


def account(upn: str = OPERATOR, **values: t.Any) -> Change:
    return lambda evidence: next(a for a in evidence["accounts"] if a["upn"] == upn).update(values)


def no_account(upn: str = OPERATOR) -> Change:
    """The tenant does not have an account."""
    return account(
        upn,
        found=False,
        enabled=None,
        synced="never",
        sid=None,
        global_administrator="none",
        intune_licence="none",
        intune_action={"granted": False, "via": [], "eligible": []},
        discovered_by=[],
        configmgr_roles=[],
    )


def host(name: str = POINT, **values: t.Any) -> Change:
    return lambda evidence: next(h for h in evidence["hosts"] if h["host"] == name).update(values)


def host_without(name: str, key: str) -> Change:
    """Replace a part of what a host tells by an error."""

    def change(evidence: Json) -> None:
        entry = next(h for h in evidence["hosts"] if h["host"] == name)
        del entry[key]
        entry["errors"][key] = ERROR

    return change
