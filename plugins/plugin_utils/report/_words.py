# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What all reports say in the same words. Pure. PRIVATE to the collection."""

from __future__ import annotations

import typing as t

from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils._findings import (
    RANK,
    SEVERITIES,
    Finding,
    count,
    site_of,
    verdict,
    worst_first,
)

VERDICTS = {"ready": "READY", "not_ready": "NOT READY", "not_proven": "NOT PROVEN"}
OUTCOMES = {"pass": "pass", "warn": "warn", "fail": "fail", "not_applicable": "n/a", "unknown": "unknown"}
ORDER = tuple(outcome.value for outcome in RANK)
WHOLE = "hierarchy-wide"

Document = t.Mapping[str, t.Any]


class Step(t.NamedTuple):
    """Something to do, for all findings that ask for it."""

    severity: str
    outcome: str
    text: str
    ids: tuple[str, ...]
    where: tuple[str, ...]


def headline(document: Document) -> str:
    """Return the verdict with the counts of all outcomes."""
    summary = document["summary"]
    counts = ", ".join(f"{summary['outcomes'][outcome]} {OUTCOMES[outcome]}" for outcome in ORDER)
    return f"{VERDICTS[summary['verdict']]}: {counts}"


def subject(document: Document) -> str:
    """Return what was judged, and when it was seen."""
    hierarchy = document["hierarchy"]
    if not hierarchy["sites"]:
        return one_line(f"a hierarchy that could not be read, {document['collected_at']}")
    return one_line(
        f"hierarchy {hierarchy['top_site'] or '(no single top-tier site)'} with {hierarchy['sites']} sites, "
        f"read from {hierarchy['read_from']}, {document['collected_at']}"
    )


def place(finding: Finding) -> str:
    """Return what a finding is about."""
    scope = finding["scope"]
    if scope["kind"] in {"hierarchy", "tenant"}:
        return str(scope["name"])
    return f"site {scope['name']}" if scope["kind"] == "site" else f"{scope['name']} (site {scope['site']})"


def rows(document: Document) -> list[tuple[str, str, dict[str, int], list[str]]]:
    """Return the rows of the verdict table: name, verdict, counts, ids of the worst findings."""
    whole = [finding for finding in document["findings"] if not site_of(finding)]
    worst = [
        finding["id"] for finding in sorted(whole, key=worst_first) if finding["outcome"] in {"fail", "unknown", "warn"}
    ]
    table = [(WHOLE, verdict(whole), count(whole), worst)] if whole else []
    return table + [
        (one_line(code), entry["verdict"], entry["outcomes"], entry["worst"])
        for code, entry in document["sites"].items()
    ]


def by_outcome(document: Document, outcome: str) -> list[Finding]:
    """Return the findings of one outcome, the worst first."""
    return sorted((each for each in document["findings"] if each["outcome"] == outcome), key=worst_first)


def explain(finding: Finding) -> str:
    """Return what was observed and why that counts, in one line."""
    return "; ".join(part for part in (finding["observed"], finding["reason"]) if part) or "nothing was observed"


def steps(document: Document) -> list[Step]:
    """Return what to do next, each thing once: what fails first, then what is unknown, then what warns."""
    found: dict[tuple[str, str], list[Finding]] = {}
    for outcome in ("fail", "unknown", "warn"):
        for finding in by_outcome(document, outcome):
            found.setdefault((outcome, finding["remedy"]["text"]), []).append(finding)
    made = [
        Step(
            min((each["severity"] for each in group), key=SEVERITIES.index),
            outcome,
            text,
            tuple(dict.fromkeys(each["id"] for each in group)),
            tuple(dict.fromkeys(place(each) for each in group)),
        )
        for (outcome, text), group in found.items()
    ]
    return sorted(made, key=lambda step: (ORDER.index(step.outcome), SEVERITIES.index(step.severity)))


def one_line(text: str) -> str:
    """Return text that comes from outside on one line, without control characters."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())
