# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is read of a tenant, and where. PRIVATE to the collection."""

from __future__ import annotations

import typing as t

from .._errors import TenantAttachError
from ..graph._answers import NO_INTUNE
from ..graph._client import Request
from ..graph._options import connect
from ..product import _tenant_names
from ..product._forms import guid_in
from . import _tenant_facts
from ._graph_topics import GraphReading, GraphTopics
from ._topics import NOT_THERE, Reading

if t.TYPE_CHECKING:
    from ..graph._client import Graph

Json = dict[str, t.Any]

_APPLICATION = "id,appId,displayName,createdDateTime,signInAudience,identifierUris,passwordCredentials"


def _of_onboarding(path: str, parameters: t.Mapping[str, str] | None = None, **more: t.Any) -> GraphReading:
    """Return the reading of something that onboarding leaves in a tenant."""
    request = Request(path, parameters or {}, rights=(_tenant_names.APPLICATIONS,))
    return GraphReading(request, gives=("onboarding",), **more)


# That a service principal does not exist is an answer. Lists always do.
_MAY_BE_ABSENT = {NOT_THERE: None}


# Not a topic of Microsoft Graph: the authority tells it.
_METADATA = Reading("OpenID metadata", gives=("cloud", "region", "sub_region"))
_FIRST = {
    "organization": GraphReading(
        Request(
            "organization",
            {
                "$select": "id,displayName,countryLetterCode,tenantType,verifiedDomains,onPremisesSyncEnabled,"
                "onPremisesLastSyncDateTime"
            },
            rights=(_tenant_names.ORGANIZATION,),
        ),
        gives=("name", "country", "type", "domains", "sync"),
        whole=True,
    ),
    "licences": GraphReading(
        Request(
            "subscribedSkus",
            {"$select": "skuPartNumber,capabilityStatus,prepaidUnits,consumedUnits,servicePlans"},
            rights=(_tenant_names.LICENCES,),
        ),
        whole=True,
    ),
    "service_health": GraphReading(
        Request("admin/serviceAnnouncement/healthOverviews", rights=(_tenant_names.SERVICE_HEALTH,)), whole=True
    ),
    "applications": _of_onboarding(
        "applications",
        {"$filter": f"startswith(displayName,'{_tenant_names.APPLICATION_PREFIX}')", "$select": _APPLICATION},
        whole=True,
    ),
    "microservice": _of_onboarding(
        f"servicePrincipals(appId='{_tenant_names.MICROSERVICE}')",
        {"$select": "id,appId,accountEnabled,appRoles"},
        answers=_MAY_BE_ABSENT,
    ),
    "subscription": GraphReading(
        Request(
            "deviceManagement",
            {"$select": "subscriptionState,intuneAccountId"},
            rights=(_tenant_names.INTUNE_SERVICE,),
        ),
        gives=("intune_subscription",),
        answers={NO_INTUNE: {"subscriptionState": "none"}},
    ),
}
# Only version beta tells these.
_BETA = {
    # The name is misspelt by Microsoft.
    "unlicensed_admins": GraphReading(
        Request(
            "deviceManagement",
            {"$select": "unlicensedAdminstratorsEnabled"},
            version="beta",
            rights=(_tenant_names.INTUNE_SERVICE,),
        )
    ),
    "attach_rbac": GraphReading(
        Request(
            "deviceManagement/tenantAttachRBAC/getState",
            version="beta",
            rights=(_tenant_names.INTUNE_CONFIGURATION,),
        )
    ),
}


def read_tenant(options: t.Mapping[str, t.Any]) -> Json:
    """Read what tenant attach needs to know of a tenant. What cannot be read is named in `errors`.

    Raises:
        InvalidOptionError: Options cannot work.
    """
    graph = connect(options)
    try:
        return {"tenant": _TenantReader(graph, options["tenant_id"], options["applications"]).tenant()}
    finally:
        graph.close()


