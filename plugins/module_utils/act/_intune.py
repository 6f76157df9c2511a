# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes to Intune's roles: approved where that is asked for, read back, and taken back if they did not take.

PRIVATE to the collection. Intune has no natural key for what is written here: two runs, or one run that does not know
whether its first attempt arrived, could each make an object of the same name. So nothing is sent twice without a look.
"""

from __future__ import annotations

import base64
import typing as t
from dataclasses import dataclass

from .._errors import AnswerError, ApprovalRequiredError, NotFoundError, ServiceError, StageError, TenantAttachError
from ..graph._answers import APPROVAL_CODE, JUSTIFICATION
from ..graph._client import Request
from ..product._tenant_names import INTUNE_ROLES, INTUNE_ROLES_WRITE

if t.TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..graph._client import Graph

Json = dict[str, t.Any]
Rows = list[Json]
Took = t.Callable[[t.Mapping[str, t.Any]], bool]
Found = t.TypeVar("Found")

# Only this version shows and takes scope types and scope tags.
VERSION = "beta"
# Seconds between looks: what was written is not seen everywhere at once.
REREADS = (1.0, 2.0, 4.0, 8.0, 15.0)
# How often a new object is sent when nothing tells whether it was made, and no look finds it.
ATTEMPTS = 2
AUDIT = "look into the audit logs of Intune for what else writes here, then run again"


def intune_spec() -> dict[str, t.Any]:
    """Return the options that the modules for Intune's roles have in common."""
    return {
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "mode": {"type": "str", "choices": ["add", "exact"], "default": "add"},
        "approval_justification": {"type": "str"},
        "approval_code": {"type": "str"},
    }


def read_request(path: str) -> Request:
    """Return a request that reads roles of Intune."""
    return Request(path, version=VERSION, rights=(INTUNE_ROLES,))


@dataclass
class Approval:
    """What Multi Admin Approval wants to hear: why, or the code of a request that was approved."""

    justification: str | None = None
    code: str | None = None

    def headers(self) -> dict[str, str]:
        """Return the header of the next change. A code belongs to one request, so only the first one carries it."""
        if self.code:
            code, self.code = self.code, None
            return {APPROVAL_CODE: code}
        if self.justification:
            return {JUSTIFICATION: base64.b64encode(self.justification.encode()).decode()}
        return {}


