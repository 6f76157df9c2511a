# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Intune roles: what they allow, and what a change sends."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.configmgr.tenant_attach.plugins.module_utils.graph import _roles
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.product import _tenant_names


def definition(allowed: list[str], refused: list[str] | None = None, **more: t.Any) -> dict[str, t.Any]:
    action = {"allowedResourceActions": allowed, "notAllowedResourceActions": refused or []}
    return {"id": "r1", "displayName": "Operators", "rolePermissions": [{"resourceActions": [action]}], **more}


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        (definition([_tenant_names.CONFIGMGR_ACTION]), True),
        (definition([_tenant_names.CONFIGMGR_ACTION.upper()]), True),
        (definition(["Microsoft.Intune_RemoteTasks_SyncDevice"]), False),
        (definition([_tenant_names.CONFIGMGR_ACTION], [_tenant_names.CONFIGMGR_ACTION]), False),
        (definition([_tenant_names.CONFIGMGR_ACTION], [_tenant_names.CONFIGMGR_ACTION.lower()]), False),
        ({"rolePermissions": None}, False),
        ({"rolePermissions": [{"resourceActions": [{"allowedResourceActions": None}]}]}, False),
    ],
)
def test_holds(role: dict[str, t.Any], expected: bool) -> None:
    assert _roles.holds(role, _tenant_names.CONFIGMGR_ACTION) is expected


def test_a_role_as_modules_show_it() -> None:
    assert _roles.visible_role(definition(["b", "A"], isBuiltIn=True, description=None)) == {
        "id": "r1",
        "name": "Operators",
        "description": "",
        "built_in": True,
        "permissions": ["A", "b"],
    }


@pytest.mark.parametrize(
    ("extra", "scope", "tags"),
    [({}, "resourceScope", None), ({"scopeType": "allDevices", "roleScopeTagIds": ["0"]}, "allDevices", ["0"])],
)
def test_an_assignment_as_modules_show_it(extra: dict[str, t.Any], scope: str, tags: list[str] | None) -> None:
    row = {"id": "a1", "displayName": "Operators", "members": ["g2", "g1"], "resourceScopes": None, **extra}
    assert _roles.visible_assignment(row) == {
        "id": "a1",
        "name": "Operators",
        "members": ["g1", "g2"],
        "scope": scope,
        "scope_groups": [],
        "scope_tags": tags,
    }
