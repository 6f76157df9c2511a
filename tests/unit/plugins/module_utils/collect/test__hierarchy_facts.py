# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.configmgr.tenant_attach.plugins.module_utils.adminservice._odata import Row
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.collect import _hierarchy_facts
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.product import _forms

CAS = {"SiteCode": "CAS", "SiteName": "Central", "Type": 4, "ReportingSiteCode": "", "BuildNumber": 9141}
P01 = {"SiteCode": "P01", "SiteName": "One", "Type": 2, "ReportingSiteCode": "CAS", "BuildNumber": 9141}
S11 = {"SiteCode": "S11", "SiteName": "Denver", "Type": 1, "ReportingSiteCode": "P01", "BuildNumber": 9141}


def rows(*data: t.Mapping[str, t.Any]) -> list[Row]:
    return [Row(each) for each in data]


def prop(name: str, value: t.Any = None, text: str = "", other: str = "") -> dict[str, t.Any]:
    return {"PropertyName": name, "Value": value, "Value1": text, "Value2": other}


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("cm01.contoso.com", "CM01.CONTOSO.COM", True),
        ("cm01.contoso.com.", "cm01.contoso.com", True),
        ("CM01", "cm01.contoso.com", True),
        ("cm01.contoso.com", "CM01", True),
        ("cm01", "CM01", True),
        ("cm01.contoso.com", "cm01.fabrikam.com", False),
        ("cm01", "cm011.contoso.com", False),
        ("cm01", "cm02", False),
        ("", "", False),
        ("", "cm01", False),
        ("cm01", "", False),
    ],
)
def test_same_host(one: str, other: str, same: bool) -> None:
    assert _forms.same_host(one, other) is same


@pytest.mark.parametrize(
    ("path", "host"),
    [(r"\\CM01.contoso.com", "cm01.contoso.com"), ("\\\\CM01\\", "cm01"), ("CM01", "cm01"), (None, "")],
)
def test_host_of(path: str | None, host: str) -> None:
    assert _hierarchy_facts.host_of(Row({"NetworkOsPath": path})) == host


@pytest.mark.parametrize(("code", "name"), [(2, "primary"), (None, "not reported"), (3, "code 3, not documented")])
def test_named(code: int | None, name: str) -> None:
    assert _hierarchy_facts.named(_hierarchy_facts.SITE_TYPES, code) == name


class TestSites:
    def test_a_full_row(self) -> None:
        row = {**CAS, "Version": "5.00.9141.1000", "Status": 1, "Mode": 0, "ServerName": "CM01.contoso.com"}
        assert _hierarchy_facts.sites(rows(row)) == [
            {
                "code": "CAS",
                "name": "Central",
                "type": "cas",
                "parent": "",
                "build": 9141,
                "version": "5.00.9141.1000",
                "release": "2509",
                "status": "active",
                "status_code": 1,
                "mode": "normal",
                "mode_code": 0,
                "server": "cm01.contoso.com",
            }
        ]

    def test_missing_properties_are_not_made_up(self) -> None:
        (site,) = _hierarchy_facts.sites(rows({"sitecode": "p01"}))
        assert site["code"] == "P01"
        assert (site["type"], site["status"], site["mode"]) == ("not reported",) * 3
        assert (site["build"], site["release"], site["status_code"], site["mode_code"]) == (None,) * 4

    @pytest.mark.parametrize(
        ("number", "version", "build", "release"),
        [
            (9141, "5.00.9141.1030", 9141, "2509"),
            (None, "5.00.9128.1000", 9128, "2403"),
            (None, "5.00.x.1", None, None),
            (None, "5.00", None, None),
            (None, "", None, None),
            (9150, "5.00.9150.1000", 9150, None),
        ],
    )
    def test_build_comes_from_the_number_else_from_the_version(
        self, number: int | None, version: str, build: int | None, release: str | None
    ) -> None:
        (site,) = _hierarchy_facts.sites(rows({"SiteCode": "P01", "BuildNumber": number, "Version": version}))
        assert (site["build"], site["release"]) == (build, release)

    def test_the_top_site_comes_first_then_primaries_then_secondaries(self) -> None:
        p02 = {**P01, "SiteCode": "P02"}
        found = _hierarchy_facts.sites(rows(S11, p02, P01, CAS))
        assert [site["code"] for site in found] == ["CAS", "P01", "P02", "S11"]

    @pytest.mark.parametrize(
        ("data", "top"),
        [
            ([CAS, P01, S11], "CAS"),
            ([{**P01, "ReportingSiteCode": ""}, S11], "P01"),
            ([{**P01, "ReportingSiteCode": None}], "P01"),
            ([CAS, {**P01, "ReportingSiteCode": ""}], None),
            ([P01], None),
            ([{**S11, "ReportingSiteCode": ""}], None),
            ([], None),
        ],
    )
    def test_top_site(self, data: list[dict[str, t.Any]], top: str | None) -> None:
        assert _hierarchy_facts.top_site(_hierarchy_facts.sites(rows(*data))) == top


