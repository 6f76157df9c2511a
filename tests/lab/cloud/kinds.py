# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The kinds of objects that the lab's Graph shows, and what each lets a client ask."""

from __future__ import annotations

from .query import EQUALS, TEXT, Kind

# Where the documentation promises $select and nothing else.
SELECT_ONLY = frozenset({"$select"})
SELECT_EXPAND = frozenset({"$select", "$expand"})
PLAIN = frozenset({"$select", "$filter", "$top", "$count", "$skiptoken", "$expand"})

USER = Kind(
    "user",
    frozenset(
        {
            "id",
            "userPrincipalName",
            "displayName",
            "mail",
            "accountEnabled",
            "userType",
            "usageLocation",
            "createdDateTime",
            "onPremisesSyncEnabled",
            "onPremisesImmutableId",
            "onPremisesSecurityIdentifier",
            "onPremisesLastSyncDateTime",
            "onPremisesDomainName",
            "onPremisesSamAccountName",
            "onPremisesUserPrincipalName",
            "onPremisesDistinguishedName",
            "onPremisesProvisioningErrors",
            "businessPhones",
            "givenName",
            "jobTitle",
            "mobilePhone",
            "officeLocation",
            "preferredLanguage",
            "surname",
        }
    ),
    # All else, and with it everything that says where an account comes from, must be asked for.
    default=(
        "businessPhones",
        "displayName",
        "givenName",
        "jobTitle",
        "mail",
        "mobilePhone",
        "officeLocation",
        "preferredLanguage",
        "surname",
        "userPrincipalName",
        "id",
    ),
    filters={
        "id": EQUALS,
        "userPrincipalName": TEXT,
        "displayName": TEXT,
        "mail": TEXT,
        "accountEnabled": TEXT - {"startswith", "endswith"},
        "userType": EQUALS | {"ne", "not"},
        "onPremisesSyncEnabled": EQUALS | {"ne", "not"},
        "onPremisesImmutableId": EQUALS | {"ne", "not"},
        "onPremisesSecurityIdentifier": EQUALS,
    },
    directory=True,
)
GROUP = Kind(
    "group",
    frozenset(
        {
            "id",
            "displayName",
            "description",
            "securityEnabled",
            "mailEnabled",
            "groupTypes",
            "isAssignableToRole",
            "onPremisesSyncEnabled",
            "onPremisesSecurityIdentifier",
            "onPremisesSamAccountName",
            "onPremisesDomainName",
        }
    ),
    filters={
        "id": EQUALS,
        "displayName": TEXT,
        "securityEnabled": EQUALS | {"ne", "not"},
        "mailEnabled": EQUALS | {"ne", "not"},
        "isAssignableToRole": EQUALS | {"ne", "not"},
        "onPremisesSyncEnabled": EQUALS | {"ne", "not"},
        "onPremisesSecurityIdentifier": EQUALS,
    },
    directory=True,
)
# Members and memberships: users and groups side by side, each with its type.
OBJECT = Kind("directoryObject", USER.properties | GROUP.properties, directory=True)
ORGANIZATION = Kind(
    "organization",
    frozenset(
        {
            "id",
            "displayName",
            "countryLetterCode",
            "defaultUsageLocation",
            "tenantType",
            "createdDateTime",
            "onPremisesSyncEnabled",
            "onPremisesLastSyncDateTime",
            "verifiedDomains",
            "assignedPlans",
            "mobileDeviceManagementAuthority",
        }
    ),
    default=(
        "id",
        "displayName",
        "countryLetterCode",
        "defaultUsageLocation",
        "tenantType",
        "createdDateTime",
        "onPremisesSyncEnabled",
        "onPremisesLastSyncDateTime",
        "verifiedDomains",
        "assignedPlans",
    ),
    options=SELECT_ONLY,
    page=None,
)
DOMAIN = Kind(
    "domain",
    frozenset({"id", "isVerified", "isDefault", "isInitial", "authenticationType", "supportedServices"}),
    options=SELECT_ONLY | {"$top", "$skiptoken"},
)
SKU = Kind(
    "subscribedSku",
    frozenset(
        {
            "accountId",
            "accountName",
            "appliesTo",
            "capabilityStatus",
            "consumedUnits",
            "id",
            "prepaidUnits",
            "servicePlans",
            "skuId",
            "skuPartNumber",
            "subscriptionIds",
        }
    ),
    options=SELECT_ONLY,
    page=None,
)
LICENCE = Kind(
    "licenseDetails", frozenset({"id", "skuId", "skuPartNumber", "servicePlans"}), options=SELECT_ONLY, page=None
)
APPLICATION = Kind(
    "application",
    frozenset(
        {
            "id",
            "appId",
            "displayName",
            "signInAudience",
            "createdDateTime",
            "identifierUris",
            "passwordCredentials",
            "keyCredentials",
            "requiredResourceAccess",
        }
    ),
    filters={"id": EQUALS, "appId": EQUALS, "displayName": TEXT},
    directory=True,
)
PRINCIPAL = Kind(
    "servicePrincipal",
    frozenset(
        {
            "id",
            "appId",
            "displayName",
            "accountEnabled",
            "appOwnerOrganizationId",
            "servicePrincipalType",
            "appRoles",
            "tags",
        }
    ),
    filters={"id": EQUALS, "appId": EQUALS, "displayName": TEXT, "accountEnabled": EQUALS},
    directory=True,
)
CONSENT = Kind(
    "appRoleAssignment",
    frozenset(
        {
            "id",
            "appRoleId",
            "createdDateTime",
            "principalDisplayName",
            "principalId",
            "principalType",
            "resourceDisplayName",
            "resourceId",
        }
    ),
    filters={"resourceId": frozenset({"eq"})},
    options=PLAIN,
)
GRANT = Kind(
    "oAuth2PermissionGrant", frozenset({"id", "clientId", "consentType", "resourceId", "scope"}), options=PLAIN
)

