# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The AdminService of one SMS Provider."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, quote, unquote
from weakref import WeakKeyDictionary

from aiohttp import web

from . import faults, odata
from .auth import Account, Connection, Gatekeeper
from .estate import Estate, Row
from .log import RequestLog
from .scenario import Fault, Provider
from .schema import EntityClass

ROUTES = {"wmi": "wmi", "v1.0": "versioned"}
STATIC_METHODS = {
    "sms_identification.getproviderversion",
    "sms_identification.getsiteid",
    "sms_identification.getcurrentuser",
    "sms_admin.getadminextendeddata",
}
# The reader's complaint about a body; the service answers it with 404 although it means 400.
READER_MESSAGE = (
    "ODataParameterReader.ReadAsync was called with a payload that is not a valid parameter payload; "
    "the parameter 'Type' is missing or is no ResourceSet value."
)
NO_SUCH_METHOD = "The requested resource does not support http method '{}'."
ROWS_PER_TURN = 500
DENIED_ACCESS = {"noscope": {"SMS_Site"}, "nosite": set[str]()}


@dataclass(frozen=True)
class Target:
    """What a request asks for."""

    route: str
    prefix: str
    name: str
    key: str | None
    segment: bool
    options: Mapping[str, str]

    @property
    def class_name(self) -> str:
        """The class, also where a method of it is called."""
        return self.name.partition(".")[0]


@dataclass
class Exchange:
    """One request on its way through the provider."""

    request: web.BaseRequest
    connection: Connection
    account: Account | None = None
    logged: bool = False


def read_target(raw_path: str) -> Target | None:
    """Take a request path apart; None when it does not lead into a route of the service."""
    path, _mark, query = raw_path.partition("?")
    match = re.fullmatch(r"/AdminService/(wmi|v1\.0)/([^()]+?)(?:\((.*)\))?/?", unquote(path), re.IGNORECASE)
    if match is None:
        return None
    name, separator, segment = match[2].partition("/")
    if separator and (match[3] is not None or "/" in segment):
        return None
    options = {key: value.strip() for key, value in parse_qsl(query, keep_blank_values=True)}
    prefix = match[1].lower()
    return Target(
        ROUTES[prefix], prefix, name, segment if separator else match[3], segment=bool(separator), options=options
    )


def read_key(item: EntityClass, text: str, segment: bool) -> Row | None:
    """The key values that a path names, by property; None when they do not fit the class."""
    if len(item.keys) == 1 and "=" not in text:
        return _key_value(item, item.keys[0], text, segment)
    found: Row = {}
    for name, value in re.findall(r"(\w+)\s*=\s*('(?:[^']|'')*'|-?\d+)", text):
        own = item.property_named(name)
        part = _key_value(item, own, value, False) if own else None
        if part is None:
            return None
        found |= part
    return found if set(found) == set(item.keys) and not segment else None


def _key_value(item: EntityClass, name: str, text: str, segment: bool) -> Row | None:
    if item.properties[name] == "String":
        quoted = re.fullmatch(r"'((?:[^']|'')*)'", text)
        if quoted:
            return {name: quoted[1].replace("''", "'")}
        return {name: text} if segment else None
    return {name: int(text)} if re.fullmatch(r"-?\d+", text) else None


