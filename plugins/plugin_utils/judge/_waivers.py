# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waivers: who answers for a finding that is not met, and until when. Pure. PRIVATE to the collection.

A waiver never changes what was found: the prerequisite is judged all the same, and its outcome stays. It only takes
the finding out of the verdict, until it expires.
"""

from __future__ import annotations

import datetime as dt
import re
import typing as t
from collections.abc import Mapping
from dataclasses import dataclass

from ...module_utils._errors import InvalidOptionError
from .._strict import refuse_unknown
from ..documents._findings import Finding, site_of
from .prerequisites._catalogue import CATALOGUE

if t.TYPE_CHECKING:
    from ..documents import _findings
    from .prerequisites._model import Prerequisite

VARIABLE = "tenant_attach_waivers"
KEYS = ("id", "scope", "owner", "reason", "ticket", "expires")
# Forms of a scope: those that say it all, and those that name one thing.
_ALONE = ("tenant", "hierarchy")
_NAMED = {"site": "site:P01", "host": "host:cm01.contoso.com", "account": "account:ada@contoso.com"}
_FORMS = (*_ALONE, *_NAMED.values())
# By scope of a prerequisite, the kinds that can reach a finding of it. Where its targets are not known, it is judged
# once, for the hierarchy or the tenant.
_REACH = {
    "tenant": ("tenant",),
    "hierarchy": ("hierarchy",),
    "site": ("site", "hierarchy"),
    "host": ("host", "site", "hierarchy"),
    "account": ("account", "tenant"),
}
# What needs a waiver at all.
_NOT_MET = ("fail", "unknown", "warn")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

# Why a waiver is of no use.
NOT_JUDGED = "not judged in this run"
NOTHING_FOUND = "nothing found in this scope"
PASSES = "passes or does not apply"
SUPERSEDED = "a more specific waiver takes its place"


@dataclass(frozen=True)
class Waiver:
    """An accepted exception.

    Args:
        id: The prerequisite.
        scope: What it is for, as it was written.
        kind: The kind of that scope.
        name: The site, host or account of it, without case; empty for the tenant and the hierarchy.
        owner: Who answers for it.
        reason: Why it is accepted.
        ticket: Where it was decided, if that is written anywhere.
        expires: The last day on which it counts.
    """

    id: str
    scope: str
    kind: str
    name: str
    owner: str
    reason: str
    ticket: str | None
    expires: dt.date

    def covers(self, finding: Finding) -> bool:
        """Tell whether a finding of its prerequisite lies in the scope. That of a site holds its hosts."""
        scope = finding["scope"]
        if self.kind == "site":
            return site_of(finding).lower() == self.name
        return scope["kind"] == self.kind and (self.kind in _ALONE or scope["name"].lower() == self.name)

    def on(self, day: dt.date) -> _findings.Waiver:
        """Return what a finding says of it on a day."""
        return {
            "scope": self.scope,
            "owner": self.owner,
            "reason": self.reason,
            "ticket": self.ticket,
            "expires": self.expires.isoformat(),
            "expired": self.expires < day,
        }


# -- what the user gives ----------------------------------------------------------------------------------------------


def parse(declared: t.Any, catalogue: t.Sequence[Prerequisite] = CATALOGUE) -> tuple[Waiver, ...]:
    """Return the waivers.

    Raises:
        InvalidOptionError: One of them is not understood. It is named.
    """
    if not isinstance(declared, (list, tuple, type(None))):
        raise _invalid(VARIABLE, "a list of waivers", declared)
    scopes = {prerequisite.id: prerequisite.scope for prerequisite in catalogue}
    waivers = tuple(_waiver(f"{VARIABLE}[{number}]", entry, scopes) for number, entry in enumerate(declared or ()))
    seen: dict[tuple[str, str, str], int] = {}
    for number, waiver in enumerate(waivers):
        first = seen.setdefault((waiver.id, waiver.kind, waiver.name), number)
        if first != number:
            raise InvalidOptionError(
                expected=f"each id and scope to be in {VARIABLE} once",
                observed=f"{waiver.id} for {waiver.scope} twice: entries {first} and {number}",
                next_step="keep one of them",
            )
    return waivers


def _waiver(where: str, entry: t.Any, scopes: t.Mapping[str, str]) -> Waiver:
    if not isinstance(entry, Mapping):
        raise _invalid(where, f"a dictionary with the keys {', '.join(KEYS)}", entry)
    refuse_unknown(entry, KEYS, f"each key of {where}")
    id_ = _text(where, entry, "id")
    refuse_unknown([id_], scopes, f"{where}.id")
    where = f"{where} ({id_})"
    scope = _text(where, entry, "scope")
    kind, name = _scope(f"{where}.scope", scope, scopes[id_])
    return Waiver(
        id=id_,
        scope=scope,
        kind=kind,
        name=name,
        owner=_text(where, entry, "owner"),
        reason=_text(where, entry, "reason"),
        ticket=None if entry.get("ticket") is None else _text(where, entry, "ticket"),
        expires=_day(f"{where}.expires", entry.get("expires")),
    )


def _text(where: str, entry: t.Mapping[str, t.Any], key: str) -> str:
    value = entry.get(key)
    if not isinstance(value, str) or not value.strip():
        raise _invalid(f"{where}.{key}", "a text that is not empty", value)
    return value.strip()


def _scope(where: str, text: str, about: str) -> tuple[str, str]:
    """Return kind and name of a scope that can reach what a prerequisite is about."""
    kind, colon, name = (part.strip().lower() for part in text.partition(":"))
    if kind in _ALONE and not colon:
        name = ""
    elif kind not in _NAMED or not name or name == "*":
        raise InvalidOptionError(
            expected=f"{where} to be one of {', '.join(_FORMS)}",
            observed=repr(text),
            next_step="name what it is for: there is no scope for everything, or new trouble would be waived unseen",
        )
    if kind not in _REACH[about]:
        raise InvalidOptionError(
            expected=f"{where} to be of a kind that this prerequisite is judged for: {' or '.join(_REACH[about])}",
            observed=repr(text),
            next_step="correct the scope or the id; see the findings in readiness.json",
        )
    return kind, name


def _day(where: str, value: t.Any) -> dt.date:
    """Return a day, which YAML may have read already. A time of day would be another promise."""
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return dt.date(value.year, value.month, value.day)
    wanted = "a day such as 2027-03-31, on which the waiver counts for the last time"
    if not isinstance(value, str) or not _DATE.fullmatch(value.strip()):
        raise _invalid(where, wanted, value)
    try:
        return dt.date.fromisoformat(value.strip())
    except ValueError as exc:
        raise _invalid(where, wanted, value) from exc


def _invalid(name: str, wanted: str, value: t.Any) -> InvalidOptionError:
    return InvalidOptionError(expected=f"{name} to be {wanted}", observed=repr(value), next_step="correct the variable")


# -- what becomes of findings -----------------------------------------------------------------------------------------


class Applied(t.NamedTuple):
    """Findings with their waivers, and the waivers that were of no use."""

    findings: list[Finding]
    unused: list[dict[str, str]]


def apply(findings: t.Sequence[Finding], waivers: t.Sequence[Waiver], at: dt.datetime) -> Applied:
    """Give each finding that is not met the most specific waiver that covers it, as of a time.

    Where that one has expired, the finding counts again, though a wider one would still cover it: who names one host
    and a day means that day.
    """
    day = at.astimezone(dt.UTC).date()
    by_id: dict[str, list[Waiver]] = {}
    for waiver in waivers:
        by_id.setdefault(waiver.id, []).append(waiver)
    used: set[Waiver] = set()
    found: list[Finding] = []
    for finding in findings:
        own = [waiver for waiver in by_id.get(finding["id"], ()) if waiver.covers(finding)]
        if own and finding["outcome"] in _NOT_MET:
            # A site is the one scope that holds others.
            best = min(own, key=lambda waiver: waiver.kind == "site")
            used.add(best)
            found.append({**finding, "waiver": best.on(day)})
        else:
            found.append(finding)
    idle = [
        {"id": waiver.id, "scope": waiver.scope, "reason": _why_unused(waiver, findings)}
        for waiver in waivers
        if waiver not in used
    ]
    return Applied(found, idle)


def _why_unused(waiver: Waiver, findings: t.Sequence[Finding]) -> str:
    judged = [finding for finding in findings if finding["id"] == waiver.id]
    covered = [finding["outcome"] for finding in judged if waiver.covers(finding)]
    if not judged:
        return NOT_JUDGED
    if not covered:
        return NOTHING_FOUND
    return SUPERSEDED if any(outcome in _NOT_MET for outcome in covered) else PASSES
