# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A session with a directory server: searches in pages, writes, and nothing that follows a referral.

PRIVATE to the collection.
"""

from __future__ import annotations

import contextlib
import os
import ssl
import typing as t
from dataclasses import dataclass, field
from pathlib import Path

from .._errors import NotFoundError, StageError
from ._answers import Step, failed, text
from ._library import LDAP_ERROR, library
from ._server import look
from ._sid import sid_text

if t.TYPE_CHECKING:
    from .._deadline import Deadline
    from ..https._route import Route
    from ._server import Server

PAGE = 500
_CACHE = "KRB5CCNAME"
ANY = "(objectClass=*)"
# Less strength than that of DES is a signature without a seal.
_SEALED = 56
# Distinguished names with the SID beside them: LDAP_SERVER_EXTENDED_DN_OID, and the flag for text in it.
_WITH_SIDS = ("1.2.840.113556.1.4.529", b"\x30\x03\x02\x01\x01")
# A member that is taken away and was none: Active Directory's number for it, and Samba's words.
_GONE = ("00000561", "already deleted")
# Where systems keep the roots that they trust, in one file.
_BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)


@dataclass(frozen=True)
class Entry:
    """An object of the directory. Names of attributes are in lower case."""

    dn: str
    attributes: t.Mapping[str, t.Sequence[bytes]] = field(default_factory=dict)

    def texts(self, name: str) -> list[str]:
        """Return the values of an attribute."""
        return [value.decode() for value in self.attributes.get(name.lower(), ())]

    def text(self, name: str) -> str:
        """Return the only value of an attribute, an empty text where there is none."""
        return next(iter(self.texts(name)), "")

    def sids(self, name: str) -> list[str]:
        """Return the values of an attribute that holds SIDs."""
        return [sid_text(value) for value in self.attributes.get(name.lower(), ())]

    @property
    def sid(self) -> str:
        """The SID of the object, an empty text where it has none."""
        return next(iter(self.sids("objectSid")), "")


# What to do ("add" or "delete"), the attribute, and the values.
Modification = tuple[str, str, t.Sequence[str]]


class Session:
    """A session. It is opened by `open_session`.

    Args:
        connection: The connection of python-ldap.
        server: The server, for messages.
        timeout: Seconds for each request.
        deadline: The end of the whole task.
    """

    def __init__(self, connection: t.Any, server: Server, timeout: float, deadline: Deadline) -> None:
        self._connection = connection
        self.server = server
        self._timeout = timeout
        self._deadline = deadline
        self._ldap = library()

    def search(self, base: str, condition: str, attributes: t.Sequence[str]) -> list[Entry]:
        """Return the objects below a place that meet a condition.

        Raises:
            TenantAttachError: The server refuses, or does not answer in time.
        """
        step = Step(f"an answer to the search {condition}", f"{self.server.url}/{base}")
        found: list[Entry] = []
        cookie = b""
        while True:
            page = self._ldap.controls.SimplePagedResultsControl(True, size=PAGE, cookie=cookie)
            rows, controls = self._asked((base, self._ldap.SCOPE_SUBTREE, condition, list(attributes)), [page], step)
            found += rows
            cookie = next((each.cookie for each in controls if each.controlType == page.controlType), b"")
            if not cookie:
                return found

    def read(self, dn: str, attributes: t.Sequence[str], *, condition: str = ANY, sids: bool = False) -> Entry | None:
        """Return an object by its name, None where there is none, or where it does not meet the condition.

        Args:
            dn: Its distinguished name, or `<SID=...>`.
            attributes: The attributes that are wanted.
            condition: What it must meet.
            sids: Whether distinguished names in values have the SID beside them.

        Raises:
            TenantAttachError: The server refuses, or does not answer in time.
        """
        step = Step("the object to be readable", f"{self.server.url}/{dn}")
        controls = [self._ldap.controls.RequestControl(_WITH_SIDS[0], True, _WITH_SIDS[1])] if sids else []
        try:
            rows, _unused = self._asked((dn, self._ldap.SCOPE_BASE, condition, list(attributes)), controls, step)
        except NotFoundError as exc:
            # A referral is not an absence.
            if isinstance(exc.__cause__, self._ldap.NO_SUCH_OBJECT):
                return None
            raise
        return rows[0] if rows else None

    def modify(self, dn: str, changes: t.Sequence[Modification], step: Step) -> bool:
        """Modification an object: all of it or nothing. Return whether the object still was as the changes suppose.

        Raises:
            TenantAttachError: The server refuses, or does not answer in time.
        """
        operations = {"add": self._ldap.MOD_ADD, "delete": self._ldap.MOD_DELETE}
        listed = [(operations[how], name, [value.encode() for value in values]) for how, name, values in changes]
        try:
            self._connection.set_option(self._ldap.OPT_TIMEOUT, self._limit())
            self._connection.modify_ext_s(dn, listed)
        except (self._ldap.TYPE_OR_VALUE_EXISTS, self._ldap.ALREADY_EXISTS, self._ldap.NO_SUCH_ATTRIBUTE):
            return False
        except LDAP_ERROR as exc:
            if any(part in text(exc) for part in _GONE):
                return False
            raise failed(exc, step) from exc
        return True

    def close(self) -> None:
        """End the session."""
        # The connection may be gone already, and nobody waits for anything from it.
        with contextlib.suppress(LDAP_ERROR):
            self._connection.unbind_s()

    def _limit(self) -> float:
        return self._deadline.limit(self._timeout, self.server.url)

    def _asked(
        self, question: tuple[str, int, str, list[str]], controls: t.Sequence[t.Any], step: Step
    ) -> tuple[list[Entry], t.Sequence[t.Any]]:
        limit = self._limit()
        try:
            number = self._connection.search_ext(*question, serverctrls=list(controls), timeout=limit)
            _kind, rows, _number, answered = self._connection.result3(number, timeout=limit)
        except LDAP_ERROR as exc:
            raise failed(exc, step) from exc
        # A row without a name is a reference to another part of the forest: it is not followed.
        entries = [
            Entry(dn, {name.lower(): values for name, values in found.items()}) for dn, found in rows if dn is not None
        ]
        return entries, answered


@dataclass(frozen=True, repr=False)
class Password:
    """A user name and its password, sent over TLS. Has no repr: it holds a secret."""

    username: str
    password: str
    how = "with user name and password"

    def sign_in(self, connection: t.Any) -> None:
        """Sign a connection in."""
        connection.simple_bind_s(self.username, self.password)


@dataclass(frozen=True)
class Ticket:
    """A cache with a Kerberos ticket for the server, which signs and seals the connection as well."""

    cache: str
    how = "by Kerberos"

    def sign_in(self, connection: t.Any) -> None:
        """Sign a connection in."""
        # SASL has no other way to say which cache counts.
        before = os.environ.get(_CACHE)
        os.environ[_CACHE] = self.cache
        try:
            connection.sasl_interactive_bind_s("", library().sasl.gssapi())
        finally:
            os.environ.pop(_CACHE)
            if before is not None:
                os.environ[_CACHE] = before


def open_session(
    server: Server, identity: Password | Ticket, route: Route, timeout: float, deadline: Deadline
) -> Session:
    """Open a session.

    Args:
        server: The server.
        identity: Who signs in.
        route: Whose certificates are trusted.
        timeout: Seconds for each request.
        deadline: The end of the whole task.

    Raises:
        TenantAttachError: The server cannot be reached, cannot be trusted, or does not let us in.
    """
    ldap = library()
    # Neither the configuration of the machine or the user, nor the environment, decides whom we trust.
    os.environ["LDAPNOINIT"] = "1"
    limit = deadline.limit(timeout, server.url)
    step = Step(f"a sign-in {identity.how}", server.url)
    try:
        connection = ldap.initialize(server.url)
        for name, value in _settings(ldap, server, route, limit):
            connection.set_option(name, value)
        if server.tls == "start_tls":
            connection.start_tls_s()
        identity.sign_in(connection)
    except (ldap.SERVER_DOWN, ldap.CONNECT_ERROR, ldap.TIMEOUT) as exc:
        look(server, route, limit)
        raise StageError(
            "answer",
            expected=step.expected,
            observed=f"the server can be reached, and the connection ends: {text(exc)}",
            where=server.url,
            next_step="look at the load of the domain controller, and for a firewall that cuts connections",
        ) from exc
    except LDAP_ERROR as exc:
        raise failed(exc, step) from exc
    return Session(connection, server, timeout, deadline)


def _settings(ldap: t.Any, server: Server, route: Route, limit: float) -> t.Iterator[tuple[int, t.Any]]:
    yield ldap.OPT_PROTOCOL_VERSION, ldap.VERSION3
    yield ldap.OPT_REFERRALS, 0
    yield ldap.OPT_NETWORK_TIMEOUT, limit
    yield ldap.OPT_TIMEOUT, limit
    if server.tls == "none":
        # The name as it was given: what DNS makes of it would be an attacker's choice.
        yield ldap.OPT_X_SASL_NOCANON, 1
        yield ldap.OPT_X_SASL_SECPROPS, f"noanonymous,minssf={_SEALED}"
        return
    # What cannot be read is refused here, with a reason.
    route.context()
    bundle = route.ca_path or _bundle()
    if bundle:
        yield ldap.OPT_X_TLS_CACERTFILE, bundle
    yield ldap.OPT_X_TLS_REQUIRE_CERT, ldap.OPT_X_TLS_DEMAND
    # Last: it makes the settings count.
    yield ldap.OPT_X_TLS_NEWCTX, 0


def _bundle() -> str | None:
    """Return the file with the roots that the system trusts."""
    places = (ssl.get_default_verify_paths().openssl_cafile, *_BUNDLES)
    return next((place for place in places if Path(place).is_file()), None)
