# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One request each to the roles of Intune, and looks at what became of it. PRIVATE to the collection.

Intune has no natural key for what is written here: two runs, or one run that does not know whether its first attempt
arrived, could each make an object of the same name. So nothing is sent twice without a look.
"""

from __future__ import annotations

import base64
import typing as t
from dataclasses import dataclass

from .._errors import (
    AnswerError,
    ApprovalRequiredError,
    NotFoundError,
    ServiceError,
    StageError,
    TenantAttachError,
)
from ..graph._answers import APPROVAL_CODE, JUSTIFICATION
from ..graph._client import Request
from ..product._tenant_names import INTUNE_ROLES, INTUNE_ROLES_WRITE

if t.TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..graph._client import Graph

Json = dict[str, t.Any]
Rows = list[Json]
Row = t.Mapping[str, t.Any]
Found = t.TypeVar("Found")

# Only this version shows and takes scope types and scope tags.
VERSION = "beta"
# Seconds between looks: what was written is not seen everywhere at once.
REREADS = (1.0, 2.0, 4.0, 8.0, 15.0)
# How often a new object is sent when nothing tells whether it was made, and no look finds it.
ATTEMPTS = 2
AUDIT = "look into the audit logs of Intune for what else writes here, then run again"


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
class Collection:
    """Where objects of one kind stand, and how those that have the name in question are read, whole."""

    word: str
    path: str
    named: Callable[[], Rows]


class Requests:
    """Requests for one kind of object.

    Args:
        graph: The session.
        collection: Where the objects stand.
        approval: What to say to Multi Admin Approval.
    """

    def __init__(self, graph: Graph, collection: Collection, approval: Approval) -> None:
        self.word = collection.word
        self._graph = graph
        self._collection = collection
        self._approval = approval

    def post(self, body: Json) -> tuple[str | None, bool]:
        """Send a new object; return its id, and whether an attempt without an answer may have made one.

        Without an id, a look found what such an attempt, or another run, has made.

        Raises:
            TenantAttachError: It was refused, or no attempt was answered and no look found it.
        """
        # An attempt that is repeated is the same request: the same code belongs to it.
        return self._post(body, self._approval.headers(), ATTEMPTS)

    def _post(self, body: Json, headers: Mapping[str, str], attempts: int) -> tuple[str | None, bool]:
        try:
            reply = self._send(Request(self._collection.path, headers=headers, method="POST", body=body))
            return self._id_of(reply), attempts < ATTEMPTS
        except TenantAttachError as exc:
            if not _unsure(exc):
                raise
            if self.until(self.named, bool):
                return None, True
            if attempts == 1:
                raise
        return self._post(body, headers, attempts - 1)

    def _id_of(self, body: t.Any) -> str:
        if isinstance(body, dict) and body.get("id"):
            return str(body["id"])
        raise AnswerError(
            expected=f"the new {self.word} with its id",
            observed="an answer without it",
            where=self.where(),
            next_step=AUDIT,
        )

    def attempt(self, own: str, method: str, body: Json | None = None) -> TenantAttachError | None:
        """Change or delete an object; return the error where only a look tells whether that was done."""
        try:
            self.change(own, method, body)
        except NotFoundError:
            if method != "DELETE":
                raise
        except TenantAttachError as exc:
            if not _unsure(exc):
                raise
            return exc
        return None

    def remove(self, own: str) -> None:
        """Delete an object of ours that is not wanted any more.

        Raises:
            TenantAttachError: It was refused, or waits for an approval.
        """
        try:
            self.change(own, "DELETE")
        except NotFoundError:
            # Somebody else was faster, with the same aim.
            return
        except ApprovalRequiredError as exc:
            raise AnswerError(
                expected=f"a {self.word} of ours that is not wanted any more to be deleted",
                observed=exc.observed,
                where=exc.where,
                next_step=f"delete {own} in the Intune admin center, then run again",
            ) from exc

    def change(self, own: str, method: str, body: Json | None = None) -> None:
        """Change or delete an object.

        Raises:
            TenantAttachError: It was refused, or nothing tells whether it was done.
        """
        self._send(
            Request(f"{self._collection.path}/{own}", headers=self._approval.headers(), method=method, body=body)
        )

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

    def named(self) -> dict[str, Json]:
        """Return the objects that have the name in question, by id."""
        return {str(row["id"]): dict(row) for row in self._collection.named()}

    def one(self, own: str) -> Json:
        """Return an object, an empty one where there is none."""
        try:
            return self._graph.one(read_request(f"{self._collection.path}/{own}"))
        except NotFoundError:
            return {}

    def until(self, read: Callable[[], Found], good: Callable[[Found], bool]) -> Found:
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

    def where(self, own: str = "") -> str:
        """Return the address of an object, or of all."""
        return self._graph.url(read_request(f"{self._collection.path}/{own}".rstrip("/")))


def _unsure(exc: TenantAttachError) -> bool:
    """Tell whether a change may have been made although it failed."""
    if isinstance(exc, ServiceError):
        return exc.status >= 500
    return isinstance(exc, AnswerError) or (isinstance(exc, StageError) and exc.stage == "answer")
