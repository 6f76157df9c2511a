# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From rows of WMI classes to the picture of a hierarchy. Pure. PRIVATE to the collection."""

from __future__ import annotations

import typing as t

from ..product._forms import same_host
from ..product._site_names import CONNECTION_POINT_ROLE, PROVIDER_ROLE, SITE_SYSTEM_ROLE
from ..product._versions import version_of

if t.TYPE_CHECKING:
    from ..adminservice._odata import Row
    from ..product._nouns import (
        Attach,
        AttachedService,
        ClientCount,
        Component,
        ConnectionPoint,
        Database,
        Provider,
        Site,
        SiteProxy,
        SiteSystem,
        StatusMessage,
        UserDiscovery,
    )

SITE_TYPES = {1: "secondary", 2: "primary", 4: "cas"}
SITE_STATUS = {
    1: "active",
    2: "pending",
    3: "failed",
    4: "deleted",
    5: "upgrade",
    6: "failed to delete or deinstall secondary site",
    7: "failed to upgrade secondary site",
    8: "secondary site recovery in progress",
    9: "failed to recover secondary site",
}
SITE_MODES = {
    0: "normal",
    1: "replication maintenance",
    2: "recovery in progress",
    3: "upgrade in progress",
    4: "evaluation expired",
    5: "site expansion in progress",
    6: "interoperability: primary sites not upgraded to the version of the CAS",
    7: "interoperability: secondary sites not upgraded",
}
COMPONENT_STATES = {
    0: "stopped",
    1: "started",
    2: "paused",
    3: "installing",
    4: "reinstalling",
    5: "deinstalling",
}
COMPONENT_STATUS = {0: "ok", 1: "warning", 2: "critical"}
_DISCOVERY = {"ACTIVE": True, "INACTIVE": False}
_REMOTE = 8  # SMS_SCI_SysResUse.Type: not on any site server.


def host_of(row: Row) -> str:
    r"""Return the host of a site control item: NetworkOSPath is \\HOST."""
    return row.text("NetworkOSPath").strip("\\").lower()


def named(table: dict[int, str], code: int | None) -> str:
    """Return the name of a code, and say so when the documentation has none."""
    if code is None:
        return "not reported"
    return table.get(code, f"code {code}, not documented")


def sites(rows: t.Sequence[Row]) -> list[Site]:
    """Return the sites, the top-tier site first, then by code."""
    found = [_site(row) for row in rows]
    return sorted(found, key=lambda site: (site["parent"] != "", site["type"] == "secondary", site["code"]))


def _site(row: Row) -> Site:
    version = row.text("Version")
    build = row.number("BuildNumber")
    if build is None and version.count(".") >= 2 and version.split(".")[2].isdecimal():
        build = int(version.split(".")[2])
    known = version_of(build)
    return {
        "code": row.text("SiteCode").upper(),
        "name": row.text("SiteName"),
        "type": named(SITE_TYPES, row.number("Type")),
        "parent": row.text("ReportingSiteCode").upper(),
        "build": build,
        "version": version,
        "release": known.name if known else None,
        "status": named(SITE_STATUS, row.number("Status")),
        "status_code": row.number("Status"),
        "mode": named(SITE_MODES, row.number("Mode")),
        "mode_code": row.number("Mode"),
        "server": row.text("ServerName").lower(),
    }


def top_site(found: t.Sequence[Site]) -> str | None:
    """Return the code of the top-tier site: the one that reports to no other. None when there is not exactly one."""
    tops = [site["code"] for site in found if site["parent"] == "" and site["type"] != "secondary"]
    return tops[0] if len(tops) == 1 else None


def databases(rows: t.Sequence[Row]) -> dict[str, Database]:
    r"""Return the database of each site. SQLDatabaseName is INSTANCE\DB with a named instance; none has the port."""
    found: dict[str, Database] = {}
    for row in rows:
        instance, _slash, name = row.text("SQLDatabaseName").rpartition("\\")
        found[row.text("SiteCode").upper()] = {
            "server": row.text("SQLServerName").lower(),
            "instance": instance or None,
            "name": name,
            "port": None,
        }
    return found


def providers(rows: t.Sequence[Row], found_sites: t.Sequence[Site]) -> list[Provider]:
    """Return the SMS Providers. Remote is one that stands on another host than the site server."""
    servers = {site["code"]: site["server"] for site in found_sites}
    found: list[Provider] = []
    for row in rows:
        if row.text("RoleName") != PROVIDER_ROLE:
            continue
        host, site = host_of(row), row.text("SiteCode").upper()
        server = servers.get(site, "")
        remote = not same_host(host, server) if server else row.number("Type") == _REMOTE
        found.append({"host": host, "site": site, "remote": remote})
    return sorted(found, key=lambda provider: (provider["site"], provider["host"]))


def connection_points(rows: t.Sequence[Row]) -> list[ConnectionPoint]:
    """Return the service connection points: there should be one."""
    proxies = {(host_of(row), row.text("SiteCode").upper()): _proxy(row) for row in rows if _is_site_system(row)}
    found: list[ConnectionPoint] = []
    for row in rows:
        if row.text("RoleName") != CONNECTION_POINT_ROLE:
            continue
        host, site = host_of(row), row.text("SiteCode").upper()
        offline = row.embedded("OfflineMode")
        value = offline.number("Value") if offline else None
        mode = "unknown" if value is None else {0: "online", 1: "offline"}.get(value, "unknown")
        found.append({"host": host, "site": site, "mode": mode, "proxy": proxies.get((host, site))})
    return sorted(found, key=lambda point: (point["site"], point["host"]))


