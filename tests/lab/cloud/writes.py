# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes to the roles of Intune and to their assignments, with everything that the real service refuses."""

from __future__ import annotations

import re
import uuid
from collections.abc import Collection
from typing import Any

from . import kinds
from .calls import Call, Reply, bad_request, intune_refusal
from .common import Cloud
from .intune import ROOT, Intune
from .query import Kind, answer_single
from .roles import RESOURCE_OPERATIONS
from .store import Row, Store, role_definition
from .tenant import SCOPE_TYPES

BIND = "roleDefinition@odata.bind"
ROLE_TYPES = ("roleDefinition", "deviceAndAppManagementRoleDefinition")
ASSIGNMENT_TYPES = ("deviceAndAppManagementRoleAssignment",)
LISTS = ("members", "resourceScopes", "scopeMembers", "roleScopeTagIds")
GENERIC = "An error has occurred"
WRONG_SCOPE = "ResourceScopes can only be defined when the ScopeType is set to 'ResourceScope'"


class RoleWrites:
    """Makes, changes and removes roles and assignments."""

    def __init__(self, cloud: Cloud, store: Store, intune: Intune) -> None:
        self._cloud, self._store, self._intune = cloud, store, intune

    # -- roles ----------------------------------------------------------------------------------------------------

    def create_role(self, call: Call) -> Reply:
        """Make a role."""
        body = _body(call, kinds.ROLE, ROLE_TYPES)
        name = body.get("displayName")
        if not isinstance(name, str) or not name:
            raise intune_refusal("The DisplayName of a role must not be empty", call)
        if body.get("isBuiltIn"):
            raise intune_refusal("A built-in role cannot be created", call)
        own = str(uuid.uuid4())
        row = role_definition(own, name)
        self._fill_role(call, row, body)
        self._store.role_definitions[own] = row
        return self._shown_role(call, row, 201)

    def change_role(self, call: Call, key: str) -> Reply:
        """Change a role; its permissions are replaced as a whole."""
        row = self._intune.find_role(call, key)
        self._refuse_built_in(call, row)
        changed = dict(row)
        self._fill_role(call, changed, _body(call, kinds.ROLE, ROLE_TYPES))
        row.update(changed)
        return self._shown_role(call, row, 200)

    def remove_role(self, call: Call, key: str) -> Reply:
        """Remove a role that nobody is assigned to."""
        row = self._intune.find_role(call, key)
        self._refuse_built_in(call, row)
        if any(each["role"] == row["id"] for each in self._store.intune_assignments.values()):
            raise intune_refusal("A role that has assignments cannot be deleted", call)
        del self._store.role_definitions[row["id"]]
        return Reply(204)

    def _refuse_built_in(self, call: Call, row: Row) -> None:
        if row["isBuiltIn"]:
            raise intune_refusal("A built-in role cannot be changed or deleted", call)

    def _fill_role(self, call: Call, row: Row, body: dict[str, Any]) -> None:
        for name in ("displayName", "description"):
            if isinstance(body.get(name), str):
                row[name] = body[name]
        if "roleScopeTagIds" in body:
            row["roleScopeTagIds"] = _words(call, body, "roleScopeTagIds")
        if "rolePermissions" in body:
            allowed, denied = _actions(call, body["rolePermissions"])
            fresh = role_definition(row["id"], row["displayName"], allowed=allowed, denied=denied)
            row |= {name: fresh[name] for name in ("rolePermissions", "permissions")}

    def _shown_role(self, call: Call, row: Row, status: int) -> Reply:
        reply = answer_single(call, kinds.ROLE, row, f"{ROOT}/roleDefinitions", self._intune.paging)
        return Reply(status, reply.body)

    # -- assignments ----------------------------------------------------------------------------------------------

    def create_assignment(self, call: Call) -> Reply:
        """Give a role to groups."""
        body = _body(call, kinds.ASSIGNMENT, ASSIGNMENT_TYPES, BIND)
        if BIND not in body:
            # The real service does not say what is missing either.
            raise intune_refusal(GENERIC, call)
        row: Row = {
            "id": str(uuid.uuid4()),
            "displayName": None,
            "description": None,
            "resourceScopes": [],
            "members": [],
            "scopeMembers": [],
            "scopeType": "resourceScope",
            "roleScopeTagIds": ["0"],
            "role": self._bound(call, body[BIND]),
        }
        if not isinstance(body.get("displayName"), str) or not body["displayName"]:
            raise intune_refusal("The DisplayName of a role assignment must not be empty", call)
        self._fill_assignment(call, row, body)
        self._store.intune_assignments[row["id"]] = row
        return Reply(201, self._intune.show_assignment(call, row).body)

    def change_assignment(self, call: Call, key: str) -> Reply:
        """Change an assignment; a list that is named is replaced as a whole."""
        row = self._intune.find_assignment(call, key)
        body = _body(call, kinds.ASSIGNMENT, ASSIGNMENT_TYPES, BIND)
        changed = dict(row)
        if BIND in body:
            changed["role"] = self._bound(call, body[BIND])
        self._fill_assignment(call, changed, body)
        row.update(changed)
        return Reply(200, self._intune.show_assignment(call, row).body)

    def remove_assignment(self, call: Call, key: str) -> Reply:
        """Take a role away again."""
        row = self._intune.find_assignment(call, key)
        del self._store.intune_assignments[row["id"]]
        return Reply(204)

    def _bound(self, call: Call, link: Any) -> str:
        """The role that a link leads to: a whole address on this cloud's own Graph."""
        base = re.escape(self._cloud.graph_url)
        form = rf"{base}/(?:v1\.0|beta)/deviceManagement/roleDefinitions(?:\('([^']+)'\)|/([^/]+))"
        found = re.fullmatch(form, str(link))
        key = (found[1] or found[2]).lower() if found else ""
        if key not in self._store.role_definitions:
            raise intune_refusal(GENERIC, call)
        return key

    def _fill_assignment(self, call: Call, row: Row, body: dict[str, Any]) -> None:
        for name in ("displayName", "description"):
            if isinstance(body.get(name), str):
                row[name] = body[name]
        for name in LISTS:
            if name in body:
                row[name] = _words(call, body, name)
        if "members" in body:
            self._check_groups(call, row["members"], "members")
        self._fill_scope(call, row, body)

    def _fill_scope(self, call: Call, row: Row, body: dict[str, Any]) -> None:
        # Two names for the same thing.
        named = [name for name in ("resourceScopes", "scopeMembers") if name in body]
        scopes: list[str] = next((row[name] for name in named if row[name]), [])
        kind = body.get("scopeType")
        if "scopeType" in body and kind not in SCOPE_TYPES:
            raise bad_request(f"Cannot convert the literal {kind!r} to the expected type 'microsoft.graph.scopeType'.")
        # Version 1.0 has no scopeType: it takes scopes when an assignment is made, and refuses them afterwards.
        silent = call.version == "v1.0" and call.method == "POST"
        if scopes and kind != "resourceScope" and not silent:
            raise intune_refusal(WRONG_SCOPE, call)
        self._check_groups(call, scopes, "resourceScopes")
        if named or kind not in {None, "resourceScope"}:
            row["resourceScopes"] = row["scopeMembers"] = list(scopes)
        if kind is not None:
            row["scopeType"] = kind

    def _check_groups(self, call: Call, ids: Collection[str], name: str) -> None:
        """Members and scopes are security groups of the tenant, never users."""
        for own in ids:
            group = self._store.groups.get(own.lower())
            if group is None or not group["securityEnabled"]:
                raise intune_refusal(f"The {name} of a role assignment must be security groups: {own} is none", call)


