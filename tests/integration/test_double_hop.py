# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The double hop of a CAS: from fail over the enforcement to pass, with a real directory.

SQL Servers and SMS Providers are those of the lab, the directory is Samba's. What PowerShell would do on them is done
by the collection in `collections`.
"""

from __future__ import annotations

import os
import secrets
import typing as t
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from integration.harness import HERE, Ansible, Json, Lab, Labs, Readiness, Run, RunReadiness, fqdn, short
from testbed.directory import Directory, running

from lab import scenario as scenarios

ENFORCE = "configmgr.tenant_attach.enforce"
GROUP = "ConfigMgr_DViewAccess"
TAGS = ("--tags", "cas_remote_provider,provider_reads_groups")
OURS = {"cas_delegation", "cas_dview_access", "sql_service_names", "provider_reads_groups"}
SQL = [f"MSSQLSvc/{fqdn('cm-p01-sql01')}:50001", f"MSSQLSvc/{fqdn('cm-p01-sql01')}:CMINST"]
SQL += [f"MSSQLSvc/{fqdn('cm-p02-sql01')}:1433"]
SQL += [f"MSSQLSvc/{fqdn('cm-p03-sql01')}:50001", f"MSSQLSvc/{fqdn('cm-p03-sql01')}:CMINST"]
CAS_SQL = f"MSSQLSvc/{fqdn('cm-cas-sql01')}:1433"
FOREIGN = "HTTP/intranet.corp.contoso.example"
MEMBERS = ("cm-cas-prv01", "cm-cas01", "cm-cas-sql01")
DELEGATING = ("cm-cas-prv01", "cm-cas01", "cm-p01", "cm-p02", "cm-p03")
PROVIDERS = ("cm-p01", "cm-p01-prv01", "cm-p02", "cm-p02-prv01", "cm-p03")


@dataclass(frozen=True)
class Estate:
    """A directory, and how Ansible gets to it."""

    domain: Directory
    password: str

    @property
    def environment(self) -> dict[str, str]:
        path = os.pathsep.join((os.environ["ANSIBLE_COLLECTIONS_PATH"], str(HERE / "collections")))
        return {**self.domain.environment, "ANSIBLE_COLLECTIONS_PATH": path}

    def connection(self, name: str = "reader") -> Json:
        password = self.domain.password if name == "Administrator" else self.password
        return {"server": self.domain.server, "username": f"{name}@{self.domain.realm}", "password": password}

    def delegations(self) -> dict[str, set[str]]:
        """What the database of the controller holds."""
        dns = {host: f"CN={host},CN=Computers,{self.domain.base_dn}" for host in DELEGATING}
        return {host: set(self.domain.values(dn, "msDS-AllowedToDelegateTo")) for host, dn in dns.items()}

    def trusted(self) -> set[str]:
        """Members of the Windows Authorization Access Group."""
        return set(self.domain.tool("group", "listmembers", "Windows Authorization Access Group").split())


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    password = f"Lab-Canary-{secrets.token_urlsafe(9)}1"
    with running(tmp_path_factory.mktemp("domain")) as domain:
        domain.computers(*scenarios.load("contoso").hosts)
        domain.user("svc-sql", password, *SQL, CAS_SQL)
        domain.user("reader", password)
        domain.modify(f"CN=cm-cas01,CN=Computers,{domain.base_dn}", "add", **{"msDS-AllowedToDelegateTo": FOREIGN})
        # As in a new domain: only that of a domain that was once upgraded has everybody in it.
        old = f"CN=Pre-Windows 2000 Compatible Access,CN=Builtin,{domain.base_dn}"
        for member in domain.values(old, "member"):
            domain.modify(old, "delete", member=member)
        yield Estate(domain, password)


def members(lab: Lab, ansible: Ansible, host: str) -> set[str]:
    """What a second client is told by the host itself."""
    run = ansible.command(
        "ansible",
        fqdn(host),
        "-i",
        lab.inventory,
        "-m",
        "ansible.builtin.raw",
        "-a",
        f"& $env:ComSpec /d /s /c 'net localgroup {GROUP}'",
    )
    assert run.status == 0, run.output
    return {line.strip().partition("\\")[2].rstrip("$").lower() for line in run.output.splitlines() if "\\" in line}


def ours(readiness: Readiness) -> dict[tuple[str, str], str]:
    return {(each["id"], short(each)): each["outcome"] for each in readiness.findings if each["id"] in OURS}


class Story(t.NamedTuple):
    """What happened, in this order."""

    lab: Lab
    before: Readiness
    check: Run
    checked: dict[str, set[str]]
    enforced: Run
    requests: list[Json]
    again: Run
    after: Readiness


@pytest.fixture(scope="module")
def story(estate: Estate, lab: Labs, ansible: Ansible, readiness: RunReadiness) -> Story:
    own = lab("contoso", "--set", "description=a hierarchy that is put right")

    def enforce(*arguments: str, **variables: t.Any) -> Run:
        return ansible.playbook(
            ENFORCE,
            *TAGS,
            *arguments,
            lab=own,
            variables={"tenant_attach_directory": estate.connection("Administrator"), **variables},
            environment=estate.environment,
            inventory=own.inventory,
        )

    def judge() -> Readiness:
        return readiness(own, environment=estate.environment, tenant_attach_directory=estate.connection())

    before = judge()
    check = enforce("--check", "--diff", cas_remote_provider_restart=True)
    checked = estate.delegations()
    with own.watched() as requests:
        enforced = enforce("--diff", cas_remote_provider_restart=True)
    return Story(own, before, check, checked, enforced, requests, enforce(), judge())


def test_before_it_is_judged_as_it_is(story: Story) -> None:
    outcomes = ours(story.before)
    assert {key for key, outcome in outcomes.items() if outcome == "fail"} == {
        *(("cas_delegation", host) for host in DELEGATING),
        ("cas_dview_access", "cm-p01-sql01"),
        ("cas_dview_access", "cm-p02-sql01"),
        *(("provider_reads_groups", host) for host in PROVIDERS),
    }
    assert set(outcomes.values()) == {"fail", "pass"}


def test_check_mode_shows_every_step_in_its_order(story: Story) -> None:
    run = story.check
    assert run.status == 0, run.output
    shown = [line.strip(' ",') for line in run.output.splitlines() if ", step " in line]
    steps = [line.partition(", step ")[2] for line in shown]
    remote, sql = (
        [line for line in shown if line.startswith(f"The CAS has a remote {what}")]
        for what in ("SMS Provider", "SQL Server")
    )
    assert shown == remote + sql
    assert (
        [line[0] for line in steps]
        == [*"1112341112223"][: len(steps)]
        == ["1", "1", "1", "2", "3", "4", "1", "1", "1", "2", "2", "2", "3"]
    )
    assert (
        steps[0]
        == f"1: add {fqdn('cm-cas-prv01')}, {fqdn('cm-cas01')} to the local group {GROUP} on {fqdn('cm-p01-sql01')}"
    )
    assert steps[3] == f"2: trust {fqdn('cm-cas-prv01')} for delegation, with Kerberos only, to {', '.join(SQL)}"
    assert steps[5] == f"4: restart {fqdn('cm-cas-prv01')}"
    assert steps[9] == f"2: trust {fqdn('cm-p01')} for delegation, with Kerberos only, to {CAS_SQL}"


def test_check_mode_changes_nothing_and_says_the_same_as_the_run(story: Story) -> None:
    assert story.checked == {host: {FOREIGN} if host == "cm-cas01" else set() for host in DELEGATING}
    changed = [
        [line for line in run.output.splitlines() if line.startswith("changed:")]
        for run in (story.check, story.enforced)
    ]
    assert changed[0] == changed[1] != []
    assert "Read the directory again" not in " ".join(story.check.tasks)
    assert "Read the directory again" in " ".join(story.enforced.tasks)


def test_the_directory_and_the_hosts_have_it(story: Story, estate: Estate, ansible: Ansible) -> None:
    assert story.enforced.status == 0, story.enforced.output
    wanted: dict[str, set[str]] = {host: {CAS_SQL} for host in ("cm-p01", "cm-p02", "cm-p03")}
    wanted |= {"cm-cas-prv01": set(SQL), "cm-cas01": {*SQL, FOREIGN}}
    assert estate.delegations() == wanted
    assert {name.rstrip("$").lower() for name in estate.trusted()} >= set(PROVIDERS)
    for host in ("cm-p01-sql01", "cm-p02-sql01", "cm-p03-sql01"):
        assert members(story.lab, ansible, host) == set(MEMBERS)


def test_the_restart_is_last(story: Story) -> None:
    programs = [(each["host"], name) for each in story.requests for name in each.get("programs", ())]
    assert [host for host, name in programs if name == "shutdown.exe"] == [fqdn("cm-cas-prv01")]
    done = story.enforced.tasks
    assert done.index(
        "configmgr.tenant_attach.cas_remote_provider : Restart the computer that the list names"
    ) > done.index("configmgr.tenant_attach.cas_remote_provider : Trust computers for delegation to specified services")


def test_a_second_run_changes_nothing(story: Story) -> None:
    assert story.again.status == 0, story.again.output
    assert story.again.recap["changed"] == 0


def test_afterwards_it_passes(story: Story) -> None:
    outcomes = ours(story.after)
    assert outcomes.keys() == ours(story.before).keys()
    assert set(outcomes.values()) == {"pass"}


def test_no_secret_is_shown(story: Story, estate: Estate) -> None:
    texts = [story.check.output, story.enforced.output, story.again.output, story.after.text]
    assert not [text for text in texts if estate.password in text or estate.domain.password in text]


def test_a_healthy_hierarchy_with_its_directory_is_ready(
    story: Story, estate: Estate, lab: Labs, readiness: RunReadiness
) -> None:
    assert story.enforced.status == 0
    found = readiness(
        lab("healthy"), environment=estate.environment, tenant_attach_directory=estate.connection(), fail_on="unknown"
    )
    assert found.run.status == 0, found.run.output
    assert found.document["summary"]["verdict"] == "ready"


def test_a_directory_that_does_not_answer_is_unknown(estate: Estate, lab: Labs, readiness: RunReadiness) -> None:
    connection = {**estate.connection(), "server": f"{estate.domain.server}:9"}
    found = readiness(lab("contoso"), environment=estate.environment, tenant_attach_directory=connection)
    assert set(ours(found).values()) == {"unknown"}
    reasons = {each["reason"] for each in found.findings if each["id"] in OURS}
    assert len(reasons) == 1
    assert "Connection refused" in reasons.pop()


def test_a_sql_server_that_does_not_answer_is_unknown(estate: Estate, lab: Labs, readiness: RunReadiness) -> None:
    down = lab("contoso", "--set", "windows_hosts.cm-p02-sql01.down=true")
    found = readiness(down, environment=estate.environment, tenant_attach_directory=estate.connection())
    outcomes = ours(found)
    assert outcomes["cas_dview_access", "cm-p02-sql01"] == "unknown"
    assert outcomes["cas_dview_access", "cm-p03-sql01"] == "pass"
    (finding,) = (each for each in found.findings if each["id"] == "cas_dview_access" and short(each) == "cm-p02-sql01")
    assert "to be reached" in finding["reason"]


def enforce(estate: Estate, ansible: Ansible, lab: Lab, account: str = "Administrator", **variables: t.Any) -> Run:
    return ansible.playbook(
        ENFORCE,
        *("--tags", "cas_remote_provider"),
        lab=lab,
        variables={"tenant_attach_directory": estate.connection(account), **variables},
        environment=estate.environment,
        inventory=lab.inventory,
    )


def test_an_account_without_the_right_changes_nothing(
    story: Story, estate: Estate, lab: Labs, ansible: Ansible
) -> None:
    assert story.enforced.status == 0
    dn = f"CN=cm-cas-prv01,CN=Computers,{estate.domain.base_dn}"
    estate.domain.modify(dn, "delete", **{"msDS-AllowedToDelegateTo": SQL[0]})
    before = estate.delegations()
    run = enforce(estate, ansible, lab("healthy"), "reader", cas_remote_provider_restart=True)
    estate.domain.modify(dn, "add", **{"msDS-AllowedToDelegateTo": SQL[0]})
    assert run.status == 2, run.output
    assert "SeEnableDelegationPrivilege" in run.output
    assert before["cm-cas-prv01"] == set(SQL[1:])
    assert not [name for name in run.tasks if "Restart" in name]


def test_a_missing_local_group_stops_the_run_before_any_change(
    estate: Estate, lab: Labs, ansible: Ansible, readiness: RunReadiness
) -> None:
    own = lab("contoso", "--set", "windows_hosts.cm-p03-sql01.local_groups=null")
    found = readiness(own, environment=estate.environment, tenant_attach_directory=estate.connection())
    (finding,) = (each for each in found.findings if each["id"] == "cas_dview_access" and short(each) == "cm-p03-sql01")
    assert (finding["outcome"], finding["remedy"]["kind"]) == ("fail", "manual")
    run = enforce(estate, ansible, own)
    assert run.status == 2
    assert "Could not find local group" in run.output
    assert members(own, ansible, "cm-p02-sql01") == set()


def test_a_service_name_that_nobody_has_stops_the_run_before_any_change(
    estate: Estate, lab: Labs, ansible: Ansible
) -> None:
    own = lab("contoso")
    ports = {
        **own.variables["tenant_attach_expectations"],
        "sql_ports": {fqdn("cm-p01-sql01"): 50001, fqdn("cm-p03-sql01"): 7},
    }
    run = enforce(estate, ansible, own, tenant_attach_expectations=ports)
    assert run.status == 2
    assert f"service MSSQLSvc/{fqdn('cm-p03-sql01')}:7" in run.output
    assert members(own, ansible, "cm-p02-sql01") == set()


def test_it_does_not_apply_to_a_stand_alone_site(estate: Estate, lab: Labs, ansible: Ansible) -> None:
    run = enforce(estate, ansible, lab("standalone"))
    assert run.status == 0, run.output
    assert "not applicable: the top-tier site PS1 is a stand-alone primary site" in run.output
    assert run.recap["changed"] == 0


def test_without_a_directory_it_is_refused(lab: Labs, ansible: Ansible) -> None:
    run = ansible.playbook(ENFORCE, "--tags", "cas_remote_provider", lab=lab("standalone"))
    assert run.status == 2
    assert "tenant_attach_directory" in run.output
