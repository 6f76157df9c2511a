# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Drift: what became of each finding since an earlier run. Pure. PRIVATE to the collection.

A run is remembered as the state of everything that was ever judged in its estate: how it came out in this run, and how
it came out when it was last known. So one earlier run is enough to compare with, however long something was unknown.
"""

from __future__ import annotations

import datetime as dt
import typing as t

from ..documents._drift import DRIFT, OTHERS, SCHEMA_VERSION, Earlier, Key, Remembered, State
from ..documents._evidence import moment
from ..documents._findings import RANK, SEVERITIES, Finding, Outcome, Scope, waived

_PROBLEMS = ("warn", "fail")
_UNKNOWN = Outcome.UNKNOWN.value
# The kinds of scope of a finding that stands for all that could not be listed.
_WHOLE = ("hierarchy", "tenant")


class _Pair(t.NamedTuple):
    """One finding, in the earlier run and now. At least one side is there."""

    before: Remembered | None
    now: Finding | None
    # Whether the earlier run, or one before it, knew anything about this prerequisite.
    judged_before: bool
    # Why it could not be told whether this is still there; '' where it is, and where it has gone.
    lost: str = ""
    # The prerequisite was left out this time.
    skipped: bool = False

    @property
    def unknown(self) -> bool:
        """Whether this run does not know how it stands."""
        return self.kept if self.now is None else self.now["outcome"] == _UNKNOWN

    @property
    def kept(self) -> bool:
        """Whether this run has no finding of it, and yet it may be there."""
        return bool(self.lost) or self.skipped

    @property
    def known_before(self) -> str | None:
        """The last known outcome."""
        return self.before.known if self.before else None

    @property
    def never_known(self) -> bool:
        """Whether it is as unknown as it always was: there is nothing to compare, and nothing was lost."""
        return self.unknown and self.before is not None and self.before.known is None


def collected_at(document: t.Mapping[str, t.Any]) -> str:
    """Return the time of findings as the history has it: it sorts as text."""
    return moment(document, "collected_at").astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def summary(document: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return what the trend shows of a run."""
    return {
        "collected_at": collected_at(document),
        "verdict": document["summary"]["verdict"],
        "outcomes": dict(document["summary"]["outcomes"]),
        "waived": sum(waived(finding) for finding in document["findings"]),
    }


def remember(document: t.Mapping[str, t.Any], before: State, titles: t.Collection[str]) -> State:
    """Return the state that a run leaves.

    Args:
        document: The findings.
        before: The state that the run before it left.
        titles: The ids of the catalogue. What is no longer in it is forgotten.
    """
    when = collected_at(document)
    state: State = {}
    for key, pair in _pairs(document, before, titles).items():
        was, now = pair.before, pair.now
        if now is not None:
            scope = now["scope"]
            own = (now["id"], scope["kind"], scope["name"], scope["site"], now["severity"], now["outcome"])
            if not pair.unknown:
                state[key] = Remembered(*own, now["outcome"], now["observed"], when)
            elif was is not None:
                state[key] = Remembered(*own, was.known, was.observed, was.known_at)
            else:
                state[key] = Remembered(*own, None, "", None)
        elif was is not None and pair.kept:
            state[key] = was._replace(outcome=None)
    return state


