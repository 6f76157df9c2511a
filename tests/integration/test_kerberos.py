# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""AdminService behind real Kerberos: Samba's KDC, and an acceptor with the keytab of the SMS Provider's computer."""

from __future__ import annotations

import json
import secrets
import subprocess
import threading
import typing as t
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from integration.harness import PATIENCE, Ansible, Json, Lab, Labs, RunReadiness, fqdn
from integration.test_bad_days import Asker, assert_explained
from testbed.directory import Directory

PROVIDER, BOUND, STRANGE, UNKNOWN = "cm-cas01", "cm-cas-prv01", "cm-p01", "cm-p02"
WRONG_PASSWORD = "LAB-CANARY-WRONG-PASSWORD"
CLOCK = Path(__file__).resolve().parents[1] / "testbed" / "clock.c"
# The library adjusts itself to the clock of the KDC, unless it is told to trust the one at hand.
TRUSTING = "[libdefaults]\nkdc_timesync = 0\n"


@dataclass(frozen=True)
class Realm:
    """Labs in a domain, with accounts and what they sign in with."""

    healthy: Lab
    standalone: Lab
    domain: Directory
    keytab: Path
    directory: Path

    @property
    def password(self) -> str:
        """The password of every account: the one that the lab itself takes from `auditor` by NTLM."""
        return self.healthy.accounts["auditor"]["password"]

    @property
    def environment(self) -> dict[str, str]:
        """Kerberos as it is configured, and a default cache of the user's that is not there."""
        return {"KRB5_CONFIG": str(self.domain.krb5_conf), "KRB5CCNAME": str(self.directory / "default-cache")}

    def account(self, name: str) -> str:
        return f"{name}@{self.domain.realm}"

    def cache(self, name: str, *services: str) -> Path:
        """Make a cache as a user does, with tickets for services where some are named."""
        path = self.directory / name
        environment = self.environment | {"KRB5CCNAME": str(path)}
        kinit = ["kinit", "-k", "-t", str(self.keytab), self.account("auditor")]
        for command in (kinit, *(["kvno", service] for service in services)):
            subprocess.run(command, env=environment, check=True, capture_output=True, timeout=PATIENCE)
        return path


@pytest.fixture(scope="module")
def realm(domain: Directory, lab: Labs, tmp_path_factory: pytest.TempPathFactory) -> Realm:
    directory = tmp_path_factory.mktemp("kerberos")
    keys = directory / "providers.keytab"
    for host in (PROVIDER, BOUND, "cm-ps1"):
        domain.computer(host, password=secrets.token_urlsafe(16))
        domain.keytab(keys, f"{host}$")
    # Its service stands at an account whose keys it does not have, as after a move.
    domain.computer("old-server", f"HTTP/{fqdn(STRANGE)}", password=secrets.token_urlsafe(16))
    kerberos = ("--keytab", str(keys), "--krb5-conf", str(domain.krb5_conf))
    healthy = lab("healthy", *kerberos, "--set", f"providers.{BOUND}.extended_protection=true")
    for name in ("auditor", "newcomer", "expired", "disabled"):
        domain.user(name, healthy.accounts["auditor"]["password"])
    domain.tool("user", "disable", "disabled")
    domain.modify(f"CN=expired,CN=Users,{domain.base_dn}", "replace", pwdLastSet="0")
    keytab = domain.keytab(directory / "auditor.keytab", "auditor")
    return Realm(healthy, lab("standalone", *kerberos), domain, keytab, directory)


@pytest.fixture(scope="module")
def ask(ansible: Ansible, tmp_path_factory: pytest.TempPathFactory) -> Asker:
    return Asker(ansible, tmp_path_factory.mktemp("answers"))


@contextmanager
def process_list(*needles: str) -> Iterator[list[str]]:
    """Give a list that holds, once the block is left, the command lines that showed one of some texts meanwhile."""
    found: list[str] = []
    over = threading.Event()

    def look() -> None:
        while not over.wait(0.05):
            for file in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    line = file.read_bytes().decode(errors="replace")
                except OSError:  # It ended meanwhile.
                    continue
                found.extend(line for needle in needles if needle in line)

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield found
    finally:
        over.set()
        watcher.join()


