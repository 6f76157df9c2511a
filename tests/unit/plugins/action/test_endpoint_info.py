# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action at a console that is played: what it asks, and in how many remote commands."""

from __future__ import annotations

import json
import typing as t

import pytest

from ansible_collections.configmgr.tenant_attach.plugins.action import endpoint_info
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.network import _endpoints
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.network._winhttp_settings import KEY
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.windows import _winhttp
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.windows._console import Output

Act = t.Callable[..., dict[str, t.Any]]
CURL = "curl 8.9.1 (Windows) libcurl/8.9.1 Schannel zlib/1.3 WinIDN\r\n"
PROXY = b"proxy.corp:8080"
BYPASS = b"*.visualstudio.com"
# Version, counter, flags, and two texts with their lengths.
SETTINGS = (
    bytes.fromhex("280000000000000003000000")
    + len(PROXY).to_bytes(4, "little")
    + PROXY
    + len(BYPASS).to_bytes(4, "little")
    + BYPASS
)
LONG = KEY.replace("HKLM", "HKEY_LOCAL_MACHINE")
OTHER = "    DefaultConnectionSettings    REG_BINARY    4600\r\n"


class Host:
    """A host that answers what it is told to, and keeps what it was asked."""

    def __init__(self, family: str = "cmd") -> None:
        self.family = family
        self.count = 0
        self.visits: list[tuple[t.Sequence[str], ...]] = []
        self.curl = Output(0, CURL, "")
        self.registry = Output(0, f"\r\n{LONG}\r\n{OTHER}\r\n", "")
        self.answers = True

    @property
    def windows(self) -> bool:
        return self.family != "sh"

    def run(self, *commands: t.Sequence[str]) -> list[Output]:
        self.count += 1
        self.visits.append(commands)
        return [self._answer(list(command)) for command in commands]

    def _answer(self, command: list[str]) -> Output:
        if command[0] == "reg.exe":
            return self.registry if command[2] == KEY else Output(0, f"\r\n{LONG}\r\n", "")
        if command[1] == "--version":
            return self.curl
        if not self.answers:
            return Output(2, "", "curl: option -Z: is unknown")
        lines = []
        for group in " ".join(command).split(" --next "):
            role = group.partition(" -w ")[2][0]
            lines += [
                role + json.dumps(self._transfer(url)) for url in group.split() if url.startswith(("http:", "https:"))
            ]
        return Output(0, "\r\n".join(lines), "")

    def _transfer(self, url: str) -> dict[str, t.Any]:
        times = dict.fromkeys(("time_namelookup", "time_connect", "time_appconnect", "time_total"), 0.1)
        certificates = "Issuer:C=US, O=Microsoft Corporation, CN=CA 01"
        return {
            "url": url,
            "exitcode": 0,
            "errormsg": None,
            "http_code": 404,
            "http_connect": 0,
            "ssl_verify_result": 0,
            "certs": certificates,
        } | times


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Host:
    made = Host()
    monkeypatch.setattr(endpoint_info, "Console", lambda _action: made)
    return made


@pytest.mark.parametrize("family", ["cmd", "powershell"])
def test_windows_is_asked_twice(family: str, host: Host, act: Act) -> None:
    host.family = family
    host.registry = Output(0, f"\r\n{LONG}\r\n{OTHER}    WinHttpSettings    REG_BINARY    {SETTINGS.hex()}\r\n\r\n", "")
    result = act(endpoint_info.ActionModule, cloud="public", release="2503")
    assert not result.get("failed"), result
    assert (result["changed"], result["commands"]) == (False, 2)
    first, second = host.visits
    assert first == (["curl.exe", "--version"], *_winhttp.READ_NATIVE)
    assert [command[0] for command in second] == ["curl.exe", "curl.exe"]
    rows = {row["id"]: row for row in result["endpoints"]}
    assert list(rows) == [endpoint.id for endpoint in _endpoints.endpoints_for("public", "2503")]
    assert all(row["reachable"] for row in rows.values())
    assert rows["intune"]["proxy_used"] == "proxy.corp:8080"
    assert rows["intune"]["revocation"] == "reachable"


def test_what_was_observed_before_is_not_asked_for_again(host: Host, act: Act) -> None:
    winhttp = {"proxy": "proxy.corp:8080", "bypass": ["*.visualstudio.com"]}
    result = act(endpoint_info.ActionModule, cloud="public", site_system={"curl": CURL.strip(), "winhttp": winhttp})
    assert (len(host.visits), result["commands"]) == (1, 1)
    ways = {row["id"]: row["proxy_used"] for row in result["endpoints"]}
    assert (ways["intune"], ways["telemetry"]) == ("proxy.corp:8080", None)


