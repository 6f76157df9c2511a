# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest
from ansible.errors import AnsibleActionFail
from ansible.utils.display import Display

from ansible_collections.configmgr.tenant_attach.plugins.action.drift import ActionModule
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.documents._expectations import Expectations
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.judge._engine import judge
from ansible_collections.configmgr.tenant_attach.tests.unit.history import Json, at, finding, run

Drift = t.Callable[..., Json]
WELL = finding("pass")
ILL = finding("fail")
UNSEEN = finding("unknown")
OTHER = finding("pass", "cm02.contoso.com")


@pytest.fixture
def drift(act: t.Callable[..., Json], tmp_path: Path) -> Drift:
    """Run the action on the findings of a day."""

    def compare(day: int, *findings: Json, check_mode: bool = False, **options: t.Any) -> Json:
        judged = {**run(day, *findings, OTHER), "changed": False, "failed": False}
        given = {"findings": judged, "history": str(tmp_path / "history.sqlite"), **options}
        return act(
            ActionModule, check_mode=check_mode, **{key: each for key, each in given.items() if each is not None}
        )

    return compare


def test_the_same_twice_is_no_change(drift: Drift) -> None:
    first = drift(0, WELL)
    assert (first["changed"], first["recorded"], first["drift"]["baseline"]) == (False, True, None)
    second = drift(1, WELL)
    assert (second["changed"], second["recorded"], second["drift"]["rows"]) == (False, True, [])
    assert "diff" not in second
    assert [each["collected_at"] for each in second["trend"]] == [at(0), at(1)]


def test_a_problem_is_a_change_with_a_difference(drift: Drift) -> None:
    drift(0, WELL)
    found = drift(1, ILL)
    assert found["changed"] is True
    assert [row["kind"] for row in found["drift"]["rows"]] == ["new"]
    assert "pass: seen as pass" in found["diff"]["before"]
    assert "fail: seen as fail" in found["diff"]["after"]


def test_an_outage_is_none(drift: Drift) -> None:
    drift(0, WELL)
    lost = drift(1, UNSEEN, max_unverified=50)
    assert (lost["changed"], lost["drift"]["verified"]["enough"]) == (False, True)
    assert [row["scope"]["name"] for row in lost["drift"]["unverified"]] == ["cm01.contoso.com"]
    assert drift(2, UNSEEN, max_unverified=49)["drift"]["verified"]["enough"] is False
    assert drift(3, WELL)["changed"] is False


def test_a_run_is_not_compared_with_itself(drift: Drift) -> None:
    drift(0, WELL)
    for recorded in (True, False):
        again = drift(1, ILL)
        assert (again["changed"], again["recorded"]) == (True, recorded)
        assert again["drift"]["baseline"]["collected_at"] == at(0)
        assert len(again["trend"]) == 2


@pytest.mark.parametrize("options", [{"check_mode": True}, {"record": False}], ids=["check", "no-record"])
def test_what_is_not_recorded_says_the_same(drift: Drift, options: Json) -> None:
    drift(0, WELL)
    looked = drift(1, ILL, **options)
    done = drift(1, ILL)
    assert (looked.pop("recorded"), done.pop("recorded")) == (False, True)
    assert looked == done
    assert len(done["trend"]) == 2


def test_nothing_is_made_in_check_mode(drift: Drift, tmp_path: Path) -> None:
    looked = drift(0, ILL, check_mode=True, trend_limit=0)
    assert (looked["changed"], looked["recorded"], looked["trend"]) == (False, False, [])
    assert list(tmp_path.iterdir()) == []


def test_a_named_run_is_compared_with_until_another_has_the_name(drift: Drift) -> None:
    drift(0, WELL, set_baseline="onboarded")
    for day in (1, 2):
        found = drift(day, ILL, baseline="onboarded", keep=1)
        assert (found["changed"], found["drift"]["baseline"]["collected_at"]) == (True, at(0))
        assert found["drift"]["baseline"]["name"] == "onboarded"
    # A run that is recorded already can be named too: it is compared first.
    assert drift(2, ILL, baseline="onboarded", set_baseline="onboarded")["changed"] is True
    assert drift(3, ILL, baseline="onboarded")["changed"] is False