def compare(
    document: t.Mapping[str, t.Any],
    earlier: Earlier | None,
    *,
    estate: str,
    titles: t.Mapping[str, str],
    max_unverified: int,
) -> dict[str, t.Any]:
    """Return the drift document.

    Args:
        document: The findings.
        earlier: The run to compare with, None where there is none.
        estate: Whose history it is.
        titles: By id, the titles of the catalogue.
        max_unverified: Percent of the findings that may be unverified.
    """
    pairs = _pairs(document, earlier.state if earlier else {}, titles)
    found: dict[str, list[dict[str, t.Any]]] = {kind: [] for kind in (*DRIFT, *OTHERS)}
    unverified = []
    for pair in pairs.values():
        if pair.unknown:
            if _counts_as_unverified(pair, pairs):
                unverified.append(_missed(pair, titles))
        elif kind := _kind(pair):
            found[kind].append(_row(kind, pair, titles))
    verified = sum(pair.now is not None and not pair.unknown for pair in pairs.values())
    rows = [row for kind in DRIFT for row in sorted(found[kind], key=_worst_first)]
    return {
        "schema_version": SCHEMA_VERSION,
        "estate": estate,
        "collected_at": collected_at(document),
        "baseline": _baseline(earlier),
        "drifted": bool(rows),
        "counts": {
            **{kind: len(found[kind]) for kind in found},
            "unverified": len(unverified),
            "never_known": sum(pair.never_known for pair in pairs.values()),
        },
        "verified": _verified(verified, len(unverified), max_unverified),
        "rows": rows,
        **{kind: sorted(found[kind], key=_worst_first) for kind in OTHERS},
        "unverified": sorted(unverified, key=_worst_first),
        "scopes": _scopes(pairs),
    }


