# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Microsoft calls things in Entra ID, Intune and Graph. PRIVATE to the collection.

Imports nothing: judging needs the names as well, without the client.
"""

from __future__ import annotations

# Application permissions of Microsoft Graph. Each is the least that its requests need.
# Source: https://learn.microsoft.com/graph/permissions-reference
USERS = "Microsoft Graph: User.Read.All"
GROUPS = "Microsoft Graph: GroupMember.Read.All"
ENTRA_ROLES = "Microsoft Graph: RoleManagement.Read.Directory"
LICENCES = "Microsoft Graph: LicenseAssignment.Read.All"
ORGANIZATION = "Microsoft Graph: Organization.Read.All"
APPLICATIONS = "Microsoft Graph: Application.Read.All"
INTUNE_ROLES = "Microsoft Graph: DeviceManagementRBAC.Read.All"
INTUNE_SERVICE = "Microsoft Graph: DeviceManagementServiceConfig.Read.All"
INTUNE_CONFIGURATION = "Microsoft Graph: DeviceManagementConfiguration.Read.All"
SERVICE_HEALTH = "Microsoft Graph: ServiceHealth.Read.All"
INTUNE_ROLES_WRITE = "Microsoft Graph: DeviceManagementRBAC.ReadWrite.All"

# Role templates of Entra ID; for built-in roles the definition has the same id.
GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"
INTUNE_ADMINISTRATOR = "3a2c62db-5318-420d-8d74-23affee5d9d5"

# "Remote tasks / Initiate Configuration Manager action".
CONFIGMGR_ACTION = "Microsoft.Intune_RemoteTasks_ConfigurationManagerAction"
# Devices of Configuration Manager carry this scope tag, and no other.
DEFAULT_SCOPE_TAG = "0"

# Configuration Manager Microservice, the first-party application that onboarding adds to the tenant.
MICROSERVICE = "557c67cf-c916-4293-8373-d584996f60ae"
MICROSERVICE_ROLES = ("CmCollectionData.read", "CmCollectionData.write")
MICROSOFT_GRAPH = "00000003-0000-0000-c000-000000000000"
DIRECTORY_READ = "Directory.Read.All"
DIRECTORY_READ_ALL = "7ab1d382-f21e-4acd-a863-ba3e13f7da61"
# How the application that onboarding registers is called, with a GUID behind it.
APPLICATION_PREFIX = "ConfigMgrSvc_"

# Service plans that license a user for Intune. Devices (INTUNE_A_D) and basic mobility (INTUNE_O365) do not.
INTUNE_PLANS = frozenset(
    {
        "c1ec4a95-1f05-45b3-a911-aa3fa01094f5",  # INTUNE_A
        "d216f254-796f-4dab-bbfa-710686e646b9",  # INTUNE_A_GOV
        "3e170737-c728-4eae-bbb9-3f3360f7184c",  # INTUNE_A_VL
        "b4288abe-01be-47d9-ad20-311d6e83fc24",  # INTUNE_A_VL_USGOV_GCCHIGH
        "da24caf9-af8e-485c-b7c8-e73336da2693",  # INTUNE_EDU
        "e6025b08-2fa5-4313-bd0a-7e5ffca32958",  # INTUNE_SMB
        "8e9ff0ff-aa7a-4b20-83c1-2f636b600ac2",  # INTUNE_SMBIZ
    }
)
