# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the product's lists ask for, by hierarchy."""

from __future__ import annotations

import pytest

from ansible_collections.configmgr.tenant_attach.plugins.module_utils.product import _double_hop
from ansible_collections.configmgr.tenant_attach.tests.unit.double_hop import Json, estate, site

GROUP = _double_hop.GROUP


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
