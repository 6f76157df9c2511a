# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""For every prerequisite: what is changed in the evidence of a healthy hierarchy, and how it is judged then."""

from __future__ import annotations

import datetime as dt
import typing as t

import pytest

from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.documents._expectations import parse
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.judge._engine import judge
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.judge.prerequisites._catalogue import CATALOGUE
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.judge.prerequisites._clients import (
    System,
    classify,
)
from ansible_collections.configmgr.tenant_attach.tests.unit.declared import NAMES, ONBOARDER, OPERATORS

Json = dict[str, t.Any]
Change = t.Callable[[Json], object]

DECLARED: Json = NAMES
PROVIDER = "cm-p02-prv01.corp.contoso.example"
REMOTE = "cm-cas-prv01.corp.contoso.example"
SQL = "cm-p01-sql01.corp.contoso.example"
WITHOUT_PORTS: Json = {name: value for name, value in NAMES.items() if name != "sql_ports"}
POINT = "cm-scp01.corp.contoso.example"
ERROR: Json = {
    "kind": "connection",
    "expected": "a TCP connection",
    "observed": "no answer at all",
    "where": "https://host",
    "next_step": "check the firewall",
    "rights": [],
}


class Case(t.NamedTuple):
    """A change, and the outcome for one scope (None: for all that are judged)."""

    id: str
    what: str
    change: Change
    outcome: str
    scope: str | None = None
    says: str = ""
    declared: Json = DECLARED


def site(code: str, **values: t.Any) -> Change:
    return lambda evidence: next(s for s in evidence["hierarchy"]["sites"] if s["code"] == code).update(values)


def sites(**values: t.Any) -> Change:
    return lambda evidence: [each.update(values) for each in evidence["hierarchy"]["sites"]]


def hierarchy(**values: t.Any) -> Change:
    return lambda evidence: evidence["hierarchy"].update(values)


def point(**values: t.Any) -> Change:
    return lambda evidence: evidence["hierarchy"]["service_connection_points"][0].update(values)


def probe(host: str = PROVIDER, **values: t.Any) -> Change:
    return lambda evidence: next(p for p in evidence["adminservice"]["providers"] if p["host"] == host).update(values)


def all_probes(**values: t.Any) -> Change:
    return lambda evidence: [each.update(values) for each in evidence["adminservice"]["providers"]]


def certificate(host: str = PROVIDER, **values: t.Any) -> Change:
    return lambda evidence: next(p for p in evidence["adminservice"]["providers"] if p["host"] == host)[
        "certificate"
    ].update(values)


def signed_in(auth: str) -> Change:
    return lambda evidence: evidence["adminservice"].update(auth=auth)


def stopped(stage: str, **error: t.Any) -> Json:
    return {
        "healthy": False,
        "failed_stage": stage,
        "stages": [{"name": stage, "ok": False, "seconds": 0.0, "detail": "", "error": {**ERROR, **error}}],
    }


def component(name: str, **values: t.Any) -> Change:
    return lambda evidence: [
        each.update(values) for each in evidence["hierarchy"]["components"] if each["component"] == name
    ]


def computer(host: str, **values: t.Any) -> Change:
    return lambda evidence: next(c for c in evidence["directory"]["computers"] if c["name"] == host).update(values)


def unfound(host: str) -> Change:
    def change(evidence: Json) -> None:
        others = [each for each in evidence["directory"]["computers"] if each["name"] != host]
        evidence["directory"]["computers"] = [*others, {"name": host, "error": ERROR}]

    return change


def no_directory(evidence: Json) -> None:
    evidence["directory"] = {"error": ERROR}


def services(found: list[Json]) -> Change:
    return lambda evidence: evidence["directory"].update(services=found)


def service(**values: t.Any) -> Change:
    """Change the first service of the first SQL Server."""
    return lambda evidence: evidence["directory"]["services"][0].update(values)


def old_group(**values: t.Any) -> Change:
    return lambda evidence: evidence["directory"]["groups"][0].update(values)


def sql(**values: t.Any) -> Change:
    return lambda evidence: next(h for h in evidence["hosts"] if h["host"] == SQL)["local_group"].update(values)


def all_local(evidence: Json) -> None:
    """Put SMS Providers and database of the CAS on its site server."""
    found = evidence["hierarchy"]
    found["providers"] = [each for each in found["providers"] if each["host"] != REMOTE]
    found["sites"][0]["database"]["server"] = found["sites"][0]["server"]
    found["site_systems"] = [each for each in found["site_systems"] if "SMS SQL Server" not in each["roles"]]


