# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64
import io
import typing as t
from pathlib import Path

import pytest
import requests
import spnego
import spnego.exceptions
import urllib3

from ansible_collections.configmgr.tenant_attach.plugins.module_utils import _errors
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.adminservice import _auth
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.adminservice._auth import (
    Credentials,
    NegotiateAuth,
)
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.https._route import Route
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.kerberos._tickets import Tickets
from ansible_collections.configmgr.tenant_attach.tests.unit.certificates import Authority
from ansible_collections.configmgr.tenant_attach.tests.unit.conversation import (
    CANARY,
    HOST,
    Call,
    Conversation,
    Endless,
    base64_of,
    client,
    listing,
)

Converse = t.Callable[..., Conversation]
SITES = "/wmi/SMS_Site"
NTLM = Credentials("ntlm", "CONTOSO\\svc", CANARY)
KERBEROS = Credentials("kerberos", "svc@CONTOSO.COM", CANARY)


def challenge(*schemes: str, status: int = 401) -> Call:
    return Call(SITES, b"denied", status, {"WWW-Authenticate": ", ".join(schemes)})


class Context:
    """A security context that says what it was told to say, and keeps what it is told."""

    def __init__(self, *replies: bytes | Exception | None) -> None:
        self.replies = list(replies)
        self.heard: list[bytes | None] = []
        self.made: tuple[tuple[t.Any, ...], dict[str, t.Any]] = ((), {})

    def step(self, token: bytes | None) -> bytes | None:
        self.heard.append(token)
        reply = self.replies.pop(0)
        if isinstance(reply, Exception):
            raise reply
        return reply


@pytest.fixture
def speak(monkeypatch: pytest.MonkeyPatch) -> t.Callable[..., Context]:
    """Let a context take the place of pyspnego's, with a ticket for it. It keeps what it was made with."""

    def begin(*replies: bytes | Exception | None) -> Context:
        context = Context(*replies)

        def make(*args: t.Any, **kwargs: t.Any) -> Context:
            context.made = (args, kwargs)
            return context

        monkeypatch.setattr(spnego, "client", make)
        monkeypatch.setattr(Tickets, "for_service", lambda _self, service, host: f"MEMORY:{service}-{host}")
        return context

    return begin


