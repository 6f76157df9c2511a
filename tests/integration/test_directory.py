# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The modules of Active Directory against a domain controller of Samba.

What they leave is read by witnesses that share nothing with the collection: samba-tool, and ldapsearch.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import typing as t
from collections.abc import Callable
from pathlib import Path

import pytest
from integration.harness import NOISE, TARGETS, Ansible, Json, Run
from testbed.directory import Directory

PORT, INSTANCE = (f"MSSQLSvc/dir-sql01.corp.contoso.example:{each}" for each in ("1433", "CMINST"))
FOREIGN = "MSSQLSvc/dir-old.corp.contoso.example:1433"
WINDOWS_AUTHORIZATION, PRE_WINDOWS_2000 = "S-1-5-32-560", "S-1-5-32-554"
AUTHENTICATED_USERS = "S-1-5-11"
WORKSTATION, UNCONSTRAINED, TRANSITION = 0x1000, 0x80000, 0x1000000
USERS = {
    name: f"{name.title()}-Passw0rd-1" for name in ("dirplain", "dirwriter", "dirleast", "dirdisabled", "dirstale")
}
RIGHTS = ("msDS-AllowedToDelegateTo", "SeEnableDelegationPrivilege")


@pytest.fixture(scope="module")
def accounts(domain: Directory) -> Directory:
    """The domain, with a SQL Server whose services are registered, and people with more and less rights."""
    domain.computer("DIR-SQL01", PORT, INSTANCE)
    for name, password in USERS.items():
        domain.user(name, password, userAccountControl="514" if name == "dirdisabled" else "512")
    # Must be changed first: it counts from the password on.
    domain.modify(f"CN=dirstale,CN=Users,{domain.base_dn}", "replace", pwdLastSet="0")
    domain.grant("dirleast", "SeEnableDelegationPrivilege")
    return domain


@pytest.fixture
def provider(accounts: Directory, request: pytest.FixtureRequest) -> str:
    """The DN of a computer that may delegate to a foreign service already. Each test has its own."""
    number = PROVIDERS.setdefault(request.node.nodeid, len(PROVIDERS))
    return accounts.computer(f"DIR-PRV{number:02}", **{"msDS-AllowedToDelegateTo": FOREIGN})


PROVIDERS: dict[str, int] = {}


def name_of(dn: str) -> str:
    return dn.partition(",")[0].removeprefix("CN=")


def host_of(dn: str) -> str:
    return f"{name_of(dn).lower()}.corp.contoso.example"


def kerberos(domain: Directory, username: str = "Administrator", password: str | None = None) -> Json:
    return {
        "server": domain.server,
        "username": f"{username}@{domain.realm}",
        "password": password or domain.password,
    }


def simple(domain: Directory, username: str = "Administrator", password: str | None = None) -> Json:
    return {
        "server": domain.server,
        "auth": "simple",
        "username": f"CONTOSO\\{username}",
        "password": password or domain.password,
        "ca_path": str(domain.ca_path),
    }


Play = Callable[..., tuple[Run, t.Any]]


@pytest.fixture
def play(ansible: Ansible, domain: Directory, tmp_path: Path) -> Play:
    """Call it with a playbook of the targets, options of Ansible and variables: it returns what the module did."""

    def run(target: str, *arguments: str, noise: t.Sequence[str] = NOISE, **variables: t.Any) -> tuple[Run, t.Any]:
        result = tmp_path / "result.json"
        ran = ansible.playbook(
            TARGETS / target,
            *arguments,
            variables={"directory": kerberos(domain), "result": str(result), **variables},
            environment={**domain.environment, "KRB5CCNAME": f"FILE:{tmp_path}/none"},
            noise=noise,
        )
        shown = ran.output + result.read_text()
        assert not [secret for secret in (domain.password, *USERS.values()) if secret in shown]
        return ran, json.loads(result.read_text())

    return run


# -- The witnesses ----------------------------------------------------------------------------------------------------


