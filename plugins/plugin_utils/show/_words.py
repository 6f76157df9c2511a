# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What all reports say in the same words. Pure. PRIVATE to the collection."""

from __future__ import annotations

import typing as t

from ..documents._findings import (
    RANK,
    SEVERITIES,
    Finding,
    Purpose,
    Scope,
    count,
    site_of,
    verdict,
    waived,
    worst_first,
)

VERDICTS = {"ready": "READY", "not_ready": "NOT READY", "not_proven": "NOT PROVEN"}
# The same verdicts on a part of an estate whose onboarding lies behind it.
_VERIFIED = {"ready": "HEALTHY", "not_ready": "UNHEALTHY", "not_proven": "NOT PROVEN"}
OUTCOMES = {"pass": "pass", "warn": "warn", "fail": "fail", "not_applicable": "n/a", "unknown": "unknown"}
ORDER = tuple(outcome.value for outcome in RANK)
# By kind of scope, the rows of what belongs to no site.
WHOLE = {"hierarchy": "hierarchy-wide", "tenant": "tenant", "account": "accounts"}

Document = t.Mapping[str, t.Any]
_BAD = ("fail", "unknown", "warn")


class Step(t.NamedTuple):
    """Something to do, for all findings that ask for it."""

    severity: str
    outcome: str
    text: str
    ids: tuple[str, ...]
    where: tuple[str, ...]


class Group(t.NamedTuple):
    """A finding, with everything else of which the same is to be said."""

    finding: Finding
    places: tuple[str, ...]


class Person(t.NamedTuple):
    """An account, with the findings that stand in its way."""

    name: str
    findings: tuple[Finding, ...]


class Row(t.NamedTuple):
    """A row of the verdict table."""

    name: str
    verdict: str
    counts: dict[str, int]
    worst: list[str]
    waived: int


def title(document: Document) -> str:
    """Return what was asked."""
    return "Tenant attach after onboarding" if verifies(document) else "Tenant attach readiness"


def short_verdict(document: Document, verdict_of_part: str) -> str:
    """Return a verdict on a part of the estate, in a word or two."""
    return (_VERIFIED if verifies(document) else VERDICTS)[verdict_of_part].lower()


def answer(document: Document) -> str:
    """Return the verdict on the whole, as a sentence goes on after "the verdict is"."""
    found = str(document["summary"]["verdict"])
    if not verifies(document):
        return VERDICTS[found].lower()
    if found == "ready":
        return "attach is on and healthy"
    if found == "not_proven":
        return "it is not proven that attach is on and healthy"
    off = any((each["id"], each["outcome"]) == ("attach_state", "fail") for each in document["findings"])
    return "attach is not on" if off else "attach is not healthy"


def verifies(document: Document) -> bool:
    """Tell whether it was asked what came of the onboarding."""
    # Documents of version 1.0 know no other purpose than readiness.
    return document.get("purpose") == Purpose.VERIFICATION


def headline(document: Document) -> str:
    """Return the verdict with the counts of all outcomes, and of what is waived among them."""
    summary = document["summary"]
    accepted = count(exceptions(document))
    part = {outcome: f" ({number} waived)" if number else "" for outcome, number in accepted.items()}
    counts = ", ".join(f"{summary['outcomes'][outcome]} {OUTCOMES[outcome]}{part[outcome]}" for outcome in ORDER)
    number = summary["waived"]
    plural = "" if number == 1 else "s"
    return f"{answer(document).upper()}{f', with {number} accepted exception{plural}' if number else ''}: {counts}"


def subject(document: Document) -> str:
    """Return what was judged, and when it was seen."""
    hierarchy, tenant = document["hierarchy"], document.get("tenant") or {}
    seen = "a hierarchy that could not be read"
    if hierarchy["sites"]:
        seen = (
            f"hierarchy {hierarchy['top_site'] or '(no single top-tier site)'} with {hierarchy['sites']} sites, "
            f"read from {hierarchy['read_from']}"
        )
    name = tenant.get("name") or tenant.get("id")
    return one_line(f"{seen}, and {f'tenant {name}' if name else 'no tenant'}, {document['collected_at']}")


def place(finding: Finding) -> str:
    """Return what a finding is about."""
    return place_of(finding["scope"])


def place_of(scope: Scope) -> str:
    """Return what a scope names."""
    if scope["kind"] in {"account", "hierarchy", "tenant"}:
        return scope["name"]
    return f"site {scope['name']}" if scope["kind"] == "site" else f"{scope['name']} (site {scope['site']})"