class _TenantReader:
    """Reads one tenant."""

    def __init__(self, graph: Graph, tenant_id: str | None, applications: t.Sequence[str]) -> None:
        self._graph = graph
        self._topics = GraphTopics(graph)
        self._tenant_id = tenant_id
        self._applications = [number.strip().lower() for number in applications]

    def tenant(self) -> Json:
        """Return the whole tenant."""
        topics = self._topics
        named = {
            f"application {number}": _of_onboarding(
                "applications", {"$filter": f"appId eq '{number}'", "$select": _APPLICATION}, whole=True
            )
            for number in self._applications
        }
        first = topics.read({**_FIRST, **named})
        found = _tenant_facts.organization((first["organization"] or [{}])[0])
        metadata = self._metadata(self._tenant_id or found["id"])
        number = _issued(metadata) or found["id"]
        tenant = {
            **found,
            "id": number,
            "cloud": _tenant_facts.cloud_of(metadata),
            "region": metadata.get("tenant_region_scope"),
            "sub_region": metadata.get("tenant_region_sub_scope"),
            "licences": _tenant_facts.licences(first["licences"] or ()),
            "service_health": _tenant_facts.service_health(first["service_health"] or ()),
            "intune_subscription": str((first["subscription"] or {}).get("subscriptionState") or "").lower() or None,
            **self._beta(),
        }
        applications = [row for topic in ("applications", *named) for row in first[topic] or ()]
        tenant |= self._second(number, applications, first["microservice"])
        errors = topics.errors_by_field()
        # Of what could not be read, nothing is said.
        known = {name: value for name, value in tenant.items() if name not in errors}
        return {**known, "errors": errors, "sources": topics.sources}

    def _metadata(self, tenant: str | None) -> Json:
        topics = self._topics
        topics.begin("metadata", _METADATA)
        if tenant is None:
            # The organization would have told, and has an error.
            topics.keep("metadata", topics.errors["organization"])
            return {}
        if topics.fatal is not None and self._graph.authority in topics.fatal.where:
            # It had to be asked for the token, and is not waited for twice.
            topics.keep("metadata", topics.fatal)
            return {}
        try:
            return self._graph.metadata(tenant)
        except TenantAttachError as exc:
            # It says nothing about Microsoft Graph, which is another service.
            topics.keep("metadata", exc)
            return {}

    def _beta(self) -> Json:
        found = self._topics.read(_BETA)
        unlicensed, rbac = found["unlicensed_admins"] or {}, found["attach_rbac"] or {}
        # What functions of Intune return stands alone, or in an envelope.
        inner = rbac.get("value")
        state = inner if isinstance(inner, dict) else rbac
        return {
            "unlicensed_admins": unlicensed.get("unlicensedAdminstratorsEnabled"),
            "attach_rbac": state.get("enabled"),
        }

    def _second(self, tenant: str | None, applications: t.Sequence[Json], microservice: Json | None) -> Json:
        """Read what can only be asked for with an answer of the first batch."""
        topics = self._topics
        principals = {
            f"principal {row['appId']}": _of_onboarding(
                f"servicePrincipals(appId='{row['appId']}')",
                {"$select": "id,appId,accountEnabled"},
                answers=_MAY_BE_ABSENT,
            )
            for row in applications
            if row.get("appId")
        }
        authority = {
            "mdm_authority": GraphReading(
                Request(
                    f"organization/{tenant}",
                    {"$select": "mobileDeviceManagementAuthority"},
                    rights=(_tenant_names.INTUNE_SERVICE,),
                )
            )
        }
        if tenant is None:
            topics.keep("mdm_authority", topics.errors["organization"])
            authority = {}
        found = topics.read({**authority, **principals})
        consents = topics.read(
            {
                topic: _of_onboarding(
                    f"servicePrincipals/{row['id']}/appRoleAssignments", answers=_MAY_BE_ABSENT, whole=True
                )
                for topic, row in found.items()
                if topic in principals and row is not None
            }
        )
        roles = _tenant_facts.role_ids(microservice or {})
        seen = {}
        for row in applications:
            topic = f"principal {row.get('appId')}"
            if topic in principals:
                seen[row["appId"]] = _tenant_facts.application(row, found[topic], consents.get(topic) or (), roles)
        return {
            "mdm_authority": (found.get("mdm_authority") or {}).get("mobileDeviceManagementAuthority"),
            "onboarding": _tenant_facts.onboarding(list(seen.values()), microservice),
        }


def _issued(metadata: Json) -> str | None:
    """Return the id of the tenant: its issuer has it, whatever name the tenant was asked for by."""
    return guid_in(str(metadata.get("issuer")))
