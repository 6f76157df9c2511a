# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest

from ansible_collections.configmgr.tenant_attach.plugins.module_utils._errors import InvalidOptionError
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils import _files


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "new" / "report.md"
    _files.write(path, "old")
    assert path.read_text("utf-8") == "old"

    def broken(*_arguments: object) -> t.NoReturn:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", broken)
    with pytest.raises(InvalidOptionError, match="No space left on device"):
        _files.write(path, "new")
    assert path.read_text("utf-8") == "old"
    assert [each.name for each in path.parent.iterdir()] == ["report.md"]


def test_a_directory_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InvalidOptionError, match="tenant_attach_report_dir"):
        _files.write(tmp_path / "file" / "report.md", "text")


def test_a_report_is_readable_as_the_umask_says(tmp_path: Path) -> None:
    (tmp_path / "plain").touch()
    _files.write(tmp_path / "report.md", "text")
    assert (tmp_path / "report.md").stat().st_mode == (tmp_path / "plain").stat().st_mode
