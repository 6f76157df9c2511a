# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a directory server's refusals mean to a reader. PRIVATE to the collection."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

from .._errors import (
    AccessDeniedError,
    AuthenticationError,
    InvalidOptionError,
    MissingLibraryError,
    NotFoundError,
    ServiceError,
    StageError,
    TenantAttachError,
)

_DATA = re.compile(r"\bdata ([0-9a-f]+)", re.IGNORECASE)
_REFERRED = re.compile(r"ldaps?://([^/\s:]+)", re.IGNORECASE)


# The number behind "data" in a refused bind: what was observed, and what to do.
_REFUSED_BINDS = {
    "525": ("the account does not exist", "check the name: user@domain or DOMAIN\\user"),
    "52e": ("user name or password is wrong", "check username and password"),
    "52f": ("account restrictions forbid this sign-in", "look at the account's restrictions"),
    "530": ("the account may not sign in at this time", "look at the account's logon hours"),
    "531": ("the account may not sign in from this machine", "look at the account's workstations"),
    "532": ("the password has expired", "set a new password"),
    "533": ("the account is disabled", "enable the account, or use another"),
    "701": ("the account has expired", "extend the account, or use another"),
    "773": ("the password must be changed first", "sign in once and change it, or set one that need not be changed"),
    "775": ("the account is locked", "unlock the account, and look for what locked it"),
}

# What the text of a failed Kerberos sign-in holds, and what to do. The text itself is always shown.
_KERBEROS_HINTS = (
    ("not found in Kerberos database", "give the domain controller's real full name, not an alias or an address"),
    ("No Kerberos credentials", "give username and password, keytab or ccache, or get a ticket with kinit"),
    ("No credentials cache", "give username and password, keytab or ccache, or get a ticket with kinit"),
    ("expired", "get a new ticket with kinit"),
    ("Clock skew", "set the clocks of the execution node and the domain controller to the same time"),
    ("KDC", "check the realm in krb5.conf, and that TCP and UDP 88 of a domain controller can be reached"),
)


@dataclass(frozen=True)
class Step:
    """What was being done when the server refused.

    Attributes:
        expected: What should have happened.
        where: The server, and the object.
        rights: What the step needs.
    """

    expected: str
    where: str
    rights: tuple[str, ...] = ()


def details(exc: Exception) -> t.Mapping[str, t.Any]:
    """Return what python-ldap put into an exception."""
    found = exc.args[0] if exc.args else None
    return found if isinstance(found, dict) else {"desc": str(exc)}


def text(exc: Exception) -> str:
    """Return what the server said, in one short line."""
    found = details(exc)
    info = " ".join(str(found.get("info", "")).replace("\0", "").split())
    return f"{found.get('desc', type(exc).__name__)}{f' ({info[:300]})' if info else ''}"


def failed(exc: Exception, step: Step) -> TenantAttachError:
    """Turn an exception of python-ldap into an error of ours."""
    make = _MAKERS.get(type(exc).__name__, _service)
    return make(exc, step)


def _invalid_credentials(exc: Exception, step: Step) -> TenantAttachError:
    code = _DATA.search(str(details(exc).get("info", "")))
    observed, next_step = _REFUSED_BINDS.get(
        code[1].lower() if code else "", (text(exc), "check username and password")
    )
    return AuthenticationError(
        expected=step.expected, observed=f"the sign-in is refused: {observed}", where=step.where, next_step=next_step
    )


def _local(exc: Exception, step: Step) -> TenantAttachError:
    observed = text(exc)
    hint = next((hint for part, hint in _KERBEROS_HINTS if part in observed), "check the ticket (klist) and the clock")
    return AuthenticationError(expected=step.expected, observed=observed, where=step.where, next_step=hint)


def _unknown_method(exc: Exception, step: Step) -> TenantAttachError:
    return MissingLibraryError(
        expected="the GSSAPI mechanism of Cyrus SASL on the execution node",
        observed=text(exc),
        where=step.where,
        next_step="install libsasl2-modules-gssapi-mit (Debian) or cyrus-sasl-gssapi (Red Hat): see bindep.txt",
    )


def _too_open(exc: Exception, step: Step) -> TenantAttachError:
    return AuthenticationError(
        expected=f"{step.expected} over a connection that is encrypted as the server demands",
        observed=text(exc),
        where=step.where,
        next_step="use auth=kerberos, which signs and seals, or auth=simple over TLS",
    )


def _denied(exc: Exception, step: Step) -> TenantAttachError:
    return AccessDeniedError(
        expected=step.expected,
        observed=text(exc),
        where=step.where,
        next_step="grant the account what is missing, or use one that has it. Nothing was changed",
        rights=step.rights,
    )


def _not_found(exc: Exception, step: Step) -> TenantAttachError:
    return NotFoundError(
        expected=step.expected,
        observed=text(exc),
        where=step.where,
        next_step="check the distinguished name, and that the server is one of that domain",
    )


def _referred(exc: Exception, step: Step) -> TenantAttachError:
    found = _REFERRED.search(str(details(exc).get("info", "")))
    domain = found[1] if found else "another domain"
    return NotFoundError(
        expected=f"{step.expected} in the domain of the server",
        observed=f"the server refers to {domain}",
        where=step.where,
        next_step=f"the object lives in {domain}: name a domain controller of that domain in option server. "
        "Referrals are not followed",
    )


def _bad_name(exc: Exception, step: Step) -> TenantAttachError:
    return InvalidOptionError(
        expected=f"{step.expected}, with a distinguished name that is one",
        observed=text(exc),
        where=step.where,
        next_step="for example CN=CM01,OU=Servers,DC=contoso,DC=com",
    )


def _silent(exc: Exception, step: Step) -> TenantAttachError:
    return StageError(
        "answer",
        expected=f"{step.expected} within the timeout",
        observed=text(exc),
        where=step.where,
        next_step="look at the load of the domain controller and for a firewall that cuts connections, "
        "or raise the option timeout",
    )


def _too_much(exc: Exception, step: Step) -> TenantAttachError:
    return ServiceError(
        int(details(exc).get("result", 0)),
        code=type(exc).__name__,
        expected=step.expected,
        observed=text(exc),
        where=step.where,
        next_step="name a smaller part of the domain in option base_dn, or raise the limit in the LDAP policy",
    )


def _service(exc: Exception, step: Step) -> TenantAttachError:
    return ServiceError(
        int(details(exc).get("result", 0)),
        code=type(exc).__name__,
        expected=step.expected,
        observed=text(exc),
        where=step.where,
        next_step="look at the directory service's log on the domain controller",
    )


_MAKERS: dict[str, t.Callable[[Exception, Step], TenantAttachError]] = {
    "INVALID_CREDENTIALS": _invalid_credentials,
    "LOCAL_ERROR": _local,
    "AUTH_UNKNOWN": _unknown_method,
    "AUTH_METHOD_NOT_SUPPORTED": _unknown_method,
    "STRONG_AUTH_REQUIRED": _too_open,
    "CONFIDENTIALITY_REQUIRED": _too_open,
    "INSUFFICIENT_ACCESS": _denied,
    "NO_SUCH_OBJECT": _not_found,
    "REFERRAL": _referred,
    "INVALID_DN_SYNTAX": _bad_name,
    "TIMEOUT": _silent,
    "TIMELIMIT_EXCEEDED": _silent,
    "SERVER_DOWN": _silent,
    "CONNECT_ERROR": _silent,
    "BUSY": _silent,
    "UNAVAILABLE": _silent,
    "SIZELIMIT_EXCEEDED": _too_much,
    "ADMINLIMIT_EXCEEDED": _too_much,
}
