# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Conversations in which a role of Intune is assigned."""

from __future__ import annotations

import json
import typing as t

import pytest

from ansible_collections.configmgr.tenant_attach.plugins.module_utils import _errors
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.act import _intune_assignment, _intune_requests
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.graph._options import connect
from ansible_collections.configmgr.tenant_attach.tests.unit.conversation import Call, Conversation, dropped
from ansible_collections.configmgr.tenant_attach.tests.unit.intune import (
    ACTION,
    ASSIGNMENTS,
    CODE,
    COMMON,
    CONNECTION,
    ROLES,
    G,
    Json,
    batch,
    needs_approval,
    refused,
    role,
    roles,
    rows,
    writes,
)

Converse = t.Callable[..., Conversation]
OPERATORS = "11111111-1111-4111-8111-111111111111"
FOREIGN = "22222222-2222-4222-8222-222222222222"
SERVERS = "33333333-3333-4333-8333-333333333333"
OPTIONS: Json = {
    **CONNECTION,
    **COMMON,
    "role": "OPERATORS",
    "name": "north",
    "members": ["CM Operators"],
    "scope": "all_devices",
    "scope_groups": None,
}
ROLE = role(ACTION)
LISTED = f"{ROLES}/r5/roleAssignments"
LOOKS = len(_intune_requests.REREADS) + 1


def group(own: str, name: str, security: bool = True) -> Json:
    return {"id": own, "displayName": name, "securityEnabled": security}


def resolved(*found: Json) -> Call:
    """The answer to the question for the one group that is named."""
    return batch("v1.0", (200, {"value": list(found)}))


GROUP = resolved(group(OPERATORS, "CM operators"))


def named(*ids: str) -> Call:
    """The answer to the question how the groups of a diff are called."""
    return batch("v1.0", *((200, group(each, f"Group {each[0]}")) for each in sorted(ids)))


def assignment(*members: str, own: str = "a5", **more: t.Any) -> Json:
    row = {"id": own, "displayName": "North", "members": list(members), "scopeType": "allDevices"}
    return {**row, "resourceScopes": [], "roleScopeTagIds": ["0"], **more}


def seen(*found: Json) -> list[Call]:
    """The assignments of the role: a list without members and with one that is not meant, then each that is meant."""
    short = [{"id": each["id"], "displayName": each["displayName"]} for each in found]
    calls = [rows(LISTED, {"id": "a0", "displayName": "South"}, *short)]
    return [*calls, batch("beta", *((200, each) for each in found))] if found else calls


def post(body: t.Any = None, status: int = 201, **more: t.Any) -> Call:
    return Call(ASSIGNMENTS, body or assignment(OPERATORS), status, method="POST", **more)


def patch(**more: t.Any) -> Call:
    return Call(f"{ASSIGNMENTS}/a5", b"", 204, method="PATCH", **more)


def delete(own: str = "a5", **more: t.Any) -> Call:
    return Call(f"{ASSIGNMENTS}/{own}", b"", 204, method="DELETE", **more)


