# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The expected numbers are those of the scenarios; a name for each would hide them.

"""The lab does what it says: each test talks to a running lab with the standard library and a plain socket.

A lab is started once per scenario and shared by the tests that only read from it.
"""

from __future__ import annotations

import base64
import http.client
import json
import os
import socket
import ssl
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import spnego

from lab.tests.support import DOMAIN, TESTS, Answer, Connection, Lab, exchange, running

TALLY = "0001128000100008"


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with running(tmp_path_factory.mktemp("healthy"), "healthy") as lab:
        yield lab


@pytest.fixture(scope="module")
def contoso(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with running(tmp_path_factory.mktemp("contoso"), "contoso") as lab:
        yield lab


@pytest.fixture(scope="module")
def legacy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with running(tmp_path_factory.mktemp("legacy"), "legacy_ntlm") as lab:
        yield lab


FAULTS: dict[str, Any] = {
    "down": "down",
    "black-hole": "black_hole",
    "expired": "expired_certificate",
    "wrong-name": "wrong_name_certificate",
    "untrusted": "untrusted_certificate",
    "html": "html",
    "denied": "access_denied",
    "unavailable": "http_503",
    "upgrading": "upgrading",
    "absent": "no_adminservice",
    "forbidden": "forbidden",
    "error": "server_error",
    "cut": "cut_json",
    "cut-complete": "cut_json_complete",
    "huge": {"kind": "huge", "classes": ["SMS_R_System"]},
    "redirect": "redirect",
    "redirect-plain": "redirect_plain_http",
    "endless": "endless_next_link",
    "repeating": "repeating_next_link",
    "foreign": "foreign_next_link",
    "slow": {"kind": "slow", "slow_seconds": 1.5},
    "drip": "drip",
    "unresolved": "not_resolving",
    "wmi-only": "wmi_only",
    "versioned-only": "versioned_only",
    "one-route": {"kind": "server_error", "routes": ["versioned"]},
}


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A stand-alone site with one more provider for each fault."""
    folder = tmp_path_factory.mktemp("broken")
    overlay = {"providers": {name: {"site": "PS1", "fault": fault} for name, fault in FAULTS.items()}}
    overlay["providers"]["soon"] = {"site": "PS1", "certificate_days": 12}
    path = folder / "overlay.json"
    path.write_text(json.dumps(overlay))
    with running(folder / "state", "standalone", "--overlay", str(path)) as lab:
        yield lab


# -- answers ------------------------------------------------------------------------------------------------------


def test_list_envelope(healthy: Lab) -> None:
    answer = healthy.get("wmi/SMS_Site")
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("application/json")
    assert answer.json["@odata.context"] == f"https://cm-cas01.{DOMAIN}/AdminService/wmi/$metadata#SMS_Site"
    row = answer.rows[0]
    assert {"@odata.etag": "CAS", "SiteCode": "CAS", "Type": 4, "Version": "5.00.9146.1000"}.items() <= row.items()
    assert row["__NAMESPACE"] == "root\\sms\\site_CAS"
    assert row["__PATH"] == '\\\\CM-CAS01\\root\\sms\\site_CAS:SMS_Site.SiteCode="CAS"'


def test_class_names_ignore_case(healthy: Lab) -> None:
    assert len(healthy.get("wmi/sms_site").rows) == 8


@pytest.mark.parametrize("path", ["wmi/SMS_Site('P01')", "wmi/SMS_Site(%27P01%27)", "wmi/SMS_Site/P01"])
def test_string_key_answers_a_list(healthy: Lab, path: str) -> None:
    assert [row["SiteCode"] for row in healthy.get(path).rows] == ["P01"]


def test_lazy_properties_come_with_the_key_only(healthy: Lab) -> None:
    row = healthy.get("wmi/SMS_Admin").rows[0]
    assert row["AdminSid"] is None
    assert row["__LAZYPROPERTIES"]
    single = healthy.get(f"wmi/SMS_Admin({row['AdminID']})").rows[0]
    assert single["AdminSid"].startswith("S-1-5-21-")
    assert single["Permissions"][0].keys() == {"CategoryID", "CategoryTypeID", "RoleID"}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("wmi/SMS_Site?$filter=Type eq 4", {"CAS"}),
        ("wmi/SMS_Site?$filter=Type ge 2 and not (SiteCode eq 'CAS')", {"P01", "P02", "P03"}),
        ("wmi/SMS_Site?$filter=startswith(SiteCode,'S1') eq true", {"S11", "S12"}),
        ("wmi/SMS_Site?$filter=endswith(SiteCode,'21') or contains(SiteName,'apac')", {"S21", "P03"}),
        ("wmi/SMS_Site?$filter=ReportingSiteCode eq ''", {"CAS"}),
    ],
)
def test_filter(healthy: Lab, path: str, expected: set[str]) -> None:
    assert {row["SiteCode"] for row in healthy.get(path).rows} == expected


def test_filter_on_arrays_and_times(healthy: Lab) -> None:
    rows = healthy.get("wmi/SMS_Admin?$filter=RoleNames/any(role: role eq 'Full Administrator')&$select=LogonName").rows
    assert [row["LogonName"] for row in rows] == ["CONTOSO\\cm-admins"]
    since = (datetime.now(UTC) - timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
    rows = healthy.get(f"wmi/SMS_StatusMessage?$filter=MessageID eq 11410 and Time ge {since}").rows
    assert len(rows) == 1
    assert rows[0]["RecordID"] > 2**53


@pytest.mark.parametrize(
    "query",
    [
        "$filter=SiteCode like 'P%'",
        "$filter=Nope eq 1",
        "$filter=sitecode eq 'CAS'",
        "$filter=Type eq '4'",
        "$filter=SiteCode",
        "$filter=tolower(SiteCode) eq 'cas'",
        "$filter=(Type eq 4",
        "$select=Nope",
        "$top=-1",
        "$expand=Sites",
    ],
)
def test_bad_query(healthy: Lab, query: str) -> None:
    answer = healthy.get(f"wmi/SMS_Site?{query}")
    assert answer.status == 400
    assert answer.json["error"]["code"] == "400"
    assert answer.json["error"]["message"]


def test_order_top_skip_count(healthy: Lab) -> None:
    answer = healthy.get("wmi/SMS_Site?$orderby=BuildNumber desc,SiteCode desc&$top=2&$skip=1&$count=true")
    assert [row["SiteCode"] for row in answer.rows] == ["S21", "S12"]
    assert answer.json["@odata.count"] == 8


def test_select_without_all_keys_collapses(healthy: Lab) -> None:
    everything = healthy.get("wmi/SMS_SCI_SysResUse?$select=FileType,ItemName,ItemType,SiteCode,RoleName").rows
    assert len(everything) > 20
    assert len(healthy.get("wmi/SMS_SCI_SysResUse?$select=RoleName").rows) == 1
    assert len(healthy.get("wmi/SMS_Site?$select=SiteName").rows) == 8


def test_tally_rule(healthy: Lab) -> None:
    name = "ComponentName eq 'SMS_REST_PROVIDER'"
    rows = healthy.get(f"wmi/SMS_ComponentSummarizer?$filter={name} and TallyInterval eq '{TALLY}'").rows
    assert len(rows) == 7
    assert {(row["State"], row["Status"], row["TallyInterval"]) for row in rows} == {(1, 0, TALLY)}
    for query in (name, f"{name} and TallyInterval eq '0000000000000000'"):
        empty = healthy.get(f"wmi/SMS_ComponentSummarizer?$filter={query}").rows
        assert [row["ComponentName"] for row in empty] == [None]


def test_json_keys_in_odd_case(healthy: Lab) -> None:
    row = healthy.get("wmi/SMS_R_System?$top=1").rows[0]
    assert "ResourceId" in row
    assert "ResourceID" not in row
    assert len(healthy.get(f"wmi/SMS_R_System({row['ResourceId']})").rows) == 1
    assert len(healthy.get(f"wmi/SMS_R_System?$filter=ResourceID eq {row['ResourceId']}").rows) == 1


def test_view_of_a_primary(healthy: Lab) -> None:
    assert len(healthy.get("wmi/SMS_Site", host="cm-p01").rows) == 8
    path = f"wmi/SMS_ComponentSummarizer?$filter=TallyInterval eq '{TALLY}'"
    assert {row["SiteCode"] for row in healthy.get(path, host="cm-p01").rows} == {"P01", "S11", "S12"}
    row = healthy.get("wmi/SMS_R_System", host="cm-p01").rows[0]
    assert row["__NAMESPACE"] == "root\\sms\\site_P01"
    own = len(healthy.get("wmi/SMS_R_System", host="cm-p01").rows)
    assert 0 < own < len(healthy.get("wmi/SMS_R_System").rows)


@pytest.mark.parametrize(
    "path", ["wmi/$metadata", "wmi/%24metadata", "v1.0/$metadata", "v1.0/%24metadata", "wmi/$metadata?x=1"]
)
def test_metadata(healthy: Lab, path: str) -> None:
    root = ET.fromstring(healthy.get(path).body)
    assert root.tag.endswith("Edmx")
    names = {element.get("Name") for element in root.iter() if element.tag.endswith("EntityType")}
    assert ("SMS_Site" if path.startswith("wmi") else "Device") in names


def test_static_methods_answer_201(healthy: Lab) -> None:
    answer = healthy.get("wmi/SMS_Identification.GetProviderVersion")
    assert answer.status == 201
    assert "5.00.9146.1000" in answer.body.decode()
    assert healthy.get("wmi/SMS_Admin.GetAdminExtendedData", method="POST", body='{"Type":1}').status == 201
    refused = healthy.get("wmi/SMS_Admin.GetAdminExtendedData", method="POST", body='{"Type":[]}')
    assert refused.status == 404
    assert "ODataParameterReader.ReadAsync" in refused.json["error"]["message"]


def test_versioned_route(healthy: Lab) -> None:
    row = healthy.get("v1.0/Device?$top=1").rows[0]
    single = healthy.get(f"v1.0/Device({row['MachineId']})").json
    assert single["MachineId"] == row["MachineId"]
    assert len(healthy.get("v1.0/AdministrationServiceInformation").rows) == 1


def test_unknown_places(healthy: Lab) -> None:
    answer = healthy.get("wmi/SMS_Nothing")
    assert (answer.status, answer.json["error"]["code"]) == (404, "404")
    for path in ("/", "/AdminService/v2/Device", "/ccm_system/request"):
        bare = healthy.get(path)
        assert bare.status == 404
        assert b"HTTP Error 404" in bare.body


def test_pages(tmp_path: Path) -> None:
    with running(tmp_path, "healthy", "--set", "page_size={SMS_R_System: 90}") as lab:
        path, seen = "wmi/SMS_R_System?$select=ResourceID&$filter=Client eq 1&$top=200", 0
        pages = 0
        while path:
            answer = lab.get(path)
            pages += 1
            seen += len(answer.rows)
            link = answer.json.get("@odata.nextLink", "")
            assert link.startswith(f"https://cm-cas01.{DOMAIN}/AdminService/wmi/") or not link
            path = link.partition(DOMAIN)[2]
        assert (pages, seen) == (3, 200)


# -- who may come in ----------------------------------------------------------------------------------------------


def test_no_credentials_and_bad_tokens(healthy: Lab) -> None:
    for answer in (
        healthy.get("wmi/SMS_Site", account=""),
        healthy.get("wmi/SMS_Site", token="wrong"),
        healthy.get("wmi/SMS_Site", token=healthy.accounts["auditor"]["expired_token"]),
        healthy.get("v1.0/$metadata", account=""),
    ):
        assert (answer.status, answer.body) == (401, b"")
        assert answer.headers.get_all("WWW-Authenticate") == ["Negotiate", "NTLM"]


def test_accounts_see_what_their_rights_allow(healthy: Lab) -> None:
    assert len(healthy.get("wmi/SMS_Site", account="noscope").rows) == 8
    assert healthy.get("wmi/SMS_SCI_SysResUse", account="noscope").rows == []
    assert healthy.get("wmi/SMS_Site", account="nosite").rows == []
    answer = healthy.get("wmi/SMS_Site", account="nowmi")
    assert answer.status == 404
    assert answer.json == {"error": {"code": "404", "message": "Access denied  WMI QUERY: "}}
    assert healthy.get("v1.0/Device?$top=1", account="nowmi").status == 200


def handshake(lab: Lab, connection: Connection, scheme: str, protocol: str, password: str | None = None) -> Answer:
    """Log on with NTLM, bare or wrapped in SPNEGO."""
    account = lab.accounts["auditor"]
    client = spnego.client(
        account["username"],
        password or account["password"],
        hostname="unspecified",
        service="HTTP",
        protocol=protocol,
        options=spnego.NegotiateOptions.use_ntlm if protocol == "ntlm" else spnego.NegotiateOptions.none,
    )
    token = client.step()
    answer = Answer(0, http.client.HTTPMessage(), b"")
    for _unused in range(4):
        assert token is not None
        header = {"Authorization": f"{scheme} {base64.b64encode(token).decode()}"}
        answer = exchange(connection, "wmi/SMS_Site", header)
        challenge = (answer.headers["WWW-Authenticate"] or "").partition(" ")[2]
        if answer.status != 401 or not challenge:
            break
        token = client.step(base64.b64decode(challenge))
    return answer


NTLM_FORMS = [("NTLM", "ntlm"), ("Negotiate", "ntlm"), ("Negotiate", "negotiate")]


@pytest.mark.parametrize(("scheme", "protocol"), NTLM_FORMS)
def test_ntlm_is_taken_before_2509(legacy: Lab, scheme: str, protocol: str) -> None:
    connection = legacy.connection()
    assert handshake(legacy, connection, scheme, protocol).status == 200
    # The logon belongs to the connection: the next request needs no header, another connection does.
    again = exchange(connection, "wmi/SMS_Site", {})
    assert again.status == 200
    line = legacy.log()[-1]
    assert line["user"] == "CONTOSO\\auditor"
    assert legacy.get("wmi/SMS_Site", account="").status == 401
    connection.close()


def test_ntlm_with_a_wrong_password(legacy: Lab) -> None:
    connection = legacy.connection()
    answer = handshake(legacy, connection, "NTLM", "ntlm", "wrong")
    assert (answer.status, answer.body) == (401, b"")
    connection.close()


@pytest.mark.parametrize(("scheme", "protocol"), NTLM_FORMS)
def test_ntlm_is_refused_from_2509_on(healthy: Lab, scheme: str, protocol: str) -> None:
    connection = healthy.connection()
    answer = handshake(healthy, connection, scheme, protocol)
    assert (answer.status, answer.body) == (401, b"")
    assert exchange(connection, "wmi/SMS_Site", {}).status == 401
    connection.close()


@pytest.mark.parametrize("header", ["Negotiate", "Negotiate !!!", "NTLM TlRMTVNTUAA=", "Basic YTpi", "Bearer"])
def test_nonsense_credentials(healthy: Lab, header: str) -> None:
    connection = healthy.connection()
    assert exchange(connection, "wmi/SMS_Site", {"Authorization": header}).status == 401
    connection.close()


# -- faults -------------------------------------------------------------------------------------------------------


def test_down(broken: Lab) -> None:
    with pytest.raises(ConnectionRefusedError):
        broken.get("wmi/SMS_Site", host="down")


def test_black_hole(broken: Lab) -> None:
    with pytest.raises(TimeoutError):
        broken.get("wmi/SMS_Site", host="black-hole", timeout=1.5)


@pytest.mark.parametrize(
    ("host", "complaint"),
    [("expired", "expired"), ("wrong-name", "mismatch"), ("untrusted", "unable to get local issuer")],
)
def test_certificates(broken: Lab, host: str, complaint: str) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match=complaint):
        broken.get("wmi/SMS_Site", host=host)


def test_untrusted_certificate_has_another_root(broken: Lab) -> None:
    connection = broken.connection("untrusted", ca=broken.vars["lab"]["other_ca_path"])
    assert broken.get("wmi/SMS_Site", connection=connection).status == 200
    connection.close()


def test_certificate_days(broken: Lab) -> None:
    connection = broken.connection("soon")
    connection.connect()
    certificate: Any = connection.sock.getpeercert()
    end = datetime.strptime(certificate["notAfter"], "%b %d %H:%M:%S %Y %Z").replace(tzinfo=UTC)
    assert (end - datetime.now(UTC)).days == 12
    assert certificate["issuer"] == ((("commonName", "SMS Issuing"),),)
    assert certificate["subjectAltName"] == (("DNS", f"soon.{DOMAIN}"),)
    connection.close()


def is_page(status: int, text: bytes) -> Callable[[Answer], bool]:
    return lambda answer: (
        answer.status == status and text in answer.body and answer.headers["Content-Type"].startswith("text/html")
    )


@pytest.mark.parametrize(
    ("host", "check"),
    [
        ("html", is_page(200, b"<html>")),
        ("unavailable", is_page(503, b"Service Unavailable")),
        ("upgrading", is_page(503, b"Service Unavailable")),
        ("absent", is_page(404, b"HTTP Error 404")),
        ("denied", lambda answer: answer.json["error"]["message"] == "Access denied  WMI QUERY: "),
        ("forbidden", lambda answer: answer.status == 403),
        ("error", lambda answer: answer.status == 500 and answer.json["error"]["code"] == "500"),
        ("redirect", lambda answer: answer.headers["Location"].startswith("https://elsewhere.example/")),
        ("redirect-plain", lambda answer: answer.headers["Location"].startswith(f"http://redirect-plain.{DOMAIN}/")),
        ("versioned-only", lambda answer: answer.status == 500),
        ("wmi-only", lambda answer: answer.status == 200),
    ],
)
def test_http_faults(broken: Lab, host: str, check: Callable[[Answer], bool]) -> None:
    assert check(broken.get("wmi/SMS_Site", host=host))


def test_faults_after_authentication_ask_for_credentials_first(broken: Lab) -> None:
    for host in ("forbidden", "denied", "error"):
        assert broken.get("wmi/SMS_Site", host=host, account="").status == 401


def test_faults_limited_to_routes_and_classes(broken: Lab) -> None:
    for host, status in (("wmi-only", 500), ("versioned-only", 200), ("one-route", 500), ("denied", 200)):
        assert broken.get("v1.0/$metadata", host=host).status == status
    assert broken.get("wmi/SMS_Site", host="one-route").status == 200
    assert len(broken.get("wmi/SMS_Site", host="huge").rows) == 1


def test_cut_json(broken: Lab) -> None:
    with pytest.raises(http.client.IncompleteRead):
        broken.get("wmi/SMS_Site", host="cut")
    answer = broken.get("wmi/SMS_Site", host="cut-complete")
    assert answer.status == 200
    with pytest.raises(json.JSONDecodeError):
        _json = answer.json


def test_huge(broken: Lab) -> None:
    answer = broken.get("wmi/SMS_R_System", host="huge")
    assert len(answer.body) > 30_000_000
    assert len(answer.rows) > 1000


def test_next_link_faults(broken: Lab) -> None:
    first = broken.get("wmi/SMS_Site", host="endless").json["@odata.nextLink"]
    second = broken.get(first.partition(DOMAIN)[2], host="endless").json["@odata.nextLink"]
    assert first != second
    repeating = broken.get("wmi/SMS_Site", host="repeating").json["@odata.nextLink"]
    assert broken.get(repeating.partition(DOMAIN)[2], host="repeating").json["@odata.nextLink"] == repeating
    assert broken.get("wmi/SMS_Site", host="foreign").json["@odata.nextLink"].startswith("https://elsewhere.example/")


def test_slow(broken: Lab) -> None:
    begin = time.monotonic()
    assert broken.get("wmi/SMS_Site", host="slow").status == 200
    assert time.monotonic() - begin > 1.4


def test_drip_never_ends_and_holds_nobody_up(broken: Lab) -> None:
    connection = broken.connection("drip")
    connection.connect()
    connection.sock.sendall(f"GET /AdminService/wmi/SMS_Site HTTP/1.1\r\nHost: drip.{DOMAIN}\r\n\r\n".encode())
    got = b""
    until = time.monotonic() + 1.2
    while time.monotonic() < until:
        got += connection.sock.recv(100)
    assert got.startswith(b"HTTP/1")
    assert b"\r\n\r\n" not in got
    assert broken.get("wmi/SMS_Site").status == 200
    connection.close()


def test_not_resolving_is_not_in_connect_to(broken: Lab) -> None:
    assert f"unresolved.{DOMAIN}" not in broken.adminservice["connect_to"]
    names = [row["NetworkOSPath"] for row in broken.get("wmi/SMS_SCI_SysResUse").rows]
    assert f"\\\\unresolved.{DOMAIN}" in names


def test_single_fault_by_setting(tmp_path: Path) -> None:
    fault = f"provider.cm-cas01.{DOMAIN}.fault={{kind: server_error, classes: [SMS_SCI_Component]}}"
    with running(tmp_path, "healthy", "--set", fault) as lab:
        assert lab.get("wmi/SMS_SCI_Component").status == 500
        assert lab.get("wmi/SMS_Site").status == 200


# -- scenarios ----------------------------------------------------------------------------------------------------


def hosts(rows: list[dict[str, Any]]) -> set[str]:
    return {row["NetworkOSPath"].strip("\\").partition(".")[0] for row in rows}


def test_contoso_has_its_seeds(contoso: Lab) -> None:
    roles = contoso.get("wmi/SMS_SCI_SysResUse").rows
    distribution = [row for row in roles if row["RoleName"] == "SMS Distribution Point" and row["SiteCode"] == "P02"]
    assert hosts(distribution) == {"cm-p02", "cm-p01-prv01"}
    sites = {row["SiteCode"]: row for row in contoso.get("wmi/SMS_Site").rows}
    assert {code for code, row in sites.items() if row["BuildNumber"] == 9135} == {"P03", "S31"}
    assert sites["CAS"]["Mode"] == 6
    path = f"wmi/SMS_ComponentSummarizer?$filter=TallyInterval eq '{TALLY}' and (Status ne 0 or State ne 1)"
    odd = {(row["ComponentName"], row["MachineName"].partition(".")[0]) for row in contoso.get(path).rows}
    assert odd == {("SMS_REST_PROVIDER", "cm-p02-prv01"), ("SMS_SERVICE_CONNECTOR", "cm-scp01")}
    messages = contoso.get("wmi/SMS_StatMsg?$filter=Component eq 'SMS_SERVICE_CONNECTOR'&$orderby=Time desc&$top=1")
    assert [row["MessageID"] for row in messages.rows] == [11412]
    discovery = contoso.get("wmi/SMS_SCI_Component?$filter=ComponentName eq 'SMS_AD_USER_DISCOVERY_AGENT'").rows
    settings = {row["SiteCode"]: row["Props"][0]["Value1"] for row in discovery}
    assert settings == {"P01": "ACTIVE", "P02": "INACTIVE", "P03": "ACTIVE"}
    old = contoso.get("wmi/SMS_R_System?$filter=not endswith(OperatingSystemNameandVersion,' 10.0')").rows
    assert len(old) == 17
    assert contoso.get("wmi/SMS_Site", host="cm-p02-prv01").status == 503
    with pytest.raises(ssl.SSLCertVerificationError, match="mismatch"):
        contoso.get("wmi/SMS_Site", host="cm-p03")


def test_healthy_site_systems(healthy: Lab) -> None:
    rows = healthy.get("wmi/SMS_SCI_SysResUse").rows
    providers = [row for row in rows if row["RoleName"] == "SMS Provider"]
    assert len(providers) == 7
    assert hosts([row for row in providers if row["Type"] == 8]) == {"cm-cas-prv01", "cm-p01-prv01", "cm-p02-prv01"}
    (point,) = (row for row in rows if row["RoleName"] == "SMS Dmp Connector")
    assert point["Props"] == [{"PropertyName": "OfflineMode", "Value": 0, "Value1": "", "Value2": ""}]
    sql = {row["SiteCode"]: row["PropLists"][0]["Values"][2] for row in rows if row["RoleName"] == "SMS SQL Server"}
    assert (sql["CAS"], sql["P01"]) == ("", "CMINST")
    definitions = {row["SiteCode"]: row for row in healthy.get("wmi/SMS_SCI_SiteDefinition").rows}
    assert definitions["P01"]["SQLDatabaseName"] == "CMINST\\CM_P01"
    assert definitions["CAS"]["ParentSiteCode"] == ""


def test_attached(tmp_path: Path) -> None:
    with running(tmp_path, "attached") as lab:
        service = lab.get("wmi/SMS_Azure_CloudService?$filter=ServiceType eq 5").rows[0]
        key = service["AssociatedAADWebApplications"][0]
        application = lab.get(f"wmi/SMS_AAD_Application_Ex?$filter=ID eq {key}&$select=ID,ClientID,TenantID").rows[0]
        tenant = lab.get(f"wmi/SMS_AAD_Tenant_Ex({application['TenantID']})").rows[0]
        assert tenant["Name"] == "Contoso"
        assert b"LAB-CANARY-SECRETKEY" in lab.get("wmi/SMS_AAD_Application_Ex").body


def test_ruined_still_has_an_entry(tmp_path: Path) -> None:
    with running(tmp_path, "ruined", "--set", "surprises.signed_severity=true") as lab:
        rows = lab.get("wmi/SMS_SCI_SysResUse?$filter=RoleName eq 'SMS Provider' and SiteCode eq 'S21'").rows
        assert hosts(rows) == {"cm-s21"}
        worst = lab.get("wmi/SMS_StatusMessage?$filter=MessageID eq 11488").rows[0]
        assert worst["Severity"] == 3221225472 - 2**32
        assert lab.get("wmi/SMS_AAD_Application_Ex").rows == []
        path = "wmi/SMS_SCI_SysResUse?$filter=RoleName eq 'SMS Site System' and contains(NetworkOSPath,'cm-p03.')"
        properties = {item["PropertyName"]: item["Value1"] for item in lab.get(path).rows[0]["Props"]}
        assert properties["DomainFQDN"] == "apac.contoso.example"


def test_max_is_whole(tmp_path: Path) -> None:
    with running(tmp_path, "max") as lab:
        assert len(lab.adminservice["connect_to"]) == 50
        assert lab.get("wmi/SMS_Site?$count=true&$top=1").json["@odata.count"] == 276
        query = "$filter=Client eq 1&$select=ResourceID,OperatingSystemNameandVersion,Build"
        assert len(lab.get(f"wmi/SMS_R_System?{query}").rows) == 10_000


# -- the process --------------------------------------------------------------------------------------------------


def test_request_log(healthy: Lab) -> None:
    connection = healthy.connection("cm-p02")
    for path in ("wmi/SMS_Site?$top=1", "v1.0/$metadata"):
        healthy.get(path, connection=connection)
    healthy.get("wmi/SMS_Site", host="cm-p02", account="")
    connection.close()
    one, two, three = (line for line in healthy.log() if line["provider"] == f"cm-p02.{DOMAIN}")
    assert one["connection"] == two["connection"] != three["connection"]
    assert one["path"] == "/AdminService/wmi/SMS_Site?$top=1"
    assert (one["method"], one["status"], one["user"]) == ("GET", 200, "CONTOSO\\auditor")
    assert (three["status"], three["user"]) == (401, None)


def test_no_secret_is_logged(healthy: Lab) -> None:
    text = (healthy.state / "requests.jsonl").read_text()
    for account in healthy.accounts.values():
        for secret in ("password", "token", "expired_token"):
            assert account[secret] not in text


def test_files(healthy: Lab) -> None:
    assert (healthy.state / "vars.yml").stat().st_mode & 0o777 == 0o600
    assert healthy.vars["tenant_attach_expectations"] == {
        "cloud": "public",
        "provider_authentication_level": "windows",
        "onboarding_account": "olivia.onboard@contoso.com",
        "scp_country": "DE",
        "operators": [f"operator{number:03}@contoso.com" for number in range(1, 61)],
        "sql_ports": {f"cm-{site}-sql01.corp.contoso.example": 50001 for site in ("p01", "p03")},
    }
    assert healthy.adminservice["auth"] == "token"
    assert healthy.adminservice["token"] == healthy.accounts["auditor"]["token"]


def test_stop_while_clients_hang_on(tmp_path: Path) -> None:
    with running(tmp_path, "standalone", "--set", "provider.cm-ps1.fault=drip") as lab:
        connection = lab.connection()
        connection.connect()
        connection.sock.sendall(b"GET /AdminService/wmi/SMS_Site HTTP/1.1\r\nHost: x\r\n\r\n")
        connection.sock.recv(1)
    # It did not wait for this client: the drip would have gone on for ever.
    assert lab.process.returncode == 0
    connection.close()


def refusal(tmp_path: Path, scenario: str, *arguments: str) -> str:
    """The one line of a lab that does not start."""
    done = subprocess.run(
        [sys.executable, "-m", "lab", "--scenario", scenario, "--state-dir", str(tmp_path / "state"), *arguments],
        env={**os.environ, "PYTHONPATH": str(TESTS)},
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    return done.stderr


@pytest.mark.parametrize(
    ("setting", "complaint"),
    [
        ("sites.P01.biuld=9146", "did you mean 'build'"),
        ("provider.cm-cas01.fault=htlm", "did you mean 'html'"),
        ("provider.cm-cas-prv02.fault=down", "no provider"),
        ("provider.cm-cas01.fault={kind: down, classes: [SMS_Site]}", "whole listener"),
        ("sites.P01.parent=XYZ", "no site 'XYZ'"),
        ("sites.P01.build=new", "expected int"),
        ("status_messages=[{id: 1, age: soon}]", "expected an age"),
        ("tenant.throttle={windw: 1.0}", "did you mean 'window'"),
        ("tenant.subscription_state=activ", "did you mean 'active'"),
        ("tenant.groups={cm-admins: {synced: sometimes}}", "expected true, false or never"),
        ("tenant.faults={/v1.0/users: down}", "whole listener"),
    ],
)
def test_bad_scenarios(tmp_path: Path, setting: str, complaint: str) -> None:
    assert complaint in refusal(tmp_path, "healthy", "--set", setting)


def test_unknown_scenario(tmp_path: Path) -> None:
    assert "did you mean 'healthy'" in refusal(tmp_path, "helthy")


def test_port_in_use(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert f"127.0.0.1:{port}" in refusal(tmp_path, "standalone", "--port", str(port))
    # The port is free again.  A tenant would take the next three, of which nothing is known.
    with running(tmp_path / "again", "standalone", "--set", "tenant=null", "--port", str(port)) as lab:
        assert lab.adminservice["connect_to"] == {f"cm-ps1.{DOMAIN}": f"127.0.0.1:{port}"}