def protocols(requests: list[Json]) -> set[tuple[str, str]]:
    """By whom and how the requests that were answered came."""
    return {(request["user"], request["protocol"]) for request in requests if request["status"] == 200}


# -- what works -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", ["password", "keytab", "cache"])
def test_readiness_signs_in_with(source: str, realm: Realm, readiness: RunReadiness) -> None:
    estate = realm.standalone
    options = {name: estate.adminservice[name] for name in ("provider", "ca_path", "connect_to")}
    environment = realm.environment
    before = b""
    if source == "password":
        options |= {"username": realm.account("auditor"), "password": realm.password}
    elif source == "keytab":
        environment["CONFIGMGR_KEYTAB"] = str(realm.keytab)
    else:
        environment["KRB5CCNAME"] = str(realm.cache("readiness-cache"))
        before = (realm.directory / "readiness-cache").read_bytes()
    with estate.watched() as requests, process_list(realm.password) as shown:
        run = readiness(estate, environment=environment, tenant_attach_adminservice=options)
    assert shown == []
    assert realm.password not in run.run.output
    assert realm.password not in run.text
    provider = [request for request in requests if request["provider"] == options["provider"]]
    assert protocols(provider) == {("CONTOSO\\auditor", "kerberos")}
    outcomes = {each["id"]: each["outcome"] for each in run.findings}
    assert {outcomes[name] for name in ("adminservice_functional", "provider_authentication_level")} == {"pass"}
    assert run.evidence["adminservice"]["auth"] == "kerberos"
    # What the user has is read, and nothing is put there.
    cache = Path(environment["KRB5CCNAME"])
    assert (cache.read_bytes() if cache.exists() else b"") == before


WORKING = ("password", "domain name", "NetBIOS name", "keytab", "keytab of a user", "cache", "negotiate", "bound")


@pytest.fixture(scope="module")
def answered(realm: Realm, ask: Asker) -> Json:
    signed_in = {"username": realm.account("auditor"), "password": realm.password}
    cases: Mapping[str, Json] = {
        "password": signed_in,
        "domain name": {**signed_in, "username": f"{realm.domain.domain}\\auditor"},
        "NetBIOS name": {**signed_in, "username": "CONTOSO\\auditor"},
        "keytab": {"keytab": str(realm.keytab)},
        "keytab of a user": {"keytab": str(realm.keytab), "username": realm.account("auditor")},
        "cache": {"ccache": str(realm.cache("ask-cache"))},
        "negotiate": {"auth": "negotiate", **signed_in},
        "bound": {"provider": fqdn(BOUND), **signed_in},
        # And what does not.
        "wrong password": {**signed_in, "password": WRONG_PASSWORD},
        "unknown account": {**signed_in, "username": realm.account("nobody")},
        "expired password": {**signed_in, "username": realm.account("expired")},
        "disabled account": {**signed_in, "username": realm.account("disabled")},
        "unknown service": {"provider": fqdn(UNKNOWN), **signed_in},
        "service of another": {"provider": fqdn(STRANGE), **signed_in},
        "no administrator": {**signed_in, "username": realm.account("newcomer")},
        "keytab of another": {"keytab": str(realm.keytab), "username": realm.account("newcomer")},
        "no keytab": {"keytab": "/nonexistent.keytab"},
        "no cache": {},
        "NTLM": {"auth": "ntlm", **realm.healthy.accounts["auditor"]},
        "NTLM in negotiate": {"auth": "negotiate", "provider": fqdn(UNKNOWN), **realm.healthy.accounts["auditor"]},
        "address": {"provider": "127.0.0.1", **signed_in},
        "short name": {"provider": PROVIDER, **signed_in},
    }
    usable = {"auth", "username", "password", "keytab", "ccache", "provider"}
    cases = {
        name: {"auth": "kerberos"} | {key: value for key, value in case.items() if key in usable}
        for name, case in cases.items()
    }
    before = (realm.directory / "ask-cache").read_bytes()
    with realm.healthy.watched() as requests, process_list(realm.password, WRONG_PASSWORD) as shown:
        answers = ask(realm.healthy, cases, environment=realm.environment)
    assert shown == []
    assert realm.password not in json.dumps(answers)
    assert (realm.directory / "ask-cache").read_bytes() == before
    assert not Path(realm.environment["KRB5CCNAME"]).exists()
    return {**answers, "requests": requests}


