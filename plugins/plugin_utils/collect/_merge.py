# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Evidence of several runs that looked at parts of one estate, as one document. Pure. PRIVATE to the collection."""

from __future__ import annotations

import datetime as dt
import typing as t
from collections.abc import Mapping, Sequence

from ...module_utils._errors import InvalidOptionError, NotVisitedError
from .._strict import refuse_unknown
from ..documents._evidence import moment

Json = dict[str, t.Any]
# What a document is called in errors, and the document.
Named = tuple[str, Mapping[str, t.Any]]

OLDER = ("refuse", "leave_out")
WINDOW = 1440  # Minutes.
_HEAD = ("schema_version", "collected_at")
# By section, the key that names an entry of its list.
_LISTS = {"accounts": "upn", "hosts": "host"}
# Lists that stand further below.
_INNER = {"adminservice": {"providers": "host"}, "hierarchy": {"sites": "code"}}
# An SMS Provider that was not reached says something about the way there, and nothing about itself.
_NOT_REACHED = ("resolve", "connect")


def merge(documents: Sequence[Named], *, window: int = WINDOW, older: str = "refuse") -> Json:
    """Return one evidence document. What was observed wins over an error, and the newer over the older.

    Args:
        documents: Evidence documents of the same estate, each with a name for errors.
        window: Minutes before the newest document from which on evidence counts as being of one scan.
        older: Whether what is older is refused, or left out.

    Raises:
        InvalidOptionError: The documents do not belong together.
    """
    refuse_unknown([older], OLDER, "option older")
    if window < 1:
        raise InvalidOptionError(
            expected="option window to be at least 1 minute",
            observed=str(window),
            next_step="leave window out, or give whole minutes",
        )
    if not documents:
        raise InvalidOptionError(
            expected="at least one evidence document",
            observed="none",
            next_step="give the evidence.json of each run that looked at a part",
        )
    for name, document in documents:
        _refuse_form(name, document)
    _refuse_twice(documents)
    _refuse_other(documents, "schema_version", lambda document: document["schema_version"])
    # Sorting keeps the order of what is equal, so that the same documents make the same one.
    recent = sorted(_recent(documents, window, older), key=lambda each: moment(each[1], "collected_at"), reverse=True)
    _refuse_other(recent, "hierarchy", _hierarchy)
    _refuse_other(recent, "tenant", _tenant)
    newest_first = [document for _name, document in recent]
    sections = sorted({key for document in newest_first for key in document} - {*_HEAD})
    merged = {name: _section(name, [each[name] for each in newest_first if name in each]) for name in sections}
    return {**{key: newest_first[0][key] for key in _HEAD}, **merged}


# -- what belongs together --------------------------------------------------------------------------------------------


def _refuse_form(name: str, document: Mapping[str, t.Any]) -> None:
    """Refuse what cannot be merged. What is only odd inside of an entry is left to the judgement."""
    for section, content in document.items():
        if section in _HEAD or _failed(content):
            continue
        understood = _has_entries(content, _LISTS[section]) if section in _LISTS else isinstance(content, Mapping)
        for key, natural in _INNER.get(section, {}).items():
            understood = understood and (key not in content or _has_entries(content[key], natural))
        if not understood:
            raise InvalidOptionError(
                expected="sections of evidence in the form of evidence.schema.json",
                observed=f"another form of {section}",
                where=name,
                next_step="collect again, or correct the file",
            )


def _has_entries(content: t.Any, natural: str) -> bool:
    return isinstance(content, list) and all(isinstance(each, Mapping) and natural in each for each in content)


def _refuse_twice(documents: Sequence[Named]) -> None:
    for index, (name, document) in enumerate(documents):
        for other, same in documents[:index]:
            if same == document:
                raise InvalidOptionError(
                    expected="each evidence document once",
                    observed=f"{name} and {other} are the same",
                    next_step="leave one of them out",
                )


