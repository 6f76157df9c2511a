# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What module constrained_delegation does. PRIVATE to the collection."""

from __future__ import annotations

import re
import typing as t

from .._errors import AccessDeniedError, ContradictionError, InvalidOptionError, NotFoundError, TenantAttachError
from ..directory import _delegation as delegation
from ..directory._answers import Step
from ..directory._options import Directory, connected

if t.TYPE_CHECKING:
    from ..directory._delegation import Delegation
    from ..directory._session import Entry

RIGHTS = (
    "Active Directory: write msDS-AllowedToDelegateTo and userAccountControl on the computer object",
    "Domain controllers: Enable computer and user accounts to be trusted for delegation (SeEnableDelegationPrivilege)",
)
READ_RIGHTS = ("Active Directory: read the properties of the computer object",)
ATTEMPTS = 3
_SERVICE = re.compile(r"[^/\s]+/[^/\s]+(/[^/\s]+)?")
_WORDS = {
    "unconstrained": "delegation to any service (TRUSTED_FOR_DELEGATION)",
    "protocol_transition": "delegation with any authentication protocol (TRUSTED_TO_AUTH_FOR_DELEGATION)",
}


def ensure_delegation(options: t.Mapping[str, t.Any], check: bool) -> dict[str, t.Any]:
    """Make the constrained delegation of a computer as the options say.

    Args:
        options: The options of the module.
        check: Whether to write nothing.

    Raises:
        TenantAttachError: It cannot be done.
    """
    _refuse_contradictions(options)
    with connected(options) as directory:
        return _Room(directory, options, check).ensured()


def _refuse_contradictions(options: t.Mapping[str, t.Any]) -> None:
    wrong = [each for each in options["services"] if not _SERVICE.fullmatch(each)]
    if wrong or not options["services"]:
        raise InvalidOptionError(
            expected="option services to hold service principal names",
            observed=", ".join(repr(each) for each in wrong) or "an empty list",
            next_step="for example MSSQLSvc/sql01.contoso.com:1433",
        )
    if options["clear_other_delegation"] and options["state"] == "absent":
        raise InvalidOptionError(
            expected="option clear_other_delegation with state=present only",
            observed="state=absent",
            next_step="leave it out, or name the services that stay with state=present",
        )


class _Room:
    def __init__(self, directory: Directory, options: t.Mapping[str, t.Any], check: bool) -> None:
        self._session, self._lookup = directory
        self._services: list[str] = options["services"]
        self._present = options["state"] == "present"
        self._clear: bool = options["clear_other_delegation"]
        self._check_services = self._present and options["check_services"]
        self._check = check
        self._computer = self._lookup.computer(options["computer"])
        self._where = f"{self._session.server.url}/{self._computer.dn}"

    def ensured(self) -> dict[str, t.Any]:
        before = self._state(self._computer)
        if self._check_services:
            self._refuse_unknown_services()
        after = self._planned(before)
        if not self._check and delegation.changes(before, after):
            after = self._written(before, after)
        return self._result(before, after)

    def _written(self, before: Delegation, wanted: Delegation) -> Delegation:
        for _attempt in range(ATTEMPTS):
            changes = delegation.changes(before, wanted)
            if not changes or self._modify(changes):
                break
            # Somebody else wrote at the same time. What is there now decides what is still to be done.
            before = self._read()
            wanted = self._planned(before)
        else:
            raise ContradictionError(
                expected="the delegation of the computer to stay as it is while it is changed",
                observed=f"others changed it {ATTEMPTS} times meanwhile",
                where=self._where,
                next_step="run it again, when nobody else changes it",
            )
        now = self._read()
        if not delegation.took(now, self._services, present=self._present, clear=self._clear):
            raise self._given_back(before, wanted, now)
        return now

    def _modify(self, changes: t.Sequence[t.Any]) -> bool:
        return self._session.modify(
            self._computer.dn, changes, Step("the delegation to be written", self._where, RIGHTS)
        )

    def _given_back(self, before: Delegation, wanted: Delegation, now: Delegation) -> TenantAttachError:
        changes = delegation.changes(now, delegation.restored(before, wanted, now))
        given_back = not changes or self._modify(changes)
        ends = "What was changed was taken back" if given_back else "It could not be taken back: compare it with diff"
        return ContradictionError(
            expected="the delegation to be read back as it was written",
            observed=f"the server accepted it, and shows {now.as_dict()}",
            where=self._where,
            next_step=f"look for what else sets it, such as a script or a policy. {ends}",
        )

    def _planned(self, before: Delegation) -> Delegation:
        after = delegation.planned(before, self._services, present=self._present, clear=self._clear)
        if after.protocol_transition and len(after.services) > len(before.services):
            added = ", ".join(before.missing(self._services))
            raise ContradictionError(
                expected="a computer with Kerberos only, so that more services can be added",
                observed=f"it has {_WORDS['protocol_transition']}: it could act there as anybody, who never signed in",
                where=self._where,
                next_step=f"find out who needs it. To end it and add {added}, run with clear_other_delegation: true",
            )
        return after

    def _read(self) -> Delegation:
        entry = self._session.read(self._computer.dn, [delegation.ATTRIBUTE, delegation.CONTROL])
        if entry is None:
            raise NotFoundError(
                expected="the computer that is changed",
                observed="it is gone",
                where=self._where,
                next_step="run it again",
            )
        return self._state(entry)

    def _state(self, entry: Entry) -> Delegation:
        found = delegation.delegation_of(entry)
        if found is None:
            raise AccessDeniedError(
                expected="userAccountControl of the computer to be readable",
                observed="the account does not see it",
                where=self._where,
                next_step="grant the account read access, or use one that has it",
                rights=READ_RIGHTS,
            )
        return found

    def _refuse_unknown_services(self) -> None:
        found = self._lookup.services(self._services)
        for answer in found.values():
            if isinstance(answer, TenantAttachError):
                raise answer
        owners = {name: answer for name, answer in found.items() if not isinstance(answer, TenantAttachError)}
        missing = [name for name, accounts in owners.items() if not accounts]
        doubled = [f"{name} of {' and '.join(accounts)}" for name, accounts in owners.items() if len(accounts) > 1]
        if missing or doubled:
            observed = [f"no account has {', '.join(missing)}"] if missing else []
            observed += [f"several accounts have {', '.join(doubled)}"] if doubled else []
            domain = self._lookup.domain
            raise ContradictionError(
                expected=f"each service to be registered by exactly one account of {domain.dns}",
                observed="; ".join(observed),
                where=f"{self._session.server.url}/{domain.base_dn}",
                next_step="register the missing ones on the account that runs the service (setspn -S), take doubled "
                "ones from the wrong account (setspn -D), or leave the check out with check_services: false where the "
                "service is in another domain",
            )

    def _result(self, before: Delegation, after: Delegation) -> dict[str, t.Any]:
        shown = [{"computer": self._computer.dn, **each.as_dict()} for each in (before, after)]
        result: dict[str, t.Any] = {
            "changed": shown[0] != shown[1],
            "before": shown[0],
            "after": shown[1],
            "diff": {"before": shown[0], "after": shown[1]},
        }
        if after.other:
            kinds = " and ".join(_WORDS[each] for each in after.other)
            warning = (
                f"{self._computer.dn} has {kinds}. That goes beyond specified services with Kerberos only, and was "
                "left as it is. Find out who needs it; clear_other_delegation: true ends it."
            )
            result["warnings"] = [warning]
        return result
