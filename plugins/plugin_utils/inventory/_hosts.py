# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the layout of a hierarchy to hosts, groups and host variables. Pure. PRIVATE to the collection."""

from __future__ import annotations

import re
import typing as t
from collections import defaultdict
from dataclasses import dataclass, field

from ...module_utils._errors import AnswerError
from ...module_utils.product._site_names import CONNECTION_POINT_ROLE, PROVIDER_ROLE, SITE_SERVER_ROLE, SQL_SERVER_ROLE

if t.TYPE_CHECKING:
    from ...module_utils.product._nouns import ConnectionPoint, Hierarchy, Site

# The product's names of the roles that matter here, in the order in which they tell to which site a host belongs first.
ROLES = {
    SITE_SERVER_ROLE: "site_server",
    PROVIDER_ROLE: "sms_provider",
    CONNECTION_POINT_ROLE: "service_connection_point",
    SQL_SERVER_ROLE: "site_database",
}
SITE_TYPES = ("cas", "primary", "secondary")
_RANKS = {role: rank for rank, role in enumerate(ROLES.values())}
_LABEL = r"\w(?:[\w-]{0,61}\w)?"
# Names become file names and patterns in Ansible, and the service is not trusted with either.
_HOST = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})*")
_CODE = re.compile("[A-Z0-9]{3}")


@dataclass
class Host:
    """A host, with the groups that it is put into and its variables."""

    groups: list[str]
    variables: dict[str, t.Any]


@dataclass
class Inventory:
    """Hosts by name, and all groups with the groups below them, the empty ones included."""

    hosts: dict[str, Host]
    groups: dict[str, list[str]]


@dataclass
class _Draft:
    """What is said of one host, in all places together."""

    # Pairs of a site and a role that matters, or None for another role.
    holds: set[tuple[str, str | None]] = field(default_factory=set)
    remote: bool = False
    points: list[ConnectionPoint] = field(default_factory=list)
    product_roles: set[str] = field(default_factory=set)


def build(layout: Hierarchy, *, site_systems: bool = False) -> Inventory:
    """Return the inventory of a hierarchy.

    Args:
        layout: What `read_layout` returns.
        site_systems: Whether hosts that have none of the roles that matter are in it too.

    Raises:
        AnswerError: The layout names no server for a site that must have one, or names that no host or site can have.
    """
    _check(layout)
    drafts = _drafts(layout)
    order = {site["code"]: position for position, site in enumerate(layout["sites"])}
    groups = _groups(layout)
    hosts = {}
    for name, draft in sorted(drafts.items()):
        held = sorted(
            ((code, role) for code, role in draft.holds if role or site_systems),
            key=lambda each: (_RANKS.get(each[1] or "", len(_RANKS)), order.get(each[0], len(order)), each[0]),
        )
        if not held:
            continue
        roles = list(dict.fromkeys(role for _code, role in held if role))
        codes = sorted({code for code, _role in held}, key=lambda code: (order.get(code, len(order)), code))
        variables = {
            **_of_host(layout, name, draft),
            **_of_site(layout, held[0][0]),
            "tenant_attach_roles": roles,
            "tenant_attach_sites": codes,
        }
        for code in codes:  # What is left of a site that is gone has a group as well.
            groups.setdefault(_group_of(code), [])
        hosts[name] = Host([*map(_group_of, codes), *roles], dict(sorted(variables.items())))
    return Inventory(hosts, groups)


def _group_of(code: str) -> str:
    return f"site_{code.lower()}"


def _groups(layout: Hierarchy) -> dict[str, list[str]]:
    """Return all groups. The fixed ones are always there: a play that names one of them shall not warn."""
    groups: dict[str, list[str]] = {name: [] for name in (*SITE_TYPES, *_RANKS)}
    for site in layout["sites"]:
        group = _group_of(site["code"])
        groups[group] = []
        if site["type"] in SITE_TYPES:
            groups[site["type"]].append(group)
    return groups


# -- what must be there -----------------------------------------------------------------------------------------------


def _check(layout: Hierarchy) -> None:
    for site in layout["sites"]:
        code = site["code"]
        if not site["server"]:
            raise _missing("site server", code, "SMS_Site")
        # Whether each secondary site has a definition is not documented.
        if site["type"] != "secondary" and not _database_of(site):
            raise _missing("site database server", code, "SMS_SCI_SiteDefinition")
    for host, code in _named(layout):
        if not _CODE.fullmatch(code):
            raise _strange("a site code of three letters or digits", code, f"host {host[:100]}")
        if not _HOST.fullmatch(host):
            raise _strange("the name of a host", host, f"site {code}")


def _strange(expected: str, observed: str, where: str) -> AnswerError:
    return AnswerError(
        expected=expected,
        observed=repr(observed[:100]),
        where=where,
        next_step="correct it in the site, or check which service answers in place of AdminService",
    )


