# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.configmgr.tenant_attach.plugins.module_utils._errors import AnswerError
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.inventory._hosts import build

Facts = dict[str, t.Any]
HOSTILE = "{{ lookup('pipe','id') }}"


def site(code: str, kind: str = "primary", server: str = "", sql: str | None = "", **more: t.Any) -> Facts:
    """A site. Its database stands on its server, unless `sql` names another host, or is None."""
    server = server or f"cm-{code.lower()}.a.example"
    database = None if sql is None else {"server": sql or server, "instance": None, "name": f"CM_{code}", "port": None}
    known = {"code": code, "name": f"Site {code}", "type": kind, "parent": "", "build": 9146, "release": "2603"}
    return {**known, "server": server, "database": database, **more}


def provider(host: str, code: str, remote: bool = False) -> Facts:
    return {"host": host, "site": code, "remote": remote}


def point(host: str, code: str) -> Facts:
    return {"host": host, "site": code, "mode": "online", "proxy": None}


def system(host: str, code: str, *roles: str, domain: str | None = None) -> Facts:
    return {"host": host, "site": code, "roles": list(roles), "domain": domain}


def layout(*sites: Facts, **more: t.Any) -> Facts:
    return {
        "top_site": sites[0]["code"],
        "sites": list(sites),
        "providers": [],
        "service_connection_points": [],
        "site_systems": [],
        **more,
    }


HIERARCHY = layout(
    site("CAS", "cas", sql="SQL.a.example."),
    site("P01", parent="CAS", build=9135),
    site("S11", "secondary", parent="P01", sql=None),
    providers=[
        provider("cm-cas.a.example", "CAS"),
        provider("prv.a.example", "CAS", remote=True),
        provider("cm-p01.a.example", "P01"),
    ],
    service_connection_points=[point("prv.a.example", "CAS")],
    site_systems=[
        system("prv.a.example", "CAS", "SMS Provider", "SMS Site System"),
        system("prv.a.example", "P01", "SMS Distribution Point"),
        system("dp.a.example", "S11", "SMS Distribution Point"),
    ],
)


# -- hosts and groups -------------------------------------------------------------------------------------------------


def test_a_hierarchy() -> None:
    found = build(HIERARCHY)
    assert {name: host.groups for name, host in found.hosts.items()} == {
        "cm-cas.a.example": ["site_cas", "site_server", "sms_provider"],
        "cm-p01.a.example": ["site_p01", "site_server", "sms_provider", "site_database"],
        "cm-s11.a.example": ["site_s11", "site_server"],
        "prv.a.example": ["site_cas", "sms_provider", "service_connection_point"],
        "sql.a.example": ["site_cas", "site_database"],
    }
    assert found.groups == {
        "cas": ["site_cas"],
        "primary": ["site_p01"],
        "secondary": ["site_s11"],
        "site_server": [],
        "sms_provider": [],
        "service_connection_point": [],
        "site_database": [],
        "site_cas": [],
        "site_p01": [],
        "site_s11": [],
    }


def test_all_site_systems() -> None:
    found = build(HIERARCHY, site_systems=True)
    assert set(found.hosts) - set(build(HIERARCHY).hosts) == {"dp.a.example"}
    assert found.hosts["dp.a.example"].groups == ["site_s11"]
    assert found.hosts["dp.a.example"].variables["tenant_attach_roles"] == []
    assert found.hosts["prv.a.example"].groups == [
        "site_cas",
        "site_p01",
        "sms_provider",
        "service_connection_point",
    ]
    assert found.hosts["prv.a.example"].variables["tenant_attach_site"] == "CAS"


@pytest.mark.parametrize(
    ("role", "group"),
    [
        ("SMS Site Server", "site_server"),
        ("SMS SQL Server", "site_database"),
        ("SMS Provider", "sms_provider"),
        ("SMS Dmp Connector", "service_connection_point"),
    ],
)
def test_a_role_that_only_the_list_of_site_systems_names(role: str, group: str) -> None:
    found = build(layout(site("P01"), site_systems=[system("two.a.example", "P01", role)]))
    assert found.hosts["two.a.example"].groups == ["site_p01", group]
    assert ("tenant_attach_database" in found.hosts["two.a.example"].variables) == (group == "site_database")


