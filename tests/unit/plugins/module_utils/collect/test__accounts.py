# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Conversations about accounts: Microsoft Graph and AdminService together."""

from __future__ import annotations

import json
import typing as t

import pytest

from ansible_collections.configmgr.tenant_attach.plugins.module_utils._errors import InvalidOptionError
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.collect._accounts import read_accounts
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.product import _tenant_names
from ansible_collections.configmgr.tenant_attach.tests.unit.conversation import (
    CANARY,
    HOST,
    Call,
    Conversation,
    listing,
    refused,
)
from ansible_collections.configmgr.tenant_attach.tests.unit.graph import (
    CONNECTION,
    G,
    Refused,
    batch,
    denied,
    rows,
)

Converse = t.Callable[..., Conversation]
Json = dict[str, t.Any]
ADA, BEA, NIL = "ada@contoso.com", "bea@contoso.com", "nil@contoso.com"
SID = "S-1-5-21-1-2-3-1104"
GROUP_SID = "S-1-5-21-1-2-3-2200"
ADMINISTRATORS = f"https://{HOST}/AdminService/wmi/SMS_Admin?$select=AdminID,LogonName,IsGroup,RoleNames"
USERS = f"https://{HOST}/AdminService/wmi/SMS_R_User"
BY_SID = f"{USERS}?$filter=(SID eq '{SID}')&$select=ResourceID,SID,UniqueUserName,AgentName"
PLAN = {"servicePlanId": "c1ec4a95-1f05-45b3-a911-aa3fa01094f5", "provisioningStatus": "Success"}
LICENCE = {"servicePlans": [PLAN]}
ROLE = {
    "resourceActions": [{"allowedResourceActions": [_tenant_names.CONFIGMGR_ACTION], "notAllowedResourceActions": []}]
}
HELP_DESK = {"id": "d1", "displayName": "Help Desk Operator", "rolePermissions": [ROLE]}
READERS = {"id": "d2", "displayName": "Read Only Operator", "rolePermissions": []}
ASSIGNMENT = {"id": "a1", "displayName": "CM operators"}
MEMBERS = {**ASSIGNMENT, "members": ["g1"], "resourceScopes": [], "scopeType": "allDevices", "roleScopeTagIds": ["0"]}
HIERARCHY: Json = {
    "provider": HOST,
    "auth": "token",
    "keytab": None,
    "ccache": None,
    "username": None,
    "password": None,
    "token": CANARY,
    "ca_path": None,
    "validate_certs": True,
    "timeout": 30,
    "deadline": 120,
    "proxy_url": None,
    "connect_to": {},
}


def user(upn: str, sid: str | None = SID) -> Json:
    return {
        "id": f"id of {upn}",
        "userPrincipalName": upn.title(),
        "accountEnabled": True,
        "onPremisesSyncEnabled": True if sid else None,
        "onPremisesSecurityIdentifier": sid,
        "onPremisesSamAccountName": upn.partition("@")[0],
    }


def options(*accounts: str, hierarchy: Json | None = None) -> Json:
    return {**CONNECTION, "accounts": list(accounts), "hierarchy": hierarchy}


def first(*users: Json, **instead: t.Any) -> list[t.Any]:
    """The answers of the first batch, in the order in which they are asked for."""
    topics = {
        "users": rows(*users),
        "global": rows(),
        "global_eligible": rows(),
        "intune": rows(),
        "intune_eligible": rows(),
        "roles": rows(READERS, HELP_DESK),
        "operations": rows(),
    }
    return list({**topics, **instead}.values())


def details(licence: t.Any = None, groups: t.Any = None) -> list[t.Any]:
    return [rows(LICENCE) if licence is None else licence, rows("g1") if groups is None else groups]


GRANTS = [batch(rows(ASSIGNMENT), version="beta"), batch(MEMBERS, version="beta")]


def only(result: Json) -> Json:
    (account,) = result["accounts"]
    return t.cast("Json", account)


