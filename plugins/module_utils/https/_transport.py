# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HTTPS as this collection speaks it: verified, bounded in time and size, with a trace of how far it got.

PRIVATE to the collection. Built on requests. What requests leaves open is decided here: redirects are refused, the
environment's CA bundles and proxies do not count, an answer has a size limit, and a name may be reached at another
address while TLS and authentication still use the name.
"""

from __future__ import annotations

import socket
import ssl
import time
import typing as t
from dataclasses import dataclass, field

from .._deadline import side_by_side
from .._errors import AnswerError, MissingLibraryError
from ._failures import Advice, causes, translate

if t.TYPE_CHECKING:
    from collections.abc import Mapping

    from .._deadline import Deadline
    from ._route import Route

try:
    import requests
    import urllib3
    from requests import Session
    from requests.adapters import HTTPAdapter
    from urllib3.connection import HTTPSConnection
    from urllib3.connectionpool import HTTPSConnectionPool
    from urllib3.util.connection import create_connection

    HAS_REQUESTS = True
except ImportError:
    HAS_REQUESTS = False
    # Only so that the classes below can be defined: `require_libraries` stops before any of them is used.
    Session = HTTPAdapter = HTTPSConnection = HTTPSConnectionPool = object  # type: ignore[assignment,misc]

MAX_BYTES = 25 * 1024 * 1024
_CHUNK = 64 * 1024


def require_libraries() -> None:
    """Refuse to go on without requests.

    Raises:
        MissingLibraryError: requests is not installed.
    """
    if not HAS_REQUESTS:
        raise MissingLibraryError(
            expected="the Python libraries requests (2.32 or later) and urllib3 (2 or later) on the execution node",
            observed="they cannot be imported",
            next_step="install the collection's requirements.txt for the interpreter that runs the module",
        )


@dataclass
class Trace:
    """What a connection went through: stage name, seconds, detail. The certificate is in DER form."""

    stages: list[tuple[str, float, str]] = field(default_factory=list)
    certificate: bytes | None = None

    def passed(self, stage: str, begun: float, detail: str) -> None:
        """Note a stage that was passed."""
        self.stages.append((stage, time.monotonic() - begun, detail))


class _Connection(HTTPSConnection):
    """A connection that goes where the route says and leaves a trace."""

    route: t.ClassVar[Route]
    trace: t.ClassVar[Trace]

    def _new_conn(self) -> socket.socket:
        host, port = self.route.address(self.host, self.port)
        begun = time.monotonic()
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as exc:
            reason = exc if isinstance(exc, socket.gaierror) else socket.gaierror(str(exc))
            raise urllib3.exceptions.NameResolutionError(host, self, reason) from exc
        addresses = list(dict.fromkeys(entry[4][0] for entry in found))
        how = "is" if host == self.host else "by option connect_to is"
        self.trace.passed("resolve", begun, f"{self.host} {how} {', '.join(str(address) for address in addresses)}")
        begun = time.monotonic()
        problem: OSError | None = None
        for address in addresses:
            try:
                opened = create_connection((str(address), port), self.timeout, self.source_address, self.socket_options)
            except OSError as exc:  # The next address may answer; the last problem is reported below.
                problem = exc
            else:
                self.trace.passed("connect", begun, f"{address} port {port}")
                self._opened = time.monotonic()
                return opened
        if isinstance(problem, TimeoutError):
            raise urllib3.exceptions.ConnectTimeoutError(self, f"no connection to {host} port {port}") from problem
        raise urllib3.exceptions.NewConnectionError(self, f"{host} port {port}: {problem}") from problem

    def connect(self) -> None:
        """Connect, then keep what the TLS handshake showed."""
        super().connect()
        secured = t.cast("ssl.SSLSocket", self.sock)
        self.trace.certificate = secured.getpeercert(binary_form=True)
        self.trace.passed("tls", self._opened, str(secured.version()))


class _Adapter(HTTPAdapter):
    """Gives the pools our TLS settings and our connection class."""

    def __init__(self, route: Route, trace: Trace) -> None:
        self._context = route.context()
        connection = type("_RoutedConnection", (_Connection,), {"route": route, "trace": trace})
        self._pools = {"https": type("_RoutedPool", (HTTPSConnectionPool,), {"ConnectionCls": connection})}
        # One connection: NTLM and Negotiate sign in a connection, not a session.
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0)

    def init_poolmanager(self, *args: t.Any, **kwargs: t.Any) -> None:
        """Make the pools for direct connections."""
        super().init_poolmanager(*args, ssl_context=self._context, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, proxy: str, **kwargs: t.Any) -> t.Any:
        """Make the pools for connections through a proxy."""
        manager = super().proxy_manager_for(proxy, ssl_context=self._context, **kwargs)
        manager.pool_classes_by_scheme = self._pools
        return manager

    def cert_verify(self, conn: t.Any, url: t.Any, verify: t.Any, cert: t.Any) -> None:
        """Leave verification to our TLS settings: requests would add its own bundle of public roots."""


class _Session(Session):
    """A session that does not look where redirects lead: requests would first read their bodies, however long."""

    def get_redirect_target(self, _response: requests.Response) -> None:
        """Return no target."""


@dataclass(frozen=True)
class Answer:
    """An HTTP answer, read to its end."""

    status: int
    content_type: str
    body: bytes
    url: str
    location: str
    # By name in lower case.
    headers: Mapping[str, str] = field(default_factory=dict)


def open_session(route: Route, trace: Trace) -> requests.Session:
    """Return a session of requests that goes where the route says, and heeds nothing of the environment."""
    require_libraries()
    session = _Session()
    # A CA bundle, a proxy or a .netrc of the environment must not win over the options.
    session.trust_env = False
    # requests would turn verification on again, whatever our TLS settings say.
    session.verify = route.validate_certs
    session.headers["User-Agent"] = "configmgr.tenant_attach"
    session.mount("https://", _Adapter(route, trace))
    if route.proxy_url:
        session.proxies = {"https": route.proxy_url}
    return session


class HttpsSession:
    """One host, one connection, one way to authenticate.

    Args:
        route: How to get there.
        timeout: Seconds to wait for each step of one request.
        deadline: The end of the whole run.
        auth: A requests authentication object, or None.
        advice: What to do next when the service is not AdminService, by stage.
    """

    def __init__(
        self, route: Route, *, timeout: float, deadline: Deadline, auth: t.Any = None, advice: Advice | None = None
    ) -> None:
        self.trace = Trace()
        self._timeout = timeout
        self._deadline = deadline
        self._advice = advice or {}
        self._session = open_session(route, self.trace)
        self._session.auth = auth

    def get(self, url: str, accept: str) -> Answer:
        """Read a URL.

        Raises:
            TenantAttachError: No complete answer came.
        """
        return self.send("GET", url, {"Accept": accept})

    def send(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None) -> Answer:
        """Send one request and read its answer.

        Raises:
            TenantAttachError: No complete answer came.
        """
        # A server that sends its header byte by byte keeps every timeout: all that helps is to leave it behind.
        (answer,) = side_by_side(
            [url], lambda each: self._send(method, each, headers, body), self._late, deadline=self._deadline, limit=1
        )
        return answer

    def _late(self, url: str) -> Answer:
        raise self._deadline.error(url)

    def _send(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        timeout = self._deadline.limit(self._timeout, url)
        try:
            try:
                response = self._request(method, url, headers, body, timeout)
            except requests.exceptions.ConnectionError as exc:
                # A kept connection that the server closed meanwhile is nobody's fault: a GET may be sent once more.
                closed = any(isinstance(cause, urllib3.exceptions.ProtocolError) for cause in causes(exc))
                if method != "GET" or not closed:
                    raise
                response = self._request(method, url, headers, body, timeout)
            with response:
                return self._read(response, url)
        except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError) as exc:
            raise translate(exc, url, timeout, self._advice) from exc

    def _request(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, timeout: float
    ) -> requests.Response:
        return self._session.request(
            method, url, headers=dict(headers), data=body, timeout=timeout, allow_redirects=False, stream=True
        )

    def _read(self, response: requests.Response, url: str) -> Answer:
        body = bytearray()
        for chunk in response.iter_content(_CHUNK):
            body += chunk
            if len(body) > MAX_BYTES:
                raise AnswerError(
                    expected=f"an answer of at most {MAX_BYTES // 2**20} MiB",
                    observed="a longer one; reading was stopped",
                    where=url,
                    next_step="narrow the request with filter, select or top",
                )
            self._deadline.limit(self._timeout, url)
        return Answer(
            status=response.status_code,
            content_type=response.headers.get("Content-Type", ""),
            body=bytes(body),
            url=url,
            location=response.headers.get("Location", ""),
            headers={name.lower(): value for name, value in response.headers.items()},
        )

    def close(self) -> None:
        """Close the connection."""
        self._session.close()


def peek_certificate(route: Route, host: str, port: int, timeout: float) -> bytes | None:
    """Return the certificate that a host shows, unverified and with nothing sent, for the evidence. None if none comes.

    Only for a host whose certificate was just refused: what is wrong with it is the very thing to report.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if route.proxy_url:
        return None
    try:
        with (
            socket.create_connection(route.address(host, port), timeout) as plain,
            context.wrap_socket(plain, server_hostname=host) as secured,
        ):
            return secured.getpeercert(binary_form=True)
    except OSError:
        # The refusal is already reported; the certificate itself is an extra that may be missing.
        return None