class NoTicket:
    """Takes the place of tickets, and has none. It counts how often it was asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
        self.asked = 0

        def refuse(_self: Tickets, _service: str, _host: str) -> t.NoReturn:
            self.asked += 1
            raise error

        monkeypatch.setattr(Tickets, "for_service", refuse)


def failure(reason: str) -> _errors.KerberosError:
    return _errors.KerberosError(reason, expected="a ticket", observed=f"none: {reason}", next_step="see to it")


class CodedError(ValueError):
    """With a code, as those of gssapi and krb5 have it."""

    def __init__(self, code: int) -> None:
        super().__init__("a text in whatever language")
        self.min_code = code


class TestCredentials:
    def test_they_show_no_secret(self) -> None:
        for credentials in (Credentials("ntlm", "u", CANARY), Credentials("token", token=CANARY)):
            assert CANARY not in repr(credentials)
            assert CANARY not in repr(credentials.for_host(HOST))

    def test_a_token_needs_no_handshake(self, converse: Converse) -> None:
        conversation = converse(challenge("Negotiate"))
        with pytest.raises(_errors.AuthenticationError):
            client().rows("wmi/SMS_Site")
        assert conversation.header("Authorization") == [f"Bearer {CANARY}"]


class TestHandshake:
    def test_two_legs(self, converse: Converse, speak: t.Callable[..., Context]) -> None:
        context = speak(b"first", b"second", None)
        conversation = converse(
            challenge("Negotiate", "NTLM"),
            challenge(f"Negotiate {base64_of(b'more')}"),
            Call(SITES, listing({"SiteCode": "P01"}), headers={"WWW-Authenticate": f"Negotiate {base64_of(b'done')}"}),
        )
        service = client(credentials=KERBEROS)
        assert [row.text("SiteCode") for row in service.rows("wmi/SMS_Site")] == ["P01"]
        # The last one is the proof that the service is the right one.
        assert context.heard == [None, b"more", b"done"]
        ((cache, password), more) = context.made
        assert password is None
        assert cache.ccache == f"MEMORY:HTTP-{HOST}"
        assert more == {"hostname": HOST, "service": "HTTP", "protocol": "kerberos", "channel_bindings": None}
        assert conversation.header("Authorization") == [
            None,
            f"Negotiate {base64_of(b'first')}",
            f"Negotiate {base64_of(b'second')}",
        ]
        assert service._auth.protocol == "kerberos"

    def test_the_sign_in_is_bound_to_the_certificate(
        self, converse: Converse, speak: t.Callable[..., Context], authority: Authority
    ) -> None:
        context = speak(b"token")
        converse(challenge("Negotiate"), Call(SITES, listing()), certificate=authority.root.der)
        client(credentials=KERBEROS).rows("wmi/SMS_Site")
        assert context.made[1]["channel_bindings"].application_data.startswith(b"tls-server-end-point:")

    def test_a_service_that_proves_nothing_is_refused(
        self, converse: Converse, speak: t.Callable[..., Context]
    ) -> None:
        speak(b"token", CodedError(2**32 - 1765328226))
        converse(
            challenge("Negotiate"),
            Call(SITES, listing(), headers={"WWW-Authenticate": f"Negotiate {base64_of(b'forged')}"}),
        )
        with pytest.raises(_errors.KerberosError, match=f"does not prove that it is HTTP/{HOST}") as caught:
            client(credentials=KERBEROS).rows("wmi/SMS_Site")
        assert caught.value.reason == "unproven_service"

    def test_without_a_verified_certificate_it_must_prove_itself(
        self, converse: Converse, speak: t.Callable[..., Context]
    ) -> None:
        speak(b"token")
        converse(challenge("Negotiate"), Call(SITES, listing()))
        with pytest.raises(_errors.AuthenticationError, match="validate_certs is false"):
            client(credentials=KERBEROS, route=Route(validate_certs=False)).rows("wmi/SMS_Site")

    def test_an_error_in_the_answer_is_read(self, converse: Converse, speak: t.Callable[..., Context]) -> None:
        speak(b"token", CodedError(2**32 - 1765328347))
        converse(challenge("Negotiate"), challenge(f"Negotiate {base64_of(b'KRB_ERROR')}"))
        with pytest.raises(_errors.KerberosError, match="the clocks differ") as caught:
            client(credentials=KERBEROS).rows("wmi/SMS_Site")
        assert caught.value.reason == "clock_skew"

    def test_the_name_counts_and_not_the_port(self, converse: Converse, speak: t.Callable[..., Context]) -> None:
        context = speak(b"token")
        url = f"https://{HOST}:8443/AdminService/wmi/SMS_Site"
        converse(Call(url, b"", 401, {"WWW-Authenticate": "Negotiate"}), Call(url, listing()))
        client(f"{HOST}:8443", credentials=KERBEROS).rows("wmi/SMS_Site")
        assert context.made[1]["hostname"] == HOST

    def test_an_accepted_connection_is_not_asked_again(
        self, converse: Converse, speak: t.Callable[..., Context]
    ) -> None:
        speak(b"token")
        converse(challenge("Negotiate"), Call(SITES, listing()), Call(SITES, listing()))
        service = client(credentials=KERBEROS)
        service.rows("wmi/SMS_Site")
        service.rows("wmi/SMS_Site")

    def test_a_refusal_ends_it(self, converse: Converse, speak: t.Callable[..., Context]) -> None:
        speak(b"token")
        converse(challenge("Negotiate"), challenge("Negotiate"))
        with pytest.raises(_errors.AuthenticationError, match=r"auth=kerberos, user svc@CONTOSO\.COM"):
            client(credentials=KERBEROS).rows("wmi/SMS_Site")

    def test_it_ends_when_there_is_nothing_left_to_say(
        self, converse: Converse, speak: t.Callable[..., Context]
    ) -> None:
        speak(b"token", None)
        converse(challenge("Negotiate"), challenge(f"Negotiate {base64_of(b'x')}"))
        with pytest.raises(_errors.AuthenticationError):
            client(credentials=KERBEROS).rows("wmi/SMS_Site")

    def test_it_ends_after_five_legs(self, converse: Converse, speak: t.Callable[..., Context]) -> None:
        context = speak(*[b"again"] * 9)
        converse(challenge("Negotiate"), *[challenge(f"Negotiate {base64_of(b'more')}")] * 5)
        with pytest.raises(_errors.AuthenticationError):
            client(credentials=KERBEROS).rows("wmi/SMS_Site")
        assert len(context.heard) == 5

    @pytest.mark.parametrize(
        ("method", "offered", "scheme"),
        [
            ("kerberos", ["Negotiate", "NTLM"], "Negotiate"),
            ("negotiate", ["NTLM", "negotiate"], "Negotiate"),
            ("negotiate", ["NTLM"], "NTLM"),
            ("ntlm", ["Negotiate", "NTLM"], "NTLM"),
            ("ntlm", ["Negotiate"], "Negotiate"),
            ("kerberos", ["NTLM"], None),
            ("kerberos", ['Basic realm="a, b"', "Bearer"], None),
            ("ntlm", [], None),
        ],
    )
    def test_the_scheme_is_one_that_is_offered(
        self, converse: Converse, speak: t.Callable[..., Context], method: str, offered: list[str], scheme: str | None
    ) -> None:
        speak(b"token")
        last = [Call(SITES, listing())] if scheme else []
        conversation = converse(challenge(*offered), *last)
        service = client(credentials=Credentials(method, "u", CANARY))
        if scheme:
            service.rows("wmi/SMS_Site")
            assert conversation.header("Authorization")[1] == f"{scheme} {base64_of(b'token')}"
        else:
            with pytest.raises(_errors.AuthenticationError, match="HTTP 401"):
                service.rows("wmi/SMS_Site")

    def test_what_is_no_base64_is_refused(self, converse: Converse, speak: t.Callable[..., Context]) -> None:
        speak(b"token", b"never")
        converse(challenge("Negotiate"), challenge("Negotiate %%%"))
        with pytest.raises(_errors.AuthenticationError, match="something else in WWW-Authenticate"):
            client(credentials=KERBEROS).rows("wmi/SMS_Site")

    @pytest.mark.parametrize(
        "problem", [spnego.exceptions.InvalidTokenError(context_msg="broken"), ValueError("no credential")]
    )
    @pytest.mark.parametrize("leg", [0, 1])
    def test_problems_of_the_protocol_are_told(
        self, converse: Converse, speak: t.Callable[..., Context], problem: Exception, leg: int
    ) -> None:
        speak(*[b"token"] * leg, problem)
        converse(*[challenge(f"Negotiate {base64_of(b'x')}")] * (leg + 1))
        with pytest.raises(
            _errors.AuthenticationError, match=f"a kerberos token for the service HTTP/{HOST}"
        ) as caught:
            client(credentials=KERBEROS).rows("wmi/SMS_Site")
        assert caught.value.observed.startswith(type(problem).__name__)

    def test_problems_at_the_beginning(
        self, converse: Converse, monkeypatch: pytest.MonkeyPatch, speak: t.Callable[..., Context]
    ) -> None:
        def fail(*_args: t.Any, **_kwargs: t.Any) -> t.NoReturn:
            raise ValueError("no user")

        speak()
        monkeypatch.setattr(spnego, "client", fail)
        converse(challenge("Negotiate"))
        with pytest.raises(_errors.AuthenticationError, match="ValueError: no user"):
            client(credentials=KERBEROS).rows("wmi/SMS_Site")

    def test_without_the_library(self, converse: Converse, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(_auth, "HAS_SPNEGO", False)
        converse(challenge("Negotiate"))
        with pytest.raises(_errors.MissingLibraryError, match="pyspnego"):
            client(credentials=KERBEROS).rows("wmi/SMS_Site")


class TestFallback:
    """What auth=negotiate does where Kerberos gives no ticket."""

    NEGOTIATE = Credentials("negotiate", "CONTOSO\\svc", CANARY)
    OFFER = challenge("Negotiate", "NTLM")

    @pytest.mark.parametrize("reason", ["unknown_service", "no_realm", "kdc_unreachable", "configuration", "cache"])
    def test_ntlm_where_kerberos_is_out_of_the_question(
        self, converse: Converse, speak: t.Callable[..., Context], monkeypatch: pytest.MonkeyPatch, reason: str
    ) -> None:
        context = speak(b"NTLM message")
        problem = failure(reason)
        NoTicket(monkeypatch, problem)
        conversation = converse(self.OFFER, Call(SITES, listing()))
        service = client(credentials=self.NEGOTIATE, build=9135)
        service.rows("wmi/SMS_Site")
        assert conversation.header("Authorization")[1] == f"NTLM {base64_of(b'NTLM message')}"
        assert context.made[0] == ("CONTOSO\\svc", CANARY)
        assert (service._auth.protocol, service._auth.kerberos_problem) == ("ntlm", problem)

    @pytest.mark.parametrize("reason", ["wrong_password", "expired_password", "account_disabled", "clock_skew"])
    def test_what_ntlm_would_fail_over_as_well_is_told(
        self, converse: Converse, monkeypatch: pytest.MonkeyPatch, reason: str
    ) -> None:
        NoTicket(monkeypatch, failure(reason))
        converse(self.OFFER)
        with pytest.raises(_errors.KerberosError, match=reason):
            client(credentials=self.NEGOTIATE).rows("wmi/SMS_Site")

    @pytest.mark.parametrize(
        ("credentials", "build"),
        [
            (NEGOTIATE, 9141),
            (Credentials("negotiate"), None),
            (Credentials("negotiate", "svc@CONTOSO.COM", keytab="/k"), None),
            (KERBEROS, None),
        ],
    )
    def test_no_ntlm(
        self, converse: Converse, monkeypatch: pytest.MonkeyPatch, credentials: Credentials, build: int | None
    ) -> None:
        # On a new build, without a password, and where it was not asked for.
        NoTicket(monkeypatch, failure("unknown_service"))
        converse(self.OFFER)
        with pytest.raises(_errors.KerberosError, match="unknown_service"):
            client(credentials=credentials, build=build).rows("wmi/SMS_Site")

    def test_a_library_that_is_missing_and_a_short_name_are_no_more_than_a_reason(
        self, converse: Converse, speak: t.Callable[..., Context], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        speak(b"NTLM message")
        missing = _errors.MissingLibraryError(expected="gssapi", observed="it is missing")
        tickets = NoTicket(monkeypatch, missing)
        converse(self.OFFER, Call(SITES, listing()))
        client(credentials=self.NEGOTIATE).rows("wmi/SMS_Site")
        assert tickets.asked == 1
        speak(b"NTLM message")
        url = "https://cm01/AdminService/wmi/SMS_Site"
        converse(Call(url, b"", 401, {"WWW-Authenticate": "Negotiate"}), Call(url, listing()))
        service = client("cm01", credentials=self.NEGOTIATE)
        service.rows("wmi/SMS_Site")
        assert "a short name, cm01" in service._auth.kerberos_problem.observed

    def test_nothing_that_was_asked_for_is_offered(self, converse: Converse) -> None:
        converse(challenge("Basic"))
        with pytest.raises(_errors.AuthenticationError, match="offers no way to sign in"):
            client(credentials=self.NEGOTIATE).rows("wmi/SMS_Site")

    def test_kerberos_refuses_an_address_for_any_host(self) -> None:
        with pytest.raises(_errors.InvalidOptionError, match=r"an address, 10\.0\.0\.1"):
            client("10.0.0.1", credentials=KERBEROS)


class NtlmServer(requests.adapters.HTTPAdapter):
    """A server side of pyspnego's: it knows one user."""

    def __init__(self) -> None:
        super().__init__()
        self.context = spnego.server(protocol="ntlm", options=spnego.NegotiateOptions.use_ntlm)
        self.legs = 0

    def send(self, request: requests.PreparedRequest, *_args: t.Any, **_kwargs: t.Any) -> requests.Response:
        scheme, _blank, token = (request.headers.get("Authorization") or "").partition(" ")
        if scheme != "NTLM":
            return self._respond(request, 401, "NTLM")
        self.legs += 1
        try:
            reply = self.context.step(base64.b64decode(token))
        except spnego.exceptions.SpnegoError:
            return self._respond(request, 401, "NTLM")
        if self.context.complete:
            return self._respond(request, 200, None)
        return self._respond(request, 401, f"NTLM {base64_of(reply or b'')}")

    def _respond(self, request: requests.PreparedRequest, status: int, header: str | None) -> requests.Response:
        headers = {"WWW-Authenticate": header} if header else {}
        raw = urllib3.HTTPResponse(io.BytesIO(), headers=headers, status=status, preload_content=False)
        return self.build_response(request, raw)


