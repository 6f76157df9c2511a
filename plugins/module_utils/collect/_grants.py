# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE to the collection: who holds the Intune permission for actions of Configuration Manager."""

from __future__ import annotations

import typing as t

from .._errors import ServiceError
from ..graph import _roles
from ..graph._client import Request
from ..product import _tenant_names
from ._graph_topics import GraphReading

if t.TYPE_CHECKING:
    from ._graph_topics import GraphTopics

Json = dict[str, t.Any]

# All topics here begin with this word, so that an error of any of them is found.
TOPIC = "intune"
_ASSIGNMENTS = "deviceManagement/roleAssignments"
READINGS = {
    f"{TOPIC} {name}": GraphReading(
        Request(f"deviceManagement/{path}", rights=(_tenant_names.INTUNE_ROLES,)), whole=True
    )
    for name, path in (("roles", "roleDefinitions"), ("operations", "resourceOperations"))
}


def read_grants(topics: GraphTopics, first: t.Mapping[str, t.Any]) -> list[Json]:
    """Return the assignments of all Intune roles that hold the permission, with their members.

    Args:
        topics: Keeps the errors.
        first: What was answered to `READINGS`.
    """
    action = _configmgr_action(first[f"{TOPIC} operations"] or ())
    definitions = first[f"{TOPIC} roles"] or ()
    holders = {str(row["id"]): str(row.get("displayName")) for row in definitions if _roles.holds(row, action)}
    assignments = _assignments(topics, holders)
    # Only version beta tells the scope tags. A list of assignments never tells the members.
    wanted = {number: _beta(f"{_ASSIGNMENTS}/{number}") for number in assignments}
    details = topics.read({f"{TOPIC} assignment {number}": request for number, request in wanted.items()})
    return [
        {**_roles.visible_assignment(found), "role": role}
        for number, role in assignments.items()
        if (found := details[f"{TOPIC} assignment {number}"]) is not None
    ]


def _assignments(topics: GraphTopics, holders: t.Mapping[str, str]) -> dict[str, str]:
    """Return the name of the role of each assignment, by the id of the assignment."""
    wanted = {
        f"{TOPIC} assignments {number}": _beta(f"deviceManagement/roleDefinitions/{number}/roleAssignments", whole=True)
        for number in holders
    }
    found = topics.read(wanted)
    errors = [topics.errors.get(topic) for topic in wanted]
    if any(isinstance(error, ServiceError) and error.status == 400 for error in errors):
        # Some tenants do not take this address. The other way round takes one request for each assignment.
        for topic in wanted:
            topics.errors.pop(topic, None)
        return _assignments_of_all(topics, holders)
    return {
        str(row["id"]): name for number, name in holders.items() for row in found[f"{TOPIC} assignments {number}"] or ()
    }


def _assignments_of_all(topics: GraphTopics, holders: t.Mapping[str, str]) -> dict[str, str]:
    topic = f"{TOPIC} assignments"
    rows = topics.read({topic: _beta(_ASSIGNMENTS, whole=True)})[topic] or ()
    found = topics.read(
        {f"{TOPIC} role of {row['id']}": _beta(f"{_ASSIGNMENTS}/{row['id']}/roleDefinition") for row in rows}
    )
    roles = {str(row["id"]): str((found[f"{TOPIC} role of {row['id']}"] or {}).get("id")) for row in rows}
    return {assignment: holders[role] for assignment, role in roles.items() if role in holders}


def _configmgr_action(operations: t.Sequence[t.Mapping[str, t.Any]]) -> str:
    """Return the name of "Remote tasks / Initiate Configuration Manager action", as this tenant spells it."""
    for row in operations:
        shown = (str(row.get("resourceName")).casefold(), str(row.get("actionName")).casefold())
        if shown == ("remote tasks", "initiate configuration manager action"):
            return str(row["id"])
    return _tenant_names.CONFIGMGR_ACTION


def _beta(path: str, *, whole: bool = False) -> GraphReading:
    return GraphReading(Request(path, version="beta", rights=(_tenant_names.INTUNE_ROLES,)), whole=whole)
