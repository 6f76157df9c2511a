# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Turn a scenario into the rows that each WMI class of the site database would hold.

Only what a scenario says is unusual is written there; site servers, component servers, providers, databases, management
and distribution points, summarizer rows and ordinary status messages follow from the sites.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from .identity import guid, sid, sid_of
from .scenario import (
    AGENTS,
    OPERATING_SYSTEMS,
    SITE_TYPES,
    STATES,
    STATUSES,
    ClientGroup,
    Component,
    ConnectionPoint,
    Discovery,
    Scenario,
    Site,
)
from .schema import EntityClass, Schema

Row = dict[str, Any]

# The summarizer has one row per tally interval; any other interval names nothing.
TALLY_INTERVALS = frozenset(
    {
        "0001128000100008",
        "0081128000100008",
        "0101128000100008",
        "0181128000100008",
        "0201128000100008",
        "0281128000100008",
        "0001128000192000",
        "00011280001A2000",
        "00011280001B2000",
        "00011280001C2000",
        "00011280001D2000",
        "00011280001E2000",
        "00011280001F2000",
        "000A470000284400",
        "000A4700002BC400",
        "0001128000080008",
    }
)

BUILTIN_ROLES = {
    "SMS0001R": "Full Administrator",
    "SMS0002R": "Read-only Analyst",
    "SMS0003R": "Remote Tools Operator",
    "SMS0004R": "Asset Manager",
    "SMS0006R": "Compliance Settings Manager",
    "SMS0007R": "Application Deployment Manager",
    "SMS0008R": "Application Author",
    "SMS0009R": "Application Administrator",
    "SMS000AR": "Operating System Deployment Manager",
    "SMS000BR": "Infrastructure Manager",
    "SMS000CR": "Software Update Manager",
    "SMS000ER": "Operations Administrator",
    "SMS000FR": "Security Administrator",
    "SMS000GR": "EndPoint Protection Manager",
    "SMS000HR": "Company Resource Access Manager",
}

INFORMATIONAL, WARNING, ERROR = 0x40000000, 0x80000000, 0xC0000000
SEVERITIES = {11411: WARNING, 11412: ERROR, 11488: ERROR, 11618: WARNING, 4979: WARNING}
MILESTONE = 256
SIGN_BIT = 1 << 31

# Canary of the tests: a client that fetches application secrets shows this text somewhere.
SECRET_KEY_CANARY = "LAB-CANARY-SECRETKEY"

TENANT_ATTACH_SERVICE_TYPE = 5
FIRST_RESOURCE_ID = 16777219
FIRST_USER_ID = 2063597569
FIRST_ADMIN_ID = 16777217
# RecordID holds the site number in its upper bits, so it is beyond what a double can hold exactly.
FIRST_RECORD_ID = 72057594037928961
NEVER = datetime(1980, 1, 1, tzinfo=UTC)
ALWAYS_HTTPS, NOT_CLIENT_FACING, HTTPS, HTTP = 3, 2, 1, 0
COMPONENT_FLAG_ROLE_INSTALLED = 5


