# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The engine: every prerequisite, every target, one finding each. Pure. PRIVATE to the collection."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping

from ...module_utils._errors import TenantAttachError
from .._strict import refuse_unknown
from ..documents._evidence import Evidence, Missing
from ..documents._expectations import VARIABLE, refuse_detached
from ..documents._findings import (
    SCHEMA_VERSION,
    Finding,
    Judgement,
    Outcome,
    Purpose,
    Remedy,
    by_site,
    count,
    failing,
    not_applicable,
    unknown,
    verdict,
    waived,
)
from . import _waivers
from .prerequisites._catalogue import CATALOGUE
from .prerequisites._model import Context, Prerequisite, Target
from .prerequisites._notes import NOTES
from .prerequisites._shared import the_hierarchy, the_tenant

if t.TYPE_CHECKING:
    from ..documents._expectations import Expectations

# Evidence comes from files too, and from services that lie: what cannot be read proves nothing.
_NOT_UNDERSTOOD = (LookupError, TypeError, ValueError, AttributeError, TenantAttachError)


def judge(
    document: t.Mapping[str, t.Any],
    expectations: Expectations,
    *,
    purpose: Purpose = Purpose.READINESS,
    waivers: t.Sequence[_waivers.Waiver] = (),
    severities: t.Mapping[str, str] | None = None,
    only: t.Sequence[str] = (),
    skip: t.Sequence[str] = (),
    catalogue: t.Sequence[Prerequisite] = CATALOGUE,
) -> dict[str, t.Any]:
    """Judge evidence and return the findings document. The same input gives the same document, to the byte.

    Raises:
        InvalidOptionError: `only` or `skip` name a prerequisite that does not exist, or `only` one that does not belong
            to the purpose; or the purpose contradicts what is declared.
    """
    asked = [each for each in catalogue if purpose is Purpose.READINESS or each.after_onboarding]
    refuse_unknown(only, {each.id for each in asked}, "each id in only")
    # What is left out always may be left out of less, too: one list serves both purposes.
    refuse_unknown(skip, {each.id for each in catalogue}, "each id in skip")
    if purpose is Purpose.VERIFICATION:
        refuse_detached(expectations)
    context = Context(Evidence(document), expectations, purpose)
    judged: list[Finding] = [
        {**finding, "severity": (severities or {}).get(prerequisite.id, finding["severity"])}
        for prerequisite in asked
        if (not only or prerequisite.id in only) and prerequisite.id not in skip
        for finding in judge_one(prerequisite, context)
    ]
    findings, unused = _waivers.apply(judged, waivers, context.now())
    sites = [] if context.evidence.missing("hierarchy/sites") else context.sites()
    return {
        "schema_version": SCHEMA_VERSION,
        "purpose": purpose.value,
        "collected_at": document["collected_at"],
        "hierarchy": _subject(document, sites),
        "tenant": _tenant(document),
        "summary": {
            "verdict": verdict(findings),
            "outcomes": count(findings),
            "findings": len(findings),
            "waived": sum(map(waived, findings)),
        },
        "ready": verdict(findings) == "ready",
        "fails_on": [level for level in ("fail", "unknown", "warn") if failing(findings, level)],
        "sites": by_site(findings, [site["code"] for site in sites]),
        "findings": findings,
        "waivers_unused": unused,
        "notes": [dict(note) for note in NOTES],
    }


