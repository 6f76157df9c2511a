# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The findings as Markdown, for tickets and wikis. Pure. PRIVATE to the collection."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.report import _words

if t.TYPE_CHECKING:
    from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils._findings import Finding

# Text of services and hosts stays text: nothing in it may begin markup, a link, a table cell or an HTML element.
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|#!~&])")
_TITLES = {
    "fail": "Fail",
    "unknown": "Unknown",
    "warn": "Warn",
    "pass": "Pass",
    "not_applicable": "Not applicable",
}


def escape(text: str) -> str:
    """Return text that shows as it is."""
    return _SPECIAL.sub(r"\\\1", _words.one_line(text))


def render(document: _words.Document) -> str:
    """Return the report."""
    lines = [
        "# Tenant attach readiness",
        "",
        f"**{escape(_words.headline(document))}**",
        "",
        escape(_words.subject(document)),
        "",
        *_table(document),
        *_steps(document),
    ]
    for outcome, title in _TITLES.items():
        findings = _words.by_outcome(document, outcome)
        if findings:
            lines += ["", f"## {title} ({len(findings)})"]
            detailed = outcome in {"fail", "unknown", "warn"}
            lines += (
                [line for each in findings for line in _details(each)] if detailed else ["", *map(_short, findings)]
            )
    return "\n".join(lines) + "\n"


def _table(document: _words.Document) -> list[str]:
    heads = [_words.OUTCOMES[outcome] for outcome in _words.ORDER]
    lines = [
        f"| | verdict | {' | '.join(heads)} | worst findings |",
        f"|---|---|{'---:|' * len(heads)}---|",
    ]
    for name, verdict, counts, worst in _words.rows(document):
        numbers = " | ".join(str(counts[outcome]) for outcome in _words.ORDER)
        ids = ", ".join(f"`{each}`" for each in worst)
        lines.append(f"| {escape(name)} | {_words.VERDICTS[verdict].lower()} | {numbers} | {ids} |")
    return lines


def _steps(document: _words.Document) -> list[str]:
    steps = _words.steps(document)
    lines = ["", "## Next steps", ""] if steps else []
    for number, step in enumerate(steps, 1):
        ids = ", ".join(f"`{each}`" for each in step.ids)
        lines.append(f"{number}. {escape(step.text)} ({ids}: {escape(', '.join(step.where))})")
    return lines


def _details(finding: Finding) -> list[str]:
    lines = ["", f"### `{finding['id']}`: {escape(_words.place(finding))}", "", escape(finding["title"]), ""]
    entries = {
        "Severity": finding["severity"],
        "Expected": finding["expected"],
        "Observed": finding["observed"],
        "Reason": finding["reason"],
        "Next step": finding["remedy"]["text"],
        "Rights to observe it": ", ".join(finding["rights"]),
    }
    lines += [f"- {label}: {escape(text)}" for label, text in entries.items() if text]
    return [*lines, f"- Source: <{finding['source']}>"]


def _short(finding: Finding) -> str:
    return f"- `{finding['id']}` {escape(_words.place(finding))}: {escape(_words.explain(finding))}"