def diff(document: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return what drifted as Ansible shows a difference."""
    sides: dict[str, list[str]] = {"before": [], "after": []}
    for row in document["rows"]:
        scope = row["scope"]
        place = f"{row['id']} {scope['kind']} {scope['name']}" + (f" (site {scope['site']})" if scope["site"] else "")
        for side, lines in sides.items():
            state = row[side]
            shown = f"{state['outcome']}: {state['observed']}".rstrip(": ") if state else "not there"
            lines.append(f"{place}: {' '.join(shown.split())}\n")
    since = document["baseline"] or {"collected_at": "nothing"}
    return {
        "before_header": since["collected_at"],
        "after_header": document["collected_at"],
        **{side: "".join(sorted(lines)) for side, lines in sides.items()},
    }


# -- the pairs --------------------------------------------------------------------------------------------------------


def _pairs(document: t.Mapping[str, t.Any], before: State, titles: t.Collection[str]) -> dict[Key, _Pair]:
    """Return every finding of now and of before. What left the catalogue is no finding any more."""
    now = _by_key(document["findings"])
    lost = {key.id: _reason(finding) for key, finding in now.items() if _stands_for_all(finding)}
    judged = {key.id for key in now}
    judged_before = {key.id for key, was in before.items() if was.known is not None}
    pairs = {}
    for key in (*now, *(key for key in before if key not in now)):
        if key in now:
            pairs[key] = _Pair(before.get(key), now[key], key.id in judged_before)
        elif key.id in titles:
            known = key.id in judged_before
            pairs[key] = _Pair(before[key], None, known, lost.get(key.id, ""), key.id not in judged)
    return pairs


def _by_key(findings: t.Iterable[Finding]) -> dict[Key, Finding]:
    """Return findings by what they are about. Of several about the same, the worst counts."""
    found: dict[Key, Finding] = {}
    for finding in findings:
        scope = finding["scope"]
        key = Key(finding["id"], scope["kind"], scope["name"].casefold(), (scope["site"] or "").casefold())
        if key not in found or _rank(finding) < _rank(found[key]):
            found[key] = finding
    return found


def _rank(finding: Finding) -> int:
    return RANK.index(Outcome(finding["outcome"]))


def _stands_for_all(finding: Finding) -> bool:
    """Tell whether it is not known what there is, so that nothing can be said to have gone."""
    return finding["scope"]["kind"] in _WHOLE and finding["outcome"] == _UNKNOWN


def _reason(finding: Finding) -> str:
    return finding["reason"] or "it could not be observed"


# -- what became of them ----------------------------------------------------------------------------------------------


def _kind(pair: _Pair) -> str:
    """Return what became of a finding that is known now: a kind of drift, or of no drift, or '' for nothing to say."""
    known = pair.known_before
    outcome = pair.now["outcome"] if pair.now else ""
    if outcome not in _PROBLEMS:
        return "resolved" if known in _PROBLEMS else ""
    if known is None:
        # A host that was not there had no problem. What was never looked at may have had it all along.
        return "new" if pair.before is None and pair.judged_before else "first_seen"
    if known not in _PROBLEMS:
        return "new"
    if known == outcome:
        return "still"
    return "worsened" if outcome == Outcome.FAIL.value else "improved"


def _counts_as_unverified(pair: _Pair, pairs: t.Mapping[Key, _Pair]) -> bool:
    """Tell whether something unknown is missed. What was left out is not, nor what is as unknown as ever."""
    if pair.skipped or pair.never_known:
        return False
    if pair.now is None or not _stands_for_all(pair.now):
        return True
    # One that stands for all that could not be listed is not counted beside them.
    return not any(key.id == pair.now["id"] and other.lost for key, other in pairs.items())


def _verified(verified: int, unverified: int, limit: int) -> dict[str, t.Any]:
    total = verified + unverified
    return {
        "findings": verified,
        "unverified": unverified,
        "percent": round(100 * unverified / total, 1) if total else 100.0,
        "max_percent": limit,
        # Who saw nothing has verified nothing, whatever the limit.
        "enough": verified > 0 and 100 * unverified <= limit * total,
    }


def _scopes(pairs: t.Mapping[Key, _Pair]) -> dict[str, list[Scope]]:
    """Return what appeared and what vanished: sites, hosts, accounts. That alone is no drift."""
    before: dict[tuple[str, ...], Scope] = {}
    now: dict[tuple[str, ...], Scope] = {}
    # What no earlier run could list has not appeared: it may have been there.
    listed: set[tuple[str, ...]] = set()
    for key, pair in pairs.items():
        if key.kind in _WHOLE:
            continue
        place = key[1:]
        if pair.before is not None:
            before[place] = _scope(pair.before)
        if pair.now is not None:
            now[place] = pair.now["scope"].copy()
        elif pair.kept:
            now.setdefault(place, before[place])
        if pair.judged_before:
            listed.add(place)
    return {
        "appeared": [now[place] for place in sorted(now.keys() - before.keys()) if place in listed],
        "vanished": [before[place] for place in sorted(before.keys() - now.keys())],
    }


# -- rows -------------------------------------------------------------------------------------------------------------


def _row(kind: str, pair: _Pair, titles: t.Mapping[str, str]) -> dict[str, t.Any]:
    now = pair.now
    return {
        "kind": kind,
        **_about(pair, titles),
        "waived": now is not None and waived(now),
        "before": _before(pair.before),
        "after": now and {"outcome": now["outcome"], "observed": now["observed"], "reason": now["reason"]},
    }


def _missed(pair: _Pair, titles: t.Mapping[str, str]) -> dict[str, t.Any]:
    reason = _reason(pair.now) if pair.now else pair.lost
    return {**_about(pair, titles), "before": _before(pair.before), "reason": reason}


def _about(pair: _Pair, titles: t.Mapping[str, str]) -> dict[str, t.Any]:
    now = pair.now
    if now is not None:
        return {"id": now["id"], "title": now["title"], "scope": now["scope"].copy(), "severity": now["severity"]}
    # A pair has at least one side.
    was = t.cast("Remembered", pair.before)
    return {"id": was.id, "title": titles[was.id], "scope": _scope(was), "severity": was.severity}


def _scope(was: Remembered) -> Scope:
    return {"kind": was.kind, "name": was.name, "site": was.site}


def _before(was: Remembered | None) -> dict[str, t.Any] | None:
    if was is None or was.known is None:
        return None
    return {"outcome": was.known, "observed": was.observed, "known_at": was.known_at}


def _baseline(earlier: Earlier | None) -> dict[str, t.Any] | None:
    if earlier is None:
        return None
    return {"name": earlier.name, "collected_at": earlier.run.collected_at, "verdict": earlier.run.verdict}


def _worst_first(row: t.Mapping[str, t.Any]) -> tuple[int, str, str]:
    return SEVERITIES.index(row["severity"]), row["id"], row["scope"]["name"]
