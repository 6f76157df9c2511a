# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What ansible.windows.win_group_membership does, done with `net localgroup`."""

from __future__ import annotations

import typing as t

from ansible.plugins.action import ActionBase

RULE = "-----"
# As the shell of WinRM takes it.
COMMAND = "& $env:ComSpec /d /s /c '{}'"


class ActionModule(ActionBase):
    """Adds members to a local group."""

    _requires_connection = True

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """Run it. What the real one compares by security identifier is compared by name."""
        result = super().run(tmp, task_vars)
        _validated, options = self.validate_argument_spec(
            argument_spec={
                "name": {"type": "str", "required": True},
                "members": {"type": "list", "elements": "str", "required": True},
                "state": {"type": "str", "choices": ["present"], "default": "present"},
            }
        )
        name = options["name"]
        shown = self._low_level_execute_command(COMMAND.format(f'net localgroup "{name}"'))
        result |= {"name": name, "changed": False, "added": []}
        if shown["rc"]:
            known = "1376" in shown["stderr"]
            return {**result, "failed": True, "msg": f"Could not find local group {name}" if known else shown["stderr"]}
        lines = shown["stdout"].splitlines()
        start = next(number for number, line in enumerate(lines) if line.startswith(RULE))
        found = [line for line in lines[start + 1 :] if "\\" in line]
        for member in options["members"]:
            if member.casefold() in {each.casefold() for each in found}:
                continue
            if not self._task.check_mode:
                done = self._low_level_execute_command(COMMAND.format(f'net localgroup "{name}" "{member}" /add'))
                if done["rc"]:
                    return {**result, "failed": True, "msg": done["stderr"].strip()}
            result["added"].append(member)
            result["changed"] = True
        return {**result, "members": [*found, *result["added"]]}
