# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A client of Microsoft Graph: one token, pages, batches, and patience. PRIVATE to the collection."""

from __future__ import annotations

import datetime as dt
import json
import time
import typing as t
from dataclasses import dataclass, field
from urllib.parse import quote

from .._errors import AnswerError, ServiceError, TenantAttachError
from ..https._pages import all_pages
from ..https._transport import HttpsSession
from ._answers import THROTTLED, Reply, batch_replies, pause, refusal
from ._tokens import ADVICE, acquire

if t.TYPE_CHECKING:
    from collections.abc import Mapping

    from .._deadline import Deadline
    from ..https._route import Route
    from ..https._transport import Answer
    from ._tokens import Identity

MAX_PAGES = 1000
# Microsoft Graph takes no more in one batch.
BATCH = 20
# A service that throttles recovers. One that is down may not: nobody waits for long.
ATTEMPTS = {429: 8, 503: 4, 504: 4}
VERSIONS = ("v1.0", "beta")
OPENID = "v2.0/.well-known/openid-configuration"


@dataclass(frozen=True)
class Request:
    """One request. Its path has neither host nor version; values of its parameters are quoted here."""

    path: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    method: str = "GET"
    body: Mapping[str, t.Any] | None = None
    version: str = "v1.0"
    # The permissions of Microsoft Graph that it needs.
    rights: tuple[str, ...] = ()

    def relative(self) -> str:
        """Return the address behind the version."""
        query = "&".join(f"{name}={quote(value, safe=',/()')}" for name, value in self.parameters.items())
        path = quote(self.path.lstrip("/"), safe="/()=,'@:$!*+")
        return f"/{path}?{query}" if query else f"/{path}"


