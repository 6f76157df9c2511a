# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read a whole hierarchy from one SMS Provider. PRIVATE to the collection.

Each topic is read on its own: what one class refuses costs that topic, and nothing else.
"""

from __future__ import annotations

import typing as t
from itertools import pairwise

from .._errors import AccessDeniedError, AnswerError, StageError, TenantAttachError
from ..adminservice._odata import build_url
from ..product import _forms
from ..product._site_names import READER
from . import _hierarchy_facts
from ._hierarchy_readings import READINGS
from ._topics import Topics, concerns_all

if t.TYPE_CHECKING:
    from ..adminservice._client import AdminService
    from ..adminservice._odata import Row
    from ..product._nouns import Component, Hierarchy, Provider

CLIENT_PAGE = 5000
_MAX_CLIENT_PAGES = 200


def _rows(client: AdminService, topic: str) -> list[Row]:
    return client.rows(**READINGS[topic].query._asdict())


def _no_scope(expected: str, where: str) -> AccessDeniedError:
    return AccessDeniedError(
        expected=expected,
        observed="an empty list, without an error: the account has no scope",
        where=where,
        next_step="give the account a security role with all scopes and collections",
        rights=[READER],
    )


def _no_provider(client: AdminService) -> AccessDeniedError:
    expected = "at least one SMS Provider: the one that answers is one"
    return _no_scope(expected, f"{client.base}/{READINGS['roles'].query.resource}")


def _concerns_all(error: TenantAttachError) -> bool:
    """Tell whether an error concerns all that follows. An answer that breaks off is that of one class."""
    return concerns_all(error) and not (isinstance(error, StageError) and error.stage == "answer")


class _Reader(Topics):
    """Reads classes, and takes an empty list for an answer only from an account that is known to see something."""

    def __init__(self, client: AdminService) -> None:
        super().__init__(_concerns_all)
        self._client = client
        self._sees_administrators = False

    def rows(self, topic: str) -> list[Row] | None:
        """Return the rows of a topic, None with an error."""
        reading = READINGS[topic]
        self.begin(topic, reading, build_url(self._client.base, **reading.query._asdict()))
        return self.seen(topic, lambda: _rows(self._client, topic))

    def seen(self, topic: str, work: t.Callable[[], list[Row]]) -> list[Row] | None:
        """Return the rows that work reads, None with an error."""
        rows = self.attempt(topic, work)
        if topic == "visibility":
            self._sees_administrators = bool(rows)
        elif rows == [] and topic != "sites" and not self._sees_administrators:
            expected = "rows, or an account that sees administrative users, so that an empty list means something"
            self.keep(topic, _no_scope(expected, self.sources[topic]))
            return None
        return rows


def read_hierarchy(client: AdminService) -> Hierarchy:
    """Return the hierarchy as the interface describes it.

    Topics that could not be read are missing from it, and named in `errors`.

    Raises:
        TenantAttachError: Not even the sites could be read.
    """
    reader = _Reader(client)
    hierarchy = _read_sites(reader, client)
    _add_layout(reader, hierarchy)
    _add_health(reader, hierarchy)
    _add_attach(reader, hierarchy)
    _add_clients(reader, client, hierarchy)
    hierarchy["errors"] = reader.errors_by_field()
    hierarchy["sources"] = reader.sources
    return hierarchy


def read_layout(client: AdminService) -> Hierarchy:
    """Return who is where: sites, SMS Providers, service connection points, databases and site systems.

    Raises:
        TenantAttachError: Any of it could not be read: what is left would look like the whole.
    """
    reader = _Reader(client)
    hierarchy = _read_sites(reader, client)
    _add_layout(reader, hierarchy)
    for topic in ("roles", "databases", "site_systems"):
        if topic in reader.errors:
            raise reader.errors[topic]
    if not hierarchy["providers"]:
        raise _no_provider(client)
    return hierarchy


def _read_sites(reader: _Reader, client: AdminService) -> Hierarchy:
    site_rows = reader.rows("sites")
    if site_rows is None:
        raise reader.errors["sites"]
    if not site_rows:
        raise AccessDeniedError(
            expected="at least one site in SMS_Site",
            observed="an empty list, without an error: the account sees nothing",
            where=reader.sources["sites"],
            next_step="give the account a security role with all scopes, and check that the provider's site is intact",
            rights=[READER],
        )
    found_sites = _hierarchy_facts.sites(site_rows)
    hierarchy: Hierarchy = {
        "read_from": client.host,
        "top_site": _hierarchy_facts.top_site(found_sites),
        "sites": found_sites,
    }
    # First, because it tells what the empty lists of all that follows are worth.
    administrators = reader.rows("visibility")
    if administrators is not None:
        hierarchy["visibility"] = {"administrators": bool(administrators)}
    return hierarchy


def read_providers(client: AdminService) -> tuple[list[Provider], dict[str, int | None]]:
    """Return the SMS Providers of the hierarchy, and the build of each site.

    Raises:
        TenantAttachError: They could not be read.
    """
    sites = _hierarchy_facts.sites(_rows(client, "sites"))
    found = _hierarchy_facts.providers(_rows(client, "roles"), sites)
    if not found:
        raise _no_provider(client)
    return found, {site["code"]: site["build"] for site in sites}


def read_components(client: AdminService) -> list[Component]:
    """Return the state of the components that tenant attach leans on.

    Raises:
        TenantAttachError: They could not be read.
    """
    return _hierarchy_facts.components(_rows(client, "components"))


def _add_layout(reader: _Reader, hierarchy: Hierarchy) -> None:
    sites = hierarchy["sites"]
    roles = reader.rows("roles")
    if roles is not None:
        hierarchy["providers"] = _hierarchy_facts.providers(roles, sites)
        connection_points = _hierarchy_facts.connection_points(roles)
        hierarchy["service_connection_points"] = connection_points
        # The one of the top-tier site is the one that counts.
        ranked = sorted(connection_points, key=lambda each: each["site"] != hierarchy["top_site"])
        hierarchy["service_connection_point"] = ranked[0] if ranked else None
        for site in sites:
            site["providers"] = [entry["host"] for entry in hierarchy["providers"] if entry["site"] == site["code"]]
    definitions = reader.rows("databases")
    databases = _hierarchy_facts.databases(definitions or [])
    for site in sites:
        failed = {"error": reader.errors["databases"].as_dict()} if definitions is None else None
        site["database"] = failed or databases.get(site["code"])
    systems = reader.rows("site_systems")
    if systems is not None:
        hierarchy["site_systems"] = _hierarchy_facts.site_systems(systems, roles or [])


def _add_health(reader: _Reader, hierarchy: Hierarchy) -> None:
    discovery = reader.rows("ad_user_discovery")
    components = reader.rows("components")
    if components is not None:
        hierarchy["components"] = _hierarchy_facts.components(components)
    if discovery is not None:
        agents = _hierarchy_facts.ad_user_discovery(discovery)
        hierarchy["discovery"] = {
            site["code"]: {"ad_user": agents.get(site["code"])}
            for site in hierarchy["sites"]
            if site["type"] == "primary"
        }
    messages = reader.rows("status_messages")
    if messages is not None:
        hierarchy["status_messages"] = _hierarchy_facts.status_messages(messages)


def _add_attach(reader: _Reader, hierarchy: Hierarchy) -> None:
    services, applications, tenants = (
        reader.rows(topic) for topic in ("attach_services", "attach_applications", "attach_tenants")
    )
    if services is not None and applications is not None and tenants is not None:
        hierarchy["attach"] = _hierarchy_facts.attach(services, applications, tenants)


def _add_clients(reader: _Reader, client: AdminService, hierarchy: Hierarchy) -> None:
    reader.sources["clients"] = f"{client.base}/wmi/SMS_R_System"
    partial = _sees_only_a_part(reader, client, hierarchy)
    if partial is not None:
        reader.errors["clients"] = partial
        return
    found = reader.seen("clients", lambda: _client_rows(client))
    if found is not None:
        hierarchy["clients"] = _hierarchy_facts.clients(found)


def _sees_only_a_part(reader: _Reader, client: AdminService, hierarchy: Hierarchy) -> TenantAttachError | None:
    """Return why this SMS Provider does not know the clients of all sites, None when it does.

    Sites, roles and settings are replicated to every site. Clients, component states and messages go upwards only: of
    these, counts mislead when a part is missing, while the others are looked up by host and are then found missing.
    """
    if sum(site["type"] != "secondary" for site in hierarchy["sites"]) == 1:
        return None
    if "providers" not in hierarchy:
        return reader.errors["roles"]
    top, providers = hierarchy["top_site"], hierarchy["providers"]
    serving = sorted({entry["site"] for entry in providers if _forms.same_host(entry["host"], client.host)})
    if top in serving:
        return None
    better = next((entry["host"] for entry in providers if entry["site"] == top), "one of them")
    return AnswerError(
        expected=f"an SMS Provider of the top-tier site {top}: only that site knows the clients of all sites",
        observed=f"one of site {', '.join(serving)}" if serving else "a host that is not among the SMS Providers",
        where=client.host,
        next_step=f"set provider to {better}",
    )


def _client_rows(client: AdminService) -> list[Row]:
    """Read all clients in pages by their key: a large hierarchy has more of them than one answer may hold.

    Whether $orderby and $top are honoured on this route is not documented. If not, either everything comes at once, or
    the order is wrong, which is noticed.
    """
    rows: list[Row] = []
    last = 0
    for _page in range(_MAX_CLIENT_PAGES):
        page = client.rows(
            "wmi/SMS_R_System",
            where=f"Client eq 1 and ResourceID gt {last}",
            select=("ResourceID", "OperatingSystemNameandVersion", "Build", "Obsolete"),
            order_by=("ResourceID",),
            top=CLIENT_PAGE,
        )
        numbers = [row.number("ResourceID") for row in page]
        rows += page
        if len(page) < CLIENT_PAGE:
            return rows
        # Numbers that do not rise show that filter or order is not honoured: nothing that follows could be trusted.
        rising = [last, *(number for number in numbers if number is not None)]
        if len(rising) <= len(page) or any(one >= two for one, two in pairwise(rising)):
            break
        last = rising[-1]
    raise AnswerError(
        expected=f"at most {CLIENT_PAGE * _MAX_CLIENT_PAGES} clients, in the order of ResourceID",
        observed="more of them, or another order",
        where=f"{client.base}/wmi/SMS_R_System",
        next_step="check which service answers in place of AdminService; the other prerequisites are not concerned",
    )