def _missing(what: str, code: str, where: str) -> AnswerError:
    return AnswerError(
        expected=f"a {what} of site {code}",
        observed="none: its group would miss a host",
        where=where,
        next_step="check in the console that the site is intact, or ask an SMS Provider of the top-tier site",
    )


# -- what hosts are called --------------------------------------------------------------------------------------------


def _plain(host: str) -> str:
    return host.lower().rstrip(".")


def _named(layout: Hierarchy) -> list[tuple[str, str]]:
    """Return every host that is named, with the site in which it is."""
    found = [(site["server"], site["code"]) for site in layout["sites"]]
    found += [(database["server"], site["code"]) for site in layout["sites"] if (database := _database_of(site))]
    for topic in ("providers", "service_connection_points", "site_systems"):
        found += [(entry["host"], entry["site"]) for entry in layout[topic]]
    return [(_plain(host), code) for host, code in found]


def _database_of(site: Site) -> t.Mapping[str, t.Any] | None:
    """Return the site database of a site, None where no server of it is known."""
    database: t.Mapping[str, t.Any] = site["database"] or {}
    return database if database.get("server") else None


def _is_complete(host: str) -> bool:
    """Tell whether a name has a domain. An address has none."""
    return "." in host and not host.rpartition(".")[2].isdigit()


class _Names:
    """Completes short names by what is named beside them."""

    def __init__(self, layout: Hierarchy) -> None:
        self._beside: dict[str, set[str]] = defaultdict(set)
        for host, code in _named(layout):
            if _is_complete(host):
                self._beside[code].add(host)
        self._everywhere = {name for names in self._beside.values() for name in names}
        self._domains = {
            (_plain(system["host"]), system["site"]): _plain(system["domain"])
            for system in layout["site_systems"]
            if system["domain"] and _HOST.fullmatch(_plain(system["domain"]))
        }

    def complete(self, host: str, code: str) -> str:
        """Return a name with its domain, or as it is where the evidence shows none, or more than one."""
        host = _plain(host)
        if "." in host:
            return host
        domains = {name.partition(".")[2] for name in self._beside[code]}
        if known := _with_label(host, self._beside[code]):
            return known.pop() if len(known) == 1 else host
        if domain := self._domains.get((host, code)):
            return f"{host}.{domain}"
        if len(domains) == 1:
            return f"{host}.{domains.pop()}"
        known = _with_label(host, self._everywhere)
        return known.pop() if len(known) == 1 else host


def _with_label(label: str, names: t.Iterable[str]) -> set[str]:
    return {name for name in names if name.partition(".")[0] == label}


# -- what is known of them --------------------------------------------------------------------------------------------


def _drafts(layout: Hierarchy) -> dict[str, _Draft]:
    names = _Names(layout)
    drafts: dict[str, _Draft] = defaultdict(_Draft)

    def draft(host: str, code: str, role: str | None) -> _Draft:
        found = drafts[names.complete(host, code)]
        found.holds.add((code, role))
        return found

    for site in layout["sites"]:
        draft(site["server"], site["code"], "site_server")
        if database := _database_of(site):
            draft(database["server"], site["code"], "site_database")
    for provider in layout["providers"]:
        found = draft(provider["host"], provider["site"], "sms_provider")
        found.remote = found.remote or provider["remote"]
    for point in layout["service_connection_points"]:
        draft(point["host"], point["site"], "service_connection_point").points.append(point)
    for system in layout["site_systems"]:
        # Not every role is named above: a site server in passive mode and a replica of the database are here only.
        for role in system["roles"]:
            draft(system["host"], system["site"], ROLES.get(role)).product_roles.add(role)
    return drafts


def _of_site(layout: Hierarchy, code: str) -> dict[str, t.Any]:
    site: t.Mapping[str, t.Any] = next((site for site in layout["sites"] if site["code"] == code), {})
    return {
        "tenant_attach_build": site.get("build"),
        "tenant_attach_parent_site": site.get("parent") or None,
        "tenant_attach_release": site.get("release"),
        "tenant_attach_site": code,
        "tenant_attach_site_name": site.get("name"),
        "tenant_attach_site_type": site.get("type"),
        "tenant_attach_top_site": layout["top_site"],
    }


def _of_host(layout: Hierarchy, name: str, draft: _Draft) -> dict[str, t.Any]:
    variables: dict[str, t.Any] = {
        "tenant_attach_name_is_fqdn": _is_complete(name),
        "tenant_attach_remote_provider": draft.remote,
        "tenant_attach_site_system_roles": sorted(draft.product_roles),
    }
    databases = [
        {"site": site["code"], **database}
        for site in layout["sites"]
        if (site["code"], "site_database") in draft.holds and (database := _database_of(site))
    ]
    if databases:
        variables |= {"tenant_attach_database": databases[0], "tenant_attach_databases": databases}
    if draft.points:
        point = draft.points[0]
        variables["tenant_attach_service_connection_point"] = {key: point[key] for key in ("site", "mode", "proxy")}
    return variables
