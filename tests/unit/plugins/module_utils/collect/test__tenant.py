# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Conversations about a tenant."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.configmgr.tenant_attach.plugins.module_utils.collect._tenant import read_tenant
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.product import _tenant_names
from ansible_collections.configmgr.tenant_attach.tests.unit.conversation import Call, Conversation, refused
from ansible_collections.configmgr.tenant_attach.tests.unit.graph import (
    CONNECTION,
    LOGIN,
    METADATA_URL,
    TENANT,
    G,
    Refused,
    batch,
    denied,
    rows,
)

Converse = t.Callable[..., Conversation]
Json = dict[str, t.Any]
METADATA = {
    "issuer": f"{LOGIN}/{TENANT}/v2.0",
    "tenant_region_scope": "EU",
    "msgraph_host": "graph.microsoft.com",
    "cloud_instance_name": "microsoftonline.com",
}
ORGANIZATION = {
    "id": TENANT,
    "displayName": "Contoso",
    "countryLetterCode": "DE",
    "tenantType": "AAD",
    "onPremisesSyncEnabled": True,
    "onPremisesLastSyncDateTime": "2026-11-23T20:00:00Z",
}
PLAN = {"servicePlanId": "c1ec4a95-1f05-45b3-a911-aa3fa01094f5"}
SKU = {"skuPartNumber": "EMS", "capabilityStatus": "Enabled", "prepaidUnits": {"enabled": 9}, "servicePlans": [PLAN]}
HEALTH = {"service": "Microsoft Intune", "id": "Intune", "status": "ServiceOperational"}
ROLES = [{"id": "R1", "value": "CmCollectionData.read"}, {"id": "R2", "value": "CmCollectionData.write"}]
MICROSERVICE = {"id": "s1", "accountEnabled": True, "appRoles": ROLES}
APPLICATION = {
    "id": "o1",
    "appId": "a1",
    "displayName": "ConfigMgrSvc_1",
    "signInAudience": "AzureADMyOrg",
    "passwordCredentials": [{"endDateTime": "2028-01-01T00:00:00Z"}],
}
GIVEN = [{"appRoleId": number} for number in ("R1", "R2", _tenant_names.DIRECTORY_READ_ALL)]
ABSENT = Refused(404, "Request_ResourceNotFound", "Resource does not exist")


def first(**instead: t.Any) -> Call:
    """The first batch, in the order in which it is asked for."""
    topics = {
        "organization": rows(ORGANIZATION),
        "licences": rows(SKU),
        "service_health": rows(HEALTH),
        "applications": rows(),
        "microservice": ABSENT,
        "subscription": {"subscriptionState": "active"},
    }
    return batch(*({**topics, **instead}.values()))


def beta(unlicensed: t.Any = None, rbac: t.Any = None) -> Call:
    return batch(unlicensed or {"unlicensedAdminstratorsEnabled": True}, rbac or {"enabled": False}, version="beta")


METADATA_CALL = Call(METADATA_URL, METADATA)
AUTHORITY = {"mobileDeviceManagementAuthority": "intune"}


def read(**options: t.Any) -> Json:
    return t.cast("Json", read_tenant({**CONNECTION, "applications": [], **options})["tenant"])


def test_a_tenant_before_onboarding(converse: Converse) -> None:
    talk = converse(first(), METADATA_CALL, beta(), batch(AUTHORITY))
    tenant = read()
    assert tenant.pop("sources")["organization"].startswith(f"{G}/v1.0/organization?")
    assert tenant == {
        "id": TENANT,
        "name": "Contoso",
        "country": "DE",
        "type": "AAD",
        "domains": [],
        "sync": {"enabled": True, "last": "2026-11-23T20:00:00Z"},
        "cloud": "public",
        "region": "EU",
        "sub_region": None,
        "licences": [{"sku": "EMS", "state": "enabled", "enabled": 9, "consumed": None}],
        "service_health": [{"name": "Microsoft Intune", "status": "serviceOperational"}],
        "intune_subscription": "active",
        "unlicensed_admins": True,
        "attach_rbac": False,
        "mdm_authority": "intune",
        "onboarding": {
            "state": "not_onboarded",
            "problems": [],
            "application": None,
            "applications": [],
            "service_principal": None,
            "secret_expires": None,
        },
        "errors": {},
    }
    # No token goes to who may be asked by anybody.
    metadata = next(each for each in talk.requests if "openid-configuration" in str(each.url))
    assert "Authorization" not in metadata.headers


def test_a_tenant_after_onboarding(converse: Converse) -> None:
    converse(
        first(applications=rows(APPLICATION), microservice=MICROSERVICE),
        METADATA_CALL,
        beta(),
        batch(AUTHORITY, {"id": "p1", "appId": "a1", "accountEnabled": True}),
        batch(rows(*GIVEN)),
    )
    onboarding = read()["onboarding"]
    assert (onboarding["state"], onboarding["problems"]) == ("present", [])
    assert onboarding["secret_expires"] == "2028-01-01T00:00:00Z"
    assert onboarding["application"]["consented"] == [
        "CmCollectionData.read",
        "CmCollectionData.write",
        "Directory.Read.All",
    ]


