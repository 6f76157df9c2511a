# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Action console, of the tests only: gives commands to the console of the collection, and returns what came back."""

from __future__ import annotations

import typing as t

from ansible.plugins.action import ActionBase

from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.windows._console import Console


class ActionModule(ActionBase):
    """Runs commands."""

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """Run the action."""
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        console = Console(self)
        outputs = console.run(*self._task.args["commands"])
        return {**result, "changed": False, "outputs": [output._asdict() for output in outputs], "count": console.count}
