# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils import _findings


def finding(outcome: str, *, site: str | None = None, severity: str = "high", name: str = "x") -> dict[str, t.Any]:
    scope = {"kind": "host", "name": name, "site": site}
    return {"id": f"id_{outcome}", "outcome": outcome, "severity": severity, "scope": scope}


@pytest.mark.parametrize(
    ("outcomes", "verdict"),
    [
        ([], "not_proven"),
        (["pass"], "ready"),
        (["pass", "warn", "not_applicable"], "ready"),
        (["not_applicable"], "ready"),
        (["pass", "unknown"], "not_proven"),
        (["unknown", "fail", "pass"], "not_ready"),
    ],
)
def test_verdict(outcomes: list[str], verdict: str) -> None:
    assert _findings.verdict([finding(outcome) for outcome in outcomes]) == verdict


@pytest.mark.parametrize(
    ("outcomes", "failing"),
    [
        (["pass"], set()),
        (["pass", "warn"], {"warn"}),
        (["pass", "unknown"], {"warn", "unknown"}),
        (["pass", "fail"], {"warn", "unknown", "fail"}),
        # A run that answered nothing must not look like success.
        (["unknown"], {"warn", "unknown", "fail"}),
        (["unknown", "not_applicable"], {"warn", "unknown", "fail"}),
        ([], {"warn", "unknown", "fail"}),
    ],
)
def test_failing(outcomes: list[str], failing: set[str]) -> None:
    findings = [finding(outcome) for outcome in outcomes]
    levels = ("never", "fail", "unknown", "warn")
    assert {level for level in levels if _findings.failing(findings, level)} == failing


def test_the_worst_come_first() -> None:
    findings = [
        finding("pass"),
        finding("warn", severity="critical"),
        finding("fail", severity="low"),
        finding("unknown", severity="critical"),
        finding("fail", severity="critical", name="b"),
        finding("fail", severity="critical", name="a"),
    ]
    ordered = sorted(findings, key=_findings.worst_first)
    assert [(each["outcome"], each["severity"], each["scope"]["name"]) for each in ordered] == [
        ("fail", "critical", "a"),
        ("fail", "critical", "b"),
        ("fail", "low", "x"),
        ("unknown", "critical", "x"),
        ("warn", "critical", "x"),
        ("pass", "high", "x"),
    ]


def test_by_site() -> None:
    findings = [finding("fail", site="P01"), finding("fail", site="P01"), finding("pass", site="P02"), finding("fail")]
    result = _findings.by_site(findings, ["P01", "P02", "S11"])
    assert list(result) == ["P01", "P02"]
    assert (result["P01"]["verdict"], result["P01"]["worst"]) == ("not_ready", ["id_fail"])
    assert result["P01"]["outcomes"] == {"pass": 0, "warn": 0, "fail": 2, "not_applicable": 0, "unknown": 0}
    assert (result["P02"]["verdict"], result["P02"]["worst"]) == ("ready", [])
