# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who is in a group, directly or through others. No I/O. PRIVATE to the collection."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ..product._sids import AUTHENTICATED_USERS, EVERYONE

# Every account that signs in has these, and no attribute names them.
_EVERY_ACCOUNT = (AUTHENTICATED_USERS, EVERYONE)


@dataclass(frozen=True)
class Candidate:
    """What may be a member.

    Attributes:
        name: As it was asked for.
        dn: Its distinguished name.
        sid: Its SID.
        account: Whether it signs in, as users and computers do.
        groups: The SIDs of all groups that it is in, also through others.
    """

    name: str
    dn: str
    sid: str
    account: bool
    groups: tuple[str, ...] = ()


def through(candidate: Candidate, direct: t.Collection[str], implied: t.Collection[str], group: str) -> str | None:
    """Return the SID that makes a candidate a member of a group, were it no direct one, None where nothing does.

    Args:
        candidate: The candidate.
        direct: SIDs of the direct members.
        implied: SIDs from outside the domain that are members, also through others.
        group: SID of the group.
    """
    for each in candidate.groups:
        if each in direct:
            return each
    if candidate.account:
        for each in _EVERY_ACCOUNT:
            if each in implied or each in direct:
                return each
    if candidate.sid in direct:
        return None
    # The token of the domain controller knows ways that are not seen here, such as those through other domains.
    return group if group in candidate.groups else None
