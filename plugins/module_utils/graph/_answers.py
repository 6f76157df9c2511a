# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What answers of Microsoft Graph mean. Pure. PRIVATE to the collection.

Source: https://learn.microsoft.com/graph/errors
"""

from __future__ import annotations

import email.utils
import json
import typing as t
from collections.abc import Mapping

from .._errors import (
    AccessDeniedError,
    AnswerError,
    ApprovalRequiredError,
    AuthenticationError,
    NotFoundError,
    ServiceError,
    TenantAttachError,
)

if t.TYPE_CHECKING:
    import datetime as dt

NO_PREMIUM = "AadPremiumLicenseRequired"
NO_INTUNE = "NotApplicableToTenant"
APPROVAL_REQUIRED = "ApprovalRequired"
JUSTIFICATION_REQUIRED = "JustificationRequired"
# Headers of Multi Admin Approval.
# Source: https://learn.microsoft.com/intune/fundamentals/role-based-access-control/multi-admin-approval-graph-api
APPROVAL_CODE = "x-msft-approval-code"
JUSTIFICATION = "x-msft-approval-justification"
THROTTLED = frozenset({429, 503, 504})
_SHOWN = 300
_REDIRECTS = range(300, 400)


class Reply(t.NamedTuple):
    """An answer of Graph, alone or inside a batch."""

    status: int
    # By name in lower case.
    headers: Mapping[str, str]
    body: t.Any


class Problem(t.NamedTuple):
    """The code and the text of an error."""

    code: str
    message: str


def problem_of(body: t.Any) -> Problem:
    """Return what an error says. Keys come in several cases, and Intune puts JSON into its message."""
    error = _lowered(body).get("error")
    found = _lowered(error)
    code, message = str(found.get("code") or ""), str(found.get("message") or "")
    if message.lstrip().startswith("{"):
        try:
            message = str(_lowered(json.loads(message)).get("message") or message)
        except (ValueError, RecursionError):
            # Not JSON after all: then it is shown as it came.
            code = code or "BadRequest"
    return Problem(code, " ".join(message.partition(" - Url: ")[0].split())[:_SHOWN])


def _lowered(node: t.Any) -> dict[str, t.Any]:
    return {str(name).lower(): value for name, value in node.items()} if isinstance(node, Mapping) else {}


def refusal(reply: Reply, where: str, rights: t.Sequence[str] = ()) -> TenantAttachError:
    """Return the error that an answer other than success stands for.

    Args:
        reply: The answer.
        where: The address that was asked.
        rights: The permissions of Microsoft Graph that the request needs.
    """
    problem = problem_of(reply.body)
    observed = f"HTTP {reply.status}{f' {problem.code}' if problem.code else ''}" + (
        f" ({problem.message})" if problem.message else ""
    )
    if reply.status == 401:
        return AuthenticationError(
            expected="the token to be accepted",
            observed=observed,
            where=where,
            next_step="get a new token, made for this cloud's Microsoft Graph, and check that the application has an "
            "app role that Intune accepts",
        )
    if approval := _approval(reply, problem.code, observed, where):
        return approval
    if reply.status == 403:
        return AccessDeniedError(
            status=403,
            expected="HTTP 200",
            observed=observed,
            where=where,
            next_step="grant the application the permission, and have an administrator consent to it",
            rights=rights,
        )
    if reply.status == 404:
        return NotFoundError(
            expected="the resource to exist",
            observed=observed,
            where=where,
            next_step="check the name or id, and the tenant",
        )
    if reply.status in _REDIRECTS:
        return AnswerError(
            expected="an answer of Microsoft Graph itself",
            observed=f"HTTP {reply.status}, a redirect, not followed",
            where=where,
            next_step="check graph_url and cloud, and what stands between",
        )
    code = NO_INTUNE if "not applicable to target tenant" in problem.message.lower() else problem.code
    return ServiceError(
        reply.status, code=code, expected="HTTP 200", observed=observed, where=where, next_step=_step(code, reply)
    )


def _approval(reply: Reply, code: str, observed: str, where: str) -> ServiceError | None:
    """Return what Multi Admin Approval wants, if that is what refuses a change."""
    if code == APPROVAL_REQUIRED or reply.headers.get(APPROVAL_CODE):
        return ApprovalRequiredError(
            reply.status,
            approval_code=reply.headers.get(APPROVAL_CODE, ""),
            code=APPROVAL_REQUIRED,
            expected="the change to be made",
            observed=observed,
            where=where,
            next_step="have the request approved in the Intune admin center, Tenant administration > Multi Admin "
            "Approval, then run again with approval_code",
        )
    # Seen with 400 as well as with 403, and with no code of its own.
    if reply.status in {400, 403} and JUSTIFICATION in str(reply.body).lower():
        return ServiceError(
            reply.status,
            code=JUSTIFICATION_REQUIRED,
            expected="the change to be made",
            observed=f"the tenant protects Intune roles with Multi Admin Approval: {observed}",
            where=where,
            next_step="say why in approval_justification: the service then makes a request that another administrator "
            "approves",
        )
    return None


def _step(code: str, reply: Reply) -> str:
    if code == NO_INTUNE:
        return "check that the tenant has an active Intune subscription"
    if code == NO_PREMIUM:
        return "nothing, where the tenant has no Microsoft Entra ID P2"
    if reply.status == 429:
        return "run again later; other tools that use the same application may be the cause"
    if reply.status >= 500:
        return "look at the service health of Microsoft 365, and run again"
    return "check the request against the documentation of Microsoft Graph"


def pause(headers: Mapping[str, str], attempt: int, now: dt.datetime) -> float:
    """Return the seconds to wait before a throttled request is sent again.

    Args:
        headers: Those of the answer, by name in lower case. Retry-After is not always among them.
        attempt: How often the request was sent, from 1 on.
        now: The time, for a Retry-After that is a date.
    """
    text = str(headers.get("retry-after", "")).partition(",")[0].strip()
    if text.isdecimal():
        return max(1.0, float(text))
    if text:
        try:
            moment = email.utils.parsedate_to_datetime(str(headers["retry-after"]))
            return max(1.0, (moment - now).total_seconds())
        except (TypeError, ValueError):
            # No date either: our own pace, as without the header.
            return _back_off(attempt)
    return _back_off(attempt)


def _back_off(attempt: int) -> float:
    return min(60.0, 2.0**attempt)


def batch_replies(document: t.Any, ids: t.Collection[str], where: str) -> dict[str, Reply]:
    """Return the answers of a batch by id: they come in any order.

    Raises:
        AnswerError: One is missing, unknown or has no form.
    """
    entries = document.get("responses") if isinstance(document, Mapping) else None
    replies: dict[str, Reply] = {}
    for entry in entries if isinstance(entries, list) else ():
        found = _lowered(entry)
        status = found.get("status")
        if isinstance(status, int) and str(found.get("id")) in ids:
            headers = {name: str(value) for name, value in _lowered(found.get("headers")).items()}
            replies[str(found["id"])] = Reply(status, headers, found.get("body"))
    if len(replies) != len(ids):
        raise AnswerError(
            expected=f"a batch with {len(ids)} answers",
            observed=f"{len(replies)} that belong to it",
            where=where,
            next_step="run again; if it stays so, find out who rewrites the answers of Microsoft Graph",
        )
    return replies
