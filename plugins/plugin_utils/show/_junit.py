# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The findings as JUnit XML, for whatever shows the results of tests. Pure. PRIVATE to the collection.

A test suite is what findings are about: the tenant, the hierarchy, a site, a host, an account. A test case is a
prerequisite. That it is not met is a failure; that it could not be observed is an error, as that of a test that could
not be run; what does not apply, or is waived, is skipped.
"""

from __future__ import annotations

import typing as t

# Writes only. What reads XML from outside would need another library.
from xml.etree import ElementTree as ET

from ..documents._findings import Finding, waived
from . import _words

_ELEMENTS = {"fail": "failure", "unknown": "error", "not_applicable": "skipped"}
_Scope = tuple[str, str, str]


def render(document: _words.Document) -> str:
    """Return the report."""
    root = ET.Element("testsuites", {"name": "tenant attach readiness", **_numbers(document["findings"])})
    suites: dict[_Scope, list[Finding]] = {}
    for finding in document["findings"]:
        scope = finding["scope"]
        suites.setdefault((scope["kind"], scope["name"], scope["site"] or ""), []).append(finding)
    for scope, findings in suites.items():
        root.append(_suite(scope, findings, document["collected_at"]))
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _suite(scope: _Scope, findings: list[Finding], collected_at: str) -> ET.Element:
    kind, name, site = (_words.one_line(part) for part in scope)
    numbers = {**_numbers(findings), "skipped": str(sum(_element(each) == "skipped" for each in findings))}
    title = kind if kind == name else f"{kind} {name}"
    suite = ET.Element("testsuite", {"name": title, "timestamp": _words.one_line(collected_at), **numbers})
    if site:
        properties = ET.SubElement(suite, "properties")
        ET.SubElement(properties, "property", name="site", value=site)
    for finding in findings:
        suite.append(_case(finding))
    return suite


def _numbers(findings: t.Sequence[Finding]) -> dict[str, str]:
    elements = [_element(finding) for finding in findings]
    return {
        "tests": str(len(elements)),
        "failures": str(elements.count("failure")),
        "errors": str(elements.count("error")),
    }


def _element(finding: Finding) -> str:
    """Return how a finding is shown. What it is good for is met, or asks for attention and is no failure, has none."""
    return "skipped" if waived(finding) else _ELEMENTS.get(finding["outcome"], "")


def _case(finding: Finding) -> ET.Element:
    case = ET.Element("testcase", name=finding["id"], classname=finding["area"])
    element = _element(finding)
    details = "\n".join(f"{label}: {_words.one_line(text)}" for label, text in _details(finding).items() if text)
    if element:
        # `type` says how it came out, also where it is waived.
        outcome = finding["outcome"]
        ET.SubElement(case, element, type=outcome, message=_message(finding)).text = details
    elif finding["outcome"] == "warn" or finding["severity"] != finding["catalogue_severity"]:
        ET.SubElement(case, "system-out").text = details
    return case


def _message(finding: Finding) -> str:
    found = _words.one_line(_words.explain(finding))
    return f"{finding['outcome']}, {_words.waiver(finding)} ({found})" if waived(finding) else found


def _details(finding: Finding) -> dict[str, str]:
    return {
        "Outcome": finding["outcome"],
        "Severity": _words.severity(finding),
        "Waiver": _words.waiver(finding),
        "Prerequisite": finding["title"],
        "Expected": finding["expected"],
        "Observed": finding["observed"],
        "Reason": finding["reason"],
        "Next step": _words.next_step(finding),
        "Rights to observe it": ", ".join(finding["rights"]),
        "Source": finding["source"],
    }