def test_everything_about_one_account(converse: Converse) -> None:
    talk = converse(
        Call(
            ADMINISTRATORS,
            listing(
                {
                    "AdminID": 1,
                    "LogonName": "CONTOSO\\ada",
                    "IsGroup": False,
                    "RoleNames": ["Operations Manager"],
                },
                {"AdminID": 2, "LogonName": "CONTOSO\\admins", "IsGroup": True, "RoleNames": ["Full Administrator"]},
                {"AdminID": 3, "LogonName": "CONTOSO\\bea", "IsGroup": False, "RoleNames": ["Asset Manager"]},
            ),
        ),
        Call(f"https://{HOST}/AdminService/wmi/SMS_Admin(2)", listing({"AdminSid": GROUP_SID})),
        batch(*first(user(ADA)), rows({"id": "g7"})),
        batch(*details(groups=rows("g1", "g7"))),
        *GRANTS,
        Call(
            BY_SID,
            listing({"SID": SID, "UniqueUserName": "contoso\\ada", "AgentName": ["SMS_AD_USER_DISCOVERY_AGENT", "X"]}),
        ),
    )
    result = read_accounts(options(" ADA@contoso.com", ADA, hierarchy=HIERARCHY))
    assert only(result) == {
        "upn": ADA,
        "found": True,
        "id": f"id of {ADA}",
        "enabled": True,
        "user_type": None,
        "synced": "yes",
        "sid": SID,
        "domain": None,
        "account_name": "ada",
        "last_sync": None,
        "provisioning_errors": 0,
        "global_administrator": "none",
        "intune_licence": "active",
        "intune_action": {"granted": True, "via": ["Help Desk Operator / CM operators"], "eligible": []},
        "discovered_by": ["ad"],
        "configmgr_roles": ["Full Administrator", "Operations Manager"],
        "configmgr_via": ["CONTOSO\\ada", "CONTOSO\\admins"],
        "errors": {},
    }
    assert result["requests"] == 4
    sent = json.loads(talk.requests[2].body or b"")["requests"]
    assert sent[0]["url"].startswith("/users?$filter=userPrincipalName%20in%20(%27ada%40contoso.com%27)&$select=id,")
    assert sent[-1]["url"] == f"/groups?$filter=onPremisesSecurityIdentifier%20eq%20%27{GROUP_SID}%27&$select=id"


def test_an_account_that_the_tenant_does_not_have_has_nothing(converse: Converse) -> None:
    converse(batch(*first()), *GRANTS)
    account = only(read_accounts(options(NIL)))
    assert (account["found"], account["synced"], account["global_administrator"]) == (False, "never", "none")
    assert (account["intune_licence"], account["intune_action"]["granted"], account["errors"]) == ("none", False, {})
    assert "discovered_by" not in account


def test_without_privileged_identity_management_nobody_is_eligible(converse: Converse) -> None:
    refusal = Refused(400, "AadPremiumLicenseRequired", "The tenant needs to have Microsoft Entra ID P2")
    converse(batch(*first(user(ADA), global_eligible=refusal, intune_eligible=refusal)), batch(*details()), *GRANTS)
    account = only(read_accounts(options(ADA)))
    assert (account["global_administrator"], account["errors"]) == ("none", {})


def test_entra_roles_give_the_permission_and_eligible_ones_do_not(converse: Converse) -> None:
    held = {"principalId": f"id of {ADA}", "directoryScopeId": "/"}
    converse(
        batch(*first(user(ADA), **{"global": rows(held)}, intune_eligible=rows(held), roles=rows())),
        batch(*details()),
    )
    account = only(read_accounts(options(ADA)))
    assert account["global_administrator"] == "active"
    assert account["intune_action"] == {
        "granted": True,
        "via": ["Entra role Global Administrator"],
        "eligible": ["Entra role Intune Administrator"],
    }


