# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The readiness playbook from end to end: what it says, what it writes, and how it ends."""

from __future__ import annotations

import json
import re
import socket
import typing as t
from collections.abc import Callable, Iterator
from pathlib import Path

import jsonschema
import pytest
from integration.harness import (
    DOMAIN,
    HERE,
    LOUD,
    Json,
    Lab,
    Labs,
    Readiness,
    RunReadiness,
    fqdn,
    of_the_tenant,
    short,
)

ROW = r"^([\w-]+) +(ready|not ready|not proven) +([\d. ]+?)  ([a-z-].*)$"  # name, verdict, numbers, worst findings
STUMBLED = "a form that is not understood"  # The engine's word where a prerequisite did not expect what it found.
LAST = "Fail as asked for"
REPORTS = {"readiness.json", "readiness.md", "readiness.html", "evidence.json"}
# The seeded faults of scenario contoso, of the hierarchy, its hosts and the tenant, and what they lead to:
# id, place, site, outcome, what must be said.
SEEDED = [
    ("site_versions_uniform", "hierarchy", None, "warn", "2503 (build 9135): P03, S31"),
    ("site_version_supported", "P03", "P03", "warn", "2026-09-30"),
    ("site_mode", "CAS", "CAS", "warn", "interoperability"),
    ("site_user_discovery", "P02", "P02", "warn", "off"),
    ("adminservice_functional", "cm-p02-prv01", "P02", "fail", "HTTP 503"),
    ("adminservice_component", "cm-p02-prv01", "P02", "fail", "stopped, status critical"),
    ("adminservice_certificate", "cm-p03", "P03", "fail", f"it is made for cm-p03-old.{DOMAIN}"),
    ("adminservice_certificate", "cm-p01-prv01", "P01", "warn", "within 30 days"),
    ("provider_no_foreign_role", "cm-p01-prv01", "P01", "fail", "SMS Distribution Point of site P02"),
    ("scp_component", "cm-scp01", "CAS", "warn", "status warning"),
    ("scp_endpoint_check", "cm-scp01", "CAS", "fail", "message 11412"),
    ("client_operating_systems", "hierarchy", None, "warn", "14 Windows 7, 3 Windows Server 2012 R2"),
    ("winhttp_bypass_list", "cm-scp01", "CAS", "fail", "these additions cover them: *.corp.contoso.example"),
    ("winhttp_views_agree", "cm-scp01", "CAS", "warn", "they differ"),
    ("tenant_geography", "tenant", None, "warn", "tenant: DE, region EU; service connection point: US"),
    ("mdm_authority", "tenant", None, "warn", "office365"),
    ("directory_sync", "tenant", None, "warn", "5 days ago"),
    ("cloud_service_health", "tenant", None, "warn", "Microsoft Intune: serviceDegradation"),
    ("onboarding_account", "olivia.onboard", None, "warn", "eligible"),
    ("operator_synced", "operator007", None, "fail", "no longer synchronised"),
    ("operator_discovered", "operator013", None, "fail", "not discovered"),
    ("operator_intune_permission", "operator021", None, "fail", "not held"),
    ("operator_configmgr_rights", "operator034", None, "fail", "not an administrative user"),
    ("administrator_intune_licence", "operator042", None, "fail", "none"),
    ("operator_synced", "operator055", None, "fail", "never synchronised"),
    ("operator_discovered", "operator055", None, "fail", "not discovered"),
    ("operator_configmgr_rights", "operator055", None, "fail", "not an administrative user"),
]


@pytest.fixture(scope="module")
def contoso(judged: Callable[[str], Readiness]) -> Readiness:
    return judged("contoso")


# -- the verdict ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("prerequisite", "place", "site", "outcome", "said"), SEEDED, ids=[f"{each[0]}-{each[1]}" for each in SEEDED]
)
def test_seeded_fault_is_named_at_its_place(
    *, contoso: Readiness, prerequisite: str, place: str, site: str | None, outcome: str, said: str
) -> None:
    (finding,) = (each for each in contoso.findings if each["id"] == prerequisite and short(each) == place)
    assert (finding["outcome"], finding["scope"]["site"]) == (outcome, site)
    assert said in f"{finding['observed']}; {finding['reason']}"
    assert finding["remedy"]["text"]


