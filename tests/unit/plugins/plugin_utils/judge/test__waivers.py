# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime as dt
import json
import typing as t
from pathlib import Path

import jsonschema
import pytest
import yaml

from ansible_collections.configmgr.tenant_attach.plugins.module_utils._errors import InvalidOptionError
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.documents._expectations import Expectations
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.judge import _waivers
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.judge._engine import judge
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.judge._waivers import KEYS, parse
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.judge.prerequisites._catalogue import CATALOGUE
from ansible_collections.configmgr.tenant_attach.tests.unit.declared import DECLARED

Json = dict[str, t.Any]
POINT = "cm-scp01.corp.contoso.example"
EVIDENCE_DAY = "2026-11-23"


def waiver(**keys: t.Any) -> Json:
    return {
        "id": "scp_online",
        "scope": f"host:{POINT}",
        "owner": "Ada Quill",
        "reason": "the site is closed in March",
        "ticket": "CHG0040123",
        "expires": "2027-03-31",
        **keys,
    }


@pytest.fixture
def offline(healthy: Json) -> Json:
    """Evidence of a service connection point that is offline, and else of a hierarchy that is ready."""
    healthy["collected_at"] = f"{EVIDENCE_DAY}T20:00:00Z"
    healthy["hierarchy"]["service_connection_points"][0]["mode"] = "offline"
    return healthy


def scope_of(finding: Json) -> str:
    """The scope that covers a finding and nothing else."""
    kind, name = finding["scope"]["kind"], finding["scope"]["name"]
    return kind if kind in {"tenant", "hierarchy"} else f"{kind}:{name}"


def judged(evidence: Json, *waivers: Json, **options: t.Any) -> Json:
    options = {"skip": ["site_version"], **options}
    return judge(evidence, DECLARED, waivers=parse(list(waivers)), **options)


def point(document: Json) -> Json:
    (found,) = (each for each in document["findings"] if each["id"] == "scp_online")
    return t.cast("Json", found)


# -- what is given ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("declared", [None, [], ()])
def test_there_are_none_by_default(declared: t.Any, offline: Json) -> None:
    assert parse(declared) == ()
    document = judged(offline)
    assert {each["waiver"] for each in document["findings"]} == {None}
    assert (document["summary"]["waived"], document["waivers_unused"]) == (0, [])


def test_all_of_a_waiver_is_kept() -> None:
    (found,) = parse([waiver(scope=f" Host: {POINT.upper()} ", owner=" Ada Quill ")])
    assert (found.id, found.kind, found.name) == ("scp_online", "host", POINT)
    assert (found.scope, found.owner, found.expires) == (f"Host: {POINT.upper()}", "Ada Quill", dt.date(2027, 3, 31))


@pytest.mark.parametrize("ticket", [None, "CHG1"])
def test_the_ticket_may_be_left_out(ticket: str | None) -> None:
    (found,) = parse([waiver(ticket=ticket)])
    assert found.ticket == ticket
    given = waiver()
    del given["ticket"]
    assert parse([given])[0].ticket is None


@pytest.mark.parametrize("expires", ["2027-03-31", " 2027-03-31 ", dt.date(2027, 3, 31), yaml.safe_load("2027-03-31")])
def test_a_day_is_a_day_however_yaml_reads_it(expires: t.Any) -> None:
    assert parse([waiver(expires=expires)])[0].expires == dt.date(2027, 3, 31)