def test_databases_with_default_and_named_instance() -> None:
    found = _hierarchy_facts.databases(
        rows(
            {"SiteCode": "P01", "SQLServerName": "SQL01.contoso.com", "SqlDatabaseName": r"CMINST\CM_P01"},
            {"sitecode": "cas", "SQLServerName": "SQL02.contoso.com", "SQLDatabaseName": "CM_CAS"},
            {"SiteCode": "P02"},
        )
    )
    assert found == {
        "P01": {"server": "sql01.contoso.com", "instance": "CMINST", "name": "CM_P01", "port": None},
        "CAS": {"server": "sql02.contoso.com", "instance": None, "name": "CM_CAS", "port": None},
        "P02": {"server": "", "instance": None, "name": "", "port": None},
    }


class TestProviders:
    @pytest.mark.parametrize(
        ("server", "host", "kind", "remote"),
        [
            ("cm01.contoso.com", r"\\CM01.contoso.com", 2, False),
            ("CM01", r"\\cm01.contoso.com", 2, False),
            ("cm01.contoso.com", r"\\prv01.contoso.com", 8, True),
            # What stands there counts, not the number.
            ("cm01.contoso.com", r"\\prv01.contoso.com", 2, True),
            ("", r"\\prv01.contoso.com", 8, True),
            ("", r"\\cm01.contoso.com", 2, False),
            ("", r"\\cm01.contoso.com", None, False),
        ],
    )
    def test_remote(self, server: str, host: str, kind: int | None, remote: bool) -> None:
        row = {"RoleName": "SMS Provider", "NetworkOSPath": host, "SiteCode": "p01", "Type": kind}
        (found,) = _hierarchy_facts.providers(rows(row), [{"code": "P01", "server": server}])
        assert found == {"host": host.strip("\\").lower(), "site": "P01", "remote": remote}

    def test_other_roles_are_left_out_and_the_order_is_fixed(self) -> None:
        names = [("P02", "b"), ("P01", "z"), ("P01", "a")]
        data = [{"RoleName": "SMS Provider", "NetworkOSPath": host, "SiteCode": site} for site, host in names]
        found = _hierarchy_facts.providers(rows(*data, {**data[0], "RoleName": "SMS Site System"}), [])
        assert [(entry["site"], entry["host"]) for entry in found] == [("P01", "a"), ("P01", "z"), ("P02", "b")]


