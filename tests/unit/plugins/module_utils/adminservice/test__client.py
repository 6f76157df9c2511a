# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import typing as t

import pytest

from ansible_collections.configmgr.tenant_attach.plugins.module_utils import _errors
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.adminservice import _client
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.adminservice._auth import Credentials
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.adminservice._client import READER
from ansible_collections.configmgr.tenant_attach.tests.unit.conversation import (
    CANARY,
    HOST,
    HTML,
    JSON,
    Call,
    Conversation,
    client,
    dropped,
    listing,
    refusal,
    refused,
)

Converse = t.Callable[..., Conversation]
SITES = "/wmi/SMS_Site"
URL = f"https://{HOST}/AdminService/wmi/SMS_Site"
PAGE = b"<HTML><BODY><h2>Not Found</h2></BODY></HTML>"


def read(**options: t.Any) -> list[dict[str, t.Any]]:
    return [dict(row) for row in client().rows("wmi/SMS_Site", **options)]


class TestAnswers:
    def test_a_list(self, converse: Converse) -> None:
        conversation = converse(
            Call(
                "/wmi/SMS_Site?$filter=Type eq 2&$select=SiteCode,Type&$orderby=SiteCode&$top=5",
                listing({"SiteCode": "P01"}, {"SiteCode": "P02"}),
            )
        )
        found = read(where="Type eq 2", select=["SiteCode", "Type"], order_by=["SiteCode"], top=5)
        assert found == [{"SiteCode": "P01"}, {"SiteCode": "P02"}]
        assert conversation.header("Authorization") == [f"Bearer {CANARY}"]
        assert conversation.header("Accept") == ["application/json"]

    def test_an_empty_list(self, converse: Converse) -> None:
        converse(Call(SITES, listing()))
        assert read() == []

    def test_a_bare_object_of_a_method_that_answers_201(self, converse: Converse) -> None:
        version = {"@odata.context": "x", "value": "5.00.9141.1000"}
        converse(Call("/wmi/SMS_Identification.GetProviderVersion", version, 201))
        (row,) = client().rows("wmi/SMS_Identification.GetProviderVersion")
        assert row.text("value") == "5.00.9141.1000"

    def test_a_byte_order_mark(self, converse: Converse) -> None:
        converse(Call(SITES, b"\xef\xbb\xbf" + json.dumps(listing({"SiteCode": "P01"})).encode()))
        assert read() == [{"SiteCode": "P01"}]

    def test_more_rows_than_asked_for_are_cut(self, converse: Converse) -> None:
        converse(Call("/wmi/SMS_Site?$top=1", listing({"a": 1}, {"a": 2}, **{"@odata.nextLink": "?$skip=2"})))
        assert read(top=1) == [{"a": 1}]

    def test_the_port_is_part_of_the_address(self, converse: Converse) -> None:
        converse(Call(f"https://{HOST}:8443/AdminService/wmi/SMS_Site", listing()))
        assert client(f"{HOST}:8443").rows("wmi/SMS_Site") == []

    def test_closing_closes_the_connection(self, converse: Converse) -> None:
        conversation = converse()
        client().close()
        assert conversation.adapters[0].closed


