# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The clock of a host, and wmic.exe, which tells it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from .config import WITHOUT_WMIC, WindowsHost
from .program import Program, Result, lines


class Clock:
    """Right, or wrong by as much as the scenario says."""

    def __init__(self, host: WindowsHost) -> None:
        self._offset = timedelta(seconds=host.clock_offset_seconds)

    def utc(self) -> datetime:
        """The time that the host believes in."""
        return datetime.now(UTC) + self._offset


def wmic(host: WindowsHost, now: Callable[[], datetime]) -> Program | None:
    """wmic.exe, None where Windows has it no more."""
    if host.os.build >= WITHOUT_WMIC:
        return None

    def run(arguments: Sequence[str]) -> Result:
        if [argument.lower() for argument in arguments] != ["os", "get", "localdatetime", "/value"]:
            return Result(44124, stderr=lines(f"{' '.join(arguments[:1])} - Alias not found."))
        local = now() + timedelta(minutes=host.utc_offset)
        text = f"{local:%Y%m%d%H%M%S.%f}{host.utc_offset:+04d}"
        # It ends its lines once too often.
        return Result(stdout=f"\r\r\n\r\r\nLocalDateTime={text}\r\r\n\r\r\n\r\r\n\r\r\n")

    return run
