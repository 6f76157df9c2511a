# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Prerequisites of Active Directory, and of the double hop from SMS Providers to databases."""

from __future__ import annotations

import typing as t

from ansible_collections.configmgr.tenant_attach.tests.unit.declared import NAMES
from ansible_collections.configmgr.tenant_attach.tests.unit.tables import (
    ERROR,
    PROVIDER,
    Change,
    Json,
    Row,
    Table,
    all_of,
    check,
    hierarchy,
    host_without,
    site,
    sites,
    verdicts,
)

REMOTE = "cm-cas-prv01.corp.contoso.example"
SQL = "cm-p01-sql01.corp.contoso.example"
WITHOUT_PORTS: Json = {name: value for name, value in NAMES.items() if name != "sql_ports"}


def computer(name: str, **values: t.Any) -> Change:
    return lambda evidence: next(c for c in evidence["directory"]["computers"] if c["name"] == name).update(values)


def unfound(name: str) -> Change:
    """The directory does not have a computer."""

    def change(evidence: Json) -> None:
        others = [each for each in evidence["directory"]["computers"] if each["name"] != name]
        evidence["directory"]["computers"] = [*others, {"name": name, "error": ERROR}]

    return change


def no_directory(evidence: Json) -> None:
    evidence["directory"] = {"error": ERROR}


def services(found: list[Json]) -> Change:
    return lambda evidence: evidence["directory"].update(services=found)


def first_service(**values: t.Any) -> Change:
    """Change the first service of the first SQL Server."""
    return lambda evidence: evidence["directory"]["services"][0].update(values)


def old_group(**values: t.Any) -> Change:
    """Change Pre-Windows 2000 Compatible Access."""
    return lambda evidence: evidence["directory"]["groups"][0].update(values)


def local_group(**values: t.Any) -> Change:
    """Change the local group of a SQL Server that lets the CAS in."""
    return lambda evidence: next(h for h in evidence["hosts"] if h["host"] == SQL)["local_group"].update(values)


def standalone(evidence: Json) -> None:
    """Leave a primary site that stands alone."""
    own = [each for each in evidence["hierarchy"]["sites"] if each["code"] == "P01"]
    own[0]["parent"] = ""
    evidence["hierarchy"].update(
        sites=own,
        top_site="P01",
        providers=[each for each in evidence["hierarchy"]["providers"] if each["site"] == "P01"],
    )


def all_on_the_site_server(evidence: Json) -> None:
    """Put SMS Providers and database of the CAS on its site server."""
    found = evidence["hierarchy"]
    found["providers"] = [each for each in found["providers"] if each["host"] != REMOTE]
    found["sites"][0]["database"]["server"] = found["sites"][0]["server"]
    found["site_systems"] = [each for each in found["site_systems"] if "SMS SQL Server" not in each["roles"]]


