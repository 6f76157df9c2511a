# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Prerequisites of clients."""

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
    site,
    verdicts,
)


def system(name: str, build: str, number: int = 1) -> Json:
    return {"operating_system": f"Microsoft Windows NT {name}", "build": build, "count": number}


def one_client(name: str, build: str, *, site_build: int = 9146) -> Change:
    """Leave one client, in a hierarchy of some version."""
    return all_of(site("CAS", build=site_build), hierarchy(clients=[system(name, build)]))


TABLE: Table = {
    "client_operating_systems": (
        Row(what="every client supported", outcome="pass"),
        Row(
            what="some clients with Windows 7",
            change=one_more("clients", **system("Workstation 6.1", "6.1.7601", number=14)),
            outcome="warn",
            says="14 Windows 7",
        ),
        Row(
            what="every client with Windows 7",
            change=hierarchy(clients=[system("Workstation 6.1", "6.1.7601")]),
            outcome="fail",
        ),
        Row(
            what="every client with a system that is not known",
            change=hierarchy(clients=[system("Toaster", "")]),
            outcome="unknown",
        ),
        Row(
            what="some clients with a system that is not known",
            change=one_more("clients", **system("Toaster", "")),
            outcome="unknown",
        ),
        Row(what="no client seen", change=hierarchy(clients=[]), outcome="unknown", says="no client"),
        Row(what="no single top-tier site", change=hierarchy(top_site=None), outcome="unknown"),
        Row(
            what="one client with Windows 11, site of version 2603",
            change=one_client("Workstation 10.0", "10.0.22631"),
            outcome="pass",
            observed="supported: 1 Windows 11",
        ),
        Row(
            what="one client with Windows 11, site of version 2103",
            change=one_client("Workstation 10.0", "10.0.22000", site_build=9049),
            outcome="fail",
            observed="not supported: 1 Windows 11",
        ),
        Row(
            what="one client with Windows 10, site of version 2002",
            change=one_client("Workstation 10.0", "10.0.19045", site_build=8968),
            outcome="pass",
            observed="supported: 1 Windows 10",
        ),
        Row(
            what="one client with Windows Server 2025, site of version 2403",
            change=one_client("Server 10.0", "10.0.26100", site_build=9128),
            outcome="fail",
            observed="not supported: 1 Windows Server 2025",
        ),
        Row(
            what="one client with Windows Server 2025, site of version 2409",
            change=one_client("Server 10.0", "10.0.26100", site_build=9132),
            outcome="pass",
            observed="supported: 1 Windows Server 2025",
        ),
        Row(
            what="one client with Windows Server 2022, site of version 2107",
            change=one_client("Server 10.0", "10.0.20348", site_build=9058),
            outcome="pass",
            observed="supported: 1 Windows Server 2022",
        ),
        Row(
            what="one client with Windows Server 2019, site of version 2002",
            change=one_client("Advanced Server 10.0", "10.0.17763", site_build=8968),
            outcome="pass",
            observed="supported: 1 Windows Server 2019",
        ),
        Row(
            what="one client with Windows Server 2016, site of version 2002",
            change=one_client("Server 10.0", "10.0.14393", site_build=8968),
            outcome="pass",
            observed="supported: 1 Windows Server 2016",
        ),
        Row(
            what="one client with Windows Server 2012 R2",
            change=one_client("Server 6.3", "6.3.9600"),
            outcome="fail",
            observed="not supported: 1 Windows Server 2012 R2",
        ),
        Row(
            what="one client with Windows 8.1",
            change=one_client("Workstation 6.3", ""),
            outcome="fail",
            observed="not supported: 1 Windows 8.1",
        ),
        Row(
            what="one client with Windows NT 5.1 (workstation)",
            change=one_client("Workstation 5.1", ""),
            outcome="unknown",
            observed="not known: 1 Windows NT 5.1 (workstation)",
        ),
        Row(
            what="one client with Windows 10.0 (workstation, build not reported)",
            change=one_client("Workstation 10.0", ""),
            outcome="unknown",
            observed="not known: 1 Windows 10.0 (workstation, build not reported)",
        ),
        Row(
            what="one client with Windows 10.0 (server, build 9841)",
            change=one_client("Server 10.0", "10.0.9841"),
            outcome="unknown",
            observed="not known: 1 Windows 10.0 (server, build 9841)",
        ),
        Row(
            what="one client that reports no operating system",
            change=hierarchy(clients=[{"operating_system": "", "build": "", "count": 1}]),
            outcome="unknown",
            observed="not known: 1 no operating system reported",
        ),
    ),
}


@verdicts(TABLE)
def test_verdict(healthy: Json, prerequisite: str, row: Row) -> None:
    check(healthy, prerequisite, row)
