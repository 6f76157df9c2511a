# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Authentication to AdminService for requests. PRIVATE to the collection.

The protocols are pyspnego's; here is only how their tokens travel in HTTP headers (RFC 4559).
"""

from __future__ import annotations

import base64
import binascii
import struct
import typing as t
from dataclasses import dataclass, field

from .._errors import (
    AnswerError,
    AuthenticationError,
    InvalidOptionError,
    KerberosError,
    MissingLibraryError,
    TenantAttachError,
)
from ..https._certificates import end_point_binding
from ..kerberos._failures import code_of, explain
from ..kerberos._tickets import Tickets, TicketSource, require_full_name
from ..product._versions import build_of

if t.TYPE_CHECKING:
    import requests

    Certificate = t.Callable[[], t.Optional[bytes]]  # noqa: UP045  # pylint of ansible-test takes the other for a sum.

try:
    import spnego
    import spnego.channel_bindings
    import spnego.exceptions
    from requests.auth import AuthBase

    # The last two come of tokens that are none: pyspnego unpacks them without looking.
    _PROTOCOL_ERRORS: tuple[type[Exception], ...] = (
        spnego.exceptions.SpnegoError,
        ValueError,
        LookupError,
        struct.error,
    )
    HAS_SPNEGO = True
except ImportError:
    _PROTOCOL_ERRORS = ()
    HAS_SPNEGO = False
    AuthBase = object  # type: ignore[assignment,misc]

# pyspnego lets some errors of the Kerberos libraries through as they are.
try:
    from gssapi.raw.misc import GSSError
    from krb5 import Krb5Error

    _PROTOCOL_ERRORS += (GSSError, Krb5Error)
except (ImportError, OSError):  # An optional extra, and OSError where its shared libraries are missing.
    pass

NTLM_REFUSED_FROM_BUILD = build_of("2509")
SERVICE = "HTTP"
# The proofs that each method can use. More than that is a misunderstanding, and is refused.
_USES = {
    "kerberos": {"password", "keytab", "ccache"},
    "negotiate": {"password", "keytab", "ccache"},
    "ntlm": {"password"},
    "token": {"token"},
}
METHODS = tuple(_USES)
# Why Kerberos may be out of the question, and NTLM tried. Not among them: whatever NTLM would fail over, too.
_NO_KERBEROS = {"unknown_service", "no_realm", "kdc_unreachable", "configuration", "cache"}
_MAX_LEGS = 5
_MAX_REFUSAL = 64 * 1024  # AdminService's own are empty; http.sys sends a short page.


@dataclass(frozen=True, repr=False)
class Credentials:
    """Who we are, and how we prove it. Has no repr: it holds secrets."""

    method: str = "kerberos"
    username: str | None = None
    password: str | None = None
    token: str | None = None
    keytab: str | None = None
    ccache: str | None = None
    # Of all hosts together: whoever signs in to fifty with a wrong password locks the account.
    tickets: Tickets = field(init=False, compare=False)

    def __post_init__(self) -> None:
        source = TicketSource(self.username, self.password, self.keytab, self.ccache)
        object.__setattr__(self, "tickets", Tickets(source))

    def check(self) -> None:
        """Refuse combinations that cannot work, before any call.

        Raises:
            InvalidOptionError: An option is missing for the method, or is of no use to it.
        """
        missing: str | None = None
        if self.method == "token" and not self.token:
            missing = "token"
        elif self.method == "ntlm" and not (self.username and self.password):
            missing = "username and password"
        elif self.method != "token" and self.password and not self.username:
            missing = "username"
        if missing:
            raise InvalidOptionError(
                expected=f"option {missing} for auth={self.method}",
                observed="it is not set",
                next_step=f"set {missing}, or its environment variable, or another auth: {', '.join(METHODS)}",
            )
        # A user name does no harm to a token.
        options = ("password", "token", "keytab", "ccache")
        useless = [name for name in options if getattr(self, name) and name not in _USES[self.method]]
        if useless:
            fitting = [method for method in METHODS if useless[0] in _USES[method]]
            raise InvalidOptionError(
                expected=f"no option {useless[0]} for auth={self.method}, which has no use for it",
                observed="it is set",
                next_step=f"leave it out, and its environment variable, or set auth to one of: {', '.join(fitting)}",
            )
        self.tickets.source.check()

    def check_host(self, host: str, option: str = "provider") -> None:
        """Refuse a host that Kerberos cannot name.

        Raises:
            InvalidOptionError: It is an address or a short name.
        """
        if self.method == "kerberos":
            require_full_name(host, option, f"{SERVICE}/<FQDN>")

    def for_host(self, host: str, build: int | None = None, certificate: Certificate | None = None) -> AuthBase:
        """Return the authentication object for one host.

        Args:
            host: The host.
            build: The build of its site, where it is known.
            certificate: Gives the certificate of the connection, in DER form.

        Raises:
            InvalidOptionError: Kerberos cannot name the host.
        """
        self.check_host(host)
        if self.method == "token":
            return BearerAuth(self.token or "")
        return NegotiateAuth(self, host, build, certificate)


class BearerAuth(AuthBase):
    """A ready Entra token."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add the token."""
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class NegotiateAuth(AuthBase):
    """Kerberos, or NTLM where that is asked for. Signs in the connection at its first 401.

    Attributes:
        protocol: What was tried, `kerberos` or `ntlm`, once something was. A refusal is explained by it.
        kerberos_problem: Why auth=negotiate fell back to NTLM.
    """

    def __init__(
        self,
        credentials: Credentials,
        host: str,
        build: int | None = None,
        certificate: Certificate | None = None,
    ) -> None:
        self._credentials = credentials
        self._host = host
        self._build = build or 0
        self._certificate = certificate
        self.protocol: str | None = None
        self.kerberos_problem: TenantAttachError | None = None

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Watch for the 401."""
        request.register_hook("response", self._answer)
        return request

    def _answer(self, response: requests.Response, **kwargs: t.Any) -> requests.Response:
        if response.status_code != 401:
            return response
        begun = self._begin({part.split()[0].lower() for part in _challenges(response)})
        if begun is None:
            return response
        scheme, context = begun
        token: bytes | None = None
        for _leg in range(_MAX_LEGS):
            reply = self._step(context, token)
            if reply is None:
                break
            response = self._send_again(response, f"{scheme} {base64.b64encode(reply).decode()}", kwargs)
            token = _token_of(response, scheme)
            if response.status_code != 401 or token is None:
                break
        if response.status_code != 401 and self.protocol == "kerberos":
            self._check_server(context, token, verified=kwargs.get("verify") is not False)
        return response

    def _begin(self, offered: set[str]) -> tuple[str, t.Any] | None:
        """Choose protocol and scheme. None where the service offers nothing that was asked for."""
        method = self._credentials.method
        if method != "ntlm" and "negotiate" in offered:
            try:
                return "Negotiate", self._kerberos()
            except (KerberosError, MissingLibraryError, InvalidOptionError) as exc:
                if not self._may_use_ntlm(exc):
                    raise
                self.kerberos_problem = exc
        scheme = next((name for name in ("NTLM", "Negotiate") if name.lower() in offered), None)
        if scheme is None or method == "kerberos":
            return None
        return scheme, self._client("ntlm", self._credentials.username, self._credentials.password)

    def _may_use_ntlm(self, problem: TenantAttachError) -> bool:
        possible = not isinstance(problem, KerberosError) or problem.reason in _NO_KERBEROS
        known = bool(self._credentials.username and self._credentials.password)
        return self._credentials.method == "negotiate" and possible and known and self._build < NTLM_REFUSED_FROM_BUILD

    def _kerberos(self) -> t.Any:
        # With auth=negotiate, a name that Kerberos cannot know is no mistake yet.
        require_full_name(self._host, "provider", f"{SERVICE}/<FQDN>")
        _require_spnego()
        cache = self._credentials.tickets.for_service(SERVICE, self._host)
        return self._client("kerberos", spnego.KerberosCCache(cache))

    def _client(self, protocol: str, who: t.Any, password: str | None = None) -> t.Any:
        _require_spnego()
        self.protocol = protocol
        try:
            return spnego.client(
                who,
                password,
                hostname=self._host,
                service=SERVICE,
                protocol=protocol,
                channel_bindings=self._bindings(),
            )
        except _PROTOCOL_ERRORS as exc:
            raise self._failed(exc) from exc

    def _bindings(self) -> t.Any:
        # A service with extended protection takes no sign-in without them; others pass over them.
        certificate = self._certificate() if self._certificate else None
        binding = end_point_binding(certificate) if certificate else None
        return spnego.channel_bindings.GssChannelBindings(application_data=binding) if binding else None

    def _step(self, context: t.Any, token: bytes | None) -> bytes | None:
        try:
            return t.cast("bytes | None", context.step(token))
        except _PROTOCOL_ERRORS as exc:
            raise self._failed(exc) from exc

    def _check_server(self, context: t.Any, token: bytes | None, *, verified: bool) -> None:
        """Let the service prove that it is the one whom the ticket was for.

        Where it sends no proof, its certificate is one: that is enough where certificates are verified.
        """
        if token is not None:
            self._step(context, token)
        elif not verified:
            raise AuthenticationError(
                expected=f"a proof that the host is {SERVICE}/{self._host}: its certificate, or its answer to Kerberos",
                observed="none: validate_certs is false, and the answer carries no Kerberos token",
                where=self._host,
                next_step="verify the certificate: leave validate_certs out, and name the root in ca_path",
            )

    def _failed(self, exc: Exception) -> AuthenticationError:
        service = f"{SERVICE}/{self._host}"
        if self.protocol == "kerberos" and code_of(exc) is not None:
            account = self._credentials.username or ""
            return explain(exc, account=account, service=service, where=self._host)
        return AuthenticationError(
            expected=f"a {self.protocol} token for the service {service}",
            observed=f"{type(exc).__name__}: {str(exc)[:300]}",
            where=self._host,
            next_step="check that the host is the SMS Provider, and for a proxy that rewrites headers",
        )

    @staticmethod
    def _send_again(response: requests.Response, header: str, kwargs: dict[str, t.Any]) -> requests.Response:
        # The body must be read and the connection given back, so that the next leg travels on the same one.
        length = 0
        for chunk in response.iter_content(_MAX_REFUSAL):
            length += len(chunk)
            if length > _MAX_REFUSAL:
                raise AnswerError(
                    expected=f"a refusal of at most {_MAX_REFUSAL // 1024} KiB",
                    observed="a longer one; reading was stopped",
                    where=str(response.url),
                    next_step="check which service answers in place of AdminService",
                )
        response.close()
        request = response.request.copy()
        request.headers["Authorization"] = header
        again = t.cast("t.Any", response).connection.send(request, **kwargs)
        again.history.append(response)
        again.request = request
        return t.cast("requests.Response", again)


def _require_spnego() -> None:
    if not HAS_SPNEGO:
        raise MissingLibraryError(
            expected="the Python library pyspnego on the execution node",
            observed="it cannot be imported",
            next_step="install the collection's requirements.txt for the interpreter that runs the module",
        )


def _challenges(response: requests.Response) -> list[str]:
    header = response.headers.get("WWW-Authenticate", "")
    return [part.strip() for part in header.split(",") if part.strip()]


def _token_of(response: requests.Response, scheme: str) -> bytes | None:
    for challenge in _challenges(response):
        name, _blank, value = challenge.partition(" ")
        if name.lower() == scheme.lower() and value:
            try:
                return base64.b64decode(value, validate=True)
            except binascii.Error as exc:
                raise AuthenticationError(
                    expected=f"a {scheme} token in base64",
                    observed="something else in WWW-Authenticate",
                    where=str(response.url),
                    next_step="check for a proxy that rewrites headers",
                ) from exc
    return None
