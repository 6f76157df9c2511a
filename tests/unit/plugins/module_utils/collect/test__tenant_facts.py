# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tenant as Graph and the OpenID metadata tell it."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.configmgr.tenant_attach.plugins.module_utils.collect import _tenant_facts
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.product import _tenant_names


@pytest.mark.parametrize(
    ("metadata", "cloud"),
    [
        ({"tenant_region_scope": "EU", "msgraph_host": "graph.microsoft.com"}, "public"),
        ({"tenant_region_scope": "NA"}, "public"),
        ({"tenant_region_scope": "NA", "tenant_region_sub_scope": "GCC"}, "public"),
        ({"tenant_region_scope": "USGov", "tenant_region_sub_scope": "DODCON"}, "us_gov_gcc_high"),
        ({"tenant_region_scope": "USG", "tenant_region_sub_scope": "DOD"}, "us_gov_dod"),
        ({"tenant_region_scope": "USG", "tenant_region_sub_scope": "NEW"}, None),
        ({"tenant_region_scope": "USG", "msgraph_host": "graph.microsoft.us"}, "us_gov_gcc_high"),
        ({"tenant_region_scope": "USG", "msgraph_host": "dod-graph.microsoft.us"}, "us_gov_dod"),
        ({"tenant_region_scope": "USGov"}, None),
        ({"tenant_region_scope": "CN", "cloud_instance_name": "partner.microsoftonline.cn"}, "china"),
        ({"msgraph_host": "microsoftgraph.chinacloudapi.cn"}, "china"),
        ({"msgraph_host": "graph.elsewhere.example"}, None),
    ],
)
def test_cloud(metadata: dict[str, t.Any], cloud: str | None) -> None:
    assert _tenant_facts.cloud_of(metadata) == cloud


def test_organization() -> None:
    row = {
        "id": "t1",
        "displayName": "Contoso",
        "countryLetterCode": "DE",
        "tenantType": "AAD",
        "onPremisesSyncEnabled": True,
        "onPremisesLastSyncDateTime": "2026-11-23T20:00:00Z",
        "verifiedDomains": [{"name": "contoso.com", "type": "Managed", "isDefault": True, "isInitial": False}],
    }
    found = _tenant_facts.organization(row)
    assert found["domains"] == [{"name": "contoso.com", "type": "Managed", "default": True, "initial": False}]
    assert found["sync"] == {"enabled": True, "last": "2026-11-23T20:00:00Z"}
    assert (found["id"], found["name"], found["country"], found["type"]) == ("t1", "Contoso", "DE", "AAD")
    assert _tenant_facts.organization({})["domains"] == []


def test_licences_are_those_for_users() -> None:
    plan = {"servicePlanId": "C1EC4A95-1F05-45B3-A911-AA3FA01094F5"}
    device = {"servicePlanId": "2b317a4a-77a6-4188-9437-b68a77b4e2c6"}
    units = {"enabled": 10}
    skus = [
        {"skuPartNumber": "EMS", "capabilityStatus": "Enabled", "prepaidUnits": units, "servicePlans": [plan]},
        {"skuPartNumber": "DEVICE", "capabilityStatus": "Enabled", "prepaidUnits": units, "servicePlans": [device]},
        {"skuPartNumber": "OTHER", "servicePlans": None},
    ]
    assert _tenant_facts.licences(skus) == [{"sku": "EMS", "state": "enabled", "enabled": 10, "consumed": None}]


def test_service_health_in_both_cases() -> None:
    rows = [
        {"service": "Microsoft Intune", "id": "MicrosoftIntune", "status": "ServiceOperational"},
        {"service": "Identity Service", "id": "OrgLiveID", "status": "serviceDegradation"},
        {"service": "Exchange Online", "id": "Exchange", "status": "serviceOperational"},
    ]
    assert _tenant_facts.service_health(rows) == [
        {"name": "Microsoft Intune", "status": "serviceOperational"},
        {"name": "Identity Service", "status": "serviceDegradation"},
    ]


ROLES = {"CmCollectionData.read": "R1", "CmCollectionData.write": "R2"}
GIVEN = [{"appRoleId": "r1"}, {"appRoleId": "r2"}, {"appRoleId": _tenant_names.DIRECTORY_READ_ALL}]
APPLICATION = {
    "id": "o1",
    "appId": "a1",
    "displayName": "ConfigMgrSvc_1",
    "signInAudience": "AzureADMyOrg",
    "identifierUris": None,
    "passwordCredentials": [
        {"endDateTime": "2027-01-01T00:00:00Z", "secretText": "canary"},
        {"endDateTime": "2028-01-01T00:00:00Z"},
        {"endDateTime": None},
    ],
}


def application(given: list[dict[str, str]] | None = None, **values: t.Any) -> dict[str, t.Any]:
    principal = values.pop("principal", {"id": "p1", "accountEnabled": True})
    return _tenant_facts.application({**APPLICATION, **values}, principal, GIVEN if given is None else given, ROLES)


def test_the_application_has_no_secret_and_its_latest_end() -> None:
    found = application()
    assert found["secret_expires"] == "2028-01-01T00:00:00Z"
    assert (found["client_id"], found["identifier_uris"], found["enabled"]) == ("a1", [], True)
    assert found["consented"] == ["CmCollectionData.read", "CmCollectionData.write", "Directory.Read.All"]
    assert "canary" not in str(found)
    assert _tenant_facts.application({}, None, [], {})["secret_expires"] is None


def test_the_roles_of_the_microservice_are_found_by_their_names() -> None:
    roles = [{"value": "CMCollectionData.Read", "id": "R1"}, {"value": "Other", "id": "R9"}]
    assert _tenant_facts.role_ids({"appRoles": roles}) == {"CmCollectionData.read": "R1"}
    assert _tenant_facts.role_ids({}) == {}


ENABLED = {"id": "s1", "accountEnabled": True}


@pytest.mark.parametrize(
    ("applications", "microservice", "state", "problem"),
    [
        ([], None, "not_onboarded", ""),
        # Other features add it too, and offboarding leaves it behind.
        ([], ENABLED, "not_onboarded", ""),
        ([application()], ENABLED, "present", ""),
        ([application()], None, "broken", "Microservice is missing"),
        ([], {"id": "s1", "accountEnabled": False}, "broken", "Microservice is disabled"),
        ([application(principal=None)], ENABLED, "broken", "it has no service principal"),
        ([application(principal={"accountEnabled": False})], ENABLED, "broken", "its service principal is disabled"),
        ([application(signInAudience="AzureADMultipleOrgs")], ENABLED, "broken", "AzureADMultipleOrgs"),
        ([application(GIVEN[:2])], ENABLED, "broken", "no consent for Directory.Read.All"),
    ],
)
def test_onboarding(
    applications: list[dict[str, t.Any]], microservice: dict[str, t.Any] | None, state: str, problem: str
) -> None:
    found = _tenant_facts.onboarding(applications, microservice)
    assert found["state"] == state
    assert problem in "; ".join(found["problems"])
    assert bool(found["problems"]) == bool(problem)


def test_of_several_applications_the_one_that_lives_longest_is_shown() -> None:
    old = application(passwordCredentials=[{"endDateTime": "2026-01-01T00:00:00Z"}])
    none = application(passwordCredentials=[])
    found = _tenant_facts.onboarding([old, application(), none], ENABLED)
    assert found["secret_expires"] == "2028-01-01T00:00:00Z"
    assert len(found["applications"]) == 3
