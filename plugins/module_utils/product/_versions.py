# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The versions of Configuration Manager current branch. PRIVATE to the collection.

Only the build, the third number of a version, tells them apart: a hotfix rollup does not move it.
Source: https://learn.microsoft.com/intune/configmgr/core/servers/manage/updates
"""

from __future__ import annotations

import datetime as dt
import typing as t


class Version(t.NamedTuple):
    """A version: its name, its build, and the day its support ends."""

    name: str
    build: int
    support_end: dt.date


VERSIONS = (
    Version("1902", 8790, dt.date(2020, 9, 27)),
    Version("1906", 8853, dt.date(2021, 1, 26)),
    Version("1910", 8913, dt.date(2021, 5, 29)),
    Version("2002", 8968, dt.date(2021, 10, 1)),
    Version("2006", 9012, dt.date(2022, 2, 11)),
    Version("2010", 9040, dt.date(2022, 5, 30)),
    Version("2103", 9049, dt.date(2022, 10, 19)),
    Version("2107", 9058, dt.date(2023, 2, 2)),
    Version("2111", 9068, dt.date(2023, 6, 1)),
    Version("2203", 9078, dt.date(2023, 10, 6)),
    Version("2207", 9088, dt.date(2024, 2, 12)),
    Version("2211", 9096, dt.date(2024, 6, 5)),
    Version("2303", 9106, dt.date(2024, 10, 10)),
    Version("2309", 9122, dt.date(2025, 4, 9)),
    Version("2403", 9128, dt.date(2025, 10, 22)),
    Version("2409", 9132, dt.date(2026, 6, 4)),
    Version("2503", 9135, dt.date(2026, 9, 30)),
    Version("2509", 9141, dt.date(2027, 5, 12)),
    Version("2603", 9146, dt.date(2027, 11, 5)),
)
_BY_NAME = {version.name: version for version in VERSIONS}
_BY_BUILD = {version.build: version for version in VERSIONS}


def build_of(name: str) -> int:
    """Return the build of a version that is in the table."""
    return _BY_NAME[name].build


def version_of(build: int | None) -> Version | None:
    """Return the version of a build, or None when the table does not know it."""
    return None if build is None else _BY_BUILD.get(build)


def describe(build: int | None) -> str:
    """Return a build as people call it."""
    version = version_of(build)
    if build is None:
        return "unknown build"
    return f"{version.name} (build {build})" if version else f"build {build}"
