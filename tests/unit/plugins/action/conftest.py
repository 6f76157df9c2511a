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

Act = t.Callable[..., dict[str, t.Any]]


@pytest.fixture
def act() -> Act:
    """Run an action with the arguments of a task."""

    def run(plugin: type[ActionBase], *, check_mode: bool = False, **arguments: t.Any) -> dict[str, t.Any]:
        task = mock.MagicMock(args=arguments, async_val=0, check_mode=check_mode, diff=False, action="an_action")
        connection = mock.MagicMock(_shell=SimpleNamespace(tmpdir=None))
        made = plugin(task, connection, mock.MagicMock(check_mode=check_mode), mock.MagicMock(), mock.MagicMock(), None)
        return made.run(None, {})

    return run
