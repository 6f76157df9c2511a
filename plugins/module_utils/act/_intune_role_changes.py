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


class WantedRole(t.NamedTuple):
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


def new_role(asked: WantedRole) -> Json:
    """Return the body that makes a role. The same demand gives the same bytes, as one request is approved."""
    return {
        "@odata.type": _TYPE,
        "displayName": asked.name,
        "description": asked.description or "",
        "rolePermissions": _permissions(asked.permissions, ()),
        "isBuiltIn": False,
        "roleScopeTagIds": [DEFAULT_SCOPE_TAG],
    }


def changes_of_role(row: Row, asked: WantedRole) -> Json:
    """Return what of a role differs from what is asked for, as it is sent; empty where nothing does."""
    changes: Json = {}
    if asked.description is not None and asked.description != (row.get("description") or ""):
        changes["description"] = asked.description
    if not _satisfied(actions_of(row), asked):
        changes["rolePermissions"] = _permissions(*_merged(row, asked))
    return {"@odata.type": _TYPE, **changes} if changes else {}


def restoring_role(row: Row) -> Json:
    """Return the body that puts a role back as it was."""
    return {
        "@odata.type": _TYPE,
        "description": row.get("description") or "",
        "rolePermissions": row.get("rolePermissions") or [],
    }


def role_took(before: Row | None, asked: WantedRole) -> t.Callable[[Row], bool]:
    """Return a function that tells whether a role, read back, is as it should be.

    Args:
        before: The role as it was; what it allowed must still be allowed, unless it is to be exact.
        asked: What is asked for.
    """
    kept = set() if before is None or asked.exact else _folded(actions_of(before))

    def took(row: Row) -> bool:
        return bool(row) and not changes_of_role(row, asked) and kept <= _folded(actions_of(row))

    return took


def foreseen_role(row: Row | None, asked: WantedRole) -> Json:
    """Return the role, as modules show it, once it is as asked for."""
    return visible_role(
        {**(row or {"displayName": asked.name}), **(changes_of_role(row, asked) if row else new_role(asked))}
    )


def comparable_role(role: Json | None) -> Json:
    """Return a role as it stands in a diff: without what cannot be known before it is made."""
    return {name: role[name] for name in ("name", "description", "permissions")} if role else {}


def _satisfied(actions: t.Collection[str], asked: WantedRole) -> bool:
    held, wanted = _folded(actions), _folded(asked.permissions)
    return held == wanted if asked.exact else wanted <= held


def _merged(row: Row, asked: WantedRole) -> tuple[t.Collection[str], t.Collection[str]]:
    """Return what a role is to allow and to take back."""
    if asked.exact:
        return asked.permissions, ()
    wanted = _folded(asked.permissions)
    allowed = stated_actions(row, "allowedResourceActions")
    missing = [each for each in asked.permissions if each.casefold() not in _folded(allowed)]
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
