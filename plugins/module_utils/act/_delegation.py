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
from ..directory._delegation import Delegation
from ..directory._options import Directory, connected
from ._change import Change, Ending, carry_out

if t.TYPE_CHECKING:
    from ..directory._session import Entry, Modification

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
        return _DelegationTask(directory, options, check).ensured()


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


class _DelegationTask:
    def __init__(self, directory: Directory, options: t.Mapping[str, t.Any], check: bool) -> None:
        self._session, self._lookup = directory
        self._services: list[str] = options["services"]
        self._present = options["state"] == "present"
        self._clear: bool = options["clear_other_delegation"]
        self._check_services = self._present and options["check_services"]
        self._check = check
        self._computer = self._lookup.computer(options["computer"])
        self.where = f"{self._session.server.url}/{self._computer.dn}"

    def ensured(self) -> dict[str, t.Any]:
        before = self._state(self._computer)
        if self._check_services:
            self._refuse_unknown_services()
        after = self.planned(before)
        if not self._check and delegation.changes(before, after):
            after = carry_out(_DelegationChange(self, before))
        return self._result(before, after)

    def modify(self, changes: t.Sequence[Modification]) -> bool:
        """Send changes; False where the object is no longer as they take it to be."""
        step = Step("the delegation to be written", self.where, RIGHTS)
        return self._session.modify(self._computer.dn, changes, step)

    def is_served(self, state: Delegation) -> bool:
        """Tell whether the delegation is as the options say."""
        return delegation.took(state, self._services, present=self._present, clear=self._clear)

    def planned(self, before: Delegation) -> Delegation:
        """Return the delegation as it is to be."""
        after = delegation.planned(before, self._services, present=self._present, clear=self._clear)
        if after.protocol_transition and len(after.services) > len(before.services):
            added = ", ".join(before.missing(self._services))
            raise ContradictionError(
                expected="a computer with Kerberos only, so that more services can be added",
                observed=f"it has {_WORDS['protocol_transition']}: it could act there as anybody, who never signed in",
                where=self.where,
                next_step=f"find out who needs it. To end it and add {added}, run with clear_other_delegation: true",
            )
        return after

    def read(self) -> Delegation:
        """Read the delegation anew."""
        entry = self._session.read(self._computer.dn, [delegation.ATTRIBUTE, delegation.CONTROL])
        if entry is None:
            raise NotFoundError(
                expected="the computer that is changed",
                observed="it is gone",
                where=self.where,
                next_step="run it again",
            )
        return self._state(entry)

    def _state(self, entry: Entry) -> Delegation:
        found = delegation.delegation_of(entry)
        if found is None:
            raise AccessDeniedError(
                expected="userAccountControl of the computer to be readable",
                observed="the account does not see it",
                where=self.where,
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


class _DelegationChange(Change[Delegation]):
    attempts = ATTEMPTS

    def __init__(self, task: _DelegationTask, before: Delegation) -> None:
        self._task = task
        # What was last seen, and what was to become of it when something was last sent.
        self._seen = self._before = self._wanted = before

    def send(self) -> bool:
        self._before, self._wanted = self._seen, self._task.planned(self._seen)
        changes = delegation.changes(self._before, self._wanted)
        return not changes or self._task.modify(changes)

    def read(self, good: t.Callable[[Delegation], bool]) -> Delegation:  # noqa: ARG002  # One look tells.
        self._seen = self._task.read()
        return self._seen

    def took(self, state: Delegation) -> bool:
        return self._task.is_served(state)

    def _without_ours(self, state: Delegation) -> list[Modification]:
        return delegation.changes(state, delegation.restored(self._before, self._wanted, state))

    def undo(self, state: Delegation) -> None:
        self._task.modify(self._without_ours(state))

    def undone(self, state: Delegation) -> bool:
        return not self._without_ours(state)

    def failed(self, state: Delegation, ending: Ending[Delegation]) -> TenantAttachError:
        return ContradictionError(
            expected="the delegation to be read back as it was written",
            observed=f"the server accepted it, and shows {state.as_dict()}",
            where=self._task.where,
            next_step=f"look for what else sets it, such as a script or a policy. {ending.sentence()}",
        )

    def overtaken(self) -> TenantAttachError:
        return ContradictionError(
            expected="the delegation of the computer to stay as it is while it is changed",
            observed=f"others changed it {ATTEMPTS} times meanwhile",
            where=self._task.where,
            next_step="run it again, when nobody else changes it",
        )