@dataclass(frozen=True)
class Shelf:
    """Where objects of one kind stand, and how those that have the name in question are read, whole."""

    word: str
    path: str
    named: Callable[[], Rows]


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

    def create(self, shelf: Shelf, body: Json, took: Took) -> Json:
        """Make an object, and return the one of its name that stays: of two runs side by side, one wins.

        Raises:
            TenantAttachError: It was refused, or did not take; then nothing of it stays.
        """
        own, unsure = self._post(shelf, body, self._approval.headers())
        rows = self._until(shelf.named, lambda found: own is None or took(_by_id(found).get(own, {})))
        twins = _by_id(rows)
        ours = set() if own is None else {own}
        if unsure:
            # What an attempt without an answer may have made is ours as well.
            ours |= {twin for twin in twins if took(twins[twin])}
        # All runs decide alike, so exactly one object is left.
        kept = min(twins.keys() | ours)
        if kept in ours and not took(twins.get(kept, {})):
            raise self._undone(shelf, kept, lambda: self._remove(shelf, kept), "it was deleted again")
        for twin in sorted(ours - {kept}):
            self._remove(shelf, twin)
        self.changed = kept in ours
        return twins[kept]

    def update(self, shelf: Shelf, own: str, body: Json, restoring: Json, took: Took) -> Json:
        """Change an object and return it as it then is.

        Raises:
            TenantAttachError: It was refused, or did not take; then it is put back as it was.
        """
        problem = self._try(shelf, own, "PATCH", body)
        row = self._until(lambda: self._one(shelf, own), took)
        if took(row):
            self.changed = True
            return row
        undone = self._undone(
            shelf, own, lambda: self._change(shelf, own, "PATCH", restoring), "it was put back as it was"
        )
        raise problem or undone

    def delete(self, shelf: Shelf, own: str) -> None:
        """Delete an object.

        Raises:
            TenantAttachError: It was refused, or is still there.
        """
        problem = self._try(shelf, own, "DELETE")
        if own in _by_id(self._until(shelf.named, lambda rows: own not in _by_id(rows))):
            raise problem or AnswerError(
                expected=f"the {shelf.word} to be gone",
                observed="it is still there",
                where=self._where(shelf, own),
                next_step=AUDIT,
            )
        self.changed = True

    def _post(
        self, shelf: Shelf, body: Json, headers: Mapping[str, str], attempts: int = ATTEMPTS
    ) -> tuple[str | None, bool]:
        """Send a new object; return its id, and whether an attempt without an answer may have made one.

        Without an id, a look found what such an attempt, or another run, has made.
        """
        try:
            reply = self._send(Request(shelf.path, headers=headers, method="POST", body=body))
            return self._id_of(reply, shelf), attempts < ATTEMPTS
        except TenantAttachError as exc:
            if not _unsure(exc):
                raise
            if self._until(shelf.named, bool):
                return None, True
            if attempts == 1:
                raise
        # An attempt that is repeated is the same request: the same code belongs to it.
        return self._post(shelf, body, headers, attempts - 1)

    def _id_of(self, body: t.Any, shelf: Shelf) -> str:
        if isinstance(body, dict) and body.get("id"):
            return str(body["id"])
        raise AnswerError(
            expected=f"the new {shelf.word} with its id",
            observed="an answer without it",
            where=self._where(shelf),
            next_step=AUDIT,
        )

    def _try(self, shelf: Shelf, own: str, method: str, body: Json | None = None) -> TenantAttachError | None:
        """Change or delete an object; return the error where only a look tells whether that was done."""
        try:
            self._change(shelf, own, method, body)
        except NotFoundError:
            if method != "DELETE":
                raise
        except TenantAttachError as exc:
            if not _unsure(exc):
                raise
            return exc
        return None

    def _remove(self, shelf: Shelf, own: str) -> None:
        try:
            self._change(shelf, own, "DELETE")
        except NotFoundError:
            # Somebody else was faster, with the same aim.
            return
        except ApprovalRequiredError as exc:
            raise AnswerError(
                expected=f"a {shelf.word} of ours that is not wanted any more to be deleted",
                observed=exc.observed,
                where=exc.where,
                next_step=f"delete {own} in the Intune admin center, then run again",
            ) from exc

    def _change(self, shelf: Shelf, own: str, method: str, body: Json | None = None) -> None:
        self._send(Request(f"{shelf.path}/{own}", headers=self._approval.headers(), method=method, body=body))

    def _send(self, request: Request) -> t.Any:
        code = request.headers.get(APPROVAL_CODE)
        ours = Request(
            request.path,
            headers=request.headers,
            method=request.method,
            body=request.body,
            version=VERSION,
            rights=(INTUNE_ROLES_WRITE,),
        )
        try:
            return self._graph.send(ours).body
        except ApprovalRequiredError as exc:
            exc.approval_code = code or exc.approval_code
            raise
        except TenantAttachError as exc:
            status = getattr(exc, "status", None)
            if code is None or status not in {400, 403}:
                raise
            raise ServiceError(
                status,
                expected=f"approval_code {code} to be accepted",
                observed=exc.observed,
                where=exc.where,
                next_step="look at the request in the Intune admin center, Tenant administration > Multi Admin "
                "Approval; where it was rejected, or has run out, leave approval_code out and say why in "
                "approval_justification",
                rights=exc.rights,
            ) from exc

    def _one(self, shelf: Shelf, own: str) -> Json:
        try:
            return self._graph.one(read_request(f"{shelf.path}/{own}"))
        except NotFoundError:
            return {}

    def _until(self, read: Callable[[], Found], good: Callable[[Found], bool]) -> Found:
        """Look until it is good, or patience ends."""
        try:
            found = read()
            for pause in REREADS:
                if good(found) or not self._graph.wait(pause):
                    break
                found = read()
        except TenantAttachError as exc:
            exc.expected = f"{exc.expected}, to read back what was written"
            raise
        return found

    def _undone(self, shelf: Shelf, own: str, undo: Callable[[], None], done: str) -> TenantAttachError:
        """Take back what did not take, and return the error that says so."""
        step = AUDIT
        try:
            undo()
        except TenantAttachError as exc:
            done = f"it could not be taken back: {exc.observed}"
            step = f"look at the {shelf.word} in the Intune admin center; {AUDIT}"
        return AnswerError(
            expected=f"the {shelf.word} to be read back as it was written",
            observed=f"it is not; {done}",
            where=self._where(shelf, own),
            next_step=step,
        )

    def _where(self, shelf: Shelf, own: str = "") -> str:
        return self._graph.url(read_request(f"{shelf.path}/{own}".rstrip("/")))


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


def _by_id(rows: t.Iterable[Mapping[str, t.Any]]) -> dict[str, Json]:
    return {str(row["id"]): dict(row) for row in rows}


def _unsure(exc: TenantAttachError) -> bool:
    """Tell whether a change may have been made although it failed."""
    if isinstance(exc, ServiceError):
        return exc.status >= 500
    return isinstance(exc, AnswerError) or (isinstance(exc, StageError) and exc.stage == "answer")
