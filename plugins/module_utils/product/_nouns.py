# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The things that a hierarchy and a tenant consist of, as evidence has them. PRIVATE to the collection.

The published form is docs/evidence.schema.json, which says more of the values.
"""

from __future__ import annotations

import typing as t


class Database(t.TypedDict):
    """The site database of a site. No class of the product has the port."""

    server: str
    instance: str | None
    name: str
    port: int | None


class Site(t.TypedDict):
    """A site."""

    code: str
    name: str
    type: str
    parent: str
    build: int | None
    version: str
    release: str | None
    status: str
    status_code: int | None
    mode: str
    mode_code: int | None
    server: str
    # Filled in where the roles, and the databases, could be read. What could not is an error in its place.
    providers: t.NotRequired[list[str]]
    database: t.NotRequired[Database | dict[str, t.Any] | None]


class Provider(t.TypedDict):
    """An SMS Provider, in one of its sites. Remote is one that stands on another host than the site server."""

    host: str
    site: str
    remote: bool


class SiteProxy(t.TypedDict):
    """The proxy of a site system, without its account."""

    host: str
    port: int | None


class ConnectionPoint(t.TypedDict):
    """A service connection point."""

    host: str
    site: str
    mode: str
    proxy: SiteProxy | None


class SiteSystem(t.TypedDict):
    """A host with its roles in one site, in the product's own words."""

    host: str
    site: str
    roles: list[str]
    domain: str | None


class UserDiscovery(t.TypedDict):
    """Active Directory User Discovery of a site."""

    enabled: bool | None
    delta: bool | None
    containers: list[str]


class Component(t.TypedDict):
    """The state of a component on a host."""

    component: str
    site: str
    host: str
    state: str
    status: str
    last_contacted: str | None


class StatusMessage(t.TypedDict):
    """The newest status message of an id in a site."""

    id: int
    time: str
    site: str
    host: str


class ClientCount(t.TypedDict):
    """How many clients have an operating system and a build."""

    operating_system: str
    build: str
    count: int


class AttachedService(t.TypedDict):
    """A cloud service of tenant attach, with the application and the tenant that it is for."""

    service: str
    upload: bool
    client_id: str | None
    tenant: dict[str, str] | None


class Attach(t.TypedDict):
    """The state of tenant attach: off, on, or incomplete."""

    state: str
    services: list[AttachedService]


class Hierarchy(t.TypedDict, total=False):
    """A hierarchy. What could not be read is missing: `errors` says why. `sources` say where each topic was read."""

    read_from: str
    top_site: str | None
    sites: list[Site]
    providers: list[Provider]
    service_connection_point: ConnectionPoint | None
    service_connection_points: list[ConnectionPoint]
    site_systems: list[SiteSystem]
    discovery: dict[str, dict[str, UserDiscovery | None]]
    components: list[Component]
    status_messages: list[StatusMessage]
    clients: list[ClientCount]
    attach: Attach
    visibility: dict[str, bool]
    errors: dict[str, t.Any]
    sources: dict[str, str]


class EntraUser(t.TypedDict):
    """A user of Microsoft Entra ID. Synchronised are those with `yes`; the others are `no_longer` or `never`."""

    id: str | None
    enabled: bool | None
    user_type: str | None
    synced: str
    sid: str | None
    domain: str | None
    account_name: str | None
    last_sync: str | None
    provisioning_errors: int


class IntuneAction(t.TypedDict):
    """Whether an account may start an action of Configuration Manager, and through what."""

    granted: bool
    via: list[str]
    eligible: list[str]


class Account(EntraUser, total=False):
    """An account with what it may do. What could not be read is missing, and `errors` says why."""

    upn: str
    found: bool
    global_administrator: str
    intune_licence: str
    intune_action: IntuneAction
    discovered_by: list[str]
    configmgr_roles: list[str]
    configmgr_via: list[str]
    errors: dict[str, t.Any]
