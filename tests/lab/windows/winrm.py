# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""WinRM: the remote shell of MS-WSMV over HTTPS, as pywinrm speaks it. Basic authentication, one account.

A command ends at once, so that its output waits for whoever receives it; large output comes in several parts.
"""

from __future__ import annotations

import base64
import hmac
import uuid
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from aiohttp import web

from ..cloud.common import Connections
from ..log import RequestLog
from .machine import Machine

PATH = "/wsman"
SOAP = "http://www.w3.org/2003/05/soap-envelope"
ADDRESSING = "http://schemas.xmlsoap.org/ws/2004/08/addressing"
TRANSFER = "http://schemas.xmlsoap.org/ws/2004/09/transfer"
WSMAN = "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"
FAULT = "http://schemas.microsoft.com/wbem/wsman/1/wsmanfault"
SHELL = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell"
CMD = f"{SHELL}/cmd"
MIME = "application/soap+xml;charset=UTF-8"
NAMESPACES = (
    f'xmlns:s="{SOAP}" xmlns:a="{ADDRESSING}" xmlns:x="{TRANSFER}" xmlns:w="{WSMAN}" xmlns:rsp="{SHELL}" '
    f'xmlns:f="{FAULT}" xml:lang="en-US"'
)
ANONYMOUS = f"{ADDRESSING}/role/anonymous"
# Bytes of one stream in one answer: in Base64 it has to fit into an envelope of 153600 bytes together with the other.
LONGEST_PART = 48 * 1024
MOST_SHELLS = 30
CODEPAGES = {"65001": "utf-8", "437": "cp437", "850": "cp850", "1252": "cp1252"}
# Codes of Windows: invalid selectors, invalid resource, action not supported, invalid XML, too many shells.
SELECTORS, RESOURCE, ACTION, SCHEMA, QUOTA = 2150858843, 2150858824, 2150858826, 2150858752, 2150859173


class FaultError(Exception):
    """A request that WinRM answers with a fault."""

    def __init__(self, code: int, subcode: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.subcode = subcode


@dataclass
class Running:
    """A command whose output was not received to its end yet."""

    rc: int
    streams: dict[str, bytes]
    ended: set[str] = field(default_factory=set)


@dataclass
class RemoteShell:
    """A shell that a client opened."""

    encoding: str
    commands: dict[str, Running] = field(default_factory=dict)


@dataclass(frozen=True)
class Message:
    """A request, read."""

    action: str
    resource: str
    id: str
    shell: str
    options: dict[str, str]
    body: ET.Element


@dataclass(frozen=True)
class Login:
    """The account of the played hosts."""

    username: str
    password: str


class WinRmService:
    """Answers the requests that one host receives."""

    def __init__(self, machine: Machine, login: Login, log: RequestLog) -> None:
        self._machine = machine
        self._login = login
        self._log = log
        self._connections = Connections()
        self._shells: dict[str, RemoteShell] = {}

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request and log it."""
        more: dict[str, object] = {}
        allowed = self._allowed(request.headers.get("Authorization", ""))
        if request.path != PATH:
            response = web.Response(status=404)
        elif not allowed:
            response = web.Response(status=401)
            response.headers["WWW-Authenticate"] = 'Basic realm="WSMAN"'
        elif request.method != "POST":
            response = web.Response(status=405, headers={"Allow": "POST"})
        elif request.content_type != "application/soap+xml":
            response = web.Response(status=415)
        else:
            response = self._answer(await request.read(), more)
        self._log.write(
            provider="winrm",
            method=request.method,
            path=request.raw_path,
            status=response.status,
            connection=self._connections.number(request),
            user=self._login.username if allowed else None,
            host=self._machine.fqdn,
            **more,
        )
        return response

    def _allowed(self, header: str) -> bool:
        scheme, _blank, text = header.partition(" ")
        if scheme.lower() != "basic":
            return False
        own = base64.b64encode(f"{self._login.username}:{self._login.password}".encode()).decode()
        return hmac.compare_digest(text.strip().encode(errors="surrogateescape"), own.encode())

    def _answer(self, body: bytes, more: dict[str, object]) -> web.Response:
        message: Message | None = None
        try:
            message = _read(body)
            more["action"] = message.action.rpartition("/")[2]
            return _envelope(message, f"{message.action}Response", self._act(message, more))
        except FaultError as fault:
            return _fault(message, fault)

    def _act(self, message: Message, more: dict[str, object]) -> str:
        if message.resource != CMD:
            raise FaultError(RESOURCE, "a:DestinationUnreachable", "The resource URI is not supported.")
        match message.action:
            case a if a == f"{TRANSFER}/Create":
                return self._create(message)
            case a if a == f"{TRANSFER}/Delete":
                self._shell(message)
                del self._shells[message.shell]
                return ""
            case a if a == f"{SHELL}/Command":
                return self._command(message, more)
            case a if a == f"{SHELL}/Receive":
                return self._receive(message)
            case a if a == f"{SHELL}/Send":
                # No command here reads what it is sent, and none that is over minds it.
                self._running(message, "Send/{ns}Stream")
                return "<rsp:SendResponse/>"
            case a if a == f"{SHELL}/Signal":
                self._running(message, "Signal")
                del self._shell(message).commands[_attribute(message.body, "Signal")]
                return "<rsp:SignalResponse/>"
        raise FaultError(ACTION, "a:ActionNotSupported", "The WS-Management service does not support the action.")

    def _create(self, message: Message) -> str:
        if len(self._shells) >= MOST_SHELLS:
            raise FaultError(QUOTA, "w:QuotaLimit", "This user is allowed a maximum number of 30 concurrent shells.")
        codepage = message.options.get("WINRS_CODEPAGE", "437")
        if codepage not in CODEPAGES:
            raise FaultError(SCHEMA, "w:InvalidOptions", f"The lab does not play the code page {escape(codepage)}.")
        number = str(uuid.uuid4()).upper()
        self._shells[number] = RemoteShell(CODEPAGES[codepage])
        return (
            f"<x:ResourceCreated><a:Address>{ANONYMOUS}</a:Address><a:ReferenceParameters>"
            f"<w:ResourceURI>{CMD}</w:ResourceURI>"
            f'<w:SelectorSet><w:Selector Name="ShellId">{number}</w:Selector></w:SelectorSet>'
            "</a:ReferenceParameters></x:ResourceCreated>"
        )

    def _command(self, message: Message, more: dict[str, object]) -> str:
        shell = self._shell(message)
        if message.options.get("WINRS_SKIP_CMD_SHELL", "FALSE") != "FALSE":
            raise FaultError(SCHEMA, "w:InvalidOptions", "The lab starts every command with cmd.exe.")
        words = message.body.findall(f"{{{SHELL}}}CommandLine/*")
        line = " ".join(word.text or "" for word in words).strip()
        if not line:
            raise FaultError(SCHEMA, "w:SchemaValidationError", "The command line is missing.")
        result, more["programs"] = self._machine.console(line)
        number = str(uuid.uuid4()).upper()
        shell.commands[number] = Running(
            result.rc,
            {
                "stdout": result.stdout.encode(shell.encoding, "replace"),
                "stderr": result.stderr.encode(shell.encoding, "replace"),
            },
        )
        return f"<rsp:CommandResponse><rsp:CommandId>{number}</rsp:CommandId></rsp:CommandResponse>"

    def _receive(self, message: Message) -> str:
        running = self._running(message, "Receive/{ns}DesiredStream")
        number = _attribute(message.body, "Receive/{ns}DesiredStream")
        parts = []
        for name, left in running.streams.items():
            part, running.streams[name] = left[:LONGEST_PART], left[LONGEST_PART:]
            if part:
                text = base64.b64encode(part).decode()
                parts.append(f'<rsp:Stream Name="{name}" CommandId="{number}">{text}</rsp:Stream>')
            if not running.streams[name] and name not in running.ended:
                running.ended.add(name)
                parts.append(f'<rsp:Stream Name="{name}" CommandId="{number}" End="true"/>')
        done = not any(running.streams.values())
        state, code = ("Done", f"<rsp:ExitCode>{running.rc}</rsp:ExitCode>") if done else ("Running", "")
        parts.append(
            f'<rsp:CommandState CommandId="{number}" State="{SHELL}/CommandState/{state}">{code}</rsp:CommandState>'
        )
        return f"<rsp:ReceiveResponse>{''.join(parts)}</rsp:ReceiveResponse>"

    def _shell(self, message: Message) -> RemoteShell:
        found = self._shells.get(message.shell)
        if found is None:
            reason = "The request for the Windows Remote Shell failed because the shell was not found on the server."
            raise FaultError(SELECTORS, "w:InvalidSelectors", reason)
        return found

    def _running(self, message: Message, path: str) -> Running:
        found = self._shell(message).commands.get(_attribute(message.body, path))
        if found is None:
            reason = "The request for the Windows Remote Shell failed because the command was not found on the server."
            raise FaultError(SELECTORS, "w:InvalidSelectors", reason)
        return found