def test_what_is_left_of_a_site_that_is_gone() -> None:
    found = build(layout(site("P01"), providers=[provider("old.a.example", "P09")]))
    assert found.hosts["old.a.example"].groups == ["site_p09", "sms_provider"]
    assert found.groups["site_p09"] == []
    variables = found.hosts["old.a.example"].variables
    assert (variables["tenant_attach_site"], variables["tenant_attach_site_type"]) == ("P09", None)


def test_a_type_that_is_not_documented_has_no_group() -> None:
    found = build(layout(site("P01", "code 9, not documented")))
    assert "site_p01" in found.groups
    assert not any(found.groups.values())


# -- variables --------------------------------------------------------------------------------------------------------


def test_variables() -> None:
    database = {"site": "CAS", "server": "SQL.a.example.", "instance": None, "name": "CM_CAS", "port": None}
    assert build(HIERARCHY).hosts["sql.a.example"].variables == {
        "tenant_attach_build": 9146,
        "tenant_attach_database": database,
        "tenant_attach_databases": [database],
        "tenant_attach_name_is_fqdn": True,
        "tenant_attach_parent_site": None,
        "tenant_attach_release": "2603",
        "tenant_attach_remote_provider": False,
        "tenant_attach_roles": ["site_database"],
        "tenant_attach_site": "CAS",
        "tenant_attach_site_name": "Site CAS",
        "tenant_attach_site_system_roles": [],
        "tenant_attach_site_type": "cas",
        "tenant_attach_sites": ["CAS"],
        "tenant_attach_top_site": "CAS",
    }


@pytest.mark.parametrize(
    ("host", "name", "value"),
    [
        ("prv.a.example", "tenant_attach_remote_provider", True),
        ("prv.a.example", "tenant_attach_roles", ["sms_provider", "service_connection_point"]),
        ("prv.a.example", "tenant_attach_sites", ["CAS"]),
        (
            "prv.a.example",
            "tenant_attach_site_system_roles",
            ["SMS Distribution Point", "SMS Provider", "SMS Site System"],
        ),
        (
            "prv.a.example",
            "tenant_attach_service_connection_point",
            {"site": "CAS", "mode": "online", "proxy": None},
        ),
        ("cm-p01.a.example", "tenant_attach_build", 9135),
        ("cm-p01.a.example", "tenant_attach_parent_site", "CAS"),
        ("cm-p01.a.example", "tenant_attach_remote_provider", False),
        ("cm-s11.a.example", "tenant_attach_site_type", "secondary"),
    ],
)
def test_one_variable(host: str, name: str, value: object) -> None:
    assert build(HIERARCHY).hosts[host].variables[name] == value


def test_a_host_with_databases_of_two_sites_belongs_to_the_first() -> None:
    found = build(layout(site("P02", sql="sql.a.example"), site("P01", sql="sql.a.example")))
    variables = found.hosts["sql.a.example"].variables
    assert variables["tenant_attach_sites"] == ["P02", "P01"]
    assert variables["tenant_attach_site"] == "P02"
    assert [database["site"] for database in variables["tenant_attach_databases"]] == ["P02", "P01"]


def test_a_site_server_belongs_to_its_own_site_first() -> None:
    found = build(layout(site("CAS", "cas", sql="cm-p01.a.example"), site("P01")))
    variables = found.hosts["cm-p01.a.example"].variables
    assert (variables["tenant_attach_site"], variables["tenant_attach_sites"]) == ("P01", ["CAS", "P01"])


def test_hostile_texts_stay_texts() -> None:
    found = build(layout(site("P01", name=HOSTILE)))
    assert found.hosts["cm-p01.a.example"].variables["tenant_attach_site_name"] == HOSTILE


# -- names ------------------------------------------------------------------------------------------------------------

