# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a broken provider does instead of answering.

Faults before authentication stand in for what listens on the port in place of the service; faults after it stand in for
the service itself.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

from aiohttp import web

from .scenario import Fault

SERVER = "Microsoft-HTTPAPI/2.0"
HTML = "text/html; charset=us-ascii"
JSON = "application/json; odata.metadata=minimal; odata.streaming=true; charset=utf-8"
ELSEWHERE = "https://elsewhere.example"
HUGE_BYTES = 30 * 1024 * 1024

BEFORE_AUTHENTICATION = frozenset(
    {"html", "http_503", "upgrading", "no_adminservice", "redirect", "redirect_plain_http", "slow", "drip"}
)
# Two blanks between the words, as the service writes it.
ACCESS_DENIED = "Access denied  WMI QUERY: "


def concerns(fault: Fault, route: str, name: str) -> bool:
    """Whether a fault strikes a request for a class on a route."""
    if fault.routes and route not in fault.routes:
        return False
    return not fault.classes or name.lower() in {item.lower() for item in fault.classes}


def respond(status: int, body: bytes = b"", content_type: str | None = None, **headers: str) -> web.Response:
    """A complete answer with the headers of http.sys."""
    response = web.Response(status=status, body=body, headers={"Server": SERVER})
    if content_type:
        response.headers["Content-Type"] = content_type
    elif "Content-Type" in response.headers:
        del response.headers["Content-Type"]
    for name, value in headers.items():
        response.headers[name.replace("_", "-")] = value
    return response


def bare_page(status: int, title: str, text: str) -> web.Response:
    """The page that http.sys itself sends where no service is registered."""
    page = (
        '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01//EN""http://www.w3.org/TR/html4/strict.dtd">\r\n'
        f"<HTML><HEAD><TITLE>{title}</TITLE>\r\n"
        f'<META HTTP-EQUIV="Content-Type" Content="{HTML}"></HEAD>\r\n'
        f"<BODY><h2>{title}</h2>\r\n<hr><p>HTTP Error {status}. {text}</p>\r\n</BODY></HTML>\r\n"
    )
    return respond(status, page.encode(), HTML)


def not_found() -> web.Response:
    """404 without JSON."""
    return bare_page(404, "Not Found", "The requested resource is not found.")


def error(status: int, message: str) -> web.Response:
    """An OData error; its code is the status as text."""
    body = json.dumps({"error": {"code": str(status), "message": message}}).encode()
    return respond(status, body, JSON)


async def before_authentication(
    fault: Fault, request: web.BaseRequest, announce: Callable[[int], None]
) -> web.Response | None:
    """The answer of a fault that strikes before anybody is asked for a name; None lets the request pass."""
    response: web.Response | None = None
    match fault.kind:
        case "html":
            page = "<html><head><title>Sign in</title></head><body><h1>Welcome to the intranet</h1></body></html>"
            response = respond(200, page.encode(), "text/html; charset=utf-8")
        case "http_503" | "upgrading":
            response = bare_page(503, "Service Unavailable", "The service is unavailable.")
        case "no_adminservice":
            response = not_found()
        case "redirect":
            response = respond(302, Location=f"{ELSEWHERE}{request.raw_path}")
        case "redirect_plain_http":
            response = respond(302, Location=f"http://{request.host}{request.raw_path}")
        case "slow":
            await asyncio.sleep(fault.slow_seconds)
        case "drip":
            announce(200)
            await drip(request)
            response = respond(200)
    return response


def after_authentication(fault: Fault, route: str) -> web.Response | None:
    """The answer of a fault of the service; None when the fault lies in the body or strikes elsewhere."""
    broken = {"server_error": ("wmi", "versioned"), "wmi_only": ("versioned",), "versioned_only": ("wmi",)}
    if fault.kind == "forbidden":
        return respond(403)
    if fault.kind == "access_denied" and route == "wmi":
        return error(404, ACCESS_DENIED)
    if route in broken.get(fault.kind, ()):
        return error(500, "An error has occurred.")
    return None


async def drip(request: web.BaseRequest) -> None:
    """Send a header byte by byte until the client goes away."""
    transport = request.transport
    if transport is None:
        return
    head = b"HTTP/1.1 200 OK\r\nX-Drip: "
    position = 0
    while not transport.is_closing():
        transport.write(head[position : position + 1] or b"a")
        position += 1
        await asyncio.sleep(0.1)


def cut(request: web.BaseRequest, body: bytes) -> web.Response:
    """Announce the whole body, send half of it, and hang up."""
    transport = request.transport
    if transport is not None:
        head = f"HTTP/1.1 200 OK\r\nServer: {SERVER}\r\nContent-Type: {JSON}\r\nContent-Length: {len(body)}\r\n\r\n"
        transport.write(head.encode() + body[: len(body) // 2])
        transport.close()
    return respond(200)


def next_link(kind: str, url: str, page: int) -> str | None:
    """The link of the faults that lead a client astray; ``url`` has no $skiptoken."""
    separator = "&" if "?" in url else "?"
    if kind == "endless_next_link":
        return f"{url}{separator}$skiptoken={page + 1}"
    if kind == "repeating_next_link":
        return f"{url}{separator}$skiptoken=1"
    if kind == "foreign_next_link":
        return f"{ELSEWHERE}/AdminService/{url.rpartition('/AdminService/')[2]}{separator}$skiptoken=1"
    return None


async def huge(request: web.BaseRequest, context: str, rows: list[dict[str, Any]]) -> web.StreamResponse:
    """Stream the rows again and again until thirty megabytes are out."""
    response = web.StreamResponse(headers={"Server": SERVER, "Content-Type": JSON})
    await response.prepare(request)
    chunk = b",".join(json.dumps(row).encode() for row in rows or [{"Name": "x" * 200}])
    chunk = b",".join([chunk] * max(1, 65536 // len(chunk)))
    await response.write(b'{"@odata.context":' + json.dumps(context).encode() + b',"value":[' + chunk)
    for _chunk in range(HUGE_BYTES // len(chunk)):
        await response.write(b"," + chunk)
    await response.write(b"]}")
    await response.write_eof()
    return response
