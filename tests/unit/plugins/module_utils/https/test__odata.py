# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.configmgr.tenant_attach.plugins.module_utils._errors import AnswerError
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.https import _odata

BASE = "https://cm01.contoso.com/AdminService"
URL = f"{BASE}/wmi/SMS_Site"


@pytest.mark.parametrize(("text", "shown"), [("P01", "'P01'"), ("O'Neil", "'O''Neil'"), ("", "''"), ("''", "''''''")])
def test_literals(text: str, shown: str) -> None:
    assert _odata.literal(text) == shown


@given(st.text())
def test_a_literal_cannot_be_left_from_within(text: str) -> None:
    inside = _odata.literal(text)[1:-1]
    assert inside.replace("''", "") == text.replace("'", "")


def test_any_of_stands_in_parentheses() -> None:
    assert _odata.any_of("MessageID", ["11410", "11488"]) == "(MessageID eq 11410 or MessageID eq 11488)"


class TestNextLink:
    @pytest.mark.parametrize("document", [{}, {"@odata.nextLink": ""}, {"@odata.nextLink": None}, [], None])
    def test_there_is_none(self, document: t.Any) -> None:
        assert _odata.next_link(document, URL, "this SMS Provider") is None

    @pytest.mark.parametrize(
        ("link", "target"),
        [
            (f"{URL}?$skiptoken=2", f"{URL}?$skiptoken=2"),
            ("?$skiptoken=2", f"{URL}?$skiptoken=2"),
            ("SMS_Site?$skiptoken=2", f"{URL}?$skiptoken=2"),
            ("/AdminService/wmi/SMS_Site?$skip=2", f"{URL}?$skip=2"),
        ],
    )
    def test_same_host(self, link: str, target: str) -> None:
        assert _odata.next_link({"@odata.nextLink": link}, URL, "this SMS Provider") == target

    @pytest.mark.parametrize(
        "link",
        ["https://CM01.Contoso.com/AdminService/wmi/SMS_Site?$skip=2", "https://cm01.contoso.com:443/AdminService/x"],
    )
    def test_the_same_host_written_in_another_way(self, link: str) -> None:
        assert _odata.next_link({"@odata.nextLink": link}, URL, "this SMS Provider") == link

    @pytest.mark.parametrize(
        "link",
        [
            "https://elsewhere.example/AdminService/wmi/SMS_Site",
            "//elsewhere.example/AdminService/wmi/SMS_Site",
            "http://cm01.contoso.com/AdminService/wmi/SMS_Site",
            "https://cm01.contoso.com:8443/AdminService/wmi/SMS_Site",
            "https://cm01.contoso.com.elsewhere.example/",
            "https://cm01.contoso.com:notaport/AdminService",
            "https://cm01.contoso.com@elsewhere.example/",
            "https://someone@cm01.contoso.com/AdminService",
            "https://[broken/AdminService",
            "file:///etc/passwd",
        ],
    )
    def test_another_host_is_refused(self, link: str) -> None:
        with pytest.raises(AnswerError, match="not followed"):
            _odata.next_link({"@odata.nextLink": link}, URL, "this SMS Provider")