@pytest.mark.parametrize("case", WORKING)
def test_the_service_is_reached_with(case: str, answered: Json) -> None:
    assert not answered[case]["failed"], answered[case]
    assert answered[case]["count"] == 8


def test_it_is_kerberos_that_let_everybody_in(answered: Json) -> None:
    assert protocols(answered["requests"]) == {("CONTOSO\\auditor", "kerberos")}


def test_another_client_is_let_in_by_the_same_ticket(realm: Realm) -> None:
    # curl with MIT Kerberos and SPNEGO shares nothing with the collection: the acceptor is a real one.
    cache = realm.cache("curl-cache")
    found = {}
    for host in (PROVIDER, BOUND):
        address = realm.healthy.adminservice["connect_to"][fqdn(host)]
        command = ["curl", "--silent", "--output", "/dev/null", "--write-out", "%{http_code}", "--negotiate", "-u", ":"]
        command += ["--cacert", realm.healthy.adminservice["ca_path"], "--noproxy", "*"]
        command += ["--connect-to", f"{fqdn(host)}:443:{address}", f"https://{fqdn(host)}/AdminService/wmi/SMS_Site"]
        environment = realm.environment | {"KRB5CCNAME": str(cache)}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=True)
        found[host] = done.stdout
    # Its version binds no ticket to the TLS connection, which extended protection asks for.
    assert found == {PROVIDER: "200", BOUND: "401"}


# -- what does not ----------------------------------------------------------------------------------------------------

EXPLAINED: dict[str, tuple[str | None, list[str]]] = {
    "wrong password": ("wrong_password", ["refuses the password or key of auditor@", "KDC_ERR_PREAUTH_FAILED"]),
    "unknown account": ("unknown_account", ["does not know the account nobody@", "KDC_ERR_C_PRINCIPAL_UNKNOWN"]),
    "expired password": ("expired_password", ["must be changed", "change the password", "KDC_ERR_KEY_EXPIRED"]),
    "disabled account": ("account_disabled", ["disabled or locked", "KDC_ERR_CLIENT_REVOKED"]),
    "unknown service": (
        "unknown_service",
        ["does not know the service HTTP/{unknown}", "an alias has no service", "setspn -Q HTTP/{unknown}"],
    ),
    "service of another": ("wrong_key", ["cannot read the ticket for HTTP/{strange}", "setspn -X"]),
    "keytab of another": ("keytab", ["the keytab has no key for newcomer@", "it has auditor@", "klist -ke"]),
    "no keytab": ("keytab", ["the keytab cannot be read", "ENOENT"]),
    "no cache": ("cache", ["no cache of tickets", "run kinit", "KRB5CCNAME"]),
    "no administrator": (None, ["HTTP 403", "rights of the account"]),
    "NTLM": (None, ["HTTP 401 after NTLM", "build 9141 (version 2509) or later refuses NTLM", "auth=kerberos"]),
    "NTLM in negotiate": (
        None,
        ["HTTP 401 after NTLM", "Kerberos was not possible: the domain does not know the service HTTP/{unknown}"],
    ),
    "address": (None, ["an address, 127.0.0.1, for which Windows would fall back to NTLM", "connect_to"]),
    "short name": (None, ["a short name, cm-cas01, for which Windows would fall back to NTLM"]),
}


@pytest.mark.parametrize("case", EXPLAINED)
def test_refusal_is_explained(case: str, answered: Json) -> None:
    reason, said = EXPLAINED[case]
    assert_explained(answered[case], [text.format(unknown=fqdn(UNKNOWN), strange=fqdn(STRANGE)) for text in said], "")
    assert answered[case]["error"].get("reason") == reason


def test_no_two_refusals_look_the_same(answered: Json) -> None:
    told = [(answered[case]["error"]["observed"], answered[case]["error"]["next_step"]) for case in EXPLAINED]
    assert len({observed for observed, _next_step in told}) == len(told)


