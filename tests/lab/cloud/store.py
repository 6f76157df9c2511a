# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tenant holds, as Microsoft Graph shows it; writes change it for as long as the lab runs."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from ..identity import guid
from .roles import BUILT_IN_ROLES, RESOURCE_OPERATIONS
from .tenant import DIRECTORY_ROLES, IntuneAssignment, Onboarding, Tenant, TenantUser

Row = dict[str, Any]

MICROSOFT = "f8cdef31-a31e-4b4a-93e4-5f571e91255a"
MICROSERVICE_APP = "557c67cf-c916-4293-8373-d584996f60ae"
GRAPH_APP = "00000003-0000-0000-c000-000000000000"
DIRECTORY_READ_ROLE = "7ab1d382-f21e-4acd-a863-ba3e13f7da61"
COLLECTION_ROLES = {
    "CmCollectionData.read": ("1ce9e34f-35e8-4af8-b172-09e4dd00453d", "Read CM Collection Data"),
    "CmCollectionData.write": ("a7a0e953-7ed2-423c-849f-9d78b5e44612", "Write CM Collection Data"),
}
PLANS = {
    "INTUNE_A": "c1ec4a95-1f05-45b3-a911-aa3fa01094f5",
    "INTUNE_A_GOV": "d216f254-796f-4dab-bbfa-710686e646b9",
    "INTUNE_A_VL": "3e170737-c728-4eae-bbb9-3f3360f7184c",
    "INTUNE_A_VL_USGOV_GCCHIGH": "b4288abe-01be-47d9-ad20-311d6e83fc24",
    "INTUNE_A_D": "2b317a4a-77a6-4188-9437-b68a77b4e2c6",
    "INTUNE_EDU": "da24caf9-af8e-485c-b7c8-e73336da2693",
    "INTUNE_SMB": "e6025b08-2fa5-4313-bd0a-7e5ffca32958",
}
PROVISIONING = {"intune": "Success", "disabled": "Disabled", "pending": "PendingProvisioning"}