def _body(call: Call, kind: Kind, types: tuple[str, ...], *more: str) -> dict[str, Any]:
    """The body, refused when it names what the version does not have."""
    if not isinstance(call.body, dict):
        raise bad_request("Empty Payload. JSON content expected.")
    declared = str(call.body.get("@odata.type", types[0])).removeprefix("#").removeprefix("microsoft.graph.")
    if declared not in types:
        raise bad_request(f"A resource of type '{declared}' was found where '{kind.name}' is expected.")
    for name in call.body:
        if name not in kind.known(call.version) and name not in {"@odata.type", *more}:
            raise bad_request(
                f"The property '{name}' does not exist on type 'microsoft.graph.{kind.name}'. Make sure to only use "
                "property names that are defined by the type or mark the type as open type."
            )
    return call.body


def _words(call: Call, body: dict[str, Any], name: str) -> list[str]:
    value = body[name]
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        # An explicit null is refused as well.
        raise intune_refusal(f"The value of {name} is not valid", call)
    return list(dict.fromkeys(value))


def _actions(call: Call, permissions: Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What a role allows, and what it takes back."""
    found: dict[str, list[Any]] = {"allowedResourceActions": [], "notAllowedResourceActions": []}
    try:
        blocks = [block for permission in permissions for block in permission["resourceActions"]]
        for block in blocks:
            for name, actions in found.items():
                actions.extend(block.get(name) or [])
    except (AttributeError, KeyError, TypeError):
        raise bad_request("The value of 'rolePermissions' is not valid.") from None
    for action in (*found["allowedResourceActions"], *found["notAllowedResourceActions"]):
        if not isinstance(action, str) or action not in RESOURCE_OPERATIONS:
            raise intune_refusal(f"The resource action {action} is not known", call)
    return tuple(found["allowedResourceActions"]), tuple(found["notAllowedResourceActions"])
