# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a change of an Intune role looks like. Pure. PRIVATE to the collection."""

from __future__ import annotations

import difflib
import typing as t

from .._errors import InvalidOptionError
from ..graph._roles import actions_of, stated_actions, visible_role
from ..product._tenant_names import DEFAULT_SCOPE_TAG

Json = dict[str, t.Any]
Row = t.Mapping[str, t.Any]

_TYPE = "#microsoft.graph.roleDefinition"


class RoleWish(t.NamedTuple):
    """The role that is wanted."""

    name: str
    permissions: tuple[str, ...]
    # None leaves what is there.
    description: str | None
    # Nothing but these permissions, or at least these.
    exact: bool


def known(named: t.Iterable[str], operations: t.Iterable[Row]) -> tuple[str, ...]:
    """Return permissions as Intune spells them.

    Args:
        named: The permissions of the option.
        operations: What Intune offers, as deviceManagement/resourceOperations lists it.

    Raises:
        InvalidOptionError: Intune does not know one.
    """
    valid = {str(row.get("id")).casefold(): str(row.get("id")) for row in operations}
    strange = [each for each in dict.fromkeys(named) if each.casefold() not in valid]
    if strange:
        nearest = {each: difflib.get_close_matches(each.casefold(), list(valid), n=1) for each in strange}
        advice = [f"{valid[near[0]]} in place of {each}" for each, near in nearest.items() if near]
        raise InvalidOptionError(
            expected="option permissions to name permissions that Intune knows",
            observed=f"unknown: {', '.join(strange)}",
            where="deviceManagement/resourceOperations",
            next_step=f"did you mean {', '.join(advice)}?" if advice else "read deviceManagement/resourceOperations",
        )
    return tuple(valid[name] for name in sorted({each.casefold() for each in named}))


def new_role(wish: RoleWish) -> Json:
    """Return the body that makes a role. The same wish gives the same bytes, as approval is given to one request."""
    return {
        "@odata.type": _TYPE,
        "displayName": wish.name,
        "description": wish.description or "",
        "rolePermissions": _permissions(wish.permissions, ()),
        "isBuiltIn": False,
        "roleScopeTagIds": [DEFAULT_SCOPE_TAG],
    }


def changes_of_role(row: Row, wish: RoleWish) -> Json:
    """Return what of a role differs from the wish, as it is sent; empty where nothing does."""
    changes: Json = {}
    if wish.description is not None and wish.description != (row.get("description") or ""):
        changes["description"] = wish.description
    if not _satisfied(actions_of(row), wish):
        changes["rolePermissions"] = _permissions(*_merged(row, wish))
    return {"@odata.type": _TYPE, **changes} if changes else {}


def restoring_role(row: Row) -> Json:
    """Return the body that puts a role back as it was."""
    return {
        "@odata.type": _TYPE,
        "description": row.get("description") or "",
        "rolePermissions": row.get("rolePermissions") or [],
    }


def role_took(before: Row | None, wish: RoleWish) -> t.Callable[[Row], bool]:
    """Return a function that tells whether a role, read back, is as it should be.

    Args:
        before: The role as it was; what it allowed must still be allowed, unless the wish is exact.
        wish: The wish.
    """
    kept = set() if before is None or wish.exact else _folded(actions_of(before))

    def took(row: Row) -> bool:
        return bool(row) and not changes_of_role(row, wish) and kept <= _folded(actions_of(row))

    return took


def foreseen_role(row: Row | None, wish: RoleWish) -> Json:
    """Return the role, as modules show it, once the wish is fulfilled."""
    return visible_role(
        {**(row or {"displayName": wish.name}), **(changes_of_role(row, wish) if row else new_role(wish))}
    )


def comparable_role(role: Json | None) -> Json:
    """Return a role as it stands in a diff: without what cannot be known before it is made."""
    return {name: role[name] for name in ("name", "description", "permissions")} if role else {}


def _satisfied(actions: t.Collection[str], wish: RoleWish) -> bool:
    held, wanted = _folded(actions), _folded(wish.permissions)
    return held == wanted if wish.exact else wanted <= held


def _merged(row: Row, wish: RoleWish) -> tuple[t.Collection[str], t.Collection[str]]:
    """Return what a role is to allow and to take back."""
    if wish.exact:
        return wish.permissions, ()
    wanted = _folded(wish.permissions)
    allowed = stated_actions(row, "allowedResourceActions")
    missing = [each for each in wish.permissions if each.casefold() not in _folded(allowed)]
    # What others took back stays so, but nothing may take back what is wanted.
    refused = [each for each in stated_actions(row, "notAllowedResourceActions") if each.casefold() not in wanted]
    return {*allowed, *missing}, refused


def _permissions(allowed: t.Iterable[str], refused: t.Iterable[str]) -> list[Json]:
    """Return the whole permission of a role: Graph replaces what is there by what is sent."""
    return [
        {
            "@odata.type": "microsoft.graph.rolePermission",
            "resourceActions": [
                {
                    "@odata.type": "microsoft.graph.resourceAction",
                    "allowedResourceActions": sorted(allowed, key=_order),
                    "notAllowedResourceActions": sorted(refused, key=_order),
                }
            ],
        }
    ]


def _order(name: str) -> tuple[str, str]:
    return name.casefold(), name


def _folded(names: t.Iterable[str]) -> set[str]:
    return {each.casefold() for each in names}
