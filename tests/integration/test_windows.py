# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The actions for Windows hosts, through a real SSH server, at the real cmd.exe, reg.exe and WinHTTP of Wine.

Two witnesses look at what was done: a Windows program that asks WinHTTP itself, and `wine reg query`.
"""

from __future__ import annotations

import functools
import itertools
import json
import sys
import typing as t
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import yaml
from integration.harness import TARGETS, Ansible, Json, Run
from testbed.windows import Seen, Windows

SHELLS = ("cmd", "powershell")
HOSTS = 30
MOST_TO_OBSERVE = 2
MOST_TO_ENFORCE = 3

# By shell, so that each of them is a host of its own to the log.
NAMES = {shell: f"scp-{shell}" for shell in SHELLS}


class Played(t.NamedTuple):
    """A playbook that ended, with what each host returned and how many remote commands each one got."""

    run: Run
    results: dict[str, Json]
    commands: Counter[str]


Play = Callable[..., Played]


@pytest.fixture
def windows(windows_host: Windows) -> Windows:
    """The host as it is delivered: nobody set a proxy."""
    windows_host.misbehave(None)
    for view in (64, 32):
        windows_host.store(None, view)
    return windows_host


@pytest.fixture(scope="session")
def play(windows_host: Windows, ansible: Ansible, tmp_path_factory: pytest.TempPathFactory) -> Play:
    """Call it with a playbook, a shell, and options of the plugin or those of several hosts: it runs the playbook."""
    numbers = itertools.count()

    def run(
        target: str,
        *arguments: str,
        shell: str = "cmd",
        hosts: Mapping[str, Json] | None = None,
        status: int = 0,
        **options: t.Any,
    ) -> Played:
        directory = tmp_path_factory.mktemp("played") / str(next(numbers))
        directory.mkdir()
        variables = {
            name: {**windows_host.variables(name, shell), "options": own}
            for name, own in (hosts or {NAMES[shell]: options}).items()
        }
        inventory = directory / "inventory.yml"
        inventory.write_text(yaml.safe_dump({"windows": {"hosts": variables}}))
        with windows_host.counted() as commands:
            done = ansible.playbook(
                TARGETS / target,
                *("--inventory", str(inventory), "--forks", str(HOSTS), "--diff", *arguments),
                variables={"results": str(directory)},
            )
        assert done.status == status, done.output
        results = {file.stem: json.loads(file.read_text()) for file in directory.glob("*.json")}
        return Played(done, results, commands)

    return run


@pytest.fixture
def setting(play: Play) -> Callable[..., Json]:
    """Call it with options of winhttp_proxy: it runs that at the one host, and returns what that returned."""

    def run(
        *arguments: str, shell: str = "cmd", status: int = 0, commands: int | None = None, **options: t.Any
    ) -> Json:
        name = NAMES[shell]
        played = play("winhttp_proxy/set.yml", *arguments, shell=shell, status=status, **options)
        show(f"{name}: {played.commands[name]} remote commands for {arguments} {options}")
        assert played.commands[name] == commands or commands is None, played.run.output
        assert played.commands[name] <= MOST_TO_ENFORCE
        return played.results[name]

    return run


@pytest.fixture
def reading(play: Play) -> Callable[..., Json]:
    """Call it: it runs winhttp_proxy_info at the one host, and returns what that returned."""

    def run(shell: str = "cmd") -> Json:
        played = play("winhttp_proxy_info/read.yml", shell=shell)
        assert played.commands[NAMES[shell]] == 1, played.run.output
        return played.results[NAMES[shell]]

    return run


def show(text: str) -> None:
    """Tell something to whoever runs pytest with --capture no."""
    sys.stdout.write(f"\n{text}\n")


def same(one: Mapping[str, t.Any], other: Mapping[str, t.Any], *keys: str) -> bool:
    return all(one[key] == other[key] for key in keys)


# -- console ----------------------------------------------------------------------------------------------------------

ARGUMENTS = [
    *("plain", "", "a b", "a&b", "a|b", "a>b<c", "^", "a^b^", "(a) b)", "<local>;*.x", "a;b,c=d", "$x`y", "it's", "@a"),
    *(
        "C:\\",
        "a b\\\\",
        "\\\\server\\share\\",
        "%{json}%header{via}\\n",
        "%{x} %{y}",
        "-x=/y:z",
        "& calc &",
    ),
]


@pytest.mark.parametrize("shell", SHELLS)
def test_every_argument_reaches_a_program_as_it_is(shell: str, play: Play, windows: Windows) -> None:
    assert windows.blob() is None
    echoing = [["witness.exe", "argv", *ARGUMENTS], ["witness.exe", "argv", *reversed(ARGUMENTS)]]
    others = [
        ["cmd.exe", "/d", "/c", "exit 5"],
        ["nosuch.exe", "a b"],
        ["cmd.exe", "/d", "/c", "echo out& >&2 echo err"],
    ]
    played = play("console/run.yml", shell=shell, commands=[*echoing, *others])
    result = played.results[NAMES[shell]]
    assert played.commands[NAMES[shell]] == result["count"] == 1
    codes = [output["rc"] for output in result["outputs"]]
    texts = [(output["stdout"].strip(), output["stderr"].strip()) for output in result["outputs"]]
    assert codes[:3] + codes[4:] == [0, 0, 5, 0]
    assert codes[3] != 0
    assert texts[:2] == [("".join(f"[{each}]" for each in each[2:]), "") for each in echoing]
    assert texts[2] == ("", "")
    assert texts[4] == ("out", "err")


# -- winhttp_proxy ----------------------------------------------------------------------------------------------------

WANTED = {"proxy": "proxy.corp.contoso.example:8080", "bypass": ["*.corp.contoso.example", "<local>"]}
WRITTEN = Seen(3, "proxy.corp.contoso.example:8080", "*.corp.contoso.example;<local>")


@pytest.mark.parametrize("shell", SHELLS)
def test_check_run_and_again(
    shell: str, setting: Callable[..., Json], reading: Callable[..., Json], windows: Windows
) -> None:
    setting = functools.partial(setting, shell=shell)
    checked = setting("--check", commands=1, **WANTED)
    assert (windows.witness(), windows.blob(64), windows.blob(32)) == (Seen(1, "", ""), None, None)

    done = setting(commands=2, **WANTED)
    assert done["changed"] is True
    assert same(checked, done, "changed", "diff", "before", "after", "proxy", "bypass", "wow64_matches")
    assert windows.witness() == WRITTEN
    assert windows.blob(64) == windows.blob(32)
    assert bytes.fromhex(windows.blob() or "").endswith(b"*.corp.contoso.example;<local>")

    again = setting(commands=1, **WANTED)
    assert again["changed"] is False
    assert again["before"] == again["after"] == done["after"]
    assert again["wow64_matches"] is True

    found = reading(shell)
    assert (found["changed"], found["proxy"], found["bypass"]) == (False, WANTED["proxy"], WANTED["bypass"])

    gone = setting(commands=2, state="absent")
    assert (gone["changed"], gone["proxy"], gone["bypass"]) == (True, None, [])
    assert windows.witness() == Seen(1, "", "")
    assert setting(commands=1, state="absent")["changed"] is False


def test_entries_of_others_stay(setting: Callable[..., Json], windows: Windows) -> None:
    windows.witness("proxy.corp.contoso.example:8080", "intranet;10.*")
    done = setting(proxy={"http": "Proxy.corp.contoso.example:8080", "https": "b:3128"}, bypass=["<LOCAL>", "INTRANET"])
    assert windows.witness() == Seen(3, "http=Proxy.corp.contoso.example:8080;https=b:3128", "intranet;10.*;<LOCAL>")
    assert done["bypass"] == ["intranet", "10.*", "<LOCAL>"]
    assert windows.blob(64) == windows.blob(32)
    # Without a proxy, the one that is there stays.
    assert setting(bypass=["one.more"])["proxy"] == done["proxy"]
    assert windows.witness().bypass == "intranet;10.*;<LOCAL>;one.more"
    setting(proxy=WANTED["proxy"], bypass=["<local>"], bypass_mode="exact")
    assert windows.witness() == Seen(3, "proxy.corp.contoso.example:8080", "<local>")


def test_only_the_view_that_differs_is_written(
    setting: Callable[..., Json], reading: Callable[..., Json], windows: Windows
) -> None:
    setting(**WANTED)
    # As newer versions of Windows write it: the value stays, since it says what is wanted.
    newer = "28000000" + "00000000" + "03000000" + (windows.blob(64) or "")[24:] + "00" * 24
    windows.store(newer, 64)
    windows.store("18000000" + "00000000" + "01000000" + "00000000" * 2, 32)
    assert reading()["wow64_matches"] is False
    assert setting(**WANTED)["changed"] is True
    assert windows.blob(64) == newer
    assert reading()["wow64_matches"] is True


@pytest.mark.parametrize(
    ("how", "shell"),
    [("lie", "cmd"), ("fail", "cmd"), ("half", "cmd"), ("lie32", "cmd"), ("half32", "cmd"), ("half", "powershell")],
)
def test_what_does_not_take_is_restored(how: str, shell: str, setting: Callable[..., Json], windows: Windows) -> None:
    windows.witness("old:1", "old.example")
    # Only one view had a value before: restoring the other one means to delete it.
    before = (windows.blob(64), windows.blob(32))
    assert before[1] is None
    windows.misbehave(how)
    failed = setting(shell=shell, status=2, **WANTED)
    assert (failed["failed"], failed["changed"]) == (True, False)
    assert (windows.blob(64), windows.blob(32)) == before
    assert windows.witness() == Seen(3, "old:1", "old.example")
    restored = "nothing was changed" if how in {"lie", "fail"} else "the old state is restored"
    assert restored in failed["msg"]
    assert "exit code 1: Access is denied" in failed["msg"] or how != "fail"


HOSTILE = [
    'a:1" & reg delete HKLM\\Software /f & "',
    "a:1&calc",
    "a:1|calc",
    "a:1%PATH%",
    "a:1^",
    "a:1!PATH!",
    "a:1\ncalc",
    "$(calc):1",
    "`calc`:1",
    "a:1'; calc; '",
    "a:1>x",
    "a:1\\",
]


def test_hostile_values_never_reach_the_host(play: Play, windows: Windows) -> None:
    hosts: dict[str, Json] = {f"proxy{number}": {"proxy": value} for number, value in enumerate(HOSTILE)}
    hosts |= {f"bypass{number}": {"proxy": "a:1", "bypass": [value]} for number, value in enumerate(HOSTILE)}
    played = play("winhttp_proxy/set.yml", status=2, hosts=hosts)
    kinds = {name: result.get("error", {}).get("kind") for name, result in played.results.items()}
    assert kinds == dict.fromkeys(hosts, "option")
    assert not played.commands
    assert windows.blob() is None


def test_a_damaged_value_is_told(setting: Callable[..., Json], windows: Windows) -> None:
    windows.store("1800000000000000020000007F00000061")
    failed = setting("--check", status=2, **WANTED)
    assert "Expected: a proxy of 127 characters. Observed: 1 characters until the end." in failed["msg"]
    assert windows.blob() == "1800000000000000020000007F00000061"


# -- site_system_info -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shell", SHELLS)
def test_everything_is_observed_at_once(shell: str, play: Play, windows: Windows) -> None:
    windows.witness("proxy:8080", "<local>")
    played = play("site_system_info/observe.yml", shell=shell)
    assert played.commands == {NAMES[shell]: 1}
    observed = played.results[NAMES[shell]]["site_system"]
    assert observed["clock_skew_seconds"] == pytest.approx(0, abs=1)
    assert {key: value for key, value in observed.items() if key not in {"clock_skew_seconds", "curl", "os"}} == {
        "dotnet_release": 528449,
        "hostname": "cm-scp01.corp.contoso.example",
        "proxy_settings_per_user": None,
        "winhttp": {
            "proxy": "proxy:8080",
            "bypass": ["<local>"],
            "flags": 2,
            "version": 0x18,
            "auto_config_url": None,
            "auto_detect": False,
            "wow64_matches": False,
        },
    }
    assert observed["os"]["product"].startswith("Microsoft Windows")
    assert (observed["os"]["release"], observed["os"]["revision"]) == ("21H2", 2227)
    assert observed["os"]["installation_type"] == "Server Core"
    assert observed["os"]["build"] > 7000


def test_many_hosts_at_once(play: Play, windows: Windows) -> None:
    windows.witness("proxy:8080", "<local>")
    names = [f"scp{number:02}" for number in range(HOSTS)]
    played = play("site_system_info/observe.yml", hosts={name: {} for name in names})
    show(f"remote commands by host: {dict(sorted(played.commands.items()))}")
    assert sorted(played.results) == names
    assert set(played.commands) == set(names)
    assert max(played.commands.values()) <= MOST_TO_OBSERVE
    for result in played.results.values():
        observed = result["site_system"].items()
        assert [(key, value) for key, value in observed if isinstance(value, dict) and "error" in value] == []
        assert result["site_system"]["winhttp"]["proxy"] == "proxy:8080"


def test_a_host_that_is_down_is_unreachable(windows: Windows, ansible: Ansible, tmp_path: Path) -> None:
    inventory = tmp_path / "inventory.yml"
    variables = {**windows.variables("down", "cmd"), "ansible_port": 9}
    inventory.write_text(yaml.safe_dump({"windows": {"hosts": {"down": variables}}}))
    run = ansible.playbook(
        TARGETS / "site_system_info/observe.yml",
        *("--inventory", str(inventory)),
        variables={"results": str(tmp_path)},
    )
    assert run.status == 4
    assert "UNREACHABLE!" in run.output
