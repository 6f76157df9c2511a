# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the script of the HTML report reads: the findings, made small. Pure. PRIVATE to the collection.

An estate of 6,000 sites has 300,000 findings, and most of their texts are the same. So each value is written once and
then called by its number, findings are columns of numbers, and all of it comes in blocks that a browser reads between
two frames.
"""

from __future__ import annotations

import json
import shlex
import typing as t

from ..documents._findings import RANK, SEVERITIES, Finding, Outcome, Remedy, site_of, verdict, waived, worst_first
from . import _words

# Findings of a block. Chromium parses one of them in two to five milliseconds.
BLOCK = 1000
# Rows of the matrix of which one block consists.
ROWS = 500
ENFORCE = "ansible-playbook configmgr.tenant_attach.enforce"
# Stands in evidence paths for the name of what the finding is about. Texts are cleaned of it before.
NAME = "\x01"
COLUMNS = (
    "outcome",
    "severity",
    "declared",
    "kind",
    "area",
    "scope",
    "name",
    "row",
    "observed",
    "reason",
    "remedy",
    "needs",
    "rights",
    "waiver",
    "standing",
)
SCOPES = ("tenant", "hierarchy", "site", "host", "account")
# What a waiver does to a finding: there is none, it is accepted, or it was accepted once and counts again.
STANDINGS = ("none", "waived", "expired")
# The numbers of a cell of the matrix, the one that matters most first. What is accepted counts as nothing else.
CELL = ("fail", "unknown", "warn", "waived", "pass", "not_applicable")
# What is shown of a waiver, in this order.
WAIVER = ("owner", "reason", "ticket", "expires", "scope")

Value = t.Any
_OUTCOMES = tuple(outcome.value for outcome in RANK)
# A script element ends at `</script`. The separators of lines that JSON has and JavaScript has not are not ASCII.
_ESCAPES = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})


class Row(t.NamedTuple):
    """A row of the matrix: a site, or what belongs to none. For each area, how many findings have each outcome."""

    label: str
    key: tuple[str, str]
    verdict: str
    cells: tuple[tuple[int, ...], ...]


class Data(t.NamedTuple):
    """What the page is made of: findings, the worst first, rows of the matrix and the areas, which are its columns."""

    findings: list[Finding]
    rows: list[Row]
    areas: tuple[str, ...]


def standing(finding: Finding) -> str:
    """Return what a waiver does to a finding. Documents without waivers know nothing of them."""
    waiver = finding.get("waiver")
    if not waiver:
        return "none"
    return "expired" if waiver["expired"] else "waived"


def link(url: str) -> str:
    """Return a URL that may be followed, or nothing: other schemes are no business of a report."""
    return url if url.startswith("https://") else ""


def command(remedy: Remedy) -> str:
    """Return the command that shows what would be put right; '' where people have to do it."""
    if remedy["kind"] != "enforce":
        return ""
    return f"{ENFORCE} --tags {shlex.quote(_words.one_line(','.join(remedy['tags'])))} --check --diff"


def arrange(document: _words.Document) -> Data:
    """Sort what the page shows."""
    findings = sorted(document["findings"], key=_order)
    # Findings come in the order of the catalogue, and so do its areas.
    areas = tuple(dict.fromkeys(finding["area"] for finding in document["findings"]))
    return Data(findings, _rows(findings, areas), areas)


def blocks(data: Data) -> t.Iterator[str]:
    """Return the JSON texts that the script reads, in the order in which it reads them."""
    yield _json(
        {
            "findings": len(data.findings),
            "columns": COLUMNS,
            "outcomes": _OUTCOMES,
            "words": [_words.OUTCOMES[outcome] for outcome in _OUTCOMES],
            "severities": SEVERITIES,
            "scopes": SCOPES,
            "standings": STANDINGS,
            "areas": data.areas,
            "cell": CELL,
            "name": NAME,
        }
    )
    for start in range(0, len(data.rows), ROWS):
        yield _json({"rows": data.rows[start : start + ROWS]})
    values = _Values()
    numbers = {row.key: number for number, row in enumerate(data.rows)}
    for start in range(0, len(data.findings), BLOCK):
        made = [_numbers(finding, values, numbers, data.areas) for finding in data.findings[start : start + BLOCK]]
        yield _json({"values": values.new(), "columns": list(zip(*made, strict=True))})


class _Values:
    """Values that are written once: texts, tuples of texts, nothing."""

    def __init__(self) -> None:
        self._numbers: dict[Value, int] = {}
        self._new: list[Value] = []

    def number(self, value: Value) -> int:
        """Return the number of a value."""
        known = self._numbers.get(value)
        if known is not None:
            return known
        self._new.append(value)
        return self._numbers.setdefault(value, len(self._numbers))

    def new(self) -> list[Value]:
        """Return the values that came since the last time, in the order of their numbers."""
        new, self._new = self._new, []
        return new


def _clean(text: str) -> str:
    """Return what `one_line` returns. Most texts need nothing, and there may be millions."""
    return text if text.isprintable() and "  " not in text and text == text.strip() else _words.one_line(text)


def _cleaned(texts: t.Iterable[str]) -> tuple[str, ...]:
    return tuple(map(_clean, texts))


def _json(value: Value) -> str:
    return json.dumps(value, separators=(",", ":")).translate(_ESCAPES)


def _order(finding: Finding) -> t.Any:
    """What is accepted comes after all that needs somebody, and before what is in order."""
    outcome, *rest = worst_first(finding)
    accepted = waived(finding) and outcome < RANK.index(Outcome.PASS)
    return (RANK.index(Outcome.PASS) - 0.5 if accepted else outcome, outcome, *rest)


def _key(finding: Finding) -> tuple[str, str]:
    """Return which row of the matrix a finding belongs to."""
    site = site_of(finding)
    if site:
        return ("site", _words.one_line(site))
    kind = finding["scope"]["kind"]
    return ("part", kind if kind in _words.WHOLE else "hierarchy")


def _rows(findings: t.Sequence[Finding], areas: tuple[str, ...]) -> list[Row]:
    own: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        own.setdefault(_key(finding), []).append(finding)
    rows = {key: _row(key, group, areas) for key, group in own.items()}
    parts = [rows.pop(key) for part in _words.WHOLE if (key := ("part", part)) in rows]
    return [*parts, *sorted(rows.values(), key=_worst_row)]


def _row(key: tuple[str, str], findings: t.Sequence[Finding], areas: tuple[str, ...]) -> Row:
    cells = {area: [0] * len(CELL) for area in areas}
    for finding in findings:
        cells[finding["area"]][CELL.index("waived" if waived(finding) else finding["outcome"])] += 1
    label = _words.WHOLE[key[1]] if key[0] == "part" else key[1]
    return Row(label, key, verdict(findings), tuple(tuple(cell) for cell in cells.values()))


def _worst_row(row: Row) -> t.Any:
    totals = [sum(cell[number] for cell in row.cells) for number in range(3)]
    return (tuple(-total for total in totals), row.label)


def _numbers(
    finding: Finding, values: _Values, rows: t.Mapping[tuple[str, str], int], areas: tuple[str, ...]
) -> tuple[int, ...]:
    scope, remedy = finding["scope"], finding["remedy"]
    waiver: t.Mapping[str, t.Any] | None = finding.get("waiver")
    name = _clean(scope["name"])
    kind = (finding["id"], finding["title"], finding.get("why", ""), finding["expected"], link(finding["source"]))
    needs = map(_clean, finding["needs"])
    return (
        _OUTCOMES.index(finding["outcome"]),
        SEVERITIES.index(finding["severity"]),
        SEVERITIES.index(finding.get("catalogue_severity", finding["severity"])),
        values.number(_cleaned(kind)),
        areas.index(finding["area"]),
        SCOPES.index(scope["kind"]),
        values.number(name),
        rows[_key(finding)],
        values.number(_clean(finding["observed"])),
        values.number(_clean(finding["reason"])),
        values.number(_cleaned((remedy["text"], command(remedy))) if remedy else None),
        values.number(tuple(need.replace(name, NAME) if name else need for need in needs)),
        values.number(_cleaned(finding["rights"])),
        values.number(_cleaned(waiver[key] or "" for key in WAIVER) if waiver else None),
        STANDINGS.index(standing(finding)),
    )
