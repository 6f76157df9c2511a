# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tenant's side, end to end: permissions, identities, hundreds of operators, and bad days of the cloud."""

from __future__ import annotations

import json
import typing as t
from collections import Counter
from pathlib import Path

import pytest
from integration.harness import LOUD, TARGETS, Ansible, Json, Lab, Labs, Readiness, RunReadiness, of_the_tenant

PERMISSIONS = (
    "Application.Read.All",
    "DeviceManagementConfiguration.Read.All",
    "DeviceManagementRBAC.Read.All",
    "DeviceManagementServiceConfig.Read.All",
    "GroupMember.Read.All",
    "LicenseAssignment.Read.All",
    "Organization.Read.All",
    "RoleManagement.Read.Directory",
    "ServiceHealth.Read.All",
    "User.Read.All",
)
# Nothing is known to need it where Configuration Manager's own roles count, which is the default.
OPTIONAL = {"DeviceManagementConfiguration.Read.All"}
OPERATORS = 500
# The bound: one batch for what is shared, and three for each twenty operators.
BATCHES = 1 + 3 * 25


def cloud(lab: Lab) -> Json:
    return t.cast("Json", lab.variables["lab"]["cloud"])


def key(finding: Json) -> tuple[str, str]:
    return finding["id"], finding["scope"]["name"]


@pytest.fixture(scope="module")
def complete(judged: t.Callable[[str], Readiness]) -> dict[str, dict[tuple[str, str], Json]]:
    """The findings with all permissions, by scenario."""
    return {name: {key(each): each for each in judged(name).findings} for name in ("standalone", "attached")}


@pytest.mark.parametrize("scenario", ["standalone", "attached"])
@pytest.mark.parametrize("permission", PERMISSIONS)
def test_without_a_permission_exactly_what_needs_it_is_unknown(
    scenario: str,
    permission: str,
    complete: dict[str, dict[tuple[str, str], Json]],
    lab: Labs,
    readiness: RunReadiness,
) -> None:
    right = f"Microsoft Graph: {permission}"
    before = complete[scenario]
    estate = lab(scenario)
    token = cloud(estate)["tokens_without"][permission]
    graph = {**estate.variables["tenant_attach_graph"], "client_secret": None, "access_token": token}
    run = readiness(estate, tenant_attach_graph=graph, fail_on="never")
    after = {key(each): each for each in run.findings}
    assert after.keys() == before.keys()
    needing = {name for name, each in before.items() if right in each["rights"]}
    # What does not concern this hierarchy is not looked at.
    idle = {name for name in needing if before[name]["outcome"] == after[name]["outcome"] == "not_applicable"}
    assert {name: after[name]["outcome"] for name in needing - idle} == dict.fromkeys(needing - idle, "unknown")
    for name in needing - idle:
        assert right in after[name]["rights"], after[name]
        assert after[name]["remedy"]["text"]
    rest = before.keys() - (needing - idle)
    assert {name: after[name]["outcome"] for name in rest} == {name: before[name]["outcome"] for name in rest}
    assert bool(needing - idle) != (permission in OPTIONAL)


def test_the_table_of_permissions_is_that_of_the_catalogue(
    complete: dict[str, dict[tuple[str, str], Json]],
) -> None:
    named = {right for found in complete.values() for each in found.values() for right in each["rights"]}
    prefix = "Microsoft Graph: "
    graph = {right.removeprefix(prefix) for right in named if right.startswith(prefix)}
    assert graph == set(PERMISSIONS) - OPTIONAL


# -- hundreds of operators ------------------------------------------------------------------------------------------


def read(ansible: Ansible, lab: Lab, directory: Path, **variables: t.Any) -> tuple[Json, list[Json]]:
    """Read all operators of a lab; return what the module returned, and the requests that reached Graph."""
    result = directory / "accounts.json"
    accounts = lab.variables["tenant_attach_expectations"]["operators"]
    with lab.watched() as requests:
        run = ansible.playbook(
            TARGETS / "account_info" / "read.yml",
            lab=lab,
            variables={"result": str(result), "accounts": accounts, **variables},
        )
    assert run.status == 0, run.output
    return json.loads(result.read_text()), [each for each in requests if each["provider"] == "graph"]


