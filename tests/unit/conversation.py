# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A scripted exchange with SMS Providers: what is asked, in which order, and what is answered.

It takes the place of the adapter that would open connections. All code of the collection above it runs for real.
"""

from __future__ import annotations

import base64
import io
import json
import threading
import typing as t
from collections import defaultdict, deque
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter

from ansible_collections.configmgr.tenant_attach.plugins.module_utils._deadline import Deadline
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.adminservice._auth import Credentials
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.adminservice._client import AdminService
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.https import _transport
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.https._route import Route

HOST = "cm01.contoso.com"
JSON = "application/json; odata.metadata=minimal"
HTML = "text/html; charset=us-ascii"
CANARY = "canary-N0tForTheL0g"


@dataclass(frozen=True)
class Call:
    """One request that is expected, and its answer.

    Args:
        target: What is asked for, below /AdminService of the first host, or a whole URL. Quoted or not.
        body: Bytes, a stream, or what becomes JSON.
        status: HTTP status of the answer.
        headers: Headers of the answer.
        error: Is raised instead of an answer.
        reached: The stages that the connection passes with this call when it is the first.
        method: HTTP method.
    """

    target: str
    body: t.Any = b""
    status: int = 200
    headers: t.Mapping[str, str] = field(default_factory=dict)
    error: Exception | None = None
    reached: tuple[str, ...] = ("resolve", "connect", "tls")
    method: str = "GET"

    @property
    def url(self) -> str:
        return unquote(self.target if "://" in self.target else f"https://{HOST}/AdminService{self.target}")


def listing(*rows: t.Mapping[str, t.Any], **extra: t.Any) -> dict[str, t.Any]:
    """The envelope of a list."""
    return {"@odata.context": f"https://{HOST}/AdminService/wmi/$metadata", "value": list(rows), **extra}


def refusal(status: int, message: str) -> dict[str, t.Any]:
    """The body of an error: its code is the status as text."""
    return {"error": {"code": str(status), "message": message}}


class Conversation:
    """What is to be said. Every host has its own order, as they may be asked side by side."""

    def __init__(self, calls: t.Iterable[Call], *, certificate: bytes | None = None) -> None:
        self.certificate = certificate
        self.requests: list[requests.PreparedRequest] = []
        self.problems: list[str] = []
        self.adapters: list[_ScriptedAdapter] = []
        self._waiting: dict[str, deque[Call]] = defaultdict(deque)
        self._lock = threading.Lock()
        for call in calls:
            self._waiting[urlsplit(call.url).netloc].append(call)

    def adapter(self, _route: Route, trace: _transport.Trace) -> HTTPAdapter:
        made = _ScriptedAdapter(self, trace)
        self.adapters.append(made)
        return made

    def next(self, request: requests.PreparedRequest) -> Call:
        url = unquote(str(request.url))
        with self._lock:
            self.requests.append(request)
            waiting = self._waiting[urlsplit(url).netloc]
            if waiting and (waiting[0].method, waiting[0].url) == (request.method, url):
                return waiting.popleft()
            wanted = waiting[0].url if waiting else "nothing more"
            self.problems.append(f"asked for {request.method} {url}, the script has {wanted}")
        raise AssertionError(self.problems[-1])

    def header(self, name: str) -> list[str | None]:
        """A header of all requests."""
        return [request.headers.get(name) for request in self.requests]

    def check(self) -> None:
        """Everything in the script was asked for, and nothing else."""
        left = [call.url for waiting in self._waiting.values() for call in waiting]
        if self.problems or left:
            raise AssertionError(f"{self.problems}; never asked for: {left}")


class _ScriptedAdapter(HTTPAdapter):
    def __init__(self, conversation: Conversation, trace: _transport.Trace) -> None:
        super().__init__()
        self.closed = False
        self._conversation = conversation
        self._trace = trace

    def send(self, request: requests.PreparedRequest, *_args: t.Any, **kwargs: t.Any) -> requests.Response:
        if not kwargs.get("stream"):
            raise AssertionError("answers must be streamed: their size is limited")
        call = self._conversation.next(request)
        if not self._trace.stages:
            for stage in call.reached:
                self._trace.passed(stage, 0.0, f"{stage} done")
            self._trace.certificate = self._conversation.certificate
        if call.error is not None:
            raise call.error
        return self.build_response(request, _raw(call))

    def close(self) -> None:
        self.closed = True
        super().close()


def _raw(call: Call) -> urllib3.HTTPResponse:
    headers = dict(call.headers)
    body = call.body
    if not isinstance(body, (bytes, io.IOBase)):
        body = json.dumps(body).encode()
        headers.setdefault("Content-Type", JSON)
    stream = io.BytesIO(body) if isinstance(body, bytes) else body
    return urllib3.HTTPResponse(stream, headers=headers, status=call.status, preload_content=False)


class Endless(io.RawIOBase):
    """A body that does not end; `given` counts what was read of it."""

    def __init__(self) -> None:
        self.given = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: t.Any) -> int:
        size = len(buffer)
        buffer[:] = b" " * size
        self.given += size
        if self.given > 4 * _transport.MAX_BYTES:
            raise AssertionError("read without a limit")
        return size


def dropped() -> requests.exceptions.ConnectionError:
    """What requests raises when the server closed a kept connection."""
    return requests.exceptions.ConnectionError(
        urllib3.exceptions.ProtocolError("Connection aborted.", ConnectionResetError(104, "Connection reset by peer"))
    )


def refused(host: str = HOST) -> requests.exceptions.ConnectionError:
    """What requests raises when nothing listens."""
    reason = urllib3.exceptions.NewConnectionError(t.cast("t.Any", None), f"{host} port 443: refused")
    pool = t.cast("t.Any", None)
    return requests.exceptions.ConnectionError(urllib3.exceptions.MaxRetryError(pool, "/", reason))


def silent() -> requests.exceptions.ReadTimeout:
    """What requests raises when no answer comes."""
    reason = urllib3.exceptions.ReadTimeoutError(t.cast("t.Any", None), "/", "Read timed out.")
    return requests.exceptions.ReadTimeout(reason)


def client(
    provider: str = HOST,
    *,
    credentials: Credentials | None = None,
    build: int | None = None,
    seconds: float = 60,
    route: Route | None = None,
) -> AdminService:
    """A client with a token, unless it is given other credentials."""
    return AdminService(
        provider,
        credentials=credentials or Credentials("token", token=CANARY),
        route=route or Route(),
        timeout=30,
        deadline=Deadline(seconds),
        build=build,
    )


def base64_of(text: bytes) -> str:
    return base64.b64encode(text).decode()
