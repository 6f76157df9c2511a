# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest

from ansible_collections.configmgr.tenant_attach.plugins.module_utils._errors import InvalidOptionError
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils._evidence import (
    Evidence,
    assemble,
    load,
    moment,
)

NOW = "2026-11-23T20:00:00Z"
BASE: dict[str, t.Any] = {"schema_version": "1.0", "collected_at": NOW}
ERROR = {
    "kind": "service",
    "expected": "HTTP 200",
    "observed": "HTTP 503",
    "where": "https://cm01/AdminService",
    "next_step": "read the log",
    "rights": ["a right"],
}


def evidence(hierarchy: t.Any) -> Evidence:
    return Evidence({**BASE, "hierarchy": hierarchy})


def test_what_is_there_is_returned() -> None:
    found = evidence({"sites": [{"code": "CAS", "type": "cas", "database": None}], "top_site": None, "clients": []})
    assert found.get("hierarchy/sites/CAS/type") == "cas"
    # Null and an empty list were observed: they are not missing.
    for path, value in (
        ("hierarchy/sites/CAS/database", None),
        ("hierarchy/top_site", None),
        ("hierarchy/clients", []),
    ):
        assert found.missing(path) is None
        assert found.get(path) == value


@pytest.mark.parametrize(
    ("hierarchy", "path", "reason"),
    [
        ({}, "hierarchy/sites", "no evidence of hierarchy / sites was collected"),
        ({"sites": []}, "hierarchy/sites/CAS", "no evidence of hierarchy / sites / CAS was collected"),
        ({"sites": "CAS"}, "hierarchy/sites", "not understood"),
        ({"sites": [{"code": 7}]}, "hierarchy/sites", "not understood"),
        ({"discovery": []}, "hierarchy/discovery", "not understood"),
        ({"top_site": "CAS"}, "hierarchy/top_site/code", "no evidence"),
        ({"error": ERROR}, "hierarchy/sites", "observed HTTP 503 (https://cm01/AdminService)"),
        ({"errors": {"sites": ERROR}, "sites": []}, "hierarchy/sites", "expected HTTP 200; observed HTTP 503"),
        ({"errors": {"sites": "broken"}}, "hierarchy/sites", "broken"),
        ({"attach": {"error": ERROR}}, "hierarchy/attach", "HTTP 503"),
    ],
)
def test_what_is_missing_is_explained(hierarchy: t.Any, path: str, reason: str) -> None:
    found = evidence(hierarchy)
    missing = found.missing(path)
    assert missing is not None
    assert reason in missing.reason
    with pytest.raises(LookupError):
        found.get(path)


def test_an_error_tells_the_next_step_and_the_right() -> None:
    missing = evidence({"error": ERROR}).missing("hierarchy/sites")
    assert missing is not None
    assert (missing.next_step, missing.rights) == ("read the log", ("a right",))


def test_results_of_modules_become_a_document() -> None:
    health = {"providers": [], "validated": True, "auth": "kerberos", "changed": False, "failed": False}
    document = assemble(NOW, {"hierarchy": {"hierarchy": {"sites": []}, "changed": False}, "adminservice": health})
    assert document == {
        **BASE,
        "hierarchy": {"sites": []},
        "adminservice": {"providers": [], "validated": True, "auth": "kerberos"},
    }


@pytest.mark.parametrize("failed", [True, False], ids=["failed", "failed_when: false"])
def test_a_failed_result_leaves_its_error(failed: bool) -> None:
    document = assemble(NOW, {"hierarchy": {"failed": failed, "msg": "text", "error": ERROR}})
    assert document["hierarchy"] == {"error": ERROR}


@pytest.mark.parametrize(("result", "observed"), [({"msg": "MODULE FAILURE"}, "MODULE FAILURE"), ({}, "no result")])
def test_a_result_without_an_error_leaves_its_message(result: dict[str, t.Any], observed: str) -> None:
    document = assemble(NOW, {"adminservice": {"failed": True, **result}})
    assert document["adminservice"]["error"]["observed"] == observed


def test_an_unknown_section_is_refused() -> None:
    with pytest.raises(InvalidOptionError, match="did you mean hierarchy"):
        assemble(NOW, {"hierarchie": {}})


def test_load_takes_a_document_and_a_file(tmp_path: Path) -> None:
    file = tmp_path / "evidence.json"
    file.write_text(json.dumps(BASE), encoding="utf-8")
    assert load(dict(BASE)) == load(str(file)) == BASE


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("/nonexistent/evidence.json", "FileNotFoundError"),
        (7, "'int'"),
        ({}, "None"),
        ({**BASE, "schema_version": "2.0"}, "'2.0'"),
        ({**BASE, "hierarchi": {}}, "did you mean hierarchy"),
        ({"schema_version": "1.0"}, "collected_at"),
        ({**BASE, "collected_at": "yesterday"}, "'yesterday'"),
    ],
)
def test_what_is_no_evidence_is_refused(source: t.Any, message: str) -> None:
    with pytest.raises(InvalidOptionError, match=message):
        load(source)


def test_a_file_that_is_cut_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "evidence.json"
    file.write_text(json.dumps(BASE)[:-4], encoding="utf-8")
    with pytest.raises(InvalidOptionError, match="JSONDecodeError"):
        load(str(file))


def test_a_newer_minor_version_is_read() -> None:
    assert load({**BASE, "schema_version": "1.7"})["schema_version"] == "1.7"


@pytest.mark.parametrize("text", [NOW, "2026-11-23T20:00:00", "2026-11-23T21:00:00+01:00"])
def test_a_time_without_zone_is_utc(text: str) -> None:
    assert moment({"time": text}, "time").timestamp() == 1795464000
