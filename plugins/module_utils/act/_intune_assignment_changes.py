# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a change of an assignment of an Intune role looks like. Pure. PRIVATE to the collection."""

from __future__ import annotations

import typing as t

from ..graph._roles import visible_assignment
from ..product._tenant_names import DEFAULT_SCOPE_TAG

Json = dict[str, t.Any]
Row = t.Mapping[str, t.Any]

_TYPE = "#microsoft.graph.deviceAndAppManagementRoleAssignment"
GROUPS = "groups"
BOTH = "all_devices_and_users"
# What option scope calls Graph's scope types; each reaches at least as far as those before it.
SCOPES = {
    GROUPS: "resourceScope",
    "all_devices": "allDevices",
    "all_users": "allLicensedUsers",
    BOTH: "allDevicesAndLicensedUsers",
}
_NAMES = {kind.lower(): name for name, kind in SCOPES.items()}


class WantedAssignment(t.NamedTuple):
    """The assignment that is wanted; groups are object ids in lower case."""

    name: str
    # The display name of the role.
    role: str
    members: tuple[str, ...]
    scope: str
    scope_groups: tuple[str, ...]
    # Nothing but this, or at least this.
    exact: bool


def shown_assignment(row: Row, role: str) -> Json:
    """Return an assignment as modules show it."""
    seen = visible_assignment(row)
    scope = _NAMES.get(str(seen["scope"]).lower(), seen["scope"])
    return {
        **seen,
        "role": role,
        "members": _ids(seen["members"]),
        "scope": scope,
        "scope_groups": _ids(seen["scope_groups"]) if scope == GROUPS else [],
    }


def foreseen_assignment(row: Row | None, asked: WantedAssignment) -> Json:
    """Return the assignment, as modules show it, once it is as asked for."""
    wanted = {
        "id": None,
        "name": asked.name,
        "members": _ids(asked.members),
        "scope": asked.scope,
        "scope_groups": _ids(asked.scope_groups),
        "scope_tags": [DEFAULT_SCOPE_TAG],
        "role": asked.role,
    }
    if row is None:
        return wanted
    seen = shown_assignment(row, asked.role)
    if asked.exact:
        return {**seen, **{name: wanted[name] for name in ("members", "scope", "scope_groups")}}
    scope = wider(seen["scope"], asked.scope)
    return {
        **seen,
        "members": _ids((*seen["members"], *asked.members)),
        "scope": scope,
        "scope_groups": _ids((*seen["scope_groups"], *asked.scope_groups)) if scope == GROUPS else [],
    }


def wider(current: str, wanted: str) -> str:
    """Return the scope that reaches as far as two scopes together. One that is not known here is left alone."""
    if current not in SCOPES:
        return current
    if {current, wanted} == {"all_devices", "all_users"}:
        return BOTH
    order = list(SCOPES)
    return max(current, wanted, key=order.index)


def new_assignment(asked: WantedAssignment, binding: str) -> Json:
    """Return the body that makes an assignment. The same demand gives the same bytes: one request is approved.

    Args:
        asked: What is asked for.
        binding: Whole address of the role definition.
    """
    return {
        "@odata.type": _TYPE,
        "displayName": asked.name,
        "description": "",
        **_reach(foreseen_assignment(None, asked)),
        "roleScopeTagIds": [DEFAULT_SCOPE_TAG],
        "roleDefinition@odata.bind": binding,
    }


def changes_of_assignment(row: Row, asked: WantedAssignment) -> Json:
    """Return what of an assignment differs from what is asked for, as it is sent; empty where nothing does."""
    after = foreseen_assignment(row, asked)
    return {} if after == shown_assignment(row, asked.role) else {"@odata.type": _TYPE, **_reach(after)}


def restoring_assignment(row: Row) -> Json:
    """Return the body that puts an assignment back as it was."""
    return {"@odata.type": _TYPE, **_reach(shown_assignment(row, ""))}


def assignment_took(before: Row | None, asked: WantedAssignment) -> t.Callable[[Row], bool]:
    """Return a function that tells whether an assignment, read back, is as it should be.

    Args:
        before: The assignment as it was; its members must still be there, unless it is to be exact.
        asked: What is asked for.
    """
    kept = set() if before is None or asked.exact else set(shown_assignment(before, "")["members"])

    def took(row: Row) -> bool:
        if not row or changes_of_assignment(row, asked):
            return False
        return kept <= set(shown_assignment(row, asked.role)["members"])

    return took


def comparable_assignment(shown: Json | None, names: t.Mapping[str, str]) -> Json:
    """Return an assignment as it stands in a diff: groups with their names, and without an id that is not made yet."""
    if not shown:
        return {}
    labelled = {
        key: [f"{names[each]} ({each})" if each in names else each for each in shown[key]]
        for key in ("members", "scope_groups")
    }
    return {**{name: value for name, value in shown.items() if name != "id"}, **labelled}


def _reach(shown: Json) -> Json:
    """Return whom it is given to and what it reaches. Scope groups belong to one scope type, and are never null."""
    return {
        "members": shown["members"],
        "scopeType": SCOPES.get(shown["scope"], shown["scope"]),
        "resourceScopes": shown["scope_groups"],
    }


def _ids(ids: t.Iterable[t.Any]) -> list[str]:
    return sorted({str(each).lower() for each in ids})
