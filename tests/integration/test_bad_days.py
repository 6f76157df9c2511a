# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The bad days: each ends in a message with expected, observed, where and next step, and nothing secret is printed.

Every fault of the lab stands on an SMS Provider of its own, so that one lab and one run do for all of them.
"""

from __future__ import annotations

import json
import re
import typing as t
from collections.abc import Mapping
from pathlib import Path

import pytest
from integration.harness import TARGETS, Ansible, Json, Lab, Labs, fqdn

LABELS = ("Expected: ", "Observed: ", "Where: ", "Next step: ")
HASTE = {"timeout": 2, "deadline": 4}
# Kind of fault: options, and what the message says.
FAULTS: dict[str, tuple[Json, list[str]]] = {
    "down": ({}, ["Connection refused"]),
    "black_hole": (HASTE, ["no answer at all"]),
    "not_resolving": ({}, ["does not resolve", "connect_to"]),
    "expired_certificate": ({}, ["the certificate is refused: certificate has expired", "ca_path"]),
    "wrong_name_certificate": ({}, ["the certificate is refused: Hostname mismatch", "ca_path"]),
    "untrusted_certificate": ({}, ["the certificate is refused: unable to get local issuer certificate", "ca_path"]),
    "html": ({}, ["an HTML page", "proxy, portal"]),
    "http_503": ({}, ["HTTP 503", "sccmprovidergraph.exe", "SMS_REST_PROVIDER.log"]),
    "upgrading": ({}, ["HTTP 503", "being updated"]),
    "no_adminservice": ({}, ["HTTP 404 from a web server without it"]),
    "redirect": ({}, ["HTTP 302", "a redirect to https://elsewhere.example, not followed"]),
    "redirect_plain_http": ({}, ["HTTP 302", "a redirect to http://", "not followed"]),
    "slow": (HASTE, ["an answer within 2 seconds", "nothing came"]),
    "drip": (HASTE, ["4 seconds", "deadline"]),
    "forbidden": ({}, ["HTTP 403", "authentication level", "Needed right: ConfigMgr: Read-only Analyst"]),
    "server_error": ({}, ["HTTP 500", "An error has occurred"]),
    "versioned_only": ({}, ["HTTP 500"]),
    "access_denied": ({}, ["HTTP 404", "Access denied", "Needed right:", "SMS Admins"]),
    "cut_json": ({}, ["the connection ended early"]),
    "cut_json_complete": ({}, ["bytes of JSON that ends or breaks"]),
    "huge": ({}, ["at most 25 MiB", "reading was stopped"]),
    "endless_next_link": ({}, ["pages that come to an end (at most 200)", "still another page"]),
    "repeating_next_link": ({}, ["pages that come to an end", "a page that links to an earlier one"]),
    "foreign_next_link": ({}, ["a link to https://elsewhere.example", "not followed"]),
}
HOSTS = {kind: f"cm-p{number:02}" for number, kind in enumerate(FAULTS, 1)}
WRONG_PASSWORD = "LAB-CANARY-WRONG-PASSWORD"

Answers = dict[str, Json]


@pytest.fixture(scope="module")
def estate(lab: Labs, tmp_path_factory: pytest.TempPathFactory) -> Lab:
    """A hierarchy with one fault on each of many SMS Providers."""
    overlay = tmp_path_factory.mktemp("overlay") / "faults.json"
    overlay.write_text(
        json.dumps(
            {
                "generate": {"secondaries_per_primary": 0, "clients": 100},
                "providers": {host: {"fault": kind} for kind, host in HOSTS.items()},
            }
        )
    )
    return lab("max", "--overlay", str(overlay))


class Asker:
    """Asks many questions in one playbook run, and watches what is printed."""

    def __init__(self, ansible: Ansible, directory: Path) -> None:
        self._ansible = ansible
        self._directory = directory

    def __call__(self, lab: Lab, cases: Mapping[str, Json], **more: t.Any) -> Answers:
        results = self._directory / f"{len(list(self._directory.iterdir()))}.json"
        variables = {"cases": cases, "results": str(results), **more.pop("variables", {})}
        run = self._ansible.playbook(
            TARGETS / "adminservice_info" / "cases.yml", "-vvvv", lab=lab, variables=variables, **more
        )
        assert run.recap["failed"] == 0, run.output
        assert [secret for secret in (*lab.secrets, WRONG_PASSWORD) if secret in run.output] == []
        return t.cast("Answers", json.loads(results.read_text()))


@pytest.fixture(scope="module")
def ask(ansible: Ansible, tmp_path_factory: pytest.TempPathFactory) -> Asker:
    return Asker(ansible, tmp_path_factory.mktemp("answers"))


def account(lab: Lab, name: str, method: str) -> Json:
    own = lab.accounts[name]
    if method == "token":
        return {"token": own["token"]}
    return {"auth": method, "username": own["username"], "password": own["password"]}


def assert_explained(answer: Json, said: list[str], host: str) -> None:
    """The task failed, and its message has all parts, in this order, and the host at fault."""
    assert answer["failed"] is True
    message = answer["msg"]
    positions = [message.find(label) for label in LABELS]
    assert -1 not in positions
    assert positions == sorted(positions), message
    assert re.search(rf"Where: (https://)?{re.escape(host)}", message), message
    for text in said:
        assert text in message
    assert answer["error"].keys() >= {"kind", "expected", "observed", "where", "next_step", "rights"}


@pytest.fixture(scope="module")
def faulty(estate: Lab, ask: Asker) -> Answers:
    return ask(estate, {kind: {"provider": fqdn(HOSTS[kind]), **options} for kind, (options, _said) in FAULTS.items()})


@pytest.mark.parametrize("kind", FAULTS)
def test_fault_is_explained(kind: str, faulty: Answers) -> None:
    assert_explained(faulty[kind], FAULTS[kind][1], fqdn(HOSTS[kind]))


@pytest.fixture(scope="module")
def refused(estate: Lab, ask: Asker) -> Answers:
    """What accounts and trust lead to, at an SMS Provider that is in order."""
    return ask(
        estate,
        {
            "right": {},
            "other root": {"ca_path": estate.other_ca},
            "expired token": {"token": estate.accounts["auditor"]["expired_token"]},
            "no WMI rights": account(estate, "nowmi", "token"),
            "no scope": {
                "resource": "wmi/SMS_R_System",
                "select": ["ResourceID"],
                **account(estate, "noscope", "token"),
            },
            "no site": account(estate, "nosite", "token"),
            "NTLM": account(estate, "auditor", "ntlm"),
            "NTLM in Negotiate": account(estate, "auditor", "negotiate"),
            "no such class": {"resource": "wmi/SMS_Sight"},
            "no such name": {"provider": "sms.nowhere.invalid"},
        },
    )


@pytest.mark.parametrize(
    ("case", "said"),
    [
        ("other root", ["the certificate is refused", "SMS Issuing", "ca_path"]),
        ("expired token", ["HTTP 401 for the token", "expired"]),
        ("no WMI rights", ["HTTP 404", "Access denied", "Needed right:", "SMS Admins", "Read-only Analyst"]),
        ("NTLM", ["HTTP 401 after NTLM", "build 9141 (version 2509) or later refuses NTLM", "auth=kerberos"]),
        ("NTLM in Negotiate", ["HTTP 401 after NTLM", "build 9141 (version 2509) or later refuses NTLM"]),
        ("no such class", ["HTTP 404", "the name of the class"]),
    ],
)
def test_refusal_is_explained(case: str, said: list[str], refused: Answers, estate: Lab) -> None:
    assert_explained(refused[case], said, estate.adminservice["provider"])


def test_name_that_does_not_resolve(refused: Answers) -> None:
    assert_explained(refused["no such name"], ["it does not resolve", "DNS"], "sms.nowhere.invalid")


def test_the_right_account_is_answered(refused: Answers) -> None:
    assert not refused["right"]["failed"]
    assert refused["right"]["count"] == 26


@pytest.mark.parametrize("case", ["no scope", "no site"])
def test_lack_of_scope_is_an_empty_list(case: str, refused: Answers) -> None:
    assert not refused[case]["failed"]
    assert (refused[case]["rows"], refused[case]["count"]) == ([], 0)


@pytest.mark.parametrize("method", ["ntlm", "negotiate"])
def test_old_site_takes_the_right_password_only(method: str, lab: Labs, ask: Asker) -> None:
    legacy = lab("legacy_ntlm")
    right = account(legacy, "auditor", method)
    answers = ask(legacy, {"right": right, "wrong": {**right, "password": WRONG_PASSWORD}})
    assert not answers["right"]["failed"]
    assert [site["SiteCode"] for site in answers["right"]["rows"]] == ["PS1"]
    said = ["HTTP 401 after NTLM", right["username"], "check user name and password"]
    assert_explained(answers["wrong"], said, legacy.adminservice["provider"])


def test_bundle_of_the_environment_is_not_trusted(lab: Labs, ask: Asker) -> None:
    # It would verify, and the option that would say so is not given.
    estate = lab("standalone")
    bundle = estate.adminservice["ca_path"]
    options = {name: value for name, value in estate.adminservice.items() if name != "ca_path"}
    answers = ask(
        estate,
        {"bundle": {}},
        variables={"tenant_attach_adminservice": options},
        environment={"REQUESTS_CA_BUNDLE": bundle, "CURL_CA_BUNDLE": bundle},
    )
    assert_explained(answers["bundle"], ["the certificate is refused", "ca_path"], options["provider"])


# Options that cannot work, and what the message says.
WRONG_OPTIONS: dict[str, tuple[Json, list[str]]] = {
    "no route": ({"resource": "SMS_Site"}, ["wmi/<Class>", "'SMS_Site'"]),
    "query string": ({"resource": "wmi/SMS_Site?$top=1"}, ["wmi/<Class>"]),
    "no rows": ({"top": 0}, ["option top to be at least 1"]),
    "no JMESPath": ({"query": "[?"}, ["JMESPath"]),
    "no time": ({"timeout": 0}, ["option timeout to be at least 1 second"]),
    "address as provider": ({"provider": "https://cm01"}, ["option provider to be a host name"]),
    "no such file": ({"ca_path": "/nonexistent.pem"}, ["ca_path", "FileNotFoundError"]),
    "whole secret class": ({"resource": "wmi/SMS_AAD_Application_Ex"}, ["SecretKey"]),
    "secret by name": ({"resource": "wmi/SMS_AAD_Tenant_Ex", "select": ["ID", "secretkey"]}, ["the secret itself"]),
}


def test_options_that_cannot_work_are_refused_before_any_request(lab: Labs, ask: Asker) -> None:
    estate = lab("standalone")
    with estate.watched() as requests:
        answers = ask(estate, {name: options for name, (options, _said) in WRONG_OPTIONS.items()})
    assert requests == []
    for name, (_options, said) in WRONG_OPTIONS.items():
        assert answers[name]["failed"] is True
        for text in (*said, "Expected: ", "Observed: ", "Next step: "):
            assert text in answers[name]["msg"]
