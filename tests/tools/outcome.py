# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tells the worst outcome of a prerequisite, and what it is about.

Usage: outcome.py READINESS_JSON PREREQUISITE
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

WORST_FIRST = ("fail", "unknown", "warn", "pass", "not_applicable")


def main() -> None:
    """Print one line."""
    findings = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))["findings"]
    found = [each for each in findings if each["id"] == sys.argv[2]]
    worst = min(found, key=lambda each: WORST_FIRST.index(each["outcome"]))
    print(worst["outcome"], worst["scope"]["name"])


if __name__ == "__main__":
    main()
