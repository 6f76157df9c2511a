# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import typing as t
from pathlib import Path

import pytest
import requests

from ansible_collections.configmgr.tenant_attach.plugins.module_utils._deadline import Deadline
from ansible_collections.configmgr.tenant_attach.plugins.module_utils._errors import (
    AnswerError,
    DeadlineError,
    MissingLibraryError,
    StageError,
    TenantAttachError,
)
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.https import _transport
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.https._route import Route
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.https._transport import (
    HttpsSession,
    Trace,
    peek_certificate,
)
from ansible_collections.configmgr.tenant_attach.tests.unit.certificates import Authority
from ansible_collections.configmgr.tenant_attach.tests.unit.conversation import (
    CANARY,
    Call,
    Conversation,
    Endless,
    dropped,
)

NAME = "cm01.contoso.com"
URL = f"https://{NAME}/AdminService/wmi/SMS_Site"


class Server:
    """A TLS server of one script: every connection gets the next part of it."""

    def __init__(self, pem: Path, *scripts: t.Callable[[socket.socket, ssl.SSLContext], None]) -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(pem)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self.seen: list[str] = []
        self._thread = threading.Thread(target=self._run, args=(scripts,), daemon=True)
        self._thread.start()

    def _run(self, scripts: t.Iterable[t.Callable[[socket.socket, ssl.SSLContext], None]]) -> None:
        for script in scripts:
            plain, _address = self._listener.accept()
            with plain, contextlib.suppress(OSError):
                plain.settimeout(30)
                script(plain, self._context)

    def close(self) -> None:
        self._thread.join(30)
        self._listener.close()


def read_head(connection: socket.socket) -> bytes:
    head = b""
    while b"\r\n\r\n" not in head:
        part = connection.recv(4096)
        if not part:
            break
        head += part
    return head


def answer(body: bytes = b"ok", count: int = 1) -> t.Callable[[socket.socket, ssl.SSLContext], None]:
    def script(plain: socket.socket, context: ssl.SSLContext) -> None:
        with context.wrap_socket(plain, server_side=True) as secured:
            for _unused in range(count):
                read_head(secured)
                secured.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))

    return script


def silent(plain: socket.socket, context: ssl.SSLContext) -> None:
    with context.wrap_socket(plain, server_side=True) as secured:
        read_head(secured)
        read_head(secured)  # Until the client goes away.


def hang_up(plain: socket.socket, context: ssl.SSLContext) -> None:
    with context.wrap_socket(plain, server_side=True) as secured:
        read_head(secured)


def no_tls(plain: socket.socket, _context: ssl.SSLContext) -> None:
    plain.recv(4096)
    plain.sendall(b"HTTP/1.0 400 Bad Request\r\n\r\n")


def handshake(plain: socket.socket, context: ssl.SSLContext) -> None:
    with context.wrap_socket(plain, server_side=True) as secured:
        secured.recv(1)


@pytest.fixture
def serve(tmp_path: Path, authority: Authority) -> t.Iterator[t.Callable[..., Server]]:
    begun: list[Server] = []
    (tmp_path / "ca.pem").write_bytes(authority.root.pem)

    def begin(*scripts: t.Any, name: str = NAME) -> Server:
        server = Server(authority.issue(name).write(tmp_path / f"{name}.pem"), *scripts)
        begun.append(server)
        return server

    yield begin
    for server in begun:
        server.close()


def session(server: str, tmp_path: Path | None, timeout: float = 30, **options: t.Any) -> HttpsSession:
    ca_path = str(tmp_path / "ca.pem") if tmp_path else None
    route = Route(ca_path=ca_path, connect_to={NAME: server} if server else {}, **options)
    return HttpsSession(route, timeout=timeout, deadline=Deadline(60))


