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

    def step(self, token: bytes | None) -> bytes | None:
        self.heard.append(token)
        reply = self.replies.pop(0)
        if isinstance(reply, Exception):
            raise reply
        return reply


@pytest.fixture
def speak(monkeypatch: pytest.MonkeyPatch) -> t.Callable[..., Context]:
    """Let a context take the place of pyspnego's. It keeps what it was made with."""

    def begin(*replies: bytes | Exception | None) -> Context:
        context = Context(*replies)

        def make(*args: t.Any, **kwargs: t.Any) -> Context:
            context.made = (args, kwargs)  # type: ignore[attr-defined]  # A mark of the test's own.
            return context

        monkeypatch.setattr(spnego, "client", make)
        return context

    return begin


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
        context = speak(b"first", b"second")
        conversation = converse(
            challenge("Negotiate", "NTLM"),
            challenge(f"Negotiate {base64_of(b'more')}"),
            Call(SITES, listing({"SiteCode": "P01"}), headers={"WWW-Authenticate": f"Negotiate {base64_of(b'done')}"}),
        )
        service = client(credentials=KERBEROS)
        assert [row.text("SiteCode") for row in service.rows("wmi/SMS_Site")] == ["P01"]
        assert context.heard[:2] == [None, b"more"]
        assert context.made[0] == ("svc@CONTOSO.COM", CANARY)
        assert context.made[1] == {"hostname": HOST, "service": "HTTP", "protocol": "kerberos"}
        assert conversation.header("Authorization") == [
            None,
            f"Negotiate {base64_of(b'first')}",
            f"Negotiate {base64_of(b'second')}",
        ]
        assert not service._auth.ntlm_used

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
        ("wrapped", "used"), [(b"NTLMSSP\x00\x01", True), (b"\x60\x48 NTLMSSP\x00\x01", True), (b"\x60kerberos", False)]
    )
    def test_ntlm_is_noticed_inside_of_negotiate(
        self, converse: Converse, speak: t.Callable[..., Context], wrapped: bytes, used: bool
    ) -> None:
        speak(wrapped)
        converse(challenge("Negotiate"), challenge("Negotiate"))
        service = client(credentials=Credentials("negotiate", "u", CANARY), build=9141)
        with pytest.raises(_errors.AuthenticationError) as caught:
            service.rows("wmi/SMS_Site")
        assert ("refuses NTLM" in caught.value.observed) is used

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

    @pytest.mark.parametrize(
        ("problem", "kind"),
        [
            (ImportError("gssapi"), _errors.MissingLibraryError),
            (ValueError("no user"), _errors.AuthenticationError),
        ],
    )
    def test_problems_at_the_beginning(
        self, converse: Converse, monkeypatch: pytest.MonkeyPatch, problem: Exception, kind: type[Exception]
    ) -> None:
        def fail(*_args: t.Any, **_kwargs: t.Any) -> t.NoReturn:
            raise problem

        monkeypatch.setattr(spnego, "client", fail)
        converse(challenge("Negotiate"))
        with pytest.raises(kind):
            client(credentials=KERBEROS).rows("wmi/SMS_Site")

    def test_without_the_library(self, converse: Converse, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(_auth, "HAS_SPNEGO", False)
        converse(challenge("Negotiate"))
        with pytest.raises(_errors.MissingLibraryError, match="pyspnego"):
            client(credentials=KERBEROS).rows("wmi/SMS_Site")


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
        assert session.auth.ntlm_used

    @pytest.mark.parametrize("garbage", [b"garbage", b"NTLMSSP\x00", b"NTLMSSP\x00\x02\x00\x00\x00", b"\x60\x03abc"])
    @pytest.mark.parametrize("method", ["ntlm", "negotiate"])
    def test_a_challenge_that_is_none_is_an_error_of_ours(
        self, converse: Converse, garbage: bytes, method: str
    ) -> None:
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
