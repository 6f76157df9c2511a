# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Module account_info, from its options to what it returns."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.configmgr.tenant_attach.plugins.modules.account_info import main
from ansible_collections.configmgr.tenant_attach.tests.unit.conversation import (
    CANARY,
    HOST,
    Call,
    Conversation,
    listing,
)
from ansible_collections.configmgr.tenant_attach.tests.unit.graph import TENANT, batch, rows

NONE = {"provider": None, "auth": None, "token": None}
CONNECTION = {"tenant_id": TENANT, "access_token": CANARY}
ADMINISTRATORS = f"https://{HOST}/AdminService/wmi/SMS_Admin?$select=AdminID,LogonName,IsGroup,RoleNames"
BY_NAME = (
    f"https://{HOST}/AdminService/wmi/SMS_R_User?$filter=(UserPrincipalName eq 'ada@contoso.com')"
    "&$select=ResourceID,SID,UniqueUserName,AgentName,UserPrincipalName"
)


@pytest.mark.parametrize("check", [True, False])
def test_success(
    monkeypatch: pytest.MonkeyPatch, converse: t.Callable[..., Conversation], run: t.Callable[..., t.Any], check: bool
) -> None:
    # What the dictionary leaves out comes from the environment.
    monkeypatch.setenv("CONFIGMGR_PROVIDER", HOST)
    converse(
        Call(ADMINISTRATORS, listing({"AdminID": 1, "LogonName": "CONTOSO\\zoe", "IsGroup": False, "RoleNames": []})),
        batch(rows({"id": "u1", "userPrincipalName": "ada@contoso.com"}), *[rows()] * 6),
        batch(rows(), rows()),
        Call(BY_NAME, listing()),
    )
    hierarchy = {"auth": "token", "token": CANARY}
    ran = run(main, check=check, accounts=["ada@contoso.com"], hierarchy=hierarchy, **CONNECTION, **NONE)
    assert (ran.code, ran.result["changed"]) == (0, False)
    (account,) = ran.result["accounts"]
    assert (account["found"], account["configmgr_roles"], account["errors"]) == (True, [], {})


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({}, "missing required arguments: accounts"),
        ({"accounts": ["ada"]}, "user principal name"),
        ({"accounts": ["ada@contoso.com"], "hierarchy": {"auth": "kerberos"}}, "provider"),
        ({"accounts": ["ada@contoso.com"], "hierarchy": {"provider": HOST, "auth": "token"}}, "option token"),
        ({"accounts": ["ada@contoso.com"], "hierarchy": {"provider": HOST, "timeout": 0}}, "option timeout"),
        ({"accounts": ["ada@contoso.com"], "hierarchy": {"provider": HOST, "providr": HOST}}, "providr"),
    ],
)
def test_options_are_refused_before_any_call(
    converse: t.Callable[..., Conversation], run: t.Callable[..., t.Any], options: dict[str, t.Any], text: str
) -> None:
    converse()
    ran = run(main, **{**CONNECTION, **NONE, **options})
    assert (ran.code, ran.result["failed"]) == (1, True)
    assert text in ran.result["msg"]
