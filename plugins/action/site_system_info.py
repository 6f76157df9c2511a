# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Action plugin configmgr.tenant_attach.site_system_info."""

from __future__ import annotations

import datetime as dt
import typing as t

from ..plugin_utils._action import WindowsAction
from ..plugin_utils.collect import _site_system

if t.TYPE_CHECKING:
    from ..plugin_utils.windows._console import Console


class ActionModule(WindowsAction):
    """Observes a Windows host."""

    def observe(self, console: Console, options: dict[str, t.Any]) -> dict[str, t.Any]:  # noqa: ARG002  # It takes none.
        """Return what the host tells about itself."""
        return {"site_system": _site_system.read(console, lambda: dt.datetime.now(dt.UTC))}
