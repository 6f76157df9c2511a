# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the product's lists ask for, by hierarchy."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.configmgr.tenant_attach.plugins.filter.directory_objects import FilterModule as Objects
from ansible_collections.configmgr.tenant_attach.plugins.filter.double_hop import FilterModule as DoubleHop
from ansible_collections.configmgr.tenant_attach.plugins.filter.double_hop_state import FilterModule as State
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils import _directory, _double_hop

Json = dict[str, t.Any]
GROUP = _double_hop.GROUP


def site(code: str, type_: str, sql: str | None, instance: str | None = None) -> Json:
    database = None if sql is None else {"server": sql, "instance": instance, "name": f"CM_{code}", "port": None}
    return {"code": code, "type": type_, "server": f"{code.lower()}.x.com", "database": database}


def estate(
    cas: str | None = "cas.x.com",
    p01: str | None = "p01.x.com",
    instance: str | None = None,
    provider: str = "cas.x.com",
    roles: t.Sequence[tuple[str, str]] = (),
) -> Json:
    """Return a CAS with one primary site, and where their databases and the provider of the CAS are."""
    return {
        "top_site": "CAS",
        "sites": [
            site("CAS", "cas", cas),
            site("P01", "primary", p01, instance),
            site("S01", "secondary", "s01.x.com"),
        ],
        "providers": [
            {"host": provider, "site": "CAS", "remote": provider != "cas.x.com"},
            {"host": "p01.x.com", "site": "P01", "remote": False},
        ],
        "site_systems": [{"host": host, "site": code, "roles": ["SMS SQL Server"]} for code, host in roles],
    }


STANDALONE: Json = {
    "top_site": "P01",
    "sites": [site("P01", "primary", "sql.x.com")],
    "providers": [],
    "site_systems": [],
}
GROUPED = (("CAS", "cas-n1.x.com"), ("CAS", "cas-n2.x.com"), ("P01", "p01-n1.x.com"), ("P01", "p01-n2.x.com"))


def texts(hierarchy: Json, ports: dict[str, int] | None = None) -> list[str]:
    return [
        f"{step.scenario} {step.number} {step.kind} {step.host}: {' '.join(step.entries)}".rstrip(": ")
        for step in _double_hop.plan(hierarchy, ports).steps
    ]


@pytest.mark.parametrize(
    ("hierarchy", "reason", "untold"),
    [
        (STANDALONE, "stand-alone primary site", ""),
        (estate(), "on its site server", ""),
        ({}, "", "top-tier"),
        ({**estate(), "top_site": None}, "", "top-tier"),
        (estate(p01=None), "", "database of P01"),
        (estate(cas=None, p01=None), "", "database of CAS, P01"),
        (
            {
                **estate(),
                "sites": [site("CAS", "cas", "cas.x.com"), {**site("P01", "primary", None), "database": {"error": {}}}],
            },
            "",
            "P01",
        ),
    ],
)
def test_where_no_list_applies(hierarchy: Json, reason: str, untold: str) -> None:
    found = _double_hop.plan(hierarchy)
    assert found.steps == ()
    assert (reason in found.reason, bool(found.reason)) == (True, bool(reason))
    assert (untold in found.untold, bool(found.untold)) == (True, bool(untold))


def test_a_remote_provider() -> None:
    assert texts(estate(provider="prv.x.com")) == [
        "remote_provider 1 local_group p01.x.com: prv.x.com cas.x.com",
        "remote_provider 2 delegation prv.x.com: MSSQLSvc/p01.x.com:1433",
        "remote_provider 3 delegation cas.x.com: MSSQLSvc/p01.x.com:1433",
        "remote_provider 4 restart prv.x.com",
    ]


def test_a_remote_sql_server() -> None:
    assert texts(estate(cas="sql.x.com", p01="p01-sql.x.com", instance="INST"), {"p01-sql.x.com": 50001}) == [
        "remote_sql 1 local_group p01-sql.x.com: sql.x.com cas.x.com",
        "remote_sql 2 delegation p01.x.com: MSSQLSvc/sql.x.com:1433",
        "remote_sql 3 delegation cas.x.com: MSSQLSvc/p01-sql.x.com:50001 MSSQLSvc/p01-sql.x.com:INST",
    ]


def test_always_on() -> None:
    cas = "MSSQLSvc/cas-n1.x.com:1433 MSSQLSvc/cas-n2.x.com:1433 MSSQLSvc/cas-ag.x.com:1433"
    primary = "MSSQLSvc/p01-n1.x.com:1433 MSSQLSvc/p01-n2.x.com:1433 MSSQLSvc/p01-ag.x.com:1433"
    assert texts(estate(cas="cas-ag.x.com", p01="p01-ag.x.com", roles=GROUPED)) == [
        "always_on 1 local_group p01-n1.x.com: cas.x.com",
        "always_on 1 local_group p01-n2.x.com: cas.x.com",
        f"always_on 2 delegation p01.x.com: {cas}",
        f"always_on 3 delegation cas.x.com: {primary}",
        f"always_on 4 service_names cas-ag.x.com: {cas}",
        f"always_on 4 service_names p01-ag.x.com: {primary}",
        "always_on 5 restart p01-n1.x.com",
        "always_on 5 restart p01-n2.x.com",
        "always_on 5 restart cas.x.com",
        "always_on 5 restart cas-n1.x.com",
        "always_on 5 restart cas-n2.x.com",
    ]


