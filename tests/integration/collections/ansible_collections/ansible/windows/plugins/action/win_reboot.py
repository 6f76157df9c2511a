# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What ansible.windows.win_reboot does, on a host that is back at once."""

from __future__ import annotations

import typing as t

from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    """Restarts a host."""

    _requires_connection = True

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """Run it."""
        result = super().run(tmp, task_vars)
        self.validate_argument_spec(argument_spec={"reboot_timeout": {"type": "float", "default": 600}})
        if self._task.check_mode:
            return {**result, "changed": True, "elapsed": 0, "rebooted": True}
        done = self._low_level_execute_command("& $env:ComSpec /d /s /c 'shutdown /r /t 2'")
        if done["rc"]:
            return {**result, "failed": True, "rebooted": False, "msg": done["stderr"]}
        return {**result, "changed": True, "elapsed": 2, "rebooted": True}
