# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Intune roles: what they allow, and how modules show them. Pure. PRIVATE to the collection."""

from __future__ import annotations

import typing as t

Json = dict[str, t.Any]


def stated_actions(definition: t.Mapping[str, t.Any], key: str) -> set[str]:
    """Return all actions that a role definition names under allowedResourceActions or notAllowedResourceActions."""
    return {
        name
        for permission in definition.get("rolePermissions") or ()
        for action in permission.get("resourceActions") or ()
        for name in action.get(key) or ()
    }


def actions_of(definition: t.Mapping[str, t.Any]) -> set[str]:
    """Return what a role definition allows: allowed without what it takes back, in whatever case."""
    refused = {each.casefold() for each in stated_actions(definition, "notAllowedResourceActions")}
    return {each for each in stated_actions(definition, "allowedResourceActions") if each.casefold() not in refused}


def holds(definition: t.Mapping[str, t.Any], action: str) -> bool:
    """Tell whether a role holds an action. Graph spells actions in one case, Intune's own pages in another."""
    return action.casefold() in {each.casefold() for each in actions_of(definition)}


def visible_role(definition: t.Mapping[str, t.Any]) -> Json:
    """Return a role as modules show it."""
    return {
        "id": definition.get("id"),
        "name": definition.get("displayName"),
        "description": definition.get("description") or "",
        "built_in": bool(definition.get("isBuiltIn") or definition.get("isBuiltInRoleDefinition")),
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
