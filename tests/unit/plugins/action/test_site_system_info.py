# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime as dt
import typing as t
from types import SimpleNamespace

import pytest

from ansible_collections.configmgr.tenant_attach.plugins.action.site_system_info import ActionModule
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.network._winhttp_settings import (
    AUTO_CONFIG_URL,
    NAMED,
    Settings,
    encode,
)
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.collect import _site_system
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.windows._console import LIMITS, Console, Output
from ansible_collections.configmgr.tenant_attach.tests.unit.windows import WindowsHost

Json = dict[str, t.Any]
Act = t.Callable[..., Json]
CURL = "curl 8.9.1 (Windows) libcurl/8.9.1 Schannel zlib/1.3 WinIDN"


@pytest.fixture
def server(windows: WindowsHost) -> WindowsHost:
    """A Windows Server 2022 in order."""
    windows.keys = {
        _site_system.WINDOWS: {
            "ProductName": ("REG_SZ", "Windows Server 2022 Datacenter"),
            "CurrentBuild": ("REG_SZ", "20348"),
            "UBR": ("REG_DWORD", "0x8b3"),
            "DisplayVersion": ("REG_SZ", "21H2"),
            "ReleaseId": ("REG_SZ", "2009"),
            "InstallationType": ("REG_SZ", "Server"),
        },
        _site_system.DOTNET: {"Release": ("REG_DWORD", "0x81041")},
        _site_system.POLICIES: {"any": ("REG_SZ", "")},
        _site_system.TCPIP: {"Hostname": ("REG_SZ", "CM-SCP01"), "Domain": ("REG_SZ", "Corp.Example")},
    }
    now = dt.datetime.now(dt.UTC)
    windows.programs = {
        "wmic.exe": Output(0, f"\r\r\n\r\r\nLocalDateTime={now:%Y%m%d%H%M%S.%f}+000\r\r\n", ""),
        "powershell.exe": Output(1, "", "disabled by your administrator"),
        "curl.exe": Output(0, f"{CURL}\r\nRelease-Date: 2024-07-31\r\n", ""),
    }
    windows.blobs = {"64": encode(Settings("p:1", "<local>", NAMED | 1, 0x28)), "32": None}
    return windows


def observe(act: Act) -> Json:
    result = act(ActionModule)
    assert result["changed"] is False
    observed: Json = result["site_system"]
    return observed


def test_everything_comes_at_once(act: Act, server: WindowsHost) -> None:
    observed = observe(act)
    assert abs(observed.pop("clock_skew_seconds")) < 5
    assert observed == {
        "hostname": "cm-scp01.corp.example",
        "os": {
            "product": "Windows Server 2022 Datacenter",
            "build": 20348,
            "revision": 2227,
            "release": "21H2",
            "installation_type": "Server",
        },
        "dotnet_release": 528449,
        "proxy_settings_per_user": None,
        "curl": CURL,
        "winhttp": {
            "proxy": "p:1",
            "bypass": ["<local>"],
            "flags": 3,
            "version": 0x28,
            "auto_config_url": None,
            "auto_detect": False,
            "wow64_matches": False,
        },
    }
    assert len(server.runs) == 1


@pytest.mark.parametrize("family", ["cmd", "powershell"])
def test_everything_is_one_remote_command(family: str) -> None:
    # Measured where it is least certain: encoded for PowerShell.
    shell = SimpleNamespace(SHELL_FAMILY=family)
    action: t.Any = SimpleNamespace(_connection=SimpleNamespace(_shell=shell, transport="ssh"))
    console = Console(action)
    assert len(console._batches(_site_system.COMMANDS)) == 1
    assert console._length(console._batches(_site_system.COMMANDS)[0]) <= LIMITS[family]


