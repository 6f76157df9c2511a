# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What drifted, as a person reads it in a terminal. Pure. PRIVATE to the collection."""

from __future__ import annotations

import textwrap
import typing as t

from ..documents._drift import DRIFT
from . import _terminal, _words

_MOST = 15

Row = t.Mapping[str, t.Any]


def render(document: _words.Document) -> str:
    """Return the drift: what became worse or better, then what could not be verified."""
    lines = [_words.one_line(f"Drift of estate {document['estate']}, {_since(document)}"), _headline(document)]
    lines += [""] if document["rows"] else []
    for row in document["rows"][:_MOST]:
        lines.append(f"  {row['kind']:<9} {row['severity']:<8} {row['id']}: {_place(row)}")
        lines += _wrapped(_change(row), " " * 21)
    if len(document["rows"]) > _MOST:
        lines.append(f"  ... and {len(document['rows']) - _MOST} more, in drift.json")
    lines += _section("Problems that no earlier run could have known", document["first_seen"])
    lines += _section("Could not be verified, and is no drift", document["unverified"])
    for name, text in (("appeared", "New in the estate"), ("vanished", "Gone from the estate")):
        lines += _scopes(text, document["scopes"][name])
    return "\n".join(line.rstrip() for line in lines).rstrip() + "\n"


def _share(document: _words.Document) -> str:
    """Return how much could not be verified, in words."""
    verified = document["verified"]
    total = verified["findings"] + verified["unverified"]
    return (
        f"{verified['unverified']} of {total} findings could not be verified "
        f"({verified['percent']:g} %; at most {verified['max_percent']} %)"
    )


def _since(document: _words.Document) -> str:
    baseline = document["baseline"]
    if baseline is None:
        return f"{document['collected_at']}, the first run of this history"
    name = f"baseline {baseline['name']} of" if baseline["name"] else "the run of"
    return f"{document['collected_at']}, since {name} {baseline['collected_at']}"


def _headline(document: _words.Document) -> str:
    counts = document["counts"]
    if document["drifted"]:
        said = f"DRIFT: {', '.join(f'{counts[kind]} {kind}' for kind in DRIFT)}"
    elif not document["verified"]["enough"]:
        said = "NOT VERIFIED: nothing changed of what could be"
    elif document["baseline"] is None:
        said = "NOTHING TO COMPARE"
    else:
        said = "NO DRIFT"
    return f"{said}; {counts['still']} still; {_share(document)}"


def _change(row: Row) -> str:
    after = row["after"]
    was = row["before"]["outcome"] if row["before"] else "not there"
    now = after["outcome"] if after else "not there any more"
    told = f": {_words.explain(after)}" if after else ""
    return _words.one_line(f"{was} -> {now}{' (waived)' if row['waived'] else ''}{told}")


def _section(title: str, rows: t.Sequence[Row]) -> list[str]:
    """Return rows by prerequisite: there may be one for each account."""
    places: dict[str, list[str]] = {}
    for row in rows:
        places.setdefault(row["id"], []).append(_place(row))
    lines = ["", f"{title} ({len(rows)})"] if rows else []
    for name, own in list(places.items())[:_MOST]:
        more = f" and {len(own) - 3} more" if len(own) > 3 else ""
        lines += _wrapped(f"{name}: {', '.join(own[:3])}{more}", "    ", "  ")
    if len(places) > _MOST:
        lines.append(f"  ... and {sum(map(len, list(places.values())[_MOST:]))} more, in drift.json")
    return lines


def _scopes(title: str, scopes: t.Sequence[Row]) -> list[str]:
    if not scopes:
        return []
    shown = [_place({"scope": scope}) for scope in scopes[:_MOST]]
    more = f" and {len(scopes) - _MOST} more" if len(scopes) > _MOST else ""
    return ["", *_wrapped(f"{title}: {', '.join(shown)}{more}", "  ", "")]


def _place(row: Row) -> str:
    return _words.one_line(_words.place_of(row["scope"]))


def _wrapped(text: str, indent: str, first: str | None = None) -> list[str]:
    return textwrap.wrap(
        text,
        _terminal.WIDTH,
        initial_indent=indent if first is None else first,
        subsequent_indent=indent,
        break_on_hyphens=False,
        break_long_words=False,
    )
