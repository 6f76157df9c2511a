# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""STAND-IN until the console of branch wt-winhttp is merged: sh only. PRIVATE to the collection."""

from __future__ import annotations

import itertools
import shlex
import typing as t

if t.TYPE_CHECKING:
    from ansible.plugins.action import ActionBase


class Output(t.NamedTuple):
    """What a command gave."""

    rc: int
    stdout: str
    stderr: str


class Console:
    """Runs console tools on the host."""

    def __init__(self, action: ActionBase) -> None:
        self._action = action
        self.family = str(getattr(action._connection._shell, "SHELL_FAMILY", "sh"))  # noqa: SLF001

    def run(self, *commands: t.Sequence[str]) -> list[Output]:
        """Run commands as one remote command."""
        marker = "@@8@@"
        line = "; ".join(f"{shlex.join(command)}; echo '{marker}' $?" for command in commands)
        done = self._action._low_level_execute_command(line)  # noqa: SLF001
        parts = str(done["stdout"]).split(marker)
        return [Output(int(after.split()[0]), text, str(done["stderr"])) for text, after in itertools.pairwise(parts)]
