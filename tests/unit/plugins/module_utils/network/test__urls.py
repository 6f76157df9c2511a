# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is let through to the command lines of three shells."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.configmgr.tenant_attach.plugins.module_utils._errors import InvalidOptionError
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.network import _urls


@pytest.mark.parametrize(
    ("url", "plain"),
    [
        ("https://aka.ms/configmgrgateway", "https://aka.ms/configmgrgateway"),
        ("HTTPS://Manage.Microsoft.com:443", "https://manage.microsoft.com:443"),
        ("http://127.0.0.1:8080/a/B-c_d~1.crl", "http://127.0.0.1:8080/a/B-c_d~1.crl"),
    ],
)
def test_plain_urls(url: str, plain: str) -> None:
    assert _urls.check_endpoint(url) == plain


@pytest.mark.parametrize(
    "url",
    [
        *("", "manage.microsoft.com", "ftp://a.b", "https://", "https://*.manage.microsoft.com", "https://a..b"),
        *("https://a.b?c", "https://a.b#c", "https://u:p@a.b", "https://a.b:0", "https://a.b:99999", "https://a.b/%41"),
        *("https://a.b/ c", "https://a.b/\n", "https://a.b/&whoami", "https://a.b/'", 'https://a.b/"', "https://a.b/^"),
        *("https://a.b/{c}", "https://[::1]/", "https://a.b:", "https://-a.b", " https://a.b"),
    ],
)
def test_others_are_refused(url: str) -> None:
    with pytest.raises(InvalidOptionError, match="each URL in option endpoints"):
        _urls.check_endpoint(url)


@given(st.text(alphabet=st.characters(max_codepoint=0x17F)))
def test_what_passes_needs_no_quotes(text: str) -> None:
    try:
        plain = _urls.check_endpoint(f"https://a.b/{text}")
    except InvalidOptionError:
        return
    assert re.fullmatch(r"[A-Za-z0-9.:/_~-]+", plain)


def test_proxies() -> None:
    assert _urls.check_proxy("http://Proxy:8080") == "http://proxy:8080"
    with pytest.raises(InvalidOptionError, match="option proxy to be winhttp, none or the URL"):
        _urls.check_proxy("http://proxy:8080/path")
    with pytest.raises(InvalidOptionError) as caught:
        _urls.check_proxy("http://user:hunter2@proxy:8080")
    assert "hunter2" not in str(caught.value)
