# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The findings as Markdown, for tickets and wikis. Pure. PRIVATE to the collection."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils._findings import waived
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.report import _words

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


_WHOLE = _Manner(None, None)
_BRIEF = _Manner(3, 300)


class _Part(t.NamedTuple):
    """A part of the report: lines that begin it, and entries that may be left out where there are too many.

    `in_order` is where nobody has anything to do.
    """

    head: str
    entries: list[str]
    what: str
    in_order: bool = False


def escape(text: str) -> str:
    """Return text that shows as it is."""
    return _NUMBERED.sub(r"\1\\\2", _SPECIAL.sub(r"\\\g<0>", _words.one_line(text)))


def render(document: _words.Document) -> str:
    """Return the report: all of it, or what a ticket takes and a sentence about the rest."""
    text = "\n".join([*_opening(document, _WHOLE), *map(_joined, _parts(document, _WHOLE))]) + "\n"
    if _size(text) <= LIMIT:
        return text
    # Where it is enough to leave out things that are in order, all else is said in full.
    return _cut(document, _WHOLE) or _cut(document, _BRIEF) or ""


def _size(text: str) -> int:
    """Return the length as the strictest of them counts: UTF-16, with line ends of two characters."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2 + text.count("\n")


def _joined(part: _Part) -> str:
    return "\n".join([part.head, *part.entries])


def _cut(document: _words.Document, manner: _Manner) -> str | None:
    """Return a report that is short enough: of every part as many entries, from its beginning, as there is room for.

    What is in order comes last. None where everything else was to be said in full, and there is no room for that.
    """
    opening, parts = _opening(document, manner), _parts(document, manner)
    kept = [0] * len(parts)
    # Nothing that is said about what is left out can be longer than where all of it is.
    room = LIMIT - _size(_assembled(opening, parts, kept, manner))
    for in_order in (False, True):
        turn = {number for number, part in enumerate(parts) if part.in_order is in_order}
        while turn:
            for number in sorted(turn):
                following = parts[number].entries[kept[number] : kept[number] + 1]
                cost = sum(_size(f"{entry}\n") for entry in following)
                if following and cost <= room:
                    kept[number] += 1
                    room -= cost
                else:
                    turn.discard(number)
    missed = [part for part, number in zip(parts, kept, strict=True) if number < len(part.entries)]
    if manner is _WHOLE and not all(part.in_order for part in missed):
        return None
    return _assembled(opening, parts, kept, manner)


def _assembled(opening: list[str], parts: list[_Part], kept: list[int], manner: _Manner) -> str:
    left_out = {part.what: len(part.entries) - number for part, number in zip(parts, kept, strict=True)}
    rest = ", ".join(f"{number} {what}" for what, number in left_out.items() if number)
    shortened = " Long texts and lists of places are shortened." if manner is _BRIEF else ""
    notice = (
        f"*This report is cut to what a ticket takes, {LIMIT} characters. Left out: {rest or 'no whole entry'}."
        f"{shortened} The JSON report, readiness.json, has all of it.*"
    )
    lines = [*opening, "", notice]
    for part, number in zip(parts, kept, strict=True):
        lines.append(_joined(part._replace(entries=part.entries[:number])))
        if left_out[part.what]:
            lines += ["", f"*{left_out[part.what]} {part.what} left out.*"]
    return "\n".join(lines) + "\n"


# -- the parts --------------------------------------------------------------------------------------------------------


def _opening(document: _words.Document, manner: _Manner) -> list[str]:
    return [
        f"# {_words.title(document)}",
        "",
        f"**{escape(_words.headline(document))}**",
        "",
        _text(_words.subject(document), manner),
    ]


def _parts(document: _words.Document, manner: _Manner) -> list[_Part]:
    """Return the parts that have something to say."""
    parts = [_table(document, manner), _steps(document, manner), _people(document, manner)]
    for outcome, title in _TITLES.items():
        findings = _words.outstanding(document, outcome)
        groups = _words.groups(findings)
        head = f"\n## {title} ({len(findings)})"
        what = f"entries under {title}"
        if outcome in {"fail", "unknown", "warn"}:
            parts.append(_Part(head, [_details(each, manner) for each in groups], what))
        else:
            parts.append(_Part(f"{head}\n", [_short(each, manner) for each in groups], what, in_order=True))
        if outcome == "warn":
            parts += [_exceptions(document, manner), _unused(document, manner)]
    parts.append(_notes(document))
    return [part for part in parts if part.entries]


def _table(document: _words.Document, manner: _Manner) -> _Part:
    rows = _words.rows(document)
    some_waived = any(row.waived for row in rows)
    heads = [_words.OUTCOMES[outcome] for outcome in _words.ORDER] + (["waived"] if some_waived else [])
    if manner is _BRIEF:
        # Who sees only some of them wants those with the most trouble.
        rows = sorted(rows, key=lambda row: list(_words.VERDICTS).index(row.verdict) or len(_words.VERDICTS))
    entries = []
    for row in rows:
        counts = [row.counts[outcome] for outcome in _words.ORDER] + ([row.waived] if some_waived else [])
        numbers = " | ".join(map(str, counts))
        ids = ", ".join(f"`{each}`" for each in row.worst)
        verdict = _words.short_verdict(document, row.verdict)
        entries.append(f"| {_text(row.name, manner)} | {verdict} | {numbers} | {ids} |")
    head = f"\n| | verdict | {' | '.join(heads)} | worst findings |\n|---|---|{'---:|' * len(heads)}---|"
    return _Part(head, entries, "rows of the table")


def _steps(document: _words.Document, manner: _Manner) -> _Part:
    entries = []
    for number, step in enumerate(_words.steps(document), 1):
        ids = ", ".join(f"`{each}`" for each in step.ids)
        entries.append(f"{number}. {_text(step.text, manner)} ({ids}: {_places(step.where, manner)})")
    return _Part("\n## Next steps\n", entries, "next steps")


def _people(document: _words.Document, manner: _Manner) -> _Part:
    """Return, for each account that lacks something, what it is and who can give it."""
    people = _words.people(document)
    head = f"\n## Accounts that lack something ({len(people)})\n\n| account | what | how, and by whom |\n|---|---|---|"
    entries = []
    for name, findings in people:
        for finding in findings:
            what = _text(_words.explain(finding), manner)
            kind = f"`{finding['id']}` ({_words.OUTCOMES[finding['outcome']]})"
            step = _text(finding["remedy"]["text"], manner)
            entries.append(f"| {_text(name, manner)} | {kind}: {what} | {step} |")
    return _Part(head, entries, "rows of accounts")


def _exceptions(document: _words.Document, manner: _Manner) -> _Part:
    findings = _words.exceptions(document)
    entries = [_details(each, manner) for each in _words.groups(findings)]
    return _Part(f"\n## Accepted exceptions ({len(findings)})", entries, "accepted exceptions")


def _unused(document: _words.Document, manner: _Manner) -> _Part:
    unused = _words.unused(document)
    head = f"\n## Waivers that no finding carries ({len(unused)})\n"
    return _Part(head, [f"- {_text(each, manner)}" for each in unused], "waivers that no finding carries")


def _notes(document: _words.Document) -> _Part:
    entries = [
        f"- {escape(note['title'])}. {escape(note['text'])} (<{note['source']}>)" for note in document.get("notes", ())
    ]
    return _Part("\n## Notes\n", entries, "notes")


def _details(group: _words.Group, manner: _Manner) -> str:
    """Return all about a finding. What is waived says how it came out, and asks for nothing."""
    finding, places = group
    accepted = waived(finding)
    lines = ["", f"### `{finding['id']}`: {_title(places, manner)}", "", escape(finding["title"]), ""]
    entries = {
        "Outcome": _words.OUTCOMES[finding["outcome"]] if accepted else "",
        "Waiver": _words.waiver(finding),
        "Accounts": _places(places, manner) if len(places) > 1 else "",
        "Severity": _words.severity(finding),
        "Expected": finding["expected"],
        "Observed": finding["observed"],
        "Reason": finding["reason"],
        "Next step": "" if accepted else finding["remedy"]["text"],
        "Rights to observe it": ", ".join(finding["rights"]),
    }
    # Places are escaped already.
    lines += [
        f"- {label}: {text if label == 'Accounts' else _text(text, manner)}" for label, text in entries.items() if text
    ]
    return "\n".join([*lines, f"- Source: <{finding['source']}>"])


def _short(group: _words.Group, manner: _Manner) -> str:
    finding, places = group
    changed = finding["severity"] != finding["catalogue_severity"]
    severity = f" (severity {escape(_words.severity(finding))})" if changed else ""
    return f"- `{finding['id']}` {_title(places, manner)}: {_text(_words.explain(finding), manner)}{severity}"


def _title(places: t.Sequence[str], manner: _Manner) -> str:
    return _text(places[0], manner) if len(places) == 1 else f"{len(places)} accounts"


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