def assert_complete(accounts: list[Json]) -> None:
    assert len(accounts) == OPERATORS
    assert [each for each in accounts if each["errors"] or not each["found"]] == []
    assert {each["intune_licence"] for each in accounts} == {"active"}
    assert {each["intune_action"]["granted"] for each in accounts} == {True}
    assert {tuple(each["discovered_by"]) for each in accounts} == {("ad",)}
    assert {tuple(each["configmgr_roles"]) for each in accounts} == {("Operations Administrator",)}


def items(requests: list[Json]) -> list[Json]:
    """Everything that was asked for: what stands in batches, and what came alone."""
    return [item for each in requests for item in (each.get("batch") or [each])]


def test_five_hundred_operators_take_few_requests(
    lab: Labs, ansible: Ansible, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    returned, requests = read(ansible, lab("max"), tmp_path)
    assert_complete(returned["accounts"])
    assert len(requests) == returned["requests"] <= BATCHES
    assert len({each["connection"] for each in requests}) == 1
    assert {each["status"] for each in items(requests)} == {200}
    asked = Counter((each["method"], each["path"]) for each in items(requests))
    assert set(asked.values()) == {1}
    with capsys.disabled():
        print(f"\n{OPERATORS} operators: {len(requests)} requests to Microsoft Graph, at most {BATCHES}")  # noqa: T201  # A figure to be seen.


@pytest.mark.parametrize("retry_after", ["true", "false"])
def test_five_hundred_operators_while_the_service_throttles(
    retry_after: str, lab: Labs, ansible: Ansible, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    throttled = lab("max", "--set", f"tenant.throttle={{resource_units: 300, retry_after: {retry_after}}}")
    returned, requests = read(ansible, throttled, tmp_path)
    assert_complete(returned["accounts"])
    asked = Counter((each["method"], each["path"]) for each in items(requests))
    refused = Counter((each["method"], each["path"]) for each in items(requests) if each["status"] == 429)
    assert refused
    # What was answered is not asked for again, and what was refused no more often than it was refused.
    assert asked == Counter({each: refused[each] + 1 for each in asked})
    with capsys.disabled():
        print(f"\nthrottled: {len(requests)} requests, {sum(refused.values())} of their parts sent again")  # noqa: T201  # A figure to be seen.


# -- who asks -------------------------------------------------------------------------------------------------------


class Asker:
    """Asks many questions in one playbook run, and watches what is printed."""

    def __init__(self, ansible: Ansible, directory: Path) -> None:
        self._ansible = ansible
        self._directory = directory

    def __call__(self, lab: Lab, cases: t.Mapping[str, Json], **environment: str) -> dict[str, Json]:
        results = self._directory / f"{len(list(self._directory.iterdir()))}.json"
        run = self._ansible.playbook(
            TARGETS / "graph_info" / "cases.yml",
            "-vvvv",
            lab=lab,
            variables={"cases": cases, "results": str(results)},
            environment=environment,
        )
        assert run.recap["failed"] == 0, run.output
        assert [secret for secret in lab.secrets if secret in run.output] == []
        return t.cast("dict[str, Json]", json.loads(results.read_text()))


@pytest.fixture(scope="module")
def ask(ansible: Ansible, tmp_path_factory: pytest.TempPathFactory) -> Asker:
    return Asker(ansible, tmp_path_factory.mktemp("answers"))


def test_every_way_to_sign_in(lab: Labs, ask: Asker) -> None:
    estate = lab("standalone")
    found, password = cloud(estate), {"certificate_password": cloud(estate)["certificate_password"]}
    answers = ask(
        estate,
        {
            "secret": {"client_secret": estate.variables["tenant_attach_graph"]["client_secret"]},
            "PEM": {"certificate_path": found["certificate_path"]},
            "locked PEM": {"certificate_path": found["encrypted_certificate_path"], **password},
            "PFX": {"certificate_path": found["pfx_path"], **password},
            "federation": {"federated_token_file": found["federated_token_file"]},
            "managed identity": {"managed_identity": True},
            "token": {"access_token": found["token"]},
        },
        AZURE_POD_IDENTITY_AUTHORITY_HOST=found["identity_url"],
    )
    for name, answer in answers.items():
        assert not answer["failed"], (name, answer)
        assert answer["rows"][0]["id"] == found["tenant"]["id"]


REFUSED = {
    "wrong secret": ({"client_secret": "LAB-CANARY-WRONG-SECRET"}, "AADSTS7000215", "not its id"),
    "expired secret": ({"client_secret": "expired_secret"}, "AADSTS7000222", "add a new one"),
    "other certificate": ({"certificate_path": "other_certificate_path"}, "AADSTS700027", "register the certificate"),
    "other workload": ({"federated_token_file": "other_federated_token_file"}, "AADSTS70021", "federated credential"),
    "expired token": ({"access_token": "expired_token"}, "HTTP 401", "get a new token"),
    "token for others": ({"access_token": "foreign_token"}, "HTTP 401", "get a new token"),
    "no such tenant": (
        {"client_secret": "LAB-CANARY-WRONG-SECRET", "tenant_id": "0d6b1c52-0000-4000-8000-00000000000a"},
        "OpenID configuration",
        "check tenant_id",
    ),
    "no such application": (
        {"client_secret": "LAB-CANARY-WRONG-SECRET", "client_id": "0d6b1c52-0000-4000-8000-00000000000a"},
        "AADSTS700016",
        "check client_id",
    ),
    "other root": ({"access_token": "token", "ca_path": "other"}, "the certificate is refused", "ca_path"),
}


@pytest.fixture(scope="module")
def refusals(lab: Labs, ask: Asker) -> dict[str, Json]:
    estate = lab("standalone")
    named = {**cloud(estate), "other": estate.other_ca}
    return ask(
        estate,
        {
            name: {option: named.get(value, value) for option, value in options.items()}
            for name, (options, _observed, _step) in REFUSED.items()
        },
    )


@pytest.mark.parametrize("case", REFUSED)
def test_a_refusal_says_what_to_do(case: str, refusals: dict[str, Json]) -> None:
    answer, (_options, observed, step) = refusals[case], REFUSED[case]
    assert answer["failed"]
    assert observed in answer["msg"]
    assert step in answer["msg"]
    assert "LAB-CANARY" not in answer["msg"]


# -- bad days -------------------------------------------------------------------------------------------------------


def assert_only_the_tenant_is_unknown(run: Readiness, before: dict[tuple[str, str], Json]) -> list[Json]:
    """Everything else is judged as ever; what lies in the tenant is unknown, with a reason."""
    found = {key(each): each for each in run.findings}
    assert found.keys() == before.keys()
    for name, each in found.items():
        if not of_the_tenant(each):
            assert each["outcome"] == before[name]["outcome"], each
    cloudy = [each for each in found.values() if of_the_tenant(each)]
    assert {each["outcome"] for each in cloudy} <= {"unknown", "not_applicable"}
    assert all(each["reason"] and each["remedy"]["text"] for each in cloudy if each["outcome"] == "unknown")
    return cloudy


def test_a_graph_that_is_down(lab: Labs, readiness: RunReadiness) -> None:
    run = readiness(lab("standalone", "--set", 'tenant.faults={"*": down}'), fail_on="never")
    found = {each["id"]: each for each in run.findings if of_the_tenant(each)}
    # The cloud itself is told by Entra, which is up.
    assert found.pop("cloud_environment")["outcome"] == "pass"
    assert {each["outcome"] for each in found.values()} <= {"unknown", "not_applicable"}
    assert "Connection refused" in found["directory_sync"]["reason"]


def test_an_authority_that_is_down(
    lab: Labs, readiness: RunReadiness, complete: dict[str, dict[tuple[str, str], Json]]
) -> None:
    run = readiness(lab("standalone", "--set", 'tenant.authority_faults={"*": down}'), fail_on="never")
    assert_only_the_tenant_is_unknown(run, complete["standalone"])


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("html", "an HTML page"),
        ("{kind: http_status, status: 500}", "HTTP 500"),
        ("redirect", "not followed"),
        ("cut_json", "ended early"),
        ("cut_json_complete", "no JSON"),
    ],
)
def test_a_graph_that_answers_nonsense(fault: str, said: str, lab: Labs, readiness: RunReadiness) -> None:
    run = readiness(lab("standalone", "--set", f'tenant.faults={{"*": {fault}}}'), fail_on="never")
    found = {each["id"]: each for each in run.findings if of_the_tenant(each)}
    assert said in found["directory_sync"]["reason"]
    assert said in found["operator_synced"]["reason"]
    found.pop("cloud_environment")
    assert {each["outcome"] for each in found.values()} <= {"unknown", "not_applicable"}


