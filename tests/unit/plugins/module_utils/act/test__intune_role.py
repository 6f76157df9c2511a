# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Conversations in which a role of Intune is made, changed and deleted."""

from __future__ import annotations

import base64
import typing as t

import pytest

from ansible_collections.configmgr.tenant_attach.plugins.module_utils import _errors
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.act import _intune_requests, _intune_role
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.graph._options import connect
from ansible_collections.configmgr.tenant_attach.tests.unit.conversation import Call, Conversation, dropped, silent
from ansible_collections.configmgr.tenant_attach.tests.unit.intune import (
    ACTION,
    CODE,
    COMMON,
    CONNECTION,
    DEVICES,
    ROLES,
    SYNC,
    Json,
    needs_approval,
    operations,
    refused,
    role,
    roles,
    rows,
    writes,
)

Converse = t.Callable[..., Conversation]
OPTIONS: Json = {**CONNECTION, **COMMON, "name": "operators", "permissions": [ACTION.lower()], "description": None}
MADE = role(ACTION, displayName="operators", description="")
LOOKS = len(_intune_requests.REREADS) + 1


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that would have been waited."""
    seconds: list[float] = []

    def impatient(options: Json) -> t.Any:
        graph = connect(options)
        graph._sleep = seconds.append
        return graph

    monkeypatch.setattr(_intune_role, "connect", impatient)
    return seconds


def ensure(check: bool = False, **options: t.Any) -> Json:
    return _intune_role.ensure_role({**OPTIONS, **options}, check)


def post(body: t.Any = None, status: int = 201, **more: t.Any) -> Call:
    return Call(ROLES, MADE if body is None else body, status, method="POST", **more)


def patch(own: str = "r5", **more: t.Any) -> Call:
    return Call(f"{ROLES}/{own}", more.pop("body", b""), more.pop("status", 204), method="PATCH", **more)


def delete(own: str = "r5", **more: t.Any) -> Call:
    return Call(f"{ROLES}/{own}", more.pop("body", b""), more.pop("status", 204), method="DELETE", **more)


def one(row: Json) -> Call:
    return Call(f"{ROLES}/{row['id']}", row)


# -- made -------------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("waits")
def test_a_role_is_made_as_check_mode_said(converse: Converse) -> None:
    converse(operations(), roles())
    checked = ensure(check=True)
    talk = converse(operations(), roles(), post(), roles(MADE))
    done = ensure()
    assert done["diff"] == checked["diff"]
    assert done["diff"]["before"] == {}
    assert done["diff"]["after"] == {"name": "operators", "description": "", "permissions": [ACTION]}
    assert (checked["changed"], done["changed"], done["approval_required"]) == (True, True, None)
    assert (checked["role"]["id"], done["role"]["id"]) == (None, "r5")
    ((method, _url, body),) = writes(talk)
    assert method == "POST"
    assert body is not None
    assert body["rolePermissions"][0]["resourceActions"][0]["allowedResourceActions"] == [ACTION]
    assert set(talk.header("x-msft-approval-justification")) == {None}


def test_what_is_written_is_looked_for_with_patience(converse: Converse, waits: list[float]) -> None:
    converse(operations(), roles(), post(), roles(), roles(role(displayName="operators")), roles(MADE))
    assert ensure()["changed"] is True
    assert waits == [1.0, 2.0]


@pytest.mark.usefixtures("waits")
def test_a_new_role_that_does_not_take_is_deleted(converse: Converse) -> None:
    empty = role(displayName="operators", description="")
    converse(operations(), roles(), post(), *[roles(empty)] * LOOKS, delete(), roles(empty), roles())
    with pytest.raises(_errors.AnswerError, match="it was deleted again"):
        ensure()


@pytest.mark.usefixtures("waits")
def test_a_deletion_is_not_believed_before_it_is_seen(converse: Converse) -> None:
    empty = role(displayName="operators", description="")
    converse(operations(), roles(), post(), *[roles(empty)] * LOOKS, delete(), *[roles(empty)] * LOOKS)
    with pytest.raises(_errors.AnswerError, match="it could not be taken back: it is not read back so"):
        ensure()


@pytest.mark.usefixtures("waits")
def test_what_cannot_be_taken_back_is_said(converse: Converse) -> None:
    converse(operations(), roles(), post(), *[roles()] * LOOKS, needs_approval("DELETE", f"{ROLES}/r5"))
    with pytest.raises(_errors.AnswerError, match="could not be taken back: HTTP 403 ApprovalRequired"):
        ensure()


@pytest.mark.usefixtures("waits")
def test_a_look_that_fails_says_that_something_was_written(converse: Converse) -> None:
    converse(operations(), roles(), post(), Call(ROLES, refused("Forbidden"), 403))
    with pytest.raises(_errors.AccessDeniedError, match="to read back what was written"):
        ensure()


# -- made once --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "lost",
    [
        post(refused("generalException"), 500),
        post(refused("serviceNotAvailable"), 503),
        post(b"<html>", 502),
        post(error=dropped()),
        post(error=silent()),
        post({}, 201),
    ],
    ids=["500", "503", "html", "cut", "silent", "no-id"],
)
def test_an_attempt_without_an_answer_is_looked_for(converse: Converse, waits: list[float], lost: Call) -> None:
    talk = converse(operations(), roles(), lost, roles(), roles(MADE), roles(MADE))
    done = ensure()
    assert (done["changed"], done["role"]["id"]) == (True, "r5")
    assert [method for method, _url, _body in writes(talk)] == ["POST"]
    assert waits == [1.0]


@pytest.mark.usefixtures("waits")
def test_an_attempt_that_is_not_found_is_repeated_once(converse: Converse) -> None:
    lost = post(refused("generalException"), 500)
    talk = converse(operations(), roles(), lost, *[roles()] * LOOKS, post(), roles(MADE))
    assert ensure(approval_code=CODE)["changed"] is True
    assert [each.headers.get("x-msft-approval-code") for each in talk.requests if each.method == "POST"] == [CODE] * 2
    converse(operations(), roles(), lost, *[roles()] * LOOKS, lost, *[roles()] * LOOKS)
    with pytest.raises(_errors.ServiceError, match="HTTP 500"):
        ensure()


@pytest.mark.usefixtures("waits")
@pytest.mark.parametrize(("ghost", "kept", "removed"), [("r9", "r5", "r9"), ("r1", "r1", "r5")])
def test_a_late_first_attempt_leaves_no_second_role(converse: Converse, ghost: str, kept: str, removed: str) -> None:
    lost = post(refused("generalException"), 500)
    both = roles(MADE, {**MADE, "id": ghost})
    converse(operations(), roles(), lost, *[roles()] * LOOKS, post(), both, delete(removed))
    done = ensure()
    assert (done["role"]["id"], done["changed"]) == (kept, True)


@pytest.mark.usefixtures("waits")
def test_an_attempt_that_another_run_forestalled_goes_on_with_its_role(converse: Converse) -> None:
    other = role(DEVICES, id="r1", displayName="operators")
    both = role(ACTION, DEVICES, id="r1", displayName="operators")
    lost = post(error=dropped())
    talk = converse(operations(), roles(), lost, roles(other), roles(other), patch("r1"), one(both))
    assert ensure()["role"]["permissions"] == [DEVICES, ACTION]
    assert [method for method, _url, _body in writes(talk)] == ["POST", "PATCH"]


@pytest.mark.usefixtures("waits")
@pytest.mark.parametrize("gone", [delete(), delete(status=404, body=refused("ResourceNotFound"))])
def test_of_two_runs_side_by_side_the_smaller_id_wins(converse: Converse, gone: Call) -> None:
    other = role(ACTION, DEVICES, id="r1", displayName="operators")
    converse(operations(), roles(), post(), roles(other, MADE), gone)
    done = ensure()
    assert (done["role"]["id"], done["changed"]) == ("r1", False)
    # The other run sees both as well, and deletes its own.
    converse(operations(), roles(), post(), roles(MADE, {**other, "id": "r9"}))
    assert ensure()["role"]["id"] == "r5"


@pytest.mark.usefixtures("waits")
def test_the_role_of_the_other_run_gets_what_it_lacks(converse: Converse) -> None:
    other, both = role(DEVICES, id="r1"), role(ACTION, DEVICES, id="r1")
    talk = converse(operations(), roles(), post(), roles(other, MADE), delete(), patch("r1"), one(both))
    done = ensure(approval_justification="why")
    assert (done["role"]["id"], done["changed"]) == ("r1", True)
    sent = [each.headers.get("x-msft-approval-justification") for each in talk.requests if each.method != "GET"]
    assert sent == [base64.b64encode(b"why").decode()] * 3


@pytest.mark.usefixtures("waits")
def test_our_own_that_cannot_be_deleted_is_named(converse: Converse) -> None:
    other = role(ACTION, id="r1")
    converse(operations(), roles(), post(), roles(other, MADE), needs_approval("DELETE", f"{ROLES}/r5"))
    with pytest.raises(_errors.AnswerError, match="delete r5 in the Intune admin center"):
        ensure()


# -- changed ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "after", "sent"), [("add", [SYNC, ACTION], [ACTION, SYNC]), ("exact", [ACTION], [ACTION])]
)
@pytest.mark.usefixtures("waits")
def test_a_role_is_changed_as_check_mode_said(converse: Converse, mode: str, after: list[str], sent: list[str]) -> None:
    converse(operations(), roles(role(SYNC)))
    checked = ensure(check=True, mode=mode)
    talk = converse(operations(), roles(role(SYNC)), patch(), one(role(SYNC)), one(role(*after)))
    done = ensure(mode=mode)
    assert done["diff"] == checked["diff"]
    assert done["diff"]["before"]["permissions"] == [SYNC]
    assert done["diff"]["after"]["permissions"] == done["role"]["permissions"] == sent
    assert done["changed"] is checked["changed"] is True
    ((_method, url, body),) = writes(talk)
    assert url == "r5"
    assert body is not None
    assert body["rolePermissions"][0]["resourceActions"][0]["allowedResourceActions"] == sent


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize(
    ("found", "options"),
    [
        (role(ACTION, SYNC), {}),
        (role(ACTION), {"mode": "exact"}),
        (role(ACTION), {"description": "Made by hand"}),
        (role(ACTION, isBuiltIn=True), {}),
        (role(ACTION, isBuiltInRoleDefinition=True), {}),
    ],
)
def test_nothing_to_do(converse: Converse, check: bool, found: Json, options: Json) -> None:
    converse(operations(), roles(found))
    done = ensure(check=check, **options)
    assert (done["changed"], done["approval_required"], done["role"]["id"]) == (False, None, "r5")
    assert done["diff"]["before"] == done["diff"]["after"]


@pytest.mark.usefixtures("waits")
def test_a_change_that_does_not_take_is_put_back(converse: Converse) -> None:
    before = role(SYNC, denied=[DEVICES])
    talk = converse(operations(), roles(before), patch(), *[one(role(ACTION))] * LOOKS, patch(), one(before))
    with pytest.raises(_errors.AnswerError, match="it was put back as it was"):
        ensure()
    restored = writes(talk)[1][2]
    assert restored is not None
    assert restored["rolePermissions"] == before["rolePermissions"]


@pytest.mark.usefixtures("waits")
def test_that_it_was_put_back_is_not_believed_before_it_is_seen(converse: Converse) -> None:
    short = one(role(ACTION))
    converse(operations(), roles(role(SYNC)), patch(), *[short] * LOOKS, patch(), *[short] * LOOKS)
    with pytest.raises(_errors.AnswerError, match="it could not be taken back: it is not read back so"):
        ensure()


@pytest.mark.usefixtures("waits")
def test_a_role_that_vanishes_meanwhile(converse: Converse) -> None:
    gone = Call(f"{ROLES}/r5", refused("ResourceNotFound"), 404)
    again = patch(status=404, body=refused("ResourceNotFound"))
    converse(operations(), roles(role(SYNC)), patch(), *[gone] * LOOKS, again)
    with pytest.raises(_errors.AnswerError, match="could not be taken back: HTTP 404"):
        ensure()
    converse(operations(), roles(role(SYNC)), again)
    with pytest.raises(_errors.NotFoundError):
        ensure()


@pytest.mark.usefixtures("waits")
def test_a_change_without_an_answer_is_looked_at(converse: Converse) -> None:
    converse(operations(), roles(role(SYNC)), patch(error=dropped()), one(role(SYNC, ACTION)))
    assert ensure()["changed"] is True
    same = one(role(SYNC))
    converse(operations(), roles(role(SYNC)), patch(error=dropped()), *[same] * LOOKS, patch(), same)
    with pytest.raises(_errors.AnswerError, match="the connection ended early"):
        ensure()


def test_a_change_that_is_refused(converse: Converse) -> None:
    converse(operations(), roles(role(SYNC)), patch(status=403, body=refused("Forbidden")))
    with pytest.raises(_errors.AccessDeniedError, match=r"DeviceManagementRBAC\.ReadWrite\.All"):
        ensure()


# -- refused ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize(
    ("found", "options", "text"),
    [
        ((role(SYNC, isBuiltIn=True),), {}, "'Operators' is built in, and would have to be changed"),
        ((role(ACTION), role(ACTION, id="r6", displayName="OPERATORS")), {}, "2: r5, r6"),
    ],
)
def test_a_role_that_is_not_touched(
    converse: Converse, check: bool, found: tuple[Json, ...], options: Json, text: str
) -> None:
    converse(operations(), roles(*found))
    with pytest.raises(_errors.TenantAttachError, match=text):
        ensure(check=check, **options)


@pytest.mark.parametrize("check", [True, False])
def test_a_permission_that_is_unknown_is_refused_before_any_write(converse: Converse, check: bool) -> None:
    converse(operations())
    with pytest.raises(_errors.InvalidOptionError, match=f"did you mean {ACTION} in place of .*Actoin"):
        ensure(check=check, permissions=[ACTION.replace("Action", "Actoin")])


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"name": " "}, "option name"),
        ({"permissions": []}, "at least one permission"),
        ({"permissions": None}, "at least one permission"),
        ({"state": "absent"}, "permissions to be left out with state=absent"),
    ],
)
def test_options_that_contradict_each_other(options: Json, text: str) -> None:
    with pytest.raises(_errors.InvalidOptionError, match=text):
        ensure(**options)


# -- deleted ----------------------------------------------------------------------------------------------------------

ABSENT: Json = {"state": "absent", "permissions": None}
FREE = rows(f"{ROLES}/r5/roleAssignments")


@pytest.mark.usefixtures("waits")
@pytest.mark.parametrize(
    "answer", [delete(), delete(status=404, body=refused("ResourceNotFound")), delete(error=dropped())]
)
def test_a_role_is_deleted(converse: Converse, answer: Call) -> None:
    converse(roles(role(SYNC)), FREE)
    checked = ensure(check=True, **ABSENT)
    converse(roles(role(SYNC)), FREE, answer, roles(role(SYNC)), roles())
    done = ensure(**ABSENT)
    assert done == checked
    assert (done["changed"], done["role"], done["diff"]["after"]) == (True, None, {})
    assert done["diff"]["before"]["permissions"] == [SYNC]


def test_a_role_that_is_not_there(converse: Converse) -> None:
    converse(roles())
    assert ensure(**ABSENT)["changed"] is False


@pytest.mark.usefixtures("waits")
@pytest.mark.parametrize(("answer", "text"), [(delete(), "still there"), (delete(error=dropped()), "ended early")])
def test_a_role_that_stays(converse: Converse, answer: Call, text: str) -> None:
    converse(roles(role(SYNC)), FREE, answer, *[roles(role(SYNC))] * LOOKS)
    with pytest.raises(_errors.AnswerError, match=text):
        ensure(**ABSENT)


@pytest.mark.parametrize("check", [True, False])
def test_a_role_with_assignments_is_not_deleted(converse: Converse, check: bool) -> None:
    given = rows(f"{ROLES}/r5/roleAssignments", {"id": "a1", "displayName": "North"}, {"id": "a2", "displayName": "B"})
    converse(roles(role(SYNC)), given)
    with pytest.raises(_errors.InvalidOptionError, match="Observed: 'B', 'North'"):
        ensure(check=check, **ABSENT)


@pytest.mark.parametrize("check", [True, False])
def test_a_built_in_role_is_not_deleted(converse: Converse, check: bool) -> None:
    converse(roles())
    with pytest.raises(_errors.InvalidOptionError, match="would have to be deleted"):
        ensure(check=check, name="Help Desk Operator", **ABSENT)


# -- approved ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [400, 403])
def test_a_tenant_that_wants_a_justification(converse: Converse, status: int) -> None:
    demand = refused("BadRequest", "Header x-msft-approval-justification is required.")
    converse(operations(), roles(), post(demand, status))
    with pytest.raises(_errors.ServiceError, match="say why in approval_justification"):
        ensure()


@pytest.mark.parametrize(
    ("found", "call"),
    [((), needs_approval("POST", ROLES)), ((role(SYNC),), needs_approval("PATCH", f"{ROLES}/r5"))],
    ids=["made", "changed"],
)
def test_a_change_that_waits_for_approval_is_no_failure(
    converse: Converse, found: tuple[Json, ...], call: Call
) -> None:
    talk = converse(operations(), roles(*found), call)
    done = ensure(approval_justification="Grüße, change 4711")
    assert done["changed"] is False
    assert done["approval_required"]["code"] == CODE
    assert f"approval_code={CODE}" in done["approval_required"]["next_step"]
    assert (done["role"] or {}).get("permissions") == (found[0] and [SYNC] if found else None)
    header = talk.header("x-msft-approval-justification")[-1]
    assert base64.b64decode(str(header)).decode() == "Grüße, change 4711"


def test_a_deletion_that_waits_for_approval(converse: Converse) -> None:
    converse(roles(role(SYNC)), FREE, needs_approval("DELETE", f"{ROLES}/r5"))
    done = ensure(approval_justification="why", **ABSENT)
    assert (done["changed"], done["approval_required"]["code"], done["role"]["id"]) == (False, CODE, "r5")


@pytest.mark.usefixtures("waits")
def test_the_code_continues_with_the_same_request(converse: Converse) -> None:
    first = converse(operations(), roles(), needs_approval("POST", ROLES))
    ensure(approval_justification="why")
    second = converse(operations(), roles(), post(), roles(MADE))
    done = ensure(approval_justification="why", approval_code=CODE)
    assert (done["changed"], done["approval_required"]) == (True, None)
    assert first.requests[-1].body == second.requests[2].body
    assert second.requests[2].headers["x-msft-approval-code"] == CODE
    assert "x-msft-approval-justification" not in second.requests[2].headers


@pytest.mark.parametrize("code", [CODE, None])
def test_a_code_that_is_not_approved_yet(converse: Converse, code: str | None) -> None:
    converse(operations(), roles(), needs_approval("POST", ROLES, code))
    done = ensure(approval_code=CODE)
    assert (done["changed"], done["approval_required"]["code"]) == (False, CODE)


@pytest.mark.parametrize("status", [400, 403])
def test_a_code_that_is_rejected(converse: Converse, status: int) -> None:
    converse(operations(), roles(), post(refused("BadRequest", "The request was rejected."), status))
    with pytest.raises(_errors.ServiceError, match="The request was rejected") as caught:
        ensure(approval_code=CODE)
    assert f"approval_code {CODE} to be accepted" in str(caught.value)
    assert caught.value.status == status


def test_an_approval_without_a_code(converse: Converse) -> None:
    converse(operations(), roles(), needs_approval("POST", ROLES, None))
    assert "request of this application" in ensure(approval_justification="w")["approval_required"]["next_step"]


def test_a_conflict_is_no_matter_of_the_code(converse: Converse) -> None:
    converse(operations(), roles(), post(refused("Conflict"), 409))
    with pytest.raises(_errors.ServiceError, match="HTTP 409 Conflict"):
        ensure(approval_code=CODE)
