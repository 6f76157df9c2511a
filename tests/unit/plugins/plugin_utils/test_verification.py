# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The second question: is tenant attach on and healthy? From the catalogue to the sentence that answers it."""

from __future__ import annotations

import datetime as dt
import json
import typing as t
from pathlib import Path

import jsonschema
import pytest

from ansible_collections.configmgr.tenant_attach.plugins.module_utils._errors import InvalidOptionError
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.documents._expectations import Expectations
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.documents._findings import Purpose
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.judge._engine import judge
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.judge.prerequisites._catalogue import CATALOGUE
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.show import _markdown, _terminal, _words
from ansible_collections.configmgr.tenant_attach.tests.unit.declared import DECLARED

Json = dict[str, t.Any]
CLIENT = "8c2d7b14-55ae-4f0d-b6a3-1e7f90c4d2aa"
ASKED = {each.id for each in CATALOGUE if each.after_onboarding}


def verify(evidence: Json, expectations: Expectations = DECLARED, **options: t.Any) -> Json:
    return judge(evidence, expectations, purpose=Purpose.VERIFICATION, **options)


def outcome(document: Json, identity: str) -> str:
    (finding,) = (each for each in document["findings"] if each["id"] == identity)
    return str(finding["outcome"])


def renew(evidence: Json, days: float) -> None:
    now = dt.datetime.fromisoformat(evidence["collected_at"])
    end = (now + dt.timedelta(days=days)).isoformat()
    evidence["tenant"]["onboarding"]["applications"][0]["secret_expires"] = end


@pytest.fixture
def attached(healthy: Json) -> Json:
    """Evidence of the healthy hierarchy after the onboarding."""
    tenant = {"id": healthy["tenant"]["id"], "name": "Contoso"}
    entry = {"service": "Tenant attach", "upload": True, "client_id": CLIENT, "tenant": tenant}
    healthy["hierarchy"]["attach"] = {"state": "on", "services": [entry]}
    application = {"client_id": CLIENT, "name": "ConfigMgrSvc_1", "created": "2026-06-01T00:00:00Z"}
    healthy["tenant"]["onboarding"] = {"state": "present", "problems": [], "applications": [application]}
    renew(healthy, 400)
    return healthy


# -- what is asked ----------------------------------------------------------------------------------------------------


def test_the_catalogue_covers_the_question() -> None:
    assert {
        "attach_state",
        "attach_upload",
        "attached_tenant",
        "onboarding_objects",
        "onboarding_secret",
        "scp_cloud_connection",
        "scp_component",
        "scp_endpoint_check",
        "scp_online",
    } <= ASKED


def test_neither_people_nor_visits_are_needed() -> None:
    # The playbook reads no account and visits no host for it.
    needed = {need for each in CATALOGUE if each.after_onboarding for need in (*each.needs, *each.enumerates)}
    assert not [need for need in needed if need.startswith(("accounts", "hosts"))]
    assert not [each.id for each in CATALOGUE if each.after_onboarding and each.declared_in]


def test_only_what_is_asked_is_judged(attached: Json) -> None:
    assert {each["id"] for each in verify(attached)["findings"]} == ASKED
    assert {each["id"] for each in judge(attached, DECLARED)["findings"]} == {each.id for each in CATALOGUE}


def test_what_is_not_asked_cannot_be_chosen(attached: Json) -> None:
    assert [each["id"] for each in verify(attached, only=["scp_online"])["findings"]] == ["scp_online"]
    with pytest.raises(InvalidOptionError, match="host_clock"):
        verify(attached, only=["host_clock"])
    # But a list of what to leave out may serve both purposes.
    assert verify(attached, skip=["host_clock"]) == verify(attached)


def test_attach_that_is_declared_to_be_off_contradicts_the_question(attached: Json) -> None:
    with pytest.raises(InvalidOptionError, match=r"tenant_attach_expectations\.attached to be true, or left out"):
        verify(attached, Expectations(attached=False))
    assert verify(attached, Expectations(attached=True)) == verify(attached, Expectations())


# -- how it is answered -----------------------------------------------------------------------------------------------


