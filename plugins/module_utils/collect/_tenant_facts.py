# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a tenant looks like to tenant attach. Pure. PRIVATE to the collection."""

from __future__ import annotations

import typing as t

from ..product._clouds import CLOUDS
from ..product._tenant_names import DIRECTORY_READ, DIRECTORY_READ_ALL, INTUNE_PLANS, MICROSERVICE_ROLES

Json = dict[str, t.Any]
Rows = t.Sequence[t.Mapping[str, t.Any]]


_SUB_SCOPES = {"dodcon": "us_gov_gcc_high", "dod": "us_gov_dod", "gcc": "public"}
_HOSTS = {cloud.graph.removeprefix("https://"): name for name, cloud in CLOUDS.items()}


def cloud_of(metadata: t.Mapping[str, t.Any]) -> str | None:
    """Return the cloud that the OpenID metadata of a tenant tells, None where it tells none that is known.

    The sub scope is what tells the US Government clouds apart, whichever authority is asked. Without it the host of
    Graph tells; a scope of the US Government with neither could be any of its clouds.
    """
    sub, scope, host = (
        str(metadata.get(key) or "").lower()
        for key in ("tenant_region_sub_scope", "tenant_region_scope", "msgraph_host")
    )
    if sub:
        return _SUB_SCOPES.get(sub)
    if str(metadata.get("cloud_instance_name") or "").lower().endswith(".cn"):
        return "china"
    found = _HOSTS.get(host) if host else "public"
    return None if scope in {"usgov", "usg"} and found == "public" else found


def organization(row: t.Mapping[str, t.Any]) -> Json:
    """Return the tenant itself."""
    return {
        "id": row.get("id"),
        "name": row.get("displayName"),
        "country": row.get("countryLetterCode"),
        "type": row.get("tenantType"),
        "domains": [
            {
                "name": domain.get("name"),
                "type": domain.get("type"),
                "default": bool(domain.get("isDefault")),
                "initial": bool(domain.get("isInitial")),
            }
            for domain in row.get("verifiedDomains") or ()
        ],
        "sync": {"enabled": row.get("onPremisesSyncEnabled"), "last": row.get("onPremisesLastSyncDateTime")},
    }


def licences(skus: Rows) -> list[Json]:
    """Return the subscriptions that license users for Intune."""
    return [
        {
            "sku": sku.get("skuPartNumber"),
            "state": str(sku.get("capabilityStatus") or "").lower(),
            "enabled": (sku.get("prepaidUnits") or {}).get("enabled"),
            "consumed": sku.get("consumedUnits"),
        }
        for sku in skus
        if any(str(plan.get("servicePlanId")).lower() in INTUNE_PLANS for plan in sku.get("servicePlans") or ())
    ]


def service_health(rows: Rows) -> list[Json]:
    """Return the health of the services that tenant attach leans on. Their case differs between answers."""
    wanted = ("intune", "identity", "entra")
    return [
        {"name": row.get("service"), "status": _camel(str(row.get("status") or ""))}
        for row in rows
        if any(word in f"{row.get('service')} {row.get('id')}".lower() for word in wanted)
    ]


def _camel(text: str) -> str:
    return text[:1].lower() + text[1:]


def application(
    row: t.Mapping[str, t.Any], principal: t.Mapping[str, t.Any] | None, given: Rows, roles: t.Mapping[str, str]
) -> Json:
    """Return an application that onboarding registered, without any of its secrets: Graph never tells them.

    Args:
        row: The application.
        principal: Its service principal in the tenant, None where there is none.
        given: What that principal was given.
        roles: The ids of the microservice's roles, by name.
    """
    return {
        "id": row.get("id"),
        "client_id": row.get("appId"),
        "name": row.get("displayName"),
        "created": row.get("createdDateTime"),
        "sign_in_audience": row.get("signInAudience"),
        "identifier_uris": list(row.get("identifierUris") or ()),
        "enabled": principal.get("accountEnabled") if principal else None,
        "consented": _consented(given, roles),
        "secret_expires": max(
            (str(each["endDateTime"]) for each in row.get("passwordCredentials") or () if each.get("endDateTime")),
            default=None,
        ),
    }


def role_ids(row: t.Mapping[str, t.Any]) -> dict[str, str]:
    """Return the ids of the roles of the Configuration Manager Microservice that tenant attach needs, by name."""
    wanted = {name.lower(): name for name in MICROSERVICE_ROLES}
    return {
        wanted[str(role.get("value")).lower()]: str(role.get("id"))
        for role in row.get("appRoles") or ()
        if str(role.get("value")).lower() in wanted
    }


def _consented(given: Rows, roles: t.Mapping[str, str]) -> list[str]:
    numbers = {str(each.get("appRoleId")).lower() for each in given}
    names = {**roles, DIRECTORY_READ: DIRECTORY_READ_ALL}
    return sorted(name for name, number in names.items() if number.lower() in numbers)


def onboarding(applications: t.Sequence[Json], microservice: t.Mapping[str, t.Any] | None) -> Json:
    """Return what onboarding left in the tenant: not_onboarded, present or broken.

    Args:
        applications: The applications that it registered, or that were imported for it.
        microservice: The service principal of the Configuration Manager Microservice, None where there is none.
    """
    problems = [problem for each in applications for problem in _problems(each)]
    if microservice is None and applications:
        problems.append("the service principal Configuration Manager Microservice is missing")
    if microservice is not None and microservice.get("accountEnabled") is not True:
        problems.append("the service principal Configuration Manager Microservice is disabled")
    # The microservice alone proves no onboarding: other features add it too, and offboarding leaves it behind.
    state = "broken" if problems else "present" if applications else "not_onboarded"
    # Of several the one that lives longest is the one in use, or the one that will be.
    chosen = max(applications, key=lambda each: each["secret_expires"] or "", default=None)
    return {
        "state": state,
        "problems": problems,
        "application": chosen,
        "applications": list(applications),
        "service_principal": None
        if microservice is None
        else {"id": microservice.get("id"), "enabled": microservice.get("accountEnabled")},
        "secret_expires": chosen["secret_expires"] if chosen else None,
    }


def _problems(application: Json) -> list[str]:
    found = []
    if application["enabled"] is None:
        found.append("it has no service principal in the tenant")
    elif application["enabled"] is not True:
        found.append("its service principal is disabled")
    if application["sign_in_audience"] not in {None, "AzureADMyOrg"}:
        found.append(f"it is not for this tenant only ({application['sign_in_audience']})")
    missing = sorted({*MICROSERVICE_ROLES, DIRECTORY_READ} - set(application["consented"]))
    if missing:
        found.append(f"no consent for {', '.join(missing)}")
    return [f"{application['name']}: {problem}" for problem in found]
