# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Prerequisites of the hierarchy: versions, and sites in a working state. PRIVATE to the collection."""

from __future__ import annotations

import datetime as dt
import functools

from ....module_utils.product import _versions
from ...documents._expectations import US_GOVERNMENT, VARIABLE
from ._model import DOCS, Context, Judgement, Remedy, Severity, Target, failed, passed, prerequisite, unknown, warned
from ._shared import the_hierarchy, upper_sites

_NOTICE = dt.timedelta(days=90)
_INTEROPERABILITY = (6, 7)
_UPDATE = Remedy("install a newer version in the console: Administration > Updates and Servicing")

_rule = functools.partial(prerequisite, area="hierarchy", scope="site", targets=upper_sites, needs=("hierarchy/sites",))


@_rule(
    id="site_version",
    title="The version of the site has tenant attach",
    why="Tenant attach came with version 2002, and with version 2107 for the US Government cloud.",
    expected="version 2002 (build 8968) or later; 2107 (build 9058) or later for US Government",
    severity=Severity.CRITICAL,
    remedy=_UPDATE,
    source=f"{DOCS}/tenant-attach/prerequisites",
)
def _version(context: Context, target: Target) -> Judgement:
    build = target.facts["build"]
    observed = _versions.describe(build)
    if build is None:
        return unknown("the site reports no build")
    if build < _versions.build_of("2002"):
        return failed(observed, "tenant attach begins with version 2002")
    if build >= _versions.build_of("2107"):
        return passed(observed)
    if context.expectations.cloud is None:
        return unknown(
            "this version is enough for the public cloud, not for US Government (2107), and the cloud is not declared",
            observed,
            f"set {VARIABLE}.cloud",
        )
    if context.expectations.cloud in US_GOVERNMENT:
        return failed(observed, "the US Government cloud needs version 2107")
    return passed(observed, "enough for the public cloud")


@_rule(
    id="site_version_supported",
    title="The version of the site is in support",
    why="A version gets updates for 18 months. The service moves on without those that are older.",
    expected="a version in support for at least 90 days more",
    severity=Severity.MEDIUM,
    remedy=_UPDATE,
    source=f"{DOCS}/core/servers/manage/updates",
)
def _support(context: Context, target: Target) -> Judgement:
    build = target.facts["build"]
    version = _versions.version_of(build)
    if version is None:
        return unknown(
            f"{_versions.describe(build)} is not in this collection's table of versions",
            next_step="update the collection, or look the version up in the product's table",
        )
    today = context.now().date()
    observed = f"{_versions.describe(build)}, supported until {version.support_end}"
    if today > version.support_end:
        return warned(observed, "support has ended: Microsoft neither tests nor mends tenant attach with it")
    if today + _NOTICE > version.support_end:
        return warned(observed, "support ends within 90 days")
    return passed(observed)


@_rule(
    id="site_versions_uniform",
    title="All sites have the same version",
    why="During an update the hierarchy works with the features of the oldest site.",
    expected="one build in all sites",
    severity=Severity.LOW,
    scope="hierarchy",
    targets=the_hierarchy,
    remedy=Remedy("finish the update: Monitoring > Updates and Servicing Status, and Upgrade for secondary sites"),
    source=f"{DOCS}/core/servers/manage/updates",
)
def _uniform(context: Context, _target: Target) -> Judgement:
    builds: dict[int | None, list[str]] = {}
    for site in context.sites():
        builds.setdefault(site["build"], []).append(site["code"])
    observed = "; ".join(
        f"{_versions.describe(build)}: {', '.join(sorted(codes))}"
        for build, codes in sorted(builds.items(), key=lambda item: -(item[0] or 0))
    )
    if not all(isinstance(build, int) for build in builds):
        return unknown("not every site reports its build", observed)
    if len(builds) > 1:
        return warned(observed, "an update has not reached every site: features of the newer version wait for the rest")
    return passed(observed)


@_rule(
    id="site_active",
    title="The site is active",
    why="A site that is pending, failed or being upgraded does not carry out actions of the admin center.",
    expected="status active (1)",
    severity=Severity.HIGH,
    remedy=Remedy("look at Monitoring > Site Hierarchy, and hman.log on the site server"),
    source=f"{DOCS}/develop/reference/core/servers/configure/sms_site-server-wmi-class",
)
def _status(_context: Context, target: Target) -> Judgement:
    if target.facts["status_code"] is None:
        return unknown("the site reports no status")
    return passed(target.facts["status"]) if target.facts["status_code"] == 1 else failed(target.facts["status"])


@_rule(
    id="site_mode",
    title="The site is in a working mode",
    why="In maintenance, recovery, upgrade or an expired evaluation a site does not replicate or does not act.",
    expected="mode normal (0)",
    severity=Severity.HIGH,
    remedy=Remedy(
        "finish what the site is in the middle of: Monitoring > Database Replication and Updates and Servicing"
    ),
    source=f"{DOCS}/develop/reference/core/servers/configure/sms_site-server-wmi-class",
)
def _mode(_context: Context, target: Target) -> Judgement:
    code, mode = target.facts["mode_code"], target.facts["mode"]
    if code is None:
        return unknown("the site reports no mode")
    if code in _INTEROPERABILITY:
        return warned(mode, "it works, with the features of the oldest version")
    return passed(mode) if code == 0 else failed(mode)


PREREQUISITES = (_version, _support, _uniform, _status, _mode)