@pytest.mark.parametrize("fault", ["repeating_next_link", "endless_next_link", "foreign_next_link"])
def test_pages_that_lead_astray(
    fault: str, lab: Labs, readiness: RunReadiness, complete: dict[str, dict[tuple[str, str], Json]]
) -> None:
    path = "/v1.0/deviceManagement/roleDefinitions"
    run = readiness(lab("standalone", "--set", f'tenant.faults={{"{path}": {fault}}}'), fail_on="never")
    after = {key(each): each for each in run.findings}
    changed = {name[0] for name, each in after.items() if each["outcome"] != complete["standalone"][name]["outcome"]}
    assert changed == {"operator_intune_permission"}
    reasons = {each["reason"] for name, each in after.items() if name[0] in changed}
    assert all("pages" in reason or "not followed" in reason for reason in reasons), reasons


def test_a_service_that_recovers_is_waited_for(
    lab: Labs, readiness: RunReadiness, complete: dict[str, dict[tuple[str, str], Json]]
) -> None:
    fault = "{kind: http_status, status: 503, retry_after: 1, times: 2}"
    run = readiness(lab("standalone", "--set", f'tenant.faults={{"/v1.0/$batch": {fault}}}'), fail_on="never")
    after = {key(each): each["outcome"] for each in run.findings}
    assert after == {name: each["outcome"] for name, each in complete["standalone"].items()}


