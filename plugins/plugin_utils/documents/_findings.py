# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Findings: what was judged, and how it came out. PRIVATE to the collection."""

from __future__ import annotations

import enum
import typing as t

SCHEMA_VERSION = "1.2"


class Outcome(enum.StrEnum):
    """The five outcomes. What could not be observed is `unknown`, never anything else."""

    PASS = "pass"  # noqa: S105  # An outcome, not a password.
    WARN = "warn"
    FAIL = "fail"
    NOT_APPLICABLE = "not_applicable"
    UNKNOWN = "unknown"


class Purpose(enum.StrEnum):
    """The two questions that findings answer."""

    READINESS = "readiness"  # Is everything ready for tenant attach?
    VERIFICATION = "verification"  # Is tenant attach on and healthy, after the onboarding?


class Severity(enum.StrEnum):
    """How much it matters that a prerequisite is not met. The worst first."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


# The worst first.
RANK = (Outcome.FAIL, Outcome.UNKNOWN, Outcome.WARN, Outcome.PASS, Outcome.NOT_APPLICABLE)
SEVERITIES = tuple(severity.value for severity in Severity)
_WORST = 5

# -- the document -----------------------------------------------------------------------------------------------------
# As docs/findings.schema.json describes it. Texts are plain ones, enumerations too: all of it comes from files as well.


class Scope(t.TypedDict):
    """What a finding is about. `site` is where that stands, None for the hierarchy, the tenant and accounts."""

    kind: str
    name: str
    site: str | None


class Remedy(t.TypedDict):
    """What to do about a finding. `tags` are those of the enforce playbook, for kind `enforce`."""

    kind: str
    text: str
    tags: list[str]


class Waiver(t.TypedDict):
    """Who answers for a finding, and until when. `scope` is written as the user has it."""

    scope: str
    owner: str
    reason: str
    ticket: str | None
    expires: str
    expired: bool


class Finding(t.TypedDict):
    """How one prerequisite came out for one target."""

    id: str
    title: str
    area: str
    scope: Scope
    outcome: str
    severity: str
    expected: str
    observed: str
    reason: str
    remedy: Remedy | None
    needs: list[str]
    rights: list[str]
    source: str
    # Findings of versions before 1.2 do not say why, those of 1.0 have none of the three.
    why: t.NotRequired[str]
    catalogue_severity: t.NotRequired[str]
    waiver: t.NotRequired[Waiver | None]


class SiteVerdict(t.TypedDict):
    """What the findings of one site come to."""

    verdict: str
    outcomes: dict[str, int]
    waived: int
    worst: list[str]


# -- how they come out ------------------------------------------------------------------------------------------------


class Judgement(t.NamedTuple):
    """What a prerequisite says about one target."""

    outcome: Outcome
    observed: str = ""
    reason: str = ""
    next_step: str = ""
    rights: tuple[str, ...] = ()


def passed(observed: str, reason: str = "") -> Judgement:
    """The prerequisite is met."""
    return Judgement(Outcome.PASS, observed, reason)


def warned(observed: str, reason: str) -> Judgement:
    """It is met, and something about it needs attention."""
    return Judgement(Outcome.WARN, observed, reason)


def failed(observed: str, reason: str = "", next_step: str = "") -> Judgement:
    """It is not met. `next_step` replaces the usual remedy where the case has its own."""
    return Judgement(Outcome.FAIL, observed, reason, next_step)


def unknown(reason: str, observed: str = "", next_step: str = "", rights: tuple[str, ...] = ()) -> Judgement:
    """It could not be observed, for this reason. `next_step` says how it can be."""
    return Judgement(Outcome.UNKNOWN, observed, reason, next_step, rights)


def not_applicable(reason: str) -> Judgement:
    """It does not apply here, for this reason."""
    return Judgement(Outcome.NOT_APPLICABLE, "", reason)


def worst_first(finding: Finding) -> tuple[int, int, str, str]:
    """Sort key: outcome, severity, id, scope."""
    return (
        RANK.index(Outcome(finding["outcome"])),
        SEVERITIES.index(finding["severity"]),
        finding["id"],
        finding["scope"]["name"],
    )


def count(findings: t.Iterable[Finding]) -> dict[str, int]:
    """Return how many findings have each outcome, all five of them."""
    counts = {outcome.value: 0 for outcome in Outcome}
    for finding in findings:
        counts[finding["outcome"]] += 1
    return counts


def waived(finding: Finding) -> bool:
    """Tell whether somebody answers for a finding until a day that has not passed: then it does not count.

    Findings of version 1.0 know no waivers.
    """
    waiver = finding.get("waiver")
    return waiver is not None and not waiver["expired"]


def counting(findings: t.Iterable[Finding]) -> list[Finding]:
    """Return the findings that no waiver takes out of the verdict."""
    return [finding for finding in findings if not waived(finding)]


def verdict(findings: t.Sequence[Finding]) -> str:
    """Return `not_ready` when something fails, `not_proven` when something is unknown, else `ready`.

    Waived findings do not count. Nothing judged proves nothing; nor does it to waive all that is unknown where
    nothing was observed.
    """
    counts, everything = count(counting(findings)), count(findings)
    if counts["fail"]:
        return "not_ready"
    blind = not findings or (everything["unknown"] and not _answered(everything))
    return "not_proven" if counts["unknown"] or blind else "ready"


def _answered(counts: t.Mapping[str, int]) -> int:
    """Return how many findings rest on something that was observed. A waiver changes nothing about that."""
    return counts["pass"] + counts["warn"] + counts["fail"]


def site_of(finding: Finding) -> str:
    """Return the site of a finding; '' for those of the hierarchy or the tenant."""
    return finding["scope"]["site"] or ""


def by_site(findings: t.Sequence[Finding], sites: t.Iterable[str]) -> dict[str, SiteVerdict]:
    """Return the verdict of each site that findings are about."""
    result: dict[str, SiteVerdict] = {}
    found: dict[str, list[Finding]] = {}
    for finding in findings:
        found.setdefault(site_of(finding), []).append(finding)
    for site in sites:
        own = found.get(site)
        if own:
            bad = [
                finding
                for finding in sorted(counting(own), key=worst_first)
                if finding["outcome"] in {"fail", "unknown", "warn"}
            ]
            result[site] = {
                "verdict": verdict(own),
                "outcomes": count(own),
                "waived": sum(map(waived, own)),
                "worst": list(dict.fromkeys(finding["id"] for finding in bad))[:_WORST],
            }
    return result


def failing(findings: t.Sequence[Finding], fail_on: str) -> bool:
    """Tell whether a run is to fail. Each level includes those before it: never, fail, unknown, warn.

    A run in which nothing at all could be answered fails on every level but `never`: it must not look like success,
    whatever was waived.
    """
    counts = count(counting(findings))
    levels = {"never": (), "fail": ("fail",), "unknown": ("fail", "unknown"), "warn": ("fail", "unknown", "warn")}
    return any(counts[outcome] for outcome in levels[fail_on]) or (
        fail_on != "never" and not _answered(count(findings))
    )
