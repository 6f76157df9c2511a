# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Prerequisites of the service connection point."""

from __future__ import annotations

import datetime as dt
import typing as t

from ansible_collections.configmgr.tenant_attach.tests.unit.tables import (
    POINT,
    Change,
    Json,
    Row,
    Table,
    all_of,
    check,
    hierarchy,
    one_more,
    point,
    sites,
    verdicts,
)


def connector(**values: t.Any) -> Change:
    """Change the state of the component of service connection points."""
    return lambda evidence: [
        each.update(values)
        for each in evidence["hierarchy"]["components"]
        if each["component"] == "SMS_SERVICE_CONNECTOR"
    ]


def messages(*sent: tuple[int, float]) -> Change:
    """Replace the status messages by these, with their age in hours."""

    def change(evidence: Json) -> None:
        now = dt.datetime.fromisoformat(evidence["collected_at"])
        evidence["hierarchy"]["status_messages"] = [
            {
                "id": number,
                "time": (now - dt.timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ"),
                "site": "CAS",
                "host": POINT,
            }
            for number, hours in sent
        ]

    return change


TABLE: Table = {
    "scp_present": (
        Row(what="one service connection point", outcome="pass"),
        Row(what="no service connection point", change=hierarchy(service_connection_points=[]), outcome="fail"),
    ),
    "scp_unique": (
        Row(what="one service connection point", outcome="pass"),
        Row(
            what="two service connection points",
            change=one_more("service_connection_points", host="x", site="P01"),
            outcome="fail",
        ),
        Row(
            what="no service connection point", change=hierarchy(service_connection_points=[]), outcome="not_applicable"
        ),
    ),
    "scp_top_tier": (
        Row(what="at the CAS", outcome="pass"),
        Row(what="at a primary site", change=point(site="P01"), scope=POINT, outcome="fail", says="CAS"),
        Row(what="no single top-tier site", change=hierarchy(top_site=None), scope=POINT, outcome="unknown"),
        Row(
            what="no service connection point", change=hierarchy(service_connection_points=[]), outcome="not_applicable"
        ),
    ),
    "scp_online": (
        Row(what="online mode", outcome="pass"),
        Row(what="offline mode", change=point(mode="offline"), scope=POINT, outcome="fail"),
        Row(what="no property for the mode", change=point(mode="unknown"), scope=POINT, outcome="unknown"),
    ),
    "scp_component": (
        Row(what="component started, status ok", outcome="pass"),
        Row(what="component stopped", change=connector(state="stopped"), scope=POINT, outcome="fail"),
        Row(what="component in status critical", change=connector(status="critical"), scope=POINT, outcome="fail"),
        Row(what="component in status warning", change=connector(status="warning"), scope=POINT, outcome="warn"),
        Row(
            what="component in a status that is not documented",
            change=connector(status="code 9"),
            scope=POINT,
            outcome="unknown",
        ),
        Row(what="component of another host only", change=connector(host="other"), scope=POINT, outcome="unknown"),
        Row(
            what="component under the short name of the host",
            change=connector(host="cm-scp01"),
            scope=POINT,
            outcome="pass",
        ),
    ),
    "scp_endpoint_check": (
        Row(what="every endpoint reached", outcome="pass"),
        Row(
            what="a critical endpoint failed last",
            change=messages((11410, 25), (11412, 1)),
            scope=POINT,
            outcome="fail",
            says="11412",
        ),
        Row(
            what="a critical endpoint failed, every one reached since",
            change=messages((11412, 25), (11410, 1)),
            scope=POINT,
            outcome="pass",
        ),
        Row(what="a non-critical endpoint failed", change=messages((11411, 1)), scope=POINT, outcome="warn"),
        Row(
            what="success and critical failure at the same time",
            change=messages((11410, 1), (11412, 1)),
            scope=POINT,
            outcome="fail",
        ),
        Row(what="no result newer than seven days", change=messages((11410, 24 * 8)), scope=POINT, outcome="unknown"),
        Row(what="no result at all", change=messages(), scope=POINT, outcome="unknown"),
        Row(
            what="version 2006, which does not check",
            change=all_of(sites(build=9012), messages()),
            scope=POINT,
            outcome="not_applicable",
        ),
    ),
    "scp_cloud_connection": (
        Row(what="every endpoint reached", outcome="pass"),
        Row(
            what="no connection since the last success",
            change=messages((11410, 25), (11488, 1)),
            scope=POINT,
            outcome="fail",
            says="11488",
        ),
        Row(
            what="no connection, every endpoint reached since",
            change=messages((11488, 25), (11410, 1)),
            scope=POINT,
            outcome="pass",
        ),
        Row(
            what="neither trouble nor complete success",
            change=messages((11411, 1)),
            scope=POINT,
            outcome="unknown",
            says="proves nothing",
        ),
        Row(
            what="version 2006, which does not check",
            change=all_of(sites(build=9012), messages()),
            scope=POINT,
            outcome="not_applicable",
        ),
    ),
}


@verdicts(TABLE)
def test_verdict(healthy: Json, prerequisite: str, row: Row) -> None:
    check(healthy, prerequisite, row)
