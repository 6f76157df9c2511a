# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE to the collection: prerequisites of onboarding, and of what it leaves in the tenant."""

from __future__ import annotations

import datetime as dt
import functools
import typing as t

from ....module_utils.product._site_names import READER
from ....module_utils.product._tenant_names import APPLICATIONS, ENTRA_ROLES, GROUPS, USERS
from ...documents import _evidence, _expectations
from ._model import DOCS, Context, Judgement, Remedy, Severity, Target, failed, passed, prerequisite, unknown, warned
from ._shared import exists, the_tenant

_SOURCE = f"{DOCS}/tenant-attach/device-sync-actions"
_APP = f"{DOCS}/tenant-attach/prerequisites"
_NOTICE = dt.timedelta(days=30)
# From this age on the console refuses to renew the secret of an application.
_OLD = dt.timedelta(days=800)


def _account(context: Context) -> list[Target]:
    name = context.expectations.onboarding_account
    return [Target("account", name, None, {})] if name else []


def _not_attached(context: Context, _target: Target) -> str | None:
    return "the hierarchy is attached: the role was needed once, for the onboarding" if _attached(context) else None


def _attached(context: Context) -> bool:
    missing = context.evidence.missing("hierarchy/attach") is not None
    return not missing and context.evidence.get("hierarchy/attach").get("state") == "on"


def _none(context: Context, _target: Target) -> str | None:
    missing = context.evidence.missing("tenant/onboarding")
    if missing is None and not context.evidence.get("tenant/onboarding")["applications"]:
        return "nothing was onboarded yet"
    return None


def _off(context: Context, _target: Target) -> str | None:
    missing = context.evidence.missing("hierarchy/attach") is not None
    off = not missing and not any(entry["tenant"] for entry in context.evidence.get("hierarchy/attach")["services"])
    return "the hierarchy is not attached" if off else None


_rule = functools.partial(
    prerequisite,
    area="onboarding",
    scope="tenant",
    targets=the_tenant,
    enumerates=(),
    source=_SOURCE,
    after_onboarding=True,
)
_application_rule = functools.partial(_rule, needs=("tenant/onboarding",), rights=(APPLICATIONS,), applies=_none)


@_rule(
    id="onboarding_account",
    title="The onboarding account is Global Administrator",
    why="Whoever signs in to the wizard registers an application and consents to its permissions for the tenant.",
    expected="Global Administrator, active, for the time of the onboarding",
    severity=Severity.CRITICAL,
    scope="account",
    targets=_account,
    applies=_not_attached,
    declared_in="onboarding_account",
    needs=("accounts/{name}/found", "accounts/{name}/global_administrator"),
    rights=(USERS, GROUPS, ENTRA_ROLES),
    remedy=Remedy(
        "activate the role in Privileged Identity Management, or have a Global Administrator sign in; this "
        "collection never grants it"
    ),
    source=_APP,
    after_onboarding=False,
)
def _global_administrator(context: Context, target: Target) -> Judgement:
    if exists(context, target):
        return failed(
            "the tenant has no such account", next_step=f"correct {_expectations.VARIABLE}.onboarding_account"
        )
    state = context.evidence.get(f"accounts/{target.name}/global_administrator")
    if state == "active":
        return passed(state)
    if state == "eligible":
        return warned(state, "it onboards only while the role is activated in Privileged Identity Management")
    return failed("not Global Administrator") if state == "none" else unknown("the state is not one that is known")


def _attached_clients(context: Context) -> set[str]:
    """Return the client ids of the applications that the hierarchy uses."""
    services = context.evidence.get("hierarchy/attach")["services"]
    return {str(entry["client_id"]).lower() for entry in services if entry["client_id"]}


def _applications(context: Context) -> list[dict[str, t.Any]]:
    """Return the applications that are in use: those that the hierarchy names, or else all that were found."""
    found: list[dict[str, t.Any]] = context.evidence.get("tenant/onboarding")["applications"]
    used = set() if context.evidence.missing("hierarchy/attach") else _attached_clients(context)
    return [each for each in found if str(each["client_id"]).lower() in used] or found


