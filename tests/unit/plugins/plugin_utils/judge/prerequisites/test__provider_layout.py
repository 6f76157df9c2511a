# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Prerequisites of where SMS Providers are."""

from __future__ import annotations

import typing as t

from ansible_collections.configmgr.tenant_attach.tests.unit.tables import (
    PROVIDER,
    Change,
    Json,
    Row,
    Table,
    check,
    one_more,
    site,
    verdicts,
)


def no_provider_at(code: str) -> Change:
    return lambda evidence: evidence["hierarchy"].update(
        providers=[each for each in evidence["hierarchy"]["providers"] if each["site"] != code]
    )


def site_system_of_p01(*roles: str) -> Change:
    """Make an SMS Provider of P02 a site system of P01 as well."""
    return one_more("site_systems", host=PROVIDER, site="P01", roles=list(roles), domain=None)


def site_systems(hosts: t.Collection[str] = (), **values: t.Any) -> Change:
    """Change some site systems, or all."""
    return lambda evidence: [
        each.update(values) for each in evidence["hierarchy"]["site_systems"] if not hosts or each["host"] in hosts
    ]


TABLE: Table = {
    "provider_present": (
        Row(what="an SMS Provider at every upper site", outcome="pass"),
        Row(what="no SMS Provider at P03", change=no_provider_at("P03"), scope="P03", outcome="fail"),
    ),
    "provider_not_at_secondary": (
        Row(what="no SMS Provider at a secondary site", outcome="pass"),
        Row(
            what="an SMS Provider at S21",
            change=one_more("providers", host="cm-s21", site="S21", remote=False),
            outcome="fail",
            says="S21",
        ),
    ),
    "provider_one_site": (
        Row(what="every SMS Provider of one site", outcome="pass"),
        Row(
            what="an SMS Provider of two sites",
            change=one_more("providers", host=PROVIDER, site="P01", remote=True),
            scope=PROVIDER,
            outcome="fail",
        ),
    ),
    "provider_no_foreign_role": (
        Row(what="roles of its own site alone", outcome="pass"),
        Row(
            what="a distribution point of another site",
            change=site_system_of_p01("SMS Site System", "SMS Distribution Point"),
            scope=PROVIDER,
            outcome="fail",
            says="SMS Distribution Point of site P01",
        ),
        Row(
            what="a plain site system of another site",
            change=site_system_of_p01("SMS Site System"),
            scope=PROVIDER,
            outcome="pass",
        ),
    ),
    "provider_domain": (
        Row(what="in the domain of the site server", outcome="pass"),
        Row(
            what="in another domain",
            change=site_systems({PROVIDER}, domain="apac.contoso.example"),
            scope=PROVIDER,
            outcome="fail",
            says="apac",
        ),
        Row(what="in a domain that is not known", change=site_systems(domain=None), scope=PROVIDER, outcome="unknown"),
        Row(
            what="no database known for its site", change=site("P02", database=None), scope=PROVIDER, outcome="unknown"
        ),
    ),
}


@verdicts(TABLE)
def test_verdict(healthy: Json, prerequisite: str, row: Row) -> None:
    check(healthy, prerequisite, row)