def test_nothing_else_fails_or_warns(contoso: Readiness) -> None:
    for outcome in ("fail", "warn"):
        assert contoso.named(outcome) == {(each[0], each[1]) for each in SEEDED if each[3] == outcome}


def test_healthy_fails_and_warns_nothing(judged: Callable[[str], Readiness]) -> None:
    healthy = judged("healthy")
    assert healthy.named("fail") == healthy.named("warn") == set()
    assert all(each["reason"] and each["remedy"]["text"] for each in healthy.findings if each["outcome"] == "unknown")
    assert healthy.run.status == 0
    assert healthy.run.recap["failed"] == 0


@pytest.mark.parametrize("scenario", ["contoso", "healthy", "ruined", "standalone"])
def test_terminal_shows_a_row_for_each_site(scenario: str, judged: Callable[[str], Readiness]) -> None:
    readiness = judged(scenario)
    document = readiness.document
    rows = re.findall(ROW, readiness.run.output, re.MULTILINE)
    shown = {name: (verdict, numbers.split(), worst) for name, verdict, numbers, worst in rows}
    assert shown.keys() == {"hierarchy-wide", "tenant", "accounts", *document["sites"]}
    for code, entry in document["sites"].items():
        verdict, numbers, worst = shown[code]
        assert verdict == entry["verdict"].replace("_", " ")
        counted = [entry["outcomes"][each] for each in ("fail", "unknown", "warn", "pass", "not_applicable")]
        assert numbers == [str(number or ".") for number in counted]
        assert worst.startswith(entry["worst"][0] if entry["worst"] else "-")


def test_counts_add_up(contoso: Readiness) -> None:
    document = contoso.document
    assert sum(document["summary"]["outcomes"].values()) == document["summary"]["findings"] == len(contoso.findings)
    by_site = sum(sum(entry["outcomes"].values()) for entry in document["sites"].values())
    whole = sum(each["scope"]["site"] is None for each in contoso.findings)
    assert by_site + whole == len(contoso.findings)


# -- what is left -----------------------------------------------------------------------------------------------------


def test_reports_and_evidence_are_written(contoso: Readiness) -> None:
    assert {path.name for path in contoso.directory.iterdir()} >= REPORTS
    assert (contoso.document["schema_version"], contoso.evidence["schema_version"]) == ("1.2", "1.0")
    assert contoso.document["collected_at"] == contoso.evidence["collected_at"]
    text = (contoso.directory / "readiness.md").read_text(encoding="utf-8")
    plain = text.replace("\\", "")
    for prerequisite, place, *_rest in SEEDED:
        # Of several accounts that lack the same, the heading says how many, and the table below the verdict who.
        alone = rf"^### `{prerequisite}`: (site )?{place}\b"
        assert re.search(rf"{alone}|^\| {place}@contoso\.com \| `{prerequisite}`", plain, re.MULTILINE)


@pytest.mark.parametrize("scenario", ["attached", "contoso", "healthy", "max", "ruined", "standalone"])
def test_no_secret_is_asked_for_or_shown(scenario: str, judged: Callable[[str], Readiness]) -> None:
    readiness = judged(scenario)
    requests = readiness.lab.log()
    texts = [readiness.run.output, *(path.read_text(encoding="utf-8") for path in readiness.directory.iterdir())]
    assert not [secret for secret in readiness.lab.secrets for text in texts if secret in text]
    assert not [request for request in requests if "secretkey" in request["path"].lower()]
    # Nor by asking for everything that the class has.
    applications = [request["path"] for request in requests if "SMS_AAD_Application" in request["path"]]
    assert applications
    assert all("$select=" in path.replace("%24", "$") for path in applications)


@pytest.mark.parametrize("scenario", ["attached", "contoso", "healthy", "max", "ruined", "standalone"])
def test_documents_follow_their_schemas(scenario: str, judged: Callable[[str], Readiness]) -> None:
    readiness = judged(scenario)
    for name, document in (("evidence", readiness.evidence), ("findings", readiness.document)):
        schema = json.loads((HERE.parents[1] / "docs" / f"{name}.schema.json").read_text(encoding="utf-8"))
        problems = jsonschema.Draft202012Validator(schema).iter_errors(document)
        assert [f"{name}/{'/'.join(map(str, each.path))}: {each.message[:200]}" for each in problems] == []


