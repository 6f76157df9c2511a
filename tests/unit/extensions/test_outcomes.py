# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The event source: what is a change, what is none, and what happens to a file that cannot be read."""

from __future__ import annotations

import ast
import asyncio
import json
import logging
import sys
import typing as t
from pathlib import Path

import pytest
import yaml

from ansible_collections.configmgr.tenant_attach.extensions.eda.plugins.event_source import outcomes as source
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.documents import _findings
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.judge._engine import judge
from ansible_collections.configmgr.tenant_attach.tests.unit.declared import DECLARED

Json = dict[str, t.Any]


def document(**findings: str) -> Json:
    """Findings of one site: identifier and outcome."""
    rows = [
        {
            "id": name,
            "title": f"Title of {name}",
            "scope": {"kind": "site", "name": "P01", "site": "P01"},
            "outcome": outcome,
            "severity": "critical",
            "waiver": None,
        }
        for name, outcome in findings.items()
    ]
    return {"schema_version": "1.1", "collected_at": "2026-11-23T20:00:00Z", "findings": rows}


def emitted(events: list[Json]) -> list[tuple[str, str | None, str]]:
    changes = [event["configmgr_tenant_attach"] for event in events]
    return [(change["id"], change["before"], change["after"]) for change in changes]


# -- what is a change -------------------------------------------------------------------------------------------------

# What one finding looks like in a series of runs (None: the run does not have it), and the events that this makes.
SERIES: list[tuple[str, list[str | None], list[tuple[str | None, str]]]] = [
    ("nothing", ["pass", "pass", "pass"], []),
    ("fails", ["pass", "fail", "fail"], [("pass", "fail")]),
    ("fails and passes", ["pass", "fail", "pass"], [("pass", "fail"), ("fail", "pass")]),
    ("warns", ["pass", "warn"], [("pass", "warn")]),
    ("no longer applies", ["fail", "not_applicable"], [("fail", "not_applicable")]),
    ("unknown", ["pass", "unknown", "pass"], []),
    ("unknown between", ["pass", "unknown", "unknown", "fail"], [("pass", "fail")]),
    ("unknown and the same", ["fail", "unknown", "fail"], []),
    ("unknown at first", ["unknown", "fail", "fail"], [(None, "fail")]),
    ("always unknown", ["unknown", "unknown"], []),
    ("appears", [None, "fail"], [(None, "fail")]),
    ("goes and comes back", ["pass", None, "pass"], []),
    ("goes and comes back failing", ["pass", None, "fail"], [("pass", "fail")]),
]


@pytest.mark.parametrize(("runs", "changes"), [each[1:] for each in SERIES], ids=[each[0] for each in SERIES])
def test_a_series_of_runs(tmp_path: Path, runs: list[str | None], changes: list[tuple[str | None, str]]) -> None:
    watch = source.Watch(source.Arguments.parse({"path": str(tmp_path)}))
    seen: list[tuple[str, str | None, str]] = []
    for outcome in runs:
        found = {} if outcome is None else {"scp_online": outcome}
        (tmp_path / "readiness.json").write_text(json.dumps(document(**found)), encoding="utf-8")
        seen += emitted(watch.look())
        assert watch.look() == []
    assert seen == [("scp_online", before, after) for before, after in changes]


def test_the_first_findings_are_emitted_on_request(tmp_path: Path) -> None:
    watch = source.Watch(source.Arguments.parse({"path": str(tmp_path), "initial": True}))
    (tmp_path / "readiness.json").write_text(json.dumps(document(a="pass", b="unknown", c="fail")), encoding="utf-8")
    assert emitted(watch.look()) == [("a", None, "pass"), ("c", None, "fail")]


def test_the_same_prerequisite_elsewhere_is_another_finding() -> None:
    before, after = document(scp_online="pass"), document(scp_online="fail")
    for place in ({"kind": "site", "name": "P02", "site": "P02"}, {"kind": "host", "name": "P01", "site": "P01"}):
        after["findings"][0]["scope"] = place
        known = source.compare({}, before, emit_first=False).known
        assert emitted(source.compare(known, after, emit_first=True).events) == [("scp_online", None, "fail")]


