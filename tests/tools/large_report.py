# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes the HTML report of a large estate out of the findings of a small one.

Usage: large_report.py READINESS_JSON SITES HTML, with the collection's tree in PYTHONPATH. Each site gets 50 findings
that the small estate has of sites and of hosts, with names of its own.
"""

from __future__ import annotations

import itertools
import json
import sys
import typing as t
from pathlib import Path

from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.documents._findings import Finding, count, verdict
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.show import _html

EACH = 50
# Of so many sites, one has all the trouble of the small estate. The others have what passes there.
TROUBLED = 4

Json = dict[str, t.Any]


def copied(finding: Finding, site: str) -> Finding:
    """Return a finding of another site: its texts name the hosts of that site."""
    scope = finding["scope"]
    name = site if scope["kind"] == "site" else f"{site.lower()}-{scope['name']}"

    def renamed(text: str) -> str:
        return text.replace(scope["name"], name)

    return {
        **finding,
        "scope": {"kind": scope["kind"], "name": name, "site": site},
        "observed": renamed(finding["observed"]),
        "reason": renamed(finding["reason"]),
        "needs": [renamed(need) for need in finding["needs"]],
    }


def enlarged(document: Json, sites: int) -> Json:
    """Return the findings document of an estate with that many sites."""
    small = [finding for finding in document["findings"] if finding["scope"]["site"]]
    good = [finding for finding in small if finding["outcome"] == "pass"]
    findings = [finding for finding in document["findings"] if not finding["scope"]["site"]]
    verdicts = {}
    for number in range(sites):
        site = f"X{number:04}"
        pool = itertools.cycle(small if number % TROUBLED == 0 else good)
        own = [
            copied(finding, site) for finding in itertools.islice(pool, number % len(good), number % len(good) + EACH)
        ]
        findings += own
        verdicts[site] = {"verdict": verdict(own), "outcomes": count(own), "worst": []}
    outcomes = count(findings)
    return {
        **document,
        "hierarchy": {**document["hierarchy"], "sites": sites},
        "summary": {"verdict": verdict(findings), "outcomes": outcomes, "findings": len(findings)},
        "sites": verdicts,
        "findings": findings,
    }


def main() -> None:
    """Write the report."""
    source, sites, target = sys.argv[1:4]
    document = json.loads(Path(source).read_text(encoding="utf-8"))
    Path(target).write_text(_html.render(enlarged(document, int(sites))), encoding="utf-8")


if __name__ == "__main__":
    main()