def _recent(documents: Sequence[Named], window: int, older: str) -> list[Named]:
    newest_name, newest = max(documents, key=lambda each: moment(each[1], "collected_at"))
    oldest = moment(newest, "collected_at") - dt.timedelta(minutes=window)
    late = [each for each in documents if moment(each[1], "collected_at") < oldest]
    if late and older == "refuse":
        raise InvalidOptionError(
            expected=f"evidence of one scan, collected within {window} minutes",
            observed=", ".join(f"{name} of {document['collected_at']}" for name, document in late)
            + f"; the newest is {newest_name} of {newest['collected_at']}",
            next_step="leave the older evidence out (older: leave_out), or allow for a longer scan (window)",
        )
    return [each for each in documents if moment(each[1], "collected_at") >= oldest]


def _refuse_other(documents: Sequence[Named], what: str, identity: t.Callable[[Mapping[str, t.Any]], t.Any]) -> None:
    """Refuse documents of which two say a different thing. One that says nothing does not contradict."""
    said = [(name, told) for name, document in documents if (told := identity(document)) is not None]
    for name, told in said:
        first, expected = said[0]
        if told != expected:
            raise InvalidOptionError(
                expected=f"evidence with one {what}",
                observed=f"{expected} in {first}, {told} in {name}",
                next_step="merge the evidence of each estate by itself, and collect with one release of the collection",
            )


def _hierarchy(document: Mapping[str, t.Any]) -> str | None:
    """Return what tells a hierarchy from another: codes of sites alone are given out again and again."""
    hierarchy = document.get("hierarchy")
    top = hierarchy.get("top_site") if isinstance(hierarchy, Mapping) else None
    sites = hierarchy.get("sites") if isinstance(hierarchy, Mapping) else None
    if top is None or not sites:
        return None
    server = next((site.get("server") for site in sites if site.get("code") == top), None)
    return f"top-tier site {top} on {str(server).lower()}"


def _tenant(document: Mapping[str, t.Any]) -> str | None:
    tenant = document.get("tenant")
    identity = tenant.get("id") if isinstance(tenant, Mapping) else None
    return None if identity is None else str(identity).lower()


# -- what wins --------------------------------------------------------------------------------------------------------


def _section(name: str, sections: Sequence[t.Any]) -> t.Any:
    """Merge what several documents have in one place, the newest first."""
    observed = [section for section in sections if not _failed(section)]
    if not observed:
        return sections[0]
    if name in _LISTS:
        return [_entry(entries) for entries in _by_name(observed, _LISTS[name])]
    merged = _entry(observed)
    if name == "adminservice":
        lists = [section["providers"] for section in observed if "providers" in section]
        if lists:
            merged["providers"] = [_reached(entries) for entries in _by_name(lists, "host")]
    return merged


def _by_name(lists: Sequence[Sequence[Json]], key: str) -> list[list[Json]]:
    found: dict[str, list[Json]] = {}
    for entry in (entry for entries in lists for entry in entries):
        found.setdefault(str(entry[key]).casefold(), []).append(entry)
    return list(found.values())


def _entry(entries: Sequence[Json]) -> Json:
    """Merge what several documents tell about one thing, value by value."""
    merged: Json = {}
    errors: Json = {}
    names = dict.fromkeys(key for entry in entries for key in (*entry, *entry.get("errors", ())))
    for name in names.keys() - {"errors"}:
        told = [entry[name] for entry in entries if name in entry and name not in entry.get("errors", ())]
        observed = [value for value in told if not _failed(value)]
        if observed:
            merged[name] = observed[0]
        else:
            errors[name] = _best_error([each for entry in entries for each in _errors(entry, name)])
    if "errors" in names:
        merged["errors"] = dict(sorted(errors.items()))
    return dict(sorted(merged.items()))


def _errors(entry: Json, name: str) -> list[t.Any]:
    if name in entry.get("errors", ()):
        return [entry["errors"][name]]
    return [entry[name]["error"]] if name in entry else []


def _best_error(errors: Sequence[t.Any]) -> t.Any:
    """Return the error that tells most: one of a visit says more than that there was none."""
    visited = [each for each in errors if not isinstance(each, Mapping) or each.get("kind") != NotVisitedError.kind]
    return (visited or errors)[0]


def _reached(entries: Sequence[Json]) -> Json:
    return next((entry for entry in entries if entry.get("failed_stage") not in _NOT_REACHED), entries[0])


def _failed(value: t.Any) -> bool:
    return isinstance(value, Mapping) and bool(value.get("error"))