def to_json(value: Any) -> Any:
    """Times as the service writes them; everything else as it is."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, list):
        return [to_json(item) for item in value]
    return value


class ProviderService:
    """Answers the requests that one provider receives."""

    def __init__(self, estate: Estate, provider: Provider, gatekeeper: Gatekeeper, log: RequestLog) -> None:
        self._estate = estate
        self._scenario = estate.scenario
        self._provider = provider
        self._site = self._scenario.sites[provider.site]
        self._gatekeeper = gatekeeper
        self._log = log
        self.fqdn = self._scenario.fqdn(provider.host)
        self._connections: WeakKeyDictionary[object, Connection] = WeakKeyDictionary()

    _last_connection = 0

    def _connection(self, request: web.BaseRequest) -> Connection:
        """The connection of a request; numbers count over all providers of the lab."""
        # The transport stands for the connection: it lives as long, and nothing else of aiohttp can be a weak key.
        found = self._connections.get(request.transport)
        if found is None:
            ProviderService._last_connection += 1
            found = Connection(ProviderService._last_connection)
            if request.transport is not None:
                self._connections[request.transport] = found
        return found

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request and log it."""
        exchange = Exchange(request, self._connection(request))
        try:
            response = await self._answer(exchange)
        except ConnectionError:
            # The client went away in the middle of a long answer.
            self._write_log(exchange, 200)
            raise
        self._write_log(exchange, response.status)
        return response

    def _write_log(self, exchange: Exchange, status: int) -> None:
        if exchange.logged:
            return
        exchange.logged = True
        self._log.write(
            provider=self.fqdn,
            method=exchange.request.method,
            path=exchange.request.raw_path,
            status=status,
            connection=exchange.connection.number,
            user=exchange.account.username if exchange.account else None,
            protocol=exchange.connection.protocol,
        )

    async def _answer(self, exchange: Exchange) -> web.StreamResponse:
        request = exchange.request
        target = read_target(request.raw_path)
        fault = self._fault(target)
        if fault is not None and fault.kind in faults.BEFORE_AUTHENTICATION:
            early = await faults.before_authentication(fault, request, lambda status: self._write_log(exchange, status))
            if early is not None:
                return early
        if not request.raw_path.lower().startswith("/adminservice/"):
            return faults.not_found()
        decision = self._gatekeeper.decide(
            request.headers.get("Authorization"), exchange.connection, self.fqdn, self._site.build
        )
        exchange.account = decision.account
        if decision.account is None:
            response: web.StreamResponse = faults.respond(decision.status)
        else:
            response = await self._authenticated(exchange, target, decision.account)
        if not response.prepared:
            for challenge in decision.challenges:
                response.headers.add("WWW-Authenticate", challenge)
        return response

    async def _authenticated(self, exchange: Exchange, target: Target | None, account: Account) -> web.StreamResponse:
        if target is None:
            return faults.not_found()
        fault = self._fault(target)
        broken = None if fault is None else faults.after_authentication(fault, target.route)
        if broken is not None:
            return broken
        if target.route == "wmi" and account.access == "nowmi":
            return faults.error(404, faults.ACCESS_DENIED)
        if target.name.lower() == "$metadata" and target.key is None:
            document = self._estate.schema.edmx(target.route, self._scenario.surprises.odd_case)
            return faults.respond(200, document.encode(), "application/xml", OData_Version="4.0")
        if target.route == "wmi" and target.name.lower() in STATIC_METHODS:
            return await self._static_method(exchange, target, account)
        return await self._query(exchange, target, account)

    async def _query(self, exchange: Exchange, target: Target, account: Account) -> web.StreamResponse:
        request = exchange.request
        item = self._class(target)
        if item is None:
            uri = f"{self._origin(request)}{request.raw_path}"
            return faults.error(404, f"No HTTP resource was found that matches the request URI '{uri}'.")
        if request.method != "GET":
            return faults.error(405, NO_SUCH_METHOD.format(request.method))
        try:
            query = odata.read(item, target.options)
        except odata.QueryError as error:
            return faults.error(400, str(error))
        if target.key is not None:
            return await self._single(exchange, target, item, query, account)
        return await self._list(exchange, target, item, query, account)

    def _fault(self, target: Target | None) -> Fault | None:
        """The fault of this provider, when it strikes this request."""
        fault = self._provider.fault
        route, name = (target.route, target.class_name) if target else ("", "")
        return fault if fault is not None and faults.concerns(fault, route, name) else None

    def _class(self, target: Target) -> EntityClass | None:
        schema = self._estate.schema
        return schema.wmi_class(target.name) if target.route == "wmi" else schema.versioned.get(target.name)

    def _origin(self, request: web.BaseRequest) -> str:
        return f"https://{request.host}"

    def _context(self, exchange: Exchange, target: Target, fragment: str) -> str:
        return f"{self._origin(exchange.request)}/AdminService/{target.prefix}/$metadata#{fragment}"

    # -- rows -----------------------------------------------------------------------------------------------------

    def _rows(self, item: EntityClass, account: Account) -> list[Row]:
        """The rows that role-based administration leaves to an account."""
        allowed = DENIED_ACCESS.get(account.access)
        if allowed is not None and item.name not in allowed:
            return []
        if item.name == "AdministrationServiceInformation":
            version = f"5.00.{self._site.build}.1000"
            return [{"Id": 1, "SiteCode": self._site.code, "ProviderName": self.fqdn, "Version": version}]
        return self._estate.rows(item, self._site.code)

    async def _list(
        self, exchange: Exchange, target: Target, item: EntityClass, query: odata.Query, account: Account
    ) -> web.StreamResponse:
        surprises = self._scenario.surprises
        rows = self._rows(item, account)
        if surprises.tally_rule and item.name == "SMS_ComponentSummarizer" and not query.tally_intervals and rows:
            # Without a tally interval the provider has nothing to sum up: one row comes back, without data.
            page = odata.Page([dict.fromkeys(item.properties)], 1, None)
        else:
            rows = odata.with_tally_intervals(item, rows, query, surprises.tally_rule)
            sizes = self._scenario.page_size
            page = odata.apply(item, rows, query, sizes.get(item.name, sizes.get("*")), surprises.select_collapse)
        shown = [self._shown(target, item, row, query, single=False) for row in page.rows]
        envelope: dict[str, Any] = {"@odata.context": self._context(exchange, target, item.name)}
        if query.count:
            envelope["@odata.count"] = page.total
        link = self._next_link(exchange, target, query, page)
        fault = self._fault(target)
        if fault is not None:
            if fault.kind == "huge":
                return await faults.huge(exchange.request, envelope["@odata.context"], shown)
            number = int(target.options.get("$skiptoken", "0") or 0)
            link = faults.next_link(fault.kind, self._url(exchange, target, ("$skiptoken",)), number) or link
        if link:
            envelope["@odata.nextLink"] = link
        return await self._send(exchange, target, envelope, shown)

    def _url(self, exchange: Exchange, target: Target, without: tuple[str, ...], **more: int) -> str:
        options = {name: value for name, value in target.options.items() if name not in without}
        options |= {f"${name}": str(value) for name, value in more.items()}
        query = "&".join(f"{quote(name, safe='$')}={quote(value)}" for name, value in options.items())
        path = exchange.request.raw_path.partition("?")[0]
        return f"{self._origin(exchange.request)}{path}{'?' if query else ''}{query}"

    def _next_link(self, exchange: Exchange, target: Target, query: odata.Query, page: odata.Page) -> str | None:
        if page.next_offset is None:
            return None
        more = {"skiptoken": page.next_offset}
        if query.top is not None:
            more["top"] = query.skip + query.top - page.next_offset
        return self._url(exchange, target, ("$skiptoken", "$skip", "$top"), **more)

    async def _single(
        self, exchange: Exchange, target: Target, item: EntityClass, query: odata.Query, account: Account
    ) -> web.StreamResponse:
        key = read_key(item, target.key or "", target.segment)
        if key is None:
            return faults.error(404, f"The key of the class '{item.name}' is not valid.")
        folded = {name: str(value).casefold() for name, value in key.items()}
        for row in self._rows(item, account):
            if all(str(row[name]).casefold() == value for name, value in folded.items()):
                break
        else:
            return faults.error(404, f"There is no instance of '{item.name}' with this key.")
        shown = self._shown(target, item, row, query, single=True)
        if target.route == "versioned":
            context = {"@odata.context": self._context(exchange, target, f"{item.name}/$entity")}
            return faults.respond(200, json.dumps(context | shown).encode(), faults.JSON, OData_Version="4.0")
        envelope = {"@odata.context": self._context(exchange, target, item.name)}
        return await self._send(exchange, target, envelope, [shown])

    async def _send(
        self, exchange: Exchange, target: Target, envelope: dict[str, Any], rows: list[Row]
    ) -> web.StreamResponse:
        parts = []
        for start in range(0, len(rows), ROWS_PER_TURN):
            parts += [json.dumps(row) for row in rows[start : start + ROWS_PER_TURN]]
            # A list of ten thousand rows must not keep the other providers from answering.
            await asyncio.sleep(0)
        # The service writes the link to the next page behind the rows.
        link = envelope.pop("@odata.nextLink", None)
        tail = "" if link is None else f',"@odata.nextLink":{json.dumps(link)}'
        body = f'{json.dumps(envelope)[:-1]},"value":[{",".join(parts)}]{tail}}}'
        fault = self._fault(target)
        if fault is not None:
            if fault.kind == "cut_json":
                return faults.cut(exchange.request, body.encode())
            if fault.kind == "cut_json_complete":
                body = body[: len(body) // 2]
        return faults.respond(200, body.encode(), faults.JSON, OData_Version="4.0")

    def _shown(self, target: Target, item: EntityClass, row: Row, query: odata.Query, single: bool) -> Row:
        """A row as JSON shows it."""
        odd = self._scenario.surprises.odd_case
        shown: Row = {}
        wmi = target.route == "wmi"
        if wmi:
            shown["@odata.etag"] = ";".join("" if row[key] is None else str(row[key]) for key in item.keys)
        if wmi and not query.select:
            shown["__LAZYPROPERTIES"] = [item.shown(name, odd) for name in item.properties if name in item.lazy]
            shown["__QUALIFIER_SECURITYVERBS"] = None
        for name in query.select or item.properties:
            hidden = name in item.lazy and not single
            shown[item.shown(name, odd)] = None if hidden else to_json(row[name])
        if wmi and not query.select:
            shown |= self._system_properties(item, row)
        return shown

    def _system_properties(self, item: EntityClass, row: Row) -> Row:
        keys = ",".join(
            f"{key}={row[key]}" if isinstance(row[key], int) else f"{key}={json.dumps(str(row[key] or ''))}"
            for key in sorted(item.keys)
        )
        server = self._provider.host.upper()
        namespace = f"root\\sms\\site_{self._site.code}"
        return {
            "__GENUS": 2,
            "__CLASS": item.name,
            "__SUPERCLASS": "SMS_BaseClass",
            "__DYNASTY": "SMS_BaseClass",
            "__RELPATH": f"{item.name}.{keys}",
            "__PROPERTY_COUNT": len(item.properties),
            "__DERIVATION": ["SMS_BaseClass"],
            "__SERVER": server,
            "__NAMESPACE": namespace,
            "__PATH": f"\\\\{server}\\{namespace}:{item.name}.{keys}",
        }

    # -- methods --------------------------------------------------------------------------------------------------

    async def _static_method(self, exchange: Exchange, target: Target, account: Account) -> web.Response:
        """Static methods answer 201 although they make nothing."""
        method = target.name.lower()
        if exchange.request.method not in {"GET", "POST"}:
            return faults.error(405, NO_SUCH_METHOD.format(exchange.request.method))
        answer: Row = {"@odata.context": self._context(exchange, target, target.name)}
        if method.endswith("getproviderversion"):
            answer |= {"ProviderVersion": f"5.00.{self._site.build}.1000"}
        elif method.endswith("getsiteid"):
            answer |= {"SiteID": f"{{{self._site.code}00000-0000-4000-8000-000000000000}}"}
        elif method.endswith("getcurrentuser"):
            answer |= {"UserName": account.username}
        else:
            try:
                body = await exchange.request.json()
            except ValueError:
                body = None
            if exchange.request.method != "POST" or not isinstance(body, dict) or not isinstance(body.get("Type"), int):
                return faults.error(404, READER_MESSAGE)
            answer |= {"ExtendedData": []}
        return faults.respond(201, json.dumps(answer | {"ReturnValue": 0}).encode(), faults.JSON, OData_Version="4.0")