@pytest.mark.usefixtures("host")
def test_what_was_observed_before_may_be_no_proxy(act: Act) -> None:
    site_system = {"curl": CURL.strip(), "winhttp": {"proxy": None, "bypass": []}}
    result = act(endpoint_info.ActionModule, endpoints=["https://a.b"], site_system=site_system)
    assert [row["proxy_used"] for row in result["endpoints"]] == [None]


@pytest.mark.parametrize("missing", ["curl", "winhttp"])
def test_what_could_not_be_observed_before_is_asked_for(missing: str, host: Host, act: Act) -> None:
    site_system = {
        "curl": CURL.strip(),
        "winhttp": {"proxy": None, "bypass": []},
        missing: {"error": {"kind": "answer"}},
    }
    result = act(endpoint_info.ActionModule, endpoints=["https://a.b"], site_system=site_system)
    assert (len(host.visits), result["commands"]) == (2, 2)


def test_the_bypass_list_has_its_say(host: Host, act: Act) -> None:
    host.registry = Output(0, f"\r\n{LONG}\r\n    WinHttpSettings    REG_BINARY    {SETTINGS.hex().upper()}\r\n", "")
    result = act(endpoint_info.ActionModule, cloud="public")
    direct = [row["id"] for row in result["endpoints"] if row["proxy_used"] is None]
    assert direct == ["telemetry"]


@pytest.mark.usefixtures("host")
def test_no_value_means_the_direct_way(act: Act) -> None:
    result = act(endpoint_info.ActionModule, endpoints=["https://a.b"])
    assert [row["proxy_used"] for row in result["endpoints"]] == [None]


def test_a_key_that_cannot_be_read_is_not_the_direct_way(host: Host, act: Act) -> None:
    host.registry = Output(1, "", "ERROR: Access is denied.")
    result = act(endpoint_info.ActionModule, endpoints=["https://a.b"])
    assert result["failed"]
    assert "Access is denied" in result["msg"]
    assert len(host.visits) == 1


@pytest.mark.parametrize("proxy", ["none", "http://other:3128"])
def test_a_chosen_way_needs_no_registry(proxy: str, host: Host, act: Act) -> None:
    result = act(endpoint_info.ActionModule, endpoints=["https://a.b", "https://A.b"], proxy=proxy)
    assert host.visits[0] == (["curl.exe", "--version"],)
    assert [row["proxy_used"] for row in result["endpoints"]] == [None if proxy == "none" else proxy]


def test_linux_takes_the_direct_way(host: Host, act: Act) -> None:
    host.family = "sh"
    host.curl = Output(0, "curl 7.88.1 (x86_64-pc-linux-gnu) libcurl/7.88.1 OpenSSL/3.0.19\n", "")
    result = act(endpoint_info.ActionModule, endpoints=["https://a.b"], check_mode=True)
    assert host.visits[0] == (["curl", "--version"],)
    assert result["endpoints"][0]["proxy_used"] is None


def test_a_curl_that_does_not_run(host: Host, act: Act) -> None:
    host.answers = False
    result = act(endpoint_info.ActionModule, endpoints=["https://a.b"])
    assert "exit code 2: curl: option -Z: is unknown" in result["msg"]
    host.curl = Output(9009, "", "'curl.exe' is not recognized")
    result = act(endpoint_info.ActionModule, endpoints=["https://a.b"])
    assert result["error"]["kind"] == "not_found"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "neither"),
        ({"endpoints": ["https://a.b"], "cloud": "public"}, "both"),
        ({"endpoints": ["https://a.b"], "gateway": "eu"}, "option gateway together with option cloud"),
        ({"endpoints": ["https://a.b&whoami"]}, "scheme, host"),
        ({"endpoints": ["https://a.b"], "proxy": "proxy:8080"}, "option proxy to be"),
        ({"endpoints": ["https://a.b"], "ca_path": "/ca.pem"}, "leave ca_path out"),
        ({"endpoints": ["https://a.b"], "timeout": 301}, "1 to 300"),
    ],
)
def test_refusals_come_before_any_command(options: dict[str, t.Any], words: str, host: Host, act: Act) -> None:
    result = act(endpoint_info.ActionModule, **options)
    assert words in result["msg"]
    assert not host.visits


def test_refusals_on_linux(host: Host, act: Act) -> None:
    host.family = "sh"
    result = act(endpoint_info.ActionModule, endpoints=["https://a.b"], proxy="winhttp")
    assert "no Windows machine" in result["msg"]
    result = act(endpoint_info.ActionModule, endpoints=["https://a.b"], crl_path="crl.pem")
    assert "give the whole path" in result["msg"]
    assert not host.visits