class TestConnectionPoints:
    ROW: t.ClassVar[dict[str, t.Any]] = {
        "RoleName": "SMS Dmp Connector",
        "NetworkOSPath": r"\\SCP01.contoso.com",
        "SiteCode": "CAS",
    }
    SYSTEM: t.ClassVar[dict[str, t.Any]] = {**ROW, "RoleName": "SMS Site System"}

    @pytest.mark.parametrize(
        ("props", "mode"),
        [
            ([prop("OfflineMode", 0)], "online"),
            ([prop("OfflineMode", 1)], "offline"),
            ([prop("OfflineMode", 2)], "unknown"),
            # What has no value was not observed.
            ([prop("OfflineMode")], "unknown"),
            ([prop("offlinemode", 0)], "unknown"),
            ([], "unknown"),
            (None, "unknown"),
        ],
    )
    def test_mode(self, props: t.Any, mode: str) -> None:
        (found,) = _hierarchy_facts.connection_points(rows({**self.ROW, "Props": props}))
        assert found == {"host": "scp01.contoso.com", "site": "CAS", "mode": mode, "proxy": None}

    @pytest.mark.parametrize(
        ("props", "proxy"),
        [
            (
                [
                    prop("UseProxy", 1),
                    prop("ProxyName", 0, "REG_SZ", "proxy.contoso.com"),
                    prop("ProxyServerPort", 8080),
                ],
                {"host": "proxy.contoso.com", "port": 8080},
            ),
            (
                [prop("UseProxy", 1), prop("ProxyName", 0, "proxy.contoso.com")],
                {"host": "proxy.contoso.com", "port": None},
            ),
            ([prop("UseProxy", 1)], {"host": "", "port": None}),
            ([prop("UseProxy", 0), prop("ProxyName", 0, "", "proxy.contoso.com")], None),
            ([], None),
        ],
    )
    def test_proxy_of_the_site_system(self, props: list[dict[str, t.Any]], proxy: t.Any) -> None:
        account = prop("ProxyUserName", 0, "", r"CONTOSO\proxyuser")
        (found,) = _hierarchy_facts.connection_points(rows(self.ROW, {**self.SYSTEM, "Props": [*props, account]}))
        assert found["proxy"] == proxy

    def test_the_proxy_of_another_host_or_site_does_not_count(self) -> None:
        used = [prop("UseProxy", 1)]
        others = [
            {**self.SYSTEM, "SiteCode": "P01", "Props": used},
            {**self.SYSTEM, "NetworkOSPath": "x", "Props": used},
        ]
        (found,) = _hierarchy_facts.connection_points(rows(self.ROW, *others))
        assert found["proxy"] is None

    def test_two_of_them_are_both_returned(self) -> None:
        found = _hierarchy_facts.connection_points(rows({**self.ROW, "SiteCode": "P01"}, self.ROW))
        assert [point["site"] for point in found] == ["CAS", "P01"]


def test_site_systems_join_roles_and_domains() -> None:
    resources = rows(
        {"ServerRemoteName": "P01.contoso.com", "RoleName": "SMS Site System", "SiteCode": "P01"},
        {"ServerRemoteName": "p01.contoso.com", "RoleName": "SMS Provider", "SiteCode": "P01"},
        {"ServerRemoteName": "", "ServerName": r"\\SQL01", "RoleName": "SMS SQL Server", "SiteCode": "P01"},
        {"ServerRemoteName": "p01.contoso.com", "RoleName": "SMS Distribution Point", "SiteCode": "CAS"},
    )
    uses = rows(
        {
            "RoleName": "SMS Site System",
            "NetworkOSPath": r"\\P01.contoso.com",
            "SiteCode": "P01",
            "Props": [prop("DomainFQDN", 0, "Contoso.com")],
        },
        {
            "RoleName": "SMS Provider",
            "NetworkOSPath": r"\\sql01",
            "SiteCode": "P01",
            "Props": [prop("DomainFQDN", 0, "fabrikam.com")],
        },
        {"RoleName": "SMS Site System", "NetworkOSPath": r"\\p01.contoso.com", "SiteCode": "CAS", "Props": []},
    )
    assert _hierarchy_facts.site_systems(resources, uses) == [
        {"host": "p01.contoso.com", "site": "CAS", "roles": ["SMS Distribution Point"], "domain": None},
        {
            "host": "p01.contoso.com",
            "site": "P01",
            "roles": ["SMS Provider", "SMS Site System"],
            "domain": "contoso.com",
        },
        {"host": "sql01", "site": "P01", "roles": ["SMS SQL Server"], "domain": None},
    ]