REFUSED = {
    "a text in place of a list": (
        "scp_online",
        "tenant_attach_waivers to be a list",
        "'scp_online'",
        "correct the variable",
    ),
    "a dictionary in place of a list": (
        {"scp_online": {}},
        "tenant_attach_waivers to be a list",
        "{'scp_online': {}}",
        "correct the variable",
    ),
    "a text in place of a waiver": (
        ["scp_online"],
        "tenant_attach_waivers[0] to be a dictionary",
        "'scp_online'",
        "correct the variable",
    ),
    "a number in place of a waiver": (
        [waiver(), 7],
        "tenant_attach_waivers[1] to be a dictionary",
        "7",
        "correct the variable",
    ),
    "a key that does not exist": (
        [waiver(until="2027-03-31")],
        "each key of tenant_attach_waivers[0]",
        "'until'",
        "remove it",
    ),
    "a key that is misspelt": (
        [waiver(expiry="2027-03-31")],
        "each key of tenant_attach_waivers[0]",
        "'expiry'",
        "did you mean expires?",
    ),
    "a key that is no text": ([{**waiver(), 7: 1}], "each key of tenant_attach_waivers[0]", "7", "remove it"),
    "an id that does not exist": (
        [waiver(id="scp_onlin")],
        "tenant_attach_waivers[0].id",
        "'scp_onlin'",
        "did you mean scp_online?",
    ),
    "every id": ([waiver(id="*")], "tenant_attach_waivers[0].id", "'*'", "remove it"),
    "no id": ([waiver(id=None)], "tenant_attach_waivers[0].id to be a text", "None", "correct the variable"),
    "no key at all": ([{}], "tenant_attach_waivers[0].id to be a text", "None", "correct the variable"),
    "an empty owner": ([waiver(owner="")], "tenant_attach_waivers[0] (scp_online).owner", "''", "correct the variable"),
    "a number as owner": (
        [waiver(owner=7)],
        "tenant_attach_waivers[0] (scp_online).owner",
        "7",
        "correct the variable",
    ),
    "a reason of spaces": (
        [waiver(reason=" \n")],
        "(scp_online).reason to be a text that is not empty",
        "' \\n'",
        "correct",
    ),
    "an empty ticket": ([waiver(ticket="")], "(scp_online).ticket to be a text", "''", "correct"),
    "a number as ticket": ([waiver(ticket=40123)], "(scp_online).ticket to be a text", "40123", "correct"),
    "no day": ([waiver(expires=None)], "(scp_online).expires to be a day such as", "None", "correct"),
    "a day that does not exist": ([waiver(expires="2027-02-30")], "(scp_online).expires", "'2027-02-30'", "correct"),
    "a day in another order": ([waiver(expires="31.03.2027")], "(scp_online).expires", "'31.03.2027'", "correct"),
    "a day without hyphens": ([waiver(expires="20270331")], "(scp_online).expires", "'20270331'", "correct"),
    "a day by its week": ([waiver(expires="2027-W13-3")], "(scp_online).expires", "'2027-W13-3'", "correct"),
    "a word in place of a day": ([waiver(expires="never")], "(scp_online).expires", "'never'", "correct"),
    "a number as day": ([waiver(expires=20270331)], "(scp_online).expires", "20270331", "correct"),
    "a time as text": (
        [waiver(expires="2027-03-31T12:00:00Z")],
        "(scp_online).expires",
        "'2027-03-31T12:00:00Z'",
        "correct",
    ),
    "a time": (
        [waiver(expires=dt.datetime(2027, 3, 31, tzinfo=dt.UTC))],
        "(scp_online).expires",
        "datetime.datetime(2027, 3, 31, 0, 0, tzinfo=datetime.timezone.utc)",
        "correct",
    ),
    "an empty scope": ([waiver(scope="")], "(scp_online).scope to be a text", "''", "correct"),
    "a dictionary as scope": (
        [waiver(scope={"host": POINT})],
        "(scp_online).scope to be a text",
        f"{{'host': '{POINT}'}}",
        "correct",
    ),
    "every scope": (
        [waiver(scope="*")],
        "(scp_online).scope to be one of tenant, hierarchy, site:",
        "'*'",
        "no scope for every",
    ),
    "every host": ([waiver(scope="host:*")], "(scp_online).scope to be one of", "'host:*'", "no scope for everything"),
    "a scope without a kind": (
        [waiver(scope="all")],
        "(scp_online).scope to be one of",
        "'all'",
        "name what it is for",
    ),
    "a site without a name": (
        [waiver(scope="site")],
        "(scp_online).scope to be one of",
        "'site'",
        "name what it is for",
    ),
    "a host of spaces": ([waiver(scope="host: ")], "(scp_online).scope to be one of", "'host:'", "name what it is for"),
    "a kind that does not exist": (
        [waiver(scope="sites:P01")],
        "(scp_online).scope to be one of",
        "'sites:P01'",
        "name what it is for",
    ),
    "a hierarchy with a name": (
        [waiver(scope="hierarchy:x")],
        "(scp_online).scope to be one of",
        "'hierarchy:x'",
        "name what it is for",
    ),
    "a tenant for what is judged for a host": (
        [waiver(scope="tenant")],
        "judged for: host or site or hierarchy",
        "'tenant'",
        "correct the scope or the id",
    ),
    "an account for what is judged for a host": (
        [waiver(scope="account:a@b.c")],
        "judged for: host or site or hierarchy",
        "'account:a@b.c'",
        "correct the",
    ),
    "the same waiver twice": (
        [waiver(), waiver()],
        "to be in tenant_attach_waivers once",
        "entries 0 and 1",
        "keep one of them",
    ),
    "the same scope in other letters": (
        [waiver(), waiver(id="site_mode", scope="site:CAS"), waiver(scope=f"HOST:{POINT}", owner="Bo")],
        "each id and scope",
        f"scp_online for HOST:{POINT} twice: entries 0 and 2",
        "keep one",
    ),
}