def searched(domain: Directory, dn: str, *attributes: str) -> dict[str, list[str]]:
    """What ldapsearch shows of an object, over LDAPS."""
    done = subprocess.run(
        [
            *("ldapsearch", "-x", "-LLL", "-o", "ldif-wrap=no", "-H", f"ldaps://{domain.server}"),
            *("-D", f"Administrator@{domain.domain}", "-y", "/dev/stdin", "-b", dn, "-s", "base", *attributes),
        ],
        input=domain.password,
        env={**os.environ, **domain.environment, "LDAPTLS_CACERT": str(domain.ca_path)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=60,
    )
    found: dict[str, list[str]] = {name: [] for name in attributes}
    for name, value in re.findall(r"^([\w-]+): (.+)$", done.stdout, re.MULTILINE):
        if name != "dn":
            found[name].append(value)
    return found


def delegation(domain: Directory, dn: str) -> tuple[set[str], int]:
    """The services that a computer delegates to, and its bits, as both witnesses show them."""
    found = searched(domain, dn, "msDS-AllowedToDelegateTo", "userAccountControl")
    services, control = set(found["msDS-AllowedToDelegateTo"]), int(found["userAccountControl"][0])
    shown = domain.tool("delegation", "show", f"{name_of(dn)}$")
    assert set(re.findall(r"^msDS-AllowedToDelegateTo: (.+)$", shown, re.MULTILINE)) == services
    assert f"UF_TRUSTED_FOR_DELEGATION: {bool(control & UNCONSTRAINED)}" in shown
    assert f"UF_TRUSTED_TO_AUTHENTICATE_FOR_DELEGATION: {bool(control & TRANSITION)}" in shown
    return services, control & ~0x20


def members(domain: Directory, dn: str) -> set[str]:
    return set(searched(domain, dn, "member")["member"])


# -- constrained_delegation -------------------------------------------------------------------------------------------

DELEGATE = "constrained_delegation/ensure.yml"


def test_delegation_check_real_again_absent(play: Play, domain: Directory, provider: str) -> None:
    wanted = {"computer": host_of(provider), "services": [PORT.lower(), INSTANCE]}
    ours = {PORT.lower(), INSTANCE}
    run, checked = play(DELEGATE, "--check", "--diff", wanted=wanted)
    assert run.recap["changed"] == 1
    # The diff of Ansible's own output.
    assert f'+        "{PORT.lower()}"' in run.output
    assert delegation(domain, provider) == ({FOREIGN}, WORKSTATION)

    run, changed = play(DELEGATE, wanted=wanted)
    assert run.recap["changed"] == 1
    assert (changed["before"], changed["after"], changed["diff"]) == (
        checked["before"],
        checked["after"],
        checked["diff"],
    )
    assert set(changed["after"]["services"]) == {FOREIGN, *ours}
    assert delegation(domain, provider) == ({FOREIGN, *ours}, WORKSTATION)

    for arguments in ((), ("--check",)):
        run, again = play(DELEGATE, *arguments, wanted={**wanted, "services": [PORT, INSTANCE.upper()]})
        assert run.recap["changed"] == 0
        assert again["before"] == again["after"] == changed["after"]

    run, _gone = play(DELEGATE, wanted={**wanted, "services": [PORT, INSTANCE], "state": "absent"})
    assert run.recap["changed"] == 1
    assert delegation(domain, provider) == ({FOREIGN}, WORKSTATION)


@pytest.mark.parametrize("account", ["dirplain", "dirwriter"])
def test_missing_right_leaves_nothing_half_done(play: Play, domain: Directory, provider: str, account: str) -> None:
    domain.modify(provider, "replace", userAccountControl=str(WORKSTATION | UNCONSTRAINED))
    # To write the object is half of the right.
    domain.allow(provider, "dirwriter")
    directory = simple(domain, account, USERS[account])
    wanted = {"computer": host_of(provider), "services": [PORT, INSTANCE], "clear_other_delegation": True}
    _run, checked = play(DELEGATE, "--check", wanted=wanted, directory=directory)
    assert checked["changed"] is True
    run, refused = play(DELEGATE, wanted=wanted, directory=directory)
    assert run.recap["failed"] == 1
    assert refused["error"]["kind"] == "access_denied"
    assert all(right in " ".join(refused["error"]["rights"]) for right in RIGHTS)
    assert all(right in run.output for right in RIGHTS)
    assert delegation(domain, provider) == ({FOREIGN}, WORKSTATION | UNCONSTRAINED)


def test_documented_rights_are_enough(play: Play, domain: Directory, provider: str) -> None:
    domain.modify(provider, "replace", userAccountControl=str(WORKSTATION | UNCONSTRAINED | TRANSITION))
    domain.allow(provider, "dirleast")
    directory = kerberos(domain, "dirleast", USERS["dirleast"])
    wanted = {"computer": name_of(provider), "services": [PORT], "clear_other_delegation": True}
    run, changed = play(DELEGATE, wanted=wanted, directory=directory)
    assert run.recap["changed"] == 1, changed
    assert delegation(domain, provider) == ({FOREIGN, PORT}, WORKSTATION)


def test_unconstrained_delegation_is_reported_loudly_and_left(play: Play, domain: Directory, provider: str) -> None:
    domain.modify(provider, "replace", userAccountControl=str(WORKSTATION | UNCONSTRAINED))
    wanted = {"computer": provider, "services": [PORT]}
    run, changed = play(DELEGATE, wanted=wanted, noise=("Traceback", "[DEPRECATION"))
    assert (run.recap["changed"], changed["after"]["unconstrained"]) == (1, True)
    assert "[WARNING]" in run.output
    assert "TRUSTED_FOR_DELEGATION" in run.output
    assert delegation(domain, provider) == ({FOREIGN, PORT}, WORKSTATION | UNCONSTRAINED)


def test_nothing_is_added_to_protocol_transition(play: Play, domain: Directory, provider: str) -> None:
    domain.modify(provider, "replace", userAccountControl=str(WORKSTATION | TRANSITION))
    run, refused = play(DELEGATE, wanted={"computer": provider, "services": [PORT]})
    assert (run.recap["failed"], refused["error"]["kind"]) == (1, "contradiction")
    assert delegation(domain, provider) == ({FOREIGN}, WORKSTATION | TRANSITION)


def test_services_that_nobody_has_registered(play: Play, domain: Directory, provider: str) -> None:
    unknown = "MSSQLSvc/dir-sql99.corp.contoso.example:1433"
    wanted = {"computer": host_of(provider), "services": [PORT, unknown]}
    run, refused = play(DELEGATE, wanted=wanted)
    assert (run.recap["failed"], refused["error"]["observed"]) == (1, f"no account has {unknown}")
    assert delegation(domain, provider) == ({FOREIGN}, WORKSTATION)
    run, _changed = play(DELEGATE, wanted={**wanted, "check_services": False})
    assert delegation(domain, provider) == ({FOREIGN, PORT, unknown}, WORKSTATION)


# -- directory_group_member -------------------------------------------------------------------------------------------

JOIN = "directory_group_member/ensure.yml"


def test_member_check_real_again_absent(play: Play, domain: Directory, provider: str) -> None:
    group = f"CN=Windows Authorization Access Group,CN=Builtin,{domain.base_dn}"
    before = members(domain, group)
    # Enterprise domain controllers: the foreign entry that has to survive.
    assert before
    wanted = {"group": WINDOWS_AUTHORIZATION, "members": [host_of(provider)]}
    run, checked = play(JOIN, "--check", wanted=wanted)
    assert (run.recap["changed"], members(domain, group)) == (1, before)

    run, changed = play(JOIN, wanted=wanted)
    assert run.recap["changed"] == 1
    assert (changed["before"], changed["after"], changed["diff"], changed["members"]) == (
        checked["before"],
        checked["after"],
        checked["diff"],
        checked["members"],
    )
    assert members(domain, group) == {*before, provider}
    assert provider in domain.tool("group", "listmembers", "Windows Authorization Access Group", "--full-dn")

    for name in (f"CONTOSO\\{name_of(provider)}$", provider):
        run, _again = play(JOIN, wanted={"group": group, "members": [name]})
        assert run.recap["changed"] == 0

    run, _gone = play(JOIN, wanted={**wanted, "group": name_of(group), "state": "absent"})
    assert (run.recap["changed"], members(domain, group)) == (1, before)


def test_member_through_others(play: Play, domain: Directory, provider: str) -> None:
    inner = domain.group("DIR-Inner", provider)
    middle = domain.group("DIR-Middle", inner)
    outer = domain.group("DIR-Outer", middle, local=True)
    (sid,) = domain.values(middle, "objectSid")
    wanted = {"group": "DIR-Outer", "members": [host_of(provider)]}
    run, found = play(JOIN, wanted=wanted)
    assert (run.recap["changed"], found["members"][0]["through"]) == (0, sid)
    assert members(domain, outer) == {middle}

    run, found = play(JOIN, wanted={**wanted, "nested": False})
    assert (run.recap["changed"], members(domain, outer)) == (1, {middle, provider})

    run, found = play(JOIN, wanted={**wanted, "state": "absent"}, noise=("Traceback", "[DEPRECATION"))
    assert (run.recap["changed"], members(domain, outer)) == (1, {middle})
    assert run.count(f"through {sid}")

    run, found = play(JOIN, wanted={"group": PRE_WINDOWS_2000, "members": [host_of(provider)]})
    assert (run.recap["changed"], found["members"][0]["through"]) == (0, AUTHENTICATED_USERS)


def test_missing_right_on_a_group(play: Play, domain: Directory, provider: str) -> None:
    group = f"CN=Windows Authorization Access Group,CN=Builtin,{domain.base_dn}"
    before = members(domain, group)
    wanted = {"group": WINDOWS_AUTHORIZATION, "members": [host_of(provider)]}
    run, refused = play(JOIN, wanted=wanted, directory=simple(domain, "dirplain", USERS["dirplain"]))
    assert (run.recap["failed"], refused["error"]["kind"]) == (1, "access_denied")
    assert refused["error"]["rights"] == ["Active Directory: write member on the group object"]
    assert members(domain, group) == before


# -- directory_info ---------------------------------------------------------------------------------------------------

READ = "directory_info/read.yml"


def test_info(play: Play, domain: Directory, provider: str) -> None:
    group = domain.group("DIR-Readers", provider)
    domain.modify(provider, "replace", userAccountControl=str(WORKSTATION | TRANSITION))
    (sid,), (group_sid,), (sql_sid,) = (
        domain.values(dn, "objectSid") for dn in (provider, group, f"CN=DIR-SQL01,CN=Computers,{domain.base_dn}")
    )
    names = [host_of(provider), "dir-sql01.corp.contoso.example", "dir-none.corp.contoso.example"]
    case: Json = {
        "computers": names,
        "services": [PORT.upper(), FOREIGN],
        "groups": [WINDOWS_AUTHORIZATION, PRE_WINDOWS_2000, "DIR-Readers", "DIR-None"],
    }
    # Anybody may read.
    case |= kerberos(domain, "dirplain", USERS["dirplain"])
    run, (done,) = play(READ, cases={"all": case})
    assert run.recap["failed"] == 0, run.output
    found = done["directory"]
    assert (found["domain"], found["netbios"]) == (domain.domain, domain.netbios)
    assert (found["base_dn"], found["server"]) == (domain.base_dn, domain.server)
    first, sql, none = found["computers"]
    assert first.pop("service_names")
    assert first == {
        "name": host_of(provider),
        "dn": provider,
        "sid": sid,
        "account": f"CONTOSO\\{name_of(provider)}$",
        "delegates_to": [FOREIGN],
        "unconstrained": False,
        "protocol_transition": True,
        "groups": sorted([group_sid, f"{sid.rpartition('-')[0]}-515"]),
    }
    assert (sql["sid"], sql["delegates_to"]) == (sql_sid, [])
    assert {PORT, INSTANCE} <= set(sql["service_names"])
    assert (none["name"], none["error"]["kind"], len(none)) == (names[2], "not_found", 2)
    assert found["services"] == [
        {"name": PORT.upper(), "accounts": [r"CONTOSO\DIR-SQL01$"]},
        {"name": FOREIGN, "accounts": []},
    ]
    authorization, compatible, readers, missing = found["groups"]
    assert "S-1-5-9" in authorization["members"]
    assert (compatible["sid"], compatible["members"]) == (PRE_WINDOWS_2000, [AUTHENTICATED_USERS])
    assert readers == {"name": "DIR-Readers", "dn": group, "sid": group_sid, "members": [sid]}
    assert missing["error"]["kind"] == "not_found"


def test_ways_to_sign_in(play: Play, domain: Directory, accounts: Directory, tmp_path: Path) -> None:
    plain = {"username": f"dirplain@{domain.realm}", "password": USERS["dirplain"]}
    cache = tmp_path / "cache"
    subprocess.run(
        ["kinit", "-c", f"FILE:{cache}", plain["username"]],
        input=plain["password"],
        env={**os.environ, **domain.environment},
        stdout=subprocess.DEVNULL,
        text=True,
        check=True,
        timeout=60,
    )
    before = cache.read_bytes()
    keytab = accounts.keytab(tmp_path / "keytab", "dirplain")
    cases: dict[str, Json] = {
        "password": {**plain},
        "keytab": {"keytab": str(keytab)},
        "cache": {"ccache": f"FILE:{cache}"},
        "simple": {**simple(domain, "dirplain", USERS["dirplain"])},
        "start_tls": {**simple(domain, "dirplain", USERS["dirplain"]), "start_tls": True},
        "certificate with another of its names": {**simple(domain), "server": f"ldaps://{domain.server}:3269"},
    }
    run, done = play(READ, cases={name: {"server": domain.server, **case} for name, case in cases.items()})
    assert run.recap["failed"] == 0, done
    assert {each["directory"]["domain"] for each in done} == {domain.domain}
    assert cache.read_bytes() == before


@pytest.mark.usefixtures("accounts")
def test_refusals(play: Play, domain: Directory) -> None:
    people = {name: simple(domain, name, password) for name, password in USERS.items()}
    wrong = "N0t-the-passw0rd"
    # Kind of the error, part of its text, options.
    table: list[tuple[str, str, Json]] = [
        ("authentication", "KDC_ERR_PREAUTH_FAILED", kerberos(domain, "dirplain", wrong)),
        ("authentication", "KDC_ERR_C_PRINCIPAL_UNKNOWN", kerberos(domain, "dirnobody")),
        ("authentication", "disabled", kerberos(domain, "dirdisabled", USERS["dirdisabled"])),
        ("authentication", "must be changed", kerberos(domain, "dirstale", USERS["dirstale"])),
        ("authentication", "does not know the service", {**kerberos(domain), "server": domain.address}),
        ("authentication", "user name or password is wrong", simple(domain, "dirplain", wrong)),
        ("authentication", "disabled", people["dirdisabled"]),
        ("option", "travel in the clear", {**people["dirplain"], "server": f"ldap://{domain.server}"}),
        ("connection", "certificate is refused", {**people["dirplain"], "ca_path": str(domain.other_ca_path)}),
        (
            "connection",
            "certificate is refused",
            {**people["dirplain"], "ca_path": str(domain.other_ca_path), "start_tls": True},
        ),
        ("connection", "not valid for", {**people["dirplain"], "server": domain.address}),
        ("connection", "refused", {**people["dirplain"], "server": f"{domain.server}:1"}),
        ("connection", "refused", {**kerberos(domain), "server": f"{domain.server}:1"}),
        ("connection", "resolve", {**people["dirplain"], "server": "dc99.invalid"}),
        ("option", "fabrikam.example", {**kerberos(domain), "base_dn": "DC=fabrikam,DC=example"}),
        ("not_found", "leave base_dn out", {**kerberos(domain), "base_dn": f"OU=None,{domain.base_dn}"}),
    ]
    cases = {f"case {number}": options for number, (_kind, _part, options) in enumerate(table)}
    run, done = play(READ, cases=cases)
    assert run.recap["failed"] == 1
    assert wrong not in run.output
    for (kind, part, _options), each in zip(table, done, strict=True):
        assert (each["error"]["kind"], part in each["msg"]) == (kind, True), each["msg"]
