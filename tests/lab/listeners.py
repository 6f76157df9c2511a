# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The listeners of the lab, one per SMS Provider, and the sockets of those that only pretend to listen."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web

from .certificates import Authority, server_context
from .reader import ScenarioError
from .scenario import Provider
from .server import ProviderService

LOOPBACK = "127.0.0.1"
EXPIRED_DAYS = -3
# http.sys takes URLs of 16 KB, and a Kerberos ticket with many groups makes a long header.
MAX_LINE, MAX_FIELD = 16384, 65536
Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


@dataclass
class Listeners:
    """Everything that holds a port."""

    servers: list[asyncio.Server] = field(default_factory=list)
    web_servers: list[web.Server] = field(default_factory=list)
    sockets: list[socket.socket] = field(default_factory=list)

    async def add(self, service: ProviderService, provider: Provider, context: ssl.SSLContext, port: int) -> int:
        """Open the port of a provider and say which it is."""
        kind = provider.fault.kind if provider.fault else ""
        sock = _bound(port, reuse=kind != "down")
        number: int = sock.getsockname()[1]
        if kind == "down":
            # Bound but not listening: connections are refused, and nobody else can take the port.
            self.sockets.append(sock)
        elif kind == "black_hole":
            self.sockets += _black_hole(sock)
        else:
            server = web.Server(service.handle, access_log=None, max_line_size=MAX_LINE, max_field_size=MAX_FIELD)
            self.web_servers.append(server)
            self.servers.append(await asyncio.get_running_loop().create_server(server, sock=sock, ssl=context))
        return number

    async def add_handler(self, handler: Handler, context: ssl.SSLContext | None, port: int, down: bool) -> int:
        """Open a port of the cloud side or of a Windows host, plain without a context, and say which it is."""
        sock = _bound(port, reuse=not down)
        number: int = sock.getsockname()[1]
        if down:
            self.sockets.append(sock)
            return number
        server = web.Server(handler, access_log=None, max_line_size=MAX_LINE, max_field_size=MAX_FIELD)
        self.web_servers.append(server)
        self.servers.append(await asyncio.get_running_loop().create_server(server, sock=sock, ssl=context))
        return number

    async def close(self) -> None:
        """Let go of all ports and connections."""
        for sock in self.sockets:
            sock.close()
        for server in self.servers:
            server.close()
        await asyncio.gather(*(server.shutdown(0.2) for server in self.web_servers))


def _bound(port: int, reuse: bool) -> socket.socket:
    sock = socket.socket()
    if reuse:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((LOOPBACK, port))
        if reuse:
            # Linux lets two sockets share a port with SO_REUSEADDR until one listens.
            sock.listen(128)
    except OSError as error:
        sock.close()
        raise ScenarioError(f"cannot listen on {LOOPBACK}:{port}: {error.strerror}") from error
    except OverflowError as error:
        sock.close()
        raise ScenarioError(f"there is no port {port}") from error
    return sock


def _black_hole(sock: socket.socket) -> list[socket.socket]:
    """Fill the accept queue, so that the kernel drops further connection requests without a word."""
    sock.listen(0)
    fillers = []
    for _unused in range(2):
        filler = socket.socket()
        filler.setblocking(False)
        filler.connect_ex(sock.getsockname())
        fillers.append(filler)
    return [sock, *fillers]


def tls_context(provider: Provider, fqdn: str, own: Authority, other: Authority, folder: Path) -> ssl.SSLContext:
    """The certificate of a provider, right or wrong as the scenario says."""
    kind = provider.fault.kind if provider.fault else ""
    authority = other if kind == "untrusted_certificate" else own
    host, _dot, domain = fqdn.partition(".")
    name = f"{host}-old.{domain}" if kind == "wrong_name_certificate" else fqdn
    days = EXPIRED_DAYS if kind == "expired_certificate" else provider.certificate_days
    return server_context(folder / f"{provider.host}.pem", authority.issue(name, days))
