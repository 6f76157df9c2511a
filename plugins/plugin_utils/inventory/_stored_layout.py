# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the layout of a hierarchy lies in a cache, so that nothing else is taken for one. PRIVATE to the collection."""

from __future__ import annotations

import hashlib
import json
import typing as t

if t.TYPE_CHECKING:
    from ...module_utils.product._nouns import Hierarchy

FORMAT = 1  # Raised whenever the layout changes: entries of earlier releases are then read anew.


def source_of(options: t.Mapping[str, t.Any]) -> str:
    """Return a mark of the connection that a layout was read over. What is seen depends on provider and account."""
    return _digest([options[name] for name in ("provider", "auth", "username", "keytab", "ccache", "connect_to")])


def pack(layout: Hierarchy, source: str) -> dict[str, t.Any]:
    """Return the entry of a layout."""
    return {"format": FORMAT, "source": source, "digest": _digest(layout), "layout": layout}


def unpack(entry: object, source: str) -> Hierarchy | None:
    """Return the layout of an entry, None when the entry is not whole, or not of this connection."""
    if not isinstance(entry, dict) or (entry.get("format"), entry.get("source")) != (FORMAT, source):
        return None
    layout = entry.get("layout")
    if not isinstance(layout, dict) or entry.get("digest") != _digest(layout):
        return None
    # What the digest vouches for was packed from one.
    return t.cast("Hierarchy", layout)


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()
