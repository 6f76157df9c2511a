# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.configmgr.tenant_attach.plugins.module_utils._errors import InvalidOptionError
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.network import _bypass

HOSTS = st.from_regex(r"[a-c]{1,2}(\.[a-c]{1,2}){0,3}", fullmatch=True)


@pytest.mark.parametrize(
    ("entry", "host", "port", "matches"),
    [
        ("<local>", "intranet", None, True),
        ("<LOCAL>", "Intranet", 443, True),
        ("<local>", "cm01.corp.example", None, False),
        ("<local>", "10.0.0.1", None, False),
        ("<local>", "::1", None, False),
        ("<-loopback>", "localhost", None, False),
        ("*.corp.example", "cm01.corp.example", None, True),
        ("*.CORP.example", "a.b.Corp.Example.", None, True),
        ("*.corp.example", "corp.example", None, False),
        ("*.corp.example", "cm01.corp.example.net", None, False),
        ("*corp.example", "mycorp.example", None, True),
        ("cm*.corp.*", "cm01.corp.example", None, True),
        ("*", "anything.at.all", 443, True),
        ("cm01", "cm01.corp.example", None, False),
        ("cm01.corp.example", "cm01.corp.example", 443, True),
        ("cm01.corp.example:443", "cm01.corp.example", 443, True),
        ("cm01.corp.example:443", "cm01.corp.example", 80, False),
        ("cm01.corp.example:443", "cm01.corp.example", None, False),
        ("*:8080", "cm01", 8080, True),
        ("10.*", "10.1.2.3", None, True),
        # Compared as text: a name that begins alike is not told apart, and no name is resolved.
        ("10.*", "10.example", None, True),
        ("10.1.2.3", "cm01.corp.example", None, False),
        ("[::1]", "::1", None, True),
        ("[fd00::1]:443", "[fd00::1]", 443, True),
        # No pattern of a shell, and none of a programming language.
        ("cm0?.example", "cm01.example", None, False),
        ("cm[01].example", "cm0.example", None, False),
        ("cm01.example", "cm01xexample", None, False),
    ],
)
def test_matching(entry: str, host: str, port: int | None, matches: bool) -> None:
    assert _bypass.matches(entry, host, port) is matches


def test_lists() -> None:
    entries = _bypass.parse(" <local>; *.a.example\t10.* ;;<LOCAL>\r\nB")
    assert entries == ["<local>", "*.a.example", "10.*", "B"]
    assert _bypass.text(entries) == "<local>;*.a.example;10.*;B"
    assert _bypass.parse("") == []
    assert _bypass.same(entries, ["b", "10.*", "*.A.example", "<Local>"])
    assert _bypass.missing(["b", "C", "c", "10.*"], entries) == ["C"]


@pytest.mark.parametrize(
    "entry", ["", "a b", "a;b", 'a"', "a&b", "a%b%", "a\n", "http://a", "<local", "ü", "a\\", "$x"]
)
def test_what_cannot_be_an_entry(entry: str) -> None:
    with pytest.raises(InvalidOptionError, match="option bypass"):
        _bypass.check(["<local>", entry])


def test_what_can_be_an_entry() -> None:
    entries = [
        "<local>",
        "<-loopback>",
        "*.corp.example",
        "10.1.*",
        "cm01:443",
        "[fd00::1]:443",
        "xn--bcher-kva.example",
    ]
    assert _bypass.check([*entries, "<LOCAL>"]) == entries


@pytest.mark.parametrize(
    ("entries", "hosts", "expected"),
    [
        ([], [], []),
        (["*.corp.example"], ["a.corp.example"], []),
        ([], ["a.corp.example", "B.corp.example"], ["*.corp.example"]),
        # One host alone does not open its domain.
        ([], ["A.corp.example"], ["a.corp.example"]),
        ([], ["cm01", "cm02"], ["<local>"]),
        ([], ["cm01"], ["<local>"]),
        ([], ["cm01", "a.corp.example"], ["<local>", "a.corp.example"]),
        ([], ["a.corp.example", "b.eu.corp.example", "c.us.corp.example"], ["*.corp.example"]),
        # Of two that reach the same, the one that opens less.
        ([], ["b.eu.corp.example", "c.eu.corp.example"], ["*.eu.corp.example"]),
        # Nobody stands in corp.example itself.
        ([], ["b.eu.corp.example", "c.us.corp.example"], ["b.eu.corp.example", "c.us.corp.example"]),
        # A domain of one part is not opened, and addresses have none.
        ([], ["a.example", "b.example"], ["a.example", "b.example"]),
        ([], ["10.0.0.1", "10.0.0.2", "fd00::1"], ["10.0.0.1", "10.0.0.2", "fd00::1"]),
        (["a.corp.example:443"], ["a.corp.example"], ["a.corp.example"]),
    ],
)
def test_the_shortest_additions(entries: list[str], hosts: list[str], expected: list[str]) -> None:
    assert _bypass.additions(entries, hosts) == expected


def test_what_must_use_the_proxy_is_not_opened() -> None:
    hosts = ["a.corp.example", "b.corp.example"]
    assert _bypass.additions([], hosts, proxied=["gateway.corp.example"]) == hosts
    assert _bypass.additions([], ["cm01"], proxied=["wpad"]) == ["cm01"]


@given(st.lists(HOSTS), st.lists(HOSTS))
def test_additions_cover_all_and_nothing_else_is_needed(present: list[str], hosts: list[str]) -> None:
    added = _bypass.additions(present, hosts)
    assert _bypass.uncovered([*present, *added], hosts) == []
    assert len(added) <= len(_bypass.uncovered(present, hosts))
    for entry in added:
        assert _bypass.uncovered([*present, *(each for each in added if each != entry)], hosts)


@given(st.text(), st.text(), st.none() | st.integers(1, 65535))
def test_any_text_is_compared(entry: str, host: str, port: int | None) -> None:
    _bypass.matches(entry, host, port)