def _is_site_system(row: Row) -> bool:
    return row.text("RoleName") == SITE_SYSTEM_ROLE


def _proxy(row: Row) -> SiteProxy | None:
    """Return the proxy of a site system, without its account."""
    used, name, port = (row.embedded(key) for key in ("UseProxy", "ProxyName", "ProxyServerPort"))
    if used is None or not used.number("Value"):
        return None
    return {
        "host": name.text("Value2") or name.text("Value1") if name else "",
        "port": port.number("Value") if port else None,
    }


def site_systems(rows: t.Sequence[Row], role_rows: t.Sequence[Row]) -> list[SiteSystem]:
    """Return every host with its roles in each site, and its domain where the site knows it."""
    roles: dict[tuple[str, str], set[str]] = {}
    for row in rows:
        host = (row.text("ServerRemoteName") or row.text("ServerName").strip("\\")).lower()
        roles.setdefault((host, row.text("SiteCode").upper()), set()).add(row.text("RoleName"))
    domains = {}
    for row in role_rows:
        domain = row.embedded("DomainFQDN") if _is_site_system(row) else None
        if domain is not None:
            domains[(host_of(row), row.text("SiteCode").upper())] = (
                domain.text("Value1") or domain.text("Value2")
            ).lower()
    return [
        {"host": host, "site": site, "roles": sorted(names), "domain": domains.get((host, site)) or None}
        for (host, site), names in sorted(roles.items(), key=lambda item: (item[0][1], item[0][0]))
    ]


def ad_user_discovery(rows: t.Sequence[Row]) -> dict[str, UserDiscovery]:
    """Return the state of Active Directory User Discovery of each site that has the component."""
    found: dict[str, UserDiscovery] = {}
    for row in rows:
        settings = row.embedded("SETTINGS")
        delta = row.embedded("Enable Incremental Sync")
        containers = next(
            (
                entry.get("Values")
                for entry in row.entries("PropLists")
                if entry.text("PropertyListName") == "AD Containers"
            ),
            None,
        )
        found[row.text("SiteCode").upper()] = {
            "enabled": _DISCOVERY.get(settings.text("Value1").upper()) if settings else None,
            "delta": delta.number("Value") == 1 if delta else None,
            # Triples: LDAP path, recursion, groups.
            "containers": [str(path) for path in containers[::3]] if isinstance(containers, list) else [],
        }
    return found


def components(rows: t.Sequence[Row]) -> list[Component]:
    """Return the state of components, one entry for each component and host."""
    found: list[Component] = [
        {
            "component": row.text("ComponentName"),
            "site": row.text("SiteCode").upper(),
            "host": row.text("MachineName").strip("\\").lower(),
            "state": named(COMPONENT_STATES, row.number("State")),
            "status": named(COMPONENT_STATUS, row.number("Status")),
            "last_contacted": row.text("LastContacted") or None,
        }
        for row in rows
        if row.number("State") is not None
    ]
    return sorted(found, key=lambda entry: (entry["component"], entry["site"], entry["host"]))


def status_messages(rows: t.Sequence[Row]) -> list[StatusMessage]:
    """Return the newest message of each id and site."""
    newest: dict[tuple[int, str], StatusMessage] = {}
    for row in rows:
        number, moment = row.number("MessageID"), row.text("Time")
        if number is None or not moment:
            continue
        site = row.text("SiteCode").upper()
        message: StatusMessage = {
            "id": number,
            "time": moment,
            "site": site,
            "host": row.text("MachineName").strip("\\").lower(),
        }
        # ISO 8601 in UTC sorts as text.
        if (number, site) not in newest or newest[(number, site)]["time"] < moment:
            newest[(number, site)] = message
    return sorted(newest.values(), key=lambda entry: (entry["site"], entry["id"]))


def clients(rows: t.Iterable[Row]) -> list[ClientCount]:
    """Return how many clients there are of each operating system and build."""
    counts: dict[tuple[str, str], int] = {}
    for row in rows:
        if row.number("Obsolete") == 1:
            continue
        key = (row.text("OperatingSystemNameandVersion"), row.text("Build"))
        counts[key] = counts.get(key, 0) + 1
    return [
        {"operating_system": system, "build": build, "count": count}
        for (system, build), count in sorted(counts.items())
    ]


def attach(services: t.Sequence[Row], applications: t.Sequence[Row], tenants: t.Sequence[Row]) -> Attach:
    """Return the state of tenant attach: `off`, `on`, or `incomplete` when a link of the chain is missing.

    The chain service, application, tenant is known from public code, not from the product's documentation.
    """
    by_id = {row.number("ID"): row for row in applications}
    tenant_by_id = {number: row for row in tenants if (number := row.number("ID")) is not None}
    entries: list[AttachedService] = []
    for service in services:
        linked = service.get("AssociatedAADWebApplications")
        numbers = linked if isinstance(linked, list) else [linked] if linked else []
        application = next((by_id[int(n)] for n in numbers if str(n).isdecimal() and int(n) in by_id), None)
        number = application.number("TenantID") if application else None
        tenant = None if number is None else tenant_by_id.get(number)
        entries.append(
            {
                "service": service.text("Name"),
                "upload": bool(numbers),
                "client_id": application.text("ClientID") if application else None,
                "tenant": {"id": tenant.text("TenantID"), "name": tenant.text("Name")} if tenant else None,
            }
        )
    complete = all(entry["tenant"] for entry in entries)
    return {"state": ("on" if complete else "incomplete") if entries else "off", "services": entries}
