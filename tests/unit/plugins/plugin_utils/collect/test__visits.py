# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who is visited, and what visits add to the evidence."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.configmgr.tenant_attach.plugins.filter.add_hosts import FilterModule as AddHosts
from ansible_collections.configmgr.tenant_attach.plugins.filter.visits import FilterModule as Visits
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.collect import _visits

Json = dict[str, t.Any]
HIERARCHY: Json = {
    "sites": [{"code": "CAS", "type": "cas"}, {"code": "S11", "type": "secondary"}],
    "providers": [{"host": "cm01.contoso.com", "site": "CAS"}, {"host": "s11.contoso.com", "site": "S11"}],
    "service_connection_points": [
        {"host": "scp.contoso.com", "site": "CAS"},
        {"host": "cm01.contoso.com", "site": "CAS"},
    ],
}
DOCUMENT: Json = {"schema_version": "1.0", "hierarchy": HIERARCHY}
INFO: Json = {
    "site_system": {"hostname": "scp", "dotnet_release": 528449, "winhttp": {"error": {"kind": "answer"}}, "x": 1}
}
ROWS: list[Json] = [{"id": "intune"}]


def entries(results: Json, document: Json | None = None) -> dict[str, Json]:
    return {entry["host"]: entry for entry in _visits.add_hosts(document or DOCUMENT, results)["hosts"]}


def test_hosts_of_the_upper_sites_are_visited() -> None:
    names = ["CM01.contoso.com", "scp.contoso.com", "s11.contoso.com", "cm01", "localhost"]
    point = {"observe": True, "probe": True, "local_group": "", "members": []}
    assert _visits.visits(DOCUMENT, names) == {"CM01.contoso.com": point, "scp.contoso.com": point}
    assert Visits().filters()["visits"](DOCUMENT, names).keys() == {"CM01.contoso.com", "scp.contoso.com"}


@pytest.mark.parametrize("hierarchy", [None, {"error": {"kind": "connection"}}, {}, {"sites": []}])
def test_of_a_hierarchy_that_is_not_known_nobody_is_visited(hierarchy: t.Any) -> None:
    document = {"hierarchy": hierarchy}
    assert _visits.visits(document, ["cm01"]) == {}
    assert _visits.add_hosts(document, {})["hosts"] == []


def test_what_was_seen_stands_in_the_evidence() -> None:
    found = entries({"SCP.contoso.com": {"site_system_info": INFO, "endpoint_info": {"endpoints": ROWS}}})
    assert found["scp.contoso.com"] == {
        "host": "scp.contoso.com",
        "hostname": "scp",
        "dotnet_release": 528449,
        "winhttp": {"error": {"kind": "answer"}},
        "endpoints": ROWS,
        "errors": {},
    }
    assert AddHosts().filters()["add_hosts"](DOCUMENT, {})["hierarchy"] is HIERARCHY


def test_who_was_not_visited_is_told() -> None:
    found = entries({})
    assert set(found) == {"cm01.contoso.com", "scp.contoso.com"}
    errors = found["scp.contoso.com"]["errors"]
    assert set(errors) == {*_visits.FIELDS, "endpoints"}
    assert {error["kind"] for error in errors.values()} == {"not_visited"}


def test_only_service_connection_points_have_endpoints() -> None:
    document = {"hierarchy": {**HIERARCHY, "service_connection_points": []}}
    assert set(entries({}, document)["cm01.contoso.com"]["errors"]) == set(_visits.FIELDS)
    visited = entries({"cm01.contoso.com": {"site_system_info": INFO, "endpoint_info": {"skipped": True}}}, document)
    assert "endpoints" not in visited["cm01.contoso.com"]
    assert visited["cm01.contoso.com"]["errors"] == {}


@pytest.mark.parametrize(
    ("info", "probe", "kind", "says"),
    [
        ({"unreachable": True, "msg": "no\nroute  to host"}, {}, "unreachable", "no route to host"),
        ({"failed": True, "msg": "odd"}, {"failed": True, "msg": "odd"}, "module", "odd"),
        ({}, {}, "module", "no result"),
        (
            {"failed": True, "msg": "x", "error": {"kind": "option", "observed": "said"}},
            {"failed": True, "error": {"kind": "option", "observed": "said"}},
            "option",
            "said",
        ),
    ],
)
def test_what_went_wrong_is_told(info: Json, probe: Json, kind: str, says: str) -> None:
    results = {"scp.contoso.com": {"site_system_info": info, "endpoint_info": probe}}
    errors = entries(results)["scp.contoso.com"]["errors"]
    assert set(errors) == {*_visits.FIELDS, "endpoints"}
    assert {error["kind"] for error in errors.values()} == {kind}
    assert all(says in error["observed"] for error in errors.values())


