# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run action plugins as the controller does, without a play around them."""

from __future__ import annotations

import typing as t
from types import SimpleNamespace
from unittest import mock

import pytest
from ansible.plugins.action import ActionBase

from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.windows._console import Console, Output
from ansible_collections.configmgr.tenant_attach.tests.unit.windows import WindowsHost

Act = t.Callable[..., dict[str, t.Any]]


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> WindowsHost:
    """A Windows host that the next actions are run at. Quoting is as it is, only sending is not."""
    host = WindowsHost()

    def run(console: Console, *commands: t.Sequence[str]) -> list[Output]:
        console.check(*commands)
        return host.run(commands)

    monkeypatch.setattr(Console, "run", run)
    return host


@pytest.fixture
def act() -> Act:
    """Run an action with the arguments of a task."""

    def run(
        plugin: type[ActionBase], *, check_mode: bool = False, shell: str = "cmd", **arguments: t.Any
    ) -> dict[str, t.Any]:
        task = mock.MagicMock(args=arguments, async_val=0, check_mode=check_mode, diff=False, action="an_action")
        connection = mock.MagicMock(_shell=SimpleNamespace(tmpdir=None, SHELL_FAMILY=shell))
        made = plugin(task, connection, mock.MagicMock(check_mode=check_mode), mock.MagicMock(), mock.MagicMock(), None)
        # The name by which the loader found it: up to ansible-core 2.18 a refusal of options shows it.
        made._load_name = "an_action"
        return made.run(None, {})

    return run
