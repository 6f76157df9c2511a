# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime as dt
import json
import typing as t
from pathlib import Path

import pytest

from ansible_collections.configmgr.tenant_attach.plugins.module_utils._errors import InvalidOptionError
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils._evidence import Evidence, assemble, load, moment

AT = "2026-11-23T20:00:00Z"
EMPTY: dict[str, t.Any] = {"schema_version": "1.0", "collected_at": AT}
ERROR = {
    "kind": "access_denied",
    "expected": "HTTP 200",
    "observed": "HTTP 403",
    "where": "https://cm01/AdminService",
    "next_step": "ask for the right",
    "rights": ["Read-only Analyst"],
}
HEALTH: dict[str, t.Any] = {"providers": [], "validated": True, "auth": "kerberos"}


class TestAssemble:
    def test_results_become_sections(self) -> None:
        results = {
            "hierarchy": {"hierarchy": {"sites": []}, "changed": False, "failed": False},
            "adminservice": {**HEALTH, "changed": False, "warnings": ["x"]},
        }
        assert assemble(AT, results) == {**EMPTY, "adminservice": HEALTH, "hierarchy": {"sites": []}}

    @pytest.mark.parametrize(
        "result",
        [
            {"failed": True, "msg": "no", "error": ERROR},
            # With failed_when: false nothing says failed, and with ignore_errors both stand there.
            {"failed": False, "msg": "no", "error": ERROR},
            {"failed": True, "error": ERROR, **HEALTH},
            {"error": ERROR},
        ],
    )
    def test_a_failure_leaves_its_error(self, result: dict[str, t.Any]) -> None:
        assert assemble(AT, {"adminservice": result})["adminservice"] == {"error": ERROR}

    @pytest.mark.parametrize(
        ("result", "observed"),
        [
            ({"failed": True, "msg": "MODULE FAILURE"}, "MODULE FAILURE"),
            ({"skipped": True}, "no result"),
            ({"providers": []}, "no result"),
            ({"unreachable": True, "msg": "Failed to connect"}, "Failed to connect"),
        ],
    )
    def test_a_failure_without_an_error_of_ours(self, result: dict[str, t.Any], observed: str) -> None:
        error = assemble(AT, {"adminservice": result})["adminservice"]["error"]
        assert (error["kind"], error["observed"]) == ("module", observed)

    def test_other_sections_are_refused(self) -> None:
        with pytest.raises(InvalidOptionError, match="did you mean hierarchy"):
            assemble(AT, {"hierarchie": {}})


class TestLoad:
    def test_a_document_is_copied(self) -> None:
        document = {**EMPTY, "hierarchy": {}}
        loaded = load(document)
        assert loaded == document
        assert loaded is not document

    def test_a_file(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "evidence.json").write_text(json.dumps({**EMPTY, "hierarchy": {"x": "Zürich"}}), encoding="utf-8")
        monkeypatch.setenv("HOME", str(tmp_path))
        assert load(str(tmp_path / "evidence.json"))["hierarchy"] == {"x": "Zürich"}
        assert load("~/evidence.json")["hierarchy"] == {"x": "Zürich"}

    @pytest.mark.parametrize("content", [None, b"", b'{"schema_version": ', b"\xff\xfe", b"[" * 100_000])
    def test_a_file_that_cannot_be_read(self, tmp_path: Path, content: bytes | None) -> None:
        path = tmp_path / "evidence.json"
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(InvalidOptionError, match="a file that holds one as JSON") as caught:
            load(str(path))
        assert caught.value.where == str(path)

    @pytest.mark.parametrize(
        ("source", "observed"),
        [
            ({}, "None"),
            ({**EMPTY, "schema_version": "2.0"}, "'2.0'"),
            ({**EMPTY, "schema_version": "10.0"}, "'10.0'"),
            ({**EMPTY, "schema_version": None}, "None"),
            ([], "'list'"),
            (None, "'NoneType'"),
            (7, "'int'"),
        ],
    )
    def test_other_versions_are_refused(self, source: t.Any, observed: str) -> None:
        with pytest.raises(InvalidOptionError, match="schema_version 1") as caught:
            load(source)
        assert caught.value.observed == observed

    @pytest.mark.parametrize("version", ["1.0", "1.7", "1", 1, 1.0])
    def test_minor_versions_do_not_matter(self, version: t.Any) -> None:
        assert load({**EMPTY, "schema_version": version})["schema_version"] == version

    def test_an_unknown_key_is_refused_with_the_nearest_one(self) -> None:
        with pytest.raises(InvalidOptionError, match="did you mean hierarchy"):
            load({**EMPTY, "hierarchies": {}})

    @pytest.mark.parametrize("at", [None, "", "yesterday", 7, "2026-13-01T00:00:00Z"])
    def test_the_time_must_be_one(self, at: t.Any) -> None:
        with pytest.raises(InvalidOptionError, match="collected_at of the evidence to be a time"):
            load({**EMPTY, "collected_at": at})

    def test_the_time_must_be_there(self) -> None:
        with pytest.raises(InvalidOptionError, match="Observed: None"):
            load({"schema_version": "1.0"})


