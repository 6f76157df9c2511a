# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an SMS Provider answers about a small hierarchy: a CAS, a primary and a secondary site."""

from __future__ import annotations

import typing as t

from ansible_collections.configmgr.tenant_attach.tests.unit.conversation import HOST, Call, listing

Row = dict[str, t.Any]

_CONTROL = "$select=FileType,ItemName,ItemType,SiteCode"
_COMPONENTS = "SMS_REST_PROVIDER", "SMS_SERVICE_CONNECTOR", "SMS_AZUREAD_DISCOVERY_AGENT"
_ROLES = "SMS Provider", "SMS Dmp Connector", "SMS Site System"


def _any(name: str, values: t.Iterable[str]) -> str:
    return "(" + " or ".join(f"{name} eq {value}" for value in values) + ")"


# In the order in which they are asked for.
TARGETS = {
    "sites": "/wmi/SMS_Site?$select=SiteCode,SiteName,Type,ReportingSiteCode,"
    "BuildNumber,Version,Status,Mode,ServerName",
    "visibility": "/wmi/SMS_Admin?$select=AdminID,LogonName&$top=1",
    "roles": "/wmi/SMS_SCI_SysResUse?$filter=FileType eq 2 and "
    + _any("RoleName", (f"'{role}'" for role in _ROLES))
    + f"&{_CONTROL},RoleName,NetworkOSPath,Type,Props",
    "databases": f"/wmi/SMS_SCI_SiteDefinition?$filter=FileType eq 2&{_CONTROL},SQLServerName,SQLDatabaseName",
    "site_systems": "/wmi/SMS_SystemResourceList?$select=NALPath,ResourceType,RoleName,SiteCode,"
    "ServerName,ServerRemoteName",
    "ad_user_discovery": "/wmi/SMS_SCI_Component?$filter=FileType eq 2"
    f" and ComponentName eq 'SMS_AD_USER_DISCOVERY_AGENT'&{_CONTROL},ComponentName,Props,PropLists",
    "components": "/wmi/SMS_ComponentSummarizer?$filter="
    + _any("ComponentName", (f"'{name}'" for name in _COMPONENTS))
    + " and TallyInterval eq '0001128000100008'"
    "&$select=ComponentName,HeartbeatInterval,MachineName,SiteCode,TallyInterval,State,Status,LastContacted",
    "status_messages": "/wmi/SMS_StatusMessage?$filter="
    + _any("MessageID", ("11410", "11411", "11412", "11488"))
    + "&$select=RecordID,MessageID,Time,SiteCode,MachineName,Component",
    "attach_services": "/wmi/SMS_Azure_CloudService?$filter=ServiceType eq 5"
    "&$select=ID,Name,ServiceType,AssociatedAADWebApplications",
    "attach_applications": "/wmi/SMS_AAD_Application_Ex?$select=ID,TenantID,ClientID",
    "attach_tenants": "/wmi/SMS_AAD_Tenant_Ex?$select=ID,Name,TenantID",
    "clients": "/wmi/SMS_R_System?$filter=Client eq 1 and ResourceID gt 0"
    "&$select=ResourceID,OperatingSystemNameandVersion,Build,Obsolete&$orderby=ResourceID&$top=5000",
}

LAYOUT = "sites", "visibility", "roles", "databases", "site_systems"


def _site(code: str, kind: int, parent: str, server: str) -> Row:
    return {
        "@odata.etag": code,
        "__LAZYPROPERTIES": [],
        "BuildNumber": 9141,
        "Mode": 0,
        "ReportingSiteCode": parent,
        "ServerName": server,
        "SiteCode": code,
        "SiteName": f"Site {code}",
        "Status": 1,
        "Type": kind,
        "Version": "5.00.9141.1000",
    }


def _use(role: str, host: str, site: str, kind: int, *props: Row) -> Row:
    return {
        "FileType": 2,
        "SiteCode": site,
        "RoleName": role,
        "NetworkOSPath": f"\\\\{host}",
        "Type": kind,
        "Props": list(props),
    }