@pytest.mark.parametrize(
    ("given", "expected", "observed", "step"), REFUSED.values(), ids=[f"{what} -> refused" for what in REFUSED]
)
def test_what_is_not_understood_is_refused_by_name(given: t.Any, expected: str, observed: str, step: str) -> None:
    with pytest.raises(InvalidOptionError) as caught:
        parse(given)
    assert expected in caught.value.expected
    assert observed in caught.value.observed
    assert step in caught.value.next_step


@pytest.mark.parametrize("key", [key for key in KEYS if key != "ticket"])
def test_every_key_but_the_ticket_is_required(key: str) -> None:
    given = waiver()
    del given[key]
    with pytest.raises(InvalidOptionError, match=rf"\.{key} "):
        parse([given])


REACH = {
    "tenant": {"tenant"},
    "hierarchy": {"hierarchy"},
    "site": {"site:p01", "hierarchy"},
    "host": {"host:a.b", "site:p01", "hierarchy"},
    "account": {"account:a@b.c", "tenant"},
}


@pytest.mark.parametrize("prerequisite", CATALOGUE, ids=lambda each: each.id)
def test_a_scope_that_cannot_reach_a_prerequisite_is_refused(prerequisite: t.Any) -> None:
    accepted: set[str] = set()
    refused: list[str] = []
    for scope in set().union(*REACH.values()):
        try:
            accepted |= {found.scope for found in parse([waiver(id=prerequisite.id, scope=scope)])}
        except InvalidOptionError as exc:
            refused.append(str(exc))
    assert all(f"({prerequisite.id}).scope to be of a kind" in text for text in refused)
    assert accepted == REACH[prerequisite.scope]


@pytest.mark.parametrize("blind", [True, False], ids=["nothing-observed", "healthy"])
def test_no_finding_is_out_of_reach(healthy: Json, blind: bool) -> None:
    evidence = {"schema_version": "1.0", "collected_at": healthy["collected_at"]} if blind else healthy
    for finding in judge(evidence, Expectations() if blind else DECLARED)["findings"]:
        (found,) = parse([waiver(id=finding["id"], scope=scope_of(finding))])
        assert found.covers(finding)


# -- what becomes of findings -----------------------------------------------------------------------------------------


def test_the_true_outcome_stays_and_does_not_count(offline: Json) -> None:
    before, after = judged(offline), judged(offline, waiver())
    assert point(after) == {
        **point(before),
        "waiver": {
            "scope": f"host:{POINT}",
            "owner": "Ada Quill",
            "reason": "the site is closed in March",
            "ticket": "CHG0040123",
            "expires": "2027-03-31",
            "expired": False,
        },
    }
    assert point(after)["outcome"] == "fail"
    assert [each for each in after["findings"] if each["id"] != "scp_online"] == [
        each for each in before["findings"] if each["id"] != "scp_online"
    ]
    assert (before["summary"]["verdict"], before["ready"], before["fails_on"]) == (
        "not_ready",
        False,
        ["fail", "unknown", "warn"],
    )
    assert (after["summary"]["verdict"], after["ready"], after["fails_on"]) == ("ready", True, [])
    assert after["summary"] == {**before["summary"], "verdict": "ready", "waived": 1}
    assert after["sites"]["CAS"] == {**before["sites"]["CAS"], "verdict": "ready", "waived": 1, "worst": []}
    assert after["waivers_unused"] == []