def test_nothing_secret_is_printed_however_loud(lab: Labs, readiness: RunReadiness) -> None:
    estate = lab("attached")
    loud = readiness(estate, "-vvvv", noise=LOUD)
    assert [secret for secret in estate.secrets if secret in loud.run.output] == []


# -- how it ends ------------------------------------------------------------------------------------------------------


def test_fails_once_and_last(contoso: Readiness) -> None:
    assert contoso.run.status == 2
    assert contoso.run.tasks[-1] == LAST
    assert contoso.run.output.count("FAILED!") == 1
    assert (contoso.run.recap["failed"], contoso.run.recap["changed"]) == (1, 0)


@pytest.mark.parametrize(
    ("scenario", "fail_on", "status"),
    [("contoso", "never", 0), ("healthy", "unknown", 2), ("standalone", "fail", 0), ("legacy_ntlm", "warn", 2)],
)
def test_fail_on_decides(scenario: str, fail_on: str, status: int, lab: Labs, readiness: RunReadiness) -> None:
    run = readiness(lab(scenario), fail_on=fail_on).run
    assert run.status == status
    assert run.tasks[-1] == LAST
    assert (run.recap["failed"], run.recap["changed"]) == (status // 2, 0)


@pytest.mark.parametrize("options", [("--check",), ("--check", "--diff")], ids=["check", "check-diff"])
def test_check_mode_finds_the_same(options: tuple[str, ...], contoso: Readiness, readiness: RunReadiness) -> None:
    checked = readiness(contoso.lab, *options)
    assert checked.findings == contoso.findings
    assert (checked.run.status, checked.run.recap) == (contoso.run.status, contoso.run.recap)


# -- input ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"fail_on": "always"}, ("fail, unknown, warn, never", "always")),
        ({"tenant_attach_expectations": {"clowd": "public"}}, ("'clowd'", "did you mean cloud?")),
        ({"tenant_attach_expectations": {"cloud": "moon"}}, ("us_gov_dod", "'moon'")),
        ({"tenant_attach_expectations": {"attached": "maybe"}}, ("true or false", "'maybe'")),
    ],
    ids=["fail_on", "unknown-expectation", "wrong-value", "wrong-type"],
)
def test_wrong_input_is_refused_before_any_request(
    variables: Json, said: tuple[str, ...], lab: Labs, readiness: RunReadiness
) -> None:
    estate = lab("contoso")
    with estate.watched() as requests:
        refused = readiness(estate, **variables)
    assert requests == []
    assert refused.run.status == 2
    assert not refused.directory.exists()
    for text in said:
        assert text in refused.run.output


def test_what_the_variables_leave_out_comes_from_the_environment(
    readiness: RunReadiness, judged: Callable[[str], Readiness]
) -> None:
    usual = judged("standalone")
    options = dict(usual.lab.adminservice)
    names = ("provider", "auth", "token", "ca_path")
    environment = {f"CONFIGMGR_{name.upper()}": options.pop(name) for name in names}
    run = readiness(usual.lab, environment=environment, tenant_attach_adminservice=options)
    assert run.findings == usual.findings


def test_pages_and_spelling_do_not_matter(
    lab: Labs, readiness: RunReadiness, judged: Callable[[str], Readiness]
) -> None:
    # The service may make pages wherever it likes, and write names and numbers otherwise than the documentation.
    usual = judged("standalone")
    settings = ("page_size=2", "surprises.odd_case=false", "surprises.signed_severity=true")
    other = readiness(lab("standalone", *(part for each in settings for part in ("--set", each))))
    assert other.run.status == 0
    assert [(each["id"], short(each), each["outcome"]) for each in other.findings] == [
        (each["id"], short(each), each["outcome"]) for each in usual.findings
    ]
    assert other.evidence["hierarchy"]["clients"] == usual.evidence["hierarchy"]["clients"]


def test_entry_provider_of_a_lower_site_proves_less(
    lab: Labs, readiness: RunReadiness, judged: Callable[[str], Readiness]
) -> None:
    # A primary site knows no clients, users, states and messages of others. Nothing of it may look wrong, or right.
    estate = lab("healthy")
    lower = readiness(estate, tenant_attach_adminservice={**estate.adminservice, "provider": fqdn("cm-p01")})
    usual = {(each["id"], short(each)): each["outcome"] for each in judged("healthy").findings}
    found = {(each["id"], short(each)): each["outcome"] for each in lower.findings}
    assert found.keys() == usual.keys()
    less = {key for key in found if found[key] != usual[key]}
    assert {found[key] for key in less} == {"unknown"}
    assert {name for name, _place in less} == {
        "client_operating_systems",
        "adminservice_component",
        "scp_component",
        "scp_endpoint_check",
        "scp_cloud_connection",
        "operator_discovered",
    }