# Hosts beside the short name cm1 of site P01, and the name that it gets.
NAMES: dict[str, tuple[Facts, str]] = {
    "named in full beside it": ({"providers": [provider("CM1.B.example", "P01")]}, "cm1.b.example"),
    "named in full beside it, twice": (
        {"providers": [provider("cm1.b.example", "P01"), provider("cm1.c.example", "P01")]},
        "cm1",
    ),
    "domain in the site control file": (
        {"site_systems": [system("cm1", "P01", "SMS Provider", domain="B.example.")]},
        "cm1.b.example",
    ),
    "domain of another site's entry": (
        {"site_systems": [system("cm1", "P02", "SMS Provider", domain="b.example")]},
        "cm1.a.example",
    ),
    "hostile domain": (
        {"site_systems": [system("cm1", "P01", "SMS Provider", domain=HOSTILE)]},
        "cm1.a.example",
    ),
    "one domain in the site": ({}, "cm1.a.example"),
    "two domains in the site": ({"providers": [provider("cm2.b.example", "P01")]}, "cm1"),
    "two domains in the site, named in full elsewhere": (
        {"providers": [provider("cm2.b.example", "P01"), provider("cm1.c.example", "P02")]},
        "cm1.c.example",
    ),
    "an address beside it": ({"providers": [provider("10.0.0.1", "P01")]}, "cm1.a.example"),
}


@pytest.mark.parametrize(("more", "name"), NAMES.values(), ids=NAMES.keys())
def test_short_names(more: Facts, name: str) -> None:
    sites = site("P01", sql="CM1"), site("P02", server="cm-p02.d.example")
    found = build(layout(*sites, **more))
    assert name in found.hosts
    assert "site_database" in found.hosts[name].groups
    assert found.hosts[name].variables["tenant_attach_name_is_fqdn"] is ("." in name)


def test_nothing_names_a_domain() -> None:
    found = build(layout(site("P01", server="cm1"), providers=[provider("10.0.0.1", "P01")]))
    names = {name: host.variables["tenant_attach_name_is_fqdn"] for name, host in found.hosts.items()}
    assert names == {"cm1": False, "10.0.0.1": False}


def test_one_host_under_three_names_appears_once() -> None:
    found = build(
        layout(
            site("P01", server="cm1.a.example", sql="CM1"),
            providers=[provider("CM1.A.Example.", "P01")],
        )
    )
    assert list(found.hosts) == ["cm1.a.example"]


# -- refusals ---------------------------------------------------------------------------------------------------------

REFUSED: dict[str, tuple[Facts, str]] = {
    "site without a server": (layout({**site("P01"), "server": ""}), "a site server of site P01"),
    "site without a database": (layout(site("P01", sql=None)), "a site database server of site P01"),
    "site with a database of no server": (
        layout({**site("P01"), "database": {"server": ""}}),
        "a site database server of site P01",
    ),
    "hostile host": (layout(site("P01", server=HOSTILE)), "the name of a host"),
    "host that leaves its directory": (layout(site("P01", server="../../x")), "the name of a host"),
    "host that is a pattern": (layout(site("P01", server="cm[1:9].a.example")), "the name of a host"),
    "host that is endless": (layout(site("P01", server=".".join(["a" * 60] * 5))), "the name of a host"),
    "host with a line break": (layout(site("P01", server="cm1.a.example\n")), "the name of a host"),
    "host that is empty": (layout(site("P01"), providers=[provider("", "P01")]), "the name of a host"),
    "hostile code": (layout(site("P01"), providers=[provider("cm1.a.example", HOSTILE)]), "a site code"),
    "code that is a group": (layout(site("SERVER")), "a site code"),
    "code that is empty": (layout(site("P01"), site_systems=[system("x", "", "SMS Provider")]), "a site code"),
}


@pytest.mark.parametrize(("given", "expected"), REFUSED.values(), ids=REFUSED.keys())
def test_refused(given: Facts, expected: str) -> None:
    with pytest.raises(AnswerError) as caught:
        build(given)
    assert caught.value.expected.startswith(expected)
    assert caught.value.observed
    assert caught.value.where
    assert caught.value.next_step
