# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Evidence that is empty, and an error in it."""

from __future__ import annotations

import typing as t

AT = "2026-11-23T20:00:00Z"
EMPTY: dict[str, t.Any] = {"schema_version": "1.0", "collected_at": AT}
ERROR = {
    "kind": "access_denied",
    "expected": "HTTP 200",
    "observed": "HTTP 403",
    "where": "https://cm01/AdminService",
    "next_step": "ask for the right",
    "rights": ["Read-only Analyst"],
}
