# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.configmgr.tenant_attach.plugins.module_utils.directory._sid import sid_text
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.product._forms import is_sid
from ansible_collections.configmgr.tenant_attach.tests.unit.directory import raw_sid

KNOWN = [
    ("01020000000000052000000030020000", "S-1-5-32-560"),
    ("01010000000000050b000000", "S-1-5-11"),
    ("010100000000000100000000", "S-1-1-0"),
    # The example of Microsoft's documentation.
    ("010500000000000515000000dcf4dc3b833d2b46828ba62800020000", "S-1-5-21-1004336348-1177238915-682003330-512"),
    # An authority of more than 32 bits.
    ("0101ffffffffffff01000000", "S-1-281474976710655-1"),
]


@pytest.mark.parametrize(("raw", "text"), KNOWN)
def test_text(raw: str, text: str) -> None:
    assert sid_text(bytes.fromhex(raw)) == text
    assert is_sid(text)
    if "281474976710655" not in text:
        assert raw_sid(text).hex() == raw


@pytest.mark.parametrize(
    "raw", ["", "01", "020100000000000520000000", "01020000000000052000000030", "010200000000000520000000"]
)
def test_no_sid(raw: str) -> None:
    with pytest.raises(ValueError, match="no SID"):
        sid_text(bytes.fromhex(raw))


@pytest.mark.parametrize("text", ["", "S-1", "S-1-5", "S-1-5-", "CN=S-1-5-11", "S-2-5-11", "S-1-5-11 "])
def test_is_no_sid(text: str) -> None:
    assert not is_sid(text)


def test_case_does_not_count() -> None:
    assert is_sid("s-1-5-32-560")
