# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a run leaves for the jobs that follow."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.configmgr.tenant_attach.plugins.filter.artifacts import FilterModule

FILTER = FilterModule().filters()["artifacts"]
Json = dict[str, t.Any]


def finding(name: str, outcome: str, *, expired: bool | None = None) -> Json:
    return {"id": name, "outcome": outcome, "waiver": None if expired is None else {"expired": expired}}


def document(*findings: Json, **sites: str) -> Json:
    return {
        "collected_at": "2026-11-23T20:00:00Z",
        "summary": {"verdict": "not_ready", "outcomes": {"fail": 1}},
        "ready": False,
        "fails_on": ["fail"],
        "findings": list(findings),
        "sites": {code: {"verdict": verdict} for code, verdict in sites.items()},
    }


def test_few_words_say_it() -> None:
    judged = document(
        finding("site_mode", "fail"),
        finding("site_mode", "fail"),
        finding("scp_online", "unknown"),
        finding("adminservice", "pass"),
        P02="not_ready",
        CAS="not_proven",
        P01="ready",
    )
    assert FILTER(judged) == {
        "tenant_attach_verdict": "not_ready",
        "tenant_attach_ready": False,
        "tenant_attach_outcomes": {"fail": 1},
        "tenant_attach_waived": 0,
        "tenant_attach_fails_on": ["fail"],
        "tenant_attach_failing": ["site_mode"],
        "tenant_attach_unknown": ["scp_online"],
        "tenant_attach_sites_not_ready": ["CAS", "P02"],
    }


@pytest.mark.parametrize(("expired", "failing", "waived"), [(None, 1, 0), (True, 1, 0), (False, 0, 1)])
def test_waived_does_not_fail_and_expired_does(expired: bool | None, failing: int, waived: int) -> None:
    told = FILTER(document(finding("site_mode", "fail", expired=expired)))
    assert (len(told["tenant_attach_failing"]), told["tenant_attach_waived"]) == (failing, waived)


def test_they_stay_small_and_know_no_time() -> None:
    judged = document(
        *(finding(f"f{number:03}", "fail") for number in range(99, 0, -1)), **{f"S{n}": "not_ready" for n in range(99)}
    )
    told = FILTER(judged)
    assert told["tenant_attach_failing"] == [f"f{number:03}" for number in range(1, 21)]
    assert len(told["tenant_attach_sites_not_ready"]) == 20
    assert told == FILTER({**judged, "collected_at": "2027-01-01T00:00:00Z", "findings": judged["findings"][::-1]})
