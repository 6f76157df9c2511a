# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The members of a group, however many. PRIVATE to the collection."""

from __future__ import annotations

import re
import typing as t

from .._errors import AnswerError, NotFoundError
from ._lookup import escape

if t.TYPE_CHECKING:
    from ._session import Session

# Active Directory gives the values of an attribute in parts of 1500, and says so in its name.
_RANGE = re.compile(r"member;range=(\d+)-(\d+|\*)")
_SID = re.compile(r"<SID=([^>]+)>;")
_EXTENSIONS = re.compile(r"<[^>]*>;")
_IN_CHAIN = "memberOf:1.2.840.113556.1.4.1941:"


class Member(t.NamedTuple):
    """A direct member. The SID is an empty text for what has none, such as a contact."""

    dn: str
    sid: str


def read_members(session: Session, dn: str) -> list[Member]:
    """Return the direct members of a group, also those from other domains.

    Raises:
        TenantAttachError: They cannot be read.
    """
    values: list[str] = []
    wanted = "member"
    while True:
        entry = session.read(dn, [wanted], sids=True)
        if entry is None:
            raise NotFoundError(
                expected="the group whose members are read",
                observed="it is gone",
                where=f"{session.server.url}/{dn}",
                next_step="run it again",
            )
        found = next((_RANGE.fullmatch(name) for name in entry.attributes if _RANGE.fullmatch(name)), None)
        values += entry.texts(found[0] if found else "member")
        if found is None or found[2] == "*":
            return [_member(value) for value in values]
        if int(found[1]) != len(values) - len(entry.texts(found[0])) or not entry.texts(found[0]):
            raise AnswerError(
                expected=f"the members of the group from number {wanted.rpartition('=')[2]} on",
                observed=f"the server gave {found[0]}",
                where=f"{session.server.url}/{dn}",
                next_step="look at the directory service's log on the domain controller",
            )
        wanted = f"member;range={int(found[2]) + 1}-*"


def implied_members(session: Session, base_dn: str, group: str) -> list[str]:
    """Return the SIDs from outside the domain in a group, or in a group in it: such as Authenticated Users."""
    condition = f"(&(objectClass=foreignSecurityPrincipal)({_IN_CHAIN}={escape(group)}))"
    return [row.sid for row in session.search(base_dn, condition, ["objectSid"])]


def _member(value: str) -> Member:
    sid = _SID.search(value)
    return Member(_EXTENSIONS.sub("", value), sid[1] if sid else "")
