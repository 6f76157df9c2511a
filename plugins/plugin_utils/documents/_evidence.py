# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The evidence document: what was observed, and what could not be. PRIVATE to the collection."""

from __future__ import annotations

import datetime as dt
import typing as t
from collections.abc import Mapping

from ...module_utils._errors import InvalidOptionError
from .._strict import refuse_unknown

SCHEMA_VERSION = "1.0"
SECTIONS = ("accounts", "adminservice", "directory", "hierarchy", "tenant")
# `hosts` comes from visits, not from the result of a module.
_KEYS = ("schema_version", "collected_at", *SECTIONS, "hosts")
_NATURAL_KEYS = ("host", "code", "upn", "name")
# Lists, and the texts that each of their entries has. Another form proves nothing: an empty text is not an empty list.
_LISTS = {
    "accounts": ("upn",),
    "adminservice/providers": ("host",),
    "directory/computers": ("name",),
    "directory/groups": ("name",),
    "directory/services": ("name",),
    "hierarchy/clients": (),
    "hierarchy/components": ("component", "host", "site"),
    "hierarchy/providers": ("host", "site"),
    "hierarchy/service_connection_points": ("host", "site"),
    "hierarchy/site_systems": ("host", "site"),
    "hierarchy/sites": ("code", "type"),
    "hierarchy/status_messages": ("site",),
    "hosts": ("host",),
    "tenant/licences": (),
    "tenant/service_health": (),
}
_MAPPINGS = (
    "directory",
    "hierarchy/attach",
    "hierarchy/discovery",
    "hierarchy/visibility",
    "tenant",
    "tenant/onboarding",
    "tenant/sync",
)


class Missing(t.NamedTuple):
    """Why a piece of evidence is not there."""

    reason: str
    next_step: str
    rights: tuple[str, ...]


def understood(source: t.Any) -> dict[str, t.Any]:
    """Return an evidence document that can be judged.

    Raises:
        InvalidOptionError: It is no evidence document of a version that is understood.
    """
    if not isinstance(source, Mapping) or str(source.get("schema_version", "")).partition(".")[0] != "1":
        version = source.get("schema_version") if isinstance(source, Mapping) else type(source).__name__
        raise InvalidOptionError(
            expected="an evidence document with schema_version 1",
            observed=f"{version!r}",
            next_step="give the evidence.json that a readiness run left in its report directory",
        )
    refuse_unknown(source, _KEYS, "each key of the evidence")
    document = dict(source)
    moment(document, "collected_at")
    return document


def moment(node: Mapping[str, t.Any], key: str) -> dt.datetime:
    """Return a time of the evidence.

    Raises:
        InvalidOptionError: It is not a time in UTC.
    """
    try:
        parsed = dt.datetime.fromisoformat(str(node[key]))
    except (KeyError, ValueError) as exc:
        raise InvalidOptionError(
            expected=f"{key} of the evidence to be a time such as 2026-11-23T20:00:00Z",
            observed=repr(node.get(key)),
            next_step="collect again, or correct the file",
        ) from exc
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=dt.UTC)


class Evidence:
    """Evidence as prerequisites read it: by path, with everything that is missing explained."""

    def __init__(self, document: Mapping[str, t.Any]) -> None:
        self._document = document
        # Evidence does not change while it is judged, and the same places are asked for again and again.
        self._found: dict[str, t.Any] = {}
        self.collected_at = moment(document, "collected_at")

    def get(self, path: str) -> t.Any:
        """Return what stands at a path whose presence was checked.

        Raises:
            LookupError: It is missing, which a check of `missing` would have told.
        """
        missing = self.missing(path)
        if missing is not None:
            raise LookupError(f"{path}: {missing.reason}")
        return self._look(path)

    def missing(self, path: str) -> Missing | None:
        """Return why a path cannot be read, or None when it can."""
        found = self._look(path)
        if found is _ABSENT:
            return Missing(f"no evidence of {path.replace('/', ' / ')} was collected", "", ())
        return found if isinstance(found, Missing) else None

    def _look(self, path: str) -> t.Any:
        if path not in self._found:
            parent, _slash, segment = path.rpartition("/")
            node = self._look(parent) if parent else self._document
            stuck = node is _ABSENT or isinstance(node, Missing)
            child = node if stuck else _child(node, segment)
            if not stuck and child is not _ABSENT and not isinstance(child, Missing) and not _has_form(path, child):
                shown = path.replace("/", " / ")
                child = Missing(f"the evidence of {shown} has a form that is not understood", "collect again", ())
            self._found[path] = child
        return self._found[path]


_ABSENT = object()


def _has_form(path: str, node: t.Any) -> bool:
    if path in _LISTS:
        texts = _LISTS[path]
        return isinstance(node, list) and all(
            isinstance(entry, Mapping) and all(isinstance(entry.get(key), str) for key in texts) for entry in node
        )
    return path not in _MAPPINGS or isinstance(node, Mapping)


def _child(node: t.Any, segment: str) -> t.Any:
    if isinstance(node, Mapping):
        errors = node.get("errors")
        if isinstance(errors, Mapping) and segment in errors:
            return _from_error(errors[segment])
        child = node.get(segment, _ABSENT)
    elif isinstance(node, list):
        child = next(
            (entry for entry in node if isinstance(entry, Mapping) and _natural_key(entry) == segment), _ABSENT
        )
    else:
        return _ABSENT
    if isinstance(child, Mapping) and child.get("error"):
        return _from_error(child["error"])
    return child


def _natural_key(entry: Mapping[str, t.Any]) -> t.Any:
    return next((entry[key] for key in _NATURAL_KEYS if key in entry), None)


def _from_error(error: t.Any) -> Missing:
    if not isinstance(error, Mapping):
        return Missing(str(error), "", ())
    where = f" ({error['where']})" if error.get("where") else ""
    return Missing(
        f"expected {error.get('expected')}; observed {error.get('observed')}{where}",
        str(error.get("next_step") or ""),
        tuple(error.get("rights") or ()),
    )