def test_no_name_is_given_in_check_mode(drift: Drift) -> None:
    drift(0, WELL)
    drift(0, WELL, set_baseline="onboarded", check_mode=True)
    refused = drift(1, WELL, baseline="onboarded")
    assert (refused["failed"], refused["error"]["kind"]) == (True, "option")
    assert "tenant_attach_set_baseline" in refused["msg"]


def test_runs_are_forgotten(drift: Drift) -> None:
    for day in range(4):
        found = drift(day, WELL, keep=2)
    assert [each["collected_at"] for each in found["trend"]] == [at(2), at(3)]
    assert [each["collected_at"] for each in drift(4, WELL, trend_limit=1)["trend"]] == [at(4)]


def test_without_findings_only_the_history_is_looked_at(drift: Drift, tmp_path: Path) -> None:
    found = drift(0, findings=None)
    assert (found["changed"], found["recorded"], found["trend"]) == (False, False, [])
    # That it can be made is proven by making it.
    assert (tmp_path / "history.sqlite").is_file()
    drift(0, WELL, set_baseline="onboarded")
    assert len(drift(0, findings=None, baseline="onboarded")["trend"]) == 1
    assert "onboarded" in drift(0, findings=None, baseline="golden")["msg"]


def test_it_is_written_and_shown(drift: Drift, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []
    monkeypatch.setattr(Display, "display", lambda _self, text, *_args, **_kwargs: shown.append(text))
    drift(0, WELL)
    assert shown == []
    found = drift(1, ILL, dest=str(tmp_path / "reports"), show=True, check_mode=True)
    assert json.loads((tmp_path / "reports" / "drift.json").read_text("utf-8")) == found["drift"]
    (text,) = shown
    assert text.startswith("\nDrift of estate default")
    assert "DRIFT: 1 new" in text


def test_a_history_that_is_none_is_refused(drift: Drift, tmp_path: Path) -> None:
    (tmp_path / "history.sqlite").write_text("no history" * 100)
    refused = drift(0, WELL)
    assert (refused["failed"], refused["changed"], refused["error"]["kind"]) == (True, False, "history")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"keep": 0}, "option keep to be 1 or more"),
        ({"trend_limit": -1}, "option trend_limit to be 0 or more"),
        ({"max_unverified": 101}, "option max_unverified to be from 0 to 100"),
        ({"max_unverified": -1}, "Observed: -1."),
        ({"estate": " "}, "option estate to be a name"),
        ({"baseline": "a\nb"}, "option baseline to be a name"),
        ({"set_baseline": ""}, "option set_baseline to be a name"),
        ({"set_baseline": "onboarded", "record": False}, "record is false"),
        ({"findings": {"findings": []}}, "a dictionary without collected_at, summary"),
        ({"findings": {}}, "a dictionary without collected_at, findings, summary"),
    ],
)
def test_wrong_options_are_refused_before_anything_is_made(
    drift: Drift, tmp_path: Path, options: Json, said: str
) -> None:
    refused = drift(0, WELL, **options)
    assert (refused["failed"], refused["error"]["kind"]) == (True, "option")
    assert said in refused["msg"]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("options", [{"history": None}, {"basline": "x"}])
def test_options_are_those_of_the_argument_spec(drift: Drift, options: Json) -> None:
    with pytest.raises(AnsibleActionFail):
        drift(0, WELL, **options)


def test_it_takes_what_judge_returns(act: t.Callable[..., Json], healthy: Json, tmp_path: Path) -> None:
    judged = judge(healthy, Expectations())
    for _turn in range(2):
        found = act(ActionModule, findings=judged, history=str(tmp_path / "history.sqlite"))
    later = {**judged, "collected_at": "2031-01-01T00:00:00Z"}
    found = act(ActionModule, findings=later, history=str(tmp_path / "history.sqlite"))
    assert (found["changed"], found["recorded"]) == (False, True)
    assert found["drift"]["verified"]["findings"] > 50