class TestDiscovery:
    @pytest.mark.parametrize(
        ("props", "enabled", "delta"),
        [
            ([prop("SETTINGS", 0, "ACTIVE"), prop("Enable Incremental Sync", 1)], True, True),
            ([prop("SETTINGS", 0, "active"), prop("Enable Incremental Sync", 0)], True, False),
            ([prop("SETTINGS", 0, "INACTIVE")], False, None),
            # Neither of the two documented words: not observed, which is not the same as off.
            ([prop("SETTINGS", 0, "")], None, None),
            ([prop("SETTINGS", 0, "REG_SZ", "ACTIVE")], None, None),
            ([prop("Settings", 0, "ACTIVE")], None, None),
            (None, None, None),
        ],
    )
    def test_state(self, props: t.Any, enabled: bool | None, delta: bool | None) -> None:
        found = _hierarchy_facts.ad_user_discovery(rows({"SiteCode": "p01", "Props": props}))
        assert found == {"P01": {"enabled": enabled, "delta": delta, "containers": []}}

    @pytest.mark.parametrize(
        ("lists", "containers"),
        [
            (
                [
                    {"PropertyListName": "AD Attributes", "Values": ["mail", "sn", "x"]},
                    {
                        "propertylistname": "AD Containers",
                        "values": ["LDAP://DC=contoso,DC=com", "0", "1", "LDAP://OU=Staff,DC=contoso,DC=com", "1", "0"],
                    },
                ],
                ["LDAP://DC=contoso,DC=com", "LDAP://OU=Staff,DC=contoso,DC=com"],
            ),
            ([{"PropertyListName": "AD Containers", "Values": None}], []),
            ([{"PropertyListName": "AD Attributes", "Values": ["mail"]}], []),
            (None, []),
        ],
    )
    def test_containers_are_every_third_value(self, lists: t.Any, containers: list[str]) -> None:
        found = _hierarchy_facts.ad_user_discovery(rows({"SiteCode": "P01", "PropLists": lists}))
        assert found["P01"]["containers"] == containers


def test_components() -> None:
    found = _hierarchy_facts.components(
        rows(
            {"ComponentName": "B", "SiteCode": "p01", "MachineName": r"\\CM01", "State": 1, "Status": 1},
            {
                "componentname": "A",
                "SiteCode": "P01",
                "MachineName": "CM01",
                "State": 0,
                "Status": 2,
                "LastContacted": "2026-11-23T20:00:00Z",
            },
            {"ComponentName": "A", "SiteCode": "CAS", "MachineName": "CM00", "State": 9, "Status": None},
            # Without a documented tally interval a row comes without data.
            {"ComponentName": "C", "SiteCode": "P01", "MachineName": "CM01", "State": None},
        )
    )
    assert [tuple(entry.values()) for entry in found] == [
        ("A", "CAS", "cm00", "code 9, not documented", "not reported", None),
        ("A", "P01", "cm01", "stopped", "critical", "2026-11-23T20:00:00Z"),
        ("B", "P01", "cm01", "started", "warning", None),
    ]


def test_status_messages_keep_the_newest_of_each_id_and_site() -> None:
    def message(number: int | None, time: str | None, site: str = "CAS") -> dict[str, t.Any]:
        return {"MessageID": number, "Time": time, "SiteCode": site, "MachineName": r"\\SCP01"}

    found = _hierarchy_facts.status_messages(
        rows(
            message(11410, "2026-11-20T00:00:00Z"),
            message(11410, "2026-11-22T00:00:00Z"),
            message(11410, "2026-11-21T00:00:00Z"),
            message(11410, "2026-11-19T00:00:00Z", "P01"),
            message(11488, "2026-11-18T00:00:00Z", "cas"),
            message(None, "2026-11-23T00:00:00Z"),
            message(11412, None),
        )
    )
    assert [(entry["site"], entry["id"], entry["time"]) for entry in found] == [
        ("CAS", 11410, "2026-11-22T00:00:00Z"),
        ("CAS", 11488, "2026-11-18T00:00:00Z"),
        ("P01", 11410, "2026-11-19T00:00:00Z"),
    ]
    assert {entry["host"] for entry in found} == {"scp01"}


