# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The cloud side of the lab does what it says: authority, identity endpoint and Microsoft Graph.

A lab is started once per module and shared by the tests that only read from it, or that undo what they write.
"""

from __future__ import annotations

import base64
import http.client
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from lab.tests.support import Cloud, running

TENANT = "3f6c1a52-7d0e-4c1b-9a55-2b8f6d4e9c10"
ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"
HELP_DESK = "9e0cc482-82df-4ab2-a24c-0c23a3f52e1e"
ACTION = "Microsoft.Intune_RemoteTasks_ConfigurationManagerAction"
MICROSERVICE = "557c67cf-c916-4293-8373-d584996f60ae"
OLIVIA = "olivia.onboard@contoso.com"
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
WRITER = "tenant.permissions={add: [DeviceManagementRBAC.ReadWrite.All, GroupMember.ReadWrite.All]}"
EVENTUAL = {"ConsistencyLevel": "eventual"}


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with running(tmp_path_factory.mktemp("healthy"), "healthy") as lab:
        yield Cloud(lab)


@pytest.fixture(scope="module")
def contoso(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with running(tmp_path_factory.mktemp("contoso"), "contoso") as lab:
        yield Cloud(lab)


@pytest.fixture(scope="module")
def attached(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with running(tmp_path_factory.mktemp("attached"), "attached") as lab:
        yield Cloud(lab)


@pytest.fixture(scope="module")
def writable(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    overlay: dict[str, Any] = {
        "tenant": {
            "permissions": {
                "add": [
                    "DeviceManagementRBAC.ReadWrite.All",
                    "DeviceManagementManagedDevices.Read.All",
                    "GroupMember.ReadWrite.All",
                    "User-OnPremisesSyncBehavior.ReadWrite.All",
                    "Domain.Read.All",
                ]
            },
            "groups": {"Mail": {"security": False}, "Role holders": {"role_assignable": True}},
            "users": {OLIVIA: {"cloud_managed": True, "groups": ["Role holders", "Mail"]}},
        }
    }
    overlay["tenant"]["groups"]["Role holders"]["roles"] = ["intune_administrator"]
    folder = tmp_path_factory.mktemp("writable")
    (folder / "overlay.json").write_text(json.dumps(overlay))
    with running(folder / "state", "standalone", "--overlay", str(folder / "overlay.json")) as lab:
        yield Cloud(lab)


# -- authority ----------------------------------------------------------------------------------------------------


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def assertion(cloud: Cloud, path: str, algorithm: str = "PS256", **claims: Any) -> str:
    """A JSON web token as the owner of a certificate signs it, made by hand."""
    pem = Path(cloud.own[path]).read_bytes()
    key = serialization.load_pem_private_key(pem, None)
    assert isinstance(key, rsa.RSAPrivateKey)
    certificate = x509.load_pem_x509_certificate(pem)
    own, now = cloud.graph["client_id"], int(time.time())
    payload = {
        "aud": f"{cloud.graph['authority_url']}/{TENANT}/oauth2/v2.0/token",
        "iss": own,
        "sub": own,
        "jti": "1",
        "nbf": now,
        "exp": now + 600,
        **claims,
    }
    header = {"typ": "JWT", "alg": algorithm}
    if algorithm == "PS256":
        header["x5t#S256"] = encoded(certificate.fingerprint(hashes.SHA256()))
    else:
        header["x5t"] = encoded(certificate.fingerprint(hashes.SHA1()))
    signed = f"{encoded(json.dumps(header).encode())}.{encoded(json.dumps(payload).encode())}"
    scheme: padding.AsymmetricPadding = padding.PKCS1v15()
    if algorithm == "PS256":
        scheme = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH)
    return f"{signed}.{encoded(key.sign(signed.encode(), scheme, hashes.SHA256()))}"


def claims_of(token: str) -> dict[str, Any]:
    part = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return claims


def test_discovery(healthy: Cloud) -> None:
    url = f"{healthy.graph['authority_url']}/contoso.com/v2.0/.well-known/openid-configuration"
    document = healthy.send(url).json
    assert document["tenant_region_scope"] == "EU"
    assert "tenant_region_sub_scope" not in document
    assert document["msgraph_host"] == "graph.microsoft.com"
    assert TENANT in document["issuer"]
    unknown = healthy.send(url.replace("contoso.com", "fabrikam.com"))
    assert (unknown.status, unknown.json["error"], unknown.json["error_codes"]) == (400, "invalid_tenant", [90002])


def test_secret(healthy: Cloud) -> None:
    answer = healthy.sign_in(client_secret=healthy.graph["client_secret"])
    assert (answer.status, answer.json["token_type"]) == (200, "Bearer")
    claims = claims_of(answer.json["access_token"])
    assert (claims["aud"], claims["idtyp"]) == (healthy.url, "app")
    assert claims["roles"] == healthy.own["permissions"]
    assert healthy.ask("organization", token=answer.json["access_token"]).status == 200


@pytest.mark.parametrize(
    ("form", "status", "code"),
    [
        ({"client_secret": "wrong"}, 401, 7000215),
        ({}, 401, 7000218),
        ({"client_secret": "wrong", "client_id": TENANT}, 400, 700016),
        ({"client_secret": "wrong", "grant_type": "password"}, 400, 70003),
        ({"client_assertion_type": ASSERTION, "client_assertion": "no.t.oken"}, 401, 50027),
    ],
)
def test_refused_sign_in(healthy: Cloud, form: dict[str, str], status: int, code: int) -> None:
    answer = healthy.sign_in(**form)
    assert (answer.status, answer.json["error_codes"]) == (status, [code])
    assert answer.json["error_description"].startswith(f"AADSTS{code}: ")
    assert "wrong" not in answer.json["error_description"]


def test_expired_secret_and_wrong_scope(healthy: Cloud) -> None:
    assert healthy.sign_in(client_secret=healthy.own["expired_secret"]).json["error_codes"] == [7000222]
    answer = healthy.sign_in(client_secret=healthy.graph["client_secret"], scope="https://elsewhere.example/.default")
    assert answer.json["error_codes"] == [1002012]


@pytest.mark.parametrize("algorithm", ["PS256", "RS256"])
def test_certificate(healthy: Cloud, algorithm: str) -> None:
    proof = assertion(healthy, "certificate_path", algorithm)
    answer = healthy.sign_in(client_assertion_type=ASSERTION, client_assertion=proof)
    assert answer.status == 200
    assert healthy.ask("organization", token=answer.json["access_token"]).status == 200


def test_refused_certificate(healthy: Cloud) -> None:
    now = int(time.time())
    for proof, code in (
        (assertion(healthy, "other_certificate_path"), 700027),
        (assertion(healthy, "certificate_path", aud="https://elsewhere.example"), 700023),
        (assertion(healthy, "certificate_path", nbf=now - 4000, exp=now - 3000), 700024),
    ):
        answer = healthy.sign_in(client_assertion_type=ASSERTION, client_assertion=proof)
        assert (answer.status, answer.json["error_codes"]) == (401, [code])


def test_federation(healthy: Cloud) -> None:
    for name, status in (("federated_token_file", 200), ("other_federated_token_file", 400)):
        proof = Path(healthy.own[name]).read_text()
        assert healthy.sign_in(client_assertion_type=ASSERTION, client_assertion=proof).status == status


def test_managed_identity(healthy: Cloud) -> None:
    url = f"{healthy.own['identity_url']}/metadata/identity/oauth2/token?resource={healthy.url}"
    answer = healthy.send(url, headers={"Metadata": "true"})
    assert healthy.ask("organization", token=answer.json["access_token"]).status == 200
    assert healthy.send(url).status == 400
    for more in ("&client_id=other", "&object_id=x", "x"):
        assert healthy.send(url + more, headers={"Metadata": "true"}).status == 400


# -- tokens and permissions ---------------------------------------------------------------------------------------


def tampered(token: str) -> str:
    head, body, signature = token.split(".")
    claims = claims_of(token) | {"roles": ["Directory.ReadWrite.All"]}
    return f"{head}.{encoded(json.dumps(claims).encode())}.{signature if body else ''}"


def test_bad_tokens(healthy: Cloud) -> None:
    own = healthy.own
    for token, text in (
        ("", "empty"),
        ("nonsense", "not a JSON web token"),
        (own["expired_token"], "expired"),
        (own["foreign_token"], "audience"),
        (tampered(own["token"]), "signature"),
        (assertion(healthy, "certificate_path"), "not allowed"),
        (assertion(healthy, "certificate_path", "RS256", aud=healthy.url, tid=TENANT), "signature"),
    ):
        answer = healthy.ask("organization", token=token)
        assert (answer.status, answer.json["error"]["code"]) == (401, "InvalidAuthenticationToken")
        assert text in answer.json["error"]["message"]
        assert not token or token not in answer.body.decode()
        assert "WWW-Authenticate" in answer.headers
    assert healthy.send(f"{healthy.url}/v1.0/organization").status == 401


READS: list[tuple[str, str, str, Any]] = [
    ("RoleManagement.Read.Directory", "v1.0", "roleManagement/directory/roleAssignments", None),
    ("RoleManagement.Read.Directory", "v1.0", "roleManagement/directory/roleEligibilityScheduleInstances", None),
    ("User.Read.All", "v1.0", "users", None),
    ("User.Read.All", "v1.0", f"users/{OLIVIA}/getMemberGroups", {"securityEnabledOnly": True}),
    ("GroupMember.Read.All", "v1.0", f"users/{OLIVIA}/getMemberGroups", {"securityEnabledOnly": True}),
    ("GroupMember.Read.All", "v1.0", "groups", None),
    ("Organization.Read.All", "v1.0", "organization", None),
    ("LicenseAssignment.Read.All", "v1.0", f"users/{OLIVIA}/licenseDetails", None),
    ("LicenseAssignment.Read.All", "v1.0", "subscribedSkus", None),
    ("Application.Read.All", "v1.0", "applications", None),
    ("Application.Read.All", "v1.0", "servicePrincipals", None),
    ("DeviceManagementRBAC.Read.All", "v1.0", "deviceManagement/roleDefinitions", None),
    ("DeviceManagementServiceConfig.Read.All", "v1.0", "deviceManagement?$select=subscriptionState", None),
    (
        "DeviceManagementServiceConfig.Read.All",
        "v1.0",
        f"organization/{TENANT}?$select=mobileDeviceManagementAuthority",
        None,
    ),
    ("DeviceManagementConfiguration.Read.All", "beta", "deviceManagement/tenantAttachRBAC/getState", None),
    ("DeviceManagementConfiguration.Read.All", "beta", "deviceManagement/configManagerCollections", None),
    ("ServiceHealth.Read.All", "v1.0", "admin/serviceAnnouncement/healthOverviews", None),
]


@pytest.mark.parametrize("permission", sorted({read[0] for read in READS}))
def test_each_permission_counts(healthy: Cloud, permission: str) -> None:
    token = healthy.own["tokens_without"][permission]
    for needed, version, path, body in READS:
        method = "GET" if body is None else "POST"
        whole = healthy.ask(path, method, body, version=version)
        assert whole.status == 200, (path, whole.body)
        answer = healthy.ask(path, method, body, version=version, token=token)
        twice = permission in {"User.Read.All", "GroupMember.Read.All"} and "getMemberGroups" in path
        if needed != permission and not twice:
            assert answer.status == 200, (path, answer.body)
            continue
        error = answer.json["error"]
        assert answer.status == 403
        if path.startswith("deviceManagement"):
            assert error["code"] == "Forbidden"
            assert permission in json.loads(error["message"])["Message"]
        else:
            assert error["code"] == "Authorization_RequestDenied"
            assert error["message"] == "Insufficient privileges to complete the operation."


def test_reading_is_not_writing(healthy: Cloud) -> None:
    for method, path in (
        ("POST", "deviceManagement/roleDefinitions"),
        ("DELETE", "deviceManagement/roleAssignments/x"),
    ):
        assert healthy.ask(path, method, {} if method == "POST" else None).status == 403
    for path in ("domains", "deviceManagement/managedDevices"):
        assert healthy.ask(path).status == 403
    assert healthy.ask(f"users/{OLIVIA}/onPremisesSyncBehavior", version="beta").status == 403


# -- reading ------------------------------------------------------------------------------------------------------


def test_error_body(healthy: Cloud) -> None:
    answer = healthy.ask("users/nobody@contoso.com", client_request_id="mine")
    error = answer.json["error"]
    assert (answer.status, error["code"]) == (404, "Request_ResourceNotFound")
    assert error["innerError"]["client-request-id"] == "mine"
    assert set(error["innerError"]) == {"date", "request-id", "client-request-id"}


def test_organization(healthy: Cloud) -> None:
    (row,) = healthy.ask("organization").rows
    assert row["countryLetterCode"] == "DE"
    assert "mobileDeviceManagementAuthority" not in row
    listed = healthy.ask("organization?$select=mobileDeviceManagementAuthority").rows
    assert listed == [{"mobileDeviceManagementAuthority": None}]
    single = healthy.ask(f"organization/{TENANT}?$select=mobileDeviceManagementAuthority").json
    assert single["mobileDeviceManagementAuthority"] == "intune"
    assert "mobileDeviceManagementAuthority" not in healthy.ask(f"organization/{TENANT}").json
    assert healthy.ask(f"organization/{MICROSERVICE}").status == 404


def test_users(healthy: Cloud) -> None:
    plain = healthy.ask(f"users/{OLIVIA}").json
    assert "onPremisesSyncEnabled" not in plain
    assert plain["@odata.context"].endswith("/v1.0/$metadata#users/$entity")
    fields = "id,onPremisesSyncEnabled,onPremisesSecurityIdentifier,onPremisesDomainName"
    row = healthy.ask(f"users/{plain['id']}?$select={fields}").json
    assert (row["onPremisesSyncEnabled"], row["onPremisesDomainName"]) == (True, "corp.contoso.example")
    sid = row["onPremisesSecurityIdentifier"]
    assert [each["id"] for each in healthy.ask(f"users?$filter=onPremisesSecurityIdentifier eq '{sid}'").rows] == [
        plain["id"]
    ]
    # What the directory calls an account, the hierarchy calls it too.
    found = healthy.lab.get("wmi/SMS_R_User?$filter=UserPrincipalName eq 'operator001@contoso.com'").rows
    operator = healthy.ask("users/operator001@contoso.com?$select=onPremisesSecurityIdentifier").json
    assert [each["SID"] for each in found] == [operator["onPremisesSecurityIdentifier"]]


def names(count: int) -> str:
    return ",".join(f"'operator{number:03}@contoso.com'" for number in range(1, count + 1))


@pytest.mark.parametrize(
    ("query", "count"),
    [
        (f"$filter=userPrincipalName in ({names(15)})", 15),
        (f"$filter=userPrincipalName in ({names(1)})", 1),
        ("$filter=startswith(userPrincipalName,'OPERATOR00')", 9),
        ("$filter=startsWith(displayName,'Operator 00') and accountEnabled eq true", 9),
        ("$filter=displayName eq 'Operator 001' or displayName eq 'not(in (this))'", 1),
        ("$filter=onPremisesSyncEnabled eq null", 0),
        ("$orderby=displayName desc&$top=999", 61),
    ],
)
def test_user_filters(healthy: Cloud, query: str, count: int) -> None:
    assert len(healthy.ask(f"users?{query}").rows) == count


@pytest.mark.parametrize(
    ("path", "code"),
    [
        (f"users?$filter=userPrincipalName in ({names(16)})", "Request_UnsupportedQuery"),
        ("users?$filter=onPremisesDomainName eq 'x'", "Request_UnsupportedQuery"),
        ("users?$filter=contains(displayName,'x')", "BadRequest"),
        ("users?$filter=nope eq 'x'", "BadRequest"),
        ("users?$filter=displayName eq", "BadRequest"),
        ("users?$select=nope", "BadRequest"),
        ("users?$top=1000", "Request_BadRequest"),
        ("users?$skip=1", "BadRequest"),
        ("users?$skiptoken=rebuilt", "Directory_ExpiredPageToken"),
        ("users?$expand=manager", "BadRequest"),
        (f"users/{OLIVIA}/licenseDetails?$top=1", "BadRequest"),
        ("subscribedSkus?$filter=skuPartNumber eq 'EMS'", "BadRequest"),
        ("groups/not-a-guid", "Request_BadRequest"),
        ("roleManagement/directory/roleAssignments?$filter=principalId eq 'a' or principalId eq 'b'", None),
        ("deviceManagement?$select=unlicensedAdminstratorsEnabled", "BadRequest"),
        ("deviceManagement/configManagerCollections", "BadRequest"),
        ("roleManagement/directory/transitiveRoleAssignments", "BadRequest"),
        ("nothing", "BadRequest"),
    ],
)
def test_bad_queries(healthy: Cloud, path: str, code: str | None) -> None:
    answer = healthy.ask(path)
    assert (answer.status, answer.json["error"]["code"]) == (400, code or "Request_UnsupportedQuery")


def test_unknown_version_and_method(healthy: Cloud) -> None:
    assert healthy.ask("users", version="v2.0").status == 400
    assert healthy.ask("users", "DELETE").status == 405
    assert healthy.ask(f"users/{OLIVIA}/getMemberGroups").status == 405
    assert healthy.ask("$batch").status == 405


@pytest.mark.parametrize(
    "query",
    [
        "$filter=endsWith(userPrincipalName,'@contoso.com')",
        "$filter=onPremisesSyncEnabled ne true",
        "$filter=not(startswith(displayName,'Operator'))",
        "$filter=startswith(displayName,'Op')&$orderby=displayName",
    ],
)
def test_advanced_queries(healthy: Cloud, query: str) -> None:
    for count, headers, status in (("", EVENTUAL, 400), ("&$count=true", {}, 400), ("&$count=true", EVENTUAL, 200)):
        answer = healthy.ask(f"users?{query}{count}", **headers)
        assert answer.status == status
        if status == 400:
            assert answer.json["error"]["code"] == "Request_UnsupportedQuery"
        else:
            assert answer.json["@odata.count"] == len(answer.rows)


def test_search_and_count(healthy: Cloud) -> None:
    assert healthy.ask('groups?$search="displayName:night"').status == 400
    found = healthy.ask('groups?$search="displayName:night"', **EVENTUAL).rows
    assert [row["displayName"] for row in found] == ["ConfigMgr Night Shift"]
    # Without the header, the directory counts nothing and says nothing about it.
    assert "@odata.count" not in healthy.ask("groups?$count=true").json


def test_licences(healthy: Cloud) -> None:
    (row,) = healthy.ask(f"users/{OLIVIA}/licenseDetails").rows
    plans = {plan["servicePlanName"]: plan["provisioningStatus"] for plan in row["servicePlans"]}
    assert plans["INTUNE_A"] == "Success"
    (sku,) = healthy.ask("subscribedSkus?$select=skuPartNumber,capabilityStatus").rows
    assert sku == {"skuPartNumber": "EMS", "capabilityStatus": "Enabled"}


def test_groups(healthy: Cloud) -> None:
    groups = {row["displayName"]: row["id"] for row in healthy.ask("groups").rows}
    operators, night = groups["ConfigMgr Operators"], groups["ConfigMgr Night Shift"]
    path = "users/operator060@contoso.com"
    ids = healthy.ask(f"{path}/getMemberGroups", "POST", {"securityEnabledOnly": True}).json["value"]
    assert set(ids) == {operators, night}
    asked = {"groupIds": [operators, groups["cm-admins"]]}
    assert healthy.ask(f"{path}/checkMemberGroups", "POST", asked).json["value"] == [operators]
    assert healthy.ask(f"{path}/checkMemberGroups", "POST", {"groupIds": [operators] * 21}).status == 400
    assert healthy.ask(f"{path}/getMemberGroups", "POST", {}).status == 400
    assert [row["id"] for row in healthy.ask(f"{path}/memberOf").rows] == [night]
    rows = healthy.ask(f"{path}/transitiveMemberOf").rows
    assert {row["id"]: row["@odata.type"] for row in rows} == dict.fromkeys(ids, "#microsoft.graph.group")
    assert len(healthy.ask(f"groups/{operators}/members").rows) == 58
    assert len(healthy.ask(f"groups/{operators}/transitiveMembers").rows) == 61
    assert healthy.ask(f"groups/{MICROSERVICE}").status == 404


def test_groups_by_name_and_sid(healthy: Cloud) -> None:
    (row,) = healthy.ask("groups?$filter=displayName eq 'cm-admins'").rows
    sid = row["onPremisesSecurityIdentifier"]
    assert healthy.ask(f"groups?$filter=onPremisesSecurityIdentifier in ('{sid}')&$select=id").rows == [
        {"id": row["id"]}
    ]
    assert healthy.ask(f"groups?$filter=id in ('{row['id']}')").rows == [row]
    # The SID is the one by which Configuration Manager knows the group.
    (admin,) = healthy.lab.get("wmi/SMS_Admin?$filter=IsGroup eq true").rows
    assert healthy.lab.get(f"wmi/SMS_Admin({admin['AdminID']})").rows[0]["AdminSid"] == sid


def test_directory_roles(writable: Cloud) -> None:
    own = writable.ask(f"users/{OLIVIA}").json["id"]
    path = "roleManagement/directory/roleAssignments"
    query = f"$filter=principalId eq '{own}' and roleDefinitionId eq '{ADMINISTRATOR}'"
    (row,) = writable.ask(f"{path}?{query}").rows
    assert (row["principalId"], row["directoryScopeId"]) == (own, "/")
    rows = writable.ask(f"{path}?$filter=directoryScopeId eq '/'&$expand=principal").rows
    types = {row["principal"]["@odata.type"] for row in rows}
    assert types == {"#microsoft.graph.user", "#microsoft.graph.group"}
    path = "roleManagement/directory/roleAssignmentScheduleInstances"
    assert [each["assignmentType"] for each in writable.ask(f"{path}?{query}").rows] == ["Assigned"]
    assert writable.ask("roleManagement/directory/roleEligibilityScheduleInstances").rows == []


def test_transitive_role_assignments(writable: Cloud) -> None:
    own = writable.ask(f"users/{OLIVIA}").json["id"]
    path = f"roleManagement/directory/transitiveRoleAssignments?$count=true&$filter=principalId eq '{own}'"
    rows = writable.ask(path, version="beta", **EVENTUAL).rows
    # A row that comes through a group names the group.
    assert len(rows) == 2
    assert sum(row["principalId"] == own for row in rows) == 1
    for wrong, headers in (
        (path, {}),
        (path.replace("$count=true&", ""), EVENTUAL),
        (path.partition("&")[0], EVENTUAL),
    ):
        assert writable.ask(wrong, version="beta", **headers).status == 404


def test_no_premium(tmp_path: Path) -> None:
    with running(tmp_path, "standalone", "--set", "tenant.premium=false") as lab:
        cloud = Cloud(lab)
        answer = cloud.ask("roleManagement/directory/roleEligibilityScheduleInstances")
        assert (answer.status, answer.json["error"]["code"]) == (400, "AadPremiumLicenseRequired")
        assert cloud.ask("roleManagement/directory/roleAssignments").status == 200


def test_onboarding_leaves_traces(healthy: Cloud, attached: Cloud) -> None:
    path = f"servicePrincipals(appId='{MICROSERVICE}')?$select=id,appId,accountEnabled,appRoles"
    principal = attached.ask(path).json
    assert principal["accountEnabled"] is True
    assert {role["value"] for role in principal["appRoles"]} == {"CmCollectionData.read", "CmCollectionData.write"}
    assert healthy.ask(path).status == 404
    query = "applications?$filter=startswith(displayName,'ConfigMgrSvc_')"
    (row,) = attached.ask(query).rows
    assert healthy.ask(query).rows == []
    assert row["passwordCredentials"][0]["secretText"] is None
    assert attached.ask(f"applications?$filter=appId eq '{row['appId']}'").rows == [row]
    (own,) = attached.ask(f"servicePrincipals?$filter=appId eq '{row['appId']}'").rows
    assert len(attached.ask(f"servicePrincipals/{own['id']}/appRoleAssignments").rows) == 3
    assert attached.ask(f"servicePrincipals/{own['id']}/oauth2PermissionGrants").status == 403


def test_intune(healthy: Cloud, attached: Cloud, writable: Cloud) -> None:
    state = healthy.ask("deviceManagement?$select=subscriptionState").json
    assert state["subscriptionState"] == "active"
    beta = healthy.ask("deviceManagement?$select=unlicensedAdminstratorsEnabled", version="beta").json
    assert beta["unlicensedAdminstratorsEnabled"] is False
    operations = {row["id"]: row for row in healthy.ask("deviceManagement/resourceOperations").rows}
    assert operations[ACTION]["actionName"] == "Initiate Configuration Manager action"
    assert healthy.ask("deviceManagement/tenantAttachRBAC/getState", version="beta").json["enabled"] is False
    path = "deviceManagement/configManagerCollections"
    assert len(attached.ask(path, version="beta").rows) == 1
    assert healthy.ask(path, version="beta").rows == []
    summary = attached.ask("deviceManagement/deviceCompliancePolicyDeviceStateSummary").json
    assert summary["configManagerCount"] == 0
    assert writable.ask("deviceManagement/managedDevices").rows == []
    assert writable.ask("domains").rows[0]["id"] == "contoso.com"
    behavior = writable.ask(f"users/{OLIVIA}/onPremisesSyncBehavior", version="beta").json
    assert behavior["isCloudManaged"] is True
    assert writable.ask(f"users/{OLIVIA}/onPremisesSyncBehavior").status == 400


def test_intune_roles(healthy: Cloud) -> None:
    roles = {row["displayName"]: row for row in healthy.ask("deviceManagement/roleDefinitions").rows}
    role = roles["Help Desk Operator"]
    assert ACTION in role["rolePermissions"][0]["resourceActions"][0]["allowedResourceActions"]
    assert "roleScopeTagIds" not in role
    path = f"deviceManagement/roleDefinitions/{HELP_DESK}"
    assert healthy.ask(path, version="beta").json["roleScopeTagIds"] == ["0"]
    assert healthy.ask(f"deviceManagement/roleDefinitions('{HELP_DESK}')").json["isBuiltIn"] is True
    (row,) = healthy.ask(f"{path}/roleAssignments").rows
    assert set(row) == {"id", "displayName", "description", "resourceScopes"}
    (again,) = healthy.ask("deviceManagement/roleAssignments?$expand=roleDefinition").rows
    assert (again["id"], again["roleDefinition"]) == (row["id"], None)
    path = f"deviceManagement/roleAssignments/{row['id']}"
    single, beta = healthy.ask(path).json, healthy.ask(path, version="beta").json
    assert single["@odata.type"] == "#microsoft.graph.deviceAndAppManagementRoleAssignment"
    assert len(single["members"]) == 1
    assert set(beta) - set(single) == {"scopeMembers", "scopeType", "roleScopeTagIds"}
    assert healthy.ask(f"{path}/roleDefinition").json["id"] == HELP_DESK
    missing = healthy.ask(f"deviceManagement/roleDefinitions/{TENANT}")
    assert (missing.status, missing.json["error"]["code"]) == (404, "ResourceNotFound")


def test_no_intune(tmp_path: Path) -> None:
    with running(tmp_path, "standalone", "--set", "tenant.intune=false") as lab:
        cloud = Cloud(lab)
        for path in ("deviceManagement", "deviceManagement/roleDefinitions"):
            answer = cloud.ask(path)
            assert answer.status == 400
            assert answer.json["error"]["message"] == "Request not applicable to target tenant."
        single = cloud.ask(f"organization/{TENANT}?$select=mobileDeviceManagementAuthority").json
        assert single["mobileDeviceManagementAuthority"] == "unknown"


def test_service_health(tmp_path: Path, healthy: Cloud) -> None:
    path = "admin/serviceAnnouncement/healthOverviews"
    rows = {row["service"]: row for row in healthy.ask(f"{path}?$expand=issues").rows}
    assert rows["Microsoft Intune"]["status"] == "serviceOperational"
    assert rows["Microsoft Intune"]["issues"] == []
    assert healthy.ask(f"{path}/Microsoft Intune").json["id"] == "Intune"
    with running(tmp_path, "standalone", "--set", "tenant.service_health_casing=capital") as lab:
        assert {row["status"] for row in Cloud(lab).ask(path).rows} == {"ServiceOperational"}


# -- pages and batches --------------------------------------------------------------------------------------------


def test_pages(tmp_path: Path) -> None:
    with running(tmp_path, "healthy", "--set", "tenant.page_size=25") as lab:
        cloud = Cloud(lab)
        url: str | None = "users?$select=id&$count=true"
        sizes, counts = [], []
        while url:
            answer = cloud.ask(url, **EVENTUAL)
            sizes.append(len(answer.rows))
            counts.append(answer.json.get("@odata.count"))
            url = answer.json.get("@odata.nextLink")
            assert url is None or url.startswith(f"{cloud.url}/v1.0/users?$select=id&$count=true&$skiptoken=")
        assert sizes == [25, 0, 25, 11]
        assert counts == [61, None, None, None]
        first = cloud.ask("users?$select=id").json["@odata.nextLink"]
        # The link is taken as it is, or not at all.
        assert cloud.ask(first.replace("$select=id", "$select=mail")).status == 400
        item = cloud.batch({"url": "/users?$select=id"})["0"]
        assert item["body"]["@odata.nextLink"] == first
        assert len(cloud.ask("users?$top=10").rows) == 10
        assert "@odata.nextLink" not in cloud.ask("subscribedSkus").json


def test_batch(healthy: Cloud) -> None:
    answers = healthy.batch(
        {"url": f"/users/{OLIVIA}"},
        {"url": "users/nobody@contoso.com"},
        {
            "url": f"/users/{OLIVIA}/getMemberGroups",
            "method": "POST",
            "body": {"securityEnabledOnly": True},
            "headers": {"Content-Type": "application/json"},
        },
        {"url": "/users?$filter=onPremisesSyncEnabled ne true&$count=true", "headers": EVENTUAL},
        {"url": "/users?$filter=onPremisesSyncEnabled ne true&$count=true"},
        {"url": "/deviceManagement/configManagerCollections"},
    )
    assert {own: each["status"] for own, each in answers.items()} == {
        "0": 200,
        "1": 404,
        "2": 200,
        "3": 200,
        "4": 400,
        "5": 405,
    }
    assert list(answers) != sorted(answers)
    assert answers["0"]["headers"]["Content-Type"] == "application/json"
    assert answers["0"]["headers"]["x-ms-resource-unit"] == "1"
    assert answers["5"]["body"]["error"]["code"] == "Request_BadRequest"
    line = healthy.lab.log()[-1]
    assert (line["provider"], line["status"], line["items"]) == ("graph", 200, 6)
    assert line["batch"][1] == {"method": "GET", "path": "users/nobody@contoso.com", "status": 404}


def test_batch_checks_permissions_for_each_item(healthy: Cloud) -> None:
    requests = [{"id": path, "method": "GET", "url": path} for path in ("groups", "organization")]
    token = healthy.own["tokens_without"]["GroupMember.Read.All"]
    answer = healthy.ask("$batch", "POST", {"requests": requests}, token=token)
    assert {each["id"]: each["status"] for each in answer.json["responses"]} == {"groups": 403, "organization": 200}


GOOD = {"id": "a", "method": "GET", "url": "/users"}


@pytest.mark.parametrize(
    "requests",
    [
        [{**GOOD, "id": str(number)} for number in range(21)],
        [],
        [GOOD, {**GOOD, "id": "A"}],
        [{**GOOD, "id": 1}],
        [{**GOOD, "url": "https://localhost/v1.0/users"}],
        [{**GOOD, "method": "LIST"}],
        [{**GOOD, "method": "POST", "body": {}}],
        [{**GOOD, "dependsOn": ["b"]}],
        [{**GOOD, "dependsOn": ["b"]}, {**GOOD, "id": "b", "dependsOn": ["a"]}],
        None,
    ],
)
def test_malformed_batches(healthy: Cloud, requests: Any) -> None:
    assert healthy.ask("$batch", "POST", {"requests": requests}).status == 400


def test_batch_dependencies(healthy: Cloud) -> None:
    answers = healthy.batch(
        {"url": "/users", "dependsOn": ["1"]},
        {"url": "/nothing"},
        {"url": "/groups", "dependsOn": ["3"]},
        {"url": "/organization"},
    )
    assert {own: each["status"] for own, each in answers.items()} == {"0": 424, "1": 400, "2": 200, "3": 200}


# -- throttling ---------------------------------------------------------------------------------------------------


def test_throttled_directory(tmp_path: Path) -> None:
    with running(tmp_path, "standalone", "--set", "tenant.throttle={resource_units: 6}") as lab:
        cloud = Cloud(lab)
        answer = cloud.ask("users")
        assert answer.headers["x-ms-resource-unit"] == "2"
        assert "x-ms-throttle-limit-percentage" not in answer.headers
        items = [{"url": "/users?$select=id&$top=5"} for _unused in range(8)]
        answers = cloud.batch(*items).values()
        statuses = sorted(each["status"] for each in answers)
        assert statuses == [200] * 4 + [429] * 4
        (refused, *_others) = (each for each in answers if each["status"] == 429)
        assert refused["body"]["error"]["code"] == "TooManyRequests"
        assert refused["headers"]["Retry-After"] == "1"
        assert refused["headers"]["x-ms-throttle-information"] == "ResourceUnitLimitExceeded"
        # Whoever does not wait stays throttled; Intune has a limit of its own.
        assert cloud.ask("organization").status == 429
        assert cloud.ask("deviceManagement").status == 200
        time.sleep(1.1)
        assert cloud.ask("organization").status == 200


def test_asking_while_throttled_counts(tmp_path: Path) -> None:
    with running(tmp_path, "standalone", "--set", "tenant.throttle={intune_requests: 2, window: 2}") as lab:
        cloud = Cloud(lab)
        assert [cloud.ask("deviceManagement").status for _unused in range(3)] == [200, 200, 429]
        for _unused in range(2):
            time.sleep(0.8)
            assert cloud.ask("deviceManagement").status == 429
        time.sleep(0.8)
        answer = cloud.ask("deviceManagement")
        assert answer.status == 429
        assert answer.headers["Retry-After"] == "2"
        time.sleep(2.1)
        assert cloud.ask("deviceManagement").status == 200


def test_throttled_without_retry_after(tmp_path: Path) -> None:
    setting = "tenant.throttle={intune_requests: 1, retry_after: false}"
    with running(tmp_path, "standalone", "--set", setting) as lab:
        cloud = Cloud(lab)
        cloud.ask("deviceManagement")
        answer = cloud.ask("deviceManagement")
        assert (answer.status, answer.headers["Retry-After"]) == (429, None)


# -- writing ------------------------------------------------------------------------------------------------------


def permissions(*actions: str) -> list[dict[str, Any]]:
    return [{"resourceActions": [{"allowedResourceActions": list(actions), "notAllowedResourceActions": []}]}]


ROLES, ASSIGNMENTS = "deviceManagement/roleDefinitions", "deviceManagement/roleAssignments"


def refused(cloud: Cloud, path: str, method: str, body: Any, *, version: str = "beta") -> str:
    """The text of a write that is refused with 400."""
    answer = cloud.ask(path, method, body, version=version)
    assert answer.status == 400, answer.body
    message: str = answer.json["error"]["message"]
    if message.startswith("{"):
        message = json.loads(message)["Message"]
        assert " - Activity ID: " in message
    return message


def test_roles(writable: Cloud) -> None:
    body = {
        "@odata.type": "#microsoft.graph.roleDefinition",
        "displayName": "ConfigMgr action",
        "description": "Actions of Configuration Manager",
        "rolePermissions": permissions(ACTION, "Microsoft.Intune_Organization_Read"),
        "isBuiltIn": False,
    }
    made = writable.ask(ROLES, "POST", body)
    assert made.status == 201
    own = f"{ROLES}/{made.json['id']}"
    assert "not known" in refused(writable, own, "PATCH", {"rolePermissions": permissions("Microsoft.Intune_Nope")})
    assert "not valid" in refused(writable, own, "PATCH", {"rolePermissions": ["x"]})
    assert "does not exist on type" in refused(writable, own, "PATCH", {"roleScopeTagIds": ["0"]}, version="v1.0")
    assert writable.ask(own, "PATCH", {"rolePermissions": permissions(ACTION)}).status == 200
    row = writable.ask(own).json
    # What is named replaces all that was there; what is not named stays.
    assert row["rolePermissions"] == permissions(ACTION)
    assert row["description"] == "Actions of Configuration Manager"
    assert writable.ask(own, "DELETE").status == 204
    assert writable.ask(own, "DELETE").status == 404


def test_refused_role_writes(writable: Cloud) -> None:
    built_in = f"{ROLES}/{HELP_DESK}"
    assert "built-in" in refused(writable, built_in, "PATCH", {"description": "mine"})
    assert "built-in" in refused(writable, built_in, "DELETE", None)
    assert "DisplayName" in refused(writable, ROLES, "POST", {"description": "x"})
    assert "does not exist on type" in refused(writable, ROLES, "POST", {"displayName": "x", "nope": 1})
    assert "expected" in refused(writable, ROLES, "POST", {"displayName": "x", "@odata.type": "#microsoft.graph.user"})
    answer = writable.ask(f"{built_in}/roleAssignments", "POST", {"displayName": "x"})
    assert answer.json["error"]["code"] == "No method match route template"
    assert writable.ask(f"{built_in}/roleAssignments/{TENANT}", "PATCH", {}).status == 400
    assert (
        writable.send(
            f"{writable.url}/v1.0/{ROLES}", "POST", {"Authorization": f"Bearer {writable.own['token']}"}, b"{}"
        ).json["error"]["code"]
        == "BadRequest"
    )


def group_ids(cloud: Cloud) -> dict[str, str]:
    return {row["displayName"]: row["id"] for row in cloud.ask("groups").rows}


def binding(cloud: Cloud, role: str = HELP_DESK, host: str | None = None) -> dict[str, str]:
    return {"roleDefinition@odata.bind": f"{host or cloud.url}/beta/{ROLES}('{role}')"}


def test_assignments(writable: Cloud) -> None:
    groups = group_ids(writable)
    role = writable.ask(ROLES, "POST", {"displayName": "Held", "rolePermissions": permissions(ACTION)}).json["id"]
    body = {
        "@odata.type": "#microsoft.graph.deviceAndAppManagementRoleAssignment",
        "displayName": "Mine",
        "description": "",
        "members": [groups["ConfigMgr Operators"]],
        "resourceScopes": [],
        "scopeType": "allDevices",
        "roleScopeTagIds": ["0"],
        **binding(writable, role),
    }
    made = writable.ask(ASSIGNMENTS, "POST", body, version="beta")
    assert (made.status, made.json["scopeType"]) == (201, "allDevices")
    own = f"{ASSIGNMENTS}/{made.json['id']}"
    assert writable.ask(f"{own}/roleDefinition").json["id"] == role
    assert "has assignments" in refused(writable, f"{ROLES}/{role}", "DELETE", None)
    scopes = {"resourceScopes": [groups["cm-admins"]]}
    only = "ResourceScopes can only be defined when the ScopeType is set to 'ResourceScope'"
    assert only in refused(writable, own, "PATCH", scopes)
    assert only in refused(writable, own, "PATCH", scopes, version="v1.0")
    assert only in refused(writable, own, "PATCH", {**scopes, "scopeType": "allDevices"})
    assert writable.ask(own, "PATCH", {**scopes, "scopeType": "resourceScope"}, version="beta").status == 200
    row = writable.ask(own, version="beta").json
    assert row["resourceScopes"] == row["scopeMembers"] == [groups["cm-admins"]]
    assert writable.ask(own, "PATCH", {"members": [groups["cm-admins"]]}).status == 200
    assert writable.ask(own).json["members"] == [groups["cm-admins"]]
    assert writable.ask(own, "DELETE").status == 204
    assert writable.ask(own).status == 404
    assert writable.ask(f"{ROLES}/{role}", "DELETE").status == 204


def test_refused_assignments(writable: Cloud) -> None:
    groups = group_ids(writable)
    good = {"displayName": "Mine", "members": [groups["ConfigMgr Operators"]], **binding(writable)}
    user = writable.ask(f"users/{OLIVIA}").json["id"]
    generic = "An error has occurred"
    for change, text in (
        ({"roleDefinition@odata.bind": None}, generic),
        (binding(writable, TENANT), generic),
        (binding(writable, host="https://graph.microsoft.com"), generic),
        ({"resourceScopes": None}, "resourceScopes"),
        ({"resourceScopes": [groups["cm-admins"]]}, "ScopeType"),
        ({"resourceScopes": [user], "scopeType": "resourceScope"}, "security groups"),
        ({"scopeType": "everything"}, "scopeType"),
        ({"members": [user]}, "security groups"),
        ({"members": [groups["Mail"]]}, "security groups"),
        ({"members": [MICROSERVICE]}, "security groups"),
        ({"members": "x"}, "members"),
        ({"displayName": ""}, "DisplayName"),
    ):
        assert text in refused(writable, ASSIGNMENTS, "POST", {**good, **change})
    unbound = {name: value for name, value in good.items() if "bind" not in name}
    assert generic in refused(writable, ASSIGNMENTS, "POST", unbound)
    assert "does not exist on type" in refused(
        writable, ASSIGNMENTS, "POST", {**good, "scopeType": "allDevices"}, version="v1.0"
    )
    # Version 1.0 has no type of scope to name, and takes scopes without it when an assignment is made.
    made = writable.ask(ASSIGNMENTS, "POST", {**good, "resourceScopes": [groups["cm-admins"]]})
    assert made.status == 201
    assert writable.ask(f"{ASSIGNMENTS}/{made.json['id']}", "DELETE").status == 204


def test_group_members(writable: Cloud) -> None:
    groups = group_ids(writable)
    user = writable.ask(f"users/{OLIVIA}").json["id"]
    path = f"groups/{groups['ConfigMgr Operators']}/members"
    body = {"@odata.id": f"{writable.url}/v1.0/directoryObjects/{user}"}
    assert writable.ask(f"{path}/$ref", "POST", body).status == 204
    assert "already exist" in refused(writable, f"{path}/$ref", "POST", body, version="v1.0")
    assert user in {row["id"] for row in writable.ask(path).rows}
    assert writable.ask(f"{path}/{user}/$ref", "DELETE").status == 204
    assert writable.ask(f"{path}/{user}/$ref", "DELETE").status == 404
    body = {"@odata.id": f"{writable.url}/v1.0/directoryObjects/{MICROSERVICE}"}
    assert writable.ask(f"{path}/$ref", "POST", body).status == 404


# -- approval -----------------------------------------------------------------------------------------------------


JUSTIFIED = {"x_msft_approval_justification": base64.b64encode(b"because").decode()}


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    settings = ("--set", WRITER, "--set", "tenant.multi_admin_approval=true")
    with running(tmp_path_factory.mktemp("guarded"), "standalone", *settings) as lab:
        yield Cloud(lab)


def decide(cloud: Cloud, code: str, verb: str = "approve") -> int:
    return cloud.send(f"{cloud.url}/lab/{verb}/{code}", "POST").status


def test_approval(guarded: Cloud) -> None:
    body = {"displayName": "Guarded", "rolePermissions": permissions(ACTION)}
    bare = guarded.ask(ROLES, "POST", body)
    assert bare.status == 403
    assert "x-msft-approval-justification" in bare.json["error"]["message"]
    asked = guarded.ask(ROLES, "POST", body, **JUSTIFIED)
    code = asked.headers["x-msft-approval-code"]
    assert (asked.status, asked.json["error"]["code"]) == (403, "ApprovalRequired")
    again = {"x_msft_approval_code": code}
    path = f"deviceManagement/operationApprovalRequests?$filter=requestId eq '{code}'"
    (row,) = guarded.ask(path, version="beta").rows
    assert (row["status"], row["requestJustification"]) == ("needsApproval", "because")
    assert guarded.ask(ROLES, "POST", body, **again).json["error"]["code"] == "ApprovalRequired"
    assert decide(guarded, code) == 204
    assert decide(guarded, code) == 404
    assert guarded.ask(path, version="beta").rows[0]["status"] == "approved"
    other = guarded.ask(ROLES, "POST", {**body, "displayName": "Other"}, **again)
    assert other.status == 403
    made = guarded.ask(ROLES, "POST", body, **again)
    assert made.status == 201
    assert guarded.ask(ROLES, "POST", body, **again).status == 403
    assert sum(row["displayName"] == "Guarded" for row in guarded.ask(ROLES).rows) == 1


def test_rejected_and_unknown_codes(guarded: Cloud) -> None:
    body = {"displayName": "Rejected"}
    code = guarded.ask(ROLES, "POST", body, **JUSTIFIED).headers["x-msft-approval-code"]
    assert decide(guarded, code, "reject") == 204
    for own in (code, TENANT):
        assert guarded.ask(ROLES, "POST", body, x_msft_approval_code=own).status == 403
    assert decide(guarded, TENANT) == 404
    assert guarded.send(f"{guarded.url}/lab/approve/{code}").status == 404
    assert guarded.ask(ROLES, "POST", body, x_msft_approval_justification="no base64").status == 400
    assert guarded.ask("deviceManagement/operationApprovalPolicies", version="beta").rows


def test_approval_in_a_batch(guarded: Cloud) -> None:
    headers = {"Content-Type": "application/json", "x-msft-approval-justification": "eA=="}
    item = {"url": f"/{ROLES}", "method": "POST", "body": {"displayName": "Batched"}, "headers": headers}
    answer = guarded.batch(item)["0"]
    assert answer["status"] == 403
    assert answer["headers"]["x-msft-approval-code"]


def test_missing_justification_as_400(tmp_path: Path) -> None:
    with running(tmp_path, "standalone", "--set", WRITER, "--set", "tenant.multi_admin_approval=400") as lab:
        answer = Cloud(lab).ask(ROLES, "POST", {"displayName": "x"})
        assert (answer.status, answer.json["error"]["code"]) == (400, "BadRequest")


# -- faults -------------------------------------------------------------------------------------------------------


FAULTS: dict[str, Any] = {
    "/v1.0/domains": {"kind": "http_status", "status": 504, "retry_after": 3},
    "/v1.0/subscribedSkus": {"kind": "http_status", "times": 1},
    "/v1.0/users/*": "html",
    "/v1.0/users": "cut_json",
    "/v1.0/groups/*": "redirect",
    "/v1.0/groups": "repeating_next_link",
    "/v1.0/applications": "endless_next_link",
    "/v1.0/servicePrincipals": "foreign_next_link",
    "/v1.0/organization": "cut_json_complete",
    "/v1.0/deviceManagement": {"kind": "slow", "slow_seconds": 1.2},
    "/beta/$batch": {"kind": "http_status", "status": 503},
}


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    folder = tmp_path_factory.mktemp("broken")
    (folder / "overlay.json").write_text(json.dumps({"tenant": {"faults": FAULTS}}))
    with running(folder / "state", "standalone", "--overlay", str(folder / "overlay.json")) as lab:
        yield Cloud(lab)


def test_faults(broken: Cloud) -> None:
    answer = broken.ask("domains", token="none at all")
    assert (answer.status, answer.headers["Retry-After"]) == (504, "3")
    assert [broken.ask("subscribedSkus").status for _unused in range(2)] == [503, 200]
    answer = broken.ask(f"users/{OLIVIA}")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert broken.ask(f"groups/{TENANT}").headers["Location"].startswith("https://elsewhere.example/v1.0/groups/")
    with pytest.raises(http.client.IncompleteRead):
        broken.ask("users")
    with pytest.raises(json.JSONDecodeError):
        _json = broken.ask("organization").json
    begin = time.monotonic()
    assert broken.ask("deviceManagement").status == 200
    assert time.monotonic() - begin > 1.1


def test_faults_of_links(broken: Cloud) -> None:
    first = broken.ask("groups?$select=id").json
    second = broken.ask(first["@odata.nextLink"]).json
    assert first == second
    links = ["applications"]
    for _unused in range(3):
        links.append(broken.ask(links[-1]).json["@odata.nextLink"])
    assert len(set(links)) == 4
    foreign = broken.ask("servicePrincipals").json["@odata.nextLink"]
    assert foreign.startswith("https://elsewhere.example/v1.0/servicePrincipals")


def test_faults_in_batches(broken: Cloud) -> None:
    answers = broken.batch(
        {"url": "/domains"},
        {"url": f"/users/{OLIVIA}"},
        {"url": f"/groups/{TENANT}"},
        {"url": "/groups"},
        {"url": "/organization"},
        {"url": "/deviceManagement"},
        {"url": "/deviceManagement"},
    )
    assert [answers[str(number)]["status"] for number in range(7)] == [504, 200, 302, 200, 200, 200, 200]
    assert answers["0"]["headers"]["Retry-After"] == "3"
    assert b"<html>" in base64.b64decode(answers["1"]["body"])
    assert answers["3"]["body"]["@odata.nextLink"].endswith("$skiptoken=1")
    # What is cut is cut as a whole.
    assert len(answers["4"]["body"]["value"]) == 1
    assert broken.ask("$batch", "POST", {"requests": [GOOD]}, version="beta").status == 503


def test_graph_is_down(tmp_path: Path) -> None:
    with running(tmp_path, "standalone", "--set", "tenant.faults={'*': down}") as lab:
        with pytest.raises(ConnectionRefusedError):
            Cloud(lab).ask("organization")
        assert Cloud(lab).sign_in(client_secret=Cloud(lab).graph["client_secret"]).status == 200


# -- scenarios ----------------------------------------------------------------------------------------------------


def test_contoso_has_its_seeds(contoso: Cloud) -> None:
    fields = "$select=userPrincipalName,onPremisesSyncEnabled&$top=999"
    rows = {row["userPrincipalName"].partition("@")[0]: row for row in contoso.ask(f"users?{fields}").rows}
    odd = {name: row["onPremisesSyncEnabled"] for name, row in rows.items() if row["onPremisesSyncEnabled"] is not True}
    assert odd == {"operator007": False, "operator055": None}
    assert contoso.ask("users/operator042@contoso.com/licenseDetails").rows == []
    known = {row["UserName"] for row in contoso.lab.get("wmi/SMS_R_User").rows}
    assert set(rows) - known == {"operator013", "operator055", "olivia.onboard"}
    trusted = {row["LogonName"].partition("\\")[2] for row in contoso.lab.get("wmi/SMS_Admin").rows}
    assert set(rows) - trusted == {"operator034", "operator055", "olivia.onboard"}
    groups = contoso.ask("users/operator021@contoso.com/getMemberGroups", "POST", {"securityEnabledOnly": True})
    assert groups.json["value"] == []
    own = contoso.ask(f"users/{OLIVIA}").json["id"]
    query = f"$filter=principalId eq '{own}' and roleDefinitionId eq '{ADMINISTRATOR}'"
    assert contoso.ask(f"roleManagement/directory/roleAssignments?{query}").rows == []
    assert len(contoso.ask(f"roleManagement/directory/roleEligibilityScheduleInstances?{query}").rows) == 1
    assert contoso.ask(f"organization/{TENANT}?$select=mobileDeviceManagementAuthority").json[
        "mobileDeviceManagementAuthority"
    ] == ("office365")
    health = {row["service"]: row["status"] for row in contoso.ask("admin/serviceAnnouncement/healthOverviews").rows}
    assert {name for name, status in health.items() if status != "serviceOperational"} == {"Microsoft Intune"}
    assert contoso.lab.vars["tenant_attach_expectations"]["scp_country"] == "US"


def test_attached_discovers_through_entra(attached: Cloud) -> None:
    found = attached.lab.get("wmi/SMS_R_User?$filter=UserPrincipalName eq 'operator001@contoso.com'").rows
    assert [row["AgentName"] for row in found] == [["SMS_AZUREAD_USER_DISCOVERY_AGENT"]]
    assert found[0]["AADUserID"] == attached.ask("users/operator001@contoso.com").json["id"]


@pytest.mark.parametrize(("scenario", "operators"), [("legacy_ntlm", 2), ("max", 500), ("standalone", 3)])
def test_other_scenarios(tmp_path: Path, scenario: str, operators: int) -> None:
    with running(tmp_path, scenario) as lab:
        cloud = Cloud(lab)
        assert len(lab.vars["tenant_attach_expectations"]["operators"]) == operators
        assert len(cloud.ask("users?$filter=startswith(userPrincipalName,'operator')&$top=999").rows) == operators
        url = f"{cloud.graph['authority_url']}/{TENANT}/v2.0/.well-known/openid-configuration"
        government = scenario == "legacy_ntlm"
        assert cloud.send(url).json.get("tenant_region_sub_scope") == ("DODCON" if government else None)


def test_ruined(tmp_path: Path) -> None:
    with running(tmp_path, "ruined") as lab:
        cloud = Cloud(lab)
        answer = cloud.ask("organization")
        assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
        assert cloud.ask("users").headers["Content-Type"].startswith("text/html")
        link = cloud.ask(ROLES).json["@odata.nextLink"]
        assert cloud.ask(link).json["@odata.nextLink"] == link
        assert cloud.ask("applications?$filter=startswith(displayName,'ConfigMgrSvc_')").rows == []


# -- what is written down -----------------------------------------------------------------------------------------


def test_no_secret_is_logged(healthy: Cloud) -> None:
    token = healthy.sign_in(client_secret=healthy.graph["client_secret"]).json["access_token"]
    healthy.ask("organization", token=token)
    healthy.batch({"url": "/organization"})
    line = healthy.lab.log()[-1]
    assert line["user"] == healthy.graph["client_id"]
    assert not {"headers", "body"} & set(line)
    text = (healthy.lab.state / "requests.jsonl").read_text()
    own = healthy.own
    secrets = [healthy.graph["client_secret"], own["expired_secret"], own["certificate_password"], token]
    secrets += [own["token"], own["expired_token"], own["foreign_token"], *own["tokens_without"].values()]
    assert [secret for secret in secrets if secret in text] == []
    assert token.rpartition(".")[2] not in text
