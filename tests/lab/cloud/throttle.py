# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Throttling: a bucket of resource units for the directory, a number of requests for Intune.

The real windows are ten and twenty seconds; those of the lab are one second by default, so that tests are quick.  What
is asked while throttled counts as well, and a client that does not wait stays throttled.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from .calls import Call, RefusalError
from .tenant import Tenant

DIRECTORY, INTUNE, OTHER = "directory", "intune", "other"
# Above this share the directory begins to say how full the bucket is.
WARNING_SHARE = 0.8


@dataclass
class Window:
    """What was asked of late."""

    limit: int | None
    seconds: float
    clock: Callable[[], float] = time.monotonic
    _asked: deque[tuple[float, int]] = field(default_factory=deque)

    def take(self, cost: int) -> bool:
        """Count a request, and say whether it may pass."""
        if self.limit is None:
            return True
        now = self.clock()
        while self._asked and self._asked[0][0] <= now - self.seconds:
            self._asked.popleft()
        used = self.used
        self._asked.append((now, cost))
        # Who has asked for nothing else passes, whatever it costs.
        return used == 0 or used + cost <= self.limit

    @property
    def used(self) -> int:
        """What the window holds."""
        return sum(cost for _time, cost in self._asked)

    @property
    def share(self) -> float:
        """How full it is."""
        return self.used / self.limit if self.limit else 0.0


class Throttle:
    """The limits of one tenant."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        self._windows = {
            DIRECTORY: Window(tenant.resource_units, tenant.throttle_window),
            INTUNE: Window(tenant.intune_requests, tenant.throttle_window),
        }

    def take(self, call: Call, service: str, cost: int) -> dict[str, str]:
        """Count a request; the headers that its answer gets, or a refusal."""
        window = self._windows.get(service)
        if window is None:
            return {}
        units = _units(call, cost) if service == DIRECTORY else 1
        headers = {"x-ms-resource-unit": str(units)} if service == DIRECTORY else {}
        passed = window.take(units)
        if service == DIRECTORY and window.share > WARNING_SHARE:
            headers["x-ms-throttle-limit-percentage"] = f"{min(window.share, 1.8):.1f}"
        if passed:
            return headers
        refusal = RefusalError(429, "TooManyRequests", "Too many requests. Please wait and try again.")
        refusal.headers |= headers
        if service == DIRECTORY:
            scope = f"Tenant_Application/ReadWrite/{self._tenant.client_id}/{self._tenant.id}"
            refusal.headers |= {
                "x-ms-throttle-scope": scope,
                "x-ms-throttle-information": "ResourceUnitLimitExceeded",
            }
        if self._tenant.retry_after:
            refusal.headers["Retry-After"] = str(math.ceil(window.seconds))
        raise refusal


def _units(call: Call, cost: int) -> int:
    """The resource units of a request."""
    top = call.options.get("$top", "")
    change = ("$expand" in call.options) - ("$select" in call.options) - (top.isdecimal() and int(top) < 20)
    return max(1, cost + change)
