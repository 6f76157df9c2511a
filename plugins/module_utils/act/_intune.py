# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes to Intune's roles: approved where that is asked for, read back, and taken back if they did not take.

PRIVATE to the collection.
"""

from __future__ import annotations

import abc
import typing as t

from .._errors import AnswerError, ApprovalRequiredError
from ._change import carry_out
from ._intune_changes import Creation, Deletion, Edit, Took, Update
from ._intune_requests import Approval, Collection, Json, Requests, Row, Rows

if t.TYPE_CHECKING:
    from collections.abc import Callable

    from ..graph._client import Graph


def intune_spec() -> dict[str, t.Any]:
    """Return the options that the modules for Intune's roles have in common."""
    return {
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "mode": {"type": "str", "choices": ["add", "exact"], "default": "add"},
        "approval_justification": {"type": "str"},
        "approval_code": {"type": "str"},
    }


class Writer:
    """Makes, changes and deletes objects of Intune's roles.

    Args:
        graph: The session.
        approval: What to say to Multi Admin Approval.
    """

    def __init__(self, graph: Graph, approval: Approval) -> None:
        self.changed = False
        self._graph = graph
        self._approval = approval

    def create(self, collection: Collection, body: Json, took: Took) -> Json:
        """Make an object, and return the one of its name that stays: of two runs side by side, one wins.

        Raises:
            TenantAttachError: It was refused, or did not take; then nothing of it stays.
        """
        requests = self._requests(collection)
        creation = Creation(requests, body, took)
        twins = carry_out(creation)
        kept, ours = creation.kept(twins), creation.ours(twins)
        for twin in sorted(ours - {kept}):
            requests.remove(twin)
        self.changed = kept in ours
        return twins[kept]

    def update(self, collection: Collection, before: Row, edit: Edit) -> Json:
        """Change an object and return it as it then is.

        Raises:
            TenantAttachError: It was refused, or did not take; then it is put back as it was.
        """
        row = carry_out(Update(self._requests(collection), before, edit))
        self.changed = True
        return row

    def delete(self, collection: Collection, own: str) -> None:
        """Delete an object.

        Raises:
            TenantAttachError: It was refused, or is still there.
        """
        carry_out(Deletion(self._requests(collection), own))
        self.changed = True

    def _requests(self, collection: Collection) -> Requests:
        return Requests(self._graph, collection, self._approval)


class Task(abc.ABC):
    """What a module for Intune's roles is to do.

    Args:
        graph: The session.
        options: The options of the module.
        check: Whether to write nothing.
    """

    def __init__(self, graph: Graph, options: t.Mapping[str, t.Any], check: bool) -> None:
        self._graph = graph
        self._options = options
        self._check = check
        self._name = options["name"].strip()
        self._writer = Writer(graph, Approval(options["approval_justification"], options["approval_code"]))

    @abc.abstractmethod
    def present(self) -> dict[str, t.Any]:
        """See that the object is there, and as it should be."""

    @abc.abstractmethod
    def absent(self) -> dict[str, t.Any]:
        """See that the object is not there."""


def ensure(task: type[Task], graph: Graph, options: t.Mapping[str, t.Any], check: bool) -> dict[str, t.Any]:
    """Do what the options say, close the session, and return what the module returns.

    Raises:
        TenantAttachError: It cannot be done.
    """
    try:
        asked = task(graph, options, check)
        return asked.absent() if options["state"] == "absent" else asked.present()
    finally:
        graph.close()


def result(
    key: str, writer: Writer, diff: Json, work: Callable[[], Json | None], current: Json | None
) -> dict[str, t.Any]:
    """Carry out a change, and return what the module returns.

    Args:
        key: What the module calls the object.
        writer: Carries it out.
        diff: The change.
        work: Carries it out, and returns the object as it then is.
        current: The object as it is before.
    """
    waiting = None
    try:
        current = work()
    except ApprovalRequiredError as exc:
        waiting = {
            "code": exc.approval_code,
            "next_step": f"have request {exc.approval_code or 'of this application'} approved in the Intune admin "
            "center, Tenant administration > Multi Admin Approval; then run again with the same options and "
            f"approval_code={exc.approval_code or '(its id)'}",
        }
    return {"changed": writer.changed, key: current, "diff": diff, "approval_required": waiting}


def foreseen(key: str, diff: Json, after: Json | None) -> dict[str, t.Any]:
    """Return what the module returns without having written: in check mode, and where nothing is to be done."""
    return {"changed": diff["before"] != diff["after"], key: after, "diff": diff, "approval_required": None}


def only(rows: Rows, what: str) -> Json | None:
    """Return the one row, or None.

    Raises:
        AnswerError: There are several.
    """
    if len(rows) > 1:
        raise AnswerError(
            expected=f"one {what}",
            observed=f"{len(rows)}: {', '.join(sorted(str(row.get('id')) for row in rows))}",
            next_step="rename or delete all but one in the Intune admin center; which one is meant cannot be guessed",
        )
    return rows[0] if rows else None
