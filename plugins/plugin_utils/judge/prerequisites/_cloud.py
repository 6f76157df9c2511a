# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE to the collection: prerequisites that lie in the tenant itself."""

from __future__ import annotations

import datetime as dt
import functools

from ....module_utils.product._tenant_names import INTUNE_SERVICE, LICENCES, ORGANIZATION, SERVICE_HEALTH
from ....module_utils.product._versions import build_of
from ...documents import _evidence, _expectations
from ._model import DOCS, Context, Judgement, Remedy, Severity, Target, failed, passed, prerequisite, unknown, warned
from ._shared import the_tenant, without_sync

_SOURCE = f"{DOCS}/tenant-attach/prerequisites"
# No source gives a limit. Microsoft Entra Connect runs every 30 minutes, and Microsoft alerts after a day.
_STALE = dt.timedelta(hours=24)
_HEALTHY = ("serviceoperational", "servicerestored", "postincidentreviewpublished", "falsepositive", "resolved")
# Countries that anybody would call one geography.
_EUROPE = (
    "AD AL AT BA BE BG CH CY CZ DE DK EE ES FI FR GB GR HR HU IE IS IT LI LT LU LV MC MD ME MK MT NL NO PL PT RO RS "
    "SE SI SK SM UA VA XK"
)
_REGIONS = (frozenset(_EUROPE.split()), frozenset({"CA", "MX", "US"}))

_rule = functools.partial(prerequisite, area="cloud", scope="tenant", targets=the_tenant, enumerates=(), source=_SOURCE)


@_rule(
    id="cloud_environment",
    title="The cloud of the tenant has tenant attach",
    why="Public has it, US Government from version 2107 with some of its features, and Azure China not at all.",
    expected="public; US Government with version 2107 (build 9058) or later",
    severity=Severity.CRITICAL,
    needs=("tenant/cloud", "hierarchy/sites", "hierarchy/top_site"),
    remedy=Remedy("use a tenant in a cloud that has tenant attach, or update the hierarchy"),
)
def _cloud(context: Context, _target: Target) -> Judgement:
    cloud, declared = context.evidence.get("tenant/cloud"), context.expectations.cloud
    if cloud not in {"public", "china", *_expectations.US_GOVERNMENT}:
        return unknown(
            "the metadata of the tenant tells no cloud that is known",
            next_step="check tenant_id, and cloud or authority_url",
        )
    if declared is not None and declared != cloud:
        return failed(
            cloud, f"declared: {declared} ({_expectations.VARIABLE}.cloud)", "correct the declaration, or tenant_id"
        )
    return _by_version(context, cloud)


def _by_version(context: Context, cloud: str) -> Judgement:
    if cloud == "china":
        return failed(cloud, "Azure China has no tenant attach")
    if cloud == "public":
        return passed(cloud)
    top = context.top_site()
    if top is None or top["build"] is None:
        return unknown("US Government needs version 2107, and that of the top-tier site is not known", cloud)
    if top["build"] < build_of("2107"):
        return failed(cloud, "the US Government cloud needs version 2107")
    return passed(cloud, "it has onboarding, tenant and device synchronisation, and device actions, and nothing else")


@_rule(
    id="tenant_geography",
    title="Tenant and service connection point are in one geography",
    why="Device data goes to the geography of the tenant. The documentation says that both should be the same.",
    expected="one country, or one region",
    severity=Severity.LOW,
    needs=("tenant/country", "tenant/region"),
    rights=(ORGANIZATION,),
    remedy=Remedy("have it confirmed that device data may go there, and keep the decision"),
)
def _geography(context: Context, _target: Target) -> Judgement:
    country, region = context.evidence.get("tenant/country"), context.evidence.get("tenant/region")
    declared = context.expectations.scp_country
    if not isinstance(country, str) or not country:
        return unknown("the tenant tells no country")
    observed = f"tenant: {country}, region {region or 'not told'}"
    if declared is None:
        return unknown(
            "no interface tells where the service connection point stands",
            observed,
            f"set {_expectations.VARIABLE}.scp_country",
        )
    observed += f"; service connection point: {declared}"
    one_region = any({country.upper(), declared} <= countries for countries in _REGIONS)
    if country.upper() == declared or one_region:
        return passed(observed)
    return warned(observed, "it works; the product's documentation advises against it")