def test_clients_are_counted_without_the_obsolete_ones() -> None:
    name = "Microsoft Windows NT Workstation 10.0"
    found = _hierarchy_facts.clients(
        rows(
            {"OperatingSystemNameandVersion": name, "Build": "10.0.22631", "Obsolete": 0},
            {"OperatingSystemNameAndVersion": name, "BUILD": "10.0.22631"},
            {"OperatingSystemNameandVersion": name, "Build": "10.0.22631", "Obsolete": 1},
            {"OperatingSystemNameandVersion": name, "Build": "10.0.19045", "Obsolete": 0},
            {},
        )
    )
    assert [tuple(entry.values()) for entry in found] == [("", "", 1), (name, "10.0.19045", 1), (name, "10.0.22631", 2)]


class TestAttach:
    APPLICATIONS: t.ClassVar[list[dict[str, t.Any]]] = [
        {"ID": 16777217, "TenantID": 5, "ClientID": "1f6d2c9e-0000-4000-8000-000000000001"},
        {"ID": 16777218, "TenantID": 99, "ClientID": "1f6d2c9e-0000-4000-8000-000000000002"},
        {"ID": 16777219, "ClientID": "1f6d2c9e-0000-4000-8000-000000000003"},
    ]
    TENANTS: t.ClassVar[list[dict[str, t.Any]]] = [
        {"Id": 5, "TenantId": "0d6b1c52-0000-4000-8000-00000000000a", "Name": "Contoso"},
        {"Name": "without a number"},
    ]

    def attach(self, *linked: t.Any) -> dict[str, t.Any]:
        services = [{"ID": 1, "Name": "Upload", "AssociatedAADWebApplications": each} for each in linked]
        return _hierarchy_facts.attach(rows(*services), rows(*self.APPLICATIONS), rows(*self.TENANTS))

    def test_no_service_is_off(self) -> None:
        assert self.attach() == {"state": "off", "services": []}

    @pytest.mark.parametrize(
        "linked", [16777217, [16777217], "16777217", ["16777217"], [7, 16777217], [None, 16777217]]
    )
    def test_a_complete_chain_is_on(self, linked: t.Any) -> None:
        assert self.attach(linked) == {
            "state": "on",
            "services": [
                {
                    "service": "Upload",
                    "upload": True,
                    "client_id": "1f6d2c9e-0000-4000-8000-000000000001",
                    "tenant": {"id": "0d6b1c52-0000-4000-8000-00000000000a", "name": "Contoso"},
                }
            ],
        }

    @pytest.mark.parametrize(
        ("linked", "upload", "client"),
        [
            (None, False, None),
            ([], False, None),
            ("", False, None),
            ([4], True, None),
            ("none", True, None),
            ([16777218], True, "1f6d2c9e-0000-4000-8000-000000000002"),
            ([16777219], True, "1f6d2c9e-0000-4000-8000-000000000003"),
        ],
    )
    def test_a_broken_chain_is_incomplete(self, linked: t.Any, upload: bool, client: str | None) -> None:
        found = self.attach(linked)
        (service,) = found["services"]
        assert found["state"] == "incomplete"
        assert (service["upload"], service["client_id"], service["tenant"]) == (upload, client, None)

    def test_one_broken_chain_among_two_is_incomplete(self) -> None:
        assert self.attach([16777217], [])["state"] == "incomplete"
