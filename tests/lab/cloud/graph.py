# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Microsoft Graph: the door, where tokens are looked at, faults strike and requests are logged."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from typing import Any
from urllib.parse import unquote

from aiohttp import web

from .. import faults
from . import batch, jwt
from .approvals import Approvals
from .calls import VERSIONS, Call, RefusalError, Reply, bad_request, error_body
from .common import PAGE, Cloud, Connections, FaultBook, instead, spoil
from .routes import Service
from .tenant import CloudFault

# Where a test plays the second administrator; the real service has nothing like it.
LAB = "/lab/"
LEEWAY = 300
CONTENT_TYPE = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"
CUTS = frozenset({"cut_json", "cut_json_complete"})
LINKS = frozenset({"repeating_next_link", "endless_next_link", "foreign_next_link"})


class GraphService:
    """Answers the requests that Graph receives."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._connections = Connections()
        self._faults = FaultBook(cloud.tenant.faults)
        self._approvals = Approvals(cloud.tenant)
        self._service = Service(cloud, self._approvals)

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request and log it."""
        more: dict[str, Any] = {}
        response = await self._answer(request, more)
        self._cloud.log.write(
            provider="graph",
            host="graph",
            method=request.method,
            path=request.raw_path,
            status=response.status,
            connection=self._connections.number(request),
            user=more.pop("user", None),
            **more,
        )
        return response

    async def _answer(self, request: web.BaseRequest, more: dict[str, Any]) -> web.Response:
        path = unquote(request.raw_path.partition("?")[0])
        if path.startswith(LAB):
            return self._decide(request.method, path)
        fault = self._faults.find(path)
        if fault is not None:
            broken = await instead(fault, request)
            if broken is not None:
                return broken
        try:
            claims = self._claims(request.headers.get("Authorization"))
            more["user"] = claims.get("appid")
            call = await self._call(request, claims)
            reply = await self._whole(call, fault, more)
        except RefusalError as refusal:
            reply = refusal.reply(request.headers.get("client-request-id", ""))
        return self._response(request, reply, fault)

    def _decide(self, method: str, path: str) -> web.Response:
        """The lab's own door: approve or reject what waits for a second administrator."""
        verb, _slash, code = path.removeprefix(LAB).partition("/")
        if method != "POST" or verb not in {"approve", "reject"}:
            return web.Response(status=404)
        return web.Response(status=204 if self._approvals.decide(code, verb == "approve") else 404)

    # -- who asks -------------------------------------------------------------------------------------------------

    def _claims(self, header: str | None) -> dict[str, Any]:
        """The claims of a token that the authority signed for this Graph; the refusal never quotes it."""
        scheme, _blank, text = (header or "").partition(" ")
        if scheme.lower() != "bearer" or not text.strip():
            raise self._unauthorized("Access token is empty.")
        try:
            token = jwt.read(text.strip())
            token.verify(self._cloud.credentials.signing_key.public_key(), ("RS256",))
        except jwt.BadTokenError as error:
            raise self._unauthorized(f"Access token validation failure: {error}.") from error
        claims, now = token.claims, time.time()
        if claims.get("aud") != self._cloud.graph_url or claims.get("tid") != self._cloud.tenant.id:
            raise self._unauthorized("Access token validation failure. Invalid audience.")
        if not claims.get("nbf", 0) - LEEWAY <= now < claims.get("exp", 0):
            raise self._unauthorized("Lifetime validation failed, the token is expired.")
        return claims

    def _unauthorized(self, text: str) -> RefusalError:
        refusal = RefusalError(401, "InvalidAuthenticationToken", text)
        uri = f"{self._cloud.authority_url}/common/oauth2/authorize"
        refusal.headers["WWW-Authenticate"] = f'Bearer realm="", authorization_uri="{uri}"'
        return refusal

    # -- what is asked --------------------------------------------------------------------------------------------

    async def _call(self, request: web.BaseRequest, claims: dict[str, Any]) -> Call:
        raw = request.raw_path.lstrip("/")
        version, _slash, rest = raw.partition("/")
        if version not in VERSIONS:
            raise bad_request(f"Invalid version: {version.partition('?')[0]}.")
        content, body = await request.read(), None
        if content:
            if "json" not in request.headers.get("Content-Type", ""):
                raise bad_request("Write requests must contain the Content-Type header 'application/json'.")
            try:
                body = json.loads(content)
            except ValueError:
                raise bad_request("Unable to read JSON request payload.") from None
        headers = {name.lower(): value for name, value in request.headers.items() if name.lower() != "authorization"}
        return Call(request.method, version, rest, headers, body, frozenset(claims.get("roles", ())))

    async def _whole(self, call: Call, fault: CloudFault | None, more: dict[str, Any]) -> Reply:
        if call.segments != (batch.PATH,):
            return self._play(call, fault)
        if call.method != "POST":
            raise RefusalError(
                405, "Request_BadRequest", "Specified HTTP method is not allowed for the request target."
            )
        items = batch.read(call)
        waits: list[float] = []
        replies = batch.play(items, lambda inner: self._inner(inner, waits))
        more["items"] = len(items)
        more["batch"] = [
            {"method": item.call.method, "path": item.call.url, "status": replies[item.id].status} for item in items
        ]
        # The items are carried out side by side: the slowest decides.
        await asyncio.sleep(max(waits, default=0))
        return Reply(200, batch.envelope(items, replies))

    def _inner(self, call: Call, waits: list[float]) -> Reply:
        """One item of a batch, with the fault that strikes it."""
        fault = self._faults.find(call.path)
        if fault is None or fault.kind in CUTS:
            # What is cut is the answer to a whole request.
            return self._service.answer(call)
        match fault.kind:
            case "http_status":
                again = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
                code = "serviceNotAvailable" if fault.status == 503 else "generalException"
                body = error_body(code, "The service is temporarily unavailable.")
                return Reply(fault.status, body, again)
            case "html":
                # What is no JSON stands in a batch as Base64.
                page = base64.b64encode(PAGE.encode()).decode()
                return Reply(200, headers={"Content-Type": "text/html"}, text=page)
            case "redirect":
                return Reply(302, headers={"Location": f"{faults.ELSEWHERE}{call.path}"})
            case "slow":
                waits.append(fault.slow_seconds)
        return self._play(call, fault)

    def _play(self, call: Call, fault: CloudFault | None) -> Reply:
        if fault is None or fault.kind not in LINKS:
            return self._service.answer(call)
        # The links of these faults lead nowhere: whatever page is asked for, the first one comes.
        own = call.without("$skiptoken")
        reply = self._service.answer(own)
        if reply.body is not None:
            page = call.options.get("$skiptoken", "0")
            url = f"{self._cloud.graph_url}/{call.version}/{own.url.lstrip('/')}"
            spoil(fault, url, reply.body, int(page) if page.isdecimal() else 0)
        return reply

    def _response(self, request: web.BaseRequest, reply: Reply, fault: CloudFault | None) -> web.Response:
        if reply.body is None:
            return web.Response(status=reply.status, headers=reply.headers)
        content = json.dumps(reply.body).encode()
        if fault is not None and fault.kind in CUTS and reply.status == 200:
            if fault.kind == "cut_json":
                return faults.cut(request, content)
            content = content[: len(content) // 2]
        headers = {**reply.headers, "Content-Type": CONTENT_TYPE}
        return web.Response(status=reply.status, body=content, headers=headers)