SQL = "sql1.contoso.com"
REMOTE: Json = {
    "top_site": "CAS",
    "sites": [
        {
            "code": "CAS",
            "type": "cas",
            "server": "cas.contoso.com",
            "database": {"server": "cas.contoso.com", "instance": None},
        },
        {"code": "P01", "type": "primary", "server": "p01.contoso.com", "database": {"server": SQL, "instance": None}},
    ],
    "providers": [{"host": "prv.contoso.com", "site": "CAS", "remote": True}],
    "site_systems": [],
}
ACCOUNTS = ["CONTOSO\\PRV$", "CONTOSO\\CAS$"]
DIRECTORY: Json = {
    "computers": [
        {"name": "PRV.contoso.com", "account": ACCOUNTS[0]},
        {"name": "cas.contoso.com", "account": ACCOUNTS[1]},
    ]
}
WITH_SQL: Json = {"hierarchy": REMOTE, "directory": DIRECTORY}
COMPLETE: Json = {"added": [], "members": [*ACCOUNTS, "CONTOSO\\dba"]}


def test_a_sql_server_is_visited_for_its_local_group() -> None:
    assert _visits.visits(WITH_SQL, ["SQL1.contoso.com"]) == {
        "SQL1.contoso.com": {
            "observe": False,
            "probe": False,
            "local_group": "ConfigMgr_DViewAccess",
            "members": ACCOUNTS,
        }
    }


@pytest.mark.parametrize(
    "directory",
    [
        None,
        {"error": {"observed": "no connection"}},
        {"computers": [{"name": "cas.contoso.com", "account": ACCOUNTS[1]}]},
        {
            "computers": [
                {"name": "cas.contoso.com", "account": ACCOUNTS[1]},
                {"name": "prv.contoso.com", "error": {"observed": "no connection"}},
            ]
        },
    ],
)
def test_a_sql_server_is_not_visited_for_accounts_that_nobody_knows(directory: Json | None) -> None:
    document = {"hierarchy": REMOTE} | ({} if directory is None else {"directory": directory})
    assert SQL not in _visits.visits(document, [SQL])
    error = entries({}, document)[SQL]["errors"]["local_group"]
    told = "no connection" if "no connection" in str(directory) else "it was not asked"
    assert told in error["observed"]


@pytest.mark.parametrize(
    ("told", "exists", "members", "missing"),
    [
        (COMPLETE, True, COMPLETE["members"], []),
        (
            {"added": ACCOUNTS[:1], "members": ["CONTOSO\\dba", *ACCOUNTS]},
            True,
            ["CONTOSO\\dba", ACCOUNTS[1]],
            ACCOUNTS[:1],
        ),
        ({"failed": True, "msg": "Could not find local group ConfigMgr_DViewAccess"}, False, [], []),
    ],
)
def test_check_mode_tells_who_is_missing(told: Json, exists: bool, members: list[str], missing: list[str]) -> None:
    assert entries({SQL: {"local_group": told}}, WITH_SQL)[SQL] == {
        "host": SQL,
        "errors": {},
        "local_group": {"name": "ConfigMgr_DViewAccess", "exists": exists, "members": members, "missing": missing},
    }


@pytest.mark.parametrize(
    ("results", "kind", "observed"),
    [
        (None, "not_visited", "does not have it"),
        ({}, "module", "no result"),
        ({"local_group": {"failed": False, "msg": "Access is denied", "added": []}}, "module", "Access is denied"),
        ({"local_group": {"unreachable": True, "msg": "timed out"}}, "unreachable", "timed out"),
        ({"site_system_info": {"unreachable": True, "msg": "timed out"}}, "unreachable", "timed out"),
        ({"local_group": {"msg": "", "added": None, "members": []}}, "module", "no result"),
    ],
)
def test_what_was_not_seen_of_a_group_is_an_error(results: Json | None, kind: str, observed: str) -> None:
    entry = entries({} if results is None else {SQL: results}, WITH_SQL)[SQL]
    assert entry["errors"]["local_group"]["kind"] == kind
    assert observed in entry["errors"]["local_group"]["observed"]
