# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The engine over the whole catalogue: what is not observed is unknown, whatever the prerequisite."""

from __future__ import annotations

import copy
import json
import typing as t

import jsonschema
import pytest

from ansible_collections.configmgr.tenant_attach.plugins.module_utils._errors import InvalidOptionError
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.documents._evidence import Evidence
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.documents._expectations import parse
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.judge._engine import judge, judge_one
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.judge.prerequisites._catalogue import CATALOGUE
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.judge.prerequisites._model import (
    Context,
    Prerequisite,
)
from ansible_collections.configmgr.tenant_attach.tests.unit.declared import DECLARED, NAMES
from ansible_collections.configmgr.tenant_attach.tests.unit.tables import Row, Table, check, sites, verdicts

Json = dict[str, t.Any]
EMPTY: Json = {"schema_version": "1.0", "collected_at": "2026-11-23T20:00:00Z"}
ERROR: Json = {
    "kind": "authentication",
    "expected": "the account to be accepted",
    "observed": "HTTP 401",
    "where": "https://cm01",
    "next_step": "get a ticket",
    "rights": ["a right"],
}
ALL = ("accounts", "adminservice", "hierarchy", "hosts", "tenant")
IDS = [prerequisite.id for prerequisite in CATALOGUE]


@pytest.mark.parametrize("prerequisite", CATALOGUE, ids=IDS)
def test_every_prerequisite_is_declared_completely(prerequisite: Prerequisite) -> None:
    assert prerequisite.id.isidentifier()
    assert prerequisite.id.islower()
    assert IDS.count(prerequisite.id) == 1
    assert prerequisite.severity in {"critical", "high", "medium", "low"}
    assert prerequisite.scope in {"tenant", "hierarchy", "site", "host", "account"}
    assert prerequisite.source.startswith("https://learn.microsoft.com/")
    assert prerequisite.needs
    assert prerequisite.rights
    assert prerequisite.remedy.text
    assert prerequisite.remedy.kind in {"manual", "enforce"}
    for text in (prerequisite.title, prerequisite.why, prerequisite.expected):
        assert text
        assert text == text.strip()


@pytest.mark.parametrize("prerequisite", CATALOGUE, ids=IDS)
def test_nothing_collected_is_unknown(prerequisite: Prerequisite) -> None:
    for finding in judge_one(prerequisite, Context(Evidence(EMPTY), DECLARED)):
        assert finding["outcome"] == "unknown"
        assert "no evidence of" in finding["reason"]
        assert finding["remedy"]["text"]


@pytest.mark.parametrize("prerequisite", CATALOGUE, ids=IDS)
def test_an_error_in_place_of_evidence_is_told(prerequisite: Prerequisite) -> None:
    evidence = {
        **EMPTY,
        **{key: {"error": ERROR} for key in ("accounts", "adminservice", "hierarchy", "hosts", "tenant")},
    }
    for finding in judge_one(prerequisite, Context(Evidence(evidence), DECLARED)):
        assert finding["outcome"] == "unknown"
        assert "HTTP 401" in finding["reason"]
        assert finding["remedy"]["text"] == "get a ticket"
        assert finding["rights"] == ["a right"]


def _remove(document: Json, path: str, error: Json | None) -> None:
    """Take away what stands at a path, or put an error there."""
    node: t.Any = document
    *parents, last = path.split("/")
    for segment in parents:
        node = node[segment] if isinstance(node, dict) else next(e for e in node if segment in e.values())
    if isinstance(node, list):
        entry = next(each for each in node if last in each.values())
        node.remove(entry)
        if error is not None and "name" in entry:
            node.append({"name": last, "error": error})
    elif error is None:
        del node[last]
    else:
        node.pop(last)
        node.setdefault("errors", {})[last] = error


