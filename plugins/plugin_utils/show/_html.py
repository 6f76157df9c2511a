# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The findings as one HTML page: no network, no other file. Pure, but for its own parts. PRIVATE to the collection.

What is written here is what everybody sees, with JavaScript or without: the verdict, the next steps, the worst rows of
the matrix, the worst findings, the trend. The script adds filters and all the rest, see page.js.
"""

from __future__ import annotations

import base64
import collections
import functools
import hashlib
import html
import string
import typing as t
import urllib.parse
from pathlib import Path

from ..documents._findings import counting
from . import _html_data, _html_trend, _words

if t.TYPE_CHECKING:
    from ..documents._findings import Finding

VERDICTS = {
    "ready": "Ready for tenant attach",
    "not_ready": "Not ready for tenant attach",
    "not_proven": "Not proven to be ready for tenant attach",
}
# What is on the page at once. The script has the rest.
FIRST_STEPS = 6
MOST_STEPS = 60
MOST_PLACES = 3
FIRST_ROWS = 25
MOST_FINDINGS = 200
_BAD = ("fail", "unknown", "warn")


def render(document: _words.Document, trend: t.Sequence[_html_trend.Entry] = ()) -> str:
    """Return the page."""
    data = _html_data.arrange(document)
    # Accepted findings ask nobody to do anything.
    open_ones = {**document, "findings": counting(data.findings)}
    style, script = _asset("page.css"), _asset("page.js")
    return string.Template(_asset("page.html")).substitute(
        policy=_policy(style, script),
        style=style,
        script=script,
        verdict=document["summary"]["verdict"],
        title=_text(_title(document)),
        subject=" &middot; ".join(map(_text, _subject(document))),
        explanation=_text(_explanation(data)),
        numbers=_numbers(document),
        steps=_steps(open_ones),
        heads="".join(f'<th scope="col">{_text(_spoken(area))}</th>' for area in data.areas),
        rows="".join(_row(document, row, data.areas) for row in data.rows[:FIRST_ROWS]),
        shown=min(len(data.rows), FIRST_ROWS),
        all_rows=len(data.rows),
        findings=_findings(data),
        trend=_trend(document, trend),
        notes=_notes(document),
        version=_text(document["schema_version"]),
        blocks="\n".join(f'<script type="application/json">{block}</script>' for block in _html_data.blocks(data)),
    )


def _title(document: _words.Document) -> str:
    """Return the verdict as a headline: on readiness, or on what came of it."""
    if _words.verifies(document):
        said = _words.answer(document)
        return said[:1].upper() + said[1:]
    return VERDICTS[document["summary"]["verdict"]]


@functools.cache
def _asset(name: str) -> str:
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


def _policy(style: str, script: str) -> str:
    """Return what the page may do: use its own style and its own script, and nothing else."""
    hashes = (base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in (style, script))
    style_hash, script_hash = (f"'sha256-{digest}'" for digest in hashes)
    rules = f"default-src 'none'; style-src {style_hash}; script-src {script_hash}; img-src data:"
    return f"{rules}; base-uri 'none'; form-action 'none'"


def _text(value: str) -> str:
    """Return text of whatever origin as text of the page."""
    return html.escape(_words.one_line(value))


def _spoken(name: str) -> str:
    return name.replace("_", " ")


def _many(number: int, one: str) -> str:
    return f"{number:,} {one if number == 1 else f'{one}s'}"


def _explanation(data: _html_data.Data) -> str:
    """Return the verdict as it is told to somebody who does not run these systems."""
    standings = collections.Counter(map(_html_data.standing, data.findings))
    found = collections.Counter(each["outcome"] for each in counting(data.findings))
    fail, unknown, warn = found["fail"], found["unknown"], found["warn"]
    judged = found.total() - found["not_applicable"]
    if fail:
        said = [f"{fail:,} of {_many(judged, 'check')} {_are(fail)} not met{_open(unknown)}."]
    elif unknown:
        said = [f"Nothing that was seen fails, but {unknown:,} of {_many(judged, 'check')} could not be made."]
        said.append("What was not seen counts as open.")
    else:
        said = [
            f"All {_many(judged, 'check')} that apply here {_are(judged)} met." if judged else "Nothing was judged."
        ]
    said.append(_concerned(data))
    if warn:
        said.append(f"{_many(warn, 'check')} {_are(warn)} met with a warning, with which tenant attach works.")
    waived, expired = standings["waived"], standings["expired"]
    if waived:
        said.append(f"{_many(waived, 'finding')} {_are(waived)} accepted by a waiver and left out of the verdict.")
    if expired:
        said.append(f"{_many(expired, 'waiver')} {_are(expired)} expired, and what was accepted counts again.")
    return " ".join(filter(None, said))


def _are(number: int) -> str:
    return "is" if number == 1 else "are"


def _open(number: int) -> str:
    return f", and {number:,} could not be made" if number else ""


def _concerned(data: _html_data.Data) -> str:
    """Return what is not ready yet."""
    sites = [row for row in data.rows if row.key[0] == "site"]
    bad = sum(row.verdict != "ready" for row in sites)
    every = f"all {len(sites):,} sites" if bad == len(sites) > 1 else f"{bad:,} of {_many(len(sites), 'site')}"
    named = {"hierarchy": "the hierarchy as a whole", "tenant": "the tenant", "account": "accounts"}
    parts = [named[row.key[1]] for row in data.rows if row.key[0] == "part" and row.verdict != "ready"]
    *places, last = [every] * bool(bad) + parts or [""]
    return f"This concerns {', '.join(places)}{' and ' * bool(places)}{last}." if last else ""


def _subject(document: _words.Document) -> t.Iterator[str]:
    """Return what was judged, and when it was seen."""
    hierarchy, tenant = document["hierarchy"], document.get("tenant") or {}
    yield f"Tenant {tenant.get('name') or tenant.get('id') or 'not read'}"
    if hierarchy["sites"]:
        yield f"hierarchy {hierarchy['top_site'] or '(no single top-tier site)'}, {_many(hierarchy['sites'], 'site')}"
        yield f"read from {hierarchy['read_from']}"
    else:
        yield "hierarchy not read"
    yield _html_trend.time(document)


def _numbers(document: _words.Document) -> str:
    summary = document["summary"]
    tiles = [_tile(each, _words.OUTCOMES[each], summary["outcomes"][each], outcome=each) for each in _words.ORDER]
    waived = summary.get("waived", 0)
    if waived:
        tiles.append(_tile("waived", "waived", waived, outcome=",".join(_words.ORDER), waiver="waived"))
    return "".join(tiles)


def _tile(name: str, word: str, number: int, **query: str) -> str:
    return f'<li><a class="tile {name}" href="{_filter(**query)}"><b>{number:,}</b> <span>{word}</span></a></li>'


def _steps(document: _words.Document) -> str:
    steps = _words.steps(document)
    if not steps:
        return '<p class="card">Nothing. To keep it that way, run readiness on a schedule.</p>'
    titles = {finding["id"]: finding["title"] for finding in document["findings"]}
    items = [_step(step, titles) for step in steps[:MOST_STEPS]]
    text = f'<ol class="card">{"".join(items[:FIRST_STEPS])}</ol>'
    if len(steps) > FIRST_STEPS:
        last = f"<p>And {len(steps) - MOST_STEPS:,} more: see the findings.</p>" if len(steps) > MOST_STEPS else ""
        more = _many(len(steps) - FIRST_STEPS, "more step")
        rest = f'<ol class="card" start="{FIRST_STEPS + 1}">{"".join(items[FIRST_STEPS:])}</ol>'
        text += f"<details><summary>{more}</summary>{rest}{last}</details>"
    return text


def _step(step: _words.Step, titles: t.Mapping[str, str]) -> str:
    places = ", ".join(step.where[:MOST_PLACES])
    if len(step.where) > MOST_PLACES:
        places += f" and {len(step.where) - MOST_PLACES:,} more"
    links = "; ".join(
        f'<a href="{_filter(outcome=step.outcome, text=each)}">{_text(titles[each])}</a>' for each in step.ids
    )
    about = f"{_badge(step.outcome)} {_text(step.severity)} &middot; {links} &middot; {_text(places)}"
    return f'<li><p>{_text(step.text[:1].upper() + step.text[1:])}</p><p class="about">{about}</p></li>'


def _filter(**query: str) -> str:
    """Return the address of the findings that a query leaves."""
    return f"#{html.escape(urllib.parse.urlencode(query))}"


def _badge(outcome: str) -> str:
    return f'<span class="badge {outcome}">{_words.OUTCOMES[outcome]}</span>'


def _row(document: _words.Document, row: _html_data.Row, areas: t.Sequence[str]) -> str:
    kind, name = row.key
    word = _words.short_verdict(document, row.verdict)
    cells = "".join(_cell({kind: name, "area": area}, cell) for area, cell in zip(areas, row.cells, strict=True))
    return (
        f'<tr><th scope="row"><a href="{_filter(**{kind: name})}">{_text(row.label)}</a></th>'
        f'<td><span class="badge {row.verdict}">{word}</span></td>{cells}</tr>'
    )


def _cell(query: dict[str, str], numbers: tuple[int, ...]) -> str:
    """Return a cell: its worst outcome, and how often."""
    worst = next((number for number, count in enumerate(numbers) if count), None)
    if worst is None:
        return "<td></td>"
    name = _html_data.CELL[worst]
    # The page shows what needs somebody. Where nothing does, all is asked for.
    everything = {} if name in _BAD else {"outcome": ",".join(_words.ORDER)}
    word = _words.OUTCOMES.get(name, name)
    return f'<td><a class="cell {name}" href="{_filter(**query, **everything)}">{numbers[worst]:,} {word}</a></td>'


def _findings(data: _html_data.Data) -> str:
    """Return the worst findings, for readers without the script."""
    bad = [each for each in counting(data.findings) if each["outcome"] in _BAD]
    text = "".join(map(_finding, bad[:MOST_FINDINGS]))
    if len(bad) > MOST_FINDINGS:
        text += f"<li>And {len(bad) - MOST_FINDINGS:,} more, in <code>readiness.json</code>.</li>"
    return text or "<li>No finding needs attention.</li>"


def _finding(finding: Finding) -> str:
    todo = f"<p>To do: {_text(finding['remedy']['text'])}</p>" if finding["remedy"] else ""
    return (
        f'<li class="plain"><p>{_badge(finding["outcome"])} {_text(finding["severity"])} &middot; '
        f"<b>{_text(finding['title'])}</b> &middot; {_text(_words.place(finding))}</p>"
        f"<p>{_text(_words.explain(finding))}</p>{todo}</li>"
    )


def _trend(document: _words.Document, trend: t.Sequence[_html_trend.Entry]) -> str:
    runs = _html_trend.entries(document, trend)
    if len(runs) == 1:
        return ""
    heads = "".join(f'<th scope="col">{_words.OUTCOMES[outcome]}</th>' for outcome in _words.ORDER)
    head = f'<th scope="col">run</th><th scope="col">verdict</th>{heads}<th scope="col">waived</th>'
    keys = "".join(f'<li class="{name}">{_words.OUTCOMES[name]}</li>' for name in _BAD)
    return (
        '<section aria-labelledby="trend"><h2 id="trend">Trend</h2>'
        f"<p>{_text(_html_trend.says(runs))}</p>"
        f'<figure>{_html_trend.picture(runs)}<figcaption><ul class="keys">{keys}</ul></figcaption></figure>'
        '<details><summary>The same as a table</summary><div class="scroll" role="region" tabindex="0" '
        f'aria-label="Trend as a table"><table class="runs"><thead><tr>{head}</tr></thead>'
        f"<tbody>{_html_trend.table(runs)}</tbody></table></div></details></section>"
    )


def _notes(document: _words.Document) -> str:
    notes = document.get("notes") or ()
    if not notes:
        return ""
    items = "".join(map(_note, notes))
    return f'<section aria-labelledby="notes"><h2 id="notes">Worth knowing</h2><ul class="notes">{items}</ul></section>'


def _note(note: t.Mapping[str, str]) -> str:
    url = html.escape(_html_data.link(note["source"]))
    source = f' <a href="{url}" rel="noopener noreferrer">Source</a>' if url else ""
    return f"<li><p><b>{_text(note['title'])}.</b> {_text(note['text'])}{source}</p></li>"
