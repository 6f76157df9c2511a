# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tokens for Microsoft Graph: msal gets them, this gives it the options and names its refusals.

PRIVATE to the collection.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from .._errors import AnswerError, AuthenticationError, InvalidOptionError, MissingLibraryError, NotConfiguredError
from ..https._transport import HttpsSession

if t.TYPE_CHECKING:
    from .._deadline import Deadline
    from ..https._route import Route

try:
    import msal

    HAS_MSAL = True
except ImportError:
    HAS_MSAL = False

# By the number of the AADSTS error. Source: Microsoft Entra authentication error codes.
_STEPS = {
    7000215: "give the value of a client secret of the application, not its id",
    7000222: "the client secret is expired: add a new one to the application, and give that",
    700016: "check client_id, and that the application is in this tenant",
    700027: "register the certificate of certificate_path at the application, and check that it is not expired",
    70021: "add a federated credential whose issuer, subject and audience match the token file",
    90002: "check tenant_id, and that option cloud names the cloud of the tenant",
    53003: "exclude the application from the Conditional Access policy that blocks it",
}
_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
_KEY = re.compile(r"-----BEGIN ([A-Z ]*PRIVATE KEY)-----.+?-----END \1-----", re.DOTALL)
ADVICE = {
    "connect": "open TCP 443 to this host from the execution node, or set proxy_url",
    "tls": "check that the port speaks TLS, and which TLS versions a proxy in between allows",
    "certificate": "find out who issued the certificate: a proxy that inspects TLS needs its root in ca_path",
    "answer": "try again later, look at the service health of Microsoft 365, or raise the option timeout",
    "cut": "try again, and look for a proxy or firewall that cuts connections",
}


@dataclass(frozen=True)
class Identity:
    """Who asks for tokens. Exactly one of the proofs is given."""

    tenant_id: str | None
    client_id: str | None
    client_secret: str | None = None
    certificate_path: str | None = None
    certificate_password: str | None = None
    federated_token_file: str | None = None
    managed_identity: bool = False
    access_token: str | None = None

    def check(self) -> None:
        """Refuse what cannot work.

        Raises:
            NotConfiguredError: There is no proof.
            InvalidOptionError: An option is missing, or there are several proofs.
        """
        proofs = [name for name in _PROOFS if getattr(self, name)]
        if not proofs:
            raise NotConfiguredError(
                expected=f"one of the options {', '.join(_PROOFS)}",
                observed="none of them, neither as an option nor in the environment",
                next_step="give the playbooks tenant_attach_graph, or the module its options",
            )
        if len(proofs) > 1:
            raise InvalidOptionError(
                expected=f"exactly one of the options {', '.join(_PROOFS)}",
                observed=" and ".join(proofs),
                next_step="give one of them, and look for the others in the environment",
            )
        if self.access_token or self.managed_identity:
            return
        for name in ("tenant_id", "client_id"):
            if not getattr(self, name):
                raise InvalidOptionError(
                    expected=f"option {name}, since {proofs[0]} is given",
                    observed="nothing",
                    next_step=f"give {name} of the application that reads Microsoft Graph",
                )
        if str(self.tenant_id).lower() in {"common", "organizations", "consumers"}:
            raise InvalidOptionError(
                expected="option tenant_id to be the id of one tenant, or a domain of it",
                observed=repr(self.tenant_id),
                next_step="look it up in the Microsoft Entra admin center, Overview",
            )

    def secrets(self) -> tuple[str, ...]:
        """Return what must never be shown."""
        return tuple(text for text in (self.client_secret, self.certificate_password, self.access_token) if text)


_PROOFS = ("client_secret", "certificate_path", "federated_token_file", "managed_identity", "access_token")


class _Response(t.NamedTuple):
    """An answer, as msal looks at it."""

    status_code: int
    text: str
    headers: t.Mapping[str, str]
    url: str

    def raise_for_status(self) -> None:
        """Refuse an answer that msal needs and that is none."""
        if self.status_code >= 400:
            raise AnswerError(
                expected="an answer of Microsoft Entra",
                observed=f"HTTP {self.status_code}",
                where=self.url,
                next_step="check authority_url, and the service health of Microsoft 365",
            )


class _Web:
    """The HTTP client of msal: it goes the way of all our HTTPS, within its limits, whatever the environment says."""

    def __init__(self, route: Route, timeout: float, deadline: Deadline) -> None:
        self._session = HttpsSession(route, timeout=timeout, deadline=deadline, advice=ADVICE)

    def get(self, url: str, *, params: t.Any = None, headers: t.Any = None, **_unused: t.Any) -> _Response:
        return self._send("GET", f"{url}?{urlencode(params)}" if params else url, headers, None)

    def post(
        self, url: str, *, params: t.Any = None, data: t.Any = None, headers: t.Any = None, **_unused: t.Any
    ) -> _Response:
        form = data if isinstance(data, str) else urlencode(data or {})
        return self._send(
            "POST",
            f"{url}?{urlencode(params)}" if params else url,
            {"Content-Type": "application/x-www-form-urlencoded", **(headers or {})},
            form.encode(),
        )

    def close(self) -> None:
        self._session.close()

    def _send(self, method: str, url: str, headers: t.Any, body: bytes | None) -> _Response:
        answer = self._session.send(method, url, {"Accept": "application/json", **(headers or {})}, body)
        return _Response(answer.status, answer.body.decode("utf-8-sig", errors="replace"), answer.headers, answer.url)


