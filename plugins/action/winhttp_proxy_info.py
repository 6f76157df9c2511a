# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Action plugin configmgr.tenant_attach.winhttp_proxy_info."""

from __future__ import annotations

import typing as t

from ..plugin_utils._action import WindowsAction
from ..plugin_utils.windows import _winhttp

if t.TYPE_CHECKING:
    from ..plugin_utils.windows._console import Console


class ActionModule(WindowsAction):
    """Reads the WinHTTP proxy of a Windows host."""

    def observe(self, console: Console, options: dict[str, t.Any]) -> dict[str, t.Any]:  # noqa: ARG002  # It takes none.
        """Return the proxy as it is."""
        state = _winhttp.parse(console.run(*_winhttp.READ))
        return {**_winhttp.show(state.views), "wow64_matches": state.wow64_matches}
