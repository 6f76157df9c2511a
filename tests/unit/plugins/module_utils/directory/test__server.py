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

from ansible_collections.configmgr.tenant_attach.plugins.module_utils._errors import InvalidOptionError, StageError
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.directory._server import Server, look, parse
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.https._route import Route
from ansible_collections.configmgr.tenant_attach.tests.unit.certificates import Authority

HOST = "127.0.0.1"


@pytest.mark.parametrize(
    ("server", "auth", "start_tls", "url", "tls"),
    [
        ("dc01.contoso.com", "kerberos", False, "ldap://dc01.contoso.com:389", "none"),
        (" dc01.contoso.com:1389 ", "kerberos", False, "ldap://dc01.contoso.com:1389", "none"),
        ("LDAP://dc01.contoso.com/", "kerberos", False, "ldap://dc01.contoso.com:389", "none"),
        ("dc01.contoso.com", "simple", False, "ldaps://dc01.contoso.com:636", "ldaps"),
        ("ldaps://dc01.contoso.com:1636", "simple", False, "ldaps://dc01.contoso.com:1636", "ldaps"),
        ("dc01.contoso.com", "simple", True, "ldap://dc01.contoso.com:389", "start_tls"),
        ("ldap://dc01.contoso.com", "simple", True, "ldap://dc01.contoso.com:389", "start_tls"),
    ],
)
def test_parse(server: str, auth: str, start_tls: bool, url: str, tls: str) -> None:
    found = parse(server, auth, start_tls)
    assert (found.url, found.tls) == (url, tls)


@pytest.mark.parametrize(
    ("server", "auth", "start_tls", "observed"),
    [
        ("ldap://dc01.contoso.com", "simple", False, "neither: the password would travel in the clear"),
        ("ldaps://dc01.contoso.com", "simple", True, "both"),
        ("ldaps://dc01.contoso.com", "kerberos", False, "ldaps"),
        ("dc01.contoso.com", "kerberos", True, "start_tls"),
        ("http://dc01.contoso.com", "kerberos", False, "'http://dc01.contoso.com'"),
        ("dc01.contoso.com/DC=contoso", "kerberos", False, "'dc01.contoso.com/DC=contoso'"),
    ],
)
def test_refused(server: str, auth: str, start_tls: bool, observed: str) -> None:
    with pytest.raises(InvalidOptionError) as caught:
        parse(server, auth, start_tls)
    assert caught.value.observed == observed


@contextlib.contextmanager
def listening(certificate: Path | None, *, start_tls: bool = False) -> t.Iterator[int]:
    """A server that takes one connection, and speaks TLS where it has a certificate."""
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        listener.listen()

        def serve() -> None:
            connection, _address = listener.accept()
            with connection, contextlib.suppress(OSError):
                if start_tls:
                    assert connection.recv(100).endswith(b"1.3.6.1.4.1.1466.20037")
                    connection.sendall(b"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00")
                if certificate:
                    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                    context.load_cert_chain(certificate)
                    context.wrap_socket(connection, server_side=True).close()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(10)


@pytest.fixture
def certificate(authority: Authority, tmp_path: Path) -> Path:
    (tmp_path / "ca.pem").write_bytes(authority.root.pem)
    return authority.issue("localhost").write(tmp_path / "server.pem")


@pytest.mark.parametrize("tls", ["ldaps", "start_tls"])
def test_nothing_is_wrong(certificate: Path, tmp_path: Path, tls: str) -> None:
    with listening(certificate, start_tls=tls == "start_tls") as port:
        look(Server("localhost", port, tls), Route(ca_path=str(tmp_path / "ca.pem")), 5)


def test_without_tls() -> None:
    with listening(None) as port:
        look(Server("localhost", port, "none"), Route(), 5)


def test_certificate_of_somebody_else(certificate: Path) -> None:
    with listening(certificate) as port, pytest.raises(StageError) as caught:
        look(Server("localhost", port, "ldaps"), Route(), 5)
    assert caught.value.stage == "tls"
    assert "certificate is refused" in caught.value.observed


def test_other_name(certificate: Path, tmp_path: Path) -> None:
    with listening(certificate) as port, pytest.raises(StageError) as caught:
        look(Server(HOST, port, "ldaps"), Route(ca_path=str(tmp_path / "ca.pem")), 5)
    assert (caught.value.stage, HOST in caught.value.observed) == ("tls", True)


def test_no_tls_there() -> None:
    with listening(None) as port, pytest.raises(StageError) as caught:
        look(Server("localhost", port, "ldaps"), Route(), 5)
    assert caught.value.stage == "tls"
    assert "speaks TLS" in caught.value.next_step


def test_nobody_listens() -> None:
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        with pytest.raises(StageError) as caught:
            look(Server(HOST, taken.getsockname()[1], "none"), Route(), 5)
    assert (caught.value.stage, "refused" in caught.value.observed) == ("connect", True)


def test_unknown_name() -> None:
    with pytest.raises(StageError) as caught:
        look(Server("dc01.invalid", 389, "none"), Route(), 5)
    assert caught.value.stage == "resolve"
