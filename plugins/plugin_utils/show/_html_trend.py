# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How an estate has fared over its last runs, as a picture and as a table. Pure. PRIVATE to the collection."""

from __future__ import annotations

import html
import math
import re
import typing as t

from . import _words

Entry = t.Mapping[str, t.Any]

# More runs than this are not told apart in a picture.
MOST = 60
_BAD = ("fail", "unknown", "warn")
# In units of the drawing, which the page stretches: texts are therefore beside it.
_STEP, _WIDTH, _HEIGHT = 100, 64, 100


def entry(document: _words.Document) -> dict[str, t.Any]:
    """Return what a findings document adds to the trend."""
    summary = document["summary"]
    return {
        "collected_at": document["collected_at"],
        "verdict": summary["verdict"],
        "outcomes": summary["outcomes"],
        "waived": summary.get("waived", 0),
    }


def entries(document: _words.Document, trend: t.Sequence[Entry]) -> list[Entry]:
    """Return the runs to show, this one last, whether the history holds it already or not."""
    earlier = [each for each in trend if each["collected_at"] != document["collected_at"]]
    return [*earlier, entry(document)][-MOST:]


def time(run: Entry) -> str:
    """Return when something was seen, as people write it."""
    text = _words.one_line(run["collected_at"])
    return re.sub(r"^(\d{4}-\d\d-\d\d)T(\d\d:\d\d):\d\d(?:\.\d+)?Z$", r"\1 \2 UTC", text)


def picture(runs: t.Sequence[Entry]) -> str:
    """Return a drawing: a column for each run, with what failed, what was unknown and what warned."""
    top = _ceiling(max(sum(run["outcomes"][outcome] for outcome in _BAD) for run in runs))
    scale = _HEIGHT / top
    lines = "".join(f'<line class="grid" x2="{_STEP * len(runs)}" y1="{y}" y2="{y}"/>' for y in (0, 50, 100))
    columns = "".join(_column(run, _STEP * number + (_STEP - _WIDTH) / 2, scale) for number, run in enumerate(runs))
    numbers = "".join(f"<span>{value:,}</span>" for value in (top, top // 2, 0))
    return (
        f'<div class="plot"><div class="scale" aria-hidden="true">{numbers}</div>'
        f'<svg viewBox="0 0 {_STEP * len(runs)} {_HEIGHT}" preserveAspectRatio="none" role="img" '
        f'aria-labelledby="says">'
        f'<title id="says">{html.escape(says(runs))}</title>{lines}{columns}</svg>'
        f'<div class="dates" aria-hidden="true"><span>{_day(runs[0])}</span><span>{_day(runs[-1])}</span></div></div>'
    )


def says(runs: t.Sequence[Entry]) -> str:
    """Return the trend in one sentence."""
    first, last = runs[0]["outcomes"], runs[-1]["outcomes"]
    changes = ", ".join(f"{outcome} {first[outcome]} then and {last[outcome]} now" for outcome in _BAD)
    return f"{len(runs)} runs since {_day(runs[0])}: {changes}."


def table(runs: t.Sequence[Entry]) -> str:
    """Return the rows of the table, the newest first."""
    rows = []
    for run in reversed(runs):
        numbers = "".join(f"<td>{run['outcomes'][outcome]}</td>" for outcome in _words.ORDER)
        heads = f'<th scope="row">{html.escape(time(run))}</th><td>{_words.VERDICTS[run["verdict"]].lower()}</td>'
        rows.append(f"<tr>{heads}{numbers}<td>{run.get('waived', 0)}</td></tr>")
    return "".join(rows)


def _ceiling(number: int) -> int:
    """Return an even number that is not smaller, and not much larger."""
    step: int = max(10 ** (len(str(number)) - 1) // 5, 2)
    return max(math.ceil(number / step), 1) * step


def _column(run: Entry, left: float, scale: float) -> str:
    parts = []
    y = float(_HEIGHT)
    for outcome in _BAD:
        height = run["outcomes"][outcome] * scale
        y -= height
        parts.append(f'<rect class="{outcome}" x="{left:.0f}" y="{y:.2f}" width="{_WIDTH}" height="{height:.2f}"/>')
    numbers = ", ".join(f"{run['outcomes'][outcome]} {outcome}" for outcome in _BAD)
    return f"<g><title>{_day(run)}: {numbers}</title>{''.join(parts)}</g>"


def _day(run: Entry) -> str:
    return html.escape(_words.one_line(run["collected_at"])[:10])
