# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The findings as Markdown, for tickets and wikis. Pure. PRIVATE to the collection."""

from __future__ import annotations

import re
import typing as t

from ..documents._findings import Finding, waived
from . import _words

# What a ticket takes: a field of Jira, by default, 32,767 characters, and a comment at GitHub twice as many.
LIMIT = 32_767
# Text of services and hosts stays text: nothing in it may begin markup, a formula, a table cell or an HTML element,
# nor, at its beginning, a list or a heading; and what looks like an address or a mention does not become one.
_SPECIAL = re.compile(r"[\\`*_{}\[\]<>|#!~&$]|^[-+=]|(?<=/)/|(?<=www)\.|(?<![\w.+-])@", re.IGNORECASE)
_NUMBERED = re.compile(r"^([0-9]+)([.)])")
_TITLES = {
    "fail": "Fail",
    "unknown": "Unknown",
    "warn": "Warn",
    "pass": "Pass",
    "not_applicable": "Not applicable",
}


class _Manner(t.NamedTuple):
    """How much is said: places of one thing, and characters of one text. None for all of it."""

    places: int | None
    characters: int | None


# When a part gets room: what to do before all else, and what is in order, where nobody has anything to do, last.
_FIRST, _LAST = 0, 2
# Each says less than the one before.
_WHOLE, *_SHORTER = (_Manner(None, None), _Manner(50, 2_000), _Manner(10, 600), _Manner(3, 300))


class _Part(t.NamedTuple):
    """A part of the report: lines that begin it, and items that may be left out where there are too many.

    Items are made into text one by one, as long as there is room. `turn` says when the part gets some of it.
    """

    head: str
    items: t.Sequence[t.Any]
    show: t.Callable[[t.Any, _Manner], str]
    what: str
    turn: int = 1
    # Where texts are shortened, the order of the items.
    order: t.Callable[[t.Any], int] | None = None


def escape(text: str) -> str:
    """Return text that shows as it is."""
    return _NUMBERED.sub(r"\1\\\2", _SPECIAL.sub(r"\\\g<0>", _words.one_line(text)))


def render(document: _words.Document) -> str:
    """Return the report: all of it, or what a ticket takes and a sentence about the rest."""
    opening, parts = _opening(document, _WHOLE), _parts(document)
    texts = _fill(parts, LIMIT - _size(_text_of(opening, parts, [[] for _part in parts])), _WHOLE)
    if not any(_missed(parts, texts)):
        return _text_of(opening, parts, texts)
    # Where it is enough to leave out what is in order, all else is said as fully as there is room for.
    text, enough = _cut(document, parts, _WHOLE)
    parts = [part._replace(items=sorted(part.items, key=part.order)) if part.order else part for part in parts]
    for manner in _SHORTER:
        if not enough:
            text, enough = _cut(document, parts, manner)
    return text