@_rule(
    id="intune_subscription",
    title="The tenant has Microsoft Intune",
    why="The admin center of Intune is where attached devices are seen and acted on.",
    expected="an active subscription, with licences for users",
    severity=Severity.CRITICAL,
    needs=("tenant/intune_subscription", "tenant/licences"),
    rights=(INTUNE_SERVICE, LICENCES),
    remedy=Remedy("buy or renew Intune: Microsoft 365 admin center > Billing (Global or Billing Administrator)"),
    after_onboarding=True,
)
def _subscription(context: Context, _target: Target) -> Judgement:
    state = context.evidence.get("tenant/intune_subscription")
    skus = [sku for sku in context.evidence.get("tenant/licences") if sku["state"] in {"enabled", "warning"}]
    observed = (
        f"subscription {state or 'not told'}; licences: {', '.join(sorted(sku['sku'] for sku in skus)) or 'none'}"
    )
    if state == "none":
        return failed(observed, "Intune answers that the tenant is not one of its own")
    if not skus:
        return failed(observed, "no subscription in force licenses users for Intune")
    if state == "active":
        return passed(observed)
    if state in {"warning", "pending"}:
        return warned(observed, "it works; its subscription needs attention")
    return failed(observed) if state else unknown("the state of the subscription is not told", observed)


@_rule(
    id="mdm_authority",
    title="Intune is the MDM authority",
    why="Advice: tenants with another authority manage devices in an older way that is being retired.",
    expected="intune",
    severity=Severity.LOW,
    needs=("tenant/mdm_authority",),
    rights=(INTUNE_SERVICE,),
    remedy=Remedy("set it in the Intune admin center: Tenant administration > Tenant status (Intune Administrator)"),
    source="https://learn.microsoft.com/intune/intune-service/fundamentals/mdm-authority-set",
)
def _mdm_authority(context: Context, _target: Target) -> Judgement:
    authority = context.evidence.get("tenant/mdm_authority")
    if authority == "intune":
        return passed(authority)
    if authority in {"sccm", "office365", "unknown"}:
        return warned(authority, "no documentation of tenant attach asks for another one; Intune itself does")
    return unknown("the tenant tells no MDM authority that is known")


@_rule(
    id="directory_sync",
    title="Active Directory is synchronised to the tenant",
    why="Who starts an action must be one account on both sides, and arrives in the tenant with a synchronisation.",
    expected="on, within the last 24 hours",
    severity=Severity.MEDIUM,
    needs=("tenant/sync",),
    rights=(ORGANIZATION,),
    remedy=Remedy("look at Microsoft Entra Connect Health, and the Synchronization Service of the Connect server"),
)
def _sync(context: Context, _target: Target) -> Judgement:
    sync = context.evidence.get("tenant/sync")
    if sync["enabled"] is not None and not isinstance(sync["enabled"], bool):
        return unknown("the tenant tells no state of synchronisation that is known")
    if sync["enabled"] is not True:
        observed = "never" if sync["enabled"] is None else "no longer"
        return without_sync(context, observed, "only accounts that are synchronised start actions")
    if not sync["last"]:
        return unknown("the tenant does not tell when it was last synchronised", "on")
    age = context.now() - _evidence.moment(sync, "last")
    observed = f"last {sync['last']}"
    return passed(observed) if age <= _STALE else warned(observed, f"{age.days} days ago: changes do not arrive")


@_rule(
    id="cloud_service_health",
    title="Intune and the identity service are healthy",
    why="During an incident onboarding and actions fail for reasons that nobody finds in the hierarchy.",
    expected="no incident",
    severity=Severity.LOW,
    needs=("tenant/service_health",),
    rights=(SERVICE_HEALTH,),
    remedy=Remedy("wait for the end of the incident: Microsoft 365 admin center > Health > Service health"),
    source="https://learn.microsoft.com/microsoft-365/enterprise/view-service-health",
    after_onboarding=True,
)
def _health(context: Context, _target: Target) -> Judgement:
    rows = context.evidence.get("tenant/service_health")
    observed = ", ".join(f"{row['name']}: {row['status']}" for row in rows)
    if not any("intune" in row["name"].lower() for row in rows):
        return unknown("Microsoft Intune is not among the services of the tenant", observed)
    if all(row["status"].lower().startswith(_HEALTHY) for row in rows):
        return passed(observed)
    return warned(observed, "an incident of the service; a run now may tell less than one afterwards")


PREREQUISITES = (_cloud, _geography, _subscription, _mdm_authority, _sync, _health)
