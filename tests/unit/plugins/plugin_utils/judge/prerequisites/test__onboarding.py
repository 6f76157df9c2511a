# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Prerequisites of onboarding, and of what it leaves in the tenant."""

from __future__ import annotations

import datetime as dt
import typing as t

from ansible_collections.configmgr.tenant_attach.tests.unit.declared import ONBOARDER
from ansible_collections.configmgr.tenant_attach.tests.unit.tables import (
    CLIENT,
    Change,
    Json,
    Row,
    Table,
    account,
    all_of,
    attached,
    check,
    no_account,
    tenant,
    tenant_without,
    verdicts,
)


def onboarded(*, secret_days: float | None = 400, age_days: float = 100, **values: t.Any) -> Change:
    """What onboarding leaves in the tenant."""

    def change(evidence: Json) -> None:
        now = dt.datetime.fromisoformat(evidence["collected_at"])
        application = {
            "id": "o1",
            "client_id": CLIENT,
            "name": "ConfigMgrSvc_1",
            "created": (now - dt.timedelta(days=age_days)).isoformat(),
            "sign_in_audience": "AzureADMyOrg",
            "identifier_uris": [],
            "enabled": True,
            "consented": [],
            "secret_expires": None if secret_days is None else (now + dt.timedelta(days=secret_days)).isoformat(),
        }
        evidence["tenant"]["onboarding"] = {
            "state": "present",
            "problems": [],
            "application": application,
            "applications": [application],
            "service_principal": {"id": "s1", "enabled": True},
            "secret_expires": application["secret_expires"],
            **values,
        }

    return change


TABLE: Table = {
    "onboarding_account": (
        Row(what="Global Administrator", outcome="pass"),
        Row(
            what="eligible for Global Administrator",
            change=account(ONBOARDER, global_administrator="eligible"),
            outcome="warn",
        ),
        Row(what="not Global Administrator", change=account(ONBOARDER, global_administrator="none"), outcome="fail"),
        Row(
            what="state of the role not understood",
            change=account(ONBOARDER, global_administrator="maybe"),
            outcome="unknown",
        ),
        Row(what="no such account", change=no_account(ONBOARDER), outcome="fail", says="no such account"),
        Row(
            what="attached already, not Global Administrator",
            change=all_of(attached(), account(ONBOARDER, global_administrator="none")),
            outcome="not_applicable",
        ),
    ),
    "onboarding_objects": (
        Row(what="none before the onboarding", outcome="pass", says="before"),
        Row(what="present though not attached", change=onboarded(), outcome="warn", says="not attached"),
        Row(what="present and attached", change=all_of(attached(), onboarded()), outcome="pass"),
        Row(what="attached, application lost", change=attached(), outcome="fail", says="does not have"),
        Row(
            what="attached, objects broken",
            change=all_of(attached(), onboarded(state="broken", problems=["no consent"])),
            outcome="fail",
            says="no consent",
        ),
        Row(what="state not understood", change=onboarded(state="odd"), outcome="unknown"),
    ),
    "onboarding_secret": (
        Row(what="nothing onboarded yet", outcome="not_applicable"),
        Row(what="ends in 400 days", change=all_of(attached(), onboarded()), outcome="pass"),
        Row(what="ends in 29 days", change=all_of(attached(), onboarded(secret_days=29)), outcome="warn"),
        Row(what="ended yesterday", change=onboarded(secret_days=-1), outcome="fail", says="expired"),
        Row(what="application without a secret", change=onboarded(secret_days=None), outcome="fail"),
        Row(what="objects not read", change=tenant_without("onboarding"), outcome="unknown", says="no answer at all"),
    ),
    "onboarding_application_age": (
        Row(what="nothing onboarded yet", outcome="not_applicable"),
        Row(what="100 days old", change=onboarded(), outcome="pass"),
        Row(what="801 days old", change=onboarded(age_days=801), outcome="warn", says="800"),
        Row(what="objects not read", change=tenant_without("onboarding"), outcome="unknown"),
    ),
    "attached_tenant": (
        Row(what="not attached", outcome="not_applicable"),
        Row(what="attached to this tenant", change=attached(), outcome="pass"),
        Row(what="attached to another tenant", change=attached("0d6b1c52-0000-4000-8000-00000000000a"), outcome="fail"),
        Row(what="tenant without an id", change=all_of(attached(), tenant(id=None)), outcome="unknown"),
    ),
}


@verdicts(TABLE)
def test_verdict(healthy: Json, prerequisite: str, row: Row) -> None:
    check(healthy, prerequisite, row)