class Graph:
    """Microsoft Graph of one tenant, over one kept connection.

    Args:
        identity: Who asks.
        authority: URL of the Entra authority.
        graph: URL of Microsoft Graph.
        route: How to get there.
        timeout: Seconds for each step of one request.
        deadline: The end of the whole run.
        sleep: How to wait.
    """

    def __init__(
        self,
        identity: Identity,
        *,
        authority: str,
        graph: str,
        route: Route,
        timeout: float,
        deadline: Deadline,
        sleep: t.Callable[[float], None] = time.sleep,
    ) -> None:
        self.base = graph
        self._identity = identity
        self.authority = authority
        self._route = route
        self._timeout = timeout
        self._deadline = deadline
        self._sleep = sleep
        self._token: str | None = None
        self._session = self._open()
        self.requests = 0

    def _open(self) -> HttpsSession:
        return HttpsSession(self._route, timeout=self._timeout, deadline=self._deadline, advice=ADVICE)

    def close(self) -> None:
        """Close the connection."""
        self._session.close()

    def url(self, request: Request) -> str:
        """Return the whole address of a request."""
        return f"{self.base}/{request.version}{request.relative()}"

    def metadata(self, tenant: str) -> dict[str, t.Any]:
        """Return the OpenID metadata of a tenant, which anybody may read: no token goes there.

        Raises:
            TenantAttachError: The authority does not answer, or does not know the tenant.
        """
        url = f"{self.authority}/{quote(tenant, safe='')}/{OPENID}"
        session = self._open()
        try:
            reply = _parsed(session.get(url, "application/json"), url)
        finally:
            session.close()
        if reply.status == 200 and isinstance(reply.body, dict):
            return reply.body
        raise AnswerError(
            expected="the OpenID metadata of the tenant",
            observed=f"HTTP {reply.status}",
            where=url,
            next_step="check tenant_id, and cloud or authority_url",
        )

    def one(self, request: Request) -> dict[str, t.Any]:
        """Return a single object.

        Raises:
            TenantAttachError: It cannot be had.
        """
        return self._document(request, self.url(request))

    def rows(self, request: Request, *, first: Mapping[str, t.Any] | None = None) -> list[dict[str, t.Any]]:
        """Return all entries of a list, over as many pages as the service makes. A page may be empty.

        Args:
            request: What is asked.
            first: The first page, where a batch brought it.

        Raises:
            TenantAttachError: They cannot be read, or the pages do not end.
        """
        rows: list[dict[str, t.Any]] = []
        pages = {} if first is None else {self.url(request): first}

        def read(url: str) -> Mapping[str, t.Any]:
            return pages[url] if url in pages else self._document(request, url)

        for document, page in all_pages(
            self.url(request), read, most=MAX_PAGES, service="Microsoft Graph", narrow="a filter"
        ):
            rows += _entries(document, page)
        return rows

    def send(self, request: Request) -> Reply:
        """Change something and return the answer.

        Raises:
            TenantAttachError: It was refused, or nothing tells whether it was done.
        """
        return self._or_refusal(self._send_until_not_throttled(request, self.url(request)), self.url(request), request)

    def batch(self, requests: t.Sequence[Request]) -> list[dict[str, t.Any] | TenantAttachError]:
        """Return the answers to many requests of one version that only read, in their order: objects, or errors.

        A refused request is an error in its place. Only those that were throttled are sent again.

        Raises:
            TenantAttachError: There is no token, no connection or no time left.
        """
        results: dict[int, dict[str, t.Any] | TenantAttachError] = {}
        waiting = list(range(len(requests)))
        refused = 0
        while waiting:
            chunk, waiting = waiting[:BATCH], waiting[BATCH:]
            replies = self._batch(requests, chunk)
            throttled = {
                index: reply
                for index, reply in replies.items()
                if isinstance(reply, Reply) and reply.status in THROTTLED
            }
            # A batch in which nothing was throttled shows that the service has recovered.
            refused = refused + 1 if throttled else 0
            if throttled and refused < max(ATTEMPTS[reply.status] for reply in throttled.values()):
                if not self.wait(max(pause(reply.headers, refused, _now()) for reply in throttled.values())):
                    late = self._deadline.error(f"{self.base}/{requests[0].version}/$batch")
                    return [results.get(index, late) for index in range(len(requests))]
                # They go first: what is asked while the service throttles only makes it throttle longer.
                waiting = sorted(throttled) + waiting
                replies = {index: reply for index, reply in replies.items() if index not in throttled}
            results.update({index: self._result(requests[index], reply) for index, reply in replies.items()})
        return [results[index] for index in range(len(requests))]

    def wait(self, seconds: float) -> bool:
        """Wait, and tell whether there was time to."""
        if seconds >= self._deadline.remaining():
            return False
        self._sleep(seconds)
        return True

    def _batch(self, requests: t.Sequence[Request], chunk: t.Sequence[int]) -> dict[int, Reply | TenantAttachError]:
        version = requests[chunk[0]].version
        url = f"{self.base}/{version}/$batch"
        items = {str(index): _item(str(index), requests[index]) for index in chunk}
        outer = Request("$batch", method="POST", body={"requests": list(items.values())}, version=version)
        try:
            reply = self._send_once(outer, url)
            if 200 <= reply.status < 300:
                return {int(number): each for number, each in batch_replies(reply.body, items, url).items()}
        except (AnswerError, ServiceError) as exc:
            return dict.fromkeys(chunk, exc)
        if reply.status == 401:
            raise self._without_secrets(refusal(reply, url))
        # What refuses a batch as a whole refuses each of its requests.
        return dict.fromkeys(chunk, reply)

    def _result(self, request: Request, reply: Reply | TenantAttachError) -> dict[str, t.Any] | TenantAttachError:
        if isinstance(reply, TenantAttachError):
            return reply
        if reply.status == 200 and isinstance(reply.body, dict):
            return reply.body
        return self._without_secrets(refusal(reply, self.url(request), request.rights))

    def _document(self, request: Request, url: str) -> dict[str, t.Any]:
        reply = self._or_refusal(self._send_until_not_throttled(request, url), url, request)
        if isinstance(reply.body, dict):
            return reply.body
        raise _no_object(url, reply.body)

    def _or_refusal(self, reply: Reply, url: str, request: Request) -> Reply:
        if 200 <= reply.status < 300:
            return reply
        raise self._without_secrets(refusal(reply, url, request.rights))

    def _send_until_not_throttled(self, request: Request, url: str) -> Reply:
        """Send a request, again and again while the service asks for patience."""
        reply = self._send_once(request, url)
        attempt = 1
        # Whether a failed POST was carried out is not known: a second one might make a second object. 429 tells.
        while attempt < ATTEMPTS.get(reply.status, 0) and (request.method != "POST" or reply.status == 429):
            if not self.wait(pause(reply.headers, attempt, _now())):
                break
            attempt += 1
            reply = self._send_once(request, url)
        return reply

    def _send_once(self, request: Request, url: str) -> Reply:
        if self._token is None:
            self._token = acquire(
                self._identity,
                authority=self.authority,
                resource=self.base,
                route=self._route,
                timeout=self._timeout,
                deadline=self._deadline,
            )
        headers = {"Accept": "application/json", "Authorization": f"Bearer {self._token}", **request.headers}
        content = None
        if request.body is not None:
            headers["Content-Type"] = "application/json"
            content = json.dumps(request.body).encode()
        self.requests += 1
        return _parsed(self._session.send(request.method, url, headers, content), url)

    def _without_secrets(self, error: TenantAttachError) -> TenantAttachError:
        """Keep our secrets out of a text that came from outside."""
        for secret in (*self._identity.secrets(), self._token):
            if secret:
                error.observed = error.observed.replace(secret, "***")
        return error