@pytest.mark.parametrize("prerequisite", CATALOGUE, ids=IDS)
@pytest.mark.parametrize("error", [None, ERROR], ids=["absent", "error"])
def test_each_piece_of_evidence_is_needed(healthy: Json, prerequisite: Prerequisite, error: Json | None) -> None:
    judged = judge(healthy, DECLARED, only=[prerequisite.id])["findings"]
    for finding in judged:
        if finding["outcome"] == "not_applicable":
            continue
        for path in finding["needs"]:
            evidence = copy.deepcopy(healthy)
            _remove(evidence, path, error)
            after = judge(evidence, DECLARED, only=[prerequisite.id])["findings"]
            mine = [each for each in after if each["scope"] == finding["scope"]] or after
            assert {each["outcome"] for each in mine} == {"unknown"}, (path, mine)
            if error is not None and not path.startswith("adminservice/providers/"):
                assert any("HTTP 401" in each["reason"] for each in mine), (path, mine)


def _paths(node: t.Any, path: tuple[t.Any, ...] = ()) -> t.Iterator[tuple[t.Any, ...]]:
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, child in children:
        yield (*path, key)
        # One entry of a list stands for the others.
        if not (isinstance(node, list) and key):
            yield from _paths(child, (*path, key))


@pytest.mark.parametrize("wrong", [None, "text", 7, [], {}, [None], {"error": None}], ids=repr)
def test_evidence_of_a_wrong_form_never_raises(healthy: Json, wrong: t.Any) -> None:
    for path in list(
        _paths({key: healthy[key] for key in ("hierarchy", "adminservice", "tenant", "accounts", "hosts")})
    ):
        evidence = copy.deepcopy(healthy)
        node = evidence
        for key in path[:-1]:
            node = node[key]
        node[path[-1]] = wrong
        document = judge(evidence, DECLARED)
        assert document["summary"]["findings"] >= len(CATALOGUE), path


def test_the_same_evidence_gives_the_same_bytes(healthy: Json) -> None:
    first, second = (json.dumps(judge(copy.deepcopy(healthy), DECLARED)) for _time in range(2))
    assert first == second


def test_judging_leaves_the_evidence_alone(healthy: Json) -> None:
    before = copy.deepcopy(healthy)
    judge(healthy, DECLARED)
    assert healthy == before


def test_the_healthy_hierarchy(healthy: Json) -> None:
    document = judge(healthy, DECLARED)
    wrong = {(each["id"], each["outcome"]) for each in document["findings"] if each["outcome"] != "pass"}
    assert wrong == {
        ("attached_tenant", "not_applicable"),
        ("attach_upload", "not_applicable"),
        ("onboarding_secret", "not_applicable"),
        ("onboarding_application_age", "not_applicable"),
    }
    assert (document["summary"]["verdict"], document["ready"], document["fails_on"]) == (
        "ready",
        True,
        [],
    )
    assert document["hierarchy"] == {
        "top_site": "CAS",
        "read_from": "cm-cas01.corp.contoso.example",
        "sites": 8,
        "secondary_sites": 4,
    }
    assert list(document["sites"]) == ["CAS", "P01", "P02", "P03"]
    assert document["sites"]["P03"]["verdict"] == "ready"


def test_only_and_skip(healthy: Json) -> None:
    chosen = judge(healthy, DECLARED, only=["scp_online", "scp_present"], skip=["scp_online"])["findings"]
    assert [finding["id"] for finding in chosen] == ["scp_present"]


@pytest.mark.parametrize("option", ["only", "skip"])
def test_ids_that_do_not_exist_are_refused(healthy: Json, option: str) -> None:
    with pytest.raises(InvalidOptionError, match="did you mean scp_online"):
        judge(healthy, DECLARED, **{option: ["scp_onlin"]})


def test_nothing_judged_is_not_ready(healthy: Json) -> None:
    document = judge(healthy, DECLARED, skip=IDS)
    assert (document["ready"], document["summary"]["verdict"], document["findings"]) == (False, "not_proven", [])


@pytest.fixture(scope="session")
def schemas(request: pytest.FixtureRequest) -> dict[str, Json]:
    docs = request.config.rootpath / "docs"
    return {name: json.loads((docs / f"{name}.schema.json").read_text("utf-8")) for name in ("evidence", "findings")}


