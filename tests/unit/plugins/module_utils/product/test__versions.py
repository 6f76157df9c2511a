# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime as dt

import pytest

from ansible_collections.configmgr.tenant_attach.plugins.module_utils.product import _versions


@pytest.mark.parametrize(
    ("name", "build"),
    [("2002", 8968), ("2010", 9040), ("2103", 9049), ("2107", 9058), ("2303", 9106), ("2309", 9122), ("2603", 9146)],
)
def test_names_and_builds(name: str, build: int) -> None:
    assert _versions.build_of(name) == build
    found = _versions.version_of(build)
    assert found is not None
    assert (found.name, found.build) == (name, build)


@pytest.mark.parametrize("build", [None, 0, 9047, 99999])
def test_a_build_that_is_not_in_the_table(build: int | None) -> None:
    assert _versions.version_of(build) is None


def test_support_ends_as_the_table_of_the_product_says() -> None:
    assert {version.name: version.support_end for version in _versions.VERSIONS if version.name >= "2409"} == {
        "2409": dt.date(2026, 6, 4),
        "2503": dt.date(2026, 9, 30),
        "2509": dt.date(2027, 5, 12),
        "2603": dt.date(2027, 11, 5),
    }


def test_the_table_rises_in_every_column() -> None:
    for column in range(3):
        values = [version[column] for version in _versions.VERSIONS]
        assert values == sorted(set(values))


@pytest.mark.parametrize(
    ("build", "text"), [(None, "unknown build"), (9141, "2509 (build 9141)"), (9150, "build 9150")]
)
def test_describe(build: int | None, text: str) -> None:
    assert _versions.describe(build) == text