def _read(body: bytes) -> Message:
    try:
        root = ET.fromstring(body)
    except ET.ParseError as error:
        raise FaultError(SCHEMA, "w:SchemaValidationError", "The XML is not well-formed.") from error
    header, content = root.find(f"{{{SOAP}}}Header"), root.find(f"{{{SOAP}}}Body")
    if root.tag != f"{{{SOAP}}}Envelope" or header is None:
        raise FaultError(SCHEMA, "w:SchemaValidationError", "The SOAP XML in the message does not match the schema.")
    selectors = {each.get("Name"): each.text or "" for each in header.findall(f"{{{WSMAN}}}SelectorSet/*")}
    return Message(
        action=header.findtext(f"{{{ADDRESSING}}}Action", ""),
        resource=header.findtext(f"{{{WSMAN}}}ResourceURI", ""),
        id=header.findtext(f"{{{ADDRESSING}}}MessageID", ""),
        shell=selectors.get("ShellId", ""),
        options={each.get("Name", ""): each.text or "" for each in header.findall(f"{{{WSMAN}}}OptionSet/*")},
        body=ET.Element("none") if content is None else content,
    )


def _attribute(body: ET.Element, path: str) -> str:
    """The command that an element of the body names."""
    found = body.find(f"{{{SHELL}}}{path.format(ns=f'{{{SHELL}}}')}")
    return "" if found is None else found.get("CommandId", "")


def _envelope(message: Message | None, action: str, body: str, status: int = 200) -> web.Response:
    relates = f"<a:RelatesTo>{escape(message.id)}</a:RelatesTo>" if message and message.id else ""
    text = (
        f"<s:Envelope {NAMESPACES}><s:Header><a:Action>{escape(action)}</a:Action>"
        f"<a:MessageID>uuid:{str(uuid.uuid4()).upper()}</a:MessageID><a:To>{ANONYMOUS}</a:To>{relates}</s:Header>"
        f"<s:Body>{body}</s:Body></s:Envelope>"
    )
    return web.Response(status=status, body=text.encode(), headers={"Content-Type": MIME})


def _fault(message: Message | None, fault: FaultError) -> web.Response:
    reason = escape(str(fault))
    body = (
        f"<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>{fault.subcode}</s:Value></s:Subcode></s:Code>"
        f'<s:Reason><s:Text xml:lang="en-US">{reason}</s:Text></s:Reason>'
        f'<s:Detail><f:WSManFault Code="{fault.code}" Machine="lab"><f:Message>{reason}</f:Message></f:WSManFault>'
        "</s:Detail></s:Fault>"
    )
    return _envelope(message, f"{WSMAN}/fault", body, 500)
