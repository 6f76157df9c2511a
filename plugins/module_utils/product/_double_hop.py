# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The double hop at a CAS: who has to be trusted, where, and for which services. Pure. PRIVATE to the collection.

Source: https://learn.microsoft.com/intune/configmgr/core/servers/manage/cmpivot-changes, sections "CAS has a remote
provider", "CAS has a remote SQL Server" and "SQL Always On". A step of these lists becomes one step per computer.
"""

from __future__ import annotations

import typing as t
from collections.abc import Mapping
from dataclasses import dataclass

from ._forms import same_host
from ._site_names import SQL_SERVER_ROLE

Json = Mapping[str, t.Any]

# The site makes this group on the site database servers of a child primary site, and only there.
GROUP = "ConfigMgr_DViewAccess"
REMOTE_PROVIDER, REMOTE_SQL, ALWAYS_ON = "remote_provider", "remote_sql", "always_on"
TITLES = {
    REMOTE_PROVIDER: "The CAS has a remote SMS Provider",
    REMOTE_SQL: "The CAS has a remote SQL Server",
    ALWAYS_ON: "A site database is in a SQL Server Always On availability group",
}
# The port of a default instance, where nothing else is declared. No class of the product has the port.
DEFAULT_PORT = 1433


class Step(t.NamedTuple):
    """One thing to do on one computer.

    `entries` are computers for a local group, and services for the others. `unnamed` are the hosts of services that
    cannot be named, because nobody knows the port.
    """

    scenario: str
    number: int
    kind: str
    host: str
    site: str
    entries: tuple[str, ...] = ()
    unnamed: tuple[str, ...] = ()

    def text(self) -> str:
        """Return it as a sentence."""
        what = ", ".join(self.entries)
        return {
            "local_group": f"add {what} to the local group {GROUP} on {self.host}",
            "delegation": f"trust {self.host} for delegation, with Kerberos only, to {what}",
            "service_names": f"see that the service names of {self.host} are registered: {what}",
            "restart": f"restart {self.host}",
        }[self.kind]


class Sql(t.NamedTuple):
    """Where the database of a site is. `listener` is the name of an availability group, '' where there is none."""

    site: str
    servers: tuple[str, ...]
    listener: str
    instance: str | None
    services: tuple[str, ...]
    # Hosts whose port nobody knows: their service names cannot be built.
    portless: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """What the lists ask for in one hierarchy.

    Args:
        reason: Why none of them applies; '' where one does.
        scenarios: Which of them apply.
        steps: Their steps, in their order.
        databases: Where the databases are, by code of the site.
        untold: What the hierarchy does not tell, so that steps may be missing; '' where it tells enough.
    """

    reason: str
    scenarios: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    databases: Mapping[str, Sql] | None = None
    untold: str = ""

    def entries(self, kind: str) -> dict[str, tuple[str, ...]]:
        """Return, by computer, what all steps of a kind ask for together."""
        found: dict[str, dict[str, None]] = {}
        for step in self.steps:
            if step.kind == kind:
                found.setdefault(step.host, {}).update(dict.fromkeys(step.entries))
        return {host: tuple(entries) for host, entries in found.items()}

    def site_of(self, host: str) -> str:
        """Return the site of a computer of the plan."""
        return next(step.site for step in self.steps if step.host == host)

    def unnamed(self, host: str = "") -> tuple[str, ...]:
        """Return the SQL Servers whose services cannot be named: of the steps for one computer, or of all."""
        return tuple(dict.fromkeys(name for step in self.steps if host in {"", step.host} for name in step.unnamed))

    def computers(self) -> tuple[str, ...]:
        """Return the computers whose accounts the plan is about."""
        members = [name for names in self.entries("local_group").values() for name in names]
        return tuple(dict.fromkeys([*members, *self.entries("delegation")]))

    def services(self) -> tuple[str, ...]:
        """Return the services that somebody is to be trusted for."""
        wanted = [*self.entries("delegation").values(), *self.entries("service_names").values()]
        return tuple(dict.fromkeys(name for names in wanted for name in names))


def plan(hierarchy: Json, ports: Mapping[str, int] | None = None) -> Plan:
    """Return what a hierarchy needs.

    Args:
        hierarchy: As the module hierarchy_info returns it.
        ports: By name of a SQL Server in lower case, the port of the instance with the site database.
    """
    upper = [site for site in hierarchy.get("sites") or () if site["type"] != "secondary"]
    top = next((site for site in upper if site["code"] == hierarchy.get("top_site")), None)
    if top is None:
        return Plan("", untold="the hierarchy does not show which site is the top-tier one")
    if top["type"] != "cas":
        return Plan(f"the top-tier site {top['code']} is a stand-alone primary site")
    nodes: dict[str, list[str]] = {}
    for entry in hierarchy.get("site_systems") or ():
        if SQL_SERVER_ROLE in entry["roles"]:
            nodes.setdefault(entry["site"], []).append(entry["host"])
    found = ((site["code"], _sql(site, nodes.get(site["code"], []), ports or {})) for site in upper)
    databases = {code: sql for code, sql in found if sql is not None}
    primaries = [site for site in upper if site["type"] == "primary" and site["code"] in databases]
    unread = ", ".join(site["code"] for site in upper if site["code"] not in databases)
    steps = _Steps(top, primaries, databases).all(_remote_providers(hierarchy, top))
    if not steps and not unread:
        return Plan("SMS Providers and database of the CAS are on its site server", databases=databases)
    scenarios = tuple(dict.fromkeys(step.scenario for step in steps))
    return Plan("", scenarios, tuple(steps), databases, f"the database of {unread} is not known" if unread else "")


def _remote_providers(hierarchy: Json, top: Json) -> list[str]:
    return [
        entry["host"] for entry in hierarchy.get("providers") or () if entry["site"] == top["code"] and entry["remote"]
    ]


def _sql(site: Json, nodes: list[str], ports: Mapping[str, int]) -> Sql | None:
    database = site.get("database")
    if not isinstance(database, Mapping) or not database.get("server"):
        return None
    server, instance = database["server"], database["instance"]
    # That an availability group shows as several computers with this role, or as none of its own name, is inferred.
    grouped = bool(nodes) and (len(nodes) > 1 or not same_host(nodes[0], server))
    servers = tuple(nodes) if grouped else (server,)
    hosts = dict.fromkeys((*servers, server))
    services: list[str] = []
    portless: list[str] = []
    for host in hosts:
        port = ports.get(host.casefold()) or (DEFAULT_PORT if instance is None else None)
        services += [f"MSSQLSvc/{host}:{port}"] if port else []
        portless += [] if port else [host]
        services += [f"MSSQLSvc/{host}:{instance}"] if instance else []
    return Sql(
        site["code"],
        servers,
        server if grouped and server not in servers else "",
        instance,
        tuple(services),
        tuple(portless),
    )


class _Steps:
    """The lists of the page, one method each."""

    def __init__(self, top: Json, primaries: t.Sequence[Json], databases: Mapping[str, Sql]) -> None:
        self._top = top
        self._primaries = primaries
        self._databases = databases
        self._cas = databases.get(top["code"])
        self._services = tuple(name for site in primaries for name in databases[site["code"]].services)
        self._unnamed = tuple(name for site in primaries for name in databases[site["code"]].portless)

    def all(self, remote_providers: t.Sequence[str]) -> list[Step]:
        """Return the steps of those lists that apply."""
        cas, server = self._cas, self._top["server"]
        steps = self._remote_provider(remote_providers) if remote_providers else []
        grouped = [sql for sql in self._databases.values() if len(sql.servers) > 1 or sql.listener]
        if cas is not None and cas not in grouped and not same_host(cas.servers[0], server):
            steps += self._remote_sql(cas)
        return steps + (self._always_on(grouped) if grouped else [])

    def _members(self, scenario: str, computers: t.Sequence[str]) -> list[Step]:
        return [
            Step(scenario, 1, "local_group", host, site["code"], tuple(dict.fromkeys(computers)))
            for site in self._primaries
            for host in self._databases[site["code"]].servers
        ]

    def _to_primaries(self, scenario: str, number: int, computer: str) -> Step:
        return Step(scenario, number, "delegation", computer, self._top["code"], self._services, self._unnamed)

    def _to_cas(self, scenario: str, number: int) -> list[Step]:
        services, unnamed = (self._cas.services, self._cas.portless) if self._cas else ((), ())
        return [
            Step(scenario, number, "delegation", site["server"], site["code"], services, unnamed)
            for site in self._primaries
        ]

    def _remote_provider(self, hosts: t.Sequence[str]) -> list[Step]:
        server, site = self._top["server"], self._top["code"]
        return [
            *self._members(REMOTE_PROVIDER, [*hosts, server]),
            *(self._to_primaries(REMOTE_PROVIDER, 2, host) for host in hosts),
            self._to_primaries(REMOTE_PROVIDER, 3, server),
            *(Step(REMOTE_PROVIDER, 4, "restart", host, site) for host in hosts),
        ]

    def _remote_sql(self, cas: Sql) -> list[Step]:
        server = self._top["server"]
        return [
            *self._members(REMOTE_SQL, [*cas.servers, server]),
            *self._to_cas(REMOTE_SQL, 2),
            self._to_primaries(REMOTE_SQL, 3, server),
        ]

    def _always_on(self, grouped: t.Sequence[Sql]) -> list[Step]:
        server, site = self._top["server"], self._top["code"]
        sql_servers = [
            (host, each["code"]) for each in self._primaries for host in self._databases[each["code"]].servers
        ]
        cas_servers = [(host, site) for host in (self._cas.servers if self._cas else ())]
        return [
            *self._members(ALWAYS_ON, [server]),
            *self._to_cas(ALWAYS_ON, 2),
            self._to_primaries(ALWAYS_ON, 3, server),
            *(
                Step(
                    ALWAYS_ON, 4, "service_names", sql.listener or sql.servers[0], sql.site, sql.services, sql.portless
                )
                for sql in grouped
            ),
            *(Step(ALWAYS_ON, 5, "restart", host, code) for host, code in [*sql_servers, (server, site), *cas_servers]),
        ]
