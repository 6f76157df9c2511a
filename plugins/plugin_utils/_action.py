# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one adapter between action plugins of the controller and what they call. PRIVATE to the collection."""

from __future__ import annotations

import typing as t

from ansible.plugins.action import ActionBase

from ..module_utils._errors import InvalidOptionError, TenantAttachError
from .windows._console import Console


class _Action(ActionBase):
    """An action that needs no module on the host."""

    TRANSFERS_FILES = False
    _supports_check_mode = True
    _supports_diff = False

    ARGUMENT_SPEC: t.ClassVar[dict[str, t.Any]] = {}

    def work(self, options: dict[str, t.Any]) -> dict[str, t.Any]:
        """Do what the action is for."""
        raise NotImplementedError

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """Run the action."""
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        _validated, options = self.validate_argument_spec(argument_spec=self.ARGUMENT_SPEC)
        try:
            return {**result, "changed": False, **self.work(options)}
        except TenantAttachError as exc:
            return {**result, "changed": False, "failed": True, "msg": str(exc), "error": exc.as_dict()}


class ControllerAction(_Action):
    """An action that runs on the controller. What it does not return as a change is none."""

    _requires_connection = False


class WindowsAction(_Action):
    """An action that sends console commands to a Windows host."""

    _requires_connection = True

    def observe(self, console: Console, options: dict[str, t.Any]) -> dict[str, t.Any]:
        """Do what the action is for, with the console of the host."""
        raise NotImplementedError

    def work(self, options: dict[str, t.Any]) -> dict[str, t.Any]:
        """Do what the action is for, if the host has a shell of Windows."""
        console = Console(self)
        if not console.windows:
            raise InvalidOptionError(
                expected="a connection to a Windows host, with the shell cmd or powershell",
                observed=console.family,
                where="ansible_shell_type",
                next_step="set ansible_shell_type to cmd or powershell for this host, or leave it out of the play",
            )
        return self.observe(console, options)