def _size(text: str) -> int:
    """Return the length as the strictest of them counts: UTF-16, with line ends of two characters."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2 + text.count("\n")


def _text_of(opening: list[str], parts: list[_Part], texts: list[list[str]]) -> str:
    lines = [line for part, own in zip(parts, texts, strict=True) for line in (part.head, *own)]
    return "\n".join([*opening, *lines]) + "\n"


def _missed(parts: list[_Part], texts: list[list[str]]) -> list[int]:
    """Return how many items of each part are missing."""
    return [len(part.items) - len(own) for part, own in zip(parts, texts, strict=True)]


def _fill(parts: list[_Part], room: int, manner: _Manner) -> list[list[str]]:
    """Return, for every part, as many of its items as there is room for."""
    texts: list[list[str]] = [[] for _part in parts]
    for now in range(_FIRST, _LAST + 1):
        turn = [number for number, part in enumerate(parts) if part.turn == now]
        while turn:
            for number in tuple(turn):
                part, own = parts[number], texts[number]
                text = part.show(part.items[len(own)], manner) if len(own) < len(part.items) else None
                cost = 0 if text is None else _size(f"{text}\n")
                if text is None or cost > room:
                    turn.remove(number)
                else:
                    own.append(text)
                    room -= cost
    return texts


def _cut(document: _words.Document, parts: list[_Part], manner: _Manner) -> tuple[str, bool]:
    """Return a report that is short enough, and whether no more than what is in order is left out."""
    opening = _opening(document, manner)
    # Nothing that is said about what is left out can be longer than where all of it is.
    texts = _fill(parts, LIMIT - _size(_assembled(opening, parts, [[] for _part in parts], manner)), manner)
    missed = zip(parts, _missed(parts, texts), strict=True)
    return _assembled(opening, parts, texts, manner), all(part.turn == _LAST for part, number in missed if number)


def _assembled(opening: list[str], parts: list[_Part], texts: list[list[str]], manner: _Manner) -> str:
    """Return a report that says what is left out: at its beginning, and where it is."""
    missed = [
        f"{number} {part.what}" if number else "" for part, number in zip(parts, _missed(parts, texts), strict=True)
    ]
    rest = ", ".join(filter(None, missed))
    shortened = " Long texts and lists of places are shortened." if manner is not _WHOLE else ""
    notice = (
        f"*This report is cut to what a ticket takes, {LIMIT} characters. Left out: {rest or 'no whole entry'}."
        f"{shortened} The JSON report, readiness.json, has all of it.*"
    )
    ends = [["", f"*{missing} left out.*"] if missing else [] for missing in missed]
    return _text_of([*opening, "", notice], parts, [own + end for own, end in zip(texts, ends, strict=True)])


# -- the parts --------------------------------------------------------------------------------------------------------


def _opening(document: _words.Document, manner: _Manner) -> list[str]:
    return [
        f"# {_words.title(document)}",
        "",
        f"**{escape(_words.headline(document))}**",
        "",
        _text(_words.subject(document), manner),
    ]


def _parts(document: _words.Document) -> list[_Part]:
    """Return the parts that have something to say."""
    parts = [_table(document), _steps(document), _people(document)]
    for outcome, title in _TITLES.items():
        findings = _words.outstanding(document, outcome)
        groups = _words.groups(findings)
        head = f"\n## {title} ({len(findings)})"
        what = f"entries under {title}"
        if outcome in {"fail", "unknown", "warn"}:
            parts.append(_Part(head, groups, _details, what))
        else:
            parts.append(_Part(f"{head}\n", groups, _short, what, _LAST))
        if outcome == "warn":
            parts += [_exceptions(document), _unused(document)]
    parts.append(_notes(document))
    return [part for part in parts if part.items]


def _table(document: _words.Document) -> _Part:
    rows = _words.rows(document)
    some_waived = any(row.waived for row in rows)
    heads = [_words.OUTCOMES[outcome] for outcome in _words.ORDER] + (["waived"] if some_waived else [])

    def show(row: _words.Row, manner: _Manner) -> str:
        counts = [row.counts[outcome] for outcome in _words.ORDER] + ([row.waived] if some_waived else [])
        ids = ", ".join(f"`{each}`" for each in row.worst)
        verdict = _words.short_verdict(document, row.verdict)
        return f"| {_text(row.name, manner)} | {verdict} | {' | '.join(map(str, counts))} | {ids} |"

    head = f"\n| | verdict | {' | '.join(heads)} | worst findings |\n|---|---|{'---:|' * len(heads)}---|"
    # Who sees only some of them wants those with the most trouble.
    verdicts = ("not_ready", "not_proven", "ready")
    return _Part(head, rows, show, "rows of the table", order=lambda row: verdicts.index(row.verdict))


def _steps(document: _words.Document) -> _Part:
    def show(numbered: tuple[int, _words.Step], manner: _Manner) -> str:
        number, step = numbered
        ids = ", ".join(f"`{each}`" for each in step.ids)
        return f"{number}. {_text(step.text, manner)} ({ids}: {_places(step.where, manner)})"

    return _Part("\n## Next steps\n", list(enumerate(_words.steps(document), 1)), show, "next steps", _FIRST)


def _people(document: _words.Document) -> _Part:
    """Return, for each account that lacks something, what it is and who can give it."""

    def show(lack: tuple[str, Finding], manner: _Manner) -> str:
        name, finding = lack
        kind = f"`{finding['id']}` ({_words.OUTCOMES[finding['outcome']]})"
        step = _text(_words.next_step(finding), manner)
        return f"| {_text(name, manner)} | {kind}: {_text(_words.explain(finding), manner)} | {step} |"

    people = _words.people(document)
    head = f"\n## Accounts that lack something ({len(people)})\n\n| account | what | how, and by whom |\n|---|---|---|"
    lacks = [(person.name, finding) for person in people for finding in person.findings]
    return _Part(head, lacks, show, "rows of accounts")


def _exceptions(document: _words.Document) -> _Part:
    findings = _words.exceptions(document)
    head = f"\n## Accepted exceptions ({len(findings)})"
    return _Part(head, _words.groups(findings), _details, "accepted exceptions")


def _unused(document: _words.Document) -> _Part:
    unused = _words.unused(document)
    head = f"\n## Waivers that no finding carries ({len(unused)})\n"
    return _Part(head, unused, lambda each, manner: f"- {_text(each, manner)}", "waivers that no finding carries")


def _notes(document: _words.Document) -> _Part:
    def show(note: t.Mapping[str, str], _manner: _Manner) -> str:
        return f"- {escape(note['title'])}. {escape(note['text'])} (<{note['source']}>)"

    return _Part("\n## Notes\n", document.get("notes", ()), show, "notes")


def _details(group: _words.Group, manner: _Manner) -> str:
    """Return all about a finding. What is waived says how it came out, and asks for nothing."""
    finding, places = group
    accepted = waived(finding)
    lines = ["", f"### `{finding['id']}`: {_title(group, manner)}", "", escape(finding["title"]), ""]
    entries = {
        "Outcome": _words.OUTCOMES[finding["outcome"]] if accepted else "",
        "Waiver": _words.waiver(finding),
        "Where": _places(places, manner) if len(places) > 1 else "",
        "Severity": _words.severity(finding),
        "Expected": finding["expected"],
        "Observed": finding["observed"],
        "Reason": finding["reason"],
        "Next step": "" if accepted else _words.next_step(finding),
        "Rights to observe it": ", ".join(finding["rights"]),
    }
    # Places are escaped already.
    lines += [
        f"- {label}: {text if label == 'Where' else _text(text, manner)}" for label, text in entries.items() if text
    ]
    return "\n".join([*lines, f"- Source: <{finding['source']}>"])


def _short(group: _words.Group, manner: _Manner) -> str:
    finding, places = group
    changed = finding["severity"] != finding["catalogue_severity"]
    severity = f" (severity {escape(_words.severity(finding))})" if changed else ""
    # The names of accounts for which all is well would fill pages, and are those that were declared.
    where = _title(group, manner) if finding["scope"]["kind"] == "account" else _places(places, manner)
    return f"- `{finding['id']}` {where}: {_text(_words.explain(finding), manner)}{severity}"


def _title(group: _words.Group, manner: _Manner) -> str:
    finding, places = group
    return _text(places[0], manner) if len(places) == 1 else f"{len(places)} {finding['scope']['kind']}s"


def _places(places: t.Sequence[str], manner: _Manner) -> str:
    shown = places[: manner.places]
    more = f" and {len(places) - len(shown)} more" if len(places) > len(shown) else ""
    return ", ".join(_text(each, manner) for each in shown) + more


def _text(text: str, manner: _Manner) -> str:
    """Return text that shows as it is, as much of it as is wanted."""
    line = _words.one_line(text)
    if manner.characters is not None and len(line) > manner.characters:
        line = f"{line[: manner.characters]} ..."
    return escape(line)