@pytest.mark.parametrize(
    ("expires", "collected_at", "expired"),
    [
        (EVIDENCE_DAY, f"{EVIDENCE_DAY}T00:00:00Z", False),
        (EVIDENCE_DAY, f"{EVIDENCE_DAY}T23:59:59Z", False),
        ("2026-11-22", f"{EVIDENCE_DAY}T00:00:00Z", True),
        # The day ends in UTC, wherever the evidence was collected.
        ("2026-11-22", f"{EVIDENCE_DAY}T01:30:00+02:00", False),
        (EVIDENCE_DAY, f"{EVIDENCE_DAY}T23:30:00-02:00", True),
        ("2020-01-01", f"{EVIDENCE_DAY}T20:00:00Z", True),
    ],
    ids=[
        "first second of its day -> counts",
        "last second of its day -> counts",
        "first second of the next day -> expired",
        "the next day in the east, its day in UTC -> counts",
        "its day in the west, the next day in UTC -> expired",
        "years later -> expired",
    ],
)
def test_it_counts_through_the_end_of_its_day(offline: Json, expires: str, collected_at: str, expired: bool) -> None:
    offline["collected_at"] = collected_at
    document = judged(offline, waiver(expires=expires))
    assert point(document)["waiver"]["expired"] is expired
    assert document["summary"]["waived"] == (not expired)
    assert document["summary"]["verdict"] == ("not_ready" if expired else "ready")
    assert document["waivers_unused"] == []


@pytest.mark.parametrize(
    ("scope", "waived"),
    [
        (f"host:{POINT}", True),
        ("site:CAS", True),
        ("site:cas", True),
        ("host:cm-cas01.corp.contoso.example", False),
        ("host:cm-scp01", False),
        ("site:P01", False),
        ("hierarchy", False),
    ],
    ids=[
        "the host -> waived",
        "its site -> waived",
        "its site in other letters -> waived",
        "another host -> not waived",
        "the host without its domain -> not waived",
        "another site -> not waived",
        "the hierarchy -> not waived",
    ],
)
def test_a_scope_covers_what_it_names(offline: Json, scope: str, waived: bool) -> None:
    document = judged(offline, waiver(scope=scope))
    assert (point(document)["waiver"] is not None) is waived
    idle = [{"id": "scp_online", "scope": scope, "reason": "nothing found in this scope"}]
    assert document["waivers_unused"] == ([] if waived else idle)


def test_the_tenant_the_hierarchy_and_accounts_have_scopes(offline: Json) -> None:
    del offline["tenant"], offline["hierarchy"]["top_site"]
    offline["accounts"][1]["discovered_by"] = []
    document = judged(
        offline,
        waiver(id="mdm_authority", scope="TENANT"),
        waiver(id="site_versions_uniform", scope="Hierarchy"),
        waiver(id="operator_discovered", scope="account:Operator001@contoso.com"),
        waiver(id="scp_present", scope="hierarchy"),
    )
    carried = {(each["id"], each["scope"]["name"]) for each in document["findings"] if each["waiver"]}
    assert ("mdm_authority", "tenant") in carried
    assert ("operator_discovered", "operator001@contoso.com") in carried
    assert {each["outcome"] for each in document["findings"] if each["waiver"]} <= {"fail", "unknown", "warn"}


@pytest.mark.parametrize(
    ("host_expires", "site_expires", "owner", "waived"),
    [
        ("2027-03-31", "2027-12-31", "host", 1),
        ("2027-03-31", "2026-01-01", "host", 1),
        # Who names one host and a day means that day, whatever is said of its site.
        ("2026-01-01", "2027-12-31", "host", 0),
    ],
    ids=["both count -> waived", "the site's has expired -> waived", "the host's has expired -> not waived"],
)
@pytest.mark.parametrize("turn", [1, -1], ids=["site first", "host first"])
def test_the_most_specific_wins(
    *, offline: Json, turn: int, host_expires: str, site_expires: str, owner: str, waived: int
) -> None:
    both = [
        waiver(scope="site:CAS", owner="site", expires=site_expires),
        waiver(owner="host", expires=host_expires),
    ]
    document = judged(offline, *both[::turn])
    assert (point(document)["waiver"]["owner"], document["summary"]["waived"]) == (owner, waived)
    assert document["waivers_unused"] == [
        {"id": "scp_online", "scope": "site:CAS", "reason": "a more specific waiver takes its place"}
    ]