@pytest.mark.parametrize(
    ("calls", "missing", "right"),
    [
        (
            [batch(*first(users=denied())), *GRANTS],
            {"found", "synced", "sid", "global_administrator", "intune_licence", "intune_action"},
            _tenant_names.USERS,
        ),
        (
            [batch(*first(user(ADA), **{"global": denied()})), batch(*details()), *GRANTS],
            {"global_administrator", "intune_action"},
            _tenant_names.ENTRA_ROLES,
        ),
        (
            [batch(*first(user(ADA), roles=denied())), batch(*details())],
            {"intune_action"},
            _tenant_names.INTUNE_ROLES,
        ),
        (
            [batch(*first(user(ADA))), batch(*details()), batch(denied(), version="beta")],
            {"intune_action"},
            _tenant_names.INTUNE_ROLES,
        ),
        (
            [batch(*first(user(ADA))), batch(*details()), GRANTS[0], batch(denied(), version="beta")],
            {"intune_action"},
            _tenant_names.INTUNE_ROLES,
        ),
        (
            [batch(*first(user(ADA))), batch(*details(licence=denied())), *GRANTS],
            {"intune_licence"},
            _tenant_names.LICENCES,
        ),
        (
            [batch(*first(user(ADA))), batch(*details(groups=denied())), *GRANTS],
            {"global_administrator", "intune_action"},
            _tenant_names.GROUPS,
        ),
    ],
)
def test_a_missing_permission_hides_what_needs_it_and_nothing_else(
    converse: Converse, calls: list[Call], missing: set[str], right: str
) -> None:
    converse(*calls)
    account = only(read_accounts(options(ADA)))
    assert set(account["errors"]) == missing
    assert not missing & account.keys()
    assert all(right in error["rights"] for error in account["errors"].values())


def test_the_name_of_the_permission_is_looked_up(converse: Converse) -> None:
    named = {
        "id": "Microsoft.Intune_RemoteTasks_Renamed",
        "resourceName": "Remote Tasks",
        "actionName": "Initiate Configuration Manager Action",
    }
    permission = {"resourceActions": [{"allowedResourceActions": [named["id"]]}]}
    converse(
        batch(
            *first(
                user(ADA),
                roles=rows(READERS, {"id": "d1", "displayName": "Other", "rolePermissions": [permission]}),
                operations=rows({"resourceName": "Organization", "actionName": "Read"}, named),
            )
        ),
        batch(*details()),
        *GRANTS,
    )
    assert only(read_accounts(options(ADA)))["intune_action"]["via"] == ["Other / CM operators"]


def test_assignments_are_found_the_other_way_round(converse: Converse) -> None:
    no_route = Refused(400, "BadRequest", "No method match route template")
    converse(
        batch(*first(user(ADA))),
        batch(*details()),
        batch(no_route, version="beta"),
        batch(rows(ASSIGNMENT, {"id": "a2"}), version="beta"),
        batch({"id": "d1"}, {"id": "d2"}, version="beta"),
        GRANTS[1],
    )
    account = only(read_accounts(options(ADA)))
    assert (account["intune_action"]["granted"], account["errors"]) == (True, {})


def test_a_list_is_followed_beyond_the_page_in_the_batch(converse: Converse) -> None:
    link = f"{G}/v1.0/deviceManagement/roleDefinitions?$skip=1"
    converse(
        batch(*first(user(ADA), roles={"value": [READERS], "@odata.nextLink": link})),
        Call(link, rows(HELP_DESK)),
        batch(*details()),
        *GRANTS,
    )
    assert only(read_accounts(options(ADA)))["intune_action"]["granted"]


def test_a_hierarchy_that_is_down_costs_its_own_facts_only(converse: Converse) -> None:
    converse(
        Call(ADMINISTRATORS, error=refused(), reached=("resolve",)),
        batch(*first(user(ADA))),
        batch(*details()),
        *GRANTS,
        Call(BY_SID, error=refused(), reached=("resolve",)),
    )
    account = only(read_accounts(options(ADA, hierarchy=HIERARCHY)))
    assert set(account["errors"]) == {"discovered_by", "configmgr_roles"}
    assert account["intune_licence"] == "active"
    assert "configmgr_via" not in account


def test_a_group_that_the_tenant_does_not_know_leaves_it_open(converse: Converse) -> None:
    group = {"AdminID": 2, "LogonName": "CONTOSO\\admins", "IsGroup": True, "RoleNames": ["Full Administrator"]}
    converse(
        Call(ADMINISTRATORS, listing(group)),
        Call(f"https://{HOST}/AdminService/wmi/SMS_Admin(2)", listing({"AdminSid": GROUP_SID})),
        batch(*first(user(ADA)), rows()),
        batch(*details()),
        *GRANTS,
        Call(BY_SID, listing()),
    )
    account = only(read_accounts(options(ADA, hierarchy=HIERARCHY)))
    assert account["discovered_by"] == []
    assert "CONTOSO\\admins" in account["errors"]["configmgr_roles"]["expected"]


