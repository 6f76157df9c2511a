# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every prerequisite of the catalogue has its rows, of each outcome that it must be able to have."""

from __future__ import annotations

import collections
import dataclasses
import importlib
from pathlib import Path

import pytest

from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.judge.prerequisites._catalogue import CATALOGUE
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.judge.prerequisites._model import Prerequisite
from ansible_collections.configmgr.tenant_attach.tests.unit.tables import Row, Table

HERE = "ansible_collections.configmgr.tenant_attach.tests.unit.plugins.plugin_utils.judge.prerequisites"
FILES = [path.stem for path in sorted(Path(__file__).parent.glob("test_*.py")) if path != Path(__file__)]
TABLES: dict[str, Table] = {file: getattr(importlib.import_module(f"{HERE}.{file}"), "TABLE", {}) for file in FILES}
ROWS: dict[str, tuple[Row, ...]] = {
    prerequisite: rows for table in TABLES.values() for prerequisite, rows in table.items()
}
ALWAYS_APPLIES = next(field.default for field in dataclasses.fields(Prerequisite) if field.name == "applies")

each_prerequisite = pytest.mark.parametrize("prerequisite", CATALOGUE, ids=lambda each: each.id)


def outcomes(prerequisite: Prerequisite) -> set[str]:
    return {row.outcome for row in ROWS.get(prerequisite.id, ())}


def test_rows_are_of_prerequisites_that_exist_and_stand_in_one_file() -> None:
    told = collections.Counter(prerequisite for table in TABLES.values() for prerequisite in table)
    assert told == collections.Counter(prerequisite.id for prerequisite in CATALOGUE)


@each_prerequisite
def test_a_prerequisite_has_rows_in_the_file_that_is_named_after_its_own(prerequisite: Prerequisite) -> None:
    own = prerequisite.judge.__module__.rpartition(".")[2]
    assert TABLES.get(f"test_{own}", {}).get(prerequisite.id), f"no row of {prerequisite.id} in test_{own}.py"


@each_prerequisite
def test_a_prerequisite_is_seen_to_be_met_and_not_to_be(prerequisite: Prerequisite) -> None:
    assert "pass" in outcomes(prerequisite)
    assert outcomes(prerequisite) & {"fail", "warn"}


@pytest.mark.parametrize(
    "prerequisite",
    [prerequisite for prerequisite in CATALOGUE if prerequisite.applies is not ALWAYS_APPLIES],
    ids=lambda each: each.id,
)
def test_a_prerequisite_that_need_not_apply_is_seen_not_to(prerequisite: Prerequisite) -> None:
    assert "not_applicable" in outcomes(prerequisite)


def test_no_two_rows_of_a_prerequisite_say_the_same() -> None:
    said = collections.Counter((prerequisite, row.what) for prerequisite, rows in ROWS.items() for row in rows)
    assert [each for each, number in said.items() if number > 1] == []
