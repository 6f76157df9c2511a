# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs as `judge` leaves them, of findings that tests choose."""

from __future__ import annotations

import datetime as dt
import typing as t

from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.documents._findings import count, verdict

Json = dict[str, t.Any]
BEGIN = dt.datetime(2026, 11, 1, 6, tzinfo=dt.UTC)
FUNCTIONAL, PRESENT, VERSION = "adminservice_functional", "provider_present", "site_version"
TITLES = {name: f"Title of {name}" for name in (FUNCTIONAL, PRESENT, VERSION)}


def finding(
    outcome: str, name: str = "cm01.contoso.com", *, of: str = FUNCTIONAL, kind: str = "host", **more: t.Any
) -> Json:
    """A finding, with all that drift looks at."""
    site = "P01" if kind in {"host", "site"} else None
    return {
        "id": of,
        "title": TITLES[of],
        "scope": {"kind": kind, "name": name, "site": site},
        "outcome": outcome,
        "severity": "high",
        "observed": f"seen as {outcome}" if outcome != "unknown" else "",
        "reason": f"because of {outcome}",
        "waiver": None,
        **more,
    }


def blind(of: str = FUNCTIONAL) -> Json:
    """The finding that stands for all where nothing could be listed."""
    return finding("unknown", "hierarchy", of=of, kind="hierarchy", reason="no provider answered")


def at(day: int) -> str:
    """The time of the run of a day."""
    return (BEGIN + dt.timedelta(days=day)).strftime("%Y-%m-%dT%H:%M:%SZ")


def run(day: int, *findings: Json) -> Json:
    """The findings document of a day."""
    return {
        "schema_version": "1.1",
        "collected_at": at(day),
        "summary": {"verdict": verdict(findings), "outcomes": count(findings), "findings": len(findings)},
        "findings": list(findings),
    }
