# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import itertools
import json
import typing as t

import jsonschema
import pytest

from ansible_collections.configmgr.tenant_attach.plugins.module_utils._errors import InvalidOptionError
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.documents._drift import Earlier, Run, State
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.remember import _drift
from ansible_collections.configmgr.tenant_attach.tests.unit.history import (
    FUNCTIONAL,
    PRESENT,
    TITLES,
    VERSION,
    Json,
    at,
    blind,
    finding,
    run,
)
from ansible_collections.configmgr.tenant_attach.tests.unit.places import DOCS

SCHEMA = json.loads((DOCS / "drift.schema.json").read_text("utf-8"))
KNOWN = ("pass", "warn", "fail", "not_applicable")
PROBLEMS = ("warn", "fail")


def state_of(documents: t.Iterable[Json]) -> State:
    state: State = {}
    for document in documents:
        state = _drift.remember(document, state, TITLES)
    return state


def compare(*documents: Json, limit: int = 25, name: str | None = None) -> Json:
    """Compare the last run with those before it. Whatever comes out follows the schema."""
    *before, last = documents
    earlier = Earlier(Run(1, before[-1]["collected_at"], "ready"), state_of(before), name) if before else None
    found = _drift.compare(last, earlier, estate="default", titles=TITLES, max_unverified=limit)
    jsonschema.validate(found, SCHEMA, cls=jsonschema.Draft202012Validator)
    return found


def told(document: Json) -> list[tuple[str, str]]:
    """Kind and name of everything that is said, unknown things included."""
    rows = [*document["rows"], *document["still"], *document["first_seen"]]
    return [(row["kind"], row["scope"]["name"]) for row in rows] + [
        ("unverified", row["scope"]["name"]) for row in document["unverified"]
    ]


def kinds(*outcomes: str | None) -> list[str]:
    """What is said of one host, by its outcome in each run; None where it is not there. Another one is always well."""
    well = finding("pass", "cm02.contoso.com")
    documents = [run(day, well, *([finding(each)] if each else [])) for day, each in enumerate(outcomes)]
    return [kind for kind, _name in told(compare(*documents))]


@pytest.mark.parametrize(
    ("outcomes", "said"),
    [
        # As it was.
        (("pass", "pass"), []),
        (("pass", "not_applicable"), []),
        (("not_applicable", "pass"), []),
        (("warn", "warn"), ["still"]),
        (("fail", "fail"), ["still"]),
        # Drift.
        (("pass", "fail"), ["new"]),
        (("pass", "warn"), ["new"]),
        (("not_applicable", "fail"), ["new"]),
        (("warn", "fail"), ["worsened"]),
        (("fail", "warn"), ["improved"]),
        (("fail", "pass"), ["resolved"]),
        (("warn", "not_applicable"), ["resolved"]),
        # Something that was not there, or is not there any more.
        ((None, "pass"), []),
        ((None, "fail"), ["new"]),
        ((None, "unknown"), ["unverified"]),
        (("pass", None), []),
        (("fail", None), ["resolved"]),
        (("unknown", None), []),
        # Unknown is no drift, in neither direction.
        (("pass", "unknown"), ["unverified"]),
        (("fail", "unknown"), ["unverified"]),
        (("pass", "unknown", "pass"), []),
        (("fail", "unknown", "fail"), ["still"]),
        (("fail", "unknown", "unknown", "unknown", "fail"), ["still"]),
        # What happened meanwhile is found when it can be.
        (("pass", "unknown", "unknown", "fail"), ["new"]),
        (("warn", "unknown", "fail"), ["worsened"]),
        (("fail", "unknown", "pass"), ["resolved"]),
        (("fail", "unknown", None), ["resolved"]),
        # What was never known may have been so all along.
        (("unknown", "unknown"), []),
        (("unknown", "fail"), ["first_seen"]),
        (("unknown", "pass"), []),
        # And it is told once.
        (("unknown", "fail", "fail"), ["still"]),
        (("pass", "fail", "fail"), ["still"]),
        (("fail", "pass", "pass"), []),
        (("fail", None, "fail"), ["new"]),
    ],
    ids=lambda value: "-".join(str(each) for each in value) or "nothing",
)
def test_what_became_of_a_finding(outcomes: tuple[str | None, ...], said: list[str]) -> None:
    assert kinds(*outcomes) == said


@pytest.mark.parametrize(("first", "last"), list(itertools.product(KNOWN, KNOWN)))
@pytest.mark.parametrize("gap", [0, 1, 3])
def test_an_outage_changes_nothing_of_what_is_said(first: str, last: str, gap: int) -> None:
    assert kinds(first, *["unknown"] * gap, last) == kinds(first, last)


def test_a_first_run_is_no_drift() -> None:
    found = compare(run(0, finding("fail"), finding("pass", "cm02.contoso.com")))
    assert (found["drifted"], found["rows"], found["baseline"]) == (False, [], None)
    assert told(found) == [("first_seen", "cm01.contoso.com")]
    assert found["scopes"] == {"appeared": [], "vanished": []}


