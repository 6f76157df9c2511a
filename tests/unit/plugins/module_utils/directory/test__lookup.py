# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import re

import pytest

from ansible_collections.configmgr.tenant_attach.plugins.module_utils._errors import TenantAttachError
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.directory import _lookup
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.directory._lookup import escape
from ansible_collections.configmgr.tenant_attach.tests.unit.directory import (
    BASE,
    Row,
    Search,
    computer,
    lookup,
    raw_sid,
    refusal,
)

CM01, CM02 = computer("CM01"), computer("CM02", 1105)
NAMELESS = Row(CM01.dn, {name: values for name, values in CM01.attributes.items() if name != "dNSHostName"})
BY_DNS = "(&(objectClass=computer)(|(dNSHostName=cm01.contoso.com)(&(!(dNSHostName=*))(sAMAccountName=cm01$))))"
BY_ACCOUNT = "(&(objectClass=computer)(|(sAMAccountName=cm01$)))"
GROUP = Row(f"CN=Inner,{BASE}", {"objectClass": ["group"], "objectSid": [raw_sid("S-1-5-21-1-2-3-9")]})


@pytest.mark.parametrize(
    ("name", "condition", "row"),
    [
        ("cm01.contoso.com", BY_DNS, CM01),
        ("cm01.contoso.com", BY_DNS, NAMELESS),
        ("cm01.contoso.com.", BY_DNS, CM01),
        ("cm01", BY_ACCOUNT, CM01),
        ("cm01$", BY_ACCOUNT, CM01),
        (r"CONTOSO\cm01$", BY_ACCOUNT, CM01),
        ("cm01.elsewhere.example", "(&(objectClass=computer)(|(dNSHostName=cm01.elsewhere.example)))", None),
    ],
)
def test_computer(name: str, condition: str, row: Row | None) -> None:
    row = row or computer("CM01", dNSHostName=["cm01.elsewhere.example"])
    found, connection = lookup(Search(BASE, condition, [row], deep=True))
    assert found.computer(name).dn == CM01.dn
    assert not connection.script


def test_computer_by_its_distinguished_name() -> None:
    found, _connection = lookup(Search(CM01.dn, "(objectClass=computer)", [CM01]))
    assert found.computer(CM01.dn).dn == CM01.dn


@pytest.mark.parametrize(
    ("name", "script", "kind", "part"),
    [
        ("cm01.contoso.com", [Search(BASE, BY_DNS, deep=True)], "not_found", "child.contoso.com, fabrikam.com"),
        (
            "cm01",
            [Search(BASE, BY_ACCOUNT, [CM01, Row(f"CN=other,{BASE}", CM01.attributes)], deep=True)],
            "contradiction",
            f"there are 2: {CM01.dn}; CN=other,{BASE}",
        ),
        (
            "cm01.child.contoso.com",
            [Search(BASE, "(&(objectClass=computer)(|(dNSHostName=cm01.child.contoso.com)))", deep=True)],
            "not_found",
            "name a domain controller of child.contoso.com",
        ),
        ("CN=cm01,DC=child,DC=contoso,DC=com", [], "not_found", "name a domain controller of child.contoso.com"),
        (r"FABRIKAM\cm01$", [], "not_found", "name a domain controller of FABRIKAM"),
        (CM01.dn, [Search(CM01.dn, "(objectClass=computer)")], "not_found", "check the name"),
        ("cm01", [Search(BASE, BY_ACCOUNT, deep=True, error=refusal("SIZELIMIT_EXCEEDED"))], "service", "base_dn"),
    ],
)
def test_no_computer(name: str, script: list[Search], kind: str, part: str) -> None:
    found, connection = lookup(*script)
    with pytest.raises(TenantAttachError) as caught:
        found.computer(name)
    assert (caught.value.kind, part in str(caught.value)) == (kind, True), str(caught.value)
    assert not connection.script