class TestPages:
    def test_pages_are_followed_in_order(self, converse: Converse) -> None:
        converse(
            Call(SITES, listing({"a": 1}, **{"@odata.nextLink": f"{URL}?$skiptoken=1"})),
            Call(f"{URL}?$skiptoken=1", listing({"a": 2}, **{"@odata.nextLink": "SMS_Site?$skiptoken=2"})),
            Call(f"{URL}?$skiptoken=2", listing({"a": 3})),
        )
        assert read() == [{"a": 1}, {"a": 2}, {"a": 3}]

    def test_a_limit_is_reached_over_several_pages(self, converse: Converse) -> None:
        converse(
            Call("/wmi/SMS_Site?$top=2", listing({"a": 1}, **{"@odata.nextLink": f"{URL}?$skiptoken=1"})),
            Call(f"{URL}?$skiptoken=1", listing({"a": 2}, {"a": 3}, **{"@odata.nextLink": f"{URL}?$skiptoken=2"})),
        )
        assert read(top=2) == [{"a": 1}, {"a": 2}]

    def test_a_page_that_links_to_an_earlier_one(self, converse: Converse) -> None:
        converse(
            Call(SITES, listing({"a": 1}, **{"@odata.nextLink": f"{URL}?$skiptoken=1"})),
            Call(f"{URL}?$skiptoken=1", listing({"a": 2}, **{"@odata.nextLink": f"{URL}?$skiptoken=1"})),
        )
        with pytest.raises(_errors.AnswerError, match="a page that links to an earlier one"):
            read()

    def test_pages_without_end(self, converse: Converse, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(_client, "MAX_PAGES", 3)
        converse(
            *(
                Call(
                    f"{URL}?$skiptoken={n}" if n else SITES, listing(**{"@odata.nextLink": f"{URL}?$skiptoken={n + 1}"})
                )
                for n in range(3)
            )
        )
        with pytest.raises(_errors.AnswerError, match="still another page"):
            read()

    def test_no_more_than_two_hundred_pages(self) -> None:
        assert _client.MAX_PAGES == 200

    @pytest.mark.parametrize("origin", ["https://elsewhere.example", f"http://{HOST}", f"https://{HOST}:444"])
    def test_another_host_is_never_asked(self, converse: Converse, origin: str) -> None:
        conversation = converse(
            Call(SITES, listing(**{"@odata.nextLink": f"{origin}/AdminService/wmi/SMS_Site?$skip=1"}))
        )
        with pytest.raises(_errors.AnswerError, match="not followed"):
            read()
        assert len(conversation.requests) == 1


REFUSALS: list[tuple[Call, type[_errors.TenantAttachError], str]] = [
    (Call(SITES, status=401), _errors.AuthenticationError, "HTTP 401 for the token"),
    (Call(SITES, status=403), _errors.AccessDeniedError, "HTTP 403"),
    (
        Call(SITES, refusal(403, "The user is\nnot   allowed"), 403),
        _errors.AccessDeniedError,
        "HTTP 403 (The user is not allowed)",
    ),
    # Two blanks, as the service writes it.
    (
        Call(SITES, refusal(404, "Access denied  WMI QUERY: "), 404),
        _errors.AccessDeniedError,
        "HTTP 404 (Access denied WMI QUERY:): the service hides missing rights behind this answer",
    ),
    (
        Call(SITES, refusal(404, "ODataParameterReader.ReadAsync was called"), 404),
        _errors.NotFoundError,
        "HTTP 404 (ODataParameterReader.ReadAsync was called)",
    ),
    (
        Call(SITES, PAGE, 404, {"Content-Type": HTML}),
        _errors.NotFoundError,
        "HTTP 404 from a web server without it",
    ),
    (Call(SITES, status=500), _errors.ServiceError, "HTTP 500"),
    (
        Call(SITES, refusal(500, "An error has occurred."), 500),
        _errors.ServiceError,
        "HTTP 500 (An error has occurred.)",
    ),
    (Call(SITES, PAGE, 503, {"Content-Type": HTML}), _errors.ServiceError, "sccmprovidergraph.exe is stopped"),
    (Call(SITES, status=429), _errors.ServiceError, "HTTP 429"),
    (
        Call(SITES, status=302, headers={"Location": "https://elsewhere.example/login?next=/AdminService"}),
        _errors.AnswerError,
        "HTTP 302, a redirect to https://elsewhere.example, not followed",
    ),
    (Call(SITES, status=307), _errors.AnswerError, "HTTP 307, a redirect to nowhere, not followed"),
    (Call(SITES, b"<html>Sign in</html>", headers={"Content-Type": "text/html"}), _errors.AnswerError, "an HTML page"),
    (Call(SITES, b"  <html>Sign in</html>"), _errors.AnswerError, "an HTML page"),
    (
        Call(SITES, b'{"value": []}', headers={"Content-Type": "text/html"}, status=418),
        _errors.ServiceError,
        "HTTP 418",
    ),
    (
        Call(SITES, b'{"value": [{"SiteCode": "P0', headers={"Content-Type": JSON}),
        _errors.AnswerError,
        "27 bytes of JSON that ends or breaks",
    ),
    (Call(SITES, b'[{"a": "\xff"}]'), _errors.AnswerError, "JSON that ends or breaks"),
    (Call(SITES, b"", headers={"Content-Type": JSON}), _errors.AnswerError, "something else"),
    (Call(SITES, b"plain"), _errors.AnswerError, "something else (no content type)"),
    (Call(SITES, b"[" * 100_000), _errors.AnswerError, "JSON that ends or breaks"),
    (Call(SITES, b"[]"), _errors.AnswerError, "JSON of another form (list)"),
    (Call(SITES, refusal(500, "x" * 900), 500), _errors.ServiceError, f"HTTP 500 ({'x' * 200})"),
    (Call(SITES, b"[" * 100_000, 500), _errors.ServiceError, "HTTP 500"),
    (Call(SITES, {"error": "text"}, 404), _errors.NotFoundError, "HTTP 404 from a web server without it"),
]


@pytest.mark.parametrize(("call", "kind", "observed"), REFUSALS, ids=lambda value: getattr(value, "__name__", None))
def test_what_is_no_answer(
    converse: Converse, call: Call, kind: type[_errors.TenantAttachError], observed: str
) -> None:
    conversation = converse(call)
    with pytest.raises(_errors.TenantAttachError) as caught:
        read()
    assert (caught.value.kind, isinstance(caught.value, kind)) == (kind.kind, True)
    assert observed in caught.value.observed
    assert caught.value.where == URL
    assert caught.value.next_step
    assert CANARY not in str(caught.value)
    # Neither retried nor followed.
    assert len(conversation.requests) == 1


def test_missing_rights_are_named(converse: Converse) -> None:
    converse(Call(SITES, refusal(404, "Access denied  WMI QUERY: "), 404), Call(SITES, status=403))
    rights = []
    for _unused in range(2):
        with pytest.raises(_errors.AccessDeniedError) as caught:
            read()
        rights.append((caught.value.status, caught.value.rights))
    assert rights == [(404, (READER, "Windows: local group SMS Admins on the SMS Provider")), (403, (READER,))]


def test_a_missing_service_is_told_from_a_missing_class(converse: Converse) -> None:
    converse(Call(SITES, PAGE, 404), Call(SITES, refusal(404, "Resource not found"), 404))
    missing = []
    for _unused in range(2):
        with pytest.raises(_errors.NotFoundError) as caught:
            read()
        missing.append(caught.value.service_missing)
    assert missing == [True, False]


class TestUnauthenticated:
    @pytest.mark.parametrize(
        ("credentials", "protocol", "build", "observed", "step"),
        [
            (
                Credentials("negotiate", "u", CANARY),
                "ntlm",
                9141,
                "HTTP 401 after NTLM (auth=negotiate, user u): build 9141 refuses NTLM",
                "auth=kerberos",
            ),
            (
                Credentials("ntlm", "u", CANARY),
                "ntlm",
                9146,
                "build 9146 refuses NTLM",
                "use auth=kerberos with the SMS Provider's own FQDN",
            ),
            (
                Credentials("ntlm", "u", CANARY),
                "ntlm",
                9135,
                "HTTP 401 after NTLM (auth=ntlm, user u)",
                "Rejecting NTLM authentication.",
            ),
            (
                Credentials("ntlm", "u", CANARY),
                "ntlm",
                None,
                "HTTP 401 after NTLM (auth=ntlm, user u)",
                "Rejecting NTLM authentication.",
            ),
            (
                Credentials("kerberos", "u", CANARY),
                "kerberos",
                9141,
                f"HTTP 401 (auth=kerberos, user u): the host does not take the ticket for HTTP/{HOST}",
                f"setspn -Q HTTP/{HOST}",
            ),
            (
                Credentials("kerberos", "u", CANARY),
                None,
                9141,
                "HTTP 401 (auth=kerberos, user u), and the host offers no way to sign in",
                "no proxy in front of it",
            ),
        ],
    )
    def test_why(
        self,
        converse: Converse,
        *,
        credentials: Credentials,
        protocol: str | None,
        build: int | None,
        observed: str,
        step: str,
    ) -> None:
        converse(Call(SITES, status=401))
        service = client(credentials=credentials, build=build)
        service._auth.protocol = protocol
        with pytest.raises(_errors.AuthenticationError) as caught:
            service.rows("wmi/SMS_Site")
        assert observed in caught.value.observed
        assert step in caught.value.next_step
        assert CANARY not in str(caught.value)

    def test_a_fallback_says_why_it_was_one(self, converse: Converse) -> None:
        converse(Call(SITES, status=401))
        service = client(credentials=Credentials("negotiate", "u", CANARY))
        service._auth.protocol = "ntlm"
        service._auth.kerberos_problem = _errors.KerberosError("no_realm", expected="a ticket", observed="no realm")
        with pytest.raises(_errors.AuthenticationError) as caught:
            service.rows("wmi/SMS_Site")
        assert caught.value.observed == (
            "HTTP 401 after NTLM (auth=negotiate, user u); Kerberos was not possible: no realm"
        )

    def test_without_a_user_name(self, converse: Converse) -> None:
        converse(Call(SITES, status=401))
        with pytest.raises(_errors.AuthenticationError, match=r"HTTP 401 \(auth=kerberos\)"):
            client(credentials=Credentials()).rows("wmi/SMS_Site")


class TestDrops:
    def test_one_drop_is_nobodys_fault(self, converse: Converse) -> None:
        converse(Call(SITES, listing({"a": 1})), Call(SITES, error=dropped()), Call(SITES, listing({"a": 2})))
        service = client()
        assert [dict(row) for _unused in range(2) for row in service.rows("wmi/SMS_Site")] == [{"a": 1}, {"a": 2}]

    def test_two_are(self, converse: Converse) -> None:
        converse(Call(SITES, error=dropped()), Call(SITES, error=dropped()))
        with pytest.raises(_errors.AnswerError, match="the connection ended early: ConnectionResetError"):
            read()

    def test_no_connection_is_not_tried_again(self, converse: Converse) -> None:
        converse(Call(SITES, error=refused()))
        with pytest.raises(_errors.StageError) as caught:
            read()
        assert caught.value.stage == "connect"


class TestMetadata:
    def test_a_service_description(self, converse: Converse) -> None:
        text = '<?xml version="1.0"?><edmx:Edmx Version="4.0"/>'
        conversation = converse(Call("/v1.0/$metadata", text.encode()))
        assert client().metadata("v1.0") == text
        assert conversation.header("Accept") == ["application/xml"]

    @pytest.mark.parametrize(
        ("call", "observed"),
        [
            (Call("/wmi/$metadata", PAGE), "an HTML page"),
            (Call("/wmi/$metadata", listing()), "something else"),
            (Call("/wmi/$metadata", b" " * 3000 + b"<edmx:"), "an HTML page"),
        ],
    )
    def test_something_else(self, converse: Converse, call: Call, observed: str) -> None:
        converse(call)
        with pytest.raises(_errors.AnswerError, match="an OData service description") as caught:
            client().metadata("wmi")
        assert observed in caught.value.observed


def test_what_is_no_host_is_refused_before_any_call(converse: Converse) -> None:
    converse()
    with pytest.raises(_errors.InvalidOptionError, match="option provider"):
        client("https://cm01.contoso.com")


def test_the_certificate_is_asked_for_at_the_providers_own_port(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(_client, "peek_certificate", lambda *arguments: asked.append(arguments[1:]) or b"der")
    assert client(f"{HOST}:8443").peek_certificate() == b"der"
    assert asked == [(HOST, 8443, 30)]