def _prop(name: str, value: int, text: str = "") -> Row:
    return {"PropertyName": name, "Value": value, "Value1": text, "Value2": ""}


PROVIDER = "cm-p01.contoso.com"
REMOTE = "cm-prv01.contoso.com"
POINT = "cm-scp01.contoso.com"

ROWS: dict[str, list[Row]] = {
    "sites": [
        _site("S11", 1, "P01", "cm-s11.contoso.com"),
        _site("P01", 2, "CAS", PROVIDER),
        _site("CAS", 4, "", HOST),
    ],
    "visibility": [{"AdminID": 16777217, "LogonName": "CONTOSO\\admin"}],
    "roles": [
        _use("SMS Provider", HOST, "CAS", 4),
        _use("SMS Provider", REMOTE, "CAS", 8),
        _use("SMS Provider", PROVIDER, "P01", 2),
        _use("SMS Dmp Connector", POINT, "CAS", 8, _prop("OfflineMode", 0)),
        _use("SMS Site System", POINT, "CAS", 8, _prop("DomainFQDN", 0, "contoso.com"), _prop("UseProxy", 0)),
    ],
    "databases": [
        {"SiteCode": "CAS", "SQLServerName": "cm-sql01.contoso.com", "SQLDatabaseName": "CM_CAS"},
        {"SiteCode": "P01", "SQLServerName": PROVIDER, "SQLDatabaseName": "CMINST\\CM_P01"},
    ],
    "site_systems": [
        {"ServerRemoteName": HOST, "RoleName": "SMS Provider", "SiteCode": "CAS"},
        {"ServerRemoteName": POINT, "RoleName": "SMS Dmp Connector", "SiteCode": "CAS"},
    ],
    "ad_user_discovery": [{"SiteCode": "P01", "Props": [_prop("SETTINGS", 0, "ACTIVE")], "PropLists": []}],
    "components": [
        {"ComponentName": "SMS_REST_PROVIDER", "SiteCode": "CAS", "MachineName": "CM01", "State": 1, "Status": 0},
        {"ComponentName": "SMS_REST_PROVIDER", "SiteCode": "P01", "MachineName": "CM-P01", "State": 0, "Status": 2},
    ],
    "status_messages": [
        {"MessageID": 11410, "Time": "2026-11-23T20:00:00Z", "SiteCode": "CAS", "MachineName": "CM-SCP01"}
    ],
    "attach_services": [{"ID": 3, "Name": "Upload", "ServiceType": 5, "AssociatedAADWebApplications": [16777217]}],
    "attach_applications": [{"ID": 16777217, "TenantID": 5, "ClientID": "1f6d2c9e-0000-4000-8000-000000000001"}],
    "attach_tenants": [{"ID": 5, "Name": "Contoso", "TenantID": "0d6b1c52-0000-4000-8000-00000000000a"}],
    "clients": [
        {
            "ResourceID": 16777219,
            "OperatingSystemNameandVersion": "Microsoft Windows NT Workstation 10.0",
            "Build": "10.0.22631",
        }
    ],
}


def calls(**instead: t.Any) -> list[Call]:
    """The conversation of one reading. A topic may get other rows, a call of its own, or none at all (None)."""
    made = []
    for topic, target in TARGETS.items():
        answer = instead.get(topic, ROWS[topic])
        if answer is not None:
            made.append(answer if isinstance(answer, Call) else Call(target, listing(*answer)))
    return made


def layout_calls(**instead: t.Any) -> list[Call]:
    """The conversation of reading who is where, and nothing else."""
    others = [topic for topic in TARGETS if topic not in LAYOUT]
    return calls(**instead, **dict.fromkeys(topic for topic in others if topic not in instead))


def standalone() -> dict[str, list[Row]]:
    """The rows that differ when P01 has no site above it."""
    alone = [{**_site("P01", 2, "", HOST)}]
    point = _use("SMS Dmp Connector", HOST, "P01", 2, _prop("OfflineMode", 0))
    return {"sites": alone, "roles": [_use("SMS Provider", HOST, "P01", 2), point]}