def acquire(
    identity: Identity, *, authority: str, resource: str, route: Route, timeout: float, deadline: Deadline
) -> str:
    """Return an access token.

    Args:
        identity: Who asks.
        authority: URL of the Entra authority, without the tenant.
        resource: URL of Microsoft Graph.
        route: How to get there.
        timeout: Seconds for each step.
        deadline: The end of the whole run.

    Raises:
        TenantAttachError: There is none.
    """
    if identity.access_token:
        return identity.access_token
    if not HAS_MSAL:
        raise MissingLibraryError(
            expected="the Python library msal on the execution node",
            observed="it cannot be imported",
            next_step="install the collection's requirements.txt for the interpreter that runs the module",
        )
    web = _Web(route, timeout, deadline)
    try:
        if identity.managed_identity:
            return _token(_managed(identity, resource, web), "the managed identity endpoint")
        where = f"{authority}/{identity.tenant_id}"
        return _token(_application(identity, where, resource, web), where)
    finally:
        web.close()


def _managed(identity: Identity, resource: str, web: _Web) -> t.Any:
    which = (
        msal.UserAssignedManagedIdentity(client_id=identity.client_id)
        if identity.client_id
        else msal.SystemAssignedManagedIdentity()
    )
    try:
        return msal.ManagedIdentityClient(which, http_client=web).acquire_token_for_client(resource=resource)
    except (ValueError, msal.ManagedIdentityError) as exc:
        raise _no_answer(exc, "the managed identity endpoint") from exc


def _application(identity: Identity, authority: str, resource: str, web: _Web) -> t.Any:
    credential = _credential(identity)
    try:
        application = msal.ConfidentialClientApplication(
            identity.client_id,
            client_credential=credential,
            authority=authority,
            # It would ask login.microsoftonline.com about hosts that it does not know, and fail in closed networks.
            instance_discovery=False,
            http_client=web,
        )
    except KeyError as exc:  # Metadata without what it is read for.
        raise _no_answer(exc, authority) from exc
    except ValueError as exc:
        if "openid-configuration" in str(exc) or "authority" in str(exc).lower():
            raise AuthenticationError(
                expected="the tenant to be known to this authority",
                observed="its OpenID configuration cannot be read",
                where=authority,
                next_step=_STEPS[90002],
            ) from exc
        raise _no_certificate(identity, exc) from exc
    try:
        return application.acquire_token_for_client([f"{resource}/.default"])
    except ValueError as exc:
        raise _no_answer(exc, authority) from exc


def _credential(identity: Identity) -> t.Any:
    if identity.client_secret:
        return identity.client_secret
    if identity.federated_token_file:
        file = identity.federated_token_file
        _file(file, "federated_token_file")
        # The platform replaces the token in this file again and again: it is read when it is needed.
        return {"client_assertion": lambda: _file(file, "federated_token_file").decode().strip()}
    path = str(identity.certificate_path)
    content = _file(path, "certificate_path")
    password = identity.certificate_password
    if b"-----BEGIN" not in content:
        return {"private_key_pfx_path": path, "passphrase": password, "public_certificate": True}
    text = content.decode("ascii", errors="replace")
    certificate, key = (pattern.search(text) for pattern in (_CERTIFICATE, _KEY))
    if certificate is None or key is None:
        raise InvalidOptionError(
            expected="option certificate_path to hold a certificate and its private key, as PEM or PFX",
            observed=f"a PEM file without a {'private key' if certificate else 'certificate'}",
            where=path,
            next_step="put both into one file",
        )
    credential = {"private_key": key[0], "public_certificate": certificate[0]}
    return {**credential, "passphrase": password} if password else credential


def _file(path: str, option: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as exc:
        raise InvalidOptionError(
            expected=f"option {option} to name a file that can be read",
            observed=f"{type(exc).__name__}: {exc.strerror}",
            where=path,
            next_step="check the path and its permissions on the execution node",
        ) from exc


def _no_certificate(identity: Identity, exc: Exception) -> InvalidOptionError:
    return InvalidOptionError(
        expected="option certificate_path to hold a certificate and its private key, as PEM or PFX",
        observed=f"it cannot be used ({type(exc).__name__})",
        where=str(identity.certificate_path),
        next_step="check the file and certificate_password",
    )


def _no_answer(exc: Exception, where: str) -> AnswerError:
    # The text of these exceptions quotes what was answered, which is not ours to pass on.
    return AnswerError(
        expected="a token, or a reason in the form of OAuth",
        observed=f"something else ({type(exc).__name__})",
        where=where,
        next_step="check authority_url, and whether a proxy answers in place of Microsoft Entra",
    )


def _token(answer: t.Any, where: str) -> str:
    if isinstance(answer, dict) and isinstance(answer.get("access_token"), str):
        return t.cast("str", answer["access_token"])
    found = answer if isinstance(answer, dict) else {}
    codes = [code for code in found.get("error_codes") or () if isinstance(code, int)]
    named = ", ".join(f"AADSTS{code}" for code in codes)
    # OAuth's own words for what is wrong. Anything else might quote what was sent.
    error = str(found.get("error") or "")
    reason = error if re.fullmatch(r"[a-z_]{1,60}", error) else "no reason in the form of OAuth"
    raise AuthenticationError(
        expected="a token for Microsoft Graph",
        observed=f"{reason}{f' ({named})' if named else ''}",
        where=where,
        next_step=next((_STEPS[code] for code in codes if code in _STEPS), "look the error up in the sign-in logs"),
    )