class TestNtlm:
    """pyspnego's own NTLM on both sides."""

    @pytest.fixture(autouse=True)
    def _user_file(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        users = tmp_path / "users"
        users.write_text(f"CONTOSO:svc:{CANARY}\n", encoding="utf-8")
        monkeypatch.setenv("NTLM_USER_FILE", str(users))

    @pytest.mark.parametrize(("password", "status"), [(CANARY, 200), ("wrong", 401)])
    def test_sign_in(self, password: str, status: int) -> None:
        server = NtlmServer()
        session = requests.Session()
        session.trust_env = False
        session.mount("https://", server)
        session.auth = NegotiateAuth(Credentials("ntlm", "CONTOSO\\svc", password), HOST)
        response = session.get(f"https://{HOST}/AdminService/wmi/SMS_Site", stream=True)
        assert response.status_code == status
        assert server.legs == 2
        assert session.auth.protocol == "ntlm"

    @pytest.mark.parametrize("garbage", [b"garbage", b"NTLMSSP\x00", b"NTLMSSP\x00\x02\x00\x00\x00", b"\x60\x03abc"])
    @pytest.mark.parametrize("method", ["ntlm", "negotiate"])
    def test_a_challenge_that_is_none_is_an_error_of_ours(
        self, converse: Converse, monkeypatch: pytest.MonkeyPatch, garbage: bytes, method: str
    ) -> None:
        NoTicket(monkeypatch, failure("no_realm"))
        scheme = "NTLM" if method == "ntlm" else "Negotiate"
        converse(challenge(scheme), challenge(f"{scheme} {base64_of(garbage)}"))
        with pytest.raises(_errors.AuthenticationError) as caught:
            client(credentials=Credentials(method, "CONTOSO\\svc", CANARY)).rows("wmi/SMS_Site")
        assert CANARY not in str(caught.value)

    def test_a_refusal_without_end_is_not_read_to_its_end(self, converse: Converse) -> None:
        body = Endless()
        converse(Call("/wmi/SMS_Site", body, status=401, headers={"WWW-Authenticate": "NTLM"}))
        with pytest.raises(_errors.AnswerError, match="a refusal of at most 64 KiB"):
            client(credentials=Credentials("ntlm", "CONTOSO\\svc", CANARY)).rows("wmi/SMS_Site")
        assert body.given < 1024 * 1024