def test_without_graph_the_hierarchy_is_judged_all_the_same(
    lab: Labs, readiness: RunReadiness, complete: dict[str, dict[tuple[str, str], Json]]
) -> None:
    run = readiness(lab("standalone"), tenant_attach_graph={}, fail_on="never")
    cloudy = assert_only_the_tenant_is_unknown(run, complete["standalone"])
    assert any("tenant_attach_graph" in each["remedy"]["text"] for each in cloudy if each["remedy"])


def test_two_proofs_are_a_mistake_and_no_evidence(lab: Labs, readiness: RunReadiness) -> None:
    estate = lab("standalone")
    both = {**estate.variables["tenant_attach_graph"], "access_token": cloud(estate)["token"]}
    run = readiness(estate, tenant_attach_graph=both)
    assert run.run.status == 2
    assert "exactly one of the options" in run.run.output
    assert not (run.directory / "readiness.json").exists()


def test_no_secret_is_printed_or_kept(lab: Labs, readiness: RunReadiness) -> None:
    estate = lab("attached")
    run = readiness(estate, "-vvvv", "--diff", noise=LOUD, fail_on="never")
    texts = [run.run.output, *(path.read_text(encoding="utf-8") for path in run.directory.iterdir())]
    texts.append((estate.state / "requests.jsonl").read_text(encoding="utf-8"))
    assert [secret for secret in estate.secrets for text in texts if secret in text] == []