def test_comparing_leaves_what_is_known_alone() -> None:
    known = {("a", "site", "P01", "P01"): "pass"}
    changes = source.compare(known, document(a="fail"), emit_first=False)
    assert known == {("a", "site", "P01", "P01"): "pass"}
    assert changes.known == {("a", "site", "P01", "P01"): "fail"}


# -- what an event holds ----------------------------------------------------------------------------------------------


def test_an_event_of_findings_as_they_are_made(healthy: Json) -> None:
    known = source.compare({}, judge(healthy, DECLARED), emit_first=False).known
    healthy["hierarchy"]["service_connection_points"][0]["mode"] = "offline"
    later = source.parse(json.dumps(judge(healthy, DECLARED)))
    (event,) = source.compare(known, later, emit_first=True).events
    change = event["configmgr_tenant_attach"]
    (finding,) = (each for each in later["findings"] if each["id"] == "scp_online")
    assert change == {
        **{name: finding[name] for name in source.SHOWN},
        "before": "pass",
        "after": "fail",
        "waived": False,
        "collected_at": healthy["collected_at"],
    }


@pytest.mark.parametrize(
    ("waiver", "waived"), [(None, False), ({"expired": False}, True), ({"expired": True}, False)], ids=repr
)
def test_a_waiver_in_force_is_told(waiver: Json | None, waived: bool) -> None:
    after = document(a="fail")
    after["findings"][0]["waiver"] = waiver
    (event,) = source.compare({}, after, emit_first=True).events
    assert event["configmgr_tenant_attach"]["waived"] is waived


def test_outcomes_are_those_of_findings() -> None:
    assert {each.value for each in _findings.Outcome} == source.OUTCOMES
    assert _findings.SCHEMA_VERSION.startswith("1.")


# -- files that cannot be read ----------------------------------------------------------------------------------------

BROKEN = {
    "half": '{"schema_version": "1.1", "findings": [{"id": "a"',
    "empty": "",
    "no object": "[]",
    "another version": json.dumps({**document(a="fail"), "schema_version": "2.0"}),
    "no version": json.dumps({"findings": []}),
    "no findings": json.dumps({"schema_version": "1.1"}),
    "no outcome": json.dumps({"schema_version": "1.1", "findings": [{"id": "a", "scope": {}}]}),
    "no scope": json.dumps({"schema_version": "1.1", "findings": [{"id": "a", "outcome": "fail"}]}),
    "no id": json.dumps({"schema_version": "1.1", "findings": [{"scope": {}, "outcome": "fail"}]}),
    "an outcome that is none": json.dumps(document(a="red")),
    "no text": b"\xff\xfe\x00",
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_a_broken_file_changes_nothing_and_is_logged_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, content: str | bytes
) -> None:
    file = tmp_path / "readiness.json"
    watch = source.Watch(source.Arguments.parse({"path": str(file)}))
    file.write_text(json.dumps(document(a="pass")), encoding="utf-8")
    assert watch.look() == []
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    assert (watch.look(), watch.look()) == ([], [])
    (record,) = caplog.records
    assert (record.levelno, str(file) in record.getMessage()) == (logging.WARNING, True)
    file.write_text(json.dumps(document(a="fail")), encoding="utf-8")
    assert emitted(watch.look()) == [("a", "pass", "fail")]