class Estate:
    """Rows by class; each row remembers the site whose database owns it."""

    def __init__(self, scenario: Scenario, schema: Schema) -> None:
        self.scenario = scenario
        self.schema = schema
        self.started = datetime.now(UTC).replace(microsecond=0)
        self._rows: dict[str, list[tuple[str, Row]]] = {}
        self._seen: dict[tuple[str, str], list[Row]] = {}
        self._makers: dict[str, Callable[[], Iterator[tuple[str, Row]]]] = {
            "SMS_Site": self._sites,
            "SMS_SystemResourceList": self._resource_list,
            "SMS_SCI_SysResUse": self._resource_use,
            "SMS_SCI_SiteDefinition": self._definitions,
            "SMS_SCI_Component": self._site_components,
            "SMS_ComponentSummarizer": self._component_summaries,
            "SMS_SiteSystemSummarizer": self._system_summaries,
            "SMS_StatusMessage": self._messages,
            "SMS_StatMsg": self._messages,
            "SMS_R_System": self._systems,
            "SMS_R_User": self._users,
            "SMS_Admin": self._administrators,
            "SMS_Role": self._security_roles,
            "SMS_Azure_CloudService": self._cloud_services,
            "SMS_AAD_Application_Ex": self._applications,
            "SMS_AAD_Tenant_Ex": self._tenants,
            "SMS_AAD_Discovery_Settings": self._entra_discovery,
            "Device": self._devices,
        }

    # -- what a provider sees -------------------------------------------------------------------------------------

    def rows(self, item: EntityClass, viewpoint: str) -> list[Row]:
        """Rows of a class as a provider of the site ``viewpoint`` sees them, every property filled or null."""
        key = (item.name, viewpoint)
        if key not in self._seen:
            visible = self._visible_sites(viewpoint)
            blank: Row = {name: [] if kind.endswith("[]") else None for name, kind in item.properties.items()}
            self._seen[key] = [
                {**blank, **row} for owner, row in self._made(item.name) if item.hierarchy_wide or owner in visible
            ]
        return self._seen[key]

    def _made(self, name: str) -> list[tuple[str, Row]]:
        if name not in self._rows:
            maker = self._makers.get(name)
            self._rows[name] = list(maker()) if maker else []
        return self._rows[name]

    def _visible_sites(self, viewpoint: str) -> set[str]:
        """The CAS sees site data of the whole hierarchy, a primary that of itself and its secondaries."""
        if self.scenario.sites[viewpoint].type == "cas":
            return set(self.scenario.sites)
        return {viewpoint} | {code for code, site in self.scenario.sites.items() if site.parent == viewpoint}

    # -- sites and roles ------------------------------------------------------------------------------------------

    def _sites(self) -> Iterator[tuple[str, Row]]:
        for site in self.scenario.sites.values():
            bias = -site.utc_offset & 0xFFFFFFFF
            yield (
                site.code,
                {
                    "BuildNumber": site.build,
                    "Features": "0",
                    "InstallDir": r"C:\Program Files\Microsoft Configuration Manager",
                    "Mode": site.mode,
                    "ReportingSiteCode": site.parent,
                    "RequestedStatus": 110,
                    "SecondarySiteCMUpdateStatus": 2,
                    "ServerName": self.scenario.fqdn(site.server),
                    "SiteCode": site.code,
                    "SiteName": site.name,
                    "Status": site.status,
                    "TimeZoneInfo": f"{bias:08X} 0000 0000 0000 0000 0000 0000 0000 0000",
                    "Type": SITE_TYPES[site.type],
                    "Version": f"5.00.{site.build}.1000",
                },
            )

    def _roles(self) -> Iterator[tuple[Site, str, str]]:
        """Site, host and role name of every site system role."""
        scenario = self.scenario
        seen: set[tuple[str, str, str]] = set()
        for code, host, role in self._declared_roles():
            # Every host that carries a role of a site is a site system and a component server of that site.
            for name in ("SMS Site System", "SMS Component Server", role):
                if (code, host, name) not in seen:
                    seen.add((code, host, name))
                    yield scenario.sites[code], host, name

    def _declared_roles(self) -> Iterator[tuple[str, str, str]]:
        scenario = self.scenario
        for site in scenario.sites.values():
            yield site.code, site.server, "SMS Site Server"
            yield site.code, site.sql.host, "SMS SQL Server"
            if site.type != "cas":
                yield site.code, site.server, "SMS Management Point"
                yield site.code, site.server, "SMS Distribution Point"
        for provider in scenario.providers.values():
            yield provider.site, provider.host, "SMS Provider"
        for point in scenario.connection_points.values():
            yield point.site, point.host, "SMS Dmp Connector"
        for role in scenario.roles:
            yield role.site, role.host, role.role

    def _nal_path(self, site: Site, host: str) -> str:
        name = self.scenario.fqdn(host)
        return f'["Display=\\\\{name}\\"]MSWNET:["SMS_SITE={site.code}"]\\\\{name}\\'

    def _ssl_state(self, role: str) -> int:
        states = {
            "SMS Management Point": HTTPS,
            "SMS Distribution Point": HTTP,
            "SMS Provider": ALWAYS_HTTPS,
        }
        return states.get(role, NOT_CLIENT_FACING)

    def _resource_list(self) -> Iterator[tuple[str, Row]]:
        for site, host, role in self._roles():
            name = self.scenario.fqdn(host)
            yield (
                site.code,
                {
                    "InternetEnabled": False,
                    "InternetShared": False,
                    "NALPath": self._nal_path(site, host),
                    "ResourceType": "Windows NT Server",
                    "RoleName": role,
                    "ServerName": name,
                    "ServerRemoteName": name,
                    "SiteCode": site.code,
                    "SslState": self._ssl_state(role),
                },
            )

    def _resource_use(self) -> Iterator[tuple[str, Row]]:
        colocated = {"secondary": 1, "primary": 2, "cas": 4}
        servers = {site.server: site for site in self.scenario.sites.values()}
        for site, host, role in self._roles():
            path = self._nal_path(site, host)
            on_server = servers.get(host)
            yield (
                site.code,
                {
                    "FileType": 2,
                    "ItemName": f"{path},{role}",
                    "ItemType": "System Resource Usage",
                    "NALPath": path,
                    "NALType": "Windows NT Server",
                    "NetworkOSPath": f"\\\\{self.scenario.fqdn(host)}",
                    "PropLists": self._role_lists(site, role),
                    "Props": self._role_properties(host, role),
                    "RoleCount": 1,
                    "RoleName": role,
                    "SiteCode": site.code,
                    "SslState": self._ssl_state(role),
                    "Type": colocated[on_server.type] if on_server else 8,
                },
            )

    def _role_properties(self, host: str, role: str) -> list[Row]:
        scenario = self.scenario
        point = scenario.connection_points.get(host)
        if role == "SMS Dmp Connector" and point is not None:
            return [_property("OfflineMode", int(point.offline))]
        if role != "SMS Site System":
            return []
        domain = scenario.domains.get(host, scenario.domain)
        forest = scenario.domain.partition(".")[2]
        properties = [
            _property("Server Remote Name", 0, scenario.fqdn(host), scenario.fqdn(host)),
            _property("ForestFQDN", 0, forest),
            _property("DomainFQDN", 0, domain),
            _property("FDMOperation", 0),
            _property("UseMachineAccount", 1),
            _property("UseProxy", int(bool(point and point.proxy_name))),
        ]
        if point and point.proxy_name:
            properties += [
                _property("ProxyName", 0, "REG_SZ", point.proxy_name),
                _property("ProxyServerPort", point.proxy_port),
                _property("ProxyUserName", 0, "REG_SZ", ""),
            ]
        return properties

    def _role_lists(self, site: Site, role: str) -> list[Row]:
        if role != "SMS SQL Server":
            return []
        values = [self.scenario.fqdn(site.sql.host), site.sql.database, site.sql.instance]
        return [{"PropertyListName": "Databases", "Values": values}]

    def _definitions(self) -> Iterator[tuple[str, Row]]:
        for site in self.scenario.sites.values():
            sql = site.sql
            yield (
                site.code,
                {
                    "FileType": 2,
                    "InstallDirectory": r"C:\Program Files\Microsoft Configuration Manager",
                    "ItemName": "Site Definition",
                    "ItemType": "Site Definition",
                    "ParentSiteCode": site.parent,
                    "SiteCode": site.code,
                    "SiteName": site.name,
                    "SiteServerDomain": self.scenario.netbios,
                    "SiteServerName": self.scenario.fqdn(site.server),
                    "SiteServerPlatform": "AMD64",
                    "SiteType": SITE_TYPES[site.type],
                    "SQLDatabaseName": f"{sql.instance}\\{sql.database}" if sql.instance else sql.database,
                    "SQLServerName": self.scenario.fqdn(sql.host),
                },
            )

    # -- components -----------------------------------------------------------------------------------------------

    def _site_components(self) -> Iterator[tuple[str, Row]]:
        for site in self.scenario.sites.values():
            names = [("SMS_SITE_COMPONENT_MANAGER", "SMS Site Server")]
            if any(point.site == site.code for point in self.scenario.connection_points.values()):
                names.append(("SMS_DMP_DOWNLOADER", "SMS Dmp Connector"))
            for name, role in names:
                yield site.code, _component_row(site, name, role, [], [])
            agents = {
                "SMS_AD_USER_DISCOVERY_AGENT": site.ad_user_discovery,
                "SMS_AD_SYSTEM_DISCOVERY_AGENT": site.ad_system_discovery,
            }
            for name, discovery in agents.items():
                if discovery is not None:
                    properties, lists = _discovery_settings(discovery)
                    yield site.code, _component_row(site, name, "SMS Site Server", properties, lists)

    def _component_summaries(self) -> Iterator[tuple[str, Row]]:
        """One row per component and machine; the tally interval is put in when a query names it."""
        healthy = Component()
        for site in self.scenario.sites.values():
            for name in ("SMS_EXECUTIVE", "SMS_SITE_COMPONENT_MANAGER", "SMS_REPLICATION_CONFIGURATION_MONITOR"):
                yield self._summary(site, site.server, name, healthy)
            if site.type != "cas":
                for name in ("SMS_MP_CONTROL_MANAGER", "SMS_NOTIFICATION_SERVER", "SMS_DISTRIBUTION_MANAGER"):
                    yield self._summary(site, site.server, name, healthy)
            if site.ad_user_discovery is not None and site.ad_user_discovery.active:
                yield self._summary(site, site.server, "SMS_AD_USER_DISCOVERY_AGENT", healthy, scheduled=True)
        for provider in self.scenario.providers.values():
            site = self.scenario.sites[provider.site]
            yield self._summary(site, provider.host, "SMS_REST_PROVIDER", provider.component)
        for point in self.scenario.connection_points.values():
            yield from self._point_summaries(point)
        if self.scenario.entra_discovery:
            top = self.scenario.top_site
            yield self._summary(top, top.server, "SMS_AZUREAD_DISCOVERY_AGENT", healthy, scheduled=True)

    def _point_summaries(self, point: ConnectionPoint) -> Iterator[tuple[str, Row]]:
        site = self.scenario.sites[point.site]
        yield self._summary(site, point.host, "SMS_SERVICE_CONNECTOR", point.connector)
        for name in ("SMS_DMP_DOWNLOADER", "SMS_DMP_UPLOADER", "SMS_CLOUD_SERVICES_MANAGER"):
            yield self._summary(site, point.host, name, Component())

    def _summary(
        self, site: Site, host: str, name: str, component: Component, scheduled: bool = False
    ) -> tuple[str, Row]:
        # These times are local to the site although JSON marks them as UTC.
        local = self.started + timedelta(minutes=site.utc_offset)
        running = component.state == STATES["started"]
        return (
            site.code,
            {
                "AvailabilityState": 0 if running else 3,
                "ComponentName": name,
                "ComponentType": "Monitored Thread Component"
                if name != "SMS_EXECUTIVE"
                else "Monitored Service Component",
                "Errors": 5 if component.status == STATUSES["critical"] else 0,
                "HeartbeatInterval": 0 if scheduled else 60,
                "Infos": 4,
                "LastContacted": local - timedelta(minutes=11),
                "LastHeartbeat": local - timedelta(minutes=41),
                "LastStarted": local - timedelta(days=3, hours=2),
                "MachineName": self.scenario.fqdn(host),
                "NextScheduledTime": NEVER,
                "SiteCode": site.code,
                "State": component.state,
                "Status": component.status,
                "TallyInterval": "",
                "Type": 1 if scheduled else 0,
                "Warnings": 3 if component.status == STATUSES["warning"] else 0,
            },
        )

    def _system_summaries(self) -> Iterator[tuple[str, Row]]:
        for site, host, role in self._roles():
            provider = self.scenario.providers.get(host)
            since = provider.down_since if provider else None
            yield (
                site.code,
                {
                    "AvailabilityState": 0 if since is None else 3,
                    "BytesFree": 61_440_000,
                    "BytesTotal": 125_829_120,
                    "DownSince": None if since is None else self.started - since,
                    "ObjectType": 0,
                    "PercentFree": 48,
                    "Role": role,
                    "SiteCode": site.code,
                    "SiteObject": self._nal_path(site, host),
                    "SiteSystem": self._nal_path(site, host),
                    "Status": 0 if since is None else 2,
                },
            )

    # -- status messages ------------------------------------------------------------------------------------------

    def _messages(self) -> Iterator[tuple[str, Row]]:
        found: list[tuple[datetime, str, str, str, int]] = []
        for message in self.scenario.status_messages:
            time = self.started - message.age
            found.append((time, message.site, message.host, message.component, message.id))
        # A site is never silent: components start, and the hourly work says that it was done.
        for site in self.scenario.sites.values():
            for hours, component, number in (
                (75, "SMS_EXECUTIVE", 500),
                (74, "SMS_SITE_COMPONENT_MANAGER", 500),
                (3, "SMS_SITE_BACKUP", 5055),
            ):
                found.append((self.started - timedelta(hours=hours), site.code, site.server, component, number))
        found.sort(key=lambda item: item[0])
        for index, (time, code, host, component, number) in enumerate(found):
            severity = SEVERITIES.get(number, INFORMATIONAL)
            if self.scenario.surprises.signed_severity and severity >= SIGN_BIT:
                severity -= 1 << 32
            yield (
                code,
                {
                    "Component": component,
                    "MachineName": self.scenario.fqdn(host),
                    "MessageID": number,
                    "MessageType": MILESTONE,
                    "ModuleName": "SMS Server",
                    "PerClient": 0,
                    "ProcessID": 4212,
                    "RecordID": FIRST_RECORD_ID + index,
                    "ReportFunction": 0,
                    "Severity": severity,
                    "SiteCode": code,
                    "SuccessfulTransaction": 0,
                    "ThreadID": 6120,
                    "Time": time,
                    "TopLevelSiteCode": "",
                    "Transaction": 0,
                    "Win32Error": 0,
                },
            )

    # -- resources ------------------------------------------------------------------------------------------------

    def _clients(self) -> Iterator[tuple[int, ClientGroup, Site]]:
        """Resource id, group and site of every device."""
        resource = FIRST_RESOURCE_ID
        for group in self.scenario.clients:
            for number in range(group.count):
                yield resource, group, self.scenario.sites[group.sites[number % len(group.sites)]]
                resource += 1

    def _systems(self) -> Iterator[tuple[str, Row]]:
        scenario = self.scenario
        for resource, group, site in self._clients():
            ordinal = resource - FIRST_RESOURCE_ID
            name = _device_name(group, ordinal)
            yield (
                site.code,
                {
                    "Active": int(group.client and not group.obsolete),
                    "ADSiteName": site.name,
                    "AgentName": ["SMS_AD_SYSTEM_DISCOVERY_AGENT", *(["Heartbeat Discovery"] if group.client else [])],
                    "AgentSite": [site.code, *([site.code] if group.client else [])],
                    "AgentTime": [self.started - timedelta(hours=9)] * (1 + group.client),
                    "Build": group.build,
                    "Client": int(group.client),
                    "ClientType": 1 if group.client else None,
                    "ClientVersion": f"5.00.{site.build}.1000" if group.client else None,
                    "CreationDate": self.started - timedelta(days=200 + ordinal % 400),
                    "Decommissioned": 0,
                    "DistinguishedName": f"CN={name},OU=Devices,{_base_dn(scenario.domain)}",
                    "FullDomainName": scenario.domain,
                    "IPAddresses": [f"10.{ordinal >> 16 & 255}.{ordinal >> 8 & 255}.{ordinal & 255}"],
                    "LastLogonUserName": f"user{ordinal:05}",
                    "MACAddresses": [
                        f"00:15:5D:{ordinal >> 16 & 255:02X}:{ordinal >> 8 & 255:02X}:{ordinal & 255:02X}"
                    ],
                    "Name": name,
                    "NetbiosName": name,
                    "Obsolete": int(group.obsolete),
                    "OperatingSystemNameandVersion": OPERATING_SYSTEMS[group.os][0],
                    "ResourceDomainORWorkgroup": scenario.netbios,
                    "ResourceID": resource,
                    "ResourceNames": [scenario.fqdn(name.lower())],
                    "ResourceType": 5,
                    "SID": sid(40000 + ordinal),
                    "SMSAssignedSites": [site.code] if group.client else [],
                    "SMSInstalledSites": [site.code] if group.client else [],
                    "SMSUniqueIdentifier": f"GUID:{guid(name)}".upper() if group.client else None,
                    "SystemRoles": [],
                },
            )

    def _devices(self) -> Iterator[tuple[str, Row]]:
        for resource, group, site in self._clients():
            name = _device_name(group, resource - FIRST_RESOURCE_ID)
            yield (
                site.code,
                {
                    "MachineId": resource,
                    "Name": name,
                    "SiteCode": site.code if group.client else None,
                    "Domain": self.scenario.netbios,
                    "SMSID": f"GUID:{guid(name)}".upper() if group.client else None,
                    "ClientType": 1 if group.client else None,
                    "ClientVersion": f"5.00.{site.build}.1000" if group.client else None,
                    "DeviceOS": OPERATING_SYSTEMS[group.os][0],
                    "DeviceOSBuild": group.build,
                    "IsClient": group.client,
                    "IsObsolete": group.obsolete,
                    "IsActive": group.client and not group.obsolete,
                },
            )

    def _users(self) -> Iterator[tuple[str, Row]]:
        scenario = self.scenario
        primaries = [site for site in scenario.sites.values() if site.type == "primary"]
        tenant = scenario.attach.tenant_id if scenario.attach else guid(f"tenant of {scenario.domain}")
        for index, user in enumerate(scenario.users):
            site = primaries[index % len(primaries)]
            by_entra = "entra" in user.discovered_by
            entra_id = guid(f"user {user.upn.lower()}" if user.upn else user.name)
            yield (
                site.code,
                {
                    "AADTenantID": tenant if by_entra else None,
                    "AADUserID": entra_id if by_entra else None,
                    "AgentName": [AGENTS[agent] for agent in user.discovered_by],
                    "AgentSite": [site.code for _agent in user.discovered_by],
                    "AgentTime": [self.started - timedelta(hours=7) for _agent in user.discovered_by],
                    "CloudUserId": entra_id if by_entra else None,
                    "CreationDate": self.started - timedelta(days=300),
                    "DistinguishedName": f"CN={user.full_name},OU=Users,{_base_dn(scenario.domain)}",
                    "FullDomainName": scenario.domain.upper(),
                    "FullUserName": user.full_name,
                    "Mail": f"{user.name}@{scenario.domain}",
                    "Name": f"{scenario.netbios}\\{user.name} ({user.full_name})",
                    "NetworkOperatingSystem": "Windows NT",
                    "PrimaryGroupID": 513,
                    "ResourceID": FIRST_USER_ID + index,
                    "ResourceType": 4,
                    "SID": user.sid or sid_of(user.name),
                    "UniqueUserName": f"{scenario.netbios}\\{user.name}",
                    "UserAccountControl": 512,
                    "UserContainerName": [f"{scenario.netbios}\\USERS"],
                    "UserGroupName": [f"{scenario.netbios}\\Domain Users"],
                    "UserName": user.name,
                    "UserOUName": [f"{scenario.domain.upper()}/USERS"],
                    "UserPrincipalName": user.upn or f"{user.name}@{scenario.domain}",
                    "WindowsNTDomain": scenario.netbios,
                },
            )

    # -- administration -------------------------------------------------------------------------------------------

    def _administrators(self) -> Iterator[tuple[str, Row]]:
        ids = {name: role for role, name in BUILTIN_ROLES.items()}
        top = self.scenario.top_site.code
        for index, administrator in enumerate(self.scenario.administrators):
            roles = [ids[name] for name in administrator.roles if name in ids]
            account = administrator.name.rpartition("\\")[2]
            yield (
                top,
                {
                    "AccountType": int(administrator.group),
                    "AdminID": FIRST_ADMIN_ID + index,
                    "AdminSid": administrator.sid or sid_of(account),
                    "Categories": ["SMS00ALL"],
                    "CategoryNames": ["All"],
                    "CollectionNames": ["All Systems", "All Users and User Groups"],
                    "CreatedBy": f"{self.scenario.netbios}\\setup",
                    "CreatedDate": self.started - timedelta(days=900),
                    "DisplayName": account,
                    "DistinguishedName": f"CN={account},OU=Users,{_base_dn(self.scenario.domain)}",
                    "ExtendedData": [],
                    "IsCovered": False,
                    "IsDeleted": False,
                    "IsGroup": administrator.group,
                    "LastModifiedBy": f"{self.scenario.netbios}\\setup",
                    "LastModifiedDate": self.started - timedelta(days=90),
                    "LogonName": administrator.name,
                    "Permissions": [
                        {"CategoryID": category, "CategoryTypeID": kind, "RoleID": role}
                        for role in roles
                        for category, kind in (("SMS00ALL", 29), ("SMS00001", 1), ("SMS00004", 1))
                    ],
                    "RoleNames": list(administrator.roles),
                    "Roles": roles,
                    "SKey": "",
                    "SourceSite": top,
                },
            )

    def _security_roles(self) -> Iterator[tuple[str, Row]]:
        for number, name in BUILTIN_ROLES.items():
            row = {"CopiedFromID": "", "IsBuiltIn": True, "RoleDescription": "", "RoleID": number, "RoleName": name}
            yield self.scenario.top_site.code, row

    # -- cloud ----------------------------------------------------------------------------------------------------

    def _cloud_services(self) -> Iterator[tuple[str, Row]]:
        if self.scenario.attach is not None:
            row = {
                "AssociatedAADWebApplications": [16777217],
                "ID": 16777217,
                "Name": "Tenant attach",
                "ServiceType": TENANT_ATTACH_SERVICE_TYPE,
            }
            yield self.scenario.top_site.code, row

    def _applications(self) -> Iterator[tuple[str, Row]]:
        attach = self.scenario.attach
        if attach is not None and attach.application_present:
            row = {
                "ClientID": attach.client_id,
                "ID": 16777217,
                "IdentifierUri": f"api://{attach.tenant_id}/{attach.client_id}",
                "Name": "ConfigMgrSvc",
                "SecretKey": SECRET_KEY_CANARY,
                "TenantID": 16777217,
            }
            yield self.scenario.top_site.code, row

    def _tenants(self) -> Iterator[tuple[str, Row]]:
        attach = self.scenario.attach
        if attach is not None:
            row = {"ID": 16777217, "Name": attach.tenant_name, "TenantID": attach.tenant_id}
            yield self.scenario.top_site.code, row

    def _entra_discovery(self) -> Iterator[tuple[str, Row]]:
        if self.scenario.entra_discovery:
            row = {"ID": 1, "TenantID": 16777217, "UserDiscoveryEnabled": True, "DeltaDiscoveryEnabled": True}
            yield self.scenario.top_site.code, row


