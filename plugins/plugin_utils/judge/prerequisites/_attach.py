# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Prerequisites of tenant attach itself, as the site has it. PRIVATE to the collection."""

from __future__ import annotations

import functools
import typing as t

from ...documents._expectations import VARIABLE
from ._model import DOCS, Context, Judgement, Remedy, Severity, Target, failed, passed, prerequisite, unknown, warned
from ._shared import the_hierarchy

_DECLARED = f"{VARIABLE}.attached"

_rule = functools.partial(
    prerequisite,
    area="connection_point",
    scope="hierarchy",
    targets=the_hierarchy,
    needs=("hierarchy/attach", "hierarchy/visibility"),
    source=f"{DOCS}/tenant-attach/device-sync-actions",
    after_onboarding=True,
)


@_rule(
    id="attach_state",
    title="Tenant attach is either off or completely set up",
    why="An onboarding that stopped halfway, or lost its application, uploads nothing and blocks the next attempt.",
    expected="off, or on with an application and a tenant; as declared where it is",
    severity=Severity.HIGH,
    remedy=Remedy("look at Administration > Cloud Services > Cloud Attach; offboard, wait two hours, onboard again"),
)
def _state(context: Context, _target: Target) -> Judgement:
    attach = context.evidence.get("hierarchy/attach")
    state = attach["state"]
    tenants = sorted(
        {f"{entry['tenant']['name']} ({entry['tenant']['id']})" for entry in attach["services"] if entry["tenant"]}
    )
    observed = f"{state}: {', '.join(tenants)}" if tenants else state
    if state == "off" and not context.evidence.get("hierarchy/visibility")["administrators"]:
        return unknown("the account sees no administrative user, so it has no scope, and its empty lists prove nothing")
    if state == "incomplete":
        return failed(observed, "the service points to an application or a tenant that is not there")
    expects = context.expects_attach()
    wanted = "on" if expects else "off"
    if expects is not None and state != wanted:
        asked = context.verifies()
        return failed(observed, "after the onboarding it is on" if asked else f"declared: {wanted} ({_DECLARED})")
    return warned(observed, "more than one tenant") if len(tenants) > 1 else passed(observed)


def _no_service(context: Context, _target: Target) -> str | None:
    """Return why there is no upload to judge. A list that is empty for want of rights is none."""
    if any(context.evidence.missing(path) is not None for path in ("hierarchy/attach", "hierarchy/visibility")):
        return None
    seen = context.evidence.get("hierarchy/visibility")["administrators"]
    return "the hierarchy is not attached" if seen and not _services(context) else None


def _services(context: Context) -> list[dict[str, t.Any]]:
    return t.cast("list[dict[str, t.Any]]", context.evidence.get("hierarchy/attach")["services"])


@_rule(
    id="attach_upload",
    title="The upload of devices is configured",
    why="A service of tenant attach that has no application uploads no device, and the admin center stays empty.",
    expected="an application of Microsoft Entra ID on the service of tenant attach",
    severity=Severity.CRITICAL,
    applies=_no_service,
    remedy=Remedy(
        "Administration > Cloud Services > Cloud Attach, properties of CoMgmtSettingsProd, tab Configure upload"
    ),
)
def _upload(context: Context, _target: Target) -> Judgement:
    services = _services(context)
    if not services:
        return unknown("the account sees no administrative user, so it has no scope, and its empty lists prove nothing")
    without = [entry["service"] for entry in services if entry["upload"] is False]
    if without:
        return failed(f"not configured: {', '.join(without)}", "no application is associated with the service")
    if not all(entry["upload"] is True for entry in services):
        return unknown("the state of the upload is not one that is known")
    return passed(f"configured: {', '.join(entry['service'] for entry in services)}")


PREREQUISITES = (_state, _upload)