@pytest.mark.parametrize(
    "text", [AT, "2026-11-23T20:00:00", "2026-11-23T20:00:00+00:00", "2026-11-23T21:00:00+01:00", "20261123T200000Z"]
)
def test_times_are_in_utc_unless_they_say_otherwise(text: str) -> None:
    assert moment({"time": text}, "time") == dt.datetime(2026, 11, 23, 20, tzinfo=dt.UTC)


PROBES = [{"host": "cm01", "healthy": True, "component": None, "certificate": {"error": ERROR}}]
DOCUMENT: dict[str, t.Any] = {
    **EMPTY,
    "adminservice": {"providers": PROBES, "validated": False},
    "hierarchy": {
        "top_site": None,
        "sites": [{"code": "P01", "name": "One", "type": "primary", "database": {"error": ERROR}, "build": 0}],
        "discovery": {"P01": {"ad_user": None}},
        "components": [],
        "errors": {"attach": ERROR, "status_messages": "plain text"},
        "attach": {"state": "on"},
    },
}


class TestEvidence:
    @pytest.mark.parametrize(
        ("path", "value"),
        [
            ("hierarchy/top_site", None),
            ("hierarchy/components", []),
            ("hierarchy/sites/P01/build", 0),
            ("hierarchy/discovery/P01/ad_user", None),
            ("adminservice/validated", False),
            ("adminservice/providers/cm01/component", None),
            ("adminservice/providers", PROBES),
        ],
    )
    def test_what_is_there_was_observed_even_when_it_is_nothing(self, path: str, value: t.Any) -> None:
        evidence = Evidence(DOCUMENT)
        assert evidence.missing(path) is None
        assert evidence.get(path) == value

    @pytest.mark.parametrize(
        ("path", "shown"),
        [
            ("hierarchy/providers", "hierarchy / providers"),
            ("hierarchy/sites/P02", "hierarchy / sites / P02"),
            ("hierarchy/sites/P01/nothing", "hierarchy / sites / P01 / nothing"),
            ("hierarchy/top_site/deeper", "hierarchy / top_site / deeper"),
            ("network", "network"),
            # The name of a site is not its key.
            ("hierarchy/sites/One", "hierarchy / sites / One"),
        ],
    )
    def test_what_is_absent(self, path: str, shown: str) -> None:
        missing = Evidence(DOCUMENT).missing(path)
        assert missing is not None
        assert missing.reason == f"no evidence of {shown} was collected"
        with pytest.raises(LookupError, match="no evidence of"):
            Evidence(DOCUMENT).get(path)

    @pytest.mark.parametrize(
        "path",
        [
            "hierarchy/sites/P01/database",
            "hierarchy/sites/P01/database/server",
            "adminservice/providers/cm01/certificate",
            # In the map of errors, whatever else stands there.
            "hierarchy/attach",
            "hierarchy/attach/state",
        ],
    )
    def test_an_error_is_told_with_its_next_step_and_rights(self, path: str) -> None:
        assert Evidence(DOCUMENT).missing(path) == (
            "expected HTTP 200; observed HTTP 403 (https://cm01/AdminService)",
            "ask for the right",
            ("Read-only Analyst",),
        )

    def test_an_error_of_a_whole_section(self) -> None:
        missing = Evidence({**EMPTY, "hierarchy": {"error": {"expected": "a", "observed": "b"}}}).missing(
            "hierarchy/sites"
        )
        assert missing == ("expected a; observed b", "", ())

    def test_an_error_that_is_plain_text(self) -> None:
        assert Evidence(DOCUMENT).missing("hierarchy/status_messages") == ("plain text", "", ())

    @pytest.mark.parametrize(
        ("path", "value"),
        [
            ("components", ""),
            ("components", {}),
            ("components", None),
            ("components", ["text"]),
            ("components", [{"component": "x", "host": None, "site": "P01"}]),
            ("sites", [{"code": "P01"}]),
            ("sites", "P01"),
            ("discovery", []),
            ("attach", "on"),
        ],
    )
    def test_another_form_is_no_evidence(self, path: str, value: t.Any) -> None:
        evidence = Evidence({**EMPTY, "hierarchy": {path: value}})
        missing = evidence.missing(f"hierarchy/{path}")
        assert missing is not None
        assert "not understood" in missing.reason
        assert evidence.missing(f"hierarchy/{path}/P01") == missing
