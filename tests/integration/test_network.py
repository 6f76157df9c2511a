# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What readiness and enforce do on the Windows hosts of the inventory: played ones, over WinRM."""

from __future__ import annotations

import typing as t
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import yaml
from integration.harness import (
    Ansible,
    Json,
    Lab,
    Labs,
    Readiness,
    Run,
    RunReadiness,
    fqdn,
    running,
    short,
)

ENFORCE = "configmgr.tenant_attach.enforce"
POINT = "cm-scp01"
# Observing takes one remote command, and probing from a service connection point another one.
MOST_TO_OBSERVE = 2
# Reading before and after, and the change itself.
MOST_TO_ENFORCE = 3
AREAS = {"network", "hosts"}


def outcomes(run: Readiness) -> dict[tuple[str, str], str]:
    return {(each["id"], short(each)): each["outcome"] for each in run.findings}


def commands(requests: list[Json]) -> Counter[str]:
    """The number of remote commands that each host was sent."""
    sent = [each for each in requests if each["provider"] == "winrm" and each.get("action") == "Command"]
    return Counter(str(each["host"]).partition(".")[0] for each in sent)


@pytest.fixture
def estate(tmp_path: Path) -> Iterator[Callable[..., Lab]]:
    """Call it with arguments of the lab: it starts one of its own, which nobody else changes."""
    with ExitStack() as stack:
        yield lambda *arguments: stack.enter_context(running(tmp_path / "lab", "contoso", *arguments))


@pytest.fixture
def enforce(ansible: Ansible) -> Callable[..., Run]:
    def run(lab: Lab, *arguments: str, **variables: t.Any) -> Run:
        return ansible.playbook(ENFORCE, *arguments, lab=lab, variables=variables, inventory=lab.inventory)

    return run


def test_each_host_is_visited_once(lab: Labs, readiness: RunReadiness, capsys: pytest.CaptureFixture[str]) -> None:
    with lab("healthy").watched() as requests:
        run = readiness(lab("healthy"))
    assert run.run.status == 0
    sent = commands(requests)
    with capsys.disabled():
        print(f"\nremote commands by host: {dict(sorted(sent.items()))}")  # noqa: T201  # A figure to be seen.
    assert set(sent) == {
        "cm-cas01",
        "cm-cas-prv01",
        "cm-p01",
        "cm-p01-prv01",
        "cm-p02",
        "cm-p02-prv01",
        "cm-p03",
        POINT,
    }
    assert {count for host, count in sent.items() if host != POINT} == {1}
    assert sent[POINT] == MOST_TO_OBSERVE


def test_without_a_logon_everything_else_is_judged_all_the_same(
    lab: Labs, readiness: RunReadiness, judged: Callable[[str], Readiness]
) -> None:
    blind = readiness(lab("contoso"), inventory="localhost,", fail_on="never")
    with_visits, without = outcomes(judged("contoso")), outcomes(blind)
    assert with_visits.keys() == without.keys()
    concerned = {(each["id"], short(each)) for each in blind.findings if each["area"] in AREAS}
    assert {without[key] for key in concerned} == {"unknown"}
    assert {key: without[key] for key in without.keys() - concerned} == {
        key: with_visits[key] for key in without.keys() - concerned
    }
    reasons = {each["remedy"]["text"] for each in blind.findings if each["area"] in AREAS}
    assert all("inventory" in reason for reason in reasons)


def test_a_wrong_password_is_told_and_the_run_goes_on(lab: Labs, readiness: RunReadiness, tmp_path: Path) -> None:
    estate = lab("standalone")
    inventory = yaml.safe_load(Path(estate.inventory).read_text(encoding="utf-8"))
    inventory["all"]["children"]["windows"]["vars"]["ansible_password"] = "LAB-CANARY-WRONG-PASSWORD"
    changed = tmp_path / "inventory.yml"
    changed.write_text(yaml.safe_dump(inventory))
    run = readiness(estate, inventory=str(changed), fail_on="never")
    assert run.run.status == 0
    concerned = [each for each in run.findings if each["area"] in AREAS]
    assert {each["outcome"] for each in concerned} == {"unknown"}
    assert any("credentials were rejected" in each["reason"] for each in concerned), concerned[0]["reason"]
    assert "LAB-CANARY-WRONG-PASSWORD" not in run.run.output + run.text


