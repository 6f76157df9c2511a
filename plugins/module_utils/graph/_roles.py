# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Intune roles: who may start Configuration Manager actions, and what a change of a role looks like.

Pure. PRIVATE to the collection.
"""

from __future__ import annotations

import typing as t

Json = dict[str, t.Any]


def actions_of(definition: t.Mapping[str, t.Any]) -> set[str]:
    """Return what a role definition allows: allowed without what it takes back."""
    allowed: set[str] = set()
    refused: set[str] = set()
    for permission in definition.get("rolePermissions") or ():
        for action in permission.get("resourceActions") or ():
            allowed |= set(action.get("allowedResourceActions") or ())
            refused |= set(action.get("notAllowedResourceActions") or ())
    return allowed - refused


def holds(definition: t.Mapping[str, t.Any], action: str) -> bool:
    """Tell whether a role holds an action. Graph spells actions in one case, Intune's own pages in another."""
    return action.casefold() in {each.casefold() for each in actions_of(definition)}


def wanted_actions(current: t.AbstractSet[str], named: t.Sequence[str], *, state: str, mode: str) -> set[str]:
    """Return the actions that a role should allow.

    Args:
        current: What it allows.
        named: The permissions of the option.
        state: present or absent.
        mode: add (keep what others put there) or exact (nothing but what is named).
    """
    by_name = {each.casefold(): each for each in current}
    chosen = {by_name.get(each.casefold(), each) for each in named}
    if state == "absent":
        return set(current) - chosen
    return chosen if mode == "exact" else set(current) | chosen


def role_body(actions: t.Collection[str]) -> list[Json]:
    """Return the whole permission of a role: Graph replaces what is there by what is sent."""
    return [
        {
            "@odata.type": "microsoft.graph.rolePermission",
            "resourceActions": [
                {
                    "@odata.type": "microsoft.graph.resourceAction",
                    "allowedResourceActions": sorted(actions, key=str.casefold),
                    "notAllowedResourceActions": [],
                }
            ],
        }
    ]


def visible_role(definition: t.Mapping[str, t.Any]) -> Json:
    """Return a role as modules show it."""
    return {
        "id": definition.get("id"),
        "name": definition.get("displayName"),
        "description": definition.get("description") or "",
        "built_in": bool(definition.get("isBuiltIn")),
        "permissions": sorted(actions_of(definition), key=str.casefold),
    }


def visible_assignment(assignment: t.Mapping[str, t.Any]) -> Json:
    """Return an assignment as modules show it."""
    return {
        "id": assignment.get("id"),
        "name": assignment.get("displayName"),
        "members": sorted(assignment.get("members") or ()),
        "scope": assignment.get("scopeType") or "resourceScope",
        "scope_groups": sorted(assignment.get("resourceScopes") or ()),
        # None where the version of Graph does not tell.
        "scope_tags": assignment.get("roleScopeTagIds"),
    }
