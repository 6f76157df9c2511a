# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from ansible.errors import AnsibleActionFail

from ansible_collections.configmgr.tenant_attach.plugins.action.winhttp_proxy import ActionModule
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.network._winhttp_settings import (
    NAMED,
    Settings,
    encode,
)
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.windows._winhttp import KEY, NETSH32
from ansible_collections.configmgr.tenant_attach.tests.unit.windows import WindowsHost

Json = dict[str, t.Any]
Act = t.Callable[..., Json]

WANTED: Json = {"proxy": "p:8080", "bypass": ["<local>", "*.corp.example"]}
WRITTEN = encode(Settings("p:8080", "<local>;*.corp.example", NAMED | 1))


def stored(proxy: str, bypass: str = "", **settings: t.Any) -> bytes:
    return encode(Settings(proxy, bypass, **{"flags": NAMED | 1, **settings}))


def test_check_run_and_again(act: Act, windows: WindowsHost) -> None:
    checked = act(ActionModule, check_mode=True, **WANTED)
    assert windows.blobs == {"64": None, "32": None}
    done = act(ActionModule, **WANTED)
    assert windows.blobs == {"64": WRITTEN, "32": WRITTEN}
    assert checked == done
    assert (done["changed"], done["proxy"], done["bypass"]) == (True, WANTED["proxy"], WANTED["bypass"])
    assert done["before"] == {"proxy": None, "bypass": [], "wow64": {"proxy": None, "bypass": []}}
    again = act(ActionModule, **WANTED)
    assert (again["changed"], again["diff"]["before"]) == (False, done["diff"]["after"])
    assert again["diff"]["before"] == again["diff"]["after"]
    # To look, to change and read back, to look again, after the check that looked.
    assert len(windows.runs) == 4


def test_absent(act: Act, windows: WindowsHost) -> None:
    windows.blobs = {"64": stored("p:1", "a"), "32": None}
    done = act(ActionModule, state="absent")
    assert (done["changed"], done["proxy"], done["bypass"], done["wow64_matches"]) == (True, None, [], True)
    assert windows.runs[-1][0] == ("netsh.exe", "winhttp", "reset", "proxy")
    assert act(ActionModule, state="absent")["changed"] is False


def test_what_others_added_stays(act: Act, windows: WindowsHost) -> None:
    windows.blobs = {"64": stored("p:8080", "foreign;<LOCAL>"), "32": stored("other:1", "foreign32")}
    assert act(ActionModule, **WANTED)["bypass"] == ["foreign", "<LOCAL>", "foreign32", "*.corp.example"]
    assert windows.blobs["64"] == windows.blobs["32"] == stored("p:8080", "foreign;<LOCAL>;foreign32;*.corp.example")
    assert act(ActionModule, **WANTED, bypass_mode="exact")["bypass"] == WANTED["bypass"]
    assert windows.blobs["32"] == WRITTEN


def test_the_proxy_that_is_there_stays(act: Act, windows: WindowsHost) -> None:
    windows.blobs = {"64": stored("p:1"), "32": stored("p:1")}
    assert act(ActionModule, bypass=["a"])["proxy"] == "p:1"
    assert windows.blobs["64"] == stored("p:1", "a")
    assert act(ActionModule, bypass=[], proxy="P:1", bypass_mode="exact")["after"]["bypass"] == []
    windows.blobs = {"64": None, "32": None}
    assert "no WinHTTP proxy yet" in act(ActionModule, bypass=["a"])["msg"]


@pytest.mark.parametrize("proxy", ["P:8080", "http=p:8080;https=p:8080", {"https": "p:8080", "http": "P:8080"}])
def test_the_same_in_other_words_is_no_change(act: Act, windows: WindowsHost, proxy: t.Any) -> None:
    same = stored("p:8080", "*.CORP.example <local>", version=0x28, rest=bytes(12))
    windows.blobs = {"64": same, "32": same}
    assert act(ActionModule, proxy=proxy, bypass=WANTED["bypass"], bypass_mode="exact")["changed"] is False


