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
from dataclasses import dataclass

from ansible_collections.configmgr.tenant_attach.plugins.module_utils._errors import (
    AnswerError,
    AuthenticationError,
    InvalidOptionError,
    MissingLibraryError,
)
from ansible_collections.configmgr.tenant_attach.plugins.module_utils._versions import build_of

if t.TYPE_CHECKING:
    import requests

try:
    import spnego
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

# pyspnego lets errors of the Kerberos libraries through as they are: an unknown realm, a KDC that is not there.
try:
    from gssapi.exceptions import GSSError
    from krb5 import Krb5Error

    _PROTOCOL_ERRORS += (GSSError, Krb5Error)
except (ImportError, OSError):  # An optional extra, and OSError where its shared libraries are missing.
    pass

NTLM_REFUSED_FROM_BUILD = build_of("2509")
METHODS = ("kerberos", "negotiate", "ntlm", "token")
_NTLM_MESSAGE = b"NTLMSSP\x00"
_MAX_LEGS = 5
_MAX_REFUSAL = 64 * 1024  # AdminService's own are empty; http.sys sends a short page.


@dataclass(frozen=True, repr=False)
class Credentials:
    """Who we are, and how we prove it. Has no repr: it holds secrets."""

    method: str = "kerberos"
    username: str | None = None
    password: str | None = None
    token: str | None = None

    def check(self) -> None:
        """Refuse combinations that cannot work, before any call.

        Raises:
            InvalidOptionError: An option is missing for the method.
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

    def for_host(self, host: str) -> AuthBase:
        """Return the authentication object for one host."""
        return BearerAuth(self.token or "") if self.method == "token" else NegotiateAuth(self, host)


class BearerAuth(AuthBase):
    """A ready Entra token."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add the token."""
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class NegotiateAuth(AuthBase):
    """Kerberos, Negotiate or NTLM. Signs in the connection at its first 401.

    `ntlm_used` tells afterwards whether an NTLM message was sent, which a refusal is explained by.
    """

    def __init__(self, credentials: Credentials, host: str) -> None:
        self._credentials = credentials
        self._host = host
        self.ntlm_used = False

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Watch for the 401."""
        request.register_hook("response", self._answer)
        return request

    def _answer(self, response: requests.Response, **kwargs: t.Any) -> requests.Response:
        if response.status_code != 401:
            return response
        scheme = self._scheme(response)
        if scheme is None:
            return response
        context = self._context()
        token: bytes | None = None
        for _leg in range(_MAX_LEGS):
            reply = self._step(context, token)
            if reply is None:
                break
            self.ntlm_used = self.ntlm_used or _NTLM_MESSAGE in reply
            response = self._send_again(response, f"{scheme} {base64.b64encode(reply).decode()}", kwargs)
            token = _token_of(response, scheme)
            if response.status_code != 401 or token is None:
                break
        return response

    def _scheme(self, response: requests.Response) -> str | None:
        offered = {part.split()[0].lower() for part in _challenges(response)}
        wanted = ("ntlm", "negotiate") if self._credentials.method == "ntlm" else ("negotiate",)
        return next((name.upper() if name == "ntlm" else "Negotiate" for name in wanted if name in offered), None)

    def _context(self) -> t.Any:
        if not HAS_SPNEGO:
            raise MissingLibraryError(
                expected="the Python library pyspnego on the execution node",
                observed="it cannot be imported",
                next_step="install the collection's requirements.txt for the interpreter that runs the module",
            )
        try:
            return spnego.client(
                self._credentials.username,
                self._credentials.password,
                hostname=self._host,
                service="HTTP",
                protocol=self._credentials.method,
            )
        except ImportError as exc:
            raise MissingLibraryError(
                expected="Kerberos support of pyspnego on the execution node",
                observed="the libraries gssapi and krb5 cannot be imported",
                where=f"HTTP/{self._host}",
                next_step="install requirements-kerberos.txt and its system packages (bindep.txt)",
            ) from exc
        except _PROTOCOL_ERRORS as exc:
            raise self._failed(exc) from exc

    def _step(self, context: t.Any, token: bytes | None) -> bytes | None:
        try:
            return t.cast("bytes | None", context.step(token))
        except _PROTOCOL_ERRORS as exc:
            raise self._failed(exc) from exc

    def _failed(self, exc: Exception) -> AuthenticationError:
        return AuthenticationError(
            expected=f"a {self._credentials.method} token for the service HTTP/{self._host}",
            observed=f"{type(exc).__name__}: {str(exc)[:300]}",
            where=self._host,
            next_step="check the ticket (klist) or user name and password, that the host is the SMS Provider's real "
            "name and no alias, and the clock; for Kerberos install requirements-kerberos.txt",
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