def test_a_row_says_how_it_was_and_how_it_is() -> None:
    found = compare(run(0, finding("pass")), run(1, finding("unknown")), run(2, finding("fail")))
    (row,) = found["rows"]
    assert row == {
        "kind": "new",
        "id": FUNCTIONAL,
        "title": TITLES[FUNCTIONAL],
        "scope": {"kind": "host", "name": "cm01.contoso.com", "site": "P01"},
        "severity": "high",
        "waived": False,
        "before": {"outcome": "pass", "observed": "seen as pass", "known_at": at(0)},
        "after": {"outcome": "fail", "observed": "seen as fail", "reason": "because of fail"},
    }
    assert found["counts"]["new"] == 1
    assert found["baseline"] == {"name": None, "collected_at": at(1), "verdict": "ready"}
    gone = compare(run(0, finding("fail")), run(1, finding("pass", "cm02.contoso.com")))["rows"][0]
    assert (gone["kind"], gone["title"], gone["after"]) == ("resolved", TITLES[FUNCTIONAL], None)
    assert gone["before"]["observed"] == "seen as fail"


def test_another_text_or_another_case_is_no_drift() -> None:
    before = run(0, finding("fail", observed="expires in 3 days"))
    after = run(1, finding("fail", "CM01.Contoso.com", observed="expires in 2 days"))
    found = compare(before, after)
    assert (found["drifted"], told(found)) == (False, [("still", "CM01.Contoso.com")])
    assert found["scopes"] == {"appeared": [], "vanished": []}


WAIVER = {"scope": "*", "owner": "o", "reason": "r", "ticket": None, "expires": "2026-12-31", "expired": False}


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [(None, WAIVER, [("still", True)]), (WAIVER, {**WAIVER, "expired": True}, [("still", False)])],
    ids=["given", "expired"],
)
def test_a_waiver_is_no_drift(before: Json | None, after: Json, said: list[tuple[str, bool]]) -> None:
    found = compare(run(0, finding("fail", waiver=before)), run(1, finding("fail", waiver=after)))
    assert [(row["kind"], row["waived"]) for row in [*found["rows"], *found["still"]]] == said


def test_a_waived_problem_drifts_as_any_other_and_says_so() -> None:
    found = compare(run(0, finding("pass")), run(1, finding("fail", waiver=WAIVER)))
    assert [(row["kind"], row["waived"]) for row in found["rows"]] == [("new", True)]
    assert _drift.summary(run(1, finding("fail", waiver=WAIVER), finding("fail", "b")))["waived"] == 1


def test_nothing_has_gone_where_nothing_could_be_listed() -> None:
    hosts = [finding("fail"), finding("pass", "cm02.contoso.com")]
    dark = compare(run(0, *hosts), run(1, blind()))
    # The finding that stands for all is not counted beside them.
    assert told(dark) == [("unverified", "cm01.contoso.com"), ("unverified", "cm02.contoso.com")]
    assert {row["reason"] for row in dark["unverified"]} == {"no provider answered"}
    assert dark["scopes"] == {"appeared": [], "vanished": []}
    assert (dark["drifted"], dark["verified"]["enough"]) == (False, False)
    # Back again: nothing changed, but for what did.
    back = compare(run(0, *hosts), run(1, blind()), run(2, *hosts))
    assert told(back) == [("still", "cm01.contoso.com")]
    changed = [finding("pass"), finding("warn", "cm02.contoso.com"), finding("fail", "cm03.contoso.com")]
    back = compare(run(0, *hosts), run(1, blind()), run(2, blind()), run(3, *changed))
    assert told(back) == [
        ("new", "cm02.contoso.com"),
        ("new", "cm03.contoso.com"),
        ("resolved", "cm01.contoso.com"),
    ]
    assert [scope["name"] for scope in back["scopes"]["appeared"]] == ["cm03.contoso.com"]


def test_what_could_never_be_listed_has_not_appeared() -> None:
    found = compare(run(0, blind(), finding("pass", of=PRESENT)), run(1, finding("fail"), finding("pass", of=PRESENT)))
    assert told(found) == [("first_seen", "cm01.contoso.com")]
    assert found["scopes"] == {"appeared": [], "vanished": []}


def test_a_rule_that_is_new_finds_no_drift() -> None:
    before = run(0, finding("pass", of=PRESENT))
    after = run(1, finding("pass", of=PRESENT), finding("fail", of=VERSION, name="P01", kind="site"))
    assert told(compare(before, after)) == [("first_seen", "P01")]


def test_a_rule_that_has_gone_resolves_nothing() -> None:
    before = state_of([run(0, finding("fail"), finding("pass", of=PRESENT))])
    left = {name: title for name, title in TITLES.items() if name != FUNCTIONAL}
    earlier = Earlier(Run(1, at(0), "ready"), before)
    after = run(1, finding("pass", of=PRESENT))
    found = _drift.compare(after, earlier, estate="e", titles=left, max_unverified=0)
    assert (told(found), found["counts"]["never_known"]) == ([], 0)
    assert {key.id for key in _drift.remember(after, before, left)} == {PRESENT}


