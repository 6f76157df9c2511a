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
from pathlib import Path
from urllib.parse import urlsplit

from ansible_collections.configmgr.tenant_attach.plugins.module_utils._deadline import side_by_side
from ansible_collections.configmgr.tenant_attach.plugins.module_utils._errors import (
    AnswerError,
    InvalidOptionError,
    MissingLibraryError,
    StageError,
    TenantAttachError,
)

if t.TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ansible_collections.configmgr.tenant_attach.plugins.module_utils._deadline import Deadline

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


@dataclass(frozen=True)
class Route:
    """How HTTPS leaves this machine: the same for all hosts of a run."""

    ca_path: str | None = None
    validate_certs: bool = True
    proxy_url: str | None = None
    connect_to: Mapping[str, str] = field(default_factory=dict)

    def address(self, host: str, port: int) -> tuple[str, int]:
        """Return the address where a host is reached: its own, unless the option connect_to gives another."""
        target = self.connect_to.get(host.lower())
        if target is None:
            return host, port
        name, number = split_host(target, default_port=port, option="connect_to")
        return name, number

    def context(self) -> ssl.SSLContext:
        """Return the TLS settings.

        Raises:
            InvalidOptionError: The file or directory of `ca_path` cannot be used.
        """
        try:
            if self.ca_path is None:
                context = ssl.create_default_context()
            elif Path(self.ca_path).is_dir():
                context = ssl.create_default_context(capath=self.ca_path)
            else:
                context = ssl.create_default_context(cafile=self.ca_path)
        except (OSError, ssl.SSLError) as exc:
            raise InvalidOptionError(
                expected="option ca_path to name a PEM file or a directory of hashed certificates that can be read",
                observed=f"{type(exc).__name__}: {exc}",
                where=str(self.ca_path),
                next_step="export the site's SMS Issuing root, or the root of your own PKI, as PEM",
            ) from exc
        # The site's own certificates do not follow every rule of RFC 5280, and Python 3.13 would refuse them for that.
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        # What the user put into ca_path is trusted, be it a root, the issuer or the certificate itself.
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        if not self.validate_certs:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context


def split_host(text: str, *, default_port: int, option: str) -> tuple[str, int]:
    """Split `host` or `host:port`.

    Raises:
        InvalidOptionError: It is neither.
    """
    host, colon, digits = text.strip().rpartition(":")
    if not colon:
        host, digits = text.strip(), str(default_port)
    usable = host and not set(host) & set(":/?#@[]\\ \t\r\n") and digits.isdecimal() and 0 < int(digits) < 65536
    if not usable:
        raise InvalidOptionError(
            expected=f"option {option} to be a host name, with :port where it is not {default_port}",
            observed=repr(text),
            next_step="give the fully qualified domain name, for example cm01.contoso.com",
        )
    return host, int(digits)


def check_proxy(url: str) -> None:
    """Refuse what is no URL of a proxy.

    Raises:
        InvalidOptionError: It is none. It is not shown: it may hold a password.
    """
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise InvalidOptionError(
            expected="option proxy_url to be the URL of an HTTP proxy",
            observed="something else, not shown here as it may hold a password",
            next_step="for example http://proxy.contoso.com:8080",
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


class HttpsSession:
    """One host, one connection, one way to authenticate.

    Args:
        route: How to get there.
        timeout: Seconds to wait for each step of one request.
        deadline: The end of the whole run.
        auth: A requests authentication object, or None.
    """

    def __init__(self, route: Route, *, timeout: float, deadline: Deadline, auth: t.Any = None) -> None:
        require_libraries()
        self.trace = Trace()
        self._timeout = timeout
        self._deadline = deadline
        self._session = _Session()
        # A CA bundle, a proxy or a .netrc of the environment must not win over the options.
        self._session.trust_env = False
        # requests would turn verification on again, whatever our TLS settings say.
        self._session.verify = route.validate_certs
        self._session.auth = auth
        self._session.headers["User-Agent"] = "configmgr.tenant_attach"
        self._session.mount("https://", _Adapter(route, self.trace))
        if route.proxy_url:
            self._session.proxies = {"https": route.proxy_url}

    def get(self, url: str, accept: str) -> Answer:
        """Read a URL.

        Raises:
            TenantAttachError: No complete answer came.
        """
        # A server that sends its header byte by byte keeps every timeout: all that helps is to leave it behind.
        (answer,) = side_by_side(
            [url], lambda each: self._get(each, accept), self._late, deadline=self._deadline, limit=1
        )
        return answer

    def _late(self, url: str) -> Answer:
        raise self._deadline.error(url)

    def _get(self, url: str, accept: str) -> Answer:
        timeout = self._deadline.limit(self._timeout, url)
        try:
            try:
                response = self._request(url, accept, timeout)
            except requests.exceptions.ConnectionError as exc:
                # A kept connection that the server closed meanwhile is nobody's fault: a GET may be sent once more.
                if not any(isinstance(cause, urllib3.exceptions.ProtocolError) for cause in _causes(exc)):
                    raise
                response = self._request(url, accept, timeout)
            with response:
                return self._read(response, url)
        except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError) as exc:
            raise translate(exc, url, timeout) from exc

    def _request(self, url: str, accept: str, timeout: float) -> requests.Response:
        return self._session.get(url, headers={"Accept": accept}, timeout=timeout, allow_redirects=False, stream=True)

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
        )

    def close(self) -> None:
        """Close the connection."""
        self._session.close()