def broken_upload(evidence: Json) -> None:
    evidence["hierarchy"]["attach"]["services"][0]["upload"] = False


def offline(evidence: Json) -> None:
    evidence["hierarchy"]["service_connection_points"][0]["mode"] = "offline"


def silent(evidence: Json) -> None:
    evidence["hierarchy"]["status_messages"] = []


def another_tenant(evidence: Json) -> None:
    evidence["tenant"]["id"] = "11111111-2222-3333-4444-555555555555"


def off(evidence: Json) -> None:
    evidence["hierarchy"]["attach"] = {"state": "off", "services": []}


def never(evidence: Json) -> None:
    off(evidence)
    evidence["tenant"]["onboarding"] = {"state": "not_onboarded", "problems": [], "applications": []}


ON = "attach is on and healthy"
SICK = "attach is not healthy"
OPEN = "it is not proven that attach is on and healthy"
ANSWERS: list[tuple[str, t.Callable[[Json], object], str, dict[str, str]]] = [
    ("healthy", lambda _evidence: None, ON, {"attach_state": "pass", "onboarding_objects": "pass"}),
    ("secret ends", lambda evidence: renew(evidence, 20), ON, {"onboarding_secret": "warn"}),
    ("secret ended", lambda evidence: renew(evidence, -1), SICK, {"onboarding_secret": "fail"}),
    ("no upload", broken_upload, SICK, {"attach_upload": "fail"}),
    ("offline", offline, SICK, {"scp_online": "fail"}),
    ("another tenant", another_tenant, SICK, {"attached_tenant": "fail"}),
    ("no messages", silent, OPEN, {"scp_endpoint_check": "unknown", "scp_cloud_connection": "unknown"}),
    ("off", off, "attach is not on", {"attach_state": "fail", "onboarding_objects": "warn"}),
    ("never onboarded", never, "attach is not on", {"attach_state": "fail", "onboarding_objects": "fail"}),
]


@pytest.mark.parametrize(("change", "answer", "outcomes"), [each[1:] for each in ANSWERS], ids=[e[0] for e in ANSWERS])
def test_the_answer(attached: Json, change: t.Callable[[Json], object], answer: str, outcomes: dict[str, str]) -> None:
    change(attached)
    document = verify(attached)
    assert {identity: outcome(document, identity) for identity in outcomes} == outcomes
    assert _words.answer(document) == answer
    assert document["ready"] == (answer == ON)
    shown = _terminal.render(document).splitlines()
    assert shown[0].startswith("Tenant attach after onboarding, hierarchy CAS with 8 sites")
    assert any(line.startswith(f"{answer.upper()}: ") for line in shown)
    assert max(map(len, shown)) <= _terminal.WIDTH
    assert not any("READY" in line.upper() for line in shown)
    report = _markdown.render(document).splitlines()
    assert report[0] == "# Tenant attach after onboarding"
    assert report[2].startswith(f"**{answer.upper()}: ")


def test_a_row_says_healthy_or_not(attached: Json) -> None:
    offline(attached)
    document = verify(attached)
    lines = [line.split() for line in _terminal.render(document).splitlines()]
    shown = {words[0]: words[1] for words in lines if len(words) > 1}
    assert (shown["CAS"], shown["P01"]) == ("unhealthy", "healthy")


def test_before_the_onboarding_the_same_is_as_it_should_be(healthy: Json) -> None:
    document = judge(healthy, DECLARED)
    assert (outcome(document, "attach_state"), outcome(document, "onboarding_objects")) == ("pass", "pass")
    assert _words.title(document) == "Tenant attach readiness"


def test_a_document_of_the_first_version_is_one_of_readiness(healthy: Json) -> None:
    document = judge(healthy, DECLARED)
    del document["purpose"]
    assert (_words.title(document), _words.answer(document)) == ("Tenant attach readiness", "ready")


def test_the_document_is_as_its_schema_says(attached: Json, request: pytest.FixtureRequest) -> None:
    path: Path = request.config.rootpath / "docs" / "findings.schema.json"
    document = verify(attached)
    assert document["purpose"] == "verification"
    jsonschema.validate(document, json.loads(path.read_text("utf-8")), jsonschema.Draft202012Validator)