def test_older_windows_in_no_domain(act: Act, server: WindowsHost) -> None:
    windows = server.keys[_site_system.WINDOWS]
    for name in ("UBR", "DisplayVersion", "InstallationType"):
        del windows[name]
    server.keys[_site_system.TCPIP]["Domain"] = ("REG_SZ", "")
    observed = observe(act)
    assert (observed["os"]["release"], observed["os"]["revision"]) == ("2009", None)
    assert observed["hostname"] == "cm-scp01"
    del windows["ReleaseId"]
    assert observe(act)["os"]["release"] is None


def test_an_automatic_configuration_is_told(act: Act, server: WindowsHost) -> None:
    url = b"http://pac/"
    rest = len(url).to_bytes(4, "little") + url
    server.blobs["64"] = encode(Settings(flags=AUTO_CONFIG_URL | 1, version=0x28, rest=rest))
    assert observe(act)["winhttp"]["auto_config_url"] == "http://pac/"


@pytest.mark.parametrize(("data", "expected"), [("0x0", False), ("0x1", True)])
def test_the_policy_is_told(act: Act, server: WindowsHost, data: str, expected: bool) -> None:
    server.keys[_site_system.PER_USER] = {"ProxySettingsPerUser": ("REG_DWORD", data)}
    assert observe(act)["proxy_settings_per_user"] is expected


def test_what_cannot_be_observed_is_an_error_in_its_place(act: Act, server: WindowsHost) -> None:
    server.reads, server.programs = False, {}
    observed = observe(act)
    assert set(observed) == {
        "hostname",
        "os",
        "dotnet_release",
        "clock_skew_seconds",
        "proxy_settings_per_user",
        "winhttp",
        "curl",
    }
    for value in observed.values():
        assert value["error"]["kind"] == "answer"
        assert "exit code" in value["error"]["observed"]
        assert value["error"]["next_step"]


def test_one_error_leaves_the_rest(act: Act, server: WindowsHost) -> None:
    del server.keys[_site_system.DOTNET]
    server.programs["curl.exe"] = Output(0, "something else", "")
    server.keys[_site_system.WINDOWS]["CurrentBuild"] = ("REG_SZ", "many")
    server.blobs["64"] = b"\x18"
    observed = observe(act)
    assert {name for name, value in observed.items() if isinstance(value, dict) and "error" in value} == {
        "dotnet_release",
        "os",
        "winhttp",
        "curl",
    }


START = dt.datetime(2026, 11, 24, 17, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("wmic", "powershell", "skew"),
    [
        # Two seconds pass meanwhile: in them, nobody knows better.
        ("20261124170001.000000+000", "", 0.0),
        ("20261124180001.500000+060", "", 0.0),
        ("20261124113000.000000-330", "", 0.0),
        ("20261124170010.250000+000", "", 8.25),
        ("20261124165930.000000+000", "", -30.0),
        # As a pipe gets it from some versions, and as Wine does.
        ("\0".join("20261124170001.000000+00 "), "", 0.0),
        ("", "2026-11-24T17:00:01.1234567Z", 0.0),
        ("", "2026-11-24T17:05:02.000000Z", 300.0),
        ("Node - CM-SCP01\r\nERROR:\r\n", "2026-11-24T16:59:59.5000000Z", -0.5),
    ],
)
def test_the_clock(server: WindowsHost, wmic: str, powershell: str, skew: float) -> None:
    server.programs = {"wmic.exe": Output(0, wmic, ""), "powershell.exe": Output(0, powershell, "")}
    console: t.Any = type("Scripted", (), {"run": lambda _self, *commands: server.run(commands)})()
    times = iter([START, START + dt.timedelta(seconds=2)])
    assert _site_system.read(console, lambda: next(times))["clock_skew_seconds"] == skew


@pytest.mark.parametrize("text", ["20261399170001.000000+000", "2026", ""])
def test_what_is_no_time(act: Act, server: WindowsHost, text: str) -> None:
    server.programs["wmic.exe"] = Output(0, text, "")
    assert "wmic.exe: exit code 0" in observe(act)["clock_skew_seconds"]["error"]["observed"]