def test_that_of_a_site_takes_the_hosts_that_have_none_of_their_own(healthy: Json) -> None:
    healthy["adminservice"]["providers"] = []
    id_ = "adminservice_functional"
    hosts = {
        each["scope"]["name"]: each["scope"]["site"]
        for each in judged(healthy, only=[id_])["findings"]
        if each["outcome"] != "pass"
    }
    one = next(name for name, site in hosts.items() if site == "P01")
    assert list(hosts.values()).count("P01") == 2
    document = judged(
        healthy, waiver(id=id_, scope="site:P01", owner="site"), waiver(id=id_, scope=f"host:{one}"), only=[id_]
    )
    owners = {each["scope"]["name"]: (each["waiver"] or {}).get("owner") for each in document["findings"]}
    wanted = {name: "site" if site == "P01" else None for name, site in hosts.items()} | {one: "Ada Quill"}
    assert {name: owners[name] for name in hosts} == wanted
    assert document["waivers_unused"] == []


def test_what_passes_or_does_not_apply_carries_none(healthy: Json) -> None:
    document = judged(
        healthy,
        waiver(scope="site:CAS"),
        waiver(id="attached_tenant", scope="tenant"),
        waiver(id="onboarding_secret", scope="tenant"),
    )
    assert {each["waiver"] for each in document["findings"]} == {None}
    assert {each["reason"] for each in document["waivers_unused"]} == {"passes or does not apply"}
    assert len(document["waivers_unused"]) == 3


def test_what_is_not_judged_is_told_of_its_waiver(offline: Json) -> None:
    document = judged(offline, waiver(), only=["site_mode"])
    assert document["waivers_unused"] == [
        {"id": "scp_online", "scope": f"host:{POINT}", "reason": "not judged in this run"}
    ]


def test_waiving_what_is_unknown_leaves_it_unknown(healthy: Json) -> None:
    del healthy["hierarchy"]["status_messages"]
    given = parse([waiver(id="scp_endpoint_check")])
    document = judge(healthy, DECLARED, waivers=given, only=["scp_endpoint_check", "scp_online"])
    (finding,) = (each for each in document["findings"] if each["waiver"])
    assert finding["outcome"] == "unknown"
    assert (document["summary"]["verdict"], document["summary"]["outcomes"]["unknown"]) == ("ready", 1)


def test_waiving_everything_proves_nothing_where_nothing_was_observed(healthy: Json) -> None:
    blind = {"schema_version": "1.0", "collected_at": healthy["collected_at"]}
    findings = judge(blind, DECLARED)["findings"]
    assert {each["outcome"] for each in findings} == {"unknown"}
    waivers = [waiver(id=each["id"], scope=scope_of(each)) for each in findings]
    document = judge(blind, DECLARED, waivers=parse(waivers))
    assert document["summary"]["waived"] == document["summary"]["findings"] == len(findings)
    assert (document["summary"]["verdict"], document["ready"]) == ("not_proven", False)
    assert document["fails_on"] == ["fail", "unknown", "warn"]


def test_judging_leaves_what_is_given_alone(offline: Json) -> None:
    given = [waiver()]
    findings = judged(offline)["findings"]
    before = json.dumps([given, findings])
    _waivers.apply(findings, parse(given), dt.datetime(2026, 11, 23, tzinfo=dt.UTC))
    assert json.dumps([given, findings]) == before


def test_the_document_is_as_its_schema_says(offline: Json, request: pytest.FixtureRequest) -> None:
    text = Path(request.config.rootpath / "docs" / "findings.schema.json").read_text("utf-8")
    validator = jsonschema.Draft202012Validator(json.loads(text))
    document = judged(
        offline,
        waiver(ticket=None),
        waiver(scope="site:CAS"),
        waiver(id="site_mode", scope="site:P01"),
        waiver(id="site_mode", scope="site:XYZ"),
        waiver(id="site_version", scope="site:CAS"),
        severities={"scp_online": "low"},
    )
    assert len({each["reason"] for each in document["waivers_unused"]}) == 4
    validator.validate(document)
    assert document["schema_version"] == "1.2"
    for damage in ({"owner": ""}, {"expires": "tomorrow"}, {"expired": None}, {"approver": "Bo"}):
        changed = json.loads(json.dumps(document))
        point(changed)["waiver"].update(damage)
        with pytest.raises(jsonschema.ValidationError):
            validator.validate(changed)