def rows(document: Document) -> list[Row]:
    """Return the rows of the verdict table. Counts are of outcomes; the worst findings leave out what is waived."""
    table = []
    for kind, name in WHOLE.items():
        own = [each for each in document["findings"] if not site_of(each) and each["scope"]["kind"] == kind]
        if own:
            bad = [each["id"] for each in sorted(own, key=worst_first) if each["outcome"] in _BAD and not waived(each)]
            table.append(Row(name, verdict(own), count(own), list(dict.fromkeys(bad)), sum(map(waived, own))))
    return table + [
        Row(one_line(code), entry["verdict"], entry["outcomes"], entry["worst"], entry["waived"])
        for code, entry in document["sites"].items()
    ]


def by_outcome(document: Document, outcome: str) -> list[Finding]:
    """Return the findings of one outcome, the worst first."""
    return sorted((each for each in document["findings"] if each["outcome"] == outcome), key=worst_first)


def outstanding(document: Document, outcome: str) -> list[Finding]:
    """Return the findings of one outcome that count, the worst first."""
    return [each for each in by_outcome(document, outcome) if not waived(each)]


def exceptions(document: Document) -> list[Finding]:
    """Return the findings that are waived, the worst first."""
    return sorted(filter(waived, document["findings"]), key=worst_first)


def severity(finding: Finding) -> str:
    """Return how much a finding matters; where the user has set that, also what the catalogue says."""
    effective, declared = finding["severity"], finding["catalogue_severity"]
    return effective if effective == declared else f"{effective} ({declared} in the catalogue)"


def waiver(finding: Finding) -> str:
    """Return who answers for a finding, or did, until when and why. Empty where nobody does."""
    given = finding.get("waiver")
    if given is None:
        return ""
    texts = (given["scope"], given["owner"], given["reason"], given["ticket"])
    scope, owner, reason, ticket = (one_line(text or "") for text in texts)
    began = f"waiver for {scope} expired on" if given["expired"] else f"waived for {scope} until"
    return f"{began} {given['expires']}, {owner}{ticket and f', {ticket}'}: {reason}"


def unused(document: Document) -> list[str]:
    """Return, for each waiver that no finding carries, which one it is and why."""
    return [one_line(f"{each['id']} for {each['scope']}: {each['reason']}") for each in document["waivers_unused"]]


def groups(findings: t.Iterable[Finding]) -> list[Group]:
    """Join findings of which the same is to be said: of accounts there may be hundreds, of unread sites thousands."""
    found: dict[t.Any, list[Finding]] = {}
    for finding in findings:
        said = (finding["id"], finding["outcome"], severity(finding), explain(finding), waiver(finding))
        found.setdefault((*said, finding["expected"], next_step(finding)), []).append(finding)
    return [Group(same[0], tuple(place(each) for each in same)) for same in found.values()]


def people(document: Document) -> list[Person]:
    """Return the accounts that lack something for which nobody answers, by name."""
    found: dict[str, list[Finding]] = {}
    for outcome in _BAD:
        for finding in outstanding(document, outcome):
            if finding["scope"]["kind"] == "account":
                found.setdefault(place(finding), []).append(finding)
    return [Person(name, tuple(own)) for name, own in sorted(found.items())]


def explain(finding: Finding) -> str:
    """Return what was observed and why that counts, in one line; and that a waiver has expired, if one has."""
    expired = "" if waived(finding) else waiver(finding)
    found = "; ".join(part for part in (finding["observed"], finding["reason"]) if part) or "nothing was observed"
    return f"{found}; {expired}" if expired else found


def next_step(finding: Finding) -> str:
    """Return what to do about a finding. Empty where nothing is to be done."""
    remedy = finding["remedy"]
    return remedy["text"] if remedy else ""


def steps(document: Document) -> list[Step]:
    """Return what to do next, each thing once: what fails first, then what is unknown, then what warns.

    What is waived asks for nothing.
    """
    found: dict[tuple[str, str], list[Finding]] = {}
    for outcome in _BAD:
        for finding in outstanding(document, outcome):
            found.setdefault((outcome, next_step(finding)), []).append(finding)
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
    # Nearly all texts are printable as they are, and of large estates there are very many.
    if not text.isprintable():
        text = "".join(char if char.isprintable() else " " for char in text)
    return " ".join(text.split())