def _parsed(answer: Answer, url: str) -> Reply:
    try:
        body = json.loads(answer.body.decode("utf-8-sig")) if answer.body.strip() else None
    except (ValueError, RecursionError) as exc:
        if answer.status in THROTTLED:  # A gateway in front of Graph answers in HTML.
            return Reply(answer.status, answer.headers, None)
        raise _no_json(answer.body, answer.content_type, answer.status, url, exc) from exc
    return Reply(answer.status, answer.headers, body)


def _now() -> dt.datetime:
    return dt.datetime.now(tz=dt.UTC)


def _item(number: str, request: Request) -> dict[str, t.Any]:
    item: dict[str, t.Any] = {"id": number, "method": request.method, "url": request.relative()}
    if request.body is not None:
        item["body"] = request.body
    headers = {**request.headers, **({"Content-Type": "application/json"} if request.body is not None else {})}
    return {**item, "headers": headers} if headers else item


def _entries(document: Mapping[str, t.Any], url: str) -> list[dict[str, t.Any]]:
    found = document.get("value")
    if isinstance(found, list) and all(isinstance(entry, dict) for entry in found):
        return found
    if "value" not in document:
        return [dict(document)]
    if isinstance(found, list):
        return [{"value": entry} for entry in found]
    raise _no_object(url, found)


def _no_object(url: str, body: t.Any) -> AnswerError:
    return AnswerError(
        expected="a JSON object",
        observed=f"JSON of another form ({type(body).__name__})",
        where=url,
        next_step="check graph_url, and that nothing in between rewrites answers",
    )


def _no_json(content: bytes, content_type: str, status: int, url: str, exc: Exception) -> TenantAttachError:
    if content.lstrip()[:1] == b"<" or "html" in content_type:
        observed = f"HTTP {status} with an HTML page"
    else:
        observed = f"HTTP {status} with {len(content)} bytes that are no JSON ({type(exc).__name__})"
    step = "check graph_url, and which proxy answers in place of Microsoft Graph"
    if status >= 500:
        return ServiceError(status, expected="HTTP 200 with JSON", observed=observed, where=url, next_step=step)
    return AnswerError(expected="JSON", observed=observed, where=url, next_step=step)
