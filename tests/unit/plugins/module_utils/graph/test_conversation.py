# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Conversations with Microsoft Entra and Microsoft Graph, from options to answers."""

from __future__ import annotations

import datetime as dt
import json
import typing as t

import pytest

from ansible_collections.configmgr.tenant_attach.plugins.module_utils import _errors
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.graph import _answers
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.graph._client import Graph, Request
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.graph._options import connect
from ansible_collections.configmgr.tenant_attach.tests.unit.conversation import CANARY, HTML, Call, Conversation
from ansible_collections.configmgr.tenant_attach.tests.unit.graph import CONNECTION

Converse = t.Callable[..., Conversation]
G = "https://graph.microsoft.com"
LOGIN = "https://login.microsoftonline.com/t1"
METADATA = {"issuer": f"{LOGIN}/v2.0", "authorization_endpoint": f"{LOGIN}/a", "token_endpoint": f"{LOGIN}/token"}
OPTIONS: dict[str, t.Any] = {**CONNECTION, "tenant_id": "t1", "client_id": "c1"}


def error(code: str, message: str = "") -> dict[str, t.Any]:
    return {"error": {"code": code, "message": message, "innerError": {"request-id": "r1"}}}


class Waits:
    """A client that notes how long it would have waited."""

    def __init__(self, **options: t.Any) -> None:
        self.graph: Graph = connect({**OPTIONS, **options})
        self.seconds: list[float] = []
        self.graph._sleep = self.seconds.append


def test_pages_are_followed_over_an_empty_one(converse: Converse) -> None:
    talk = converse(
        Call(f"{G}/v1.0/users?$top=2", {"value": [{"id": "1"}], "@odata.nextLink": f"{G}/v1.0/users?$skip=1"}),
        Call(f"{G}/v1.0/users?$skip=1", {"value": [], "@odata.nextLink": f"{G}/v1.0/users?$skip=2"}),
        Call(f"{G}/v1.0/users?$skip=2", {"value": [{"id": "2"}]}),
    )
    graph = connect(OPTIONS)
    assert graph.rows(Request("users", {"$top": "2"})) == [{"id": "1"}, {"id": "2"}]
    assert set(talk.header("Authorization")) == {f"Bearer {CANARY}"}
    assert graph.requests == 3


@pytest.mark.parametrize(
    ("link", "text"),
    [(f"{G}/v1.0/users", "links to an earlier one"), ("https://evil.example/v1.0/users", "not followed")],
)
def test_pages_that_lead_astray(converse: Converse, link: str, text: str) -> None:
    converse(Call(f"{G}/v1.0/users", {"value": [], "@odata.nextLink": link}))
    with pytest.raises(_errors.AnswerError, match=text):
        connect(OPTIONS).rows(Request("users"))


@pytest.mark.parametrize(
    ("body", "rows"),
    [({"id": "1"}, [{"id": "1"}]), ({"value": ["g1"]}, [{"value": "g1"}]), ({"value": []}, [])],
)
def test_forms_of_lists(converse: Converse, body: t.Any, rows: list[t.Any]) -> None:
    converse(Call(f"{G}/v1.0/x", body))
    assert connect(OPTIONS).rows(Request("x")) == rows


@pytest.mark.parametrize(
    ("call", "kind", "text"),
    [
        (Call(f"{G}/v1.0/x", {"value": "text"}), _errors.AnswerError, "another form"),
        (Call(f"{G}/v1.0/x", ["text"]), _errors.AnswerError, "another form"),
        (Call(f"{G}/v1.0/x", b"<html>", headers={"Content-Type": HTML}), _errors.AnswerError, "an HTML page"),
        (Call(f"{G}/v1.0/x", b'{"value": ['), _errors.AnswerError, "no JSON"),
        (Call(f"{G}/v1.0/x", b"<html>", 500), _errors.ServiceError, "HTTP 500 with an HTML page"),
        (Call(f"{G}/v1.0/x", error("Authorization_RequestDenied"), 403), _errors.AccessDeniedError, "User.Read.All"),
        (Call(f"{G}/v1.0/x", error("E", f"not {CANARY}"), 400), _errors.ServiceError, r"\(not \*\*\*\)"),
    ],
)
def test_answers_that_are_none(converse: Converse, call: Call, kind: type[Exception], text: str) -> None:
    converse(call)
    with pytest.raises(kind, match=text) as caught:
        connect(OPTIONS).rows(Request("x", rights=("User.Read.All",)))
    assert CANARY not in str(caught.value)