def one(row: Json) -> Call:
    return Call(f"{ASSIGNMENTS}/{row['id']}", row)


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that would have been waited."""
    seconds: list[float] = []

    def impatient(options: Json) -> t.Any:
        graph = connect(options)
        graph._sleep = seconds.append
        return graph

    monkeypatch.setattr(_intune_assignment, "connect", impatient)
    return seconds


def ensure(check: bool = False, **options: t.Any) -> Json:
    return _intune_assignment.ensure_assignment({**OPTIONS, **options}, check)


# -- made -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("wanted", "own"), [("OPERATORS", "r5"), (SERVERS, SERVERS.upper())], ids=["name", "id"])
def test_an_assignment_is_made_as_check_mode_said(converse: Converse, wanted: str, own: str) -> None:
    definition = {**ROLE, "id": own}
    listed = f"{ROLES}/{own}/roleAssignments"
    converse(GROUP, roles(definition), rows(listed), named(OPERATORS))
    checked = ensure(check=True, role=wanted)
    made = [rows(listed, {"id": "a5", "displayName": "North"}), batch("beta", (200, assignment(OPERATORS)))]
    talk = converse(GROUP, roles(definition), rows(listed), named(OPERATORS), post(), *made)
    done = ensure(role=wanted)
    assert done["diff"] == checked["diff"]
    assert done["diff"] == {
        "before": {},
        "after": {
            "name": "north",
            "role": "Operators",
            "members": [f"Group 1 ({OPERATORS})"],
            "scope": "all_devices",
            "scope_groups": [],
            "scope_tags": ["0"],
        },
    }
    assert done["changed"] is checked["changed"] is True
    assert (checked["assignment"]["id"], done["assignment"]["id"]) == (None, "a5")
    assert done["assignment"]["members"] == [OPERATORS]
    ((method, _url, body),) = writes(talk)
    assert (method, body) == (
        "POST",
        {
            "@odata.type": "#microsoft.graph.deviceAndAppManagementRoleAssignment",
            "displayName": "north",
            "description": "",
            "members": [OPERATORS],
            "scopeType": "allDevices",
            "resourceScopes": [],
            "roleScopeTagIds": ["0"],
            "roleDefinition@odata.bind": f"{ROLES}('{own}')",
        },
    )


def test_scope_groups_are_resolved_like_members(converse: Converse) -> None:
    answers = batch(
        "v1.0", (200, {"value": [group(OPERATORS, "CM operators")]}), (200, group(SERVERS.upper(), "Servers"))
    )
    done = assignment(OPERATORS, scopeType="resourceScope", resourceScopes=[SERVERS])
    talk = converse(answers, roles(ROLE), *seen(), named(OPERATORS, SERVERS), post(), *seen(done))
    result = ensure(scope="groups", scope_groups=[SERVERS])
    assert (result["assignment"]["scope"], result["assignment"]["scope_groups"]) == ("groups", [SERVERS])
    ((_method, _url, body),) = writes(talk)
    assert body is not None
    assert (body["scopeType"], body["resourceScopes"]) == ("resourceScope", [SERVERS])
    asked = json.loads(t.cast("bytes", talk.requests[0].body))["requests"]
    assert asked[1]["url"] == f"/groups/{SERVERS}?$select=id,displayName,securityEnabled"


def test_a_name_with_a_quote_is_quoted(converse: Converse) -> None:
    talk = converse(resolved(group(OPERATORS, "Opal's")), roles(ROLE), *seen(assignment(OPERATORS)))
    assert ensure(members=["Opal's"])["changed"] is False
    assert "Opal%27%27s" in json.loads(t.cast("bytes", talk.requests[0].body))["requests"][0]["url"]


def test_names_of_groups_may_fill_pages(converse: Converse) -> None:
    link = f"{G}/v1.0/groups?$skip=1"
    first = batch("v1.0", (200, {"value": [], "@odata.nextLink": link}))
    more = rows(link, group(OPERATORS, "CM operators"))
    converse(first, more, roles(ROLE), *seen(assignment(OPERATORS)))
    assert ensure()["changed"] is False


def test_a_role_that_the_task_before_would_make(converse: Converse) -> None:
    converse(GROUP, roles(), named(OPERATORS))
    checked = ensure(check=True)
    assert (checked["changed"], checked["assignment"]["id"]) == (True, None)
    assert checked["diff"]["after"]["role"] == "OPERATORS"


def test_a_role_that_is_not_there(converse: Converse) -> None:
    converse(GROUP, roles())
    with pytest.raises(_errors.NotFoundError, match="the Intune role 'OPERATORS' to exist"):
        ensure()


# -- made once --------------------------------------------------------------------------------------------------------


def test_an_attempt_without_an_answer_is_looked_for(converse: Converse) -> None:
    lost = post(refused("generalException"), 500)
    found = seen(assignment(OPERATORS))
    talk = converse(GROUP, roles(ROLE), *seen(), named(OPERATORS), lost, *seen(), *found, *found)
    done = ensure()
    assert (done["changed"], done["assignment"]["id"]) == (True, "a5")
    assert len(writes(talk)) == 1


def test_of_two_runs_side_by_side_the_smaller_id_wins(converse: Converse) -> None:
    other, both = assignment(FOREIGN, own="a1"), assignment(FOREIGN, OPERATORS, own="a1")
    change = Call(f"{ASSIGNMENTS}/a1", b"", 204, method="PATCH")
    talk = converse(
        *(GROUP, roles(ROLE), *seen(), named(OPERATORS), post()),
        *(*seen(other, assignment(OPERATORS)), delete(), change, one(both)),
    )
    assert ensure()["assignment"]["members"] == [OPERATORS, FOREIGN]
    assert [(method, last) for method, last, _body in writes(talk)] == [
        ("POST", "roleAssignments"),
        ("DELETE", "a5"),
        ("PATCH", "a1"),
    ]


def test_one_that_is_listed_and_gone_does_not_count(converse: Converse) -> None:
    listed = rows(LISTED, {"id": "a9", "displayName": "North"}, {"id": "a5", "displayName": "north"})
    details = batch("beta", (404, refused("ResourceNotFound")), (200, assignment(OPERATORS)))
    converse(GROUP, roles(ROLE), listed, details)
    assert ensure()["changed"] is False


def test_one_that_cannot_be_read_is_no_reason_to_write(converse: Converse) -> None:
    listed = rows(LISTED, {"id": "a5", "displayName": "north"})
    converse(GROUP, roles(ROLE), listed, batch("beta", (403, refused("Forbidden"))))
    with pytest.raises(_errors.AccessDeniedError, match=r"DeviceManagementRBAC\.Read\.All"):
        ensure()


def test_a_new_assignment_that_does_not_take_is_deleted(converse: Converse) -> None:
    short = [call for _look in range(LOOKS) for call in seen(assignment())]
    converse(GROUP, roles(ROLE), *seen(), named(OPERATORS), post(), *short, delete(), *seen())
    with pytest.raises(_errors.AnswerError, match=r"the assignment to be read back as it was written.*deleted again"):
        ensure()


# -- changed ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("mode", "members"), [("add", [OPERATORS, FOREIGN]), ("exact", [OPERATORS])])
def test_an_assignment_is_changed_as_check_mode_said(converse: Converse, mode: str, members: list[str]) -> None:
    before = assignment(FOREIGN, scopeType="allLicensedUsers")
    converse(GROUP, roles(ROLE), *seen(before), named(OPERATORS, FOREIGN))
    checked = ensure(check=True, mode=mode)
    scope = "allDevicesAndLicensedUsers" if mode == "add" else "allDevices"
    after = assignment(*members, scopeType=scope)
    talk = converse(GROUP, roles(ROLE), *seen(before), named(OPERATORS, FOREIGN), patch(), one(before), one(after))
    done = ensure(mode=mode)
    assert done["diff"] == checked["diff"]
    assert done["diff"]["before"]["members"] == [f"Group 2 ({FOREIGN})"]
    assert done["assignment"]["members"] == members
    assert done["changed"] is checked["changed"] is True
    ((_method, _url, body),) = writes(talk)
    assert body is not None
    assert (body["members"], body["scopeType"]) == (members, scope)


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize(
    ("found", "options"),
    [
        (assignment(OPERATORS, FOREIGN, scopeType="allDevicesAndLicensedUsers"), {}),
        (assignment(OPERATORS.upper()), {"mode": "exact"}),
    ],
)
def test_nothing_to_do(converse: Converse, check: bool, found: Json, options: Json) -> None:
    converse(GROUP, roles(ROLE), *seen(found))
    done = ensure(check=check, **options)
    assert (done["changed"], done["approval_required"], done["assignment"]["id"]) == (False, None, "a5")
    assert done["diff"]["before"] == done["diff"]["after"]


def test_a_change_that_does_not_take_is_put_back(converse: Converse) -> None:
    before = assignment(FOREIGN)
    # The other member was lost on the way.
    looks = [one(assignment(OPERATORS))] * LOOKS
    talk = converse(GROUP, roles(ROLE), *seen(before), named(OPERATORS, FOREIGN), patch(), *looks, patch(), one(before))
    with pytest.raises(_errors.AnswerError, match="it was put back as it was"):
        ensure()
    restored = writes(talk)[1][2]
    assert restored is not None
    assert restored["members"] == [FOREIGN]


def test_names_of_groups_are_only_shown(converse: Converse) -> None:
    unnamed = batch("v1.0", (200, group(OPERATORS, "CM operators")), (404, refused("Request_ResourceNotFound")))
    converse(GROUP, roles(ROLE), *seen(assignment(FOREIGN)), unnamed)
    assert ensure(check=True)["diff"]["after"]["members"] == [f"CM operators ({OPERATORS})", FOREIGN]


# -- refused ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (resolved(), "'CM Operators' is no group"),
        (resolved(group("g1", "CM operators"), group("g2", "CM Operators")), r"the name of 2 groups \(g1, g2\)"),
        (resolved(group("g1", "CM operators", security=False)), "'CM Operators' is no security group"),
    ],
)
def test_a_group_that_does_not_do_is_refused_before_any_write(
    converse: Converse, check: bool, answer: Call, text: str
) -> None:
    converse(answer)
    with pytest.raises(_errors.InvalidOptionError, match=text):
        ensure(check=check)


def test_all_that_is_wrong_is_named_at_once(converse: Converse) -> None:
    missing = (404, refused("Request_ResourceNotFound"))
    converse(
        batch("v1.0", missing, (200, {"value": []}), (200, {"value": []}), missing),
        batch("v1.0", (200, {"id": FOREIGN}), (200, {"id": "u2"}), missing),
    )
    with pytest.raises(_errors.InvalidOptionError) as caught:
        ensure(members=[FOREIGN, "opal@contoso.com", "Nobody"], scope="groups", scope_groups=[SERVERS])
    text = str(caught.value)
    for said in (
        f"'{FOREIGN}' is a user",
        "'opal@contoso.com' is a user",
        "'Nobody' is no group",
        f"'{SERVERS}' is no group",
        "option members and scope_groups",
    ):
        assert said in text


def test_groups_that_cannot_be_read(converse: Converse) -> None:
    converse(batch("v1.0", (403, refused("Authorization_RequestDenied"))))
    with pytest.raises(_errors.AccessDeniedError, match=r"GroupMember\.Read\.All"):
        ensure()


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize(
    ("calls", "text"),
    [
        ((roles(ROLE, {**ROLE, "id": "r6"}),), "2: r5, r6"),
        ((roles(ROLE), *seen(assignment(), assignment(own="a6"))), "2: a5, a6"),
    ],
)
def test_names_that_are_not_unique(converse: Converse, check: bool, calls: tuple[Call, ...], text: str) -> None:
    converse(GROUP, *calls)
    with pytest.raises(_errors.AnswerError, match=text):
        ensure(check=check)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"name": ""}, "option name"),
        ({"role": " "}, "option role"),
        ({"members": None}, "at least one security group"),
        ({"members": []}, "at least one security group"),
        ({"scope": "groups"}, "scope_groups together with scope=groups"),
        ({"scope_groups": ["x"]}, "scope_groups together with scope=groups"),
        ({"state": "absent"}, "members to be left out with state=absent"),
        ({"state": "absent", "members": None, "scope_groups": []}, "scope_groups to be left out"),
    ],
)
def test_options_that_contradict_each_other(options: Json, text: str) -> None:
    with pytest.raises(_errors.InvalidOptionError, match=text):
        ensure(**options)


# -- deleted ----------------------------------------------------------------------------------------------------------

ABSENT: Json = {"state": "absent", "members": None}


@pytest.mark.parametrize("answer", [delete(), delete(error=dropped())])
def test_an_assignment_is_deleted(converse: Converse, answer: Call) -> None:
    there = [roles(ROLE), *seen(assignment(FOREIGN)), named(FOREIGN)]
    converse(*there)
    checked = ensure(check=True, **ABSENT)
    converse(*there, answer, *seen(assignment(FOREIGN)), *seen())
    done = ensure(**ABSENT)
    assert done == checked
    assert (done["changed"], done["assignment"], done["diff"]["after"]) == (True, None, {})
    assert done["diff"]["before"]["members"] == [f"Group 2 ({FOREIGN})"]


@pytest.mark.parametrize("calls", [(roles(),), (roles(ROLE), *seen())])
def test_an_assignment_that_is_not_there(converse: Converse, calls: tuple[Call, ...]) -> None:
    converse(*calls)
    done = ensure(**ABSENT)
    assert (done["changed"], done["assignment"]) == (False, None)


# -- approved ---------------------------------------------------------------------------------------------------------


def test_the_code_continues_with_the_same_request(converse: Converse) -> None:
    start = (GROUP, roles(ROLE), *seen(), named(OPERATORS))
    first = converse(*start, needs_approval("POST", ASSIGNMENTS))
    waiting = ensure(approval_justification="why")
    assert (waiting["changed"], waiting["assignment"], waiting["approval_required"]["code"]) == (False, None, CODE)
    second = converse(*start, post(), *seen(assignment(OPERATORS)))
    done = ensure(approval_code=CODE)
    assert (done["changed"], done["approval_required"]) == (True, None)
    assert first.requests[-1].body == second.requests[4].body
    assert second.requests[4].headers["x-msft-approval-code"] == CODE


@pytest.mark.parametrize("status", [400, 403])
def test_a_tenant_that_wants_a_justification(converse: Converse, status: int) -> None:
    demand = post(refused("BadRequest", "Header x-msft-approval-justification is required."), status)
    converse(GROUP, roles(ROLE), *seen(), named(OPERATORS), demand)
    with pytest.raises(_errors.ServiceError, match="say why in approval_justification"):
        ensure()