def messages(*sent: tuple[int, float]) -> Change:
    """Replace the status messages by these, with their age in hours."""

    def change(evidence: Json) -> None:
        now = dt.datetime.fromisoformat(evidence["collected_at"])
        evidence["hierarchy"]["status_messages"] = [
            {
                "id": number,
                "time": (now - dt.timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ"),
                "site": "CAS",
                "host": POINT,
            }
            for number, hours in sent
        ]

    return change


def both(*changes: Change) -> Change:
    return lambda evidence: [change(evidence) for change in changes]


def discovery(enabled: bool | None) -> Change:
    return lambda evidence: [
        entry["ad_user"].update(enabled=enabled) for entry in evidence["hierarchy"]["discovery"].values()
    ]


def entra(state: str = "started", status: str = "ok") -> Change:
    entry = {
        "component": "SMS_AZUREAD_DISCOVERY_AGENT",
        "site": "CAS",
        "host": "cm-cas01.corp.contoso.example",
        "state": state,
        "status": status,
        "last_contacted": None,
    }
    return lambda evidence: evidence["hierarchy"]["components"].append(entry)


def standalone(evidence: Json) -> None:
    own = [each for each in evidence["hierarchy"]["sites"] if each["code"] == "P01"]
    own[0]["parent"] = ""
    evidence["hierarchy"].update(
        sites=own,
        top_site="P01",
        providers=[each for each in evidence["hierarchy"]["providers"] if each["site"] == "P01"],
    )


def system(name: str, build: str, number: int = 1) -> Json:
    return {"operating_system": f"Microsoft Windows NT {name}", "build": build, "count": number}


def same(_evidence: Json) -> None:
    """Change nothing."""


NO_CLOUD = {"provider_authentication_level": "windows"}
SERVICE: Json = {
    "service": "Tenant attach",
    "upload": True,
    "client_id": "c",
    "tenant": {"id": "11111111-2222-3333-4444-555555555555", "name": "Contoso"},
}

OPERATOR = OPERATORS[0]
CLOUD_ONLY = {**DECLARED, "enforce_configmgr_rbac": False}
CLIENT = "8c2d7b14-55ae-4f0d-b6a3-1e7f90c4d2aa"
TENANT = "3f6c1a52-7d0e-4c1b-9a55-2b8f6d4e9c10"


def tenant(**values: t.Any) -> Change:
    return lambda evidence: evidence["tenant"].update(values)


def without(section: str, key: str) -> Change:
    """Replace a part of a section by an error."""

    def change(evidence: Json) -> None:
        del evidence[section][key]
        evidence[section]["errors"][key] = ERROR

    return change


def account(upn: str = OPERATOR, **values: t.Any) -> Change:
    return lambda evidence: next(a for a in evidence["accounts"] if a["upn"] == upn).update(values)


def nowhere(upn: str = OPERATOR) -> Change:
    """The tenant does not have an account."""
    return account(
        upn,
        found=False,
        enabled=None,
        synced="never",
        sid=None,
        global_administrator="none",
        intune_licence="none",
        intune_action={"granted": False, "via": [], "eligible": []},
        discovered_by=[],
        configmgr_roles=[],
    )


def host(name: str = POINT, **values: t.Any) -> Change:
    return lambda evidence: next(h for h in evidence["hosts"] if h["host"] == name).update(values)


def host_without(name: str, key: str) -> Change:
    """Replace what a host tells by an error."""

    def change(evidence: Json) -> None:
        entry = next(h for h in evidence["hosts"] if h["host"] == name)
        del entry[key]
        entry["errors"][key] = ERROR

    return change


def windows(build: int, product: str, kind: str = "Server") -> Change:
    found = {"product": product, "build": build, "revision": 1, "release": None, "installation_type": kind}
    return host(PROVIDER, os=found)


def winhttp(**values: t.Any) -> Change:
    return lambda evidence: next(h for h in evidence["hosts"] if h["host"] == POINT)["winhttp"].update(values)


def endpoint(identity: str | None = None, **values: t.Any) -> Change:
    """Change the row of an endpoint, or those of all of them."""

    def change(evidence: Json) -> None:
        rows = next(h for h in evidence["hosts"] if h["host"] == POINT)["endpoints"]
        for row in rows:
            if identity in {None, row["id"]}:
                row.update(values)

    return change


def cut(stage: str, **values: t.Any) -> Json:
    return {"reachable": False, "stage": stage, "http_status": None, "error": ERROR, **values}


def all_of(*changes: Change) -> Change:
    return lambda evidence: [change(evidence) for change in changes]


def synced(days: float) -> Change:
    def change(evidence: Json) -> None:
        now = dt.datetime.fromisoformat(evidence["collected_at"])
        evidence["tenant"]["sync"] = {"enabled": True, "last": (now - dt.timedelta(days=days)).isoformat()}

    return change


def attached(tenant_id: str = TENANT) -> Change:
    entry = {"service": "Upload", "upload": True, "client_id": CLIENT, "tenant": {"id": tenant_id, "name": "Contoso"}}
    return hierarchy(attach={"state": "on", "services": [entry]})


def uploads(*states: object) -> Change:
    """Services of tenant attach whose upload is configured, or is not."""
    return hierarchy(attach={"state": "on", "services": [{**SERVICE, "upload": state} for state in states]})


def onboarded(*, secret_days: float | None = 400, age_days: float = 100, **values: t.Any) -> Change:
    """What onboarding leaves in the tenant."""

    def change(evidence: Json) -> None:
        now = dt.datetime.fromisoformat(evidence["collected_at"])
        application = {
            "id": "o1",
            "client_id": CLIENT,
            "name": "ConfigMgrSvc_1",
            "created": (now - dt.timedelta(days=age_days)).isoformat(),
            "sign_in_audience": "AzureADMyOrg",
            "identifier_uris": [],
            "enabled": True,
            "consented": [],
            "secret_expires": None if secret_days is None else (now + dt.timedelta(days=secret_days)).isoformat(),
        }
        evidence["tenant"]["onboarding"] = {
            "state": "present",
            "problems": [],
            "application": application,
            "applications": [application],
            "service_principal": {"id": "s1", "enabled": True},
            "secret_expires": application["secret_expires"],
            **values,
        }

    return change


CASES = [
    Case("site_version", "as it is", same, "pass"),
    Case("site_version", "1910", site("P02", build=8913), "fail", "P02", "2002"),
    Case("site_version", "2002 in the public cloud", site("P02", build=8968), "pass", "P02"),
    Case("site_version", "2002, cloud not declared", site("P02", build=8968), "unknown", "P02", "cloud", NO_CLOUD),
    Case("site_version", "2002, US", site("P02", build=8968), "fail", "P02", "2107", {"cloud": "us_gov_dod"}),
    Case("site_version", "2103, US", site("P02", build=9049), "fail", "P02", "2107", {"cloud": "us_gov_gcc_high"}),
    Case("site_version", "2107, US", site("P02", build=9058), "pass", "P02", "", {"cloud": "us_gov_gcc_high"}),
    Case("site_version", "no build", site("P02", build=None), "unknown", "P02"),
    Case("site_version_supported", "as it is", same, "pass"),
    Case("site_version_supported", "2503 after its end", site("P02", build=9135), "warn", "P02", "2026-09-30"),
    Case("site_version_supported", "not in the table", site("P02", build=9999), "unknown", "P02", "update"),
    Case("site_versions_uniform", "as it is", same, "pass"),
    Case("site_versions_uniform", "a secondary site is behind", site("S21", build=9141), "warn", None, "S21"),
    Case("site_versions_uniform", "a build is missing", site("S21", build=None), "unknown"),
    Case("site_active", "as it is", same, "pass"),
    Case("site_active", "being upgraded", site("P02", status_code=5, status="upgrade"), "fail", "P02", "upgrade"),
    Case("site_active", "no status", site("P02", status_code=None), "unknown", "P02"),
    Case("site_mode", "as it is", same, "pass"),
    Case("site_mode", "interoperability", site("CAS", mode_code=6), "warn", "CAS"),
    Case("site_mode", "recovery", site("P02", mode_code=2, mode="recovery in progress"), "fail", "P02", "recovery"),
    Case("site_mode", "no mode", site("P02", mode_code=None), "unknown", "P02"),
    Case("scp_present", "as it is", same, "pass"),
    Case("scp_present", "none", hierarchy(service_connection_points=[]), "fail"),
    Case("scp_unique", "as it is", same, "pass"),
    Case(
        "scp_unique",
        "two",
        lambda evidence: evidence["hierarchy"]["service_connection_points"].append({"host": "x", "site": "P01"}),
        "fail",
    ),
    Case("scp_unique", "none", hierarchy(service_connection_points=[]), "not_applicable"),
    Case("scp_top_tier", "as it is", same, "pass"),
    Case("scp_top_tier", "at a primary site", point(site="P01"), "fail", POINT, "CAS"),
    Case("scp_top_tier", "no single top", hierarchy(top_site=None), "unknown", POINT),
    Case("scp_top_tier", "none", hierarchy(service_connection_points=[]), "not_applicable"),
    Case("scp_online", "as it is", same, "pass"),
    Case("scp_online", "offline", point(mode="offline"), "fail", POINT),
    Case("scp_online", "no property", point(mode="unknown"), "unknown", POINT),
    Case("scp_component", "as it is", same, "pass"),
    Case("scp_component", "stopped", component("SMS_SERVICE_CONNECTOR", state="stopped"), "fail", POINT),
    Case("scp_component", "critical", component("SMS_SERVICE_CONNECTOR", status="critical"), "fail", POINT),
    Case("scp_component", "warning", component("SMS_SERVICE_CONNECTOR", status="warning"), "warn", POINT),
    Case("scp_component", "odd", component("SMS_SERVICE_CONNECTOR", status="code 9"), "unknown", POINT),
    Case("scp_component", "of another host", component("SMS_SERVICE_CONNECTOR", host="other"), "unknown", POINT),
    Case("scp_component", "short name", component("SMS_SERVICE_CONNECTOR", host="cm-scp01"), "pass", POINT),
    Case("scp_endpoint_check", "as it is", same, "pass"),
    Case("scp_endpoint_check", "critical is newest", messages((11410, 25), (11412, 1)), "fail", POINT, "11412"),
    Case("scp_endpoint_check", "mended since", messages((11412, 25), (11410, 1)), "pass", POINT),
    Case("scp_endpoint_check", "non-critical", messages((11411, 1)), "warn", POINT),
    Case("scp_endpoint_check", "at once, the worse counts", messages((11410, 1), (11412, 1)), "fail", POINT),
    Case("scp_endpoint_check", "too old", messages((11410, 24 * 8)), "unknown", POINT),
    Case("scp_endpoint_check", "silence", messages(), "unknown", POINT),
    Case("scp_endpoint_check", "before 2010", both(sites(build=9012), messages()), "not_applicable", POINT),
    Case("scp_cloud_connection", "as it is", same, "pass"),
    Case("scp_cloud_connection", "no connection", messages((11410, 25), (11488, 1)), "fail", POINT, "11488"),
    Case("scp_cloud_connection", "mended since", messages((11488, 25), (11410, 1)), "pass", POINT),
    Case("scp_cloud_connection", "silence", messages((11411, 1)), "unknown", POINT, "proves nothing"),
    Case("scp_cloud_connection", "before 2010", both(sites(build=9012), messages()), "not_applicable", POINT),
    Case("adminservice_functional", "as it is", same, "pass"),
    Case("adminservice_functional", "503", probe(**stopped("metadata", kind="service")), "fail", PROVIDER),
    Case("adminservice_functional", "none", probe(**stopped("metadata", kind="not_found")), "fail", PROVIDER),
    Case("adminservice_functional", "silent", probe(**stopped("connect")), "unknown", PROVIDER, "no answer"),
    Case(
        "adminservice_functional",
        "rights",
        probe(**stopped("wmi", kind="access_denied", rights=["Reader"])),
        "unknown",
        PROVIDER,
    ),
    Case("adminservice_functional", "another site", probe(site="P03"), "fail", PROVIDER, "P03"),
    Case(
        "adminservice_functional",
        "not probed",
        lambda evidence: evidence["adminservice"].update(providers=[]),
        "unknown",
        PROVIDER,
    ),
    Case("adminservice_certificate", "as it is", same, "pass"),
    Case("adminservice_certificate", "expired", certificate(not_after="2026-01-01T00:00:00Z"), "fail", PROVIDER),
    Case("adminservice_certificate", "not yet", certificate(not_before="2099-01-01T00:00:00Z"), "fail", PROVIDER),
    Case("adminservice_certificate", "other name", certificate(sans=["old.contoso.example"]), "fail", PROVIDER, "old"),
    Case("adminservice_certificate", "no name", certificate(sans=[]), "fail", PROVIDER),
    Case("adminservice_certificate", "wildcard", certificate(sans=["*.corp.contoso.example"]), "pass", PROVIDER),
    Case("adminservice_certificate", "wildcard too high", certificate(sans=["*.contoso.example"]), "fail", PROVIDER),
    Case("adminservice_certificate", "untrusted", probe(**stopped("tls")), "unknown", PROVIDER, "not trusted"),
    Case("adminservice_certificate", "none seen", probe(**stopped("connect"), certificate=None), "unknown", PROVIDER),
    Case("adminservice_certificate", "unreadable", certificate(error=ERROR), "unknown", PROVIDER),
    Case(
        "adminservice_certificate",
        "not verified",
        lambda evidence: evidence["adminservice"].update(validated=False),
        "unknown",
        PROVIDER,
        "validate_certs",
    ),
    Case("adminservice_component", "as it is", same, "pass"),
    Case("adminservice_component", "stopped", probe(component={"state": "stopped", "status": "ok"}), "fail", PROVIDER),
    Case("adminservice_component", "absent", probe(component=None), "unknown", PROVIDER, "SMS_REST_PROVIDER"),
    Case("adminservice_component", "not read", probe(component={"error": ERROR}), "unknown", PROVIDER, "no answer"),
    Case(
        "adminservice_component",
        "warning",
        probe(component={"state": "started", "status": "warning"}),
        "warn",
        PROVIDER,
    ),
    Case("provider_authentication_level", "declared", signed_in("token"), "pass", None, "declared: windows"),
    Case("provider_authentication_level", "not declared", signed_in("token"), "unknown", None, "Authentication", {}),
    Case(
        "provider_authentication_level",
        "a Windows sign-in",
        signed_in("kerberos"),
        "pass",
        None,
        "plain Windows",
        {},
    ),
    Case(
        "provider_authentication_level",
        "raised",
        same,
        "fail",
        None,
        "certificate",
        {"provider_authentication_level": "certificate"},
    ),
    Case(
        "provider_authentication_level",
        "403 is ambiguous",
        all_probes(**stopped("authenticate", kind="access_denied", status=403)),
        "unknown",
        None,
        "403",
    ),
    Case("provider_present", "as it is", same, "pass"),
    Case(
        "provider_present",
        "none at P03",
        lambda evidence: evidence["hierarchy"].update(
            providers=[each for each in evidence["hierarchy"]["providers"] if each["site"] != "P03"]
        ),
        "fail",
        "P03",
    ),
    Case("provider_not_at_secondary", "as it is", same, "pass"),
    Case(
        "provider_not_at_secondary",
        "one at S21",
        lambda evidence: evidence["hierarchy"]["providers"].append({"host": "cm-s21", "site": "S21", "remote": False}),
        "fail",
        None,
        "S21",
    ),
    Case("provider_one_site", "as it is", same, "pass"),
    Case(
        "provider_one_site",
        "of two",
        lambda evidence: evidence["hierarchy"]["providers"].append({"host": PROVIDER, "site": "P01", "remote": True}),
        "fail",
        PROVIDER,
    ),
    Case("provider_no_foreign_role", "as it is", same, "pass"),
    Case(
        "provider_no_foreign_role",
        "a distribution point of P01",
        lambda evidence: evidence["hierarchy"]["site_systems"].append(
            {"host": PROVIDER, "site": "P01", "roles": ["SMS Site System", "SMS Distribution Point"], "domain": None}
        ),
        "fail",
        PROVIDER,
        "SMS Distribution Point of site P01",
    ),
    Case(
        "provider_no_foreign_role",
        "a plain site system of P01",
        lambda evidence: evidence["hierarchy"]["site_systems"].append(
            {"host": PROVIDER, "site": "P01", "roles": ["SMS Site System"], "domain": None}
        ),
        "pass",
        PROVIDER,
    ),
    Case("provider_domain", "as it is", same, "pass"),
    Case(
        "provider_domain",
        "another one",
        lambda evidence: [
            each.update(domain="apac.contoso.example")
            for each in evidence["hierarchy"]["site_systems"]
            if each["host"] == PROVIDER
        ],
        "fail",
        PROVIDER,
        "apac",
    ),
    Case(
        "provider_domain",
        "not known",
        lambda evidence: [each.update(domain=None) for each in evidence["hierarchy"]["site_systems"]],
        "unknown",
        PROVIDER,
    ),
    Case("provider_domain", "no database", site("P02", database=None), "unknown", PROVIDER),
    Case("cas_delegation", "as it is", same, "pass", REMOTE, "5 of 5"),
    Case("cas_delegation", "nothing of it", computer(REMOTE, delegates_to=[]), "fail", REMOTE, "0 of 5"),
    Case(
        "cas_delegation",
        "only some",
        computer(REMOTE, delegates_to=["MSSQLSVC/cm-p02-sql01.corp.contoso.example:1433"]),
        "fail",
        REMOTE,
        "1 of 5",
    ),
    Case("cas_delegation", "to any service", computer(REMOTE, unconstrained=True), "fail", REMOTE, "any service"),
    Case(
        "cas_delegation",
        "any protocol",
        computer(REMOTE, protocol_transition=True),
        "fail",
        REMOTE,
        "any authentication protocol",
    ),
    Case("cas_delegation", "not found", unfound(REMOTE), "unknown", REMOTE, "no answer at all"),
    Case("cas_delegation", "directory unreachable", no_directory, "unknown", REMOTE, "no answer at all"),
    Case("cas_delegation", "port not declared", same, "unknown", REMOTE, "port of the named instance", WITHOUT_PORTS),
    Case(
        "cas_delegation",
        "a port not declared that has no part in it",
        same,
        "pass",
        "cm-p01.corp.contoso.example",
        "1 of 1",
        WITHOUT_PORTS,
    ),
    Case("cas_delegation", "stand-alone", standalone, "not_applicable", None, "stand-alone"),
    Case("cas_delegation", "all on the site server", all_local, "not_applicable", None, "on its site server"),
    Case("cas_delegation", "a database is not known", site("P03", database=None), "unknown", REMOTE, "database of P03"),
    Case("cas_delegation", "no database is known", sites(database=None), "unknown"),
    Case("cas_delegation", "no single top", hierarchy(top_site=None), "unknown", None, ""),
    Case("cas_dview_access", "as it is", same, "pass", SQL, "CM-CAS01$"),
    Case("cas_dview_access", "missing", sql(missing=["CONTOSO\\CM-CAS01$"]), "fail", SQL, "CM-CAS01$"),
    Case("cas_dview_access", "no group", sql(exists=False), "fail", SQL, "distributed views"),
    Case("cas_dview_access", "not visited", host_without(SQL, "local_group"), "unknown", SQL, "no answer at all"),
    Case("cas_dview_access", "all on the site server", all_local, "not_applicable", None, "on its site server"),
    Case("cas_dview_access", "no database is known", sites(database=None), "unknown"),
    Case("sql_service_names", "as it is", same, "pass", SQL, "svc-sql"),
    Case("sql_service_names", "not registered", service(accounts=[]), "fail", SQL, "not registered"),
    Case(
        "sql_service_names",
        "at two accounts",
        service(accounts=["CONTOSO\\svc-sql", "CONTOSO\\CM-P01-SQL01$"]),
        "fail",
        SQL,
        "more than once",
    ),
    Case("sql_service_names", "not told", service(error=ERROR), "unknown", SQL, "no answer at all"),
    Case("sql_service_names", "not asked for", services([]), "unknown", SQL, "not asked"),
    Case("sql_service_names", "port not declared", same, "unknown", SQL, "port", WITHOUT_PORTS),
    Case("sql_service_names", "all on the site server", all_local, "not_applicable", None, "on its site server"),
    Case("sql_service_names", "no database is known", sites(database=None), "unknown"),
    Case("provider_reads_groups", "as it is", same, "pass", PROVIDER, "Windows Authorization Access Group"),
    Case(
        "provider_reads_groups", "in neither group", computer(PROVIDER, groups=["S-1-5-21-1-2-3-515"]), "fail", PROVIDER
    ),
    Case(
        "provider_reads_groups",
        "every computer is in the old group",
        both(computer(PROVIDER, groups=[]), old_group(members=["S-1-5-11"])),
        "pass",
        PROVIDER,
        "S-1-5-11",
    ),
    Case(
        "provider_reads_groups",
        "the old group is not told",
        both(computer(PROVIDER, groups=[]), old_group(error=ERROR)),
        "unknown",
        PROVIDER,
        "no answer at all",
    ),
    Case("provider_reads_groups", "not found", unfound(PROVIDER), "unknown", PROVIDER, "no answer at all"),
    Case("user_discovery", "as it is", same, "pass"),
    Case("user_discovery", "off", discovery(enabled=False), "fail"),
    Case("user_discovery", "Entra alone", both(discovery(enabled=False), entra()), "pass"),
    Case("user_discovery", "Entra is down", both(discovery(enabled=False), entra("stopped")), "unknown"),
    Case(
        "user_discovery",
        "Entra declared",
        discovery(enabled=False),
        "pass",
        None,
        "",
        {"entra_user_discovery": True},
    ),
    Case("user_discovery", "not understood", discovery(enabled=None), "unknown"),
    Case(
        "user_discovery",
        "the top-tier site's components are not seen",
        both(
            discovery(enabled=False),
            lambda evidence: evidence["hierarchy"].update(
                components=[each for each in evidence["hierarchy"]["components"] if each["site"] == "P01"]
            ),
        ),
        "unknown",
    ),
    Case("user_discovery", "2010 needs both", sites(build=9040), "fail", None, "both"),
    Case("user_discovery", "2010 has both", both(sites(build=9040), entra()), "pass"),
    Case("user_discovery", "2010, one not known", both(sites(build=9040), entra("stopped")), "unknown"),
    Case("user_discovery", "no single top", hierarchy(top_site=None), "unknown"),
    Case("site_user_discovery", "as it is", same, "pass"),
    Case("site_user_discovery", "off", discovery(enabled=False), "warn", "P02"),
    Case("site_user_discovery", "off, Entra on", both(discovery(enabled=False), entra()), "pass", "P02"),
    Case("site_user_discovery", "not understood", discovery(enabled=None), "unknown", "P02"),
    Case("client_operating_systems", "as it is", same, "pass"),
    Case(
        "client_operating_systems",
        "some are old",
        lambda evidence: evidence["hierarchy"]["clients"].append(system("Workstation 6.1", "6.1.7601", 14)),
        "warn",
        None,
        "14 Windows 7",
    ),
    Case("client_operating_systems", "all are old", hierarchy(clients=[system("Workstation 6.1", "6.1.7601")]), "fail"),
    Case("client_operating_systems", "all are strange", hierarchy(clients=[system("Toaster", "")]), "unknown"),
    Case(
        "client_operating_systems",
        "some are strange",
        lambda evidence: evidence["hierarchy"]["clients"].append(system("Toaster", "")),
        "unknown",
    ),
    Case("client_operating_systems", "none are seen", hierarchy(clients=[]), "unknown", None, "no client"),
    Case("client_operating_systems", "no single top", hierarchy(top_site=None), "unknown"),
    Case("attach_state", "off", same, "pass", None, "off"),
    Case("attach_state", "on", hierarchy(attach={"state": "on", "services": [SERVICE]}), "pass", None, "Contoso"),
    Case(
        "attach_state",
        "incomplete",
        hierarchy(attach={"state": "incomplete", "services": [{**SERVICE, "tenant": None}]}),
        "fail",
    ),
    Case(
        "attach_state",
        "two tenants",
        hierarchy(
            attach={"state": "on", "services": [SERVICE, {**SERVICE, "tenant": {"id": "other", "name": "Fabrikam"}}]}
        ),
        "warn",
    ),
    Case("attach_state", "no scope", hierarchy(visibility={"administrators": False}), "unknown", None, "scope"),
    Case("attach_state", "declared on", same, "fail", None, "declared: on", {"attached": True}),
    Case("attach_state", "declared off", same, "pass", None, "", {"attached": False}),
    Case("attach_upload", "off", same, "not_applicable", None, "not attached"),
    Case("attach_upload", "configured", attached(), "pass", None, "configured: Upload"),
    Case("attach_upload", "without application", uploads(False), "fail", None, "not configured: Tenant attach"),
    Case("attach_upload", "one of two", uploads(True, False), "fail"),
    Case("attach_upload", "nonsense", uploads("odd"), "unknown"),
    Case("attach_upload", "no scope", hierarchy(visibility={"administrators": False}), "unknown", None, "scope"),
    Case("cloud_environment", "public", same, "pass"),
    Case("cloud_environment", "China", tenant(cloud="china"), "fail", None, "Azure China", {**DECLARED, "cloud": None}),
    Case("cloud_environment", "another one", tenant(cloud="us_gov_dod"), "fail", None, "declared: public"),
    Case(
        "cloud_environment",
        "US Government",
        tenant(cloud="us_gov_dod"),
        "pass",
        None,
        "nothing else",
        {**DECLARED, "cloud": "us_gov_dod"},
    ),
    Case(
        "cloud_environment",
        "US Government, old",
        all_of(tenant(cloud="us_gov_gcc_high"), site("CAS", build=9049)),
        "fail",
        None,
        "2107",
        {**DECLARED, "cloud": None},
    ),
    Case(
        "cloud_environment",
        "US Government, no build",
        all_of(tenant(cloud="us_gov_gcc_high"), site("CAS", build=None)),
        "unknown",
        None,
        "not known",
        {**DECLARED, "cloud": None},
    ),
    Case("cloud_environment", "not known", tenant(cloud=None), "unknown"),
    Case("tenant_geography", "same country", same, "pass"),
    Case("tenant_geography", "same region", same, "pass", None, "AT", {**DECLARED, "scp_country": "AT"}),
    Case("tenant_geography", "elsewhere", same, "warn", None, "US", {**DECLARED, "scp_country": "US"}),
    Case("tenant_geography", "not declared", same, "unknown", None, "scp_country", {**DECLARED, "scp_country": None}),
    Case("tenant_geography", "no country", tenant(country=None), "unknown"),
    Case("intune_subscription", "active", same, "pass"),
    Case("intune_subscription", "warning", tenant(intune_subscription="warning"), "warn"),
    Case("intune_subscription", "none", tenant(intune_subscription="none"), "fail"),
    Case("intune_subscription", "locked", tenant(intune_subscription="lockedout"), "fail"),
    Case("intune_subscription", "not told", tenant(intune_subscription=None), "unknown"),
    Case("intune_subscription", "no licence", tenant(licences=[]), "fail", None, "licenses users"),
    Case(
        "intune_subscription",
        "suspended",
        tenant(licences=[{"sku": "EMS", "state": "suspended", "enabled": 0, "consumed": 1}]),
        "fail",
    ),
    Case("mdm_authority", "intune", same, "pass"),
    Case("mdm_authority", "basic mobility", tenant(mdm_authority="office365"), "warn"),
    Case("mdm_authority", "null", tenant(mdm_authority=None), "unknown"),
    Case("directory_sync", "now", same, "pass"),
    Case("directory_sync", "a day ago", synced(0.9), "pass"),
    Case("directory_sync", "days ago", synced(5.1), "warn", None, "5 days"),
    Case("directory_sync", "no longer", tenant(sync={"enabled": False, "last": None}), "fail", None, "no longer"),
    Case("directory_sync", "never", tenant(sync={"enabled": None, "last": None}), "fail", None, "never"),
    Case(
        "directory_sync",
        "not needed",
        tenant(sync={"enabled": None, "last": None}, attach_rbac=True),
        "pass",
        None,
        "alone decide",
        CLOUD_ONLY,
    ),
    Case("directory_sync", "no time", tenant(sync={"enabled": True, "last": None}), "unknown"),
    Case("directory_sync", "nonsense", tenant(sync={"enabled": "yes", "last": None}), "unknown"),
    Case("cloud_service_health", "healthy", same, "pass"),
    Case(
        "cloud_service_health",
        "degraded",
        tenant(service_health=[{"name": "Microsoft Intune", "status": "ServiceDegradation"}]),
        "warn",
    ),
    Case(
        "cloud_service_health",
        "restored",
        tenant(service_health=[{"name": "Microsoft Intune", "status": "ServiceRestored"}]),
        "pass",
    ),
    Case("cloud_service_health", "not among them", tenant(service_health=[]), "unknown"),
    Case("onboarding_account", "active", same, "pass"),
    Case("onboarding_account", "eligible", account(ONBOARDER, global_administrator="eligible"), "warn"),
    Case("onboarding_account", "none", account(ONBOARDER, global_administrator="none"), "fail"),
    Case("onboarding_account", "nonsense", account(ONBOARDER, global_administrator="maybe"), "unknown"),
    Case("onboarding_account", "nowhere", nowhere(ONBOARDER), "fail", None, "no such account"),
    Case(
        "onboarding_account",
        "attached",
        all_of(attached(), account(ONBOARDER, global_administrator="none")),
        "not_applicable",
    ),
    Case("onboarding_objects", "before", same, "pass", None, "before"),
    Case("onboarding_objects", "of another", onboarded(), "warn", None, "not attached"),
    Case("onboarding_objects", "after", all_of(attached(), onboarded()), "pass"),
    Case("onboarding_objects", "lost", attached(), "fail", None, "does not have"),
    Case(
        "onboarding_objects",
        "broken",
        all_of(attached(), onboarded(state="broken", problems=["no consent"])),
        "fail",
        None,
        "no consent",
    ),
    Case("onboarding_objects", "nonsense", onboarded(state="odd"), "unknown"),
    Case("onboarding_secret", "none yet", same, "not_applicable"),
    Case("onboarding_secret", "valid", all_of(attached(), onboarded()), "pass"),
    Case("onboarding_secret", "ends", all_of(attached(), onboarded(secret_days=29)), "warn"),
    Case("onboarding_secret", "ended", onboarded(secret_days=-1), "fail", None, "expired"),
    Case("onboarding_secret", "without", onboarded(secret_days=None), "fail"),
    Case("onboarding_secret", "not read", without("tenant", "onboarding"), "unknown", None, "no answer at all"),
    Case("onboarding_application_age", "none yet", same, "not_applicable"),
    Case("onboarding_application_age", "young", onboarded(), "pass"),
    Case("onboarding_application_age", "old", onboarded(age_days=801), "warn", None, "800"),
    Case("onboarding_application_age", "not read", without("tenant", "onboarding"), "unknown"),
    Case("attached_tenant", "not attached", same, "not_applicable"),
    Case("attached_tenant", "this one", attached(), "pass"),
    Case("attached_tenant", "another one", attached("0d6b1c52-0000-4000-8000-00000000000a"), "fail"),
    Case("attached_tenant", "no id", all_of(attached(), tenant(id=None)), "unknown"),
    Case("administrator_intune_licence", "active", same, "pass"),
    Case("administrator_intune_licence", "pending", account(intune_licence="pending"), "warn", OPERATOR),
    Case("administrator_intune_licence", "none", account(intune_licence="none"), "fail", OPERATOR),
    Case(
        "administrator_intune_licence",
        "not needed",
        all_of(account(intune_licence="none"), tenant(unlicensed_admins=True)),
        "pass",
        OPERATOR,
        "directly",
    ),
    Case(
        "administrator_intune_licence",
        "perhaps not needed",
        all_of(account(intune_licence="none"), without("tenant", "unlicensed_admins")),
        "unknown",
        OPERATOR,
        "check the firewall",
    ),
    Case("administrator_intune_licence", "nonsense", account(intune_licence="odd"), "unknown", OPERATOR),
    Case("administrator_intune_licence", "nowhere", nowhere(), "not_applicable", OPERATOR),
    Case("operator_synced", "yes", same, "pass"),
    Case("operator_synced", "no longer", account(synced="no_longer"), "fail", OPERATOR, "no longer"),
    Case("operator_synced", "never", account(synced="never"), "fail", OPERATOR),
    Case("operator_synced", "disabled", account(enabled=False), "fail", OPERATOR, "disabled"),
    Case("operator_synced", "nowhere", nowhere(), "fail", OPERATOR, "no such account"),
    Case("operator_synced", "nonsense", account(synced="odd"), "unknown", OPERATOR),
    Case(
        "operator_synced",
        "not needed",
        all_of(account(synced="never"), tenant(attach_rbac=True)),
        "pass",
        OPERATOR,
        "alone decide",
        CLOUD_ONLY,
    ),
    Case("operator_synced", "one setting", account(synced="never"), "fail", OPERATOR, "", CLOUD_ONLY),
    Case(
        "operator_synced",
        "too old for it",
        all_of(account(synced="never"), tenant(attach_rbac=True), site("CAS", build=9058)),
        "fail",
        OPERATOR,
        "",
        CLOUD_ONLY,
    ),
    Case(
        "operator_synced",
        "perhaps not needed",
        all_of(account(synced="never"), without("tenant", "attach_rbac")),
        "unknown",
        OPERATOR,
        "may decide alone",
        CLOUD_ONLY,
    ),
    Case("operator_discovered", "by AD", same, "pass"),
    Case("operator_discovered", "by Entra", account(discovered_by=["entra"]), "pass", OPERATOR, "Entra ID"),
    Case("operator_discovered", "by its groups", account(discovered_by=["group"]), "fail", OPERATOR, "security groups"),
    Case("operator_discovered", "not", account(discovered_by=[]), "fail", OPERATOR, "not discovered"),
    Case("operator_discovered", "nowhere", nowhere(), "not_applicable", OPERATOR),
    Case("operator_discovered", "nonsense", account(discovered_by="ad"), "unknown", OPERATOR),
    Case("operator_discovered", "no build", site("CAS", build=None), "unknown"),
    Case("operator_discovered", "by one, old", site("CAS", build=9040), "fail", None, "both"),
    Case(
        "operator_discovered",
        "by both, old",
        all_of(site("CAS", build=9040), account(discovered_by=["ad", "entra"])),
        "pass",
        OPERATOR,
    ),
    Case(
        "operator_discovered",
        "read below",
        all_of(hierarchy(read_from="cm-p01.corp.contoso.example"), account(discovered_by=[])),
        "unknown",
        OPERATOR,
        "top-tier",
    ),
    Case("operator_discovered", "not needed", tenant(attach_rbac=True), "not_applicable", None, "", CLOUD_ONLY),
    Case("operator_intune_permission", "held", same, "pass", None, "ConfigMgr operators"),
    Case(
        "operator_intune_permission",
        "not held",
        account(intune_action={"granted": False, "via": [], "eligible": []}),
        "fail",
        OPERATOR,
    ),
    Case(
        "operator_intune_permission",
        "eligible",
        account(intune_action={"granted": False, "via": [], "eligible": ["Entra role Intune Administrator"]}),
        "warn",
        OPERATOR,
        "activated",
    ),
    Case(
        "operator_intune_permission",
        "nonsense",
        account(intune_action={"granted": None, "via": [], "eligible": []}),
        "unknown",
        OPERATOR,
    ),
    Case("operator_intune_permission", "nowhere", nowhere(), "not_applicable", OPERATOR),
    Case("operator_configmgr_rights", "a role", same, "pass"),
    Case("operator_configmgr_rights", "none", account(configmgr_roles=[]), "fail", OPERATOR),
    Case("operator_configmgr_rights", "reads only", account(configmgr_roles=["Read-only Analyst"]), "warn", OPERATOR),
    Case("operator_configmgr_rights", "nonsense", account(configmgr_roles="all"), "unknown", OPERATOR),
    Case("operator_configmgr_rights", "nowhere", nowhere(), "not_applicable", OPERATOR),
    Case("operator_configmgr_rights", "not needed", tenant(attach_rbac=True), "not_applicable", None, "", CLOUD_ONLY),
    Case("endpoints_required", "reachable", same, "pass", None, "proxy.corp"),
    Case("endpoints_required", "cut off", endpoint("intune", **cut("proxy")), "fail", None, "stopped at proxy"),
    Case("endpoints_required", "silent", endpoint("intune", reachable=None), "unknown"),
    Case("endpoints_required", "not probed", host(endpoints=[]), "unknown"),
    Case("endpoints_required", "not visited", host_without(POINT, "endpoints"), "unknown", None, "no answer at all"),
    Case("endpoints_always_allowed", "reachable", same, "pass"),
    Case("endpoints_always_allowed", "cut off", endpoint("forwarder_go", **cut("resolve")), "fail"),
    Case("endpoints_always_allowed", "not probed", host(endpoints=[]), "unknown"),
    Case("endpoints_not_intercepted", "not", same, "pass"),
    Case(
        "endpoints_not_intercepted",
        "opened",
        endpoint("intune", tls={"issuer": "Contoso Inspection", "intercepted": True}),
        "warn",
        None,
        "Contoso Inspection",
    ),
    Case("endpoints_not_intercepted", "not seen", endpoint(tls={"issuer": None, "intercepted": None}), "unknown"),
    Case("revocation_lists", "reachable", same, "pass"),
    Case(
        "revocation_lists", "one is not", endpoint("crl_microsoft", **cut("connect")), "warn", None, "could be checked"
    ),
    Case(
        "revocation_lists",
        "none, and nothing was checked",
        all_of(endpoint(revocation="not_checked"), endpoint("crl_microsoft", **cut("connect"))),
        "fail",
    ),
    Case(
        "revocation_lists",
        "needed now",
        endpoint("intune", revocation="unreachable"),
        "fail",
        None,
        "cannot be checked",
    ),
    Case("revocation_lists", "revoked", endpoint("intune", revocation="revoked"), "fail", None, "revoked"),
    Case("revocation_lists", "not probed", host(endpoints=[]), "unknown"),
    Case("winhttp_proxy", "there", same, "pass", None, "<local>"),
    Case("winhttp_proxy", "not needed", winhttp(proxy=None), "pass", None, "direct access works"),
    Case(
        "winhttp_proxy",
        "needed",
        all_of(winhttp(proxy=None), endpoint("intune", **cut("connect", proxy_used=None))),
        "fail",
        None,
        "direct access fails",
    ),
    Case("winhttp_proxy", "automatic", winhttp(proxy=None, auto_detect=True), "pass", None, "automatic"),
    Case("winhttp_proxy", "not told", all_of(winhttp(proxy=None), endpoint(reachable=None)), "unknown"),
    Case("winhttp_bypass_list", "complete", same, "pass"),
    Case("winhttp_bypass_list", "incomplete", winhttp(bypass=["<local>"]), "fail", None, "*.corp.contoso.example"),
    Case("winhttp_bypass_list", "no proxy", winhttp(proxy=None), "not_applicable"),
    Case("winhttp_bypass_list", "not visited", host_without(POINT, "winhttp"), "unknown"),
    Case("winhttp_views_agree", "the same", same, "pass"),
    Case("winhttp_views_agree", "one only", winhttp(wow64_matches=None), "pass"),
    Case("winhttp_views_agree", "they differ", winhttp(wow64_matches=False), "warn"),
    Case("winhttp_views_agree", "not visited", host_without(POINT, "winhttp"), "unknown"),
    Case("winhttp_agrees_with_site", "the same", same, "pass"),
    Case("winhttp_agrees_with_site", "none in Windows", winhttp(proxy=None), "warn", None, "not revocation"),
    Case("winhttp_agrees_with_site", "none at the site", point(proxy=None), "warn", None, "out of date"),
    Case("winhttp_agrees_with_site", "none in both", all_of(point(proxy=None), winhttp(proxy=None)), "pass"),
    Case("winhttp_agrees_with_site", "not visited", host_without(POINT, "winhttp"), "unknown"),
    Case("host_dotnet", "4.8", same, "pass"),
    Case("host_dotnet", "4.6.2", host(PROVIDER, dotnet_release=394802), "fail", PROVIDER, "needs 4.8"),
    Case(
        "host_dotnet",
        "4.6.2, older site",
        all_of(host(PROVIDER, dotnet_release=394802), site("P02", build=9058)),
        "pass",
        PROVIDER,
    ),
    Case("host_dotnet", "4.5, older site", all_of(host(dotnet_release=378389), site("CAS", build=9049)), "pass", POINT),
    Case("host_dotnet", "nonsense", host(PROVIDER, dotnet_release="4.8"), "unknown", PROVIDER),
    Case("host_dotnet", "no build", site("P02", build=None), "unknown", PROVIDER),
    Case(
        "host_dotnet", "not visited", host_without(PROVIDER, "dotnet_release"), "unknown", PROVIDER, "no answer at all"
    ),
    Case("host_operating_system", "2022", same, "pass"),
    Case(
        "host_operating_system",
        "2025, too new",
        all_of(windows(26100, "Windows Server 2025"), site("P02", build=9128)),
        "fail",
        PROVIDER,
        "2409",
    ),
    Case("host_operating_system", "2012 R2", windows(9600, "Windows Server 2012 R2"), "fail", PROVIDER, "has ended"),
    Case(
        "host_operating_system", "a client", windows(22631, "Windows 11", "Client"), "fail", PROVIDER, "Windows Server"
    ),
    Case("host_operating_system", "newer", windows(30000, "Windows Server vNext"), "unknown", PROVIDER),
    Case("host_operating_system", "no build", site("P02", build=None), "unknown", PROVIDER),
    Case("host_clock", "right", same, "pass"),
    Case("host_clock", "a little off", host(PROVIDER, clock_skew_seconds=-61.0), "warn", PROVIDER, "behind"),
    Case("host_clock", "off", host(PROVIDER, clock_skew_seconds=300.0), "fail", PROVIDER, "ahead"),
    Case("host_clock", "nonsense", host(PROVIDER, clock_skew_seconds="now"), "unknown", PROVIDER),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.id}: {case.what}")
def test_judgement(healthy: Json, case: Case) -> None:
    case.change(healthy)
    findings = judge(healthy, parse(case.declared), only=[case.id])["findings"]
    chosen = [finding for finding in findings if case.scope in {None, finding["scope"]["name"]}]
    assert chosen, findings
    for finding in chosen:
        assert finding["outcome"] == case.outcome, finding
        assert "a form that is not understood" not in finding["reason"]
        told = " ".join((finding["observed"], finding["reason"], (finding["remedy"] or {"text": ""})["text"]))
        assert case.says in told
        assert (finding["remedy"] is None) == (case.outcome in {"pass", "not_applicable"})
    if case.scope is not None and case.change is not same and case.outcome in {"fail", "warn"}:
        others = {finding["outcome"] for finding in findings if finding not in chosen}
        assert not others & {"fail"} or case.id in {"provider_one_site", "site_user_discovery"}, findings


def test_every_prerequisite_has_a_table() -> None:
    assert {case.id for case in CASES} == {prerequisite.id for prerequisite in CATALOGUE}


def test_every_prerequisite_but_the_one_that_waits_can_pass_and_can_be_unknown() -> None:
    for prerequisite in CATALOGUE:
        outcomes = {case.outcome for case in CASES if case.id == prerequisite.id}
        assert outcomes & {"fail", "warn"}, prerequisite.id
        assert "pass" in outcomes, prerequisite.id


@pytest.mark.parametrize(
    ("days", "outcome"), [(-1, "fail"), (1, "warn"), (29, "warn"), (31, "pass")], ids=("past", "1", "29", "31")
)
def test_a_certificate_is_judged_as_of_the_evidence(healthy: Json, days: int, outcome: str) -> None:
    end = dt.datetime.fromisoformat(healthy["collected_at"]) + dt.timedelta(days=days)
    certificate(not_after=end.strftime("%Y-%m-%dT%H:%M:%SZ"))(healthy)
    findings = judge(healthy, parse(DECLARED), only=["adminservice_certificate"])["findings"]
    assert {f["outcome"] for f in findings if f["scope"]["name"] == PROVIDER} == {outcome}


@pytest.mark.parametrize(("days", "outcome"), [(-1, "warn"), (0, "warn"), (89, "warn"), (91, "pass")])
def test_support_is_judged_as_of_the_evidence(healthy: Json, days: int, outcome: str) -> None:
    # Build 9146 is supported until 2027-11-05; -1 day left means one day after it.
    healthy["collected_at"] = f"{dt.date(2027, 11, 5) - dt.timedelta(days=days)}T12:00:00Z"
    findings = judge(healthy, parse(DECLARED), only=["site_version_supported"])["findings"]
    assert {finding["outcome"] for finding in findings} == {outcome}


@pytest.mark.parametrize(
    ("name", "build", "site_build", "expected"),
    [
        ("Workstation 10.0", "10.0.22631", 9146, System("Windows 11", supported=True)),
        ("Workstation 10.0", "10.0.22000", 9049, System("Windows 11", supported=False)),
        ("Workstation 10.0", "10.0.19045", 8968, System("Windows 10", supported=True)),
        ("Server 10.0", "10.0.26100", 9128, System("Windows Server 2025", supported=False)),
        ("Server 10.0", "10.0.26100", 9132, System("Windows Server 2025", supported=True)),
        ("Server 10.0", "10.0.20348", 9058, System("Windows Server 2022", supported=True)),
        ("Advanced Server 10.0", "10.0.17763", 8968, System("Windows Server 2019", supported=True)),
        ("Server 10.0", "10.0.14393", 8968, System("Windows Server 2016", supported=True)),
        ("Server 6.3", "6.3.9600", 9146, System("Windows Server 2012 R2", supported=False)),
        ("Workstation 6.3", "", 9146, System("Windows 8.1", supported=False)),
        ("Workstation 5.1", "", 9146, System("Windows NT 5.1 (workstation)", supported=None)),
        ("Workstation 10.0", "", 9146, System("Windows 10.0 (workstation, build not reported)", supported=None)),
        ("Server 10.0", "10.0.9841", 9146, System("Windows 10.0 (server, build 9841)", supported=None)),
    ],
)
def test_operating_systems(name: str, build: str, site_build: int, expected: System) -> None:
    assert classify(f"Microsoft Windows NT {name}", build, site_build) == expected


def test_an_operating_system_that_is_not_reported() -> None:
    assert classify("", "", 9146) == System("no operating system reported", supported=None)
