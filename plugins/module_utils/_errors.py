# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The errors of this collection. PRIVATE to the collection.

Each one says what was expected, what was observed, where, and what to do next. They are raised below, and become a
module's failure or an error inside the evidence in one place above. No secret is ever put into one.

The tree, with the kind by which evidence and module results know each. One without a kind goes by that of its parent.

    TenantAttachError               error
    ├── InvalidOptionError          option
    ├── NotConfiguredError          not_configured
    ├── MissingLibraryError         library
    ├── StageError                  connection
    ├── DeadlineError               deadline
    ├── AuthenticationError         authentication
    │   └── KerberosError
    ├── AccessDeniedError           access_denied
    ├── NotFoundError               not_found
    ├── ServiceError                service
    │   └── ApprovalRequiredError
    ├── AnswerError                 answer
    ├── ContradictionError          contradiction
    ├── CertificateError            certificate
    ├── HistoryError                history
    ├── NotVisitedError             not_visited
    ├── UnreachableError            unreachable
    ├── UntoldAccountsError         directory
    └── ModuleError                 module
"""

from __future__ import annotations

import typing as t


class TenantAttachError(Exception):
    """Something could not be observed or done."""

    kind: t.ClassVar[str] = "error"

    def __init__(
        self,
        *,
        expected: str,
        observed: str,
        where: str = "",
        next_step: str = "",
        rights: t.Sequence[str] = (),
    ) -> None:
        super().__init__(expected, observed, where)
        self.expected = expected
        self.observed = observed
        self.where = where
        self.next_step = next_step
        self.rights = tuple(rights)

    def __str__(self) -> str:
        parts = (
            ("Expected", self.expected),
            ("Observed", self.observed),
            ("Where", self.where),
            ("Needed right", ", ".join(self.rights)),
            ("Next step", self.next_step),
        )
        return " ".join(f"{label}: {text.rstrip('.')}." for label, text in parts if text)

    def as_dict(self) -> dict[str, t.Any]:
        """Return the error as it stands in evidence and in module results."""
        return {
            "kind": self.kind,
            "expected": self.expected,
            "observed": self.observed,
            "where": self.where,
            "next_step": self.next_step,
            "rights": list(self.rights),
        }


class InvalidOptionError(TenantAttachError):
    """An option has a value that cannot work. Raised before any call."""

    kind = "option"


class NotConfiguredError(TenantAttachError):
    """Nothing says how to sign in: a service that is not asked at all, unlike one that is asked in a wrong way."""

    kind = "not_configured"


class MissingLibraryError(TenantAttachError):
    """A Python library is not installed on the execution node."""

    kind = "library"


class StageError(TenantAttachError):
    """A connection stopped before an answer came: its stage tells how far it got."""

    kind = "connection"

    def __init__(self, stage: str, **details: t.Any) -> None:
        super().__init__(**details)
        self.stage = stage

    def as_dict(self) -> dict[str, t.Any]:
        """Return the error with the stage where the connection stopped."""
        return {**super().as_dict(), "stage": self.stage}


class DeadlineError(TenantAttachError):
    """The overall time of the run is used up."""

    kind = "deadline"


class AuthenticationError(TenantAttachError):
    """The service does not accept who we say we are."""

    kind = "authentication"


class KerberosError(AuthenticationError):
    """Kerberos gives no ticket, or the service does not take it: the reason tells which of the many causes it is."""

    def __init__(self, reason: str, **details: t.Any) -> None:
        super().__init__(**details)
        self.reason = reason

    def as_dict(self) -> dict[str, t.Any]:
        """Return the error with its reason."""
        return {**super().as_dict(), "reason": self.reason}


class AccessDeniedError(TenantAttachError):
    """The service knows us and refuses; `rights` names what is missing."""

    kind = "access_denied"

    def __init__(self, *, status: int | None = None, **details: t.Any) -> None:
        super().__init__(**details)
        self.status = status

    def as_dict(self) -> dict[str, t.Any]:
        """Return the error with the HTTP status, None where it is not one that refused."""
        return {**super().as_dict(), "status": self.status}


class NotFoundError(TenantAttachError):
    """The resource does not exist, or the service itself does not."""

    kind = "not_found"

    def __init__(self, *, service_missing: bool = False, **details: t.Any) -> None:
        super().__init__(**details)
        self.service_missing = service_missing


class ServiceError(TenantAttachError):
    """The service answered that it cannot serve."""

    kind = "service"

    def __init__(self, status: int, *, code: str = "", **details: t.Any) -> None:
        super().__init__(**details)
        self.status = status
        # The service's own name of the problem, where it gives one.
        self.code = code

    def as_dict(self) -> dict[str, t.Any]:
        """Return the error with the HTTP status."""
        return {**super().as_dict(), "status": self.status}


class ApprovalRequiredError(ServiceError):
    """The change waits for the approval of another administrator; `approval_code` is that of the request, if known."""

    def __init__(self, status: int, *, approval_code: str = "", **details: t.Any) -> None:
        super().__init__(status, **details)
        self.approval_code = approval_code


class AnswerError(TenantAttachError):
    """The answer is not what the protocol allows: HTML, cut JSON, a redirect, too much of it."""

    kind = "answer"


class ContradictionError(TenantAttachError):
    """What stands in the directory contradicts what was asked for."""

    kind = "contradiction"


class CertificateError(TenantAttachError):
    """A certificate cannot be read, so that nobody can say what it is."""

    kind = "certificate"


class HistoryError(TenantAttachError):
    """The history of runs cannot be read or written."""

    kind = "history"


class NotVisitedError(TenantAttachError):
    """A Windows host was not visited, so that nothing on it was observed."""

    kind = "not_visited"


class UnreachableError(TenantAttachError):
    """A Windows host was to be visited, and its connection did not lead there."""

    kind = "unreachable"


class UntoldAccountsError(TenantAttachError):
    """Active Directory did not tell the accounts of computers, without which a local group cannot be looked at."""

    kind = "directory"


class ModuleError(TenantAttachError):
    """A task ended without a result, and without an error of ours that would say why."""

    kind = "module"
