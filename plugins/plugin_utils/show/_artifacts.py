# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a run leaves for the jobs that follow it in a workflow. Pure. PRIVATE to the collection."""

from __future__ import annotations

import typing as t

from ..documents._findings import counting

if t.TYPE_CHECKING:
    from collections.abc import Mapping

    from ..documents._findings import Finding

# The controller stores artifacts with every job, and hands them on as variables: they stay small.
MOST = 20


def artifacts(document: Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return the artifacts of a findings document. Equal findings give equal ones: no time is in them.

    Args:
        document: What `judge` returned.
    """
    counts = counting(document["findings"])
    not_ready = [code for code, site in document["sites"].items() if site["verdict"] != "ready"]
    return {
        "tenant_attach_verdict": document["summary"]["verdict"],
        "tenant_attach_ready": document["ready"],
        "tenant_attach_outcomes": dict(document["summary"]["outcomes"]),
        "tenant_attach_waived": len(document["findings"]) - len(counts),
        "tenant_attach_fails_on": list(document["fails_on"]),
        "tenant_attach_failing": _ids(counts, "fail"),
        "tenant_attach_unknown": _ids(counts, "unknown"),
        "tenant_attach_sites_not_ready": sorted(not_ready)[:MOST],
    }


def _ids(findings: t.Iterable[Finding], outcome: str) -> list[str]:
    return sorted({finding["id"] for finding in findings if finding["outcome"] == outcome})[:MOST]
