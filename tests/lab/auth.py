# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who may come in: bearer tokens of the lab, NTLM, and Negotiate with NTLM or Kerberos inside."""

from __future__ import annotations

import base64
import binascii
import os
import secrets
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import spnego
from spnego.exceptions import SpnegoError

from .files import write_private

# Version 2509 is the first that refuses NTLM.
FIRST_BUILD_WITHOUT_NTLM = 9141
NTLM_SIGNATURE = b"NTLMSSP\0"
NTLM_NEGOTIATE = 1
# How tokens of GSSAPI begin, and the object identifier of SPNEGO in one.
GSSAPI_TOKEN = b"\x60"
SPNEGO = bytes.fromhex("06062b0601050502")
CHALLENGES = ("Negotiate", "NTLM")


@dataclass(frozen=True)
class Account:
    """An account of the estate, with secrets made for this run."""

    name: str
    username: str
    access: str
    password: str = field(repr=False)
    token: str = field(repr=False)
    expired_token: str = field(repr=False)


@dataclass
class Connection:
    """What is remembered about one TCP connection."""

    number: int
    context: spnego.ContextProxy | None = None
    account: Account | None = None
    protocol: str | None = None


@dataclass(frozen=True)
class Decision:
    """Let in, or refused with a status and challenges."""

    account: Account | None
    status: int = 200
    challenges: tuple[str, ...] = ()


REFUSED = Decision(None, 401, CHALLENGES)
# Windows knows the caller, Configuration Manager does not.
NO_ADMINISTRATOR = Decision(None, 403)


def make_accounts(access: Mapping[str, str], netbios: str) -> dict[str, Account]:
    """Give every account of the scenario a password and tokens."""
    return {
        name: Account(
            name=name,
            username=f"{netbios}\\{name}",
            access=kind,
            password=secrets.token_urlsafe(18),
            token=secrets.token_urlsafe(32),
            expired_token=secrets.token_urlsafe(32),
        )
        for name, kind in access.items()
    }


def complaint_of(error: Exception) -> str | None:
    """The token in base64 that GSSAPI makes of a ticket that it refuses, None where it makes none."""
    token = getattr(getattr(error, "base_error", None), "token", None)
    return base64.b64encode(token).decode() if token else None


class Gatekeeper:
    """Authenticates the requests of all providers."""

    def __init__(self, accounts: Mapping[str, Account], netbios: str, domain: str, ntlm_file: Path) -> None:
        self._accounts = accounts
        # A client may write the account in each of these forms, and the NTLM response is bound to the form.
        forms = [
            f"{prefix}:{name}{suffix}:{account.password}"
            for name, account in accounts.items()
            for prefix, suffix in ((netbios, ""), (domain, ""), ("", f"@{domain}"))
        ]
        write_private(ntlm_file, "\n".join([*forms, ""]).encode())
        os.environ["NTLM_USER_FILE"] = str(ntlm_file)

    def decide(self, header: str | None, connection: Connection, host: str, build: int) -> Decision:
        """Judge the Authorization header of a request."""
        if header is None:
            # As with http.sys, a finished Windows handshake belongs to the connection.
            return Decision(connection.account) if connection.account else REFUSED
        scheme, _blank, text = header.partition(" ")
        if scheme.lower() == "bearer":
            return self._bearer(text.strip())
        if scheme.lower() in {"negotiate", "ntlm"}:
            return self._windows(scheme, text.strip(), connection, host, build)
        return REFUSED

    def _bearer(self, token: str) -> Decision:
        for account in self._accounts.values():
            if secrets.compare_digest(token.encode(), account.token.encode()):
                return Decision(account)
        return REFUSED

    def _windows(self, scheme: str, text: str, connection: Connection, host: str, build: int) -> Decision:
        connection.account = connection.protocol = None
        try:
            token = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            return REFUSED
        raw_ntlm = token.startswith(NTLM_SIGNATURE)
        context = connection.context
        if context is None or (raw_ntlm and token[8:9] == bytes([NTLM_NEGOTIATE])):
            context = spnego.server(hostname=host, service="HTTP", protocol="ntlm" if raw_ntlm else "negotiate")
            connection.context = context
        try:
            answer = context.step(token)
        except (SpnegoError, ValueError, KeyError, IndexError, struct.error) as error:
            # A wrong password and a token that is no token look the same from outside.
            connection.context = None
            # Kerberos has an answer to a ticket that it cannot take, and a client that sent it bare gets it bare.
            complaint = None if token[:1] != GSSAPI_TOKEN or SPNEGO in token[:16] else complaint_of(error)
            return Decision(None, 401, (f"{scheme} {complaint}",)) if complaint else REFUSED
        if not context.complete:
            reply = base64.b64encode(answer or b"").decode()
            return Decision(None, 401, (f"{scheme} {reply}",))
        connection.context = None
        connection.protocol = context.negotiated_protocol
        if connection.protocol == "ntlm" and build >= FIRST_BUILD_WITHOUT_NTLM:
            return REFUSED
        connection.account = self._named(context.client_principal or "")
        if connection.account is None:
            return NO_ADMINISTRATOR
        last = (f"{scheme} {base64.b64encode(answer).decode()}",) if answer else ()
        return Decision(connection.account, challenges=last)

    def _named(self, principal: str) -> Account | None:
        """The account of ``DOMAIN\\name`` or ``name@REALM``."""
        return self._accounts.get(principal.rpartition("\\")[2].partition("@")[0].lower())