def _causes(exc: BaseException) -> Iterator[BaseException]:
    """Yield an exception and all that it wraps: requests and urllib3 nest them in several ways."""
    seen: set[int] = set()
    todo: list[t.Any] = [exc]
    while todo:
        current = todo.pop(0)
        if not isinstance(current, BaseException) or id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        todo += [*current.args, getattr(current, "reason", None), current.__cause__, current.__context__]


@dataclass(frozen=True)
class _Stop:
    """What one kind of exception means to a reader."""

    kinds: tuple[str, ...]
    stage: str
    expected: str
    next_step: str
    observed: str = ""


# The first that fits counts: requests and urllib3 wrap the specific in the general.
_STOPS = (
    _Stop(
        ("ProxyError",),
        "connect",
        "the proxy of option proxy_url to open a connection",
        "check proxy_url, and whether the proxy may reach this host",
    ),
    _Stop(
        ("NameResolutionError",),
        "resolve",
        "the host name to resolve on the execution node",
        "check the name and the DNS of the execution node, or map the name with option connect_to",
        "it does not resolve",
    ),
    _Stop(
        ("ConnectTimeoutError",),
        "connect",
        "a TCP connection within the timeout",
        "check that the host is up and that no firewall drops TCP 443 from the execution node",
        "no answer at all",
    ),
    _Stop(
        ("NewConnectionError",),
        "connect",
        "a TCP connection",
        "check that the SMS Provider is up and that AdminService listens on this port",
    ),
    _Stop(
        ("SSLError",),
        "tls",
        "a TLS handshake",
        "check that the port speaks TLS, and which TLS versions the host allows",
    ),
    _Stop(
        ("TimeoutError", "Timeout", "ReadTimeoutError"),
        "answer",
        "an answer within the timeout",
        "look at the load of the SMS Provider and AdminService.log, or raise the option timeout",
        "the connection stands, and nothing came",
    ),
)


def translate(exc: Exception, url: str, timeout: float) -> TenantAttachError:
    """Turn an exception of requests or urllib3 into an error of ours, with the stage where it stopped."""
    causes = list(_causes(exc))
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return _untrusted(cause, url)
    for stop in _STOPS:
        for cause in causes:
            if type(cause).__name__ in stop.kinds:
                return StageError(
                    stop.stage,
                    expected=stop.expected.replace("the timeout", f"{timeout:.0f} seconds"),
                    observed=stop.observed or _text(_innermost(causes, cause)),
                    where=url,
                    next_step=stop.next_step,
                )
    return AnswerError(
        expected="a complete HTTP answer",
        observed=f"the connection ended early: {_text(causes[-1])}",
        where=url,
        next_step="look at AdminService.log on the SMS Provider, and for a proxy or firewall that cuts connections",
    )


def _innermost(causes: list[BaseException], default: BaseException) -> BaseException:
    return next((cause for cause in reversed(causes) if isinstance(cause, OSError)), default)


def _text(exc: BaseException) -> str:
    return f"{type(exc).__name__}: {str(exc)[:200]}"


def _untrusted(exc: ssl.SSLCertVerificationError, url: str) -> TenantAttachError:
    return StageError(
        "tls",
        expected="a certificate that verifies against ca_path, is in its time, and names the host",
        observed=f"the certificate is refused: {str(exc.verify_message or exc.reason).rstrip('.')}",
        where=url,
        next_step="compare it with the site's SMS Issuing root or your PKI root; export that, and name it in ca_path",
    )


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
