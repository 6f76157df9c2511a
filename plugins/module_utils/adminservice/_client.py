# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A client of the administration service (AdminService) of one SMS Provider. PRIVATE to the collection."""

from __future__ import annotations

import json
import typing as t

from .._errors import (
    AccessDeniedError,
    AnswerError,
    AuthenticationError,
    NotFoundError,
    ServiceError,
    TenantAttachError,
)
from ..https._pages import all_pages
from ..https._route import Route, split_host
from ..https._transport import Answer, HttpsSession, peek_certificate
from ..product._site_names import READER
from ._auth import NTLM_REFUSED_FROM_BUILD, SERVICE, Credentials
from ._odata import Row, build_url, rows_of

if t.TYPE_CHECKING:
    from .._deadline import Deadline
    from ..https._transport import Trace

MAX_PAGES = 200
_REDIRECTS = range(300, 400)


class AdminService:
    """AdminService of one SMS Provider, over one kept connection.

    Args:
        provider: FQDN of the SMS Provider, with `:port` where it is not 443.
        credentials: How to authenticate.
        route: How to get there.
        timeout: Seconds for each step of one request.
        deadline: The end of the whole run.
        build: The build of the provider's site where it is known; it explains a refusal.
    """

    def __init__(
        self,
        provider: str,
        *,
        credentials: Credentials,
        route: Route,
        timeout: float,
        deadline: Deadline,
        build: int | None = None,
    ) -> None:
        self.host, self.port = split_host(provider, default_port=443, option="provider")
        self._credentials = credentials
        self._route = route
        self._timeout = timeout
        self._build = build
        self._auth = credentials.for_host(self.host, build, lambda: self.trace.certificate)
        self._session = HttpsSession(route, timeout=timeout, deadline=deadline, auth=self._auth)
        self.base = f"https://{self.host}{'' if self.port == 443 else f':{self.port}'}/AdminService"

    @property
    def trace(self) -> Trace:
        """What the connection went through."""
        return self._session.trace

    def close(self) -> None:
        """Close the connection."""
        self._session.close()

    def peek_certificate(self) -> bytes | None:
        """Return the certificate that was refused, where it can be had."""
        return peek_certificate(self._route, self.host, self.port, self._timeout)

    def metadata(self, route: str) -> str:
        """Return the service's description of itself (EDMX) of the route `wmi` or `v1.0`.

        Raises:
            TenantAttachError: It cannot be read, or is no EDMX.
        """
        url = build_url(self.base, f"{route}/$metadata")
        text = self._get(url, "application/xml").body.decode("utf-8", errors="replace")
        if "<edmx:" not in text[:2000].lower():
            raise _unexpected("the XML of an OData service description", text, url)
        return text

    def rows(
        self,
        resource: str,
        *,
        where: str | None = None,
        select: t.Sequence[str] = (),
        order_by: t.Sequence[str] = (),
        top: int | None = None,
    ) -> list[Row]:
        """Read all rows of a class, over as many pages as the service makes.

        Raises:
            TenantAttachError: They cannot be read, or the pages do not end.
        """
        url = build_url(self.base, resource, where=where, select=select, order_by=order_by, top=top)
        rows: list[Row] = []
        for document, page in all_pages(
            url, self._json, most=MAX_PAGES, service="this SMS Provider", narrow="filter, select or top"
        ):
            rows += rows_of(document, page)
            if top is not None and len(rows) >= top:
                return rows[:top]
        return rows

    def _json(self, url: str) -> t.Any:
        answer = self._get(url, "application/json")
        try:
            text = answer.body.decode("utf-8-sig")
            return json.loads(text)
        except (ValueError, RecursionError) as exc:
            shown = answer.body.decode("utf-8", errors="replace")
            if "html" not in answer.content_type and shown.lstrip()[:1] in {"{", "["}:
                raise AnswerError(
                    expected="JSON",
                    observed=f"{len(answer.body)} bytes of JSON that ends or breaks: {exc}",
                    where=url,
                    next_step="look at AdminService.log on the SMS Provider, and for a proxy that cuts answers",
                ) from exc
            raise _unexpected("JSON", shown, url, answer.content_type) from exc

    def _get(self, url: str, accept: str) -> Answer:
        answer = self._session.get(url, accept)
        if answer.status in {200, 201}:  # Static methods answer 201.
            return answer
        raise self._refusal(answer)

    def _refusal(self, answer: Answer) -> TenantAttachError:
        if answer.status == 401:
            return self._unauthenticated(answer)
        if answer.status == 404:
            return _not_found(answer)
        if answer.status in _REDIRECTS:
            return AnswerError(
                expected="an answer of the SMS Provider itself",
                observed=f"HTTP {answer.status}, a redirect to {_origin(answer.location)}, not followed",
                where=answer.url,
                next_step="give the SMS Provider's own name as provider, not that of a proxy or a portal",
            )
        if answer.status == 403:
            return AccessDeniedError(
                status=403,
                expected="HTTP 200",
                observed=f"HTTP 403{_message(answer)}",
                where=answer.url,
                next_step="check the SMS Provider authentication level of the hierarchy (it must be Windows "
                "authentication for tenant attach), then the rights of the account",
                rights=[READER],
            )
        unavailable = "; AdminService does not run: sccmprovidergraph.exe is stopped, or the site is being updated"
        return ServiceError(
            answer.status,
            expected="HTTP 200",
            observed=f"HTTP {answer.status}{_message(answer)}{unavailable if answer.status == 503 else ''}",
            where=answer.url,
            next_step="read SMS_REST_PROVIDER.log and AdminService.log on the SMS Provider",
        )

    def _unauthenticated(self, answer: Answer) -> AuthenticationError:
        protocol = getattr(self._auth, "protocol", None)
        problem = getattr(self._auth, "kerberos_problem", None)
        who = f"auth={self._credentials.method}" + (
            f", user {self._credentials.username}" if self._credentials.username else ""
        )
        fallback = f"; Kerberos was not possible: {problem.observed}" if problem else ""
        if protocol == "ntlm" and (self._build or 0) >= NTLM_REFUSED_FROM_BUILD:
            observed = f"HTTP 401 after NTLM ({who}): build {self._build} refuses NTLM"
            step = "use auth=kerberos with the SMS Provider's own FQDN"
        elif protocol == "ntlm":
            observed = f"HTTP 401 after NTLM ({who}){fallback}"
            step = (
                f"a site of build {NTLM_REFUSED_FROM_BUILD} (version 2509) or later refuses NTLM, and AdminService.log "
                "then says 'Rejecting NTLM authentication.': use auth=kerberos there; on an older site check user name "
                "and password"
            )
        elif self._credentials.method == "token":
            observed = "HTTP 401 for the token"
            step = "get a new token: it is expired, or made for another audience or tenant"
        elif protocol == "kerberos":
            service = f"{SERVICE}/{self.host}"
            observed = f"HTTP 401 ({who}): the host does not take the ticket for {service} that the domain gave"
            step = (
                f"check that setspn -Q {service} names the computer account of the SMS Provider, that its clock is "
                "that of the domain, and that the name leads to it"
            )
        else:
            observed = f"HTTP 401 ({who}), and the host offers no way to sign in that was asked for"
            step = "check that the host is the SMS Provider itself, and no proxy in front of it"
        return AuthenticationError(
            expected="the account to be accepted", observed=observed, where=answer.url, next_step=step
        )


