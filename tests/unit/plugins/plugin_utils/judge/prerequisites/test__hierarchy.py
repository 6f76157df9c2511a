# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Prerequisites of sites and their versions."""

from __future__ import annotations

import datetime as dt

from ansible_collections.configmgr.tenant_attach.tests.unit.tables import (
    Change,
    Json,
    Row,
    Table,
    check,
    site,
    verdicts,
)


def support_ends_in(days: int) -> Change:
    """Look at build 9146, which is supported until 2027-11-05, as of another day."""

    def change(evidence: Json) -> None:
        evidence["collected_at"] = f"{dt.date(2027, 11, 5) - dt.timedelta(days=days)}T12:00:00Z"

    return change


TABLE: Table = {
    "site_version": (
        Row(what="version 2603", outcome="pass"),
        Row(what="version 1910", change=site("P02", build=8913), scope="P02", outcome="fail", says="2002"),
        Row(what="version 2002 in the public cloud", change=site("P02", build=8968), scope="P02", outcome="pass"),
        Row(
            what="version 2002, cloud not declared",
            change=site("P02", build=8968),
            declared={"provider_authentication_level": "windows"},
            scope="P02",
            outcome="unknown",
            says="cloud",
        ),
        Row(
            what="version 2002 for US Government DoD",
            change=site("P02", build=8968),
            declared={"cloud": "us_gov_dod"},
            scope="P02",
            outcome="fail",
            says="2107",
        ),
        Row(
            what="version 2103 for US Government GCC High",
            change=site("P02", build=9049),
            declared={"cloud": "us_gov_gcc_high"},
            scope="P02",
            outcome="fail",
            says="2107",
        ),
        Row(
            what="version 2107 for US Government GCC High",
            change=site("P02", build=9058),
            declared={"cloud": "us_gov_gcc_high"},
            scope="P02",
            outcome="pass",
        ),
        Row(what="no build reported", change=site("P02", build=None), scope="P02", outcome="unknown"),
    ),
    "site_version_supported": (
        Row(what="version 2603 before its end of support", outcome="pass"),
        Row(
            what="version 2503 after its end of support",
            change=site("P02", build=9135),
            scope="P02",
            outcome="warn",
            says="2026-09-30",
        ),
        Row(
            what="a build that is not in the table",
            change=site("P02", build=9999),
            scope="P02",
            outcome="unknown",
            says="update",
        ),
        Row(what="support ended a day before the evidence", change=support_ends_in(days=-1), outcome="warn"),
        Row(what="support ends on the day of the evidence", change=support_ends_in(days=0), outcome="warn"),
        Row(what="support ends 89 days after the evidence", change=support_ends_in(days=89), outcome="warn"),
        Row(what="support ends 91 days after the evidence", change=support_ends_in(days=91), outcome="pass"),
    ),
    "site_versions_uniform": (
        Row(what="one version at every site", outcome="pass"),
        Row(what="a secondary site is behind", change=site("S21", build=9141), outcome="warn", says="S21"),
        Row(what="a secondary site reports no build", change=site("S21", build=None), outcome="unknown"),
    ),
    "site_active": (
        Row(what="every site active", outcome="pass"),
        Row(
            what="a site being upgraded",
            change=site("P02", status_code=5, status="upgrade"),
            scope="P02",
            outcome="fail",
            says="upgrade",
        ),
        Row(what="no status reported", change=site("P02", status_code=None), scope="P02", outcome="unknown"),
    ),
    "site_mode": (
        Row(what="every site in normal mode", outcome="pass"),
        Row(what="a site in interoperability mode", change=site("CAS", mode_code=6), scope="CAS", outcome="warn"),
        Row(
            what="a site in recovery",
            change=site("P02", mode_code=2, mode="recovery in progress"),
            scope="P02",
            outcome="fail",
            says="recovery",
        ),
        Row(what="no mode reported", change=site("P02", mode_code=None), scope="P02", outcome="unknown"),
    ),
}


@verdicts(TABLE)
def test_verdict(healthy: Json, prerequisite: str, row: Row) -> None:
    check(healthy, prerequisite, row)
