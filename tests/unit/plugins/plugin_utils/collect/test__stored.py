# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest

from ansible_collections.configmgr.tenant_attach.plugins.module_utils._errors import InvalidOptionError
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.collect._stored import load
from ansible_collections.configmgr.tenant_attach.tests.unit.evidence import EMPTY


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
