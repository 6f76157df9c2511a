# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What constrained delegation of a computer is, and what has to change. No I/O. PRIVATE to the collection."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

if t.TYPE_CHECKING:
    from ._session import Entry, Modification

ATTRIBUTE = "msDS-AllowedToDelegateTo"
CONTROL = "userAccountControl"
# TRUSTED_FOR_DELEGATION: to any service. TRUSTED_TO_AUTH_FOR_DELEGATION: with any authentication protocol.
UNCONSTRAINED = 0x80000
PROTOCOL_TRANSITION = 0x1000000


@dataclass(frozen=True)
class Delegation:
    """What a computer is trusted with."""

    services: tuple[str, ...]
    control: int

    @property
    def unconstrained(self) -> bool:
        """Whether it is trusted for delegation to any service."""
        return bool(self.control & UNCONSTRAINED)

    @property
    def protocol_transition(self) -> bool:
        """Whether it may delegate identities that did not sign in with Kerberos."""
        return bool(self.control & PROTOCOL_TRANSITION)

    @property
    def other(self) -> list[str]:
        """What of it goes beyond specified services and Kerberos only."""
        names = ("unconstrained", "protocol_transition")
        return [name for name in names if getattr(self, name)]

    def missing(self, services: t.Iterable[str]) -> tuple[str, ...]:
        """Return the services that it does not delegate to, each once."""
        known = {each.casefold() for each in self.services}
        found: dict[str, str] = {}
        for each in services:
            if each.casefold() not in known:
                found.setdefault(each.casefold(), each)
        return tuple(found.values())

    def named(self, services: t.Iterable[str]) -> tuple[str, ...]:
        """Return those of its services that are among some, as they are spelled here."""
        wanted = {each.casefold() for each in services}
        return tuple(each for each in self.services if each.casefold() in wanted)

    def as_dict(self) -> dict[str, t.Any]:
        """Return it as results and diffs have it."""
        return {
            "services": sorted(self.services, key=str.casefold),
            "unconstrained": self.unconstrained,
            "protocol_transition": self.protocol_transition,
        }


def delegation_of(entry: Entry) -> Delegation | None:
    """Return what a computer is trusted with, None where that cannot be read: every computer has the bits."""
    control = entry.text(CONTROL)
    return Delegation(tuple(entry.texts(ATTRIBUTE)), int(control)) if control else None


def planned(before: Delegation, services: t.Sequence[str], *, present: bool, clear: bool) -> Delegation:
    """Return what is to be: services added or taken away, the rest kept; with `clear` no delegation of other kinds."""
    control = before.control & ~(UNCONSTRAINED | PROTOCOL_TRANSITION) if clear else before.control
    if present:
        return Delegation((*before.services, *before.missing(services)), control)
    gone = before.named(services)
    return Delegation(tuple(each for each in before.services if each not in gone), control)


def changes(before: Delegation, after: Delegation) -> list[Modification]:
    """Return the changes that lead from one to the other, in one request.

    Only values that change are named, so that what others write meanwhile stays. The bits are one value: it is taken
    away as it was read, and the request fails as a whole where it no longer is.
    """
    found: list[Modification] = []
    if added := [each for each in after.services if each not in before.services]:
        found.append(("add", ATTRIBUTE, added))
    if removed := [each for each in before.services if each not in after.services]:
        found.append(("delete", ATTRIBUTE, removed))
    if before.control != after.control:
        found += [("delete", CONTROL, [str(before.control)]), ("add", CONTROL, [str(after.control)])]
    return found


def took(now: Delegation, services: t.Sequence[str], *, present: bool, clear: bool) -> bool:
    """Tell whether a change took, whatever others wrote meanwhile."""
    served = not now.missing(services) if present else not now.named(services)
    return served and not (clear and now.other)


def restored(before: Delegation, wanted: Delegation, now: Delegation) -> Delegation:
    """Return what takes back our own change, and keeps what others wrote meanwhile."""
    ours = set(wanted.services) - set(before.services)
    kept = [each for each in now.services if each not in ours]
    lost = [each for each in before.services if each not in wanted.services and each not in kept]
    flags = UNCONSTRAINED | PROTOCOL_TRANSITION
    changed = (before.control ^ wanted.control) & flags
    return Delegation((*kept, *lost), (now.control & ~changed) | (before.control & changed))
