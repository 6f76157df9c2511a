# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What module directory_group_member does. PRIVATE to the collection."""

from __future__ import annotations

import typing as t

from .._errors import AccessDeniedError, ContradictionError, InvalidOptionError, TenantAttachError
from ..directory._answers import Step
from ..directory._members import implied_members, read_members
from ..directory._options import Directory, connected
from ._change import Change, Ending, carry_out
from ._membership_ways import Candidate, through

if t.TYPE_CHECKING:
    from ..directory._session import Modification

RIGHTS = ("Active Directory: write member on the group object",)
READ_RIGHTS = ("Active Directory: read the properties of the member",)
ATTEMPTS = 3


def ensure_members(options: t.Mapping[str, t.Any], check: bool) -> dict[str, t.Any]:
    """Make the members of a group as the options say.

    Args:
        options: The options of the module.
        check: Whether to write nothing.

    Raises:
        TenantAttachError: It cannot be done.
    """
    if not options["members"]:
        raise InvalidOptionError(
            expected="option members to name at least one member",
            observed="an empty list",
            next_step="for example cm01.contoso.com, or CONTOSO\\CM01$",
        )
    with connected(options) as directory:
        return _MembershipTask(directory, options, check).ensured()


class _MembershipTask:
    def __init__(self, directory: Directory, options: t.Mapping[str, t.Any], check: bool) -> None:
        self._session, self._lookup = directory
        self._present = options["state"] == "present"
        self._nested: bool = options["nested"]
        self._check = check
        self._group = self._lookup.group(options["group"])
        self.where = f"{self._session.server.url}/{self._group.dn}"
        self._candidates = [self._candidate(name) for name in dict.fromkeys(options["members"])]
        self._ways: dict[str, str] = {}

    def ensured(self) -> dict[str, t.Any]:
        members = read_members(self._session, self._group.dn)
        self._find_ways({member.sid for member in members if member.sid})
        before = self._asked_for(member.dn for member in members)
        changes = self.changes(before)
        after = before
        if changes:
            _how, _name, dns = changes[0]
            after = before | set(dns) if self._present else before - set(dns)
        if changes and not self._check:
            after = carry_out(_MembershipChange(self, before))
        return self._result(before, after)

    def _candidate(self, name: str) -> Candidate:
        found = self._lookup.member(name)
        # Only the object itself, read alone, has its token.
        token = self._session.read(found.dn, ["tokenGroups"])
        groups = tuple(token.sids("tokenGroups")) if token else ()
        signs_in = "user" in (kind.lower() for kind in found.texts("objectClass"))
        # Every account is in its primary group: none at all is what we may not see.
        if signs_in and not groups and self._nested:
            raise AccessDeniedError(
                expected="tokenGroups of the member to be readable, to know the groups that it is in",
                observed="the account does not see it",
                where=f"{self._session.server.url}/{found.dn}",
                next_step="grant the account read access, or leave groups in groups out with nested: false",
                rights=READ_RIGHTS,
            )
        return Candidate(name, found.dn, found.sid, signs_in, groups)

    def _find_ways(self, direct: set[str]) -> None:
        """Find the SIDs through which the candidates are members, beside being direct ones."""
        implied = implied_members(self._session, self._lookup.domain.base_dn, self._group.dn)
        ways = {each.name: through(each, direct, implied, self._group.sid) for each in self._candidates}
        self._ways = {name: way for name, way in ways.items() if way is not None}

    def _asked_for(self, dns: t.Iterable[str]) -> set[str]:
        """Return the candidates among some names: a group may have thousands of other members."""
        known = {dn.casefold() for dn in dns}
        return {each.dn for each in self._candidates if each.dn.casefold() in known}

    def changes(self, direct: set[str]) -> list[Modification]:
        """Return what is still to be done; nothing, or one change."""
        if self._present:
            wanted = [
                each.dn
                for each in self._candidates
                if each.dn not in direct and not (self._nested and each.name in self._ways)
            ]
        else:
            wanted = [each.dn for each in self._candidates if each.dn in direct]
        # One object may have been asked for under two names.
        dns = list(dict.fromkeys(wanted))
        return [("add" if self._present else "delete", "member", dns)] if dns else []

    def asked_for_now(self) -> set[str]:
        """Return which of the candidates are direct members now."""
        return self._asked_for(member.dn for member in read_members(self._session, self._group.dn))

    def modify(self, changes: t.Sequence[Modification], what: str) -> bool:
        """Send changes; False where the object is no longer as they take it to be."""
        return self._session.modify(self._group.dn, changes, Step(what, self.where, RIGHTS))

    def _result(self, before: set[str], after: set[str]) -> dict[str, t.Any]:
        shown = [self._shown(each) for each in (before, after)]
        result: dict[str, t.Any] = {
            "changed": before != after,
            "before": shown[0],
            "after": shown[1],
            "diff": {"before": shown[0], "after": shown[1]},
            "members": [
                {
                    "name": each.name,
                    "dn": each.dn,
                    "sid": each.sid,
                    "direct": each.dn in after,
                    "through": self._ways.get(each.name),
                }
                for each in self._candidates
            ],
        }
        if not self._present and self._ways:
            ways = ", ".join(f"{name} through {sid}" for name, sid in sorted(self._ways.items()))
            result["warnings"] = [f"These stay in the group {self._group.dn}, through others: {ways}."]
        return result

    def _shown(self, direct: set[str]) -> dict[str, t.Any]:
        return {"group": self._group.dn, "sid": self._group.sid, "members": sorted(direct)}


class _MembershipChange(Change[set[str]]):
    attempts = ATTEMPTS

    def __init__(self, task: _MembershipTask, before: set[str]) -> None:
        self._task = task
        self._seen = before
        # What was last sent: add or delete, the attribute, and the names.
        self._how, self._attribute, self._names = "", "", list[str]()

    def send(self) -> bool:
        ((self._how, self._attribute, names),) = changes = self._task.changes(self._seen)
        self._names = list(names)
        return self._task.modify(changes, "the members of the group to be written")

    def read(self, good: t.Callable[[set[str]], bool]) -> set[str]:  # noqa: ARG002  # One look tells.
        self._seen = self._task.asked_for_now()
        return self._seen

    def took(self, state: set[str]) -> bool:
        return not self._task.changes(state)

    def _ours(self, state: set[str]) -> list[str]:
        """Return the names of which what was sent is there."""
        return [dn for dn in self._names if (dn in state) == (self._how == "add")]

    def undo(self, state: set[str]) -> None:
        back: Modification = ("delete" if self._how == "add" else "add", self._attribute, self._ours(state))
        self._task.modify([back], "the change to be taken back")

    def undone(self, state: set[str]) -> bool:
        return not self._ours(state)

    def failed(self, state: set[str], ending: Ending[set[str]]) -> TenantAttachError:
        left = [name for _how, _attribute, names in self._task.changes(state) for name in names]
        return ContradictionError(
            expected="the members of the group to be read back as they were written",
            observed=f"the server accepted it, and this did not take: {self._how} {', '.join(left)}",
            where=self._task.where,
            next_step=f"look for what else sets the members, such as a restricted groups policy. {ending.sentence()}",
        )

    def overtaken(self) -> TenantAttachError:
        return ContradictionError(
            expected="the members of the group to stay as they are while they are changed",
            observed=f"others changed them {ATTEMPTS} times meanwhile",
            where=self._task.where,
            next_step="run it again, when nobody else changes them",
        )
