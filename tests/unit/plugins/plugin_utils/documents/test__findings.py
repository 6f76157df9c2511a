# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import itertools
import typing as t

import pytest

from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.documents import _findings
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.documents._findings import (
    Outcome,
    by_site,
    count,
    counting,
    failed,
    failing,
    not_applicable,
    passed,
    site_of,
    unknown,
    verdict,
    waived,
    warned,
    worst_first,
)

ZERO = {"pass": 0, "warn": 0, "fail": 0, "not_applicable": 0, "unknown": 0}


def finding(
    outcome: str, *, site: str | None = None, name: str = "x", of: str = "some_id", severity: str = "high"
) -> dict[str, t.Any]:
    """A finding. After `~` it is waived, and after `!` its waiver has expired."""
    waiver = {"expired": outcome[0] == "!"} if outcome[0] in "~!" else None
    return {
        "id": of,
        "outcome": outcome.lstrip("~!"),
        "severity": severity,
        "scope": {"kind": "site", "name": name, "site": site},
        "waiver": waiver,
    }


def findings(*outcomes: str) -> list[dict[str, t.Any]]:
    return [finding(outcome) for outcome in outcomes]


def test_a_waiver_takes_a_finding_out_until_it_expires() -> None:
    judged = findings("fail", "~fail", "!fail")
    assert [waived(each) for each in judged] == [False, True, False]
    assert counting(judged) == [judged[0], judged[2]]
    # What was found stays counted as what it is.
    assert count(judged) == {**ZERO, "fail": 3}


def test_judgements() -> None:
    assert tuple(passed("on", "rule")) == ("pass", "on", "rule", "", ())
    assert tuple(warned("on", "rule")) == ("warn", "on", "rule", "", ())
    assert tuple(failed("off", "rule", "step")) == ("fail", "off", "rule", "step", ())
    assert tuple(unknown("why", "seen", "step", ("right",))) == ("unknown", "seen", "why", "step", ("right",))
    assert tuple(not_applicable("why")) == ("not_applicable", "", "why", "", ())


def test_every_outcome_has_a_rank() -> None:
    assert sorted(_findings.RANK) == sorted(Outcome)


def test_all_outcomes_are_counted() -> None:
    assert count([]) == ZERO
    assert count(findings("pass", "fail", "fail")) == {**ZERO, "pass": 1, "fail": 2}


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ([], "not_proven"),
        (["pass"], "ready"),
        (["pass", "warn", "not_applicable"], "ready"),
        (["not_applicable"], "ready"),
        (["pass", "unknown"], "not_proven"),
        (["unknown", "fail"], "not_ready"),
        (["pass", "fail"], "not_ready"),
        (["pass", "~fail"], "ready"),
        (["pass", "~unknown"], "ready"),
        (["pass", "~fail", "~unknown", "~warn"], "ready"),
        (["pass", "!fail"], "not_ready"),
        (["pass", "!unknown"], "not_proven"),
        (["pass", "~fail", "fail"], "not_ready"),
        (["pass", "~fail", "unknown"], "not_proven"),
        # What failed was observed, and may be accepted; what was never observed proves nothing, whoever accepts it.
        (["~fail"], "ready"),
        (["~warn"], "ready"),
        (["~fail", "~unknown"], "ready"),
        (["~unknown"], "not_proven"),
        (["~unknown", "not_applicable"], "not_proven"),
    ],
)
def test_verdict(outcomes: list[str], expected: str) -> None:
    assert verdict(findings(*outcomes)) == expected


@pytest.mark.parametrize(
    ("outcomes", "levels"),
    [
        (["pass"], set()),
        (["pass", "not_applicable"], set()),
        (["pass", "warn"], {"warn"}),
        (["pass", "unknown"], {"unknown", "warn"}),
        (["pass", "fail"], {"fail", "unknown", "warn"}),
        # A run that answered nothing must not look like success.
        (["unknown"], {"fail", "unknown", "warn"}),
        (["unknown", "not_applicable"], {"fail", "unknown", "warn"}),
        (["not_applicable"], {"fail", "unknown", "warn"}),
        ([], {"fail", "unknown", "warn"}),
        (["warn"], {"warn"}),
        (["pass", "~fail", "~unknown", "~warn"], set()),
        (["pass", "~fail", "warn"], {"warn"}),
        (["pass", "!fail"], {"fail", "unknown", "warn"}),
        (["pass", "!unknown"], {"unknown", "warn"}),
        (["~fail"], set()),
        # Nor must one in which everything that is unknown was waived.
        (["~unknown"], {"fail", "unknown", "warn"}),
        (["~unknown", "~unknown", "not_applicable"], {"fail", "unknown", "warn"}),
    ],
)
def test_failing(outcomes: list[str], levels: set[str]) -> None:
    found = {level for level in ("never", "fail", "unknown", "warn") if failing(findings(*outcomes), level)}
    assert found == levels


STATES = [*Outcome, "~fail", "~unknown", "!fail"]


@pytest.mark.parametrize("outcomes", [some for size in range(6) for some in itertools.combinations(STATES, size)])
def test_a_stricter_level_never_fails_less(outcomes: tuple[str, ...]) -> None:
    judged = findings(*outcomes)
    fails = [failing(judged, level) for level in ("never", "fail", "unknown", "warn")]
    assert fails == sorted(fails)
    if verdict(judged) == "not_ready":
        assert failing(judged, "fail")
    if not failing(judged, "unknown"):
        assert verdict(judged) == "ready"


def test_the_worst_comes_first() -> None:
    expected = [
        finding("fail", severity="critical", of="b"),
        finding("fail", severity="high", of="a", name="a"),
        finding("fail", severity="high", of="a", name="b"),
        finding("fail", severity="high", of="b"),
        finding("unknown", severity="critical"),
        finding("warn", severity="critical"),
        finding("pass", severity="critical"),
        finding("not_applicable", severity="critical"),
    ]
    shuffled = expected[::-1]
    assert sorted(shuffled, key=worst_first) == expected


def test_sites() -> None:
    judged = [
        finding("pass", site="P01"),
        *(finding("warn", site="P01", of=f"w{number}", severity="low") for number in range(7)),
        finding("fail", site="P01", of="bad", name="a"),
        finding("fail", site="P01", of="bad", name="b"),
        finding("pass", site="P02"),
        finding("~fail", site="P02", of="accepted"),
        finding("!fail", site="P03", of="accepted_once"),
        finding("fail", site=None),
        finding("fail", site="OLD"),
    ]
    found = by_site(judged, ["P02", "P01", "P03", "S11"])
    assert list(found) == ["P02", "P01", "P03"]
    assert found["P02"] == {"verdict": "ready", "outcomes": {**ZERO, "pass": 1, "fail": 1}, "waived": 1, "worst": []}
    assert found["P03"] == {
        "verdict": "not_ready",
        "outcomes": {**ZERO, "fail": 1},
        "waived": 0,
        "worst": ["accepted_once"],
    }
    assert found["P01"] == {
        "verdict": "not_ready",
        "outcomes": {**ZERO, "pass": 1, "warn": 7, "fail": 2},
        "waived": 0,
        "worst": ["bad", "w0", "w1", "w2", "w3"],
    }
    assert [site_of(finding("fail", site=site)) for site in (None, "P01")] == ["", "P01"]