_AND = frozenset({"and"})
ROLE_ASSIGNMENT = Kind(
    "unifiedRoleAssignment",
    frozenset({"id", "principalId", "directoryScopeId", "roleDefinitionId", "principal"}),
    default=("id", "principalId", "directoryScopeId", "roleDefinitionId"),
    filters=dict.fromkeys(("principalId", "roleDefinitionId", "directoryScopeId"), EQUALS),
    logic=_AND,
    expand=frozenset({"principal"}),
    options=PLAIN,
)
_INSTANCE = (
    "id",
    "principalId",
    "roleDefinitionId",
    "directoryScopeId",
    "appScopeId",
    "startDateTime",
    "endDateTime",
    "memberType",
)
_INSTANCE_FILTERS = dict.fromkeys(("principalId", "roleDefinitionId", "directoryScopeId"), frozenset({"eq"}))
ASSIGNMENT_SCHEDULE = Kind(
    "unifiedRoleAssignmentScheduleInstance",
    frozenset({*_INSTANCE, "assignmentType", "roleAssignmentOriginId", "roleAssignmentScheduleId", "principal"}),
    default=(*_INSTANCE, "assignmentType", "roleAssignmentOriginId", "roleAssignmentScheduleId"),
    filters={**_INSTANCE_FILTERS, "assignmentType": frozenset({"eq"})},
    logic=_AND,
    expand=frozenset({"principal"}),
    options=PLAIN,
)
ELIGIBILITY_SCHEDULE = Kind(
    "unifiedRoleEligibilityScheduleInstance",
    frozenset({*_INSTANCE, "roleEligibilityScheduleId", "principal"}),
    default=(*_INSTANCE, "roleEligibilityScheduleId"),
    filters=_INSTANCE_FILTERS,
    logic=_AND,
    expand=frozenset({"principal"}),
    options=PLAIN,
)

DEVICE_MANAGEMENT = Kind(
    "deviceManagement",
    frozenset({"id", "subscriptionState", "intuneAccountId"}),
    beta=frozenset({"unlicensedAdminstratorsEnabled"}),
    default=("id", "subscriptionState", "intuneAccountId"),
)
OPERATION = Kind(
    "resourceOperation",
    frozenset({"id", "resourceName", "actionName", "description"}),
    options=PLAIN - {"$filter", "$expand"},
)
ROLE = Kind(
    "roleDefinition",
    frozenset({"id", "displayName", "description", "isBuiltIn", "rolePermissions"}),
    beta=frozenset({"isBuiltInRoleDefinition", "permissions", "roleScopeTagIds"}),
    options=PLAIN - {"$expand"},
    filters={"displayName": frozenset({"eq"}), "isBuiltIn": frozenset({"eq"})},
)
# What a list of assignments shows is the type that theirs is made from: it has no members.
ASSIGNMENT_ROW = Kind(
    "roleAssignment",
    frozenset({"id", "displayName", "description", "resourceScopes"}),
    beta=frozenset({"scopeMembers", "scopeType"}),
    expand=frozenset({"roleDefinition"}),
    options=PLAIN - {"$filter"},
)
ASSIGNMENT = Kind(
    "deviceAndAppManagementRoleAssignment",
    frozenset({"id", "displayName", "description", "resourceScopes", "members"}),
    beta=frozenset({"scopeMembers", "scopeType", "roleScopeTagIds"}),
    expand=frozenset({"roleDefinition", "roleScopeTags"}),
)
COLLECTION = Kind(
    "configManagerCollection",
    frozenset(
        {
            "id",
            "collectionIdentifier",
            "displayName",
            "hierarchyIdentifier",
            "hierarchyName",
            "createdDateTime",
            "lastModifiedDateTime",
        }
    ),
    options=PLAIN - {"$filter", "$expand"},
)
SUMMARY = Kind(
    "deviceCompliancePolicyDeviceStateSummary",
    frozenset(
        {
            "id",
            "inGracePeriodCount",
            "configManagerCount",
            "unknownDeviceCount",
            "notApplicableDeviceCount",
            "compliantDeviceCount",
            "remediatedDeviceCount",
            "nonCompliantDeviceCount",
            "errorDeviceCount",
            "conflictDeviceCount",
        }
    ),
)
DEVICE = Kind(
    "managedDevice",
    frozenset({"id", "deviceName", "managementAgent", "operatingSystem"}),
    filters={"managementAgent": frozenset({"eq"}), "deviceName": frozenset({"eq"})},
)
APPROVAL_POLICY = Kind(
    "operationApprovalPolicy", frozenset({"id", "displayName", "policyType", "policyPlatform", "approverGroupIds"})
)
APPROVAL_REQUEST = Kind(
    "operationApprovalRequest",
    frozenset({"id", "requestId", "requestDateTime", "requestJustification", "status", "approvalJustification"}),
    filters={"requestId": frozenset({"eq"}), "status": frozenset({"eq"})},
    options=PLAIN,
)
HEALTH = Kind(
    "serviceHealth",
    frozenset({"service", "status", "id", "issues"}),
    default=("service", "status", "id"),
    expand=frozenset({"issues"}),
    options=PLAIN,
)
