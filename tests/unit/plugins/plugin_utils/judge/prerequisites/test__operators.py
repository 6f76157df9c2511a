# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Prerequisites of the people who start actions."""

from __future__ import annotations

from ansible_collections.configmgr.tenant_attach.tests.unit.tables import (
    INTUNE_DECIDES,
    OPERATOR,
    Json,
    Row,
    Table,
    account,
    all_of,
    check,
    hierarchy,
    no_account,
    site,
    tenant,
    tenant_without,
    verdicts,
)

TABLE: Table = {
    "administrator_intune_licence": (
        Row(what="licence active", outcome="pass"),
        Row(what="licence pending", change=account(intune_licence="pending"), scope=OPERATOR, outcome="warn"),
        Row(what="no licence", change=account(intune_licence="none"), scope=OPERATOR, outcome="fail"),
        Row(
            what="no licence, none needed in this tenant",
            change=all_of(account(intune_licence="none"), tenant(unlicensed_admins=True)),
            scope=OPERATOR,
            outcome="pass",
            says="directly",
        ),
        Row(
            what="no licence, tenant does not tell whether one is needed",
            change=all_of(account(intune_licence="none"), tenant_without("unlicensed_admins")),
            scope=OPERATOR,
            outcome="unknown",
            says="check the firewall",
        ),
        Row(
            what="state of the licence not understood",
            change=account(intune_licence="odd"),
            scope=OPERATOR,
            outcome="unknown",
        ),
        Row(what="no such account", change=no_account(), scope=OPERATOR, outcome="not_applicable"),
    ),
    "operator_synced": (
        Row(what="synchronised", outcome="pass"),
        Row(
            what="no longer synchronised",
            change=account(synced="no_longer"),
            scope=OPERATOR,
            outcome="fail",
            says="no longer",
        ),
        Row(what="never synchronised", change=account(synced="never"), scope=OPERATOR, outcome="fail"),
        Row(what="disabled", change=account(enabled=False), scope=OPERATOR, outcome="fail", says="disabled"),
        Row(what="no such account", change=no_account(), scope=OPERATOR, outcome="fail", says="no such account"),
        Row(what="state not understood", change=account(synced="odd"), scope=OPERATOR, outcome="unknown"),
        Row(
            what="never synchronised, Intune's roles decide alone",
            change=all_of(account(synced="never"), tenant(attach_rbac=True)),
            declared=INTUNE_DECIDES,
            scope=OPERATOR,
            outcome="pass",
            says="alone decide",
        ),
        Row(
            what="never synchronised, Intune's roles decide alone by declaration only",
            change=account(synced="never"),
            declared=INTUNE_DECIDES,
            scope=OPERATOR,
            outcome="fail",
        ),
        Row(
            what="never synchronised, version 2107 cannot let Intune's roles decide",
            change=all_of(account(synced="never"), tenant(attach_rbac=True), site("CAS", build=9058)),
            declared=INTUNE_DECIDES,
            scope=OPERATOR,
            outcome="fail",
        ),
        Row(
            what="never synchronised, tenant does not tell whether Intune's roles decide",
            change=all_of(account(synced="never"), tenant_without("attach_rbac")),
            declared=INTUNE_DECIDES,
            scope=OPERATOR,
            outcome="unknown",
            says="may decide alone",
        ),
    ),
    "operator_discovered": (
        Row(what="discovered by Active Directory", outcome="pass"),
        Row(
            what="discovered by Entra ID",
            change=account(discovered_by=["entra"]),
            scope=OPERATOR,
            outcome="pass",
            says="Entra ID",
        ),
        Row(
            what="discovered by security groups alone",
            change=account(discovered_by=["group"]),
            scope=OPERATOR,
            outcome="fail",
            says="security groups",
        ),
        Row(
            what="not discovered",
            change=account(discovered_by=[]),
            scope=OPERATOR,
            outcome="fail",
            says="not discovered",
        ),
        Row(what="no such account", change=no_account(), scope=OPERATOR, outcome="not_applicable"),
        Row(what="agents not understood", change=account(discovered_by="ad"), scope=OPERATOR, outcome="unknown"),
        Row(what="top-tier site reports no build", change=site("CAS", build=None), outcome="unknown"),
        Row(what="version 2010, discovered by one of two", change=site("CAS", build=9040), outcome="fail", says="both"),
        Row(
            what="version 2010, discovered by both",
            change=all_of(site("CAS", build=9040), account(discovered_by=["ad", "entra"])),
            scope=OPERATOR,
            outcome="pass",
        ),
        Row(
            what="not discovered, read below the top-tier site",
            change=all_of(hierarchy(read_from="cm-p01.corp.contoso.example"), account(discovered_by=[])),
            scope=OPERATOR,
            outcome="unknown",
            says="top-tier",
        ),
        Row(
            what="Intune's roles decide alone",
            change=tenant(attach_rbac=True),
            declared=INTUNE_DECIDES,
            outcome="not_applicable",
        ),
    ),
    "operator_intune_permission": (
        Row(what="permission held", outcome="pass", says="ConfigMgr operators"),
        Row(
            what="permission not held",
            change=account(intune_action={"granted": False, "via": [], "eligible": []}),
            scope=OPERATOR,
            outcome="fail",
        ),
        Row(
            what="eligible for the role",
            change=account(
                intune_action={"granted": False, "via": [], "eligible": ["Entra role Intune Administrator"]}
            ),
            scope=OPERATOR,
            outcome="warn",
            says="activated",
        ),
        Row(
            what="state of the permission not understood",
            change=account(intune_action={"granted": None, "via": [], "eligible": []}),
            scope=OPERATOR,
            outcome="unknown",
        ),
        Row(what="no such account", change=no_account(), scope=OPERATOR, outcome="not_applicable"),
    ),
    "operator_configmgr_rights": (
        Row(what="a security role", outcome="pass"),
        Row(what="no security role", change=account(configmgr_roles=[]), scope=OPERATOR, outcome="fail"),
        Row(
            what="a role that only reads",
            change=account(configmgr_roles=["Read-only Analyst"]),
            scope=OPERATOR,
            outcome="warn",
        ),
        Row(what="roles not understood", change=account(configmgr_roles="all"), scope=OPERATOR, outcome="unknown"),
        Row(what="no such account", change=no_account(), scope=OPERATOR, outcome="not_applicable"),
        Row(
            what="Intune's roles decide alone",
            change=tenant(attach_rbac=True),
            declared=INTUNE_DECIDES,
            outcome="not_applicable",
        ),
    ),
}


@verdicts(TABLE)
def test_verdict(healthy: Json, prerequisite: str, row: Row) -> None:
    check(healthy, prerequisite, row)