def stamp(time: datetime) -> str:
    """A time as Graph writes it."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def row_id(*parts: str) -> str:
    """An identifier that is no GUID, as rows of role management and of licences have it."""
    return base64.urlsafe_b64encode(hashlib.sha256("|".join(parts).encode()).digest()[:24]).decode()


def group_id(name: str) -> str:
    """The object id of a group."""
    return guid(f"group {name}")


def user_id(upn: str) -> str:
    """The object id of a user."""
    return guid(f"user {upn.lower()}")


class Store:
    """The objects of the tenant."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self.now = datetime.now(UTC).replace(microsecond=0)
        self.users: dict[str, Row] = {user_id(user.upn): self._user(user) for user in tenant.users}
        self.licences: dict[str, list[Row]] = {user_id(user.upn): self._licences(user) for user in tenant.users}
        self.groups: dict[str, Row] = {group_id(name): self._group(name) for name in tenant.groups}
        self.members: dict[str, list[str]] = {
            group_id(group.name): [*map(user_id, group.members), *map(group_id, group.groups)]
            for group in tenant.groups.values()
        }
        self.role_assignments = list(self._directory_roles())
        self.assignment_schedules = list(self._schedules())
        self.eligibility_schedules = list(self._eligible())
        self.service_principals = list(self._service_principals())
        self.applications = list(self._applications())
        self.consents: list[Row] = list(self._consents())
        self.role_definitions: dict[str, Row] = dict(self._role_definitions())
        self.intune_assignments: dict[str, Row] = dict(map(self._intune_assignment, tenant.assignments))
        self.unlicensed_admins = tenant.unlicensed_admins
        self.mdm_authority = tenant.mdm_authority
        self.tenant_attach_rbac = tenant.tenant_attach_rbac

    # -- people ---------------------------------------------------------------------------------------------------

    def _user(self, user: TenantUser) -> Row:
        # Attributes stay behind when an account is no longer kept in step.
        known = user.synced is not None
        immutable = base64.b64encode(hashlib.md5(user.upn.encode(), usedforsecurity=False).digest()).decode()
        domain = self.tenant.on_premises_domain
        return {
            "id": user_id(user.upn),
            "userPrincipalName": user.upn,
            "displayName": user.full_name,
            "mail": user.upn,
            "accountEnabled": user.enabled,
            "userType": "Guest" if user.guest else "Member",
            "usageLocation": self.tenant.country,
            "createdDateTime": stamp(self.now - timedelta(days=700)),
            "onPremisesSyncEnabled": user.synced,
            "onPremisesImmutableId": immutable if known else None,
            "onPremisesSecurityIdentifier": user.sid if known else None,
            "onPremisesLastSyncDateTime": stamp(self.now - timedelta(days=41)) if known else None,
            "onPremisesDomainName": domain if known else None,
            "onPremisesSamAccountName": user.account if known else None,
            "onPremisesUserPrincipalName": user.upn if known else None,
            "onPremisesDistinguishedName": f"CN={user.full_name},OU=Users,DC={domain.replace('.', ',DC=')}"
            if known
            else None,
            "onPremisesProvisioningErrors": [],
        }

    def _licences(self, user: TenantUser) -> list[Row]:
        if user.licence == "none" or not self.tenant.licences:
            return []
        sku = self.tenant.licences[0]
        plan = {
            "servicePlanId": PLANS.get(sku.plan, guid(f"plan {sku.plan}")),
            "servicePlanName": sku.plan,
            "provisioningStatus": PROVISIONING[user.licence],
            "appliesTo": "User",
        }
        other = {
            "servicePlanId": guid("plan AAD_PREMIUM"),
            "servicePlanName": "AAD_PREMIUM",
            "provisioningStatus": "Success",
            "appliesTo": "User",
        }
        return [
            {
                "id": row_id("licence", user.upn, sku.name),
                "skuId": guid(f"sku {sku.name}"),
                "skuPartNumber": sku.name,
                "servicePlans": [other, plan],
            }
        ]

    def _group(self, name: str) -> Row:
        group = self.tenant.groups[name]
        return {
            "id": group_id(name),
            "displayName": name,
            "description": None,
            "securityEnabled": group.security,
            "mailEnabled": not group.security,
            "groupTypes": [] if group.security else ["Unified"],
            "isAssignableToRole": True if group.role_assignable else None,
            "onPremisesSyncEnabled": group.synced,
            "onPremisesSecurityIdentifier": group.sid if group.synced is not None else None,
            "onPremisesSamAccountName": name if group.synced is not None else None,
            "onPremisesDomainName": self.tenant.on_premises_domain if group.synced is not None else None,
        }

    def groups_of(self, member: str, security_only: bool) -> list[str]:
        """The groups that an object is in, directly or through other groups."""
        found: list[str] = []
        queue = [member]
        while queue:
            inner = queue.pop()
            for group, members in self.members.items():
                if inner in members and group not in found:
                    found.append(group)
                    queue.append(group)
        return [group for group in found if self.groups[group]["securityEnabled"] or not security_only]

    def find_user(self, key: str) -> Row | None:
        """A user by id or UPN."""
        found = self.users.get(key.lower())
        if found is not None:
            return found
        return next((row for row in self.users.values() if row["userPrincipalName"].lower() == key.lower()), None)

    # -- roles of the directory -----------------------------------------------------------------------------------

    def _holders(self) -> Iterator[tuple[str, tuple[str, ...], tuple[str, ...], tuple[str, ...]]]:
        for user in self.tenant.users:
            yield user_id(user.upn), user.roles, user.activated, user.eligible
        for group in self.tenant.groups.values():
            yield group_id(group.name), group.roles, (), group.eligible

    def _directory_roles(self) -> Iterator[Row]:
        for principal, roles, activated, _eligible in self._holders():
            for role in (*roles, *activated):
                yield {
                    "id": f"{row_id('role', principal, role)}-1",
                    "principalId": principal,
                    "directoryScopeId": "/",
                    "roleDefinitionId": role,
                }

    def _schedules(self) -> Iterator[Row]:
        for principal, roles, activated, _eligible in self._holders():
            for role in (*roles, *activated):
                yield {
                    **self._instance(principal, role, "-1"),
                    "endDateTime": stamp(self.now + timedelta(hours=4)) if role in activated else None,
                    "assignmentType": "Activated" if role in activated else "Assigned",
                    "roleAssignmentOriginId": f"{row_id('role', principal, role)}-1",
                    "roleAssignmentScheduleId": guid(f"schedule {principal} {role}"),
                }

    def _eligible(self) -> Iterator[Row]:
        for principal, _roles, _activated, eligible in self._holders():
            for role in eligible:
                yield {
                    **self._instance(principal, role, "-1-e"),
                    "endDateTime": None,
                    "roleEligibilityScheduleId": guid(f"eligibility {principal} {role}"),
                }

    def _instance(self, principal: str, role: str, suffix: str) -> Row:
        return {
            "id": f"{row_id('role', principal, role)}{suffix}",
            "principalId": principal,
            "roleDefinitionId": role,
            "directoryScopeId": "/",
            "appScopeId": None,
            "startDateTime": stamp(self.now - timedelta(days=90)),
            "memberType": "Direct",
        }

    def transitive_roles(self) -> Iterator[tuple[str, Row]]:
        """Who has a role, through groups too: the user, and the row of whoever has it directly."""
        for user in self.users:
            holders = {user, *self.groups_of(user, security_only=False)}
            for row in self.role_assignments:
                if row["principalId"] in holders:
                    yield user, row

    # -- applications ---------------------------------------------------------------------------------------------

    def _service_principals(self) -> Iterator[Row]:
        yield self._principal(GRAPH_APP, "Microsoft Graph", MICROSOFT, [_app_role("Directory.Read.All", *_READ_ROLE)])
        own = self.tenant.client_id
        yield self._principal(own, "tenant-attach", self.tenant.id, [])
        onboarding = self.tenant.onboarding
        if onboarding.present:
            roles = [_app_role(value, *role) for value, role in COLLECTION_ROLES.items()]
            yield {
                **self._principal(MICROSERVICE_APP, "Configuration Manager Microservice", MICROSOFT, roles),
                "accountEnabled": onboarding.service_principal_enabled,
            }
            if onboarding.application_present:
                yield self._principal(onboarding.client_id, self._application_name(onboarding), self.tenant.id, [])

    def _principal(self, app: str, name: str, owner: str, roles: list[Row]) -> Row:
        return {
            "id": guid(f"principal of {app}"),
            "appId": app,
            "displayName": name,
            "accountEnabled": True,
            "appOwnerOrganizationId": owner,
            "servicePrincipalType": "Application",
            "appRoles": roles,
            "tags": [],
        }

    def _application_name(self, onboarding: Onboarding) -> str:
        return f"ConfigMgrSvc_{guid(f'service {onboarding.client_id}')}"

    def _applications(self) -> Iterator[Row]:
        yield self._application(self.tenant.client_id, "tenant-attach", age=100)
        onboarding = self.tenant.onboarding
        if not onboarding.present or not onboarding.application_present:
            return
        access = [
            {
                "resourceAppId": MICROSERVICE_APP,
                "resourceAccess": [{"id": role, "type": "Role"} for role, _name in COLLECTION_ROLES.values()],
            },
            {"resourceAppId": GRAPH_APP, "resourceAccess": [{"id": DIRECTORY_READ_ROLE, "type": "Role"}]},
        ]
        row = self._application(
            onboarding.client_id,
            self._application_name(onboarding),
            age=onboarding.created_days_ago,
            uris=[onboarding.identifier_uri],
            audience=onboarding.sign_in_audience,
            access=access,
        )
        # Half an hour on top, so that twelve days are still twelve days when a test counts them.
        end = self.now + timedelta(days=onboarding.secret_expires_in_days, minutes=30)
        row["passwordCredentials"] = [
            {
                "customKeyIdentifier": None,
                "displayName": None,
                "startDateTime": stamp(end - timedelta(days=730)),
                "endDateTime": stamp(end),
                "hint": "a1B",
                "keyId": guid("secret"),
                "secretText": None,
            }
        ]
        yield row

    def _application(
        self,
        app: str,
        name: str,
        *,
        age: int,
        uris: Sequence[str] = (),
        audience: str = "AzureADMyOrg",
        access: Sequence[Row] = (),
    ) -> Row:
        return {
            "id": guid(f"application {app}"),
            "appId": app,
            "displayName": name,
            "signInAudience": audience,
            "createdDateTime": stamp(self.now - timedelta(days=age)),
            "identifierUris": list(uris),
            "passwordCredentials": [],
            "keyCredentials": [],
            "requiredResourceAccess": list(access),
        }

    def _consents(self) -> Iterator[Row]:
        onboarding = self.tenant.onboarding
        if not (onboarding.present and onboarding.application_present and onboarding.consented):
            return
        wanted = [
            (MICROSERVICE_APP, "Configuration Manager Microservice", role) for role, _name in COLLECTION_ROLES.values()
        ]
        wanted.append((GRAPH_APP, "Microsoft Graph", DIRECTORY_READ_ROLE))
        for app, name, role in wanted:
            yield {
                "id": row_id("consent", onboarding.client_id, role),
                "appRoleId": role,
                "createdDateTime": stamp(self.now - timedelta(days=onboarding.created_days_ago)),
                "principalDisplayName": self._application_name(onboarding),
                "principalId": guid(f"principal of {onboarding.client_id}"),
                "principalType": "ServicePrincipal",
                "resourceDisplayName": name,
                "resourceId": guid(f"principal of {app}"),
            }

    # -- the tenant itself ----------------------------------------------------------------------------------------

    @property
    def domains(self) -> list[Row]:
        """The verified domains; the first one is the default."""
        initial = f"{self.tenant.domain.partition('.')[0]}.onmicrosoft.com"
        names = dict.fromkeys((self.tenant.domain, initial))
        return [
            {
                "id": name,
                "isVerified": True,
                "isDefault": name == self.tenant.domain,
                "isInitial": name == initial,
                "authenticationType": "Managed",
                "supportedServices": ["Email", "OfficeCommunicationsOnline"],
            }
            for name in names
        ]

    def organization(self) -> Row:
        """The tenant's own row, with what only the single object shows."""
        tenant = self.tenant
        plans = [sku.plan for sku in tenant.licences] if tenant.intune else []
        synced = stamp(self.now - tenant.sync_age) if tenant.sync_enabled is not None else None
        return {
            "id": tenant.id,
            "displayName": tenant.name,
            "countryLetterCode": tenant.country,
            "defaultUsageLocation": tenant.country,
            "tenantType": "AAD",
            "createdDateTime": "2019-05-04T03:02:01Z",
            "onPremisesSyncEnabled": tenant.sync_enabled,
            "onPremisesLastSyncDateTime": synced,
            "verifiedDomains": [
                {
                    "capabilities": "Email, OfficeCommunicationsOnline",
                    "isDefault": row["isDefault"],
                    "isInitial": row["isInitial"],
                    "name": row["id"],
                    "type": row["authenticationType"],
                }
                for row in self.domains
            ],
            "assignedPlans": [
                {
                    "assignedDateTime": "2024-01-01T00:00:00Z",
                    "capabilityStatus": "Enabled",
                    "service": "SCO",
                    "servicePlanId": PLANS.get(plan, guid(f"plan {plan}")),
                }
                for plan in plans
            ],
            "mobileDeviceManagementAuthority": self.mdm_authority,
        }

    def skus(self) -> list[Row]:
        """The subscriptions."""
        tenant = self.tenant
        used = sum(1 for rows in self.licences.values() if rows)
        return [
            {
                "accountId": tenant.id,
                "accountName": tenant.domain.partition(".")[0],
                "appliesTo": "User",
                "capabilityStatus": sku.capability,
                "consumedUnits": used if index == 0 else 0,
                "id": f"{tenant.id}_{guid(f'sku {sku.name}')}",
                "prepaidUnits": {"enabled": sku.enabled, "lockedOut": 0, "suspended": 0, "warning": 0},
                "servicePlans": [
                    {
                        "servicePlanId": PLANS.get(sku.plan, guid(f"plan {sku.plan}")),
                        "servicePlanName": sku.plan,
                        "provisioningStatus": "Success",
                        "appliesTo": "User",
                    }
                ],
                "skuId": guid(f"sku {sku.name}"),
                "skuPartNumber": sku.name,
                "subscriptionIds": [guid(f"subscription {sku.name}")],
            }
            for index, sku in enumerate(tenant.licences)
        ]

    def health(self) -> list[Row]:
        """The health of the services, in either of the casings that have been seen."""
        ids = {"Exchange Online": "Exchange", "Identity Service": "OrgLiveID", "Microsoft Intune": "Intune"}
        capital = self.tenant.service_health_casing == "capital"
        return [
            {
                "service": service,
                "status": status[:1].upper() + status[1:] if capital else status,
                "id": ids.get(service, service.replace(" ", "")),
            }
            for service, status in self.tenant.service_health.items()
        ]

    # -- roles of Intune ------------------------------------------------------------------------------------------

    def _role_definitions(self) -> Iterator[tuple[str, Row]]:
        for name, built_in in BUILT_IN_ROLES.items():
            yield (
                built_in.id,
                role_definition(built_in.id, name, built_in.description, built_in=True, allowed=built_in.actions),
            )
        for role in self.tenant.roles:
            own = guid(f"role {role.name}")
            yield own, role_definition(own, role.name, role.description, allowed=role.permissions, denied=role.denied)

    def _intune_assignment(self, assignment: IntuneAssignment) -> tuple[str, Row]:
        own = guid(f"assignment {assignment.name}")
        role = next(key for key, row in self.role_definitions.items() if row["displayName"] == assignment.role)
        scopes = [group_id(name) for name in assignment.scope_groups]
        row = {
            "id": own,
            "displayName": assignment.name,
            "description": "",
            "resourceScopes": scopes,
            "members": [group_id(name) for name in assignment.groups],
            "scopeMembers": scopes,
            "scopeType": assignment.scope_type,
            "roleScopeTagIds": list(assignment.role_scope_tags),
            # Not a property: what the binding to the role definition says.
            "role": role,
        }
        return own, row

    def resource_operations(self) -> list[Row]:
        """What roles are made of."""
        return [
            {"id": key, "resourceName": resource, "actionName": action, "description": text}
            for key, (resource, action, text) in RESOURCE_OPERATIONS.items()
        ]

    def collections(self) -> list[Row]:
        """The collections that a hierarchy uploaded."""
        hierarchy = guid("hierarchy")
        return [
            {
                "id": guid(f"collection {name}"),
                "collectionIdentifier": f"CAS{number:05X}",
                "displayName": name,
                "hierarchyIdentifier": hierarchy,
                "hierarchyName": self.tenant.name,
                "createdDateTime": stamp(self.now - timedelta(days=30)),
                "lastModifiedDateTime": stamp(self.now - timedelta(days=1)),
            }
            for number, name in enumerate(self.tenant.collections, 20)
        ]


_READ_ROLE = (DIRECTORY_READ_ROLE, "Read directory data")


def _app_role(value: str, own: str, name: str) -> Row:
    return {
        "allowedMemberTypes": ["Application"],
        "description": f"{name}.",
        "displayName": name,
        "id": own,
        "isEnabled": True,
        "value": value,
    }


def role_definition(
    own: str,
    name: str,
    description: str = "",
    *,
    built_in: bool = False,
    allowed: tuple[str, ...] = (),
    denied: tuple[str, ...] = (),
) -> Row:
    """A role definition as both versions show it together."""
    actions = [{"allowedResourceActions": list(allowed), "notAllowedResourceActions": list(denied)}]
    return {
        "@odata.type": "#microsoft.graph.deviceAndAppManagementRoleDefinition",
        "id": own,
        "displayName": name,
        "description": description,
        "isBuiltIn": built_in,
        "rolePermissions": [{"resourceActions": actions}],
        "isBuiltInRoleDefinition": built_in,
        "permissions": [{"actions": list(allowed), "resourceActions": actions}],
        "roleScopeTagIds": ["0"],
    }


def is_directory_role(own: str) -> bool:
    """Whether an id is that of a role that the lab knows by name."""
    return own in DIRECTORY_ROLES.values()