def _property(name: str, value: int = 0, value1: str = "", value2: str = "") -> Row:
    return {"PropertyName": name, "Value": value, "Value1": value1, "Value2": value2}


def _component_row(site: Site, name: str, role: str, properties: list[Row], lists: list[Row]) -> Row:
    return {
        "ComponentName": name,
        "FileType": 2,
        "Flag": COMPONENT_FLAG_ROLE_INSTALLED,
        "ItemName": f"{name}|{role}",
        "ItemType": "Component",
        "Name": role,
        "PropLists": lists,
        "Props": properties,
        "SiteCode": site.code,
    }


def _discovery_settings(discovery: Discovery) -> tuple[list[Row], list[Row]]:
    # The container list is flat: path, recursion flag (0 is recursive), group flag.
    containers = [value for path in discovery.containers for value in (path, "0", "0")]
    properties = [
        _property("SETTINGS", 0, "ACTIVE" if discovery.active else "INACTIVE"),
        _property("Enable Incremental Sync", int(discovery.delta)),
        _property("Startup Schedule", 0, "000120000015A000"),
        _property("Full Sync Schedule", 0, "0001200000100038"),
    ]
    lists = [
        {"PropertyListName": "AD Containers", "Values": containers},
        {"PropertyListName": "AD Attributes", "Values": ["mail", "userPrincipalName"]},
    ]
    return properties, lists


def _device_name(group: ClientGroup, ordinal: int) -> str:
    # NetBIOS names end at 15 characters.
    return f"{group.os.upper().replace('_', '')[:9]}-{ordinal:05}"


def _base_dn(domain: str) -> str:
    return ",".join(f"DC={part}" for part in domain.split("."))
