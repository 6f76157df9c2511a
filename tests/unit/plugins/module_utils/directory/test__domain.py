# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.configmgr.tenant_attach.plugins.module_utils._errors import TenantAttachError
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.directory._domain import (
    Domain,
    dns_of,
    read_domain,
)
from ansible_collections.configmgr.tenant_attach.tests.unit.directory import (
    BASE,
    CONFIGURATION,
    DOMAIN,
    HOST,
    Row,
    Search,
    opening,
    session,
)

SERVERS = f"OU=Servers,{BASE}"


def test_read() -> None:
    opened, connection = session(*opening("child.contoso.com", "fabrikam.com"))
    assert read_domain(opened, None) == Domain(
        "contoso.com", "CONTOSO", BASE, HOST, ("child.contoso.com", "fabrikam.com")
    )
    assert not connection.script


def test_read_with_a_base() -> None:
    opened, _connection = session(*opening(), Search(SERVERS, rows=[Row(SERVERS, {})]))
    assert read_domain(opened, SERVERS).base_dn == SERVERS


@pytest.mark.parametrize(
    ("script", "base", "kind", "part"),
    [
        ([Search("")], None, "answer", "defaultNamingContext"),
        ([Search("", rows=[Row("", {"namingContexts": [BASE]})])], None, "answer", "defaultNamingContext"),
        (
            [
                opening()[0],
                Search(f"CN=Partitions,{CONFIGURATION}", "(nETBIOSName=*)", deep=True),
            ],
            None,
            "answer",
            "there are no domains",
        ),
        (opening(), "DC=child,DC=contoso,DC=com", "option", "child.contoso.com"),
        (opening(), "OU=Servers", "option", "that domain"),
        ([*opening(), Search(SERVERS)], SERVERS, "not_found", "leave base_dn out"),
    ],
)
def test_refused(script: list[Search], base: str | None, kind: str, part: str) -> None:
    opened, _connection = session(*script)
    with pytest.raises(TenantAttachError) as caught:
        read_domain(opened, base)
    assert (caught.value.kind, part in str(caught.value)) == (kind, True)


@pytest.mark.parametrize(
    ("dn", "dns"),
    [(BASE, "contoso.com"), (f"CN=dc=x\\,y,{BASE}", "contoso.com"), ("dc=A, dc=B", "a.b"), ("CN=x", ""), ("", "")],
)
def test_dns(dn: str, dns: str) -> None:
    assert dns_of(dn) == dns


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("cm01.contoso.com", None),
        ("contoso.com", None),
        ("cm01", None),
        ("cm01.elsewhere.example", None),
        ("CM01.Child.Contoso.com", "child.contoso.com"),
        ("cm01.notchild.contoso.com", None),
        ("cm01.fabrikam.com", "fabrikam.com"),
        ("CN=cm01,DC=child,DC=contoso,DC=com", "child.contoso.com"),
        (f"CN=cm01,{BASE}", None),
    ],
)
def test_foreign(name: str, other: str | None) -> None:
    assert DOMAIN.foreign(name) == other