def test_an_imported_application_is_looked_up_by_its_id(converse: Converse) -> None:
    imported = {**APPLICATION, "appId": "a2", "displayName": "Ours"}
    converse(
        batch(
            rows(ORGANIZATION),
            rows(SKU),
            rows(HEALTH),
            rows(),
            MICROSERVICE,
            {"subscriptionState": "active"},
            rows(imported),
        ),
        METADATA_CALL,
        beta(),
        batch(AUTHORITY, ABSENT),
    )
    onboarding = read(applications=[" A2 "])["onboarding"]
    assert (onboarding["state"], onboarding["application"]["name"]) == ("broken", "Ours")
    assert onboarding["problems"][0] == "Ours: it has no service principal in the tenant"


def test_a_tenant_without_intune_is_an_answer(converse: Converse) -> None:
    none = Refused(400, "BadRequest", "Request not applicable to target tenant.")
    converse(first(subscription=none), METADATA_CALL, beta(unlicensed=none), batch(AUTHORITY))
    tenant = read()
    assert tenant["intune_subscription"] == "none"
    assert set(tenant["errors"]) == {"unlicensed_admins"}


@pytest.mark.parametrize(
    ("topic", "fields", "right"),
    [
        ("organization", {"name", "country", "type", "domains", "sync"}, _tenant_names.ORGANIZATION),
        ("licences", {"licences"}, _tenant_names.LICENCES),
        ("service_health", {"service_health"}, _tenant_names.SERVICE_HEALTH),
        ("applications", {"onboarding"}, _tenant_names.APPLICATIONS),
        ("microservice", {"onboarding"}, _tenant_names.APPLICATIONS),
        ("subscription", {"intune_subscription"}, _tenant_names.INTUNE_SERVICE),
    ],
)
def test_a_missing_permission_hides_what_needs_it_and_nothing_else(
    converse: Converse, topic: str, fields: set[str], right: str
) -> None:
    converse(first(**{topic: denied()}), METADATA_CALL, beta(), batch(AUTHORITY))
    tenant = read()
    assert set(tenant["errors"]) == fields
    assert not fields & tenant.keys()
    assert {tuple(error["rights"]) for error in tenant["errors"].values()} == {(right,)}


def test_the_switch_for_intunes_roles_may_stand_in_an_envelope(converse: Converse) -> None:
    converse(first(), METADATA_CALL, beta(rbac={"value": {"enabled": True}}), batch(AUTHORITY))
    assert read()["attach_rbac"] is True


def test_what_version_beta_refuses(converse: Converse) -> None:
    converse(first(), METADATA_CALL, beta(unlicensed=denied(), rbac=denied()), batch(denied()))
    errors = read()["errors"]
    assert {field: error["rights"] for field, error in errors.items()} == {
        "unlicensed_admins": [_tenant_names.INTUNE_SERVICE],
        "attach_rbac": [_tenant_names.INTUNE_CONFIGURATION],
        "mdm_authority": [_tenant_names.INTUNE_SERVICE],
    }


def test_a_tenant_that_nobody_names_tells_its_own_id(converse: Converse) -> None:
    converse(first(), METADATA_CALL, beta(), batch(AUTHORITY))
    assert read(tenant_id=None)["id"] == TENANT


def test_a_tenant_that_nobody_names_and_that_does_not_tell(converse: Converse) -> None:
    converse(first(organization=denied()), beta())
    errors = read(tenant_id=None)["errors"]
    assert {"cloud", "region", "mdm_authority", "name"} <= set(errors)


def test_an_authority_that_does_not_know_the_tenant(converse: Converse) -> None:
    converse(first(), Call(METADATA_URL, {"error": "invalid_tenant"}, status=400), beta(), batch(AUTHORITY))
    tenant = read()
    assert set(tenant["errors"]) == {"cloud", "region", "sub_region"}
    assert tenant["id"] == TENANT
    assert "HTTP 400" in tenant["errors"]["cloud"]["observed"]


def test_a_service_that_is_down_is_waited_for_once(converse: Converse) -> None:
    converse(
        Call(f"{G}/v1.0/$batch", error=refused("graph.microsoft.com"), reached=("resolve",), method="POST"),
        METADATA_CALL,
    )
    tenant = read()
    # Microsoft Entra is another service.
    assert (tenant["cloud"], tenant["id"]) == ("public", TENANT)
    assert {error["kind"] for error in tenant["errors"].values()} == {"connection"}
    assert {"onboarding", "mdm_authority", "attach_rbac", "name"} <= set(tenant["errors"])


def test_an_authority_that_is_down_is_waited_for_once(converse: Converse) -> None:
    down = refused("login.microsoftonline.com")
    converse(Call(METADATA_URL, error=down, reached=("resolve",)))
    errors = read(access_token=None, client_id="c1", client_secret="s")["errors"]
    assert {error["kind"] for error in errors.values()} == {"connection"}
    assert {"cloud", "onboarding", "mdm_authority", "attach_rbac", "name"} <= set(errors)
