# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from ansible_collections.configmgr.tenant_attach.plugins.module_utils._errors import InvalidOptionError
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.https._route import Route, check_proxy, split_host
from ansible_collections.configmgr.tenant_attach.tests.unit.certificates import Authority


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("cm01.contoso.com", "cm01.contoso.com", 443),
        ("cm01.contoso.com:8443", "cm01.contoso.com", 8443),
        (" cm01 ", "cm01", 443),
        ("192.0.2.7:443", "192.0.2.7", 443),
        ("cm01:65535", "cm01", 65535),
        ("cm_01.contoso.com", "cm_01.contoso.com", 443),
    ],
)
def test_split_host(text: str, host: str, port: int) -> None:
    assert split_host(text, default_port=443, option="provider") == (host, port)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        ":443",
        "cm01:",
        "cm01:0",
        "cm01:65536",
        "cm01:-1",
        "cm01:443/x",
        "https://cm01",
        "cm01/AdminService",
        "user@cm01",
        "cm01 cm02",
        "::1",
        "[::1]:443",
        "cm01\\x",
        "cm01#x",
        "cm01?x",
        "cm01:²",
    ],
)
def test_what_is_no_host_is_refused(text: str) -> None:
    with pytest.raises(InvalidOptionError) as caught:
        split_host(text, default_port=443, option="provider")
    assert caught.value.observed == repr(text)
    assert "option provider" in caught.value.expected


@pytest.mark.parametrize(
    "url", ["http://proxy.contoso.com:8080", "https://proxy", "http://user:word@proxy:3128/", "http://192.0.2.1:1"]
)
def test_proxies_that_are_accepted(url: str) -> None:
    check_proxy(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "proxy:8080",
        "//proxy:8080",
        "ftp://proxy",
        "socks5://proxy",
        "http://",
        "http://:8080",
        "http://p:0",
        "http://p:x",
    ],
)
def test_what_is_no_proxy_is_refused_and_not_shown(url: str) -> None:
    with pytest.raises(InvalidOptionError, match="option proxy_url") as caught:
        check_proxy(url)
    assert caught.value.observed == "something else, not shown here as it may hold a password"


class TestRoute:
    @pytest.mark.parametrize(
        ("host", "port", "address"),
        [
            ("CM01.contoso.com", 443, ("10.0.0.1", 443)),
            ("cm02.contoso.com", 443, ("10.0.0.2", 8443)),
            ("cm02.contoso.com", 9443, ("10.0.0.2", 8443)),
            ("cm03.contoso.com", 8443, ("cm03.contoso.com", 8443)),
        ],
    )
    def test_address(self, host: str, port: int, address: tuple[str, int]) -> None:
        route = Route(connect_to={"cm01.contoso.com": "10.0.0.1", "cm02.contoso.com": "10.0.0.2:8443"})
        assert route.address(host, port) == address

    def test_verification_is_on_unless_it_is_switched_off(self) -> None:
        context = Route().context()
        assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
        loose = Route(validate_certs=False).context()
        assert (loose.verify_mode, loose.check_hostname) == (ssl.CERT_NONE, False)

    @pytest.mark.parametrize("content", [None, b"no certificate at all", b""])
    def test_a_ca_path_that_cannot_be_used(self, tmp_path: Path, content: bytes | None) -> None:
        path = tmp_path / "ca.pem"
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(InvalidOptionError) as caught:
            Route(ca_path=str(path)).context()
        assert caught.value.where == str(path)

    def test_a_ca_path_is_all_that_is_trusted(self, tmp_path: Path, authority: Authority) -> None:
        path = tmp_path / "ca.pem"
        path.write_bytes(authority.root.pem)
        assert len(Route(ca_path=str(path)).context().get_ca_certs()) == 1
