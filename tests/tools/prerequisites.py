# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes docs/prerequisites.md from the catalogue. A unit test compares the file with what would be written.

Usage: prerequisites.py FILE, with the collection's tree in PYTHONPATH.
"""

from __future__ import annotations

import argparse
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.judge.prerequisites._catalogue import CATALOGUE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.judge.prerequisites._model import Prerequisite

AREAS = {
    "hierarchy": "Hierarchy",
    "connection_point": "Service connection point and tenant attach",
    "adminservice": "Administration service",
    "provider_layout": "Placement of SMS Providers",
    "directory": "Active Directory, and the double hop at the CAS",
    "network": "Network, seen from the service connection point",
    "hosts": "Windows hosts",
    "cloud": "Tenant",
    "onboarding": "Onboarding",
    "accounts": "People who run actions",
    "clients": "Clients",
}
INTRODUCTION = """\
<!-- Made by `make prerequisites` from the catalogue. Change the catalogue. -->
# Prerequisites

What `configmgr.tenant_attach` judges. The id is the name of a prerequisite everywhere: in findings, in reports, in
`only` and `skip` of `configmgr.tenant_attach.judge`. Evidence is what must be there to judge at all. Where it is
missing the outcome is `unknown`, with the reason, and never `pass`. Readiness judges all of them; those marked "yes"
are judged after the onboarding too, by the [verify](verify.md) run.
"""


def page() -> str:
    """Return the whole page."""
    ordered = sorted(CATALOGUE, key=lambda each: list(AREAS).index(each.area))
    lines = [INTRODUCTION, "| id | severity | judged for | verify | condition |", "|---|---|---|---|---|"]
    lines += [
        f"| [`{each.id}`](#{each.id}) | {each.severity} | {each.scope} | {'yes' if each.after_onboarding else ''} "
        f"| {each.title} |"
        for each in ordered
    ]
    for area, group in groupby(ordered, key=lambda each: each.area):
        lines += ["", f"## {AREAS[area]}"]
        for each in group:
            lines += section(each)
    return "\n".join(lines) + "\n"


def section(each: Prerequisite) -> Iterator[str]:
    """Return the lines of one prerequisite."""
    yield from ("", f"### `{each.id}`", "", f"{each.title}. {each.why}", "")
    yield f"- Expected: {each.expected}"
    yield f"- Severity: {each.severity}; judged for: {each.scope}"
    yield f"- Evidence: {', '.join(f'`{need}`' for need in each.needs) or 'none, it is about what is declared'}"
    yield f"- Rights to observe it: {', '.join(each.rights) or 'none'}"
    yield f"- Remedy ({each.remedy.kind}): {each.remedy.text}"
    yield f"- Source: <{each.source}>"


def main() -> None:
    """Write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.parse_args().file.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
