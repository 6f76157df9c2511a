# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What module directory_info does. PRIVATE to the collection."""

from __future__ import annotations

import typing as t
from functools import partial

from .._errors import AccessDeniedError, TenantAttachError
from ..directory import _delegation as delegation
from ..directory._members import read_members
from ..directory._options import Directory, connected
from ._topics import value_or_error

if t.TYPE_CHECKING:
    from ..directory._session import Entry

RIGHTS = ("Active Directory: read the properties of the object",)


def read_directory(options: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return what a domain knows about computers, services and groups.

    Each of them is read on its own: what cannot be read has an error in its place.

    Args:
        options: The options of the module.

    Raises:
        TenantAttachError: There is no session, or the domain itself cannot be read.
    """
    with connected(options) as directory:
        domain = directory.lookup.domain
        return {
            "domain": domain.dns,
            "netbios": domain.netbios,
            "base_dn": domain.base_dn,
            "server": domain.server,
            "computers": _computers(directory, _without_repetition(options["computers"])),
            "services": _services(directory, _without_repetition(options["services"])),
            "groups": [
                _entry(name, partial(_group, directory, name)) for name in _without_repetition(options["groups"])
            ],
        }


def _computers(directory: Directory, names: t.Sequence[str]) -> list[dict[str, t.Any]]:
    found = directory.lookup.computers(names)

    def read(name: str) -> dict[str, t.Any]:
        entry = found[name]
        if isinstance(entry, TenantAttachError):
            raise entry
        return _computer(directory, entry)

    return [_entry(name, partial(read, name)) for name in names]


def _computer(directory: Directory, entry: Entry) -> dict[str, t.Any]:
    trusted = delegation.delegation_of(entry)
    # Every computer is in its primary group: none at all is what the account may not see.
    token = directory.session.read(entry.dn, ["tokenGroups"])
    groups = token.sids("tokenGroups") if token else []
    if trusted is None or not groups:
        raise AccessDeniedError(
            expected="userAccountControl and tokenGroups of the computer to be readable",
            observed="the account does not see them",
            where=f"{directory.session.server.url}/{entry.dn}",
            next_step="grant the account read access, or use one that has it",
            rights=RIGHTS,
        )
    return {
        "dn": entry.dn,
        "sid": entry.sid,
        "account": directory.lookup.account(entry),
        "delegates_to": trusted.as_dict()["services"],
        "unconstrained": trusted.unconstrained,
        "protocol_transition": trusted.protocol_transition,
        "service_names": sorted(entry.texts("servicePrincipalName"), key=str.casefold),
        "groups": sorted(groups),
    }


def _services(directory: Directory, names: t.Sequence[str]) -> list[dict[str, t.Any]]:
    found = directory.lookup.services(names)

    def read(name: str) -> dict[str, t.Any]:
        accounts = found[name]
        if isinstance(accounts, TenantAttachError):
            raise accounts
        return {"accounts": accounts}

    return [_entry(name, partial(read, name)) for name in names]


def _group(directory: Directory, name: str) -> dict[str, t.Any]:
    entry = directory.lookup.group(name)
    members = read_members(directory.session, entry.dn)
    return {"dn": entry.dn, "sid": entry.sid, "members": sorted({each.sid for each in members if each.sid})}


def _entry(name: str, work: t.Callable[[], dict[str, t.Any]]) -> dict[str, t.Any]:
    return {"name": name, **value_or_error(work)}


def _without_repetition(names: t.Sequence[str]) -> list[str]:
    return list(dict.fromkeys(names))
