# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Multi Admin Approval: a write waits for a second administrator, whom a test plays through a door of the lab's own."""

from __future__ import annotations

import base64
import binascii
import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from .calls import Call, RefusalError, bad_request
from .store import Row, stamp
from .tenant import Tenant

JUSTIFICATION = "x-msft-approval-justification"
CODE = "x-msft-approval-code"
WAITING, APPROVED, REJECTED, DONE = "needsApproval", "approved", "rejected", "completed"


@dataclass
class Waiting:
    """A write that somebody asked for."""

    request: tuple[str, str, str]
    justification: str
    asked: datetime
    status: str = WAITING


class Approvals:
    """The requests of one tenant, by code."""

    def __init__(self, tenant: Tenant) -> None:
        self._status = tenant.multi_admin_approval
        self._waiting: dict[str, Waiting] = {}

    def check(self, call: Call) -> None:
        """Let a write pass that was approved exactly as it stands; refuse all others."""
        if not self._status:
            return
        request = (call.method, call.path, json.dumps(call.body, sort_keys=True))
        code = call.header(CODE).lower()
        if code:
            self._redeem(code, request)
            return
        text = call.header(JUSTIFICATION)
        if not text:
            raise RefusalError(
                self._status,
                "BadRequest" if self._status == 400 else "Forbidden",
                f"Multi Admin Approval is enabled for this resource: the header {JUSTIFICATION} is required.",
            )
        raise _required(self._ask(request, text))

    def _ask(self, request: tuple[str, str, str], text: str) -> str:
        try:
            justification = base64.b64decode(text, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise bad_request(f"The header {JUSTIFICATION} is not encoded in Base64.") from None
        code = str(uuid.uuid4())
        self._waiting[code] = Waiting(request, justification, datetime.now(UTC))
        return code

    def _redeem(self, code: str, request: tuple[str, str, str]) -> None:
        found = self._waiting.get(code)
        if found is None or found.status in {REJECTED, DONE}:
            raise RefusalError(403, "Forbidden", "The approval code is not known, was rejected, or was used before.")
        if found.status != APPROVED:
            raise _required(code)
        if found.request != request:
            raise RefusalError(403, "Forbidden", "The request is not the one that was approved.")
        found.status = DONE

    def decide(self, code: str, approve: bool) -> bool:
        """Play the second administrator; whether there was something to decide."""
        found = self._waiting.get(code.lower())
        if found is None or found.status != WAITING:
            return False
        found.status = APPROVED if approve else REJECTED
        return True

    def rows(self) -> list[Row]:
        """The requests as Graph shows them."""
        return [
            {
                "id": code,
                "requestId": code,
                "requestDateTime": stamp(each.asked),
                "requestJustification": each.justification,
                "status": each.status,
                "approvalJustification": None,
            }
            for code, each in self._waiting.items()
        ]


def _required(code: str) -> RefusalError:
    refusal = RefusalError(
        403, "ApprovalRequired", f"Approval Required. The request waits for approval; its approval code is {code}."
    )
    refusal.headers[CODE] = code
    return refusal