def test_a_clock_that_is_wrong(realm: Realm, ask: Asker) -> None:
    trusting = realm.directory / "trusting.conf"
    trusting.write_text(TRUSTING + realm.domain.krb5_conf.read_text())
    library = realm.directory / "clock.so"
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", str(library), str(CLOCK)], check=True, timeout=PATIENCE)
    clock = {"LD_PRELOAD": str(library), "CLOCK_SHIFT": "3600"}
    cached = realm.cache("skewed-cache", f"HTTP/{fqdn(PROVIDER)}")
    answers = ask(
        realm.healthy,
        {
            # The KDC finds out, or, where no KDC is needed any more, the SMS Provider.
            "domain": {"auth": "kerberos", "username": realm.account("auditor"), "password": realm.password},
            "service": {"auth": "kerberos", "ccache": str(cached)},
        },
        environment={**realm.environment, **clock, "KRB5_CONFIG": str(trusting)},
    )
    for case in ("domain", "service"):
        said = ["the clocks differ", "KRB_AP_ERR_SKEW", "set the time of the execution node", "five minutes"]
        assert_explained(answers[case], said, "")
        assert answers[case]["error"]["reason"] == "clock_skew"


def test_no_domain_controller_answers(realm: Realm, ask: Asker) -> None:
    lost = realm.directory / "lost.conf"
    lost.write_text(realm.domain.krb5_conf.read_text().replace(realm.domain.address, "127.0.0.1:1"))
    signed_in = {"auth": "kerberos", "password": realm.password}
    answers = ask(
        realm.healthy,
        {
            "silent": {**signed_in, "username": realm.account("auditor")},
            # The default realm is asked for an account with this suffix, and it is silent, too.
            "elsewhere": {**signed_in, "username": "auditor@nowhere.invalid"},
        },
        environment={**realm.environment, "KRB5_CONFIG": str(lost)},
    )
    for case in answers:
        assert_explained(answers[case], ["no domain controller", "KRB5_KDC_UNREACH", "port 88"], "")
        assert answers[case]["error"]["reason"] == "kdc_unreachable"


# -- options that cannot work -----------------------------------------------------------------------------------------


def test_more_than_one_source_is_refused_before_any_call(realm: Realm, ask: Asker) -> None:
    keytab, cache = {"keytab": str(realm.keytab)}, {"ccache": "/tmp/cache"}
    password = {"username": realm.account("auditor"), "password": realm.password}
    cases: dict[str, tuple[Json, str]] = {
        "keytab and password": ({"auth": "kerberos", **keytab, **password}, "one of the options password, keytab"),
        "keytab and cache": ({"auth": "kerberos", **keytab, **cache}, "keytab and ccache"),
        "token and Kerberos": ({"auth": "kerberos", "token": "LAB-CANARY-TOKEN"}, "no option token for auth=kerberos"),
        "keytab and NTLM": ({"auth": "ntlm", **keytab, **password}, "no option keytab for auth=ntlm"),
        "cache and token": ({"auth": "token", **cache}, "no option ccache for auth=token"),
    }
    with realm.healthy.watched() as requests:
        answers = ask(realm.healthy, {name: case for name, (case, _said) in cases.items()})
    assert requests == []
    for name, (_case, said) in cases.items():
        assert said in answers[name]["msg"]
        assert answers[name]["error"]["kind"] == "option"


# -- everywhere -------------------------------------------------------------------------------------------------------


def test_the_inventory_takes_a_keytab(realm: Realm, ansible: Ansible, tmp_path: Path) -> None:
    names = ("provider", "ca_path", "connect_to")
    source = tmp_path / "lab.hierarchy.yml"
    options: t.Any = {name: realm.healthy.adminservice[name] for name in names} | {"keytab": str(realm.keytab)}
    source.write_text(json.dumps({"plugin": "configmgr.tenant_attach.hierarchy", **options}))
    with realm.healthy.watched() as requests:
        run = ansible.command("ansible-inventory", "-i", str(source), "--graph", environment=realm.environment)
    assert run.status == 0, run.output
    assert fqdn(PROVIDER) in run.output
    assert protocols(requests) == {("CONTOSO\\auditor", "kerberos")}
