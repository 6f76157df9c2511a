# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The roles that Intune brings along, and the operations that its roles are made of."""

from __future__ import annotations

from dataclasses import dataclass

CONFIGMGR_ACTION = "Microsoft.Intune_RemoteTasks_ConfigurationManagerAction"


@dataclass(frozen=True)
class BuiltInRole:
    """A role that is the same in every tenant."""

    id: str
    description: str
    actions: tuple[str, ...]


_SEEING = ("Microsoft.Intune_ManagedDevices_Read", "Microsoft.Intune_Organization_Read")
_ACTING = (*_SEEING, CONFIGMGR_ACTION, "Microsoft.Intune_RemoteTasks_SyncDevice")

BUILT_IN_ROLES = {
    "Policy and Profile manager": BuiltInRole(
        "0bd113fe-6be5-400c-a28f-ae5553f9c0be", "Manages compliance and configuration policies.", _SEEING
    ),
    "School Administrator": BuiltInRole(
        "2f9f4f7e-2d13-427b-adf2-361a1eef7ae8", "Manages apps and settings for groups of a school.", _ACTING
    ),
    "Help Desk Operator": BuiltInRole(
        "9e0cc482-82df-4ab2-a24c-0c23a3f52e1e", "Performs remote tasks on users and devices.", _ACTING
    ),
    "Application Manager": BuiltInRole(
        "c1d9fcbb-cba5-40b0-bf6b-527006585f4b", "Manages mobile and managed applications.", _SEEING
    ),
    "Endpoint Security Manager": BuiltInRole(
        "c56d53a2-73d0-4502-b6bd-4a9d3dba28d5", "Manages security and compliance features.", _ACTING
    ),
    "Read Only Operator": BuiltInRole(
        "fa1d7878-e8cb-41a1-8254-0142355c9f84", "Views everything and changes nothing.", _SEEING
    ),
    "Intune Role Administrator": BuiltInRole(
        "fb2603eb-3c87-4be3-8b5b-d58a5b4a0bc0",
        "Manages custom roles and assignments.",
        ("Microsoft.Intune_Organization_Read",),
    ),
}

# id: resource, action, description
RESOURCE_OPERATIONS = {
    "Microsoft.Intune_ManagedDevices_Read": ("Managed devices", "Read", "View managed devices."),
    "Microsoft.Intune_Organization_Read": ("Organization", "Read", "View the settings of the organization."),
    "Microsoft.Intune_Organization_Delete": ("Organization", "Delete", "Delete settings of the organization."),
    "Microsoft.Intune_RemoteTasks_SyncDevice": ("Remote tasks", "Sync devices", "Let a device check in."),
    CONFIGMGR_ACTION: (
        "Remote tasks",
        "Initiate Configuration Manager action",
        "Initiate a remote action on a device managed by Configuration Manager.",
    ),
    **{
        f"Microsoft.Intune_CloudAttach_{name}": ("Cloud attached devices", name, f"Use {name} of an attached device.")
        for name in (
            "ResourceExplorer",
            "Timeline",
            "Collections",
            "Scripts",
            "ScriptActions",
            "SoftwareUpdates",
            "CMPivot",
            "ApplicationActions",
            "ClientDetails",
            "Applications",
            "EnrollNow",
        )
    },
}