@_rule(
    id="onboarding_objects",
    title="What onboarding leaves in the tenant is as it should be",
    why="Uploads and actions need the application, its consented permissions, and an enabled service principal.",
    expected="absent before the onboarding; present, enabled and consented to after it",
    severity=Severity.HIGH,
    needs=("tenant/onboarding", "hierarchy/attach"),
    rights=(APPLICATIONS, READER),
    remedy=Remedy(
        "a Global Administrator enables the service principal and consents: Microsoft Entra admin center > "
        "Enterprise applications; or offboard, wait two hours, and onboard again"
    ),
)
def _objects(context: Context, _target: Target) -> Judgement:
    onboarding, attach = context.evidence.get("tenant/onboarding"), context.evidence.get("hierarchy/attach")
    state, problems = onboarding["state"], "; ".join(onboarding["problems"])
    if state not in {"not_onboarded", "present", "broken"}:
        return unknown("the state of the objects is not one that is known")
    names = ", ".join(f"{each['name']} ({each['client_id']})" for each in onboarding["applications"]) or "none"
    observed = f"{state.replace('_', ' ')}; applications: {names}"
    if attach["state"] == "off":
        return _objects_without_attach(context, state, observed)
    lost = _attached_clients(context) - {str(each["client_id"]).lower() for each in onboarding["applications"]}
    if lost:
        return failed(observed, f"the hierarchy uses an application that the tenant does not have: {', '.join(lost)}")
    if state == "present":
        return passed(observed)
    return failed(observed, problems or "the hierarchy is attached, and the tenant has none of the objects")


def _objects_without_attach(context: Context, state: str, observed: str) -> Judgement:
    if state != "not_onboarded":
        return warned(observed, "the hierarchy is not attached: they are of another one, or of an earlier onboarding")
    if context.verifies():
        return failed(observed, "after the onboarding they are there")
    return passed(observed, "as expected before the onboarding")


@_application_rule(
    id="onboarding_secret",
    title="The secret of the onboarding application is valid",
    why="Uploads stop when it ends. Graph does not tell which of several secrets is in use: the last one counts.",
    expected="valid for at least 30 days",
    severity=Severity.HIGH,
    remedy=Remedy("renew it: Administration > Cloud Services > Azure Active Directory Tenants > Renew Secret Key"),
)
def _secret(context: Context, _target: Target) -> Judgement:
    ends = [each["secret_expires"] for each in _applications(context)]
    if not all(ends):
        return failed("an application without a client secret")
    end = min(_evidence.moment({"secret_expires": each}, "secret_expires") for each in ends)
    observed = f"ends {end:%Y-%m-%d %H:%M} UTC"
    if end <= context.now():
        return failed(observed, "it has expired")
    if end <= context.now() + _NOTICE:
        return warned(observed, "it ends within 30 days; imported applications get no notification in the console")
    return passed(observed)


@_application_rule(
    id="onboarding_application_age",
    title="The onboarding application is young enough for its secret to be renewed",
    why="The console refuses to renew secrets of applications older than 800 days.",
    expected="created less than 800 days ago",
    severity=Severity.MEDIUM,
    remedy=Remedy("plan to onboard again with a new application, before the secret ends"),
)
def _age(context: Context, _target: Target) -> Judgement:
    created = min(_evidence.moment(each, "created") for each in _applications(context))
    observed = f"created {created:%Y-%m-%d}"
    if context.now() - created > _OLD:
        return warned(observed, "older than 800 days: the console may refuse to renew its secret")
    return passed(observed)


@_rule(
    id="attached_tenant",
    title="The hierarchy is attached to this tenant",
    why="Accounts and roles of another tenant than the one that is attached prove nothing.",
    expected="the tenant that was read",
    severity=Severity.HIGH,
    applies=_off,
    needs=("tenant/id", "hierarchy/attach"),
    remedy=Remedy("read the tenant that the hierarchy is attached to: correct tenant_id"),
)
def _same_tenant(context: Context, _target: Target) -> Judgement:
    services = context.evidence.get("hierarchy/attach")["services"]
    ids = sorted({str(entry["tenant"]["id"]).lower() for entry in services if entry["tenant"]})
    here = str(context.evidence.get("tenant/id") or "").lower()
    if not here:
        return unknown("the tenant does not tell its id")
    observed = ", ".join(ids)
    return passed(observed) if ids == [here] else failed(observed, f"this run read tenant {here}")


PREREQUISITES = (_global_administrator, _objects, _secret, _age, _same_tenant)
