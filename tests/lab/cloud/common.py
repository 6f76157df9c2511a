# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the listeners of the cloud side have in common: where they are, how they log, and what they do when broken."""

from __future__ import annotations

import asyncio
import fnmatch
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

from aiohttp import web

from .. import faults
from ..log import RequestLog
from .credentials import Credentials
from .tenant import CloudFault, Tenant

PAGE = "<html><head><title>Sign in</title></head><body><h1>Welcome to the intranet</h1></body></html>"


@dataclass
class Cloud:
    """What authority and Graph know of each other."""

    tenant: Tenant
    credentials: Credentials
    log: RequestLog
    authority_url: str = ""
    graph_url: str = ""
    identity_url: str = ""


@dataclass
class Connections:
    """Numbers the TCP connections of one listener's kind; beyond those of the providers, so that none is met twice."""

    numbers: WeakKeyDictionary[object, int] = field(default_factory=WeakKeyDictionary)
    _last = 1_000_000

    def number(self, request: web.BaseRequest) -> int:
        """The number of the connection that a request came on."""
        transport = request.transport
        if transport is None:
            return 0
        if transport not in self.numbers:
            Connections._last += 1
            self.numbers[transport] = Connections._last
        return self.numbers[transport]


@dataclass
class FaultBook:
    """The faults of one listener, by path."""

    faults: Mapping[str, CloudFault]
    struck: dict[str, int] = field(default_factory=dict)

    def find(self, path: str) -> CloudFault | None:
        """The fault that strikes a path now; one with ``times`` strikes that often."""
        for pattern, fault in self.faults.items():
            if not fnmatch.fnmatchcase(path, pattern):
                continue
            count = self.struck.get(pattern, 0)
            if fault.times is not None and count >= fault.times:
                continue
            self.struck[pattern] = count + 1
            return fault
        return None


async def instead(fault: CloudFault, request: web.BaseRequest) -> web.Response | None:
    """The answer of a fault that stands in for the service; None where the fault lies in the answer itself."""
    response: web.Response | None = None
    match fault.kind:
        case "http_status":
            code = "serviceNotAvailable" if fault.status == 503 else "generalException"
            body = {"error": {"code": code, "message": "The service is temporarily unavailable."}}
            response = web.json_response(body, status=fault.status)
            if fault.retry_after is not None:
                response.headers["Retry-After"] = str(fault.retry_after)
        case "html":
            response = web.Response(text=PAGE, content_type="text/html")
        case "redirect":
            response = web.Response(status=302, headers={"Location": f"{faults.ELSEWHERE}{request.raw_path}"})
        case "slow":
            await asyncio.sleep(fault.slow_seconds)
    return response


def spoil(fault: CloudFault, url: str, body: dict[str, Any], page: int) -> None:
    """Lead a client astray with the link to the next page; ``url`` has no $skiptoken."""
    if "value" in body:
        link = faults.next_link(fault.kind, url, page)
        if fault.kind == "foreign_next_link":
            link = f"{faults.ELSEWHERE}/{url.partition('://')[2].partition('/')[2]}"
        if link:
            body["@odata.nextLink"] = link