def test_computers_are_asked_for_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_lookup, "CHUNK", 2)
    two = "(&(objectClass=computer)(|(sAMAccountName=cm01$)(sAMAccountName=cm02$)))"
    found, connection = lookup(
        Search(CM02.dn, "(objectClass=computer)", [CM02]),
        Search(BASE, two, [CM02, CM01], deep=True),
        Search(BASE, "(&(objectClass=computer)(|(sAMAccountName=cm03$)))", deep=True),
    )
    answers = found.computers(["cm01", CM02.dn, "cm02", "cm03"])
    assert {name: getattr(answer, "dn", "none") for name, answer in answers.items()} == {
        "cm01": CM01.dn,
        CM02.dn: CM02.dn,
        "cm02": CM02.dn,
        "cm03": "none",
    }
    assert not connection.script


def test_services(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_lookup, "CHUNK", 2)
    sql = computer("SQL", servicePrincipalName=["MSSQLSvc/sql.contoso.com:1433", "HOST/sql"])
    double = computer("DOUBLE", servicePrincipalName=["mssqlsvc/SQL.contoso.com:1433"])
    first = "(|(servicePrincipalName=MSSQLSvc/sql.contoso.com:1433)(servicePrincipalName=MSSQLSvc/x:1))"
    found, connection = lookup(
        Search(BASE, first, [sql, double], deep=True),
        Search(BASE, "(|(servicePrincipalName=y/\\2a))", deep=True, error=refusal("BUSY")),
    )
    answers = found.services(["MSSQLSvc/sql.contoso.com:1433", "MSSQLSvc/x:1", "y/*"])
    late = answers.pop("y/*")
    assert answers == {"MSSQLSvc/sql.contoso.com:1433": [r"CONTOSO\DOUBLE$", r"CONTOSO\SQL$"], "MSSQLSvc/x:1": []}
    assert isinstance(late, TenantAttachError)
    assert not connection.script


@pytest.mark.parametrize(
    ("name", "search"),
    [
        ("S-1-5-32-560", Search("<SID=S-1-5-32-560>", "(objectClass=group)", [GROUP])),
        (GROUP.dn, Search(GROUP.dn, "(objectClass=group)", [GROUP])),
        ("In*er", Search(BASE, r"(&(objectClass=group)(|(sAMAccountName=In\2aer)(cn=In\2aer)))", [GROUP], deep=True)),
        (r"contoso\x", Search(BASE, "(&(objectClass=group)(|(sAMAccountName=x)(cn=x)))", [GROUP], deep=True)),
        (r"BUILTIN\x", Search(BASE, "(&(objectClass=group)(|(sAMAccountName=x)(cn=x)))", [GROUP], deep=True)),
    ],
)
def test_group(name: str, search: Search) -> None:
    found, connection = lookup(search)
    assert found.group(name).dn == GROUP.dn
    assert not connection.script


@pytest.mark.parametrize(
    ("name", "search"),
    [
        ("S-1-5-11", Search("<SID=S-1-5-11>", "(objectSid=*)", [CM01])),
        (CM01.dn, Search(CM01.dn, "(objectSid=*)", [CM01])),
        ("cm01.contoso.com", Search(BASE, BY_DNS, [CM01], deep=True)),
        (
            r"CONTOSO\cm01",
            Search(
                BASE,
                "(&(objectSid=*)(|(sAMAccountName=cm01)(&(objectClass=computer)(sAMAccountName=cm01$))))",
                [CM01],
                deep=True,
            ),
        ),
    ],
)
def test_member(name: str, search: Search) -> None:
    found, connection = lookup(search)
    assert found.member(name).dn == CM01.dn
    assert not connection.script


@pytest.mark.parametrize("name", ["S-1-5-21-9-9-9-1", "nobody"])
def test_no_member(name: str) -> None:
    account = "(&(objectSid=*)(|(sAMAccountName=nobody)(&(objectClass=computer)(sAMAccountName=nobody$))))"
    is_sid = name.startswith("S-")
    search = Search(f"<SID={name}>", "(objectSid=*)") if is_sid else Search(BASE, account, deep=True)
    found, _connection = lookup(search)
    with pytest.raises(TenantAttachError, match=re.escape(name)) as caught:
        found.member(name)
    assert caught.value.kind == "not_found"


def test_escape() -> None:
    assert escape("a*(b)\\\0c") == r"a\2a\28b\29\5c\00c"