# -- bad days ---------------------------------------------------------------------------------------------------------


def test_ruined_is_judged_as_far_as_it_can_be_reached(judged: Callable[[str], Readiness]) -> None:
    # That it ends at all is part of it: the harness gives up on a process that hangs.
    ruined = judged("ruined")
    assert ruined.run.tasks[-1] == LAST
    about = ("adminservice_functional", "adminservice_certificate")
    for host in ("cm-cas-prv01", "cm-p01"):
        outcomes = {each["id"]: each["outcome"] for each in ruined.findings if short(each) == host}
        assert {prerequisite: outcomes[prerequisite] for prerequisite in about} == dict.fromkeys(about, "unknown")
    # What the entry provider knows of them is judged all the same.
    hosts = {short(each) for each in ruined.findings if each["id"] == "adminservice_component"}
    assert hosts == {"cm-cas01", "cm-cas-prv01", "cm-p01", "cm-p01-prv01", "cm-p02", "cm-p02-prv01", "cm-p03"}
    assert ("adminservice_component", "cm-p01") in ruined.named("fail")


# Faults of other SMS Providers than the entry: what is said of AdminService there. Only an answer of the service
# itself, or of a web server without it, shows that it does not work.
ELSEWHERE = {
    "cm-cas-prv01": ("redirect", "unknown"),
    "cm-p01": ("forbidden", "unknown"),
    "cm-p01-prv01": ("wmi_only", "fail"),
    "cm-p02": ("no_adminservice", "fail"),
    "cm-p02-prv01": ("versioned_only", "fail"),
    "cm-p03": ("untrusted_certificate", "unknown"),
}


def test_faults_of_other_providers_are_told_apart(
    lab: Labs, readiness: RunReadiness, judged: Callable[[str], Readiness]
) -> None:
    faults = [f"provider.{host}.fault={kind}" for host, (kind, _outcome) in ELSEWHERE.items()]
    found = readiness(lab("healthy", *(part for each in faults for part in ("--set", each)))).findings
    wanted = {(each["id"], short(each)): each["outcome"] for each in judged("healthy").findings}
    wanted |= {("adminservice_functional", host): outcome for host, (_kind, outcome) in ELSEWHERE.items()}
    # Not trusted here may be trusted there; and 403 may mean the level, or the rights of the account.
    wanted |= {
        ("adminservice_certificate", "cm-p03"): "unknown",
        ("provider_authentication_level", "hierarchy"): "unknown",
    }
    assert {(each["id"], short(each)): each["outcome"] for each in found} == wanted


