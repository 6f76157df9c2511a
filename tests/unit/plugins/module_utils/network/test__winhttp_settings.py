# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.configmgr.tenant_attach.plugins.module_utils._errors import AnswerError
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.network._winhttp_settings import (
    AUTO_CONFIG_URL,
    AUTO_DETECT,
    DIRECT,
    NAMED,
    NEWER,
    OLDER,
    Settings,
    decode,
    encode,
)

# Written by WinHttpSetDefaultProxyConfiguration of Wine 8, and read with its reg.exe.
WINE = {
    "1800000000000000010000000000000000000000": Settings(),
    "18000000000000000200000003000000613A310B0000002A2E783B3C6C6F63616C3E": Settings("a:1", "*.x;<local>", NAMED),
    "18000000000000000200000012000000687474703D623A323B68747470733D633A3300000000": Settings(
        "http=b:2;https=c:3", "", NAMED
    ),
}
WORD = st.integers(0, 2**32 - 1)
TEXT = st.text(st.characters(max_codepoint=255))


@pytest.mark.parametrize(("blob", "settings"), WINE.items())
def test_what_wine_writes(blob: str, settings: Settings) -> None:
    assert decode(bytes.fromhex(blob)) == settings
    assert encode(settings) == bytes.fromhex(blob)


def test_what_newer_windows_writes() -> None:
    url = b"http://pac.example/proxy.pac"
    rest = len(url).to_bytes(4, "little") + url + bytes(8)
    flags = DIRECT | NAMED | AUTO_CONFIG_URL | AUTO_DETECT
    blob = encode(Settings("p:8080", "<local>", flags, NEWER, 0, rest))
    assert blob[0] == NEWER
    settings = decode(blob)
    assert (settings.named_proxy, settings.auto_config_url, settings.auto_detect) == ("p:8080", url.decode(), True)
    assert encode(settings) == blob


@pytest.mark.parametrize(
    ("settings", "proxy"),
    [
        (Settings("p:1", "", DIRECT | NAMED), "p:1"),
        (Settings("p:1", "", NAMED), "p:1"),
        (Settings("p:1", "", DIRECT), ""),
        # Seen in the wild: both bits, and no proxy.
        (Settings("", "", DIRECT | NAMED), ""),
        (Settings(" ; ", "", NAMED), ""),
    ],
)
def test_a_proxy_counts_if_it_is_named(settings: Settings, proxy: str) -> None:
    assert settings.named_proxy == proxy


@pytest.mark.parametrize("rest", [b"", b"\1", b"\5\0\0\0ab", b"\2\0\0\0\1\2"])
def test_a_rest_that_is_no_url(rest: bytes) -> None:
    assert not Settings(flags=AUTO_CONFIG_URL, rest=rest).auto_config_url


@pytest.mark.parametrize(
    ("blob", "text"),
    [
        ("", "Expected: at least 20 bytes. Observed: 0 bytes. Where: HKLM"),
        ("180000000000000001000000", "the length of the proxy at byte 12. Observed: an end after 12 bytes"),
        ("1800000000000000020000007F00000061", "a proxy of 127 characters. Observed: 1 characters until the end"),
        ("18000000000000000200000001000000610100", "the length of the bypass list at byte 17"),
        ("1800000000000000020000000000000001000000", "a bypass list of 1 characters"),
    ],
)
def test_what_is_damaged_is_told(blob: str, text: str) -> None:
    with pytest.raises(AnswerError) as caught:
        decode(bytes.fromhex(blob))
    assert text in str(caught.value)
    assert caught.value.next_step


@given(st.builds(Settings, TEXT, TEXT, WORD, st.sampled_from([OLDER, NEWER]) | WORD, WORD, st.binary()))
def test_nothing_is_lost(settings: Settings) -> None:
    assert decode(encode(settings)) == settings


@given(st.binary() | st.binary(max_size=8).map(lambda end: bytes.fromhex("180000000000000002000000") + end))
def test_any_bytes_are_read_or_refused(blob: bytes) -> None:
    try:
        settings = decode(blob)
    except AnswerError:
        return
    assert encode(settings) == blob
    assert isinstance(settings.auto_config_url, str)
