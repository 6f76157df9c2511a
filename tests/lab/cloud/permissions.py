# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which application permissions suffice for which request.

Each requirement lists sets; a token must hold one permission out of every set.  The first of a set is the least one.
"""

from __future__ import annotations

from dataclasses import dataclass

from .calls import Call, RefusalError, intune_message

ALL_READ = ("Directory.Read.All", "Directory.ReadWrite.All")


@dataclass(frozen=True)
class Need:
    """What a token must hold."""

    sets: tuple[tuple[str, ...], ...]
    intune: bool = False

    def check(self, call: Call) -> None:
        """Refuse a call whose token lacks a permission."""
        for sufficient in self.sets:
            if call.roles.isdisjoint(sufficient):
                raise _intune_refusal(call, sufficient) if self.intune else _denied()

    def __and__(self, other: Need) -> Need:
        return Need((*self.sets, *other.sets), self.intune)


def _denied() -> RefusalError:
    """403 of the directory, which does not say what is missing."""
    return RefusalError(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")


def _intune_refusal(call: Call, sufficient: tuple[str, ...]) -> RefusalError:
    text = (
        "Application is not authorized to perform this operation. "
        f"Application must have one of the following scopes: {', '.join(sufficient)}"
    )
    return RefusalError(403, "Forbidden", intune_message(text, call.path))


def _one_of(*permissions: str, intune: bool = False) -> Need:
    return Need((permissions,), intune)


def _intune(area: str, write: bool = False) -> Need:
    names = [f"DeviceManagement{area}.ReadWrite.All"]
    return _one_of(*([] if write else [f"DeviceManagement{area}.Read.All"]), *names, intune=True)


ORGANIZATION = _one_of("Organization.Read.All", "Organization.ReadWrite.All", *ALL_READ)
DOMAINS = _one_of("Domain.Read.All", "Domain.ReadWrite.All", *ALL_READ)
# The real service also takes Organization.Read.All for subscriptions, and User.Read.All for the licences of a user.
# The lab is stricter, so that a token without LicenseAssignment.Read.All leaves exactly the licences unread.
LICENCES = _one_of("LicenseAssignment.Read.All", "LicenseAssignment.ReadWrite.All", *ALL_READ)
USERS = _one_of("User.Read.All", "User.ReadWrite.All", *ALL_READ)
GROUPS = _one_of(
    "GroupMember.Read.All", "GroupMember.ReadWrite.All", "Group.Read.All", "Group.ReadWrite.All", *ALL_READ
)
GROUPS_OF_USER = USERS & GROUPS
GROUP_MEMBERS_WRITE = _one_of("GroupMember.ReadWrite.All", "Group.ReadWrite.All", "Directory.ReadWrite.All")
APPLICATIONS = _one_of("Application.Read.All", "Application.ReadWrite.All", *ALL_READ)
GRANTS = _one_of(*ALL_READ)
SYNC_BEHAVIOR = _one_of("User-OnPremisesSyncBehavior.ReadWrite.All")
ROLES = _one_of("RoleManagement.Read.Directory", "RoleManagement.ReadWrite.Directory")
ASSIGNMENT_SCHEDULES = _one_of(
    "RoleAssignmentSchedule.Read.Directory",
    "RoleAssignmentSchedule.ReadWrite.Directory",
    "RoleManagement.Read.Directory",
    "RoleManagement.ReadWrite.Directory",
)
ELIGIBILITY_SCHEDULES = _one_of(
    "RoleEligibilitySchedule.Read.Directory",
    "RoleEligibilitySchedule.ReadWrite.Directory",
    "RoleManagement.Read.Directory",
    "RoleManagement.ReadWrite.Directory",
)
SERVICE_HEALTH = _one_of("ServiceHealth.Read.All")
# Served by the directory, but this one property of it comes from Intune.
MDM_AUTHORITY = _one_of("DeviceManagementServiceConfig.Read.All", "DeviceManagementServiceConfig.ReadWrite.All")
INTUNE_SERVICE = _intune("ServiceConfig")
INTUNE_CONFIGURATION = _intune("Configuration")
INTUNE_DEVICES = _intune("ManagedDevices")
INTUNE_ROLES = _intune("RBAC")
INTUNE_ROLES_WRITE = _intune("RBAC", write=True)