def _tenant(document: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    tenant = document.get("tenant")
    found = tenant if isinstance(tenant, Mapping) else {}
    return {key: found.get(key) for key in ("id", "name", "cloud")}


def _subject(document: t.Mapping[str, t.Any], sites: t.Sequence[t.Mapping[str, t.Any]]) -> dict[str, t.Any]:
    hierarchy = document.get("hierarchy")
    if not isinstance(hierarchy, Mapping):
        hierarchy = {}
    return {
        "top_site": hierarchy.get("top_site"),
        "read_from": hierarchy.get("read_from"),
        "sites": len(sites),
        "secondary_sites": sum(site["type"] == "secondary" for site in sites),
    }


def judge_one(prerequisite: Prerequisite, context: Context) -> list[Finding]:
    """Return the findings of one prerequisite, at least one."""
    whole = _whole_target(prerequisite, context)
    missing = _first_missing(context, prerequisite.enumerates)
    if missing is not None:
        return [_finding(prerequisite, whole, _unknown(missing))]
    try:
        targets = list(prerequisite.targets(context))
    except _NOT_UNDERSTOOD as exc:
        return [_finding(prerequisite, whole, _no_form(exc))]
    if not targets:
        return [_finding(prerequisite, whole, _judge_no_targets(prerequisite, context))]
    return [_finding(prerequisite, target, _judge_target(prerequisite, context, target)) for target in targets]


def _judge_no_targets(prerequisite: Prerequisite, context: Context) -> Judgement:
    """Judge what there is nothing of. That nobody was declared is not known to mean that there is nobody."""
    key = prerequisite.declared_in
    if not key:
        return not_applicable("the hierarchy has nothing that this is about")
    if getattr(context.expectations, key) is not None:
        return not_applicable(f"declared: nobody ({VARIABLE}.{key})")
    return unknown("no interface tells who is meant", next_step=f"set {VARIABLE}.{key}")


def _whole_target(prerequisite: Prerequisite, context: Context) -> Target:
    """Return what a finding is about that is about no single thing."""
    targets = the_tenant if prerequisite.scope in {"account", "tenant"} else the_hierarchy
    return next(iter(targets(context)))


def _judge_target(prerequisite: Prerequisite, context: Context, target: Target) -> Judgement:
    try:
        reason = prerequisite.applies(context, target)
        if reason is not None:
            return not_applicable(reason)
        missing = _first_missing(context, _needs(prerequisite, target))
        return prerequisite.judge(context, target) if missing is None else _unknown(missing)
    except _NOT_UNDERSTOOD as exc:
        return _no_form(exc)


def _needs(prerequisite: Prerequisite, target: Target) -> list[str]:
    return [need.format(name=target.name, site=target.site) for need in prerequisite.needs]


def _no_form(exc: Exception) -> Judgement:
    return unknown(f"the evidence has a form that is not understood ({type(exc).__name__}: {exc})")


def _first_missing(context: Context, paths: t.Iterable[str]) -> Missing | None:
    return next((missing for path in paths if (missing := context.evidence.missing(path)) is not None), None)


def _unknown(missing: Missing) -> Judgement:
    return unknown(missing.reason, next_step=missing.next_step, rights=missing.rights)


def _finding(prerequisite: Prerequisite, target: Target, judgement: Judgement) -> Finding:
    return {
        "id": prerequisite.id,
        "title": prerequisite.title,
        "why": prerequisite.why,
        "area": prerequisite.area,
        "scope": {"kind": target.kind, "name": target.name, "site": target.site},
        "outcome": judgement.outcome.value,
        "severity": prerequisite.severity.value,
        "catalogue_severity": prerequisite.severity.value,
        "expected": prerequisite.expected,
        "observed": judgement.observed,
        "reason": judgement.reason,
        "remedy": _remedy(prerequisite, judgement),
        "needs": _needs(prerequisite, target),
        "rights": list(judgement.rights or prerequisite.rights),
        "waiver": None,
        "source": prerequisite.source,
    }


def _remedy(prerequisite: Prerequisite, judgement: Judgement) -> Remedy | None:
    """Return what to do. What is unknown is not put right but observed: the usual remedy would be a guess."""
    if judgement.outcome in {Outcome.PASS, Outcome.NOT_APPLICABLE}:
        return None
    if judgement.outcome is Outcome.UNKNOWN:
        step = judgement.next_step or "make this readable for the account that collects, and run again"
        return {"kind": "manual", "text": step, "tags": []}
    if judgement.next_step:
        return {"kind": "manual", "text": judgement.next_step, "tags": []}
    return {"kind": prerequisite.remedy.kind, "text": prerequisite.remedy.text, "tags": list(prerequisite.remedy.tags)}
