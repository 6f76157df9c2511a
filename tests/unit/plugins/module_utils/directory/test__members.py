# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.configmgr.tenant_attach.plugins.module_utils._errors import TenantAttachError
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.directory._members import (
    Member,
    implied_members,
    read_members,
)
from ansible_collections.configmgr.tenant_attach.tests.unit.directory import BASE, Row, Search, raw_sid, session

GROUP = f"CN=Big (one),{BASE}"


def values(start: int, end: int) -> list[str]:
    return [f"<GUID=0-{number}>;<SID=S-1-5-21-1-2-3-{number}>;CN={number},{BASE}" for number in range(start, end)]


def page(name: str, start: int, end: int, asked: str) -> Search:
    return Search(GROUP, rows=[Row(GROUP, {name: values(start, end)})], attributes=[asked])


def test_all_ranges_are_read() -> None:
    opened, connection = session(
        page("member;range=0-1499", 0, 1500, "member"),
        page("member;range=1500-2999", 1500, 3000, "member;range=1500-*"),
        page("member;range=3000-*", 3000, 3001, "member;range=3000-*"),
    )
    members = read_members(opened, GROUP)
    assert len(members) == len(set(members)) == 3001
    assert members[3000] == Member(f"CN=3000,{BASE}", "S-1-5-21-1-2-3-3000")
    assert not connection.script


@pytest.mark.parametrize("rows", [{}, {"member": ["<GUID=0-1>;CN=contact,DC=x"]}])
def test_few(rows: dict[str, list[str]]) -> None:
    opened, _connection = session(Search(GROUP, rows=[Row(GROUP, rows)]))
    assert read_members(opened, GROUP) == ([Member("CN=contact,DC=x", "")] if rows else [])


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        ([Search(GROUP)], "not_found"),
        ([page("member;range=0-1", 0, 2, "member"), page("member;range=0-1", 0, 2, "member;range=2-*")], "answer"),
        ([page("member;range=0-1", 0, 0, "member")], "answer"),
    ],
)
def test_no_members(script: list[Search], kind: str) -> None:
    opened, connection = session(*script)
    with pytest.raises(TenantAttachError) as caught:
        read_members(opened, GROUP)
    assert caught.value.kind == kind
    assert not connection.script


def test_implied() -> None:
    condition = (
        "(&(objectClass=foreignSecurityPrincipal)(memberOf:1.2.840.113556.1.4.1941:="
        rf"CN=Big \28one\29,{BASE}))"
    )
    row = Row(f"CN=S-1-5-11,{BASE}", {"objectSid": [raw_sid("S-1-5-11")]})
    opened, _connection = session(Search(BASE, condition, [row], deep=True))
    assert implied_members(opened, BASE, GROUP) == ["S-1-5-11"]
