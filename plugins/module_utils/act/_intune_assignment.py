# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What module intune_role_assignment does. PRIVATE to the collection."""

from __future__ import annotations

import typing as t

from .._errors import InvalidOptionError, NotFoundError, TenantAttachError
from ..graph._options import connect
from ..product._forms import is_guid
from . import _intune_assignment_changes as changes
from ._entra_groups import group_names, security_groups
from ._intune import Task, ensure, foreseen, only, result
from ._intune_changes import Edit
from ._intune_requests import Collection, Json, Rows, read_request
from ._intune_role import DEFINITIONS, roles_named

ASSIGNMENTS = "deviceManagement/roleAssignments"


def ensure_assignment(options: t.Mapping[str, t.Any], check: bool) -> dict[str, t.Any]:
    """Make an assignment of an Intune role as the options say.

    Args:
        options: The options of the module.
        check: Whether to write nothing.

    Raises:
        TenantAttachError: It cannot be done.
    """
    _refuse_contradictions(options)
    return ensure(_AssignmentTask, connect(options), options, check)


def _refuse_contradictions(options: t.Mapping[str, t.Any]) -> None:
    for name in ("name", "role"):
        if not options[name].strip():
            raise InvalidOptionError(expected=f"option {name} to be a name", observed="nothing", next_step="give one")
    if options["state"] == "absent":
        for name in ("members", "scope_groups"):
            if options[name] is not None:
                raise InvalidOptionError(
                    expected=f"option {name} to be left out with state=absent, which deletes the whole assignment",
                    observed=f"{name}: {', '.join(options[name]) or 'an empty list'}",
                    next_step=f"to take {name} away, use state=present, mode=exact and those that stay",
                )
        return
    if not options["members"]:
        raise InvalidOptionError(
            expected="option members to name at least one security group",
            observed="none",
            next_step="name the group of those who start Configuration Manager actions",
        )
    if bool(options["scope_groups"]) != (options["scope"] == changes.GROUPS):
        raise InvalidOptionError(
            expected="option scope_groups together with scope=groups, and only with it",
            observed=f"scope={options['scope']}, {len(options['scope_groups'] or ())} scope_groups",
            next_step="name scope_groups with scope=groups, or leave them out",
        )


class _AssignmentTask(Task):
    def present(self) -> dict[str, t.Any]:
        options = self._options
        groups = security_groups(
            self._graph, {"members": options["members"], "scope_groups": options["scope_groups"] or []}
        )
        role = self._role()
        asked = changes.WantedAssignment(
            self._name,
            str(role["displayName"]) if role else options["role"].strip(),
            tuple(groups["members"]),
            options["scope"],
            tuple(groups["scope_groups"]),
            options["mode"] == "exact",
        )
        if role is None and not self._check:
            raise NotFoundError(
                expected=f"the Intune role {options['role']!r} to exist",
                observed="there is none of that name or id",
                where=self._graph.url(read_request(DEFINITIONS)),
                next_step="make it with module intune_role, or name one that exists",
            )
        # In check mode the task before may have made the role.
        row = only(self._named(role), self._what(asked.role)) if role else None
        before = changes.shown_assignment(row, asked.role) if row else None
        after = changes.foreseen_assignment(row, asked)
        diff = self._diff(before, after)
        if self._check or role is None or diff["before"] == diff["after"]:
            return foreseen("assignment", diff, after)
        return result("assignment", self._writer, diff, lambda: self._written(role, row, asked), before)

    def _written(self, role: Json, row: Json | None, asked: changes.WantedAssignment) -> Json:
        collection = self._collection(role)
        if row is None:
            binding = f"{self._graph.url(read_request(DEFINITIONS))}('{role['id']}')"
            body = changes.new_assignment(asked, binding)
            row = self._writer.create(collection, body, changes.assignment_took(None, asked))
        # The assignment of a parallel run may still lack something.
        body = changes.changes_of_assignment(row, asked)
        if body:
            edit = Edit(
                body,
                changes.restoring_assignment(row),
                changes.assignment_took(row, asked),
                lambda seen: changes.shown_assignment(seen, asked.role),
            )
            row = self._writer.update(collection, row, edit)
        return changes.shown_assignment(row, asked.role)

    def absent(self) -> dict[str, t.Any]:
        role = self._role()
        if role is None:
            return foreseen("assignment", {"before": {}, "after": {}}, None)
        row = only(self._named(role), self._what(role["displayName"]))
        before = changes.shown_assignment(row, role["displayName"]) if row else None
        diff = self._diff(before, None)
        if self._check or row is None:
            return foreseen("assignment", diff, None)
        own = str(row["id"])
        return result(
            "assignment", self._writer, diff, lambda: self._writer.delete(self._collection(role), own), before
        )

    def _what(self, role: str) -> str:
        return f"assignment of role {role!r} with the name {self._name!r}"

    def _role(self) -> Json | None:
        """Return the role, by its id or else by its name."""
        wanted = self._options["role"].strip()
        if is_guid(wanted):
            rows = self._graph.rows(read_request(DEFINITIONS))
            found = [row for row in rows if str(row.get("id")).lower() == wanted.lower()]
        else:
            found = roles_named(self._graph, wanted)
        return only(found, f"Intune role {wanted!r}")

    def _collection(self, role: Json) -> Collection:
        return Collection("assignment", ASSIGNMENTS, lambda: self._named(role))

    def _named(self, role: Json) -> Rows:
        """Return the assignments of a role that have the name, whole: lists of assignments leave the members out."""
        rows = self._graph.rows(read_request(f"{DEFINITIONS}/{role['id']}/roleAssignments"))
        same = [row for row in rows if str(row.get("displayName")).casefold() == self._name.casefold()]
        answers = self._graph.batch([read_request(f"{ASSIGNMENTS}/{row['id']}") for row in same])
        found: Rows = []
        for answer in answers:
            if isinstance(answer, NotFoundError):
                # The list still has it, and it is gone.
                continue
            if isinstance(answer, TenantAttachError):
                raise answer
            found.append(answer)
        return found

    def _diff(self, before: Json | None, after: Json | None) -> Json:
        ids = {each for shown in (before, after) if shown for key in ("members", "scope_groups") for each in shown[key]}
        names = group_names(self._graph, ids) if before != after else {}
        return {
            "before": changes.comparable_assignment(before, names),
            "after": changes.comparable_assignment(after, names),
        }