def test_only_the_view_that_differs_is_written(act: Act, windows: WindowsHost) -> None:
    newer = stored("p:8080", "<local>;*.corp.example", version=0x28)
    windows.blobs = {"64": newer, "32": None}
    assert act(ActionModule, **WANTED)["changed"] is True
    assert windows.blobs == {"64": newer, "32": WRITTEN}
    assert [command[0] for command in windows.runs[-1] if "winhttp" in command] == [NETSH32]


def test_a_host_without_programs_of_32_bits(act: Act, windows: WindowsHost) -> None:
    windows.wow64 = False
    done = act(ActionModule, **WANTED)
    assert windows.blobs == {"64": WRITTEN, "32": None}
    assert (done["changed"], done["wow64_matches"], done["after"]["wow64"]) == (True, None, None)


@pytest.mark.parametrize(
    ("how", "text"),
    [
        ("lie", "netsh.exe: exit code 0: Der Vorgang"),
        ("fail", "netsh.exe: exit code 1: Zugriff verweigert"),
        ("half", "the registry says {'proxy': 'p:8080', 'bypass': []"),
    ],
)
def test_what_does_not_take_is_restored(act: Act, windows: WindowsHost, how: str, text: str) -> None:
    before = windows.blobs = {"64": stored("old:1", "a"), "32": None}
    windows.blobs = dict(before)
    windows.netsh = how
    failed = act(ActionModule, **WANTED)
    assert (failed["failed"], failed["changed"], failed["error"]["kind"]) == (True, False, "answer")
    assert text in failed["msg"]
    assert ("nothing was changed" in failed["msg"]) == (how != "half")
    assert ("the old state is restored" in failed["msg"]) == (how == "half")
    assert windows.blobs == before
    assert len(windows.runs) == (3 if how == "half" else 2)


def test_what_cannot_be_restored_is_told(act: Act, windows: WindowsHost) -> None:
    windows.netsh, windows.restores = "half", False
    assert "the old state is NOT restored: the registry says {'proxy': 'p:8080'" in act(ActionModule, **WANTED)["msg"]


def test_what_cannot_be_read_back_is_told(act: Act, windows: WindowsHost) -> None:
    windows.netsh = "silence"
    failed = act(ActionModule, **WANTED)
    assert "no state to read back: exit code 1" in failed["msg"]
    assert "whether the old state is restored is not known" in failed["msg"]


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({}, "option proxy or option bypass"),
        ({"proxy": 8080.5}, "a text or a dictionary"),
        ({"proxy": "p:1&x"}, "option proxy to name host:port"),
        ({"proxy": "p:1", "bypass": ['a" & x']}, "option bypass"),
        ({"state": "absent", "proxy": "p:1"}, "together with state absent"),
    ],
)
def test_what_is_refused_never_reaches_the_host(act: Act, windows: WindowsHost, options: Json, text: str) -> None:
    refused = act(ActionModule, **options)
    assert (refused["failed"], refused["error"]["kind"]) == (True, "option")
    assert text in refused["msg"]
    assert not windows.runs


@pytest.mark.parametrize("check_mode", [True, False])
def test_what_stands_on_the_host_may_be_hostile(act: Act, windows: WindowsHost, check_mode: bool) -> None:
    windows.blobs = {"64": stored("p:8080", 'x"&calc'), "32": None}
    refused = act(ActionModule, check_mode=check_mode, **WANTED)
    assert "for the console of the host" in refused["msg"]
    assert len(windows.runs) == 1


def test_a_state_that_cannot_be_read_is_no_state(act: Act, windows: WindowsHost) -> None:
    windows.reads = False
    failed = act(ActionModule, **WANTED)
    assert failed["error"]["where"] == rf"{KEY} /reg:64"
    assert failed["error"]["rights"]
    assert len(windows.runs) == 1


def test_a_shell_that_is_none_of_windows(act: Act, windows: WindowsHost) -> None:
    assert "a connection to a Windows host" in act(ActionModule, shell="sh", **WANTED)["msg"]
    assert not windows.runs


def test_options_are_those_of_the_argument_spec(act: Act, windows: WindowsHost) -> None:
    with pytest.raises(AnsibleActionFail, match="state"):
        act(ActionModule, state="there")
    assert not windows.runs