class TestRealConnections:
    def test_the_name_is_verified_at_another_address_and_the_trace_is_kept(
        self, serve: t.Callable[..., Server], tmp_path: Path
    ) -> None:
        server = serve(answer(b"hello", count=2))
        https = session(server.address, tmp_path)
        first, second = https.get(URL, "application/json"), https.get(URL, "application/json")
        https.close()
        assert (first.status, first.body, second.body) == (200, b"hello", b"hello")
        # Two requests, one connection.
        assert [stage for stage, _seconds, _detail in https.trace.stages] == ["resolve", "connect", "tls"]
        assert https.trace.certificate is not None
        assert https.trace.stages[2][2].startswith("TLSv1.")

    def test_a_certificate_of_another_name_is_refused(self, serve: t.Callable[..., Server], tmp_path: Path) -> None:
        server = serve(answer(), name="other.contoso.com")
        with pytest.raises(StageError, match=r"the certificate is refused: .*cm01\.contoso\.com") as caught:
            session(server.address, tmp_path).get(URL, "*/*")
        assert caught.value.stage == "tls"

    def test_a_certificate_of_an_unknown_issuer_is_refused(self, serve: t.Callable[..., Server]) -> None:
        server = serve(answer())
        with pytest.raises(StageError, match="the certificate is refused: unable to get local issuer") as caught:
            session(server.address, None).get(URL, "*/*")
        assert caught.value.stage == "tls"

    def test_the_environment_does_not_decide(
        self, serve: t.Callable[..., Server], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/does/not/exist.pem")
        monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
        server = serve(answer())
        assert session(server.address, tmp_path).get(URL, "*/*").status == 200

    @pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning")
    def test_without_verification_any_certificate_does(self, serve: t.Callable[..., Server]) -> None:
        server = serve(answer(), name="other.contoso.com")
        assert session(server.address, None, validate_certs=False).get(URL, "*/*").status == 200

    def test_no_tls_at_all(self, serve: t.Callable[..., Server], tmp_path: Path) -> None:
        with pytest.raises(StageError) as caught:
            session(serve(no_tls).address, tmp_path).get(URL, "*/*")
        assert caught.value.stage == "tls"
        assert "speaks TLS" in caught.value.next_step

    def test_an_answer_that_does_not_come(self, serve: t.Callable[..., Server], tmp_path: Path) -> None:
        https = session(serve(silent).address, tmp_path, timeout=0.2)
        with pytest.raises(StageError) as caught:
            https.get(URL, "*/*")
        https.close()
        assert caught.value.stage == "answer"
        assert caught.value.observed == "the connection stands, and nothing came"

    def test_a_dropped_connection_is_tried_once_more(self, serve: t.Callable[..., Server], tmp_path: Path) -> None:
        assert session(serve(hang_up, answer()).address, tmp_path).get(URL, "*/*").status == 200

    def test_a_second_drop_is_an_error(self, serve: t.Callable[..., Server], tmp_path: Path) -> None:
        with pytest.raises(AnswerError, match="the connection ended early"):
            session(serve(hang_up, hang_up).address, tmp_path).get(URL, "*/*")

    def test_a_port_that_nobody_listens_on(self, tmp_path: Path, authority: Authority) -> None:
        (tmp_path / "ca.pem").write_bytes(authority.root.pem)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        https = session(f"127.0.0.1:{port}", tmp_path)
        with pytest.raises(StageError, match="refused") as caught:
            https.get(URL, "*/*")
        assert caught.value.stage == "connect"
        assert [stage for stage, _seconds, _detail in https.trace.stages] == ["resolve"]

    @pytest.mark.parametrize(
        "problem", [socket.gaierror(-2, "Name or service not known"), UnicodeError("label too long"), OSError("broken")]
    )
    def test_a_name_that_does_not_resolve(self, monkeypatch: pytest.MonkeyPatch, problem: Exception) -> None:
        def fail(*_args: t.Any, **_kwargs: t.Any) -> t.NoReturn:
            raise problem

        monkeypatch.setattr(socket, "getaddrinfo", fail)
        https = session("", None)
        with pytest.raises(StageError, match="it does not resolve") as caught:
            https.get(URL, "*/*")
        assert caught.value.stage == "resolve"
        assert https.trace.stages == []

    def test_every_address_of_a_name_is_tried(
        self, serve: t.Callable[..., Server], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        server = serve(answer())
        port = int(server.address.rpartition(":")[2])
        real = socket.getaddrinfo

        def two(host: str, *args: t.Any, **kwargs: t.Any) -> t.Any:
            if host != NAME:
                return real(host, *args, **kwargs)
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (name, port)) for name in ("127.0.0.2", "127.0.0.1")]

        monkeypatch.setattr(socket, "getaddrinfo", two)
        https = session("", tmp_path)
        assert https.get(URL.replace(NAME, f"{NAME}:{port}"), "*/*").status == 200
        assert https.trace.stages[0][2] == f"{NAME} is 127.0.0.2, 127.0.0.1"
        assert https.trace.stages[1][2] == f"127.0.0.1 port {port}"

    def test_no_connection_within_the_timeout(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def time_out(*_args: t.Any, **_kwargs: t.Any) -> t.NoReturn:
            raise TimeoutError("timed out")

        monkeypatch.setattr(_transport, "create_connection", time_out)
        with pytest.raises(StageError, match="no answer at all") as caught:
            session("127.0.0.1:443", None, timeout=7).get(URL, "*/*")
        assert caught.value.stage == "connect"
        assert caught.value.expected == "a TCP connection within 7 seconds"


def tunnel(status: bytes, then: t.Any) -> t.Callable[[socket.socket, ssl.SSLContext], None]:
    def script(plain: socket.socket, context: ssl.SSLContext) -> None:
        head = read_head(plain)
        HEADS.append(head)
        plain.sendall(b"HTTP/1.1 " + status + b"\r\n\r\n")
        if then is not None:
            then(plain, context)

    return script


HEADS: list[bytes] = []


class TestProxy:
    def test_the_tunnel_leads_to_the_name_which_is_verified(
        self, serve: t.Callable[..., Server], tmp_path: Path
    ) -> None:
        HEADS.clear()
        server = serve(tunnel(b"200 Connection established", answer(b"through")))
        https = session("", tmp_path, proxy_url=f"http://user:{CANARY}@{server.address}")
        assert https.get(URL, "*/*").body == b"through"
        https.close()
        assert HEADS[0].startswith(b"CONNECT cm01.contoso.com:443 HTTP/1.")
        assert https.trace.certificate is not None

    @pytest.mark.parametrize("status", [b"407 Proxy Authentication Required", b"403 Forbidden", b"502 Bad Gateway"])
    def test_a_refusal_of_the_proxy(self, serve: t.Callable[..., Server], tmp_path: Path, status: bytes) -> None:
        https = session("", tmp_path, proxy_url=f"http://user:{CANARY}@{serve(tunnel(status, None)).address}")
        with pytest.raises(StageError, match=status.decode()) as caught:
            https.get(URL, "*/*")
        assert caught.value.stage == "connect"
        assert "proxy_url" in caught.value.expected
        assert CANARY not in str(caught.value)

    @pytest.mark.parametrize(
        "proxy",
        [
            f"http://user:{CANARY}@127.0.0.1:1",
            f"http://user:{CANARY}@127.0.0.1:999999",
            f"ftp://user:{CANARY}@127.0.0.1:1",
            f"socks5://user:{CANARY}@127.0.0.1:1",
        ],
    )
    def test_the_password_of_the_proxy_is_never_told(self, proxy: str) -> None:
        with pytest.raises(TenantAttachError) as caught:
            session("", None, proxy_url=proxy).get(URL, "*/*")
        assert CANARY not in str(caught.value)
        assert CANARY not in str(caught.value.as_dict())


class TestPeek:
    def test_the_refused_certificate_can_be_seen(self, serve: t.Callable[..., Server]) -> None:
        server = serve(handshake, name="other.contoso.com")
        der = peek_certificate(Route(connect_to={NAME: server.address}), NAME, 443, 30)
        assert der is not None
        assert b"other.contoso.com" in der

    def test_none_where_nothing_listens_or_no_tls_is_spoken(self, serve: t.Callable[..., Server]) -> None:
        assert peek_certificate(Route(connect_to={NAME: serve(no_tls).address}), NAME, 443, 30) is None
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        assert peek_certificate(Route(connect_to={NAME: f"127.0.0.1:{port}"}), NAME, 443, 30) is None

    def test_none_behind_a_proxy(self) -> None:
        assert peek_certificate(Route(proxy_url="http://127.0.0.1:1"), NAME, 443, 30) is None


class TestSession:
    def test_without_the_library(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(_transport, "HAS_REQUESTS", False)
        with pytest.raises(MissingLibraryError, match="requests"):
            session("", None)

    def test_an_answer_has_a_size_limit(self, converse: t.Callable[..., Conversation]) -> None:
        body = Endless()
        converse(Call(URL, body))
        with pytest.raises(AnswerError, match="an answer of at most 25 MiB"):
            session("", None).get(URL, "*/*")
        assert body.given <= _transport.MAX_BYTES + 1024 * 1024

    def test_the_body_of_a_redirect_has_it_too(self, converse: t.Callable[..., Conversation]) -> None:
        body = Endless()
        converse(Call(URL, body, 302, {"Location": "https://elsewhere.example/"}))
        with pytest.raises(AnswerError, match="an answer of at most 25 MiB"):
            session("", None).get(URL, "*/*")
        assert body.given <= _transport.MAX_BYTES + 1024 * 1024

    def test_an_answer_of_the_largest_size_is_read(
        self, converse: t.Callable[..., Conversation], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(_transport, "MAX_BYTES", 100)
        converse(Call(URL, b"x" * 100), Call(URL, b"x" * 101))
        https = session("", None)
        assert len(https.get(URL, "*/*").body) == 100
        with pytest.raises(AnswerError):
            https.get(URL, "*/*")

    def test_the_deadline_counts_between_the_parts_of_an_answer(self, converse: t.Callable[..., Conversation]) -> None:
        converse(Call(URL, b"x" * 200_000))
        now = [0.0]

        def clock() -> float:
            now[0] += 3
            return now[0]

        https = HttpsSession(Route(), timeout=30, deadline=Deadline(10, clock))
        with pytest.raises(DeadlineError):
            https.get(URL, "*/*")

    def test_after_the_deadline_nothing_is_sent(self, converse: t.Callable[..., Conversation]) -> None:
        converse()
        with pytest.raises(DeadlineError):
            HttpsSession(Route(), timeout=30, deadline=Deadline(0)).get(URL, "*/*")

    def test_only_what_a_server_drops_is_sent_again(self, converse: t.Callable[..., Conversation]) -> None:
        converse(
            Call(URL, error=dropped()),
            Call(URL, b"ok"),
            Call(URL, error=requests.exceptions.ConnectionError("no route to host")),
        )
        https = session("", None)
        assert https.get(URL, "*/*").body == b"ok"
        with pytest.raises(AnswerError, match="no route to host"):
            https.get(URL, "*/*")

    def test_headers(self, converse: t.Callable[..., Conversation]) -> None:
        conversation = converse(Call(URL, b"ok"))
        session("", None).get(URL, "application/xml")
        assert conversation.header("Accept") == ["application/xml"]
        assert conversation.header("User-Agent") == ["configmgr.tenant_attach"]


def test_a_trace_begins_empty() -> None:
    trace = Trace()
    trace.passed("resolve", 0.0, "here")
    assert [(stage, detail) for stage, _seconds, detail in trace.stages] == [("resolve", "here")]
    assert Trace().stages == []