def test_a_rule_that_was_left_out_is_as_it_was() -> None:
    whole = run(0, finding("fail"), finding("pass", of=PRESENT))
    part = run(1, finding("pass", of=PRESENT))
    found = compare(whole, part, limit=0)
    assert (told(found), found["verified"]["enough"]) == ([], True)
    assert found["scopes"]["vanished"] == []
    assert told(compare(whole, part, run(2, *whole["findings"]))) == [("still", "cm01.contoso.com")]


def test_hosts_that_come_and_go_are_told() -> None:
    before = run(0, finding("pass"), finding("pass", "cm02.contoso.com"))
    after = run(1, finding("pass", "cm02.contoso.com"), finding("pass", "cm03.contoso.com"))
    found = compare(before, after)
    assert found["drifted"] is False
    assert {name: [scope["name"] for scope in scopes] for name, scopes in found["scopes"].items()} == {
        "appeared": ["cm03.contoso.com"],
        "vanished": ["cm01.contoso.com"],
    }


def test_of_two_findings_about_the_same_the_worst_counts() -> None:
    twice = run(1, finding("pass"), finding("fail"), finding("warn"))
    assert told(compare(run(0, finding("pass")), twice)) == [("new", "cm01.contoso.com")]
    assert compare(run(0, finding("pass")), twice)["rows"][0]["after"]["outcome"] == "fail"


@pytest.mark.parametrize(
    ("lost", "limit", "percent", "enough"),
    [
        (0, 0, 0.0, True),
        (1, 0, 10.0, False),
        (1, 9, 10.0, False),
        (1, 10, 10.0, True),
        (2, 10, 20.0, False),
        (9, 100, 90.0, True),
        # Nothing was seen: no limit excuses that.
        (10, 100, 100.0, False),
    ],
)
def test_how_much_may_be_unverified(lost: int, limit: int, percent: float, *, enough: bool) -> None:
    names = [f"cm{number:02}" for number in range(10)]
    now = [finding("unknown" if number < lost else "pass", name) for number, name in enumerate(names)]
    found = compare(run(0, *(finding("pass", name) for name in names)), run(1, *now), limit=limit)
    assert found["verified"] == {
        "findings": 10 - lost,
        "unverified": lost,
        "percent": percent,
        "max_percent": limit,
        "enough": enough,
    }


def test_nothing_judged_verifies_nothing() -> None:
    assert compare(run(0), limit=100)["verified"]["enough"] is False


def test_what_was_never_known_is_not_missed_twice() -> None:
    first = run(0, finding("unknown"), finding("pass", "b"))
    found = compare(first, limit=49)
    assert (found["verified"]["unverified"], found["verified"]["enough"]) == (1, False)
    found = compare(first, run(1, *first["findings"]), limit=0)
    assert (found["verified"]["unverified"], found["verified"]["enough"]) == (0, True)
    assert (found["counts"]["never_known"], found["counts"]["unverified"]) == (1, 0)


def test_a_baseline_is_compared_with_in_the_same_way() -> None:
    found = compare(run(0, finding("pass")), run(9, finding("fail")), name="onboarded")
    assert found["baseline"] == {"name": "onboarded", "collected_at": at(0), "verdict": "ready"}
    assert told(found) == [("new", "cm01.contoso.com")]


def test_rows_have_the_worst_first() -> None:
    names = {"low": "a", "critical": "b", "high": "c"}
    before = [finding("pass", name) for name in names.values()]
    after = [finding("fail", name, severity=severity) for severity, name in names.items()]
    rows = compare(run(0, *before, finding("fail", "d")), run(1, *after, finding("pass", "d")))["rows"]
    assert [row["scope"]["name"] for row in rows] == ["b", "c", "a", "d"]


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("2026-11-01T06:00:00Z", "2026-11-01T06:00:00Z"),
        ("2026-11-01T07:00:00.5+01:00", "2026-11-01T06:00:00Z"),
        ("2026-11-01T06:00:00", "2026-11-01T06:00:00Z"),
    ],
)
def test_times_can_be_put_in_order(given: str, meant: str) -> None:
    assert _drift.collected_at({"collected_at": given}) == meant


def test_a_time_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidOptionError, match="yesterday"):
        _drift.collected_at({"collected_at": "yesterday"})


def test_the_difference_shows_what_drifted_and_nothing_else() -> None:
    before = run(0, finding("fail"), finding("warn", "same"), finding("pass", "worse", observed="a\nb"))
    after = run(1, finding("warn", "same"), finding("fail", "worse"), finding("fail", "hierarchy", kind="hierarchy"))
    assert _drift.diff(compare(before, after)) == {
        "before_header": at(0),
        "after_header": at(1),
        "before": (
            f"{FUNCTIONAL} hierarchy hierarchy: not there\n"
            f"{FUNCTIONAL} host cm01.contoso.com (site P01): fail: seen as fail\n"
            f"{FUNCTIONAL} host worse (site P01): pass: a b\n"
        ),
        "after": (
            f"{FUNCTIONAL} hierarchy hierarchy: fail: seen as fail\n"
            f"{FUNCTIONAL} host cm01.contoso.com (site P01): not there\n"
            f"{FUNCTIONAL} host worse (site P01): fail: seen as fail\n"
        ),
    }
