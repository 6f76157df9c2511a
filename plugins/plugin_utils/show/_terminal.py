# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The verdict as a person reads it in a terminal. Pure. PRIVATE to the collection."""

from __future__ import annotations

import textwrap
import typing as t

from . import _words

if t.TYPE_CHECKING:
    from ..documents._findings import Finding

WIDTH = 120
_MOST_FINDINGS = 15
_MOST_PLACES = 3
_MOST_SITES = 40
_WORST_WIDTH = 55
_TITLES = {"fail": "What fails", "unknown": "What could not be observed", "warn": "What needs attention"}


def render(document: _words.Document) -> str:
    """Return the verdict: a table of sites, the findings that matter, and the next steps."""
    lines = [
        *_wrapped(f"{_words.title(document)}, {_words.subject(document)}", "  ", ""),
        _words.headline(document),
        "",
        *_table(document),
    ]
    secondary = document["hierarchy"]["secondary_sites"]
    if secondary:
        lines += ["", f"{secondary} secondary sites have no row: nothing of tenant attach lives in them."]
    for outcome, title in _TITLES.items():
        lines += _section(title, _words.outstanding(document, outcome))
    lines += [*_exceptions(document), *_unused(document), *_next_steps(document)]
    for note in document.get("notes", ()):
        lines += ["", *_wrapped(f"Note: {note['title']}. {note['text']}", "  ", "")]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _table(document: _words.Document) -> list[str]:
    heads = [_words.OUTCOMES[outcome] for outcome in _words.ORDER]
    rows = _words.rows(document)
    # A column of its own only where it says something.
    some_waived = any(row.waived for row in rows)
    if some_waived:
        heads.append("waived")
    widths = [max(len(head), 4) + 2 for head in heads]
    lines = [_row("", "verdict", heads, widths, "worst findings")]
    space = _WORST_WIDTH - (widths[-1] if some_waived else 0)
    for row in rows[:_MOST_SITES]:
        counts = [row.counts[outcome] for outcome in _words.ORDER] + ([row.waived] if some_waived else [])
        numbers = [str(number or ".") for number in counts]
        lines.append(
            _row(row.name, _words.short_verdict(document, row.verdict), numbers, widths, _worst(row.worst, space))
        )
    if len(rows) > _MOST_SITES:
        lines.append(f"... and {len(rows) - _MOST_SITES} more rows, in the reports")
    return lines


def _row(name: str, verdict: str, cells: list[str], widths: list[int], last: str) -> str:
    middle = "".join(f"{cell:>{width}}" for cell, width in zip(cells, widths, strict=True))
    return f"{name:<15}{verdict:<10}{middle}  {last}"


def _worst(ids: list[str], space: int) -> str:
    """Return as many ids as fit, and how many more there are."""
    shown: list[str] = []
    for each in ids:
        if shown and len(", ".join([*shown, each])) > space:
            break
        shown.append(each)
    more = f" +{len(ids) - len(shown)}" if len(ids) > len(shown) else ""
    return ", ".join(shown) + more or "-"


def _section(title: str, findings: list[Finding]) -> list[str]:
    return _listed(title, findings, lambda finding: finding["severity"], _words.explain)


def _exceptions(document: _words.Document) -> list[str]:
    findings = _words.exceptions(document)
    return _listed("Accepted exceptions", findings, lambda finding: _words.OUTCOMES[finding["outcome"]], _words.waiver)


def _listed(
    title: str, findings: list[Finding], label: t.Callable[[Finding], str], text: t.Callable[[Finding], str]
) -> list[str]:
    """Return the findings under a title: a label, what and where, and what is to be said of it."""
    if not findings:
        return []
    lines = ["", f"{title} ({len(findings)})"]
    groups = _words.groups(findings)
    for finding, places in groups[:_MOST_FINDINGS]:
        set_by_user = finding["severity"] != finding["catalogue_severity"]
        severity = f" [severity {_words.severity(finding)}]" if set_by_user else ""
        lines += _wrapped(f"{finding['id']}: {_places(places)}{severity}", "           ", f"  {label(finding):<8} ")
        lines += _wrapped(_words.one_line(text(finding)), "           ")
    if len(groups) > _MOST_FINDINGS:
        lines.append(f"  ... and {sum(len(each.places) for each in groups[_MOST_FINDINGS:])} more, in the reports")
    return lines


def _unused(document: _words.Document) -> list[str]:
    unused = _words.unused(document)
    if not unused:
        return []
    lines = ["", f"Waivers that no finding carries ({len(unused)})"]
    lines += [line for each in unused[:_MOST_FINDINGS] for line in _wrapped(each, "     ", "  ")]
    if len(unused) > _MOST_FINDINGS:
        lines.append(f"  ... and {len(unused) - _MOST_FINDINGS} more, in the reports")
    return lines


def _places(places: t.Sequence[str]) -> str:
    """Return as many places as are worth reading here, and how many more there are."""
    more = f" and {len(places) - _MOST_PLACES} more" if len(places) > _MOST_PLACES else ""
    return _words.one_line(", ".join(places[:_MOST_PLACES])) + more


def _next_steps(document: _words.Document) -> list[str]:
    steps = _words.steps(document)
    if not steps:
        return []
    lines = ["", "Next steps"]
    for number, step in enumerate(steps[:_MOST_FINDINGS], 1):
        where = _places(step.where)
        lines += _wrapped(_words.one_line(f"{number:>3}. {step.text} [{', '.join(step.ids)}: {where}]"), "     ", "  ")
    if len(steps) > _MOST_FINDINGS:
        lines.append(f"  ... and {len(steps) - _MOST_FINDINGS} more, in the reports")
    return lines


def _wrapped(text: str, indent: str, first: str | None = None) -> list[str]:
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=indent if first is None else first,
        subsequent_indent=indent,
        break_on_hyphens=False,
        break_long_words=False,
    )