def test_patience_with_and_without_a_header(converse: Converse) -> None:
    converse(
        Call(f"{G}/v1.0/x", error("TooManyRequests"), 429, {"Retry-After": "7"}),
        Call(f"{G}/v1.0/x", b"<html>", 503),
        Call(f"{G}/v1.0/x", {"id": "1"}),
    )
    waits = Waits()
    assert waits.graph.one(Request("x")) == {"id": "1"}
    assert waits.seconds == [7.0, 4.0]


def test_patience_ends_with_the_deadline(converse: Converse) -> None:
    converse(Call(f"{G}/v1.0/x", error("TooManyRequests"), 429, {"Retry-After": "900"}))
    waits = Waits(deadline=20)
    with pytest.raises(_errors.ServiceError, match="HTTP 429 TooManyRequests"):
        waits.graph.one(Request("x"))
    assert waits.seconds == []


def test_a_change_that_may_have_been_made_is_not_sent_again(converse: Converse) -> None:
    request = Request("x", method="POST", body={"name": "a"})
    converse(
        Call(f"{G}/v1.0/x", error("TooManyRequests"), 429, method="POST"),
        Call(f"{G}/v1.0/x", error("serviceNotAvailable"), 503, method="POST"),
    )
    waits = Waits()
    with pytest.raises(_errors.ServiceError, match="HTTP 503"):
        waits.graph.send(request)
    assert waits.seconds == [2.0]


def _answers_to(*replies: tuple[int, int, t.Any], **headers: str) -> dict[str, t.Any]:
    return {"responses": [{"id": str(i), "status": s, "body": b, "headers": headers} for i, s, b in replies]}


def test_of_a_batch_only_what_was_throttled_is_sent_again(converse: Converse) -> None:
    url = f"{G}/v1.0/$batch"
    first = [(number, 200, {"id": number}) for number in reversed(range(1, 20))]
    talk = converse(
        Call(url, _answers_to((0, 429, error("TooManyRequests")), *first, **{"Retry-After": "9"}), method="POST"),
        Call(url, _answers_to((20, 403, error("Authorization_RequestDenied")), (0, 200, {"id": 0})), method="POST"),
    )
    waits = Waits()
    requests = [Request(f"users/{number}", rights=("User.Read.All",)) for number in range(20)]
    requests.append(Request("users/20/getMemberGroups", method="POST", body={"securityEnabledOnly": True}))
    results = waits.graph.batch(requests)
    assert results[:20] == [{"id": number} for number in range(20)]
    assert isinstance(results[20], _errors.AccessDeniedError)
    assert waits.seconds == [9.0]
    sent = [json.loads(t.cast("bytes", request.body))["requests"] for request in talk.requests]
    # What was throttled goes first, with what waits behind it.
    assert [len(each) for each in sent] == [20, 2]
    assert sent[1] == [
        {"id": "0", "method": "GET", "url": "/users/0"},
        {
            "id": "20",
            "method": "POST",
            "url": "/users/20/getMemberGroups",
            "body": {"securityEnabledOnly": True},
            "headers": {"Content-Type": "application/json"},
        },
    ]


def test_a_batch_that_stays_throttled_ends_with_the_deadline(converse: Converse) -> None:
    throttled = _answers_to((0, 429, None), **{"Retry-After": "900"})
    converse(Call(f"{G}/v1.0/$batch", throttled, method="POST"))
    (result,) = Waits().graph.batch([Request("users/a")])
    assert isinstance(result, _errors.DeadlineError)


@pytest.mark.parametrize("body", [{"responses": []}, {"responses": [{"id": "0"}]}, {}])
def test_a_batch_without_all_its_answers(converse: Converse, body: t.Any) -> None:
    converse(Call(f"{G}/v1.0/$batch", body, method="POST"))
    (result,) = connect(OPTIONS).batch([Request("users/a")])
    assert isinstance(result, _errors.AnswerError)
    assert "0 that belong to it" in str(result)


def test_a_batch_that_goes_wrong_is_an_error_of_its_own_requests_only(converse: Converse) -> None:
    url = f"{G}/v1.0/$batch"
    whole = [(number, 200, {"id": number}) for number in range(20, 21)]
    converse(
        Call(url, b"<html>", headers={"Content-Type": HTML}, method="POST"),
        Call(url, _answers_to(*whole), method="POST"),
    )
    results = connect(OPTIONS).batch([Request(f"users/{number}") for number in range(21)])
    assert {type(result) for result in results[:20]} == {_errors.AnswerError}
    assert results[20] == {"id": 20}