def test_a_group_without_a_listener_of_its_own() -> None:
    found = texts(estate(p01="p01-n1.x.com", roles=GROUPED[2:]))
    assert "always_on 4 service_names p01-n1.x.com: MSSQLSvc/p01-n1.x.com:1433 MSSQLSvc/p01-n2.x.com:1433" in found


def test_lists_add_up() -> None:
    found = _double_hop.plan(estate(cas="sql.x.com", p01="p01-sql.x.com", provider="prv.x.com"))
    assert found.scenarios == ("remote_provider", "remote_sql")
    assert found.entries("local_group") == {"p01-sql.x.com": ("prv.x.com", "cas.x.com", "sql.x.com")}
    assert found.computers() == ("prv.x.com", "cas.x.com", "sql.x.com", "p01.x.com")
    assert (found.site_of("prv.x.com"), found.site_of("p01.x.com")) == ("CAS", "P01")


def test_a_named_instance_without_a_port_has_half_a_name() -> None:
    found = _double_hop.plan(estate(provider="prv.x.com", instance="INST", cas="sql.x.com"))
    assert found.entries("delegation")["prv.x.com"] == ("MSSQLSvc/p01.x.com:INST",)
    assert (found.unnamed(), found.unnamed("prv.x.com"), found.unnamed("p01.x.com")) == (
        ("p01.x.com",),
        ("p01.x.com",),
        (),
    )


REMOTE = estate(provider="prv.x.com")
NAME = "MSSQLSvc/p01.x.com:1433"


def test_playbooks_get_names_of_the_inventory() -> None:
    facts = DoubleHop().filters()["double_hop"](REMOTE, {}, ["P01.x.com", "localhost"])
    assert facts["local_groups"] == [
        {"host": "p01.x.com", "inventory_name": "P01.x.com", "members": ["prv.x.com", "cas.x.com"]}
    ]
    assert facts["restarts"] == [{"host": "prv.x.com", "inventory_name": ""}]
    assert (facts["unreached"], facts["not_restartable"]) == ([], ["prv.x.com"])
    assert [step["text"] for step in facts["steps"]] == [
        f"The CAS has a remote SMS Provider, step 1: add prv.x.com, cas.x.com to the local group {GROUP} on p01.x.com",
        f"The CAS has a remote SMS Provider, step 2: trust prv.x.com for delegation, with Kerberos only, to {NAME}",
        f"The CAS has a remote SMS Provider, step 3: trust cas.x.com for delegation, with Kerberos only, to {NAME}",
        "The CAS has a remote SMS Provider, step 4: restart prv.x.com",
    ]
    assert DoubleHop().filters()["double_hop"](REMOTE)["unreached"] == ["p01.x.com"]


def computer(name: str, *services: str) -> Json:
    return {"name": name, "account": f"X\\{name.partition('.')[0].upper()}$", "delegates_to": list(services)}


def state(computers: list[Json], services: list[Json]) -> dict[str, t.Any]:
    facts = _double_hop.as_facts(REMOTE)
    return State().filters()["double_hop_state"](facts, {"computers": computers, "services": services})


REGISTERED: Json = {"name": NAME, "accounts": ["X\\SQL"]}


def test_what_the_directory_has_of_it() -> None:
    found = state([computer("prv.x.com", NAME.upper()), computer("cas.x.com")], [REGISTERED])
    assert (found["wrong"], found["undelegated"]) == ([], [f"cas.x.com: {NAME}"])
    assert found["local_groups"][0]["accounts"] == ["X\\PRV$", "X\\CAS$"]


@pytest.mark.parametrize(
    ("computers", "services", "wrong"),
    [
        ([computer("cas.x.com")], [REGISTERED], ["computer prv.x.com: not there"]),
        (
            [computer("cas.x.com"), {"name": "prv.x.com", "error": {"observed": "no such computer"}}],
            [REGISTERED],
            ["computer prv.x.com: no such computer"],
        ),
        ([computer("cas.x.com"), computer("prv.x.com")], [], [f"service {NAME}: not there"]),
        (
            [computer("cas.x.com"), computer("prv.x.com")],
            [{"name": NAME, "accounts": []}],
            [f"service {NAME}: not there"],
        ),
        (
            [computer("cas.x.com"), computer("prv.x.com")],
            [{"name": NAME, "accounts": ["X\\A", "X\\B"]}],
            [f"service {NAME}: X\\A, X\\B"],
        ),
    ],
)
def test_what_stands_in_the_way(computers: list[Json], services: list[Json], wrong: list[str]) -> None:
    assert state(computers, services)["wrong"] == wrong


def test_objects_of_the_directory() -> None:
    found = Objects().filters()["directory_objects"](REMOTE)
    assert found == {
        "computers": ["prv.x.com", "cas.x.com", "p01.x.com"],
        "services": [NAME],
        "groups": ["S-1-5-32-554", "S-1-5-32-560"],
        "primary_providers": ["p01.x.com"],
    }
    assert _directory.objects({})["computers"] == []


def test_accounts_of_computers() -> None:
    directory = {"computers": [computer("prv.x.com"), computer("p01.x.com"), {"name": "cas.x.com", "error": {}}]}
    assert _directory.accounts(directory, ["PRV.x.com", "cas.x.com"]) == {"prv.x.com": "X\\PRV$"}
    assert _directory.accounts({}, ["prv.x.com"]) == {}
