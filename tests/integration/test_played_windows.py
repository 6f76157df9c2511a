# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The actions for Windows hosts over WinRM, as most users have it, at the hosts that the lab plays.

The proof of what they do is made at real programs, see test_windows.py and test_probe.py: this one is of the connection
and of the numbers.
"""

from __future__ import annotations

import itertools
import json
import sys
import typing as t
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml
from integration.harness import TARGETS, Ansible, Json, Lab, Labs, Run, fqdn

HOSTS = 30
MOST_TO_OBSERVE = 2
MOST_TO_ENFORCE = 3
SCP = fqdn("cm-scp01")
PROXY = "proxy.corp.contoso.example:8080"
WANTED = {"proxy": PROXY, "bypass": ["<local>", "*.corp.contoso.example"]}


class Played(t.NamedTuple):
    """A playbook that ended, with what each host returned and how many remote commands each one got."""

    run: Run
    results: dict[str, Json]
    commands: Counter[str]


Play = Callable[..., Played]


@contextmanager
def counted(lab: Lab) -> Iterator[Counter[str]]:
    """Give a counter that holds, once the block is left, the remote commands that came meanwhile by host."""
    commands: Counter[str] = Counter()
    with lab.watched() as requests:
        yield commands
    commands.update(each["host"] for each in requests if each.get("action") == "Command")


@pytest.fixture(scope="module")
def play(ansible: Ansible, tmp_path_factory: pytest.TempPathFactory) -> Play:
    """Call it with a lab, a playbook, options of ansible-playbook and those of the plugin: it runs the playbook."""
    numbers = itertools.count()

    def run(lab: Lab, target: str, *arguments: str, status: int = 0, **options: t.Any) -> Played:
        directory = tmp_path_factory.mktemp("played") / str(next(numbers))
        directory.mkdir()
        variables = {"results": str(directory), "result": str(directory / f"{SCP}.json"), "options": options}
        with counted(lab) as commands:
            done = ansible.playbook(
                TARGETS / target,
                *("--inventory", lab.windows["inventory"], "--forks", str(HOSTS), "--diff", *arguments),
                variables=variables,
            )
        assert done.status == status, done.output
        assert not [secret for secret in lab.secrets if secret in done.output]
        results = {file.stem: json.loads(file.read_text()) for file in directory.glob("*.json")}
        # For whoever runs pytest with --capture no.
        sys.stdout.write(f"\n{target}: remote commands by host: {dict(sorted(commands.items()))}\n")
        return Played(done, results, commands)

    return run


@pytest.fixture
def overlaid(lab: Labs, tmp_path: Path) -> Callable[[str, Json], Lab]:
    """Call it with a scenario and what is laid over it. Each lab is a new one, since its hosts are changed."""

    def start(scenario: str, overlay: Json) -> Lab:
        file = tmp_path / "overlay.yml"
        file.write_text(yaml.safe_dump(overlay))
        return lab(scenario, "--overlay", str(file))

    return start


def test_every_host_is_observed_with_one_command(lab: Labs, play: Play) -> None:
    played = play(lab("contoso"), "site_system_info/observe.yml", "-vvv")
    assert len(played.results) == 11
    assert played.commands == dict.fromkeys(played.results, 1)
    for name, result in played.results.items():
        observed = result["site_system"]
        assert not [key for key, value in observed.items() if isinstance(value, dict) and "error" in value]
        assert observed["hostname"] == name
        assert observed["clock_skew_seconds"] == pytest.approx(0, abs=1)
        assert (observed["dotnet_release"], observed["os"]["build"]) == (528449, 20348)
        if name != SCP:
            assert (observed["winhttp"]["proxy"], observed["winhttp"]["wow64_matches"]) == (None, True)
    winhttp = played.results[SCP]["site_system"]["winhttp"]
    assert (winhttp["proxy"], winhttp["bypass"], winhttp["version"]) == (PROXY, ["<local>"], 0x28)
    assert winhttp["wow64_matches"] is False


def test_the_incomplete_bypass_list_is_put_right(overlaid: Callable[[str, Json], Lab], play: Play) -> None:
    lab = overlaid("contoso", {"description": "changed by this test"})

    def setting(*arguments: str, commands: int, **options: t.Any) -> Json:
        played = play(lab, "winhttp_proxy/set.yml", "--limit", f"{SCP},localhost", *arguments, **options)
        assert played.commands == {SCP: commands}
        assert commands <= MOST_TO_ENFORCE
        return played.results[SCP]

    checked = setting("--check", commands=1, **WANTED)
    assert (checked["changed"], checked["before"]["bypass"]) == (True, ["<local>"])
    assert checked["before"]["wow64"]["proxy"] is None
    done = setting(commands=2, **WANTED)
    same = ("changed", "diff", "before", "after", "proxy", "bypass", "wow64_matches")
    assert {key: done[key] for key in same} == {key: checked[key] for key in same}
    again = setting(commands=1, **WANTED)
    assert (again["changed"], again["after"], again["wow64_matches"]) == (False, done["after"], True)
    assert again["bypass"] == ["<local>", "*.corp.contoso.example"]
    assert setting(commands=2, state="absent")["changed"] is True
    read = play(lab, "winhttp_proxy_info/read.yml", "--limit", f"{SCP},localhost")
    assert (read.results[SCP]["proxy"], read.commands) == (None, {SCP: 1})


@pytest.mark.parametrize(("netsh", "word"), [("lies", "the registry says"), ("fails", "Access is denied")])
def test_what_does_not_take_is_caught(netsh: str, word: str, overlaid: Callable[[str, Json], Lab], play: Play) -> None:
    lab = overlaid("contoso", {"windows_hosts": {"cm-scp01": {"netsh": netsh}}})
    before = play(lab, "site_system_info/observe.yml", "--limit", f"{SCP},localhost").results[SCP]
    failed = play(lab, "winhttp_proxy/set.yml", "--limit", f"{SCP},localhost", status=2, **WANTED).results[SCP]
    assert (failed["failed"], failed["changed"]) == (True, False)
    assert word in failed["msg"]
    assert "nothing was changed" in failed["msg"]
    after = play(lab, "site_system_info/observe.yml", "--limit", f"{SCP},localhost").results[SCP]
    assert after["site_system"]["winhttp"] == before["site_system"]["winhttp"]


def test_the_endpoints_as_the_service_connection_point_sees_them(lab: Labs, play: Play) -> None:
    def rows(**options: t.Any) -> list[Json]:
        played = play(
            lab("contoso"), "endpoint_info/probe.yml", *("--extra-vars", f"target={SCP}"), cloud="public", **options
        )
        assert played.results[SCP]["commands"] == played.commands[SCP]
        return t.cast("list[Json]", played.results[SCP]["endpoints"])

    through = rows(release="2503")
    assert {(row["reachable"], row["proxy_used"], row["revocation"]) for row in through} == {(True, PROXY, "reachable")}
    assert {row["tls"]["intercepted"] for row in through if row["tls"]} == {False}
    direct = rows(proxy="none")
    assert {(row["reachable"], row["stage"]) for row in direct} == {(False, "connect")}


def test_a_host_that_is_down_is_unreachable_and_the_others_are_observed(lab: Labs, play: Play) -> None:
    played = play(lab("ruined"), "site_system_info/observe.yml", status=4)
    assert SCP not in played.results
    assert f"{SCP} | UNREACHABLE!" in played.run.output or f"[{SCP}]: UNREACHABLE!" in played.run.output
    wrong = played.results[fqdn("cm-p02")]["site_system"]
    assert wrong["dotnet_release"] == 394254
    assert wrong["clock_skew_seconds"] == pytest.approx(400, abs=2)
    assert len(played.results) == 10


def test_over_winrm_it_does_not_matter_what_the_shell_is_called(lab: Labs, play: Play, tmp_path: Path) -> None:
    """Ansible gives every command to PowerShell there. From ansible-core 2.21 on it says cmd of it."""
    inventory = tmp_path / "cmd.yml"
    inventory.write_text(yaml.safe_dump({"windows": {"vars": {"ansible_shell_type": "cmd"}}}))
    target = "winhttp_proxy_info/read.yml"
    usual = play(lab("standalone"), target).results[fqdn("cm-ps1")]
    named = play(lab("standalone"), target, "--inventory", str(inventory)).results[fqdn("cm-ps1")]
    assert named == usual
    assert "error" not in named


def test_many_hosts_at_once(overlaid: Callable[[str, Json], Lab], play: Play) -> None:
    names = [f"cm-many{number:02}" for number in range(HOSTS - 1)]
    lab = overlaid("standalone", {"providers": {name: {"site": "PS1"} for name in names}})
    played = play(lab, "site_system_info/observe.yml")
    assert sorted(played.results) == sorted(map(fqdn, (*names, "cm-ps1")))
    assert set(played.commands) == set(played.results)
    assert max(played.commands.values()) <= MOST_TO_OBSERVE
    for result in played.results.values():
        assert result["site_system"]["winhttp"]["wow64_matches"] is True