def test_a_batch_that_is_refused_as_a_whole_refuses_each_of_its_requests(converse: Converse) -> None:
    converse(Call(f"{G}/v1.0/$batch", error("Authorization_RequestDenied"), status=403, method="POST"))
    (result,) = connect(OPTIONS).batch([Request("users/a", rights=("User.Read.All",))])
    assert isinstance(result, _errors.AccessDeniedError)
    assert result.rights == ("User.Read.All",)


def test_a_batch_that_is_throttled_as_a_whole_is_sent_again(converse: Converse) -> None:
    url = f"{G}/v1.0/$batch"
    converse(
        Call(url, error("TooManyRequests"), status=429, headers={"Retry-After": "3"}, method="POST"),
        Call(url, b"", status=503, method="POST"),
        Call(url, _answers_to((0, 200, {"id": 0})), method="POST"),
    )
    waits = Waits()
    assert waits.graph.batch([Request("users/0")]) == [{"id": 0}]
    assert waits.seconds == [3.0, 4.0]


def test_a_secret_becomes_a_token_once(converse: Converse) -> None:
    converse(
        Call(f"{LOGIN}/v2.0/.well-known/openid-configuration", METADATA),
        Call(f"{LOGIN}/token", {"access_token": "made", "token_type": "Bearer", "expires_in": 3599}, method="POST"),
        Call(f"{G}/v1.0/x", {"id": "1"}),
        Call(f"{G}/v1.0/x", {"id": "1"}),
    )
    graph = connect({**OPTIONS, "access_token": None, "client_secret": CANARY})
    assert graph.one(Request("x")) == graph.one(Request("x"))


@pytest.mark.parametrize(("code", "step"), [(7000215, "not its id"), (7000222, "add a new one"), (99, "sign-in logs")])
def test_a_secret_that_is_refused(converse: Converse, code: int, step: str) -> None:
    body = {"error": "invalid_client", "error_description": CANARY, "error_codes": [code]}
    converse(
        Call(f"{LOGIN}/v2.0/.well-known/openid-configuration", METADATA),
        Call(f"{LOGIN}/token", body, 401, method="POST"),
    )
    with pytest.raises(_errors.AuthenticationError, match=step) as caught:
        connect({**OPTIONS, "access_token": None, "client_secret": CANARY}).one(Request("x"))
    assert CANARY not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "body", "kind", "text"),
    [
        (401, error("InvalidAuthenticationToken"), _errors.AuthenticationError, "InvalidAuthenticationToken"),
        (403, error("ApprovalRequired"), _errors.ApprovalRequiredError, "approval_code"),
        (403, error("", "x-msft-approval-justification is required"), _errors.ServiceError, "approval_justification"),
        (400, error("BadRequest", "X-MSFT-Approval-Justification?"), _errors.ServiceError, "approval_justification"),
        (404, error("Request_ResourceNotFound"), _errors.NotFoundError, "exist"),
        (302, None, _errors.AnswerError, "a redirect"),
        (400, error("AadPremiumLicenseRequired"), _errors.ServiceError, "no Microsoft Entra ID P2"),
        (400, error("BadRequest", "Request not applicable to target tenant."), _errors.ServiceError, "subscription"),
        (400, error("BadRequest"), _errors.ServiceError, "documentation"),
        (429, error("TooManyRequests"), _errors.ServiceError, "run again later"),
        (503, error("serviceNotAvailable"), _errors.ServiceError, "service health"),
    ],
)
def test_refusals(status: int, body: t.Any, kind: type[_errors.TenantAttachError], text: str) -> None:
    refusal = _answers.refusal(_answers.Reply(status, {}, body), G)
    assert refusal.kind == kind.kind
    assert text in str(refusal)


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        (
            '{"Message": "Not so - Activity ID: 1 - Url: https://fef.msub06.manage.microsoft.com/x"}',
            "Not so - Activity",
        ),
        ("{no JSON", "{no JSON"),
        ("[]", "[]"),
    ],
)
def test_a_message_that_is_json_itself(message: str, shown: str) -> None:
    problem = _answers.problem_of(error("BadRequest", message))
    assert problem.message.startswith(shown)
    assert "manage.microsoft.com" not in problem.message


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("5", 5.0), ("5,6", 5.0), ("0", 1.0), ("Mon, 23 Nov 2026 20:00:09 GMT", 9.0), ("soon", 8.0), ("", 8.0)],
)
def test_pause(header: str, seconds: float) -> None:
    now = dt.datetime(2026, 11, 23, 20, tzinfo=dt.UTC)
    assert _answers.pause({"retry-after": header}, 3, now) == seconds
