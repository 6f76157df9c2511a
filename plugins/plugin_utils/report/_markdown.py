# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The findings as Markdown, for tickets and wikis. Pure. PRIVATE to the collection."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.report import _words

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
        f"# {_words.title(document)}",
        "",
        f"**{escape(_words.headline(document))}**",
        "",
        escape(_words.subject(document)),
        "",
        *_table(document),
        *_steps(document),
        *_people(document),
    ]
    for outcome, title in _TITLES.items():
        findings = _words.by_outcome(document, outcome)
        if findings:
            lines += ["", f"## {title} ({len(findings)})"]
            detailed = outcome in {"fail", "unknown", "warn"}
            lines += (
                [line for each in _words.groups(findings) for line in _details(each)]
                if detailed
                else ["", *map(_short, _words.groups(findings))]
            )
    if document.get("notes"):
        lines += ["", "## Notes", ""]
        lines += [
            f"- {escape(note['title'])}. {escape(note['text'])} (<{note['source']}>)" for note in document["notes"]
        ]
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
        lines.append(f"| {escape(name)} | {_words.short_verdict(document, verdict)} | {numbers} | {ids} |")
    return lines


def _steps(document: _words.Document) -> list[str]:
    steps = _words.steps(document)
    lines = ["", "## Next steps", ""] if steps else []
    for number, step in enumerate(steps, 1):
        ids = ", ".join(f"`{each}`" for each in step.ids)
        lines.append(f"{number}. {escape(step.text)} ({ids}: {escape(', '.join(step.where))})")
    return lines


def _people(document: _words.Document) -> list[str]:
    """Return, for each account that lacks something, what it is and who can give it."""
    people = _words.people(document)
    if not people:
        return []
    lines = [
        "",
        f"## Accounts that lack something ({len(people)})",
        "",
        "| account | what | how, and by whom |",
        "|---|---|---|",
    ]
    for name, findings in people:
        for finding in findings:
            what = f"`{finding['id']}` ({_words.OUTCOMES[finding['outcome']]}): {escape(_words.explain(finding))}"
            lines.append(f"| {escape(name)} | {what} | {escape(finding['remedy']['text'])} |")
    return lines


def _details(group: _words.Group) -> list[str]:
    finding, places = group
    lines = ["", f"### `{finding['id']}`: {escape(_title(places))}", "", escape(finding["title"]), ""]
    entries = {
        "Accounts": ", ".join(places) if len(places) > 1 else "",
        "Severity": finding["severity"],
        "Expected": finding["expected"],
        "Observed": finding["observed"],
        "Reason": finding["reason"],
        "Next step": finding["remedy"]["text"],
        "Rights to observe it": ", ".join(finding["rights"]),
    }
    lines += [f"- {label}: {escape(text)}" for label, text in entries.items() if text]
    return [*lines, f"- Source: <{finding['source']}>"]


def _short(group: _words.Group) -> str:
    return f"- `{group.finding['id']}` {escape(_title(group.places))}: {escape(_words.explain(group.finding))}"


def _title(places: t.Sequence[str]) -> str:
    return places[0] if len(places) == 1 else f"{len(places)} accounts"
