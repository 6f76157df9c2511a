# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE to the collection: whom Configuration Manager knows: discovered users and administrative users.

SMS_Admin.AdminSid is a lazy property, which only a reading by key brings. It is read for groups, and for those few
accounts that cannot be matched by their logon name.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, replace

from .._errors import AccessDeniedError, TenantAttachError
from ..https._odata import any_of, chunks, literal
from ..product._site_names import READER
from ._topics import Topics, concerns_one

if t.TYPE_CHECKING:
    from ..adminservice._client import AdminService
    from ..adminservice._odata import Row

# Of these, http.sys takes about 250 in one address; proxies in between take less.
CHUNK = 50
_USER = ("ResourceID", "SID", "UniqueUserName", "AgentName")
# How the discovery agents are called in SMS_R_User.AgentName. The one of Entra is known from public code only.
_AGENTS = {"AZUREAD": "entra", "SECURITY_GROUP": "group", "SMS_AD_USER": "ad"}


@dataclass(frozen=True)
class Discovered:
    """A user that was discovered."""

    sid: str
    principal: str
    # DOMAIN\user, as administrative users are named too.
    logon: str
    agents: tuple[str, ...]


@dataclass(frozen=True)
class Administrator:
    """An administrative user, or a group of them. `sid` is None where it was not read."""

    number: int | None
    logon: str
    group: bool
    roles: tuple[str, ...]
    sid: str | None = None


@dataclass(frozen=True)
class Person:
    """An account, as Microsoft Entra ID knows it. `name` is the one in Active Directory."""

    principal: str
    sid: str | None
    name: str | None
    # The ids of all groups that it is in.
    groups: frozenset[str] = frozenset()


class People:
    """What Configuration Manager knows of some accounts. An error is kept with its topic."""

    def __init__(self, client: AdminService) -> None:
        self._client = client
        # Each of the two is read whatever becomes of the other.
        self._topics = Topics(concerns_one)
        self.administrators: list[Administrator] = []
        self._by_sid: dict[str, list[Discovered]] = {}
        self._by_principal: dict[str, list[Discovered]] = {}

    @property
    def errors(self) -> dict[str, TenantAttachError]:
        """By topic, why it could not be read."""
        return self._topics.errors

    def read_administrators(self) -> dict[str, str]:
        """Read the administrative users, and return the SIDs of groups among them by their logon name."""
        self.administrators = self._topics.attempt("administrators", lambda: read_administrators(self._client)) or []
        return {each.logon: each.sid for each in self.administrators if each.group and each.sid}

    def read_accounts(self, accounts: t.Sequence[Person]) -> None:
        """Read what was discovered of some accounts, and the SIDs of those administrative users that need it."""
        sids = [each.sid for each in accounts if each.sid]
        principals = [each.principal for each in accounts if not each.sid]
        found = self._topics.attempt("discovered", lambda: read_discovered(self._client, sids, principals)) or []
        for each in found:
            self._by_sid.setdefault(each.sid.casefold(), []).append(each)
            self._by_principal.setdefault(each.principal.casefold(), []).append(each)
        known = {each.logon.casefold() for each in found}
        names = {each.name.casefold() for each in accounts if each.name}
        self.administrators = self._topics.attempt("administrators", lambda: self._told_apart(known, names)) or []

    def _told_apart(self, known: t.Collection[str], names: t.Collection[str]) -> list[Administrator]:
        return [
            replace(each, sid=read_sid(self._client, each.number)) if _doubtful(each, known, names) else each
            for each in self.administrators
        ]

    def discovered(self, account: Person) -> list[Discovered]:
        """Return what was discovered of an account. Its SID tells; an account without one goes by its name."""
        if account.sid:
            return self._by_sid.get(account.sid.casefold(), [])
        return self._by_principal.get(account.principal.casefold(), [])

    def rights(self, account: Person, groups: t.Mapping[str, str]) -> Rights:
        """Return the security roles of an account.

        Args:
            account: The account.
            groups: By logon name, the ids in Entra ID of those administrative users that are groups.
        """
        logons = {each.logon.casefold() for each in self.discovered(account) if each.logon}
        held: dict[str, tuple[str, ...]] = {}
        for each in self.administrators:
            if each.group:
                same = groups.get(each.logon) in account.groups
            elif each.sid:
                same = each.sid == account.sid
            else:
                same = each.logon.casefold() in logons
            if same:
                held[each.logon] = each.roles
        unseen = sorted(each.logon for each in self.administrators if each.group and each.logon not in groups)
        return Rights(sorted({role for roles in held.values() for role in roles}), sorted(held), unseen)


class Rights(t.NamedTuple):
    """Security roles, through whom, and the groups of which nobody can tell whether the account is in them."""

    roles: list[str]
    via: list[str]
    unseen: list[str]


def _doubtful(administrator: Administrator, known: t.Collection[str], names: t.Collection[str]) -> bool:
    """Tell whether only its SID can match an administrative user: a namesake of an account that is not discovered."""
    logon = administrator.logon.casefold()
    return not administrator.group and logon not in known and logon.rpartition("\\")[2] in names


def read_administrators(client: AdminService) -> list[Administrator]:
    """Return the administrative users; groups among them with their SID.

    Raises:
        TenantAttachError: They cannot be read, or the account has no scope: there always is one.
    """
    rows = client.rows("wmi/SMS_Admin", select=("AdminID", "LogonName", "IsGroup", "RoleNames"))
    if not rows:
        raise AccessDeniedError(
            expected="at least one administrative user in SMS_Admin",
            observed="an empty list, without an error: the account has no scope",
            where=f"{client.base}/wmi/SMS_Admin",
            next_step="give the account a security role with all scopes and collections",
            rights=[READER],
        )
    return [_administrator(client, row) for row in rows]


def _administrator(client: AdminService, row: Row) -> Administrator:
    number, group = row.number("AdminID"), bool(row.get("IsGroup"))
    roles = row.get("RoleNames")
    return Administrator(
        number,
        row.text("LogonName"),
        group,
        tuple(sorted(str(role) for role in roles)) if isinstance(roles, list) else (),
        read_sid(client, number) if group else None,
    )


def read_sid(client: AdminService, number: int | None) -> str | None:
    """Return the SID of an administrative user, None where the site does not tell it.

    Raises:
        TenantAttachError: It cannot be read.
    """
    if number is None:
        return None
    rows = client.rows(f"wmi/SMS_Admin({number})")
    return rows[0].text("AdminSid") or None if rows else None


def read_discovered(client: AdminService, sids: t.Sequence[str], principals: t.Sequence[str]) -> list[Discovered]:
    """Return the discovered users with one of these SIDs, or else one of these user principal names.

    Raises:
        TenantAttachError: They cannot be read.
    """
    found = []
    for name, values, select in (
        ("SID", sids, _USER),
        ("UserPrincipalName", principals, (*_USER, "UserPrincipalName")),
    ):
        for chunk in chunks(values, CHUNK):
            where = any_of(name, map(literal, chunk))
            found += [_discovered(row) for row in client.rows("wmi/SMS_R_User", where=where, select=select)]
    return found


def _discovered(row: Row) -> Discovered:
    agents = row.get("AgentName")
    names = [str(agent).upper() for agent in agents] if isinstance(agents, list) else []
    return Discovered(
        row.text("SID"),
        row.text("UserPrincipalName"),
        row.text("UniqueUserName"),
        tuple(sorted({kind for name in names for part, kind in _AGENTS.items() if part in name})),
    )
