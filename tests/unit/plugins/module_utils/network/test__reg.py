# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.configmgr.tenant_attach.plugins.module_utils._errors import AnswerError
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.network._reg import Value, parse

# As reg.exe of a German Windows shows a key, with the end of lines of Windows.
TEXT = r"""
HKEY_LOCAL_MACHINE\SOFTWARE\Example
    (Standard)    REG_SZ    (Wert nicht gesetzt)
    Two  Words    REG_SZ    some    text
    Empty    REG_SZ
    None    REG_BINARY
    WinHttpSettings    REG_BINARY    1800AB
    Release    REG_DWORD    0x80ff4

HKEY_LOCAL_MACHINE\SOFTWARE\Example\Connections

Suche beendet: 6 Übereinstimmung(en) gefunden.
""".replace("\n", "\r\n").replace("REG_SZ\r", "REG_SZ    \r")


def test_values_and_keys() -> None:
    listing = parse(TEXT)
    assert listing.value("winhttpsettings") == Value("WinHttpSettings", "REG_BINARY", "1800AB")
    assert listing.value("two  words") == Value("Two  Words", "REG_SZ", "some    text")
    assert [value.data for value in map(listing.value, ("Empty", "None")) if value] == ["", ""]
    assert listing.has_key("CONNECTIONS")
    assert listing.value("nothing") is None
    assert len(listing.values) == 6


def test_data() -> None:
    assert Value("x", "REG_BINARY", "1800AB").binary("HKLM") == b"\x18\x00\xab"
    assert Value("x", "REG_DWORD", "0x80ff4").number("HKLM") == 528372


@pytest.mark.parametrize("value", [Value("x", "REG_SZ", "1800"), Value("x", "REG_BINARY", "18Z")])
def test_data_that_is_not_binary(value: Value) -> None:
    with pytest.raises(AnswerError, match="REG_BINARY"):
        value.binary("HKLM")


@pytest.mark.parametrize("value", [Value("x", "REG_SZ", "1800"), Value("x", "REG_DWORD", "many")])
def test_data_that_is_no_number(value: Value) -> None:
    with pytest.raises(AnswerError, match="REG_DWORD"):
        value.number("HKLM")


@pytest.mark.parametrize("text", ["", "ERROR: The system was unable to find the specified registry key or value.\r\n"])
def test_a_message_is_nothing(text: str) -> None:
    assert not parse(text)


@given(st.text(st.sampled_from("HKEY_LOCAL\\ REG_SZBINARY\r\n\u2028x") | st.characters()))
def test_any_text_is_read(text: str) -> None:
    parse(text)
