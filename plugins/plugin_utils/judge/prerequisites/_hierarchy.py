# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Prerequisites of the hierarchy: versions, and sites in a working state. PRIVATE to the collection."""

from __future__ import annotations

import datetime as dt

from ....module_utils.product._versions import build_of, describe, version_of
from ...documents._expectations import US_GOVERNMENT, VARIABLE
from ...documents._findings import Judgement, failed, passed, unknown, warned
from ._model import DOCS, Context, Prerequisite, Remedy, Target, the_hierarchy, upper_sites

_NOTICE = dt.timedelta(days=90)
_INTEROPERABILITY = (6, 7)
_UPDATE = Remedy("install a newer version in the console: Administration > Updates and Servicing")


def _version(context: Context, target: Target) -> Judgement:
    build = target.facts["build"]
    observed = describe(build)
    if build is None:
        return unknown("the site reports no build")
    if build < build_of("2002"):
        return failed(observed, "tenant attach begins with version 2002")
    if build >= build_of("2107"):
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


def _support(context: Context, target: Target) -> Judgement:
    build = target.facts["build"]
    version = version_of(build)
    if version is None:
        return unknown(
            f"{describe(build)} is not in this collection's table of versions",
            next_step="update the collection, or look the version up in the product's table",
        )
    today = context.now().date()
    observed = f"{describe(build)}, supported until {version.support_end}"
    if today > version.support_end:
        return warned(observed, "support has ended: Microsoft neither tests nor mends tenant attach with it")
    if today + _NOTICE > version.support_end:
        return warned(observed, "support ends within 90 days")
    return passed(observed)


def _uniform(context: Context, _target: Target) -> Judgement:
    builds: dict[int | None, list[str]] = {}
    for site in context.sites():
        builds.setdefault(site["build"], []).append(site["code"])
    observed = "; ".join(
        f"{describe(build)}: {', '.join(sorted(codes))}"
        for build, codes in sorted(builds.items(), key=lambda item: -(item[0] or 0))
    )
    if not all(isinstance(build, int) for build in builds):
        return unknown("not every site reports its build", observed)
    if len(builds) > 1:
        return warned(observed, "an update has not reached every site: features of the newer version wait for the rest")
    return passed(observed)


def _status(_context: Context, target: Target) -> Judgement:
    if target.facts["status_code"] is None:
        return unknown("the site reports no status")
    return passed(target.facts["status"]) if target.facts["status_code"] == 1 else failed(target.facts["status"])


def _mode(_context: Context, target: Target) -> Judgement:
    code, mode = target.facts["mode_code"], target.facts["mode"]
    if code is None:
        return unknown("the site reports no mode")
    if code in _INTEROPERABILITY:
        return warned(mode, "it works, with the features of the oldest version")
    return passed(mode) if code == 0 else failed(mode)


PREREQUISITES = (
    Prerequisite(
        id="site_version",
        area="hierarchy",
        title="The version of the site has tenant attach",
        why="Tenant attach came with version 2002, and with version 2107 for the US Government cloud.",
        expected="version 2002 (build 8968) or later; 2107 (build 9058) or later for US Government",
        severity="critical",
        scope="site",
        targets=upper_sites,
        needs=("hierarchy/sites",),
        remedy=_UPDATE,
        source=f"{DOCS}/tenant-attach/prerequisites",
        judge=_version,
    ),
    Prerequisite(
        id="site_version_supported",
        area="hierarchy",
        title="The version of the site is in support",
        why="A version gets updates for 18 months. The service moves on without those that are older.",
        expected="a version in support for at least 90 days more",
        severity="medium",
        scope="site",
        targets=upper_sites,
        needs=("hierarchy/sites",),
        remedy=_UPDATE,
        source=f"{DOCS}/core/servers/manage/updates",
        judge=_support,
    ),
    Prerequisite(
        id="site_versions_uniform",
        area="hierarchy",
        title="All sites have the same version",
        why="During an update the hierarchy works with the features of the oldest site.",
        expected="one build in all sites",
        severity="low",
        scope="hierarchy",
        targets=the_hierarchy,
        needs=("hierarchy/sites",),
        remedy=Remedy("finish the update: Monitoring > Updates and Servicing Status, and Upgrade for secondary sites"),
        source=f"{DOCS}/core/servers/manage/updates",
        judge=_uniform,
    ),
    Prerequisite(
        id="site_active",
        area="hierarchy",
        title="The site is active",
        why="A site that is pending, failed or being upgraded does not carry out actions of the admin center.",
        expected="status active (1)",
        severity="high",
        scope="site",
        targets=upper_sites,
        needs=("hierarchy/sites",),
        remedy=Remedy("look at Monitoring > Site Hierarchy, and hman.log on the site server"),
        source=f"{DOCS}/develop/reference/core/servers/configure/sms_site-server-wmi-class",
        judge=_status,
    ),
    Prerequisite(
        id="site_mode",
        area="hierarchy",
        title="The site is in a working mode",
        why="In maintenance, recovery, upgrade or an expired evaluation a site does not replicate or does not act.",
        expected="mode normal (0)",
        severity="high",
        scope="site",
        targets=upper_sites,
        needs=("hierarchy/sites",),
        remedy=Remedy(
            "finish what the site is in the middle of: Monitoring > Database Replication and Updates and Servicing"
        ),
        source=f"{DOCS}/develop/reference/core/servers/configure/sms_site-server-wmi-class",
        judge=_mode,
    ),
)