def _origin(location: str) -> str:
    return "/".join(location.split("/")[:3])[:100] or "nowhere"


def _message(answer: Answer) -> str:
    """Return the service's own text, in short. It comes from outside, and is cut and put on one line."""
    try:
        text = str(json.loads(answer.body)["error"]["message"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""
    return f" ({' '.join(text.split())[:200]})"


def _not_found(answer: Answer) -> TenantAttachError:
    message = _message(answer)
    if message.lower().startswith(" (access denied"):
        return AccessDeniedError(
            status=404,
            expected="HTTP 200",
            observed=f"HTTP 404{message}: the service hides missing rights behind this answer",
            where=answer.url,
            next_step="make the account an administrative user of Configuration Manager; the site then puts it into "
            "the local group SMS Admins of the SMS Provider",
            rights=[READER, "Windows: local group SMS Admins on the SMS Provider"],
        )
    if message:
        return NotFoundError(
            expected="the resource to exist",
            observed=f"HTTP 404{message}",
            where=answer.url,
            next_step="check the name of the class or entity, in the SDK's own case, and the key",
        )
    return NotFoundError(
        service_missing=True,
        expected="AdminService on this host",
        observed="HTTP 404 from a web server without it",
        where=answer.url,
        next_step="check that the host is an SMS Provider, and RESTPROVIDERSetup.log on it",
    )


def _unexpected(expected: str, shown: str, url: str, content_type: str = "") -> AnswerError:
    html = "html" in content_type or shown.lstrip()[:1] == "<"
    return AnswerError(
        expected=expected,
        observed="an HTML page" if html else f"something else ({content_type or 'no content type'})",
        where=url,
        next_step="look for a proxy, portal or other web site that answers in place of the SMS Provider",
    )
