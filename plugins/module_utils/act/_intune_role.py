# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What module intune_role does. PRIVATE to the collection."""

from __future__ import annotations

import typing as t

from .._errors import InvalidOptionError
from ..graph._options import connect
from ..graph._roles import visible_role
from . import _intune_role_changes as changes
from ._intune import Task, ensure, foreseen, only, result
from ._intune_changes import Edit
from ._intune_requests import Collection, Json, Rows, read_request

if t.TYPE_CHECKING:
    from ..graph._client import Graph

DEFINITIONS = "deviceManagement/roleDefinitions"
OPERATIONS = "deviceManagement/resourceOperations"


def ensure_role(options: t.Mapping[str, t.Any], check: bool) -> dict[str, t.Any]:
    """Make an Intune role as the options say.

    Args:
        options: The options of the module.
        check: Whether to write nothing.

    Raises:
        TenantAttachError: It cannot be done.
    """
    _refuse_contradictions(options)
    return ensure(_RoleTask, connect(options), options, check)


def _refuse_contradictions(options: t.Mapping[str, t.Any]) -> None:
    if not options["name"].strip():
        raise InvalidOptionError(expected="option name to name a role", observed="nothing", next_step="give a name")
    if options["state"] == "absent" and options["permissions"] is not None:
        raise InvalidOptionError(
            expected="option permissions to be left out with state=absent, which deletes the whole role",
            observed=f"permissions: {', '.join(options['permissions']) or 'an empty list'}",
            next_step="to take permissions from a role, use state=present, mode=exact and the permissions that stay",
        )
    if options["state"] == "present" and not options["permissions"]:
        raise InvalidOptionError(
            expected="option permissions to name at least one permission",
            observed="none",
            next_step="for example Microsoft.Intune_RemoteTasks_ConfigurationManagerAction",
        )


class _RoleTask(Task):
    @property
    def _collection(self) -> Collection:
        return Collection("role", DEFINITIONS, lambda: roles_named(self._graph, self._name))

    def present(self) -> dict[str, t.Any]:
        asked = changes.WantedRole(
            self._name,
            changes.known(self._options["permissions"], self._graph.rows(read_request(OPERATIONS))),
            self._options["description"],
            self._options["mode"] == "exact",
        )
        row = self._found()
        before = visible_role(row) if row else None
        after = changes.foreseen_role(row, asked)
        diff = {"before": changes.comparable_role(before), "after": changes.comparable_role(after)}
        if row and changes.changes_of_role(row, asked):
            _refuse_built_in(row, "changed")
        if self._check or diff["before"] == diff["after"]:
            return foreseen("role", diff, after)
        return result("role", self._writer, diff, lambda: visible_role(self._written(row, asked)), before)

    def _written(self, row: Json | None, asked: changes.WantedRole) -> Json:
        if row is None:
            row = self._writer.create(self._collection, changes.new_role(asked), changes.role_took(None, asked))
        # The role of a parallel run may still lack something.
        body = changes.changes_of_role(row, asked)
        if not body:
            return row
        edit = Edit(body, changes.restoring_role(row), changes.role_took(row, asked), visible_role)
        return self._writer.update(self._collection, row, edit)

    def absent(self) -> dict[str, t.Any]:
        row = self._found()
        before = visible_role(row) if row else None
        diff = {"before": changes.comparable_role(before), "after": {}}
        if row is None:
            return foreseen("role", diff, None)
        _refuse_built_in(row, "deleted")
        own = str(row["id"])
        assigned = self._graph.rows(read_request(f"{DEFINITIONS}/{own}/roleAssignments"))
        if assigned:
            names = ", ".join(sorted(repr(each.get("displayName")) for each in assigned))
            raise InvalidOptionError(
                expected=f"no assignments of role {row.get('displayName')!r}, which is to be deleted",
                observed=names,
                where=self._graph.url(read_request(f"{DEFINITIONS}/{own}/roleAssignments")),
                next_step="delete them first, with module intune_role_assignment and state=absent",
            )
        if self._check:
            return foreseen("role", diff, None)
        return result("role", self._writer, diff, lambda: self._writer.delete(self._collection, own), before)

    def _found(self) -> Json | None:
        return only(self._collection.named(), f"Intune role with the name {self._name!r}")


def roles_named(graph: Graph, name: str) -> Rows:
    """Return the role definitions with a name, in whatever case."""
    rows = graph.rows(read_request(DEFINITIONS))
    return [row for row in rows if str(row.get("displayName")).casefold() == name.casefold()]


def _refuse_built_in(row: Json, what: str) -> None:
    role = visible_role(row)
    if role["built_in"]:
        raise InvalidOptionError(
            expected="a custom role: the built-in roles of Intune cannot be edited",
            observed=f"{role['name']!r} is built in, and would have to be {what}",
            next_step="make a custom role with a name of its own",
        )
