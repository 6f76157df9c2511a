# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Prerequisites of the discovery of users."""

from __future__ import annotations

from ansible_collections.configmgr.tenant_attach.tests.unit.tables import (
    Change,
    Json,
    Row,
    Table,
    all_of,
    check,
    hierarchy,
    one_more,
    sites,
    verdicts,
)


def discovery(*, enabled: bool | None) -> Change:
    return lambda evidence: [
        entry["ad_user"].update(enabled=enabled) for entry in evidence["hierarchy"]["discovery"].values()
    ]


def entra(state: str = "started") -> Change:
    """Add the component of Entra user discovery."""
    return one_more(
        "components",
        component="SMS_AZUREAD_DISCOVERY_AGENT",
        site="CAS",
        host="cm-cas01.corp.contoso.example",
        state=state,
        status="ok",
        last_contacted=None,
    )


def components_of(code: str) -> Change:
    """Leave the components of one site."""
    return lambda evidence: evidence["hierarchy"].update(
        components=[each for each in evidence["hierarchy"]["components"] if each["site"] == code]
    )


TABLE: Table = {
    "user_discovery": (
        Row(what="Active Directory discovery on", outcome="pass"),
        Row(what="Active Directory and Entra discovery off", change=discovery(enabled=False), outcome="fail"),
        Row(what="Entra discovery alone", change=all_of(discovery(enabled=False), entra()), outcome="pass"),
        Row(
            what="Active Directory discovery off, Entra component stopped",
            change=all_of(discovery(enabled=False), entra("stopped")),
            outcome="unknown",
        ),
        Row(
            what="Active Directory discovery off, Entra discovery declared",
            change=discovery(enabled=False),
            declared={"entra_user_discovery": True},
            outcome="pass",
        ),
        Row(what="Active Directory settings not understood", change=discovery(enabled=None), outcome="unknown"),
        Row(
            what="Active Directory discovery off, components of the top-tier site not seen",
            change=all_of(discovery(enabled=False), components_of("P01")),
            outcome="unknown",
        ),
        Row(
            what="version 2010 with Active Directory discovery alone",
            change=sites(build=9040),
            outcome="fail",
            says="both",
        ),
        Row(what="version 2010 with both discoveries", change=all_of(sites(build=9040), entra()), outcome="pass"),
        Row(
            what="version 2010 with the Entra component stopped",
            change=all_of(sites(build=9040), entra("stopped")),
            outcome="unknown",
        ),
        Row(what="no single top-tier site", change=hierarchy(top_site=None), outcome="unknown"),
    ),
    "site_user_discovery": (
        Row(what="Active Directory discovery on", outcome="pass"),
        Row(
            what="Active Directory and Entra discovery off",
            change=discovery(enabled=False),
            scope="P02",
            outcome="warn",
        ),
        Row(
            what="Active Directory discovery off, Entra discovery on",
            change=all_of(discovery(enabled=False), entra()),
            scope="P02",
            outcome="pass",
        ),
        Row(
            what="Active Directory settings not understood",
            change=discovery(enabled=None),
            scope="P02",
            outcome="unknown",
        ),
    ),
}


@verdicts(TABLE)
def test_verdict(healthy: Json, prerequisite: str, row: Row) -> None:
    check(healthy, prerequisite, row)