def test_a_host_that_is_down_costs_its_own_rows_only(judged: Callable[[str], Readiness]) -> None:
    ruined = judged("ruined")
    found = {each["id"]: each for each in ruined.findings if short(each) == POINT and each["area"] in AREAS}
    assert {each["outcome"] for each in found.values()} == {"unknown"}
    assert all(each["reason"] and each["remedy"]["text"] for each in found.values())
    others = {each["outcome"] for each in ruined.findings if each["area"] == "hosts" and short(each) == "cm-cas01"}
    assert others == {"pass"}


def test_the_bypass_list_is_completed(
    estate: Callable[..., Lab],
    enforce: Callable[..., Run],
    readiness: RunReadiness,
    capsys: pytest.CaptureFixture[str],
) -> None:
    lab = estate()
    before = readiness(lab, fail_on="never")
    (finding,) = (each for each in before.findings if each["id"] == "winhttp_bypass_list")
    assert finding["outcome"] == "fail"
    assert finding["remedy"]["tags"] == ["winhttp_proxy"]
    # What the finding proposes is what is given.
    proposed = finding["reason"].partition(": ")[2].split("; ")
    declared: Json = {"winhttp_proxy_bypass": proposed}
    tags = ("--tags", "winhttp_proxy", "--diff")
    runs = []
    for options in (("--check",), (), ()):
        with lab.watched() as requests:
            runs.append(enforce(lab, *tags, *options, **declared))
        assert set(commands(requests)) == {POINT}
        with capsys.disabled():
            print(f"\nremote commands to enforce: {commands(requests)[POINT]}")  # noqa: T201  # A figure to be seen.
        assert commands(requests)[POINT] <= MOST_TO_ENFORCE
    assert [run.status for run in runs] == [0, 0, 0]
    changes = [
        f"{fqdn(POINT)} : ok=2    changed={count}" in run.output for run, count in zip(runs, (1, 1, 0), strict=True)
    ]
    assert changes == [True] * 3
    checked, done, again = ([line for line in run.output.splitlines() if line[:1] in "+-"] for run in runs)
    assert checked == done != again
    after = outcomes(readiness(lab, fail_on="never"))
    assert (after["winhttp_bypass_list", POINT], after["winhttp_views_agree", POINT]) == ("pass", "pass")
    rest = after.keys() - {("winhttp_bypass_list", POINT), ("winhttp_views_agree", POINT)}
    assert {key: after[key] for key in rest} == {key: outcomes(before)[key] for key in rest}


@pytest.mark.parametrize(("netsh", "text"), [("lies", "exit code 0"), ("fails", "exit code 1")])
def test_a_change_that_does_not_take_is_no_change(
    netsh: str, text: str, estate: Callable[..., Lab], enforce: Callable[..., Run], readiness: RunReadiness
) -> None:
    lab = estate("--set", f"windows_hosts.{POINT}.netsh={netsh}")
    before = readiness(lab, fail_on="never").evidence["hosts"]
    run = enforce(lab, "--tags", "winhttp_proxy", winhttp_proxy_bypass=["*.corp.contoso.example"])
    assert run.status == 2
    assert "Expected: netsh to set" in run.output
    assert text in run.output
    assert "nothing was changed" in run.output
    after = readiness(lab, fail_on="never").evidence["hosts"]
    names = ("proxy", "bypass", "wow64_matches")
    seen = [
        {name: next(each for each in hosts if each["host"] == fqdn(POINT))["winhttp"][name] for name in names}
        for hosts in (before, after)
    ]
    assert seen[0] == seen[1]


def test_what_is_not_declared_is_left_alone(lab: Labs, enforce: Callable[..., Run]) -> None:
    estate = lab("contoso")
    with estate.watched() as requests:
        silent = enforce(estate)
        refused = [enforce(estate, "--tags", tag) for tag in ("winhttp_proxy", "network", "winhttp_bypass_list")]
    assert commands(requests) == Counter()
    assert silent.status == 0
    assert [run.status for run in refused] == [2, 2, 2]
    assert all(
        "Expected: winhttp_proxy_proxy or winhttp_proxy_bypass" in " ".join(run.output.split()) for run in refused
    )
