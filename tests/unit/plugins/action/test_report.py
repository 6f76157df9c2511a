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

from ansible_collections.configmgr.tenant_attach.plugins.action.report import ActionModule
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.documents._expectations import Expectations
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.judge._engine import judge

Json = dict[str, t.Any]
Act = t.Callable[..., Json]


@pytest.fixture
def judged(healthy: Json) -> Json:
    """What a judge task registers."""
    return {**judge(healthy, Expectations()), "changed": False, "failed": False}


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is printed."""
    texts: list[str] = []
    monkeypatch.setattr(Display, "display", lambda _self, text, *_args, **_kwargs: texts.append(text))
    return texts


@pytest.mark.parametrize("check_mode", [True, False])
def test_all_formats_are_written(act: Act, judged: Json, tmp_path: Path, shown: list[str], check_mode: bool) -> None:
    dest = tmp_path / "new" / "reports"
    result = act(ActionModule, check_mode=check_mode, findings=judged, dest=str(dest))
    assert result["changed"] is False
    assert not result.get("failed")
    names = ["readiness.json", "readiness.md", "readiness.html", "readiness.csv", "junit.xml"]
    assert result["files"] == [str(dest / name) for name in names]
    # CSV keeps the line ends that RFC 4180 gives it.
    assert (dest / "readiness.csv").read_bytes().startswith(b'\xef\xbb\xbf"collected_at","id",')
    assert b'"\r\n"' in (dest / "readiness.csv").read_bytes()
    assert result["verdict"] == "not proven"
    stored = json.loads((dest / "readiness.json").read_text("utf-8"))
    assert stored == {key: value for key, value in judged.items() if key not in {"changed", "failed"}}
    assert (dest / "readiness.md").read_text("utf-8").startswith("# Tenant attach readiness\n")
    assert (dest / "readiness.html").read_text("utf-8").startswith("<!DOCTYPE html>\n")
    assert shown == []


def test_evidence_is_kept_beside_the_reports(act: Act, judged: Json, healthy: Json, tmp_path: Path) -> None:
    result = act(ActionModule, findings=judged, evidence=healthy, dest=str(tmp_path), formats=["markdown"])
    assert result["files"] == [str(tmp_path / "readiness.md"), str(tmp_path / "evidence.json")]
    assert json.loads((tmp_path / "evidence.json").read_text("utf-8")) == healthy
    assert sorted(path.name for path in tmp_path.iterdir()) == ["evidence.json", "readiness.md"]


def test_stored_evidence_is_judged_alike(act: Act, judged: Json, healthy: Json, tmp_path: Path) -> None:
    act(ActionModule, findings=judged, evidence=healthy, dest=str(tmp_path))
    again = judge(json.loads((tmp_path / "evidence.json").read_text("utf-8")), Expectations())
    assert json.loads((tmp_path / "readiness.json").read_text("utf-8")) == again


def test_the_verdict_is_shown(act: Act, judged: Json, tmp_path: Path, shown: list[str]) -> None:
    act(ActionModule, findings=judged, dest=str(tmp_path), show=True, formats=[])
    (text,) = shown
    assert "NOT PROVEN" in text
    assert list(tmp_path.iterdir()) == []


def test_the_trend_is_for_the_page(act: Act, judged: Json, tmp_path: Path) -> None:
    outcomes = {"pass": 9, "warn": 0, "fail": 7, "not_applicable": 0, "unknown": 1}
    run = {"collected_at": "2026-10-01T04:00:00Z", "verdict": "not_ready", "outcomes": outcomes}
    result = act(ActionModule, findings=judged, dest=str(tmp_path), trend=[run])
    assert not result.get("failed")
    assert "2 runs since 2026-10-01: fail 7 then" in (tmp_path / "readiness.html").read_text("utf-8")
    stored = json.loads((tmp_path / "readiness.json").read_text("utf-8"))
    assert stored == {key: value for key, value in judged.items() if key not in {"changed", "failed"}}


@pytest.mark.parametrize("key", ["summary", "findings", "sites", "waivers_unused"])
def test_a_part_of_the_findings_is_refused(act: Act, judged: Json, tmp_path: Path, key: str) -> None:
    del judged[key]
    result = act(ActionModule, findings=judged, dest=str(tmp_path))
    assert (result["failed"], result["error"]["observed"]) == (True, f"a dictionary without {key}")
    assert list(tmp_path.iterdir()) == []


def test_a_directory_that_cannot_be_written_to(act: Act, judged: Json, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    result = act(ActionModule, findings=judged, dest=str(tmp_path / "file"))
    assert result["failed"]
    assert "tenant_attach_report_dir" in result["msg"]


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"dest": None}, "dest"),
        ({"formats": ["pdf"]}, "formats"),
        ({"findings": "x"}, "findings"),
        ({"shw": True}, "shw"),
        ({"trend": [{"collected_at": "2026-10-01T04:00:00Z", "verdict": "green"}]}, "trend"),
    ],
)
def test_options_are_those_of_the_argument_spec(
    act: Act, judged: Json, tmp_path: Path, options: Json, text: str
) -> None:
    given = {"findings": judged, "dest": str(tmp_path), **options}
    with pytest.raises(AnsibleActionFail, match=text):
        act(ActionModule, **{key: value for key, value in given.items() if value is not None})
