# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils._action import ControllerAction, WindowsAction


def test_an_action_must_say_what_it_is_for() -> None:
    action: t.Any = ControllerAction.__new__(ControllerAction)
    with pytest.raises(NotImplementedError):
        action.work({})
    at_windows: t.Any = WindowsAction.__new__(WindowsAction)
    with pytest.raises(NotImplementedError):
        at_windows.observe(None, {})
