# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The request log: one JSON line per request, without headers and therefore without secrets."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path


class RequestLog:
    """Appends to ``requests.jsonl``; every line is written at once so that a test can read along."""

    def __init__(self, path: Path) -> None:
        self._stream = path.open("w", encoding="utf-8", buffering=1)

    def write(
        self,
        *,
        provider: str,
        method: str,
        path: str,
        status: int,
        connection: int,
        user: str | None,
        **more: object,
    ) -> None:
        """Write the line of one request."""
        line = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "provider": provider,
            "method": method,
            "path": path,
            "status": status,
            "connection": connection,
            "user": user,
            **more,
        }
        self._stream.write(json.dumps(line) + "\n")

    def close(self) -> None:
        """Close the file."""
        self._stream.close()
