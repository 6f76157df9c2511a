# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where a directory server is, how it is reached, and why it is not. PRIVATE to the collection."""

from __future__ import annotations

import socket
import ssl
import typing as t
from dataclasses import dataclass

from .._errors import InvalidOptionError, StageError
from ..https._route import split_host

if t.TYPE_CHECKING:
    from ..https._route import Route

AUTHS = ("kerberos", "simple")
_PORTS = {"ldap": 389, "ldaps": 636}
# An extended request without anything else in it (RFC 4511, section 4.14.1).
_START_TLS = b"\x30\x1d\x02\x01\x01\x77\x18\x80\x161.3.6.1.4.1.1466.20037"
_ENOUGH = 4096


@dataclass(frozen=True)
class Server:
    """A directory server: `tls` is `none` (Kerberos seals), `ldaps` or `start_tls`."""

    host: str
    port: int
    tls: str

    @property
    def url(self) -> str:
        """The address, as LDAP libraries want it."""
        return f"{'ldaps' if self.tls == 'ldaps' else 'ldap'}://{self.host}:{self.port}"


def parse(server: str, auth: str, start_tls: bool) -> Server:
    """Return the server that the options name.

    Raises:
        InvalidOptionError: A password would travel in the clear, or TLS would be there twice.
    """
    scheme, marker, rest = server.strip().partition("://")
    if not marker:
        plain = auth == "kerberos" or start_tls
        scheme, rest = "ldap" if plain else "ldaps", server
    scheme = scheme.lower()
    if scheme not in _PORTS:
        raise InvalidOptionError(
            expected="option server to be a host name, or a URL that begins with ldap:// or ldaps://",
            observed=repr(server),
            next_step="for example dc01.contoso.com",
        )
    host, port = split_host(rest.rstrip("/"), default_port=_PORTS[scheme], option="server")
    if auth == "kerberos" and (scheme == "ldaps" or start_tls):
        raise InvalidOptionError(
            expected="auth=kerberos over ldap://, which Kerberos itself signs and seals",
            observed="ldaps" if scheme == "ldaps" else "start_tls",
            where=f"{scheme}://{host}:{port}",
            next_step="leave ldaps:// and start_tls out; Active Directory refuses to seal inside TLS",
        )
    if auth == "simple" and (scheme == "ldaps") == start_tls:
        raise InvalidOptionError(
            expected="auth=simple over TLS: either ldaps:// or start_tls",
            observed="both" if start_tls else "neither: the password would travel in the clear",
            where=f"{scheme}://{host}:{port}",
            next_step="use ldaps://, or ldap:// with start_tls: true",
        )
    if auth == "kerberos":
        return Server(host, port, "none")
    return Server(host, port, "start_tls" if start_tls else "ldaps")


def look(server: Server, route: Route, timeout: float) -> None:
    """Go the way to a server once more, to find out where it ends. LDAP libraries do not tell.

    Raises:
        StageError: The name does not resolve, nobody listens, or the certificate is refused.
    """
    where = server.url
    try:
        socket.getaddrinfo(server.host, server.port, type=socket.SOCK_STREAM)
    except OSError as exc:
        raise StageError(
            "resolve",
            expected="the name of the directory server to resolve on the execution node",
            observed=str(exc),
            where=where,
            next_step="check option server and the DNS of the execution node",
        ) from exc
    try:
        connection = socket.create_connection((server.host, server.port), timeout)
    except OSError as exc:
        raise StageError(
            "connect",
            expected=f"a TCP connection within {timeout:.0f} seconds",
            observed=str(exc),
            where=where,
            next_step=f"check that the domain controller is up and that TCP {server.port} is open",
        ) from exc
    with connection:
        if server.tls != "none":
            _shake_hands(server, route, connection)


def _shake_hands(server: Server, route: Route, connection: socket.socket) -> None:
    try:
        if server.tls == "start_tls":
            connection.sendall(_START_TLS)
            connection.recv(_ENOUGH)
        route.context().wrap_socket(connection, server_hostname=server.host).close()
    except ssl.SSLCertVerificationError as exc:
        raise StageError(
            "tls",
            expected="a certificate that verifies against ca_path, is in its time, and names the server",
            observed=f"the certificate is refused: {exc.verify_message.rstrip('.')}",
            where=server.url,
            next_step="name the root of the domain controllers' certificates in ca_path, and in option server the name "
            "that the certificate has",
        ) from exc
    except OSError as exc:
        raise StageError(
            "tls",
            expected="a TLS handshake",
            observed=str(exc) or type(exc).__name__,
            where=server.url,
            next_step="check that the port speaks TLS: 636 with ldaps, 389 with start_tls, and that the domain "
            "controller has a certificate",
        ) from exc
