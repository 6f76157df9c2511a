# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Prerequisites of Windows hosts."""

from __future__ import annotations

from ansible_collections.configmgr.tenant_attach.tests.unit.tables import (
    POINT,
    PROVIDER,
    Change,
    Json,
    Row,
    Table,
    all_of,
    check,
    host,
    host_without,
    site,
    verdicts,
)


def windows(build: int, product: str, kind: str = "Server") -> Change:
    found = {"product": product, "build": build, "revision": 1, "release": None, "installation_type": kind}
    return host(PROVIDER, os=found)


TABLE: Table = {
    "host_dotnet": (
        Row(what=".NET Framework 4.8", outcome="pass"),
        Row(
            what=".NET Framework 4.6.2",
            change=host(PROVIDER, dotnet_release=394802),
            scope=PROVIDER,
            outcome="fail",
            says="needs 4.8",
        ),
        Row(
            what=".NET Framework 4.6.2, site of version 2107",
            change=all_of(host(PROVIDER, dotnet_release=394802), site("P02", build=9058)),
            scope=PROVIDER,
            outcome="pass",
        ),
        Row(
            what=".NET Framework 4.5, site of version 2103",
            change=all_of(host(dotnet_release=378389), site("CAS", build=9049)),
            scope=POINT,
            outcome="pass",
        ),
        Row(
            what="release not understood",
            change=host(PROVIDER, dotnet_release="4.8"),
            scope=PROVIDER,
            outcome="unknown",
        ),
        Row(what="site reports no build", change=site("P02", build=None), scope=PROVIDER, outcome="unknown"),
        Row(
            what="host not visited",
            change=host_without(PROVIDER, "dotnet_release"),
            scope=PROVIDER,
            outcome="unknown",
            says="no answer at all",
        ),
    ),
    "host_operating_system": (
        Row(what="Windows Server 2022", outcome="pass"),
        Row(
            what="Windows Server 2025, site of version 2403",
            change=all_of(windows(26100, "Windows Server 2025"), site("P02", build=9128)),
            scope=PROVIDER,
            outcome="fail",
            says="2409",
        ),
        Row(
            what="Windows Server 2012 R2",
            change=windows(9600, "Windows Server 2012 R2"),
            scope=PROVIDER,
            outcome="fail",
            says="has ended",
        ),
        Row(
            what="Windows 11",
            change=windows(22631, "Windows 11", "Client"),
            scope=PROVIDER,
            outcome="fail",
            says="Windows Server",
        ),
        Row(
            what="a build that is not in the table",
            change=windows(30000, "Windows Server vNext"),
            scope=PROVIDER,
            outcome="unknown",
        ),
        Row(what="site reports no build", change=site("P02", build=None), scope=PROVIDER, outcome="unknown"),
    ),
    "host_clock": (
        Row(what="right", outcome="pass"),
        Row(
            what="61 seconds behind",
            change=host(PROVIDER, clock_skew_seconds=-61.0),
            scope=PROVIDER,
            outcome="warn",
            says="behind",
        ),
        Row(
            what="five minutes ahead",
            change=host(PROVIDER, clock_skew_seconds=300.0),
            scope=PROVIDER,
            outcome="fail",
            says="ahead",
        ),
        Row(
            what="offset not understood",
            change=host(PROVIDER, clock_skew_seconds="now"),
            scope=PROVIDER,
            outcome="unknown",
        ),
    ),
}


@verdicts(TABLE)
def test_verdict(healthy: Json, prerequisite: str, row: Row) -> None:
    check(healthy, prerequisite, row)
