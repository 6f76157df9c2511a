# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.configmgr.tenant_attach.plugins.module_utils._errors import InvalidOptionError
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.network import _proxy
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.network._winhttp_settings import (
    DIRECT,
    NAMED,
    Settings,
)


@pytest.mark.parametrize(
    ("text", "routes"),
    [
        ("", {}),
        ("P:8080", {"http": "p:8080", "https": "p:8080"}),
        ("http=a:1;https=b:2", {"http": "a:1", "https": "b:2"}),
        ("HTTPS=b:2 http=a:1", {"http": "a:1", "https": "b:2"}),
        ("https=b:2", {"https": "b:2"}),
        # What others wrote is taken as it is: the first one counts.
        ("p:1 q:2;http=a:1;http=b:1", {"http": "a:1", "https": "p:1"}),
        ("ftp=f:1", {"ftp": "f:1"}),
    ],
)
def test_routes(text: str, routes: dict[str, str]) -> None:
    assert _proxy.parse(text).routes == routes


def test_the_same_in_other_words() -> None:
    one = _proxy.check({"https": "B:2", "http": "a:1"})
    assert one.text == "http=a:1;https=B:2"
    assert _proxy.same(one, _proxy.parse("HTTPS=b:2 ; HTTP=A:1"))
    assert _proxy.same(_proxy.parse("p:1"), _proxy.parse("http=p:1;https=P:1"))
    assert not _proxy.same(_proxy.parse("p:1"), _proxy.parse("http=p:1"))
    assert not _proxy.same(_proxy.parse(""), one)


@pytest.mark.parametrize(
    "option",
    ["proxy.corp.example:8080", "proxy", "10.0.0.1:3128", "[fd00::1]:3128", {"http": "a:1"}, "http=a:1 https=b:2"],
)
def test_what_can_be_a_proxy(option: t.Any) -> None:
    assert _proxy.check(option)


@pytest.mark.parametrize(
    "option",
    [
        *("", " ; ", {}, "http://p:1", "p:0", "p:65536", "p:x", "p:1 q:2", "p:1\nq:2", "p:1;;q", "ftp=f:1"),
        *(
            {"ftp": "f:1"},
            {"http": ""},
            {"http": None, "x": 1},
            'p:1"',
            "p:1&x",
            "%p%:1",
            "p^:1",
            "p!:1",
            "http=a:1;http=b:1",
        ),
    ],
)
def test_what_cannot_be_a_proxy(option: t.Any) -> None:
    with pytest.raises(InvalidOptionError, match="option proxy to name"):
        _proxy.check(option)


def test_a_password_is_not_shown() -> None:
    for option in ("jo:secret@p:1", "jo:secret@p:1 q:2", {"http": "jo:secret@p:1"}):
        with pytest.raises(InvalidOptionError) as caught:
            _proxy.check(option)
        assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("settings", "url", "proxy"),
    [
        (Settings(), "https://a.example/", None),
        (Settings("p:1", "", DIRECT), "https://a.example/", None),
        (Settings("p:1", "", NAMED), "https://a.example/", "p:1"),
        (Settings("https=p:1", "", NAMED), "http://a.example/", None),
        (Settings("https=p:1", "", NAMED), "HTTPS://A.example/", "p:1"),
        (Settings("p:1", "<local>;*.corp.example", NAMED), "https://cm01/", None),
        (Settings("p:1", "<local>;*.corp.example", NAMED), "https://cm01.corp.example/", None),
        (Settings("p:1", "a.example:443", NAMED), "https://a.example/", None),
        (Settings("p:1", "a.example:443", NAMED), "https://a.example:8443/", "p:1"),
        (Settings("p:1", "", NAMED), "ftp://a.example/", None),
    ],
)
def test_the_proxy_of_a_request(settings: Settings, url: str, proxy: str | None) -> None:
    assert _proxy.proxy_for(settings, url) == proxy


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    proxy = _proxy.parse(text)
    assert _proxy.parse(proxy.text).routes.keys() == proxy.routes.keys()