def test_a_namesake_is_told_by_its_sid(converse: Converse) -> None:
    other = {"AdminID": 5, "LogonName": "OTHER\\ada", "IsGroup": False, "RoleNames": ["Full Administrator"]}
    converse(
        Call(ADMINISTRATORS, listing(other)),
        batch(*first(user(ADA))),
        batch(*details()),
        *GRANTS,
        Call(BY_SID, listing()),
        Call(f"https://{HOST}/AdminService/wmi/SMS_Admin(5)", listing({"AdminSid": "S-1-5-21-9-9-9-1"})),
    )
    account = only(read_accounts(options(ADA, hierarchy=HIERARCHY)))
    assert (account["configmgr_roles"], account["errors"]) == ([], {})


def test_an_account_without_a_sid_goes_by_its_name(converse: Converse) -> None:
    found = {"UserPrincipalName": ADA.upper(), "SID": "", "AgentName": ["SMS_AZUREAD_USER_DISCOVERY_AGENT"]}
    admin = {"AdminID": 1, "LogonName": "CONTOSO\\zoe", "IsGroup": False, "RoleNames": []}
    converse(
        Call(ADMINISTRATORS, listing(admin)),
        batch(*first(user(ADA, None))),
        batch(*details()),
        *GRANTS,
        Call(_by_name(ADA), listing(found)),
    )
    account = only(read_accounts(options(ADA, hierarchy=HIERARCHY)))
    assert (account["synced"], account["discovered_by"], account["configmgr_roles"]) == ("never", ["entra"], [])


def test_no_administrative_user_at_all_is_no_scope(converse: Converse) -> None:
    converse(Call(ADMINISTRATORS, listing()), batch(*first()), *GRANTS, Call(_by_name(NIL), listing()))
    account = only(read_accounts(options(NIL, hierarchy=HIERARCHY)))
    assert account["errors"]["configmgr_roles"]["kind"] == "access_denied"
    assert account["discovered_by"] == []


def _by_name(upn: str) -> str:
    select = "ResourceID,SID,UniqueUserName,AgentName,UserPrincipalName"
    return f"{USERS}?$filter=(UserPrincipalName eq '{upn}')&$select={select}"


def test_a_token_that_is_refused_is_asked_with_once(converse: Converse) -> None:
    body = {"error": {"code": "InvalidAuthenticationToken", "message": "Access token has expired."}}
    converse(Call(f"{G}/v1.0/$batch", body, status=401, method="POST"))
    account = only(read_accounts(options(ADA)))
    assert {error["kind"] for error in account["errors"].values()} == {"authentication"}
    assert account.keys() == {"upn", "errors"}


@pytest.mark.parametrize("name", ["ada", "CONTOSO\\ada", "@contoso.com", "ada@", "a/b@contoso.com", "a b@contoso.com"])
def test_what_is_no_user_principal_name_is_refused_before_any_call(converse: Converse, name: str) -> None:
    converse()
    with pytest.raises(InvalidOptionError, match="user principal name"):
        read_accounts(options(ADA, name))


def test_names_with_an_apostrophe_are_names(converse: Converse) -> None:
    talk = converse(batch(*first(user("o'neil@contoso.com"))), batch(*details()), *GRANTS)
    assert only(read_accounts(options("O'Neil@contoso.com")))["found"]
    assert "%27o%27%27neil%40contoso.com%27" in json.loads(talk.requests[0].body or b"")["requests"][0]["url"]


def test_many_accounts_take_few_requests(converse: Converse) -> None:
    names = [f"crowd{number:03}@contoso.com" for number in range(100)]
    users = [user(name, f"{SID}{number}") for number, name in enumerate(names)]
    chunks = [rows(*users[start : start + 15]) for start in range(0, 100, 15)]
    rest = first()[1:]
    calls = [*chunks, *rest]
    converse(
        batch(*calls),
        *(_numbered(start) for start in range(0, 200, 20)),
        *GRANTS,
    )
    result = read_accounts(options(*names))
    assert (len(result["accounts"]), result["requests"]) == (100, 13)
    assert {account["intune_licence"] for account in result["accounts"]} == {"active"}


def _numbered(start: int) -> Call:
    """A batch of ten accounts' licences and groups, whose numbers go on."""
    answers = details() * 10
    responses = [{"id": str(start + n), "status": 200, "body": body} for n, body in enumerate(answers)]
    return Call(f"{G}/v1.0/$batch", {"responses": responses}, method="POST")