def test_a_missing_file_is_waited_for(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    watch = source.Watch(source.Arguments.parse({"path": str(tmp_path / "later")}))
    assert (watch.look(), watch.look()) == ([], [])
    file = tmp_path / "later" / "readiness.json"
    file.parent.mkdir()
    file.write_text(json.dumps(document(a="pass")), encoding="utf-8")
    assert watch.look() == []
    file.unlink()
    assert watch.look() == []
    # Trouble that comes back is told again.
    assert ["No such file" in record.getMessage() for record in caplog.records] == [True, True]


def test_trouble_that_is_gone_without_a_change_is_told_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    file = tmp_path / "readiness.json"
    watch = source.Watch(source.Arguments.parse({"path": str(file)}))
    for content in (json.dumps(document(a="pass")), "{", json.dumps(document(a="pass")), "{"):
        file.write_text(content, encoding="utf-8")
        assert watch.look() == []
    assert len(caplog.records) == 2


# -- arguments --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ({"path": "/var/lib/reports"}, ("/var/lib/reports/readiness.json", 60.0, False)),
        ({"path": "/var/lib/reports/readiness.json"}, ("/var/lib/reports/readiness.json", 60.0, False)),
        ({"path": "r", "delay": 5, "initial": True}, ("r/readiness.json", 5.0, True)),
        # A rulebook that fills in a variable gives text.
        ({"path": "r", "delay": "0.5", "initial": "True"}, ("r/readiness.json", 0.5, True)),
        ({"path": "r", "eda_feedback_queue": object()}, ("r/readiness.json", 60.0, False)),
    ],
)
def test_arguments(args: Json, expected: tuple[str, float, bool]) -> None:
    parsed = source.Arguments.parse(args)
    assert (str(parsed.file), parsed.delay, parsed.initial) == expected


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ({}, "path: expected a report directory, or its file, observed None"),
        ({"path": ""}, "path: expected"),
        ({"path": ["a"]}, "path: expected"),
        ({"path": "r", "dely": 5}, "expected one of path, delay, initial, observed 'dely'"),
        ({"path": "r", "delay": 0}, "delay: expected seconds, more than 0, observed 0"),
        ({"path": "r", "delay": -1}, "delay: expected"),
        ({"path": "r", "delay": "soon"}, "delay: expected seconds, more than 0, observed 'soon'"),
        ({"path": "r", "delay": "inf"}, "delay: expected"),
        ({"path": "r", "delay": "nan"}, "delay: expected"),
        ({"path": "r", "delay": True}, "delay: expected"),
        ({"path": "r", "delay": [1]}, "delay: expected"),
        ({"path": "r", "initial": "maybe"}, "initial: expected true or false, observed 'maybe'"),
    ],
)
def test_wrong_arguments_are_refused_by_name(args: Json, said: str) -> None:
    with pytest.raises(source.WrongArgumentError, match=said):
        source.Arguments.parse(args)
    with pytest.raises(source.WrongArgumentError, match=said):
        asyncio.run(source.main(asyncio.Queue(), args))


def test_arguments_are_documented_as_they_are_read(request: pytest.FixtureRequest) -> None:
    documented = yaml.safe_load(source.DOCUMENTATION)["options"]
    folder = request.config.rootpath / "extensions" / "eda" / "plugins" / "event_source"
    schema = json.loads((folder / "schemas" / "outcomes.json").read_text("utf-8"))
    defaults = {"delay": source.Arguments.delay, "initial": source.Arguments.initial}
    for described in (documented, schema["properties"]):
        assert list(described) == ["path", "delay", "initial"]
        assert {name: entry["default"] for name, entry in described.items() if "default" in entry} == defaults
    (example,) = yaml.safe_load(source.EXAMPLES)
    source.Arguments.parse(example["configmgr.tenant_attach.outcomes"])


# -- the source as ansible-rulebook runs it ---------------------------------------------------------------------------


def test_it_imports_nothing_but_the_standard_library() -> None:
    assert source.__file__ is not None
    imports = list(ast.walk(ast.parse(Path(source.__file__).read_text("utf-8"))))
    names = {alias.name for node in imports if isinstance(node, ast.Import) for alias in node.names}
    names |= {str(node.module) for node in imports if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in names} <= sys.stdlib_module_names


def test_main_puts_changes_into_the_queue(tmp_path: Path) -> None:
    async def run() -> Json:
        queue: asyncio.Queue[Json] = asyncio.Queue()
        file = tmp_path / "readiness.json"
        file.write_text(json.dumps(document(a="pass")), encoding="utf-8")
        watching = asyncio.create_task(source.main(queue, {"path": str(tmp_path), "delay": 0.01, "initial": True}))
        assert emitted([await asyncio.wait_for(queue.get(), 30)]) == [("a", None, "pass")]
        file.write_text(json.dumps(document(a="fail")), encoding="utf-8")
        event = await asyncio.wait_for(queue.get(), 30)
        watching.cancel()
        with pytest.raises(asyncio.CancelledError):
            await watching
        return event

    assert emitted([asyncio.run(run())]) == [("a", "pass", "fail")]
