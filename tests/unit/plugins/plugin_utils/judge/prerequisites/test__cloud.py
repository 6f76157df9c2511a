# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Prerequisites of the cloud and the tenant."""

from __future__ import annotations

import datetime as dt

from ansible_collections.configmgr.tenant_attach.tests.unit.declared import NAMES
from ansible_collections.configmgr.tenant_attach.tests.unit.tables import (
    INTUNE_DECIDES,
    Change,
    Json,
    Row,
    Table,
    all_of,
    check,
    site,
    tenant,
    verdicts,
)


def synced(days: float) -> Change:
    """Let the tenant have been synchronised some days ago."""

    def change(evidence: Json) -> None:
        now = dt.datetime.fromisoformat(evidence["collected_at"])
        evidence["tenant"]["sync"] = {"enabled": True, "last": (now - dt.timedelta(days=days)).isoformat()}

    return change


TABLE: Table = {
    "cloud_environment": (
        Row(what="public cloud", outcome="pass"),
        Row(
            what="Azure China",
            change=tenant(cloud="china"),
            declared={**NAMES, "cloud": None},
            outcome="fail",
            says="Azure China",
        ),
        Row(
            what="another cloud than declared",
            change=tenant(cloud="us_gov_dod"),
            outcome="fail",
            says="declared: public",
        ),
        Row(
            what="US Government DoD as declared",
            change=tenant(cloud="us_gov_dod"),
            declared={**NAMES, "cloud": "us_gov_dod"},
            outcome="pass",
            says="nothing else",
        ),
        Row(
            what="US Government GCC High, version 2103",
            change=all_of(tenant(cloud="us_gov_gcc_high"), site("CAS", build=9049)),
            declared={**NAMES, "cloud": None},
            outcome="fail",
            says="2107",
        ),
        Row(
            what="US Government GCC High, no build reported",
            change=all_of(tenant(cloud="us_gov_gcc_high"), site("CAS", build=None)),
            declared={**NAMES, "cloud": None},
            outcome="unknown",
            says="not known",
        ),
        Row(what="cloud not known", change=tenant(cloud=None), outcome="unknown"),
    ),
    "tenant_geography": (
        Row(what="both in Germany", outcome="pass"),
        Row(what="Germany and Austria", declared={**NAMES, "scp_country": "AT"}, outcome="pass", says="AT"),
        Row(what="Germany and the United States", declared={**NAMES, "scp_country": "US"}, outcome="warn", says="US"),
        Row(
            what="country of the service connection point not declared",
            declared={**NAMES, "scp_country": None},
            outcome="unknown",
            says="scp_country",
        ),
        Row(what="tenant without a country", change=tenant(country=None), outcome="unknown"),
    ),
    "intune_subscription": (
        Row(what="active", outcome="pass"),
        Row(what="in state warning", change=tenant(intune_subscription="warning"), outcome="warn"),
        Row(what="no subscription", change=tenant(intune_subscription="none"), outcome="fail"),
        Row(what="locked out", change=tenant(intune_subscription="lockedout"), outcome="fail"),
        Row(what="state not told", change=tenant(intune_subscription=None), outcome="unknown"),
        Row(what="no licence", change=tenant(licences=[]), outcome="fail", says="licenses users"),
        Row(
            what="every licence suspended",
            change=tenant(licences=[{"sku": "EMS", "state": "suspended", "enabled": 0, "consumed": 1}]),
            outcome="fail",
        ),
    ),
    "mdm_authority": (
        Row(what="Intune", outcome="pass"),
        Row(what="Basic Mobility and Security", change=tenant(mdm_authority="office365"), outcome="warn"),
        Row(what="none told", change=tenant(mdm_authority=None), outcome="unknown"),
    ),
    "directory_sync": (
        Row(what="synchronised minutes ago", outcome="pass"),
        Row(what="synchronised 21 hours ago", change=synced(0.9), outcome="pass"),
        Row(what="synchronised five days ago", change=synced(5.1), outcome="warn", says="5 days"),
        Row(
            what="no longer synchronised",
            change=tenant(sync={"enabled": False, "last": None}),
            outcome="fail",
            says="no longer",
        ),
        Row(
            what="never synchronised", change=tenant(sync={"enabled": None, "last": None}), outcome="fail", says="never"
        ),
        Row(
            what="never synchronised, Intune's roles decide alone",
            change=tenant(sync={"enabled": None, "last": None}, attach_rbac=True),
            declared=INTUNE_DECIDES,
            outcome="pass",
            says="alone decide",
        ),
        Row(
            what="time of the last run not told", change=tenant(sync={"enabled": True, "last": None}), outcome="unknown"
        ),
        Row(what="state not understood", change=tenant(sync={"enabled": "yes", "last": None}), outcome="unknown"),
    ),
    "cloud_service_health": (
        Row(what="Intune operational", outcome="pass"),
        Row(
            what="Intune degraded",
            change=tenant(service_health=[{"name": "Microsoft Intune", "status": "ServiceDegradation"}]),
            outcome="warn",
        ),
        Row(
            what="Intune restored",
            change=tenant(service_health=[{"name": "Microsoft Intune", "status": "ServiceRestored"}]),
            outcome="pass",
        ),
        Row(what="Intune not among the services", change=tenant(service_health=[]), outcome="unknown"),
    ),
}


@verdicts(TABLE)
def test_verdict(healthy: Json, prerequisite: str, row: Row) -> None:
    check(healthy, prerequisite, row)
