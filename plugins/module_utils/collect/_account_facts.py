# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the accounts of administrators and operators look like to tenant attach. Pure. PRIVATE to the collection."""

from __future__ import annotations

import typing as t

from ..product._tenant_names import DEFAULT_SCOPE_TAG, INTUNE_PLANS

if t.TYPE_CHECKING:
    from ..product._nouns import EntraUser, IntuneAction

Json = dict[str, t.Any]
Rows = t.Sequence[t.Mapping[str, t.Any]]

_SYNCED: dict[t.Any, str] = {True: "yes", False: "no_longer"}
_GOOD = "success"
_UNDER_WAY = frozenset({"pendinginput", "pendingactivation", "pendingprovisioning"})


class EntraRole(t.NamedTuple):
    """A role of Entra ID: who has it, and who may activate it."""

    name: str
    active: Rows
    eligible: Rows


def user(row: t.Mapping[str, t.Any]) -> EntraUser:
    """Return an account of Entra ID. Its synchronisation has three states: yes, no longer, never."""
    return {
        "id": row.get("id"),
        "enabled": row.get("accountEnabled"),
        "user_type": row.get("userType"),
        "synced": _SYNCED.get(row.get("onPremisesSyncEnabled"), "never"),
        "sid": row.get("onPremisesSecurityIdentifier"),
        "domain": row.get("onPremisesDomainName"),
        "account_name": row.get("onPremisesSamAccountName"),
        "last_sync": row.get("onPremisesLastSyncDateTime"),
        "provisioning_errors": len(row.get("onPremisesProvisioningErrors") or ()),
    }


def intune_licence(rows: Rows) -> str:
    """Return active, pending, disabled or none: the best state of any Intune plan that the account has."""
    states = {
        str(plan.get("provisioningStatus")).lower()
        for row in rows
        for plan in row.get("servicePlans") or ()
        if str(plan.get("servicePlanId")).lower() in INTUNE_PLANS
    }
    if _GOOD in states:
        return "active"
    if states & _UNDER_WAY:
        return "pending"
    return "disabled" if states else "none"


def directory_role(ids: t.Collection[str], active: Rows, eligible: Rows) -> str:
    """Return active, eligible or none.

    Args:
        ids: The account and all groups that it is in.
        active: Assignments of the role, for the whole tenant or not.
        eligible: The same for Privileged Identity Management.
    """
    for state, rows in (("active", active), ("eligible", eligible)):
        if any(row.get("principalId") in ids and row.get("directoryScopeId") == "/" for row in rows):
            return state
    return "none"


def grants_of(groups: t.Collection[str], grants: t.Sequence[Json]) -> list[str]:
    """Return through which role assignments an account holds the Intune permission.

    Args:
        groups: The groups that it is in, through other groups too.
        grants: The assignments of the roles that hold it.
    """
    return sorted(
        f"{grant['role']} / {grant['name']}"
        for grant in grants
        if set(grant["members"]) & set(groups)
        if grant["scope_tags"] is None or DEFAULT_SCOPE_TAG in grant["scope_tags"]
    )


def intune_action(ids: t.Collection[str], roles: t.Sequence[EntraRole], grants: t.Sequence[Json]) -> IntuneAction:
    """Return whether an account may start an action of Configuration Manager, and through what.

    Args:
        ids: The account and all groups that it is in.
        roles: The roles of Entra ID that have all rights in Intune.
        grants: The assignments of the Intune roles that hold the permission.
    """
    states = {role.name: directory_role(ids, role.active, role.eligible) for role in roles}
    via = [f"Entra role {name}" for name, state in states.items() if state == "active"] + grants_of(ids, grants)
    return {
        "granted": bool(via),
        "via": via,
        # Who is eligible has the permission once the role is activated.
        "eligible": [f"Entra role {name}" for name, state in states.items() if state == "eligible"],
    }