TABLE: Table = {
    "cas_delegation": (
        Row(what="delegation to all five services", scope=REMOTE, outcome="pass", says="5 of 5"),
        Row(
            what="delegation to none",
            change=computer(REMOTE, delegates_to=[]),
            scope=REMOTE,
            outcome="fail",
            says="0 of 5",
        ),
        Row(
            what="delegation to one of five services",
            change=computer(REMOTE, delegates_to=["MSSQLSVC/cm-p02-sql01.corp.contoso.example:1433"]),
            scope=REMOTE,
            outcome="fail",
            says="1 of 5",
        ),
        Row(
            what="delegation to any service",
            change=computer(REMOTE, unconstrained=True),
            scope=REMOTE,
            outcome="fail",
            says="any service",
        ),
        Row(
            what="delegation from any authentication protocol",
            change=computer(REMOTE, protocol_transition=True),
            scope=REMOTE,
            outcome="fail",
            says="any authentication protocol",
        ),
        Row(
            what="computer not found in the directory",
            change=unfound(REMOTE),
            scope=REMOTE,
            outcome="unknown",
            says="no answer at all",
        ),
        Row(
            what="directory out of reach", change=no_directory, scope=REMOTE, outcome="unknown", says="no answer at all"
        ),
        Row(
            what="port of a named instance not declared",
            declared=WITHOUT_PORTS,
            scope=REMOTE,
            outcome="unknown",
            says="port of the named instance",
        ),
        Row(
            what="port not declared that this host does not need",
            declared=WITHOUT_PORTS,
            scope="cm-p01.corp.contoso.example",
            outcome="pass",
            says="1 of 1",
        ),
        Row(what="stand-alone primary site", change=standalone, outcome="not_applicable", says="stand-alone"),
        Row(
            what="everything of the CAS on its site server",
            change=all_on_the_site_server,
            outcome="not_applicable",
            says="on its site server",
        ),
        Row(
            what="one database not known",
            change=site("P03", database=None),
            scope=REMOTE,
            outcome="unknown",
            says="database of P03",
        ),
        Row(what="no database known", change=sites(database=None), outcome="unknown"),
        Row(what="no single top-tier site", change=hierarchy(top_site=None), outcome="unknown"),
    ),
    "cas_dview_access": (
        Row(what="the CAS in the local group", scope=SQL, outcome="pass", says="CM-CAS01$"),
        Row(
            what="the CAS missing from the local group",
            change=local_group(missing=["CONTOSO\\CM-CAS01$"]),
            scope=SQL,
            outcome="fail",
            says="CM-CAS01$",
        ),
        Row(
            what="no local group", change=local_group(exists=False), scope=SQL, outcome="fail", says="distributed views"
        ),
        Row(
            what="SQL Server not visited",
            change=host_without(SQL, "local_group"),
            scope=SQL,
            outcome="unknown",
            says="no answer at all",
        ),
        Row(
            what="everything of the CAS on its site server",
            change=all_on_the_site_server,
            outcome="not_applicable",
            says="on its site server",
        ),
        Row(what="no database known", change=sites(database=None), outcome="unknown"),
    ),
    "sql_service_names": (
        Row(what="registered at one account", scope=SQL, outcome="pass", says="svc-sql"),
        Row(
            what="registered at no account",
            change=first_service(accounts=[]),
            scope=SQL,
            outcome="fail",
            says="not registered",
        ),
        Row(
            what="registered at two accounts",
            change=first_service(accounts=["CONTOSO\\svc-sql", "CONTOSO\\CM-P01-SQL01$"]),
            scope=SQL,
            outcome="fail",
            says="more than once",
        ),
        Row(
            what="directory did not answer for it",
            change=first_service(error=ERROR),
            scope=SQL,
            outcome="unknown",
            says="no answer at all",
        ),
        Row(what="directory not asked for it", change=services([]), scope=SQL, outcome="unknown", says="not asked"),
        Row(
            what="port of a named instance not declared",
            declared=WITHOUT_PORTS,
            scope=SQL,
            outcome="unknown",
            says="port",
        ),
        Row(
            what="everything of the CAS on its site server",
            change=all_on_the_site_server,
            outcome="not_applicable",
            says="on its site server",
        ),
        Row(what="no database known", change=sites(database=None), outcome="unknown"),
    ),
    "provider_reads_groups": (
        Row(
            what="in Windows Authorization Access Group",
            scope=PROVIDER,
            outcome="pass",
            says="Windows Authorization Access Group",
        ),
        Row(
            what="in neither group",
            change=computer(PROVIDER, groups=["S-1-5-21-1-2-3-515"]),
            scope=PROVIDER,
            outcome="fail",
        ),
        Row(
            what="every computer in the pre-Windows 2000 group",
            change=all_of(computer(PROVIDER, groups=[]), old_group(members=["S-1-5-11"])),
            scope=PROVIDER,
            outcome="pass",
            says="S-1-5-11",
        ),
        Row(
            what="members of the pre-Windows 2000 group not told",
            change=all_of(computer(PROVIDER, groups=[]), old_group(error=ERROR)),
            scope=PROVIDER,
            outcome="unknown",
            says="no answer at all",
        ),
        Row(
            what="computer not found in the directory",
            change=unfound(PROVIDER),
            scope=PROVIDER,
            outcome="unknown",
            says="no answer at all",
        ),
    ),
}


@verdicts(TABLE)
def test_verdict(healthy: Json, prerequisite: str, row: Row) -> None:
    check(healthy, prerequisite, row)