def test_documents_are_as_their_schemas_say(healthy: Json, schemas: dict[str, Json]) -> None:
    for document in (healthy, {**EMPTY, "hierarchy": {"error": ERROR}}):
        jsonschema.Draft202012Validator(schemas["evidence"]).validate(document)
        jsonschema.Draft202012Validator(schemas["findings"]).validate(judge(document, DECLARED))


def test_the_schemas_refuse_what_they_do_not_describe(healthy: Json, schemas: dict[str, Json]) -> None:
    findings = judge(healthy, DECLARED)
    findings["findings"][0]["outcome"] = "skipped"
    healthy["hierarchy"]["sites"][0]["secret"] = "x"
    for name, document in (("evidence", healthy), ("findings", findings)):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.Draft202012Validator(schemas[name]).validate(document)


def test_what_is_unknown_is_observed_first_and_not_put_right(healthy: Json) -> None:
    del healthy["hierarchy"]["status_messages"]
    (finding,) = judge(healthy, DECLARED, only=["scp_endpoint_check"])["findings"]
    assert finding["outcome"] == "unknown"
    assert finding["remedy"] == {
        "kind": "manual",
        "text": "make this readable for the account that collects, and run again",
        "tags": [],
    }


def test_what_is_met_needs_no_remedy(healthy: Json) -> None:
    findings = judge(healthy, DECLARED)["findings"]
    assert {each["outcome"] for each in findings} == {"pass", "not_applicable"}
    assert {each["remedy"] for each in findings} == {None}


def test_trouble_at_the_time_of_a_success_is_trouble(healthy: Json) -> None:
    (success,) = healthy["hierarchy"]["status_messages"]
    healthy["hierarchy"]["status_messages"].append({**success, "id": 11488})
    (finding,) = judge(healthy, DECLARED, only=["scp_cloud_connection"])["findings"]
    assert finding["outcome"] == "fail"


FIRST_BUILDS: Table = {
    "user_discovery": (
        Row(what="build 9040, version 2010", change=sites(build=9040), outcome="fail"),
        Row(what="build 9048, the last before version 2103", change=sites(build=9048), outcome="fail"),
        Row(what="build 9049, version 2103", change=sites(build=9049), outcome="pass"),
    ),
    "site_version": (
        Row(what="build 8967, the last before version 2002", change=sites(build=8967), outcome="fail"),
        Row(what="build 8968, version 2002", change=sites(build=8968), outcome="pass"),
        Row(
            what="build 9057 for US Government, the last before version 2107",
            change=sites(build=9057),
            declared={**NAMES, "cloud": "us_gov_dod"},
            outcome="fail",
        ),
        Row(
            what="build 9058 for US Government, version 2107",
            change=sites(build=9058),
            declared={**NAMES, "cloud": "us_gov_dod"},
            outcome="pass",
        ),
    ),
    "scp_endpoint_check": (
        Row(what="build 9039, the last before version 2010", change=sites(build=9039), outcome="not_applicable"),
        Row(what="build 9040, version 2010", change=sites(build=9040), outcome="pass"),
    ),
}


@verdicts(FIRST_BUILDS)
def test_rules_begin_with_a_build(healthy: Json, prerequisite: str, row: Row) -> None:
    check(healthy, prerequisite, row)


@pytest.mark.parametrize("prerequisite", [each for each in CATALOGUE if each.declared_in], ids=lambda each: each.id)
def test_who_is_not_declared_is_not_known(healthy: Json, prerequisite: Prerequisite) -> None:
    declared = parse({**NAMES, "operators": None, "onboarding_account": None})
    (finding,) = judge(healthy, declared, only=[prerequisite.id])["findings"]
    assert (finding["outcome"], finding["scope"]["kind"]) == ("unknown", "tenant")
    assert finding["remedy"]["text"] == f"set tenant_attach_expectations.{prerequisite.declared_in}"


def test_nobody_can_be_declared(healthy: Json) -> None:
    declared = parse({**NAMES, "operators": []})
    (finding,) = judge(healthy, declared, only=["operator_synced"])["findings"]
    assert finding["outcome"] == "not_applicable"
