# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is read of a hierarchy: classes, and the properties of them. PRIVATE to the collection."""

from __future__ import annotations

import typing as t

from ..https._odata import any_of, literal
from ..product._site_names import (
    ALL_PASSED,
    CONNECTION_POINT_ROLE,
    CONNECTOR_COMPONENT,
    CRITICAL_FAILED,
    ENTRA_DISCOVERY_COMPONENT,
    NO_CONNECTION,
    PROVIDER_COMPONENT,
    PROVIDER_ROLE,
    SITE_SYSTEM_ROLE,
    SOME_FAILED,
)
from ._topics import Reading


class Query(t.NamedTuple):
    """What AdminService is asked: a class, its properties, a filter, and how many rows at most."""

    resource: str
    select: tuple[str, ...]
    where: str | None = None
    top: int | None = None


SINCE_MIDNIGHT = "0001128000100008"  # A tally interval. Without one of the documented sixteen, rows come without data.
_CONTROL_KEYS = ("FileType", "ItemName", "ItemType", "SiteCode")
_ACTUAL = "FileType eq 2"  # The site control file in force, not a delta.
_ROLES = (PROVIDER_ROLE, CONNECTION_POINT_ROLE, SITE_SYSTEM_ROLE)
_COMPONENTS = (PROVIDER_COMPONENT, CONNECTOR_COMPONENT, ENTRA_DISCOVERY_COMPONENT)
_MESSAGES = (ALL_PASSED, SOME_FAILED, CRITICAL_FAILED, NO_CONNECTION)


def _class(
    resource: str,
    select: tuple[str, ...],
    where: str | None = None,
    top: int | None = None,
    gives: tuple[str, ...] = (),
) -> Reading[Query]:
    """Return the reading of a class. The keys are always among the properties: without them rows are merged."""
    return Reading(Query(resource, select, where, top), gives)


READINGS: dict[str, Reading[Query]] = {
    "sites": _class(
        "wmi/SMS_Site",
        ("SiteCode", "SiteName", "Type", "ReportingSiteCode", "BuildNumber", "Version", "Status", "Mode", "ServerName"),
    ),
    "roles": _class(
        "wmi/SMS_SCI_SysResUse",
        (*_CONTROL_KEYS, "RoleName", "NetworkOSPath", "Type", "Props"),
        f"{_ACTUAL} and {any_of('RoleName', map(literal, _ROLES))}",
        gives=("providers", "service_connection_point", "service_connection_points"),
    ),
    "databases": _class("wmi/SMS_SCI_SiteDefinition", (*_CONTROL_KEYS, "SQLServerName", "SQLDatabaseName"), _ACTUAL),
    "site_systems": _class(
        "wmi/SMS_SystemResourceList",
        ("NALPath", "ResourceType", "RoleName", "SiteCode", "ServerName", "ServerRemoteName"),
    ),
    "ad_user_discovery": _class(
        "wmi/SMS_SCI_Component",
        (*_CONTROL_KEYS, "ComponentName", "Props", "PropLists"),
        f"{_ACTUAL} and ComponentName eq 'SMS_AD_USER_DISCOVERY_AGENT'",
        gives=("discovery",),
    ),
    "components": _class(
        "wmi/SMS_ComponentSummarizer",
        (
            *("ComponentName", "HeartbeatInterval", "MachineName", "SiteCode", "TallyInterval"),
            *("State", "Status", "LastContacted"),
        ),
        f"{any_of('ComponentName', map(literal, _COMPONENTS))} and TallyInterval eq '{SINCE_MIDNIGHT}'",
    ),
    "status_messages": _class(
        "wmi/SMS_StatusMessage",
        ("RecordID", "MessageID", "Time", "SiteCode", "MachineName", "Component"),
        any_of("MessageID", map(str, _MESSAGES)),
    ),
    # Who has no scope gets empty lists, without an error. There always is an administrative user: seeing none tells it.
    "visibility": _class("wmi/SMS_Admin", ("AdminID", "LogonName"), top=1),
    "attach_services": _class(
        "wmi/SMS_Azure_CloudService",
        ("ID", "Name", "ServiceType", "AssociatedAADWebApplications"),
        "ServiceType eq 5",
        gives=("attach",),
    ),
    # The class has a property SecretKey: it is never asked for.
    "attach_applications": _class("wmi/SMS_AAD_Application_Ex", ("ID", "TenantID", "ClientID"), gives=("attach",)),
    "attach_tenants": _class("wmi/SMS_AAD_Tenant_Ex", ("ID", "Name", "TenantID"), gives=("attach",)),
}