@pytest.fixture
def dead_end() -> Iterator[Json]:
    """Connection options that lead to a port where nobody listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield {
            "provider": fqdn("cm-cas01"),
            "auth": "token",
            "token": "of-no-use",
            "connect_to": {fqdn("cm-cas01"): f"127.0.0.1:{held.getsockname()[1]}"},
        }


@pytest.mark.parametrize(("fail_on", "status"), [("fail", 2), ("never", 0)])
def test_unreachable_entry_provider_leaves_reports(
    fail_on: str, status: int, dead_end: Json, readiness: RunReadiness
) -> None:
    blind = readiness(None, tenant_attach_adminservice=dead_end, fail_on=fail_on)
    assert blind.run.status == status
    assert blind.run.tasks[-1] == LAST
    assert {path.name for path in blind.directory.iterdir()} >= REPORTS
    for finding in blind.findings:
        assert finding["outcome"] == "unknown"
        if of_the_tenant(finding):
            continue
        assert "Connection refused" in finding["reason"]
        assert STUMBLED not in finding["reason"]
        assert fqdn("cm-cas01") in finding["reason"]
    assert blind.document["summary"]["verdict"] == "not_proven"


OF_POINTS = {f"scp_{name}" for name in ("online", "component", "endpoint_check", "cloud_connection", "top_tier")}
OF_PROVIDERS = {f"adminservice_{name}" for name in ("functional", "certificate", "component")}
LAYOUT = {f"provider_{name}" for name in ("present", "not_at_secondary", "one_site", "no_foreign_role", "domain")}
# No connection with the directory is declared.
IN_DIRECTORY = {"cas_delegation", "cas_dview_access", "sql_service_names", "provider_reads_groups"}
# Without the roles it is open which site the entry provider serves, and so whether it knows the clients of all sites.
OF_ROLES = (
    {"scp_present", "scp_unique", "provider_authentication_level", "client_operating_systems"}
    | IN_DIRECTORY
    | OF_POINTS
    | OF_PROVIDERS
    | LAYOUT
    # And who reads below the top-tier site does not see all users.
    | {"operator_discovered"}
    # Nor is it known who is to be visited.
    | {f"endpoints_{name}" for name in ("required", "always_allowed", "not_intercepted")}
    | {f"winhttp_{name}" for name in ("proxy", "bypass_list", "views_agree", "agrees_with_site")}
    | {f"host_{name}" for name in ("dotnet", "operating_system", "clock")}
    | {"revocation_lists"}
)


@pytest.mark.parametrize(
    ("fault", "class_name", "concerned"),
    [
        ("huge", "SMS_R_System", {"client_operating_systems"}),
        ("cut_json", "SMS_StatusMessage", {"scp_endpoint_check", "scp_cloud_connection"}),
        ("server_error", "SMS_SCI_SysResUse", OF_ROLES),
    ],
)
def test_fault_of_one_class_costs_what_depends_on_it(
    *,
    fault: str,
    class_name: str,
    concerned: set[str],
    lab: Labs,
    readiness: RunReadiness,
    judged: Callable[[str], Readiness],
) -> None:
    broken = lab("healthy", "--set", f"provider.cm-cas01.fault={{kind: {fault}, classes: [{class_name}]}}")
    found = readiness(broken).findings
    assert {each["id"] for each in found if each["outcome"] == "unknown"} == concerned | IN_DIRECTORY
    assert not [each for each in found if STUMBLED in each["reason"]]
    usual = {(each["id"], short(each)): each["outcome"] for each in judged("healthy").findings}
    spared = {(each["id"], short(each)): each["outcome"] for each in found if each["id"] not in concerned}
    assert spared == {key: outcome for key, outcome in usual.items() if key[0] not in concerned}


def with_account(lab: Lab, name: str) -> Json:
    return {"tenant_attach_adminservice": {**lab.adminservice, "token": lab.accounts[name]["token"]}}


def test_account_without_scope_proves_nothing(lab: Labs, readiness: RunReadiness) -> None:
    # It sees the sites. Every other list is empty, without an error.
    estate = lab("healthy")
    found = [each for each in readiness(estate, **with_account(estate, "noscope")).findings if not of_the_tenant(each)]
    assert {each["outcome"] for each in found} == {"pass", "unknown"}
    of_sites = {f"site_{name}" for name in ("version", "version_supported", "versions_uniform", "active", "mode")}
    assert {each["id"] for each in found if each["outcome"] == "pass"} <= of_sites
    for finding in (each for each in found if each["outcome"] == "unknown"):
        assert "scope" in finding["reason"]
        assert any("Read-only Analyst" in right for right in finding["rights"])


@pytest.mark.parametrize(
    ("account", "said"), [("nosite", "Read-only Analyst"), ("nowmi", "SMS Admins")], ids=["nosite", "nowmi"]
)
def test_account_without_rights_is_told_which(account: str, said: str, lab: Labs, readiness: RunReadiness) -> None:
    estate = lab("healthy")
    found = [each for each in readiness(estate, **with_account(estate, account)).findings if not of_the_tenant(each)]
    assert {each["outcome"] for each in found} == {"unknown"}
    assert all(any(said in right for right in each["rights"]) for each in found)


def test_files_of_an_earlier_run_are_replaced(lab: Labs, readiness: RunReadiness, tmp_path: Path) -> None:
    (tmp_path / "readiness.json").write_text("old")
    readiness(lab("standalone"), tenant_attach_report_dir=str(tmp_path))
    assert t.cast("Json", json.loads((tmp_path / "readiness.json").read_text()))["summary"]["verdict"] == "not_proven"
    assert not list(tmp_path.glob(".*"))
