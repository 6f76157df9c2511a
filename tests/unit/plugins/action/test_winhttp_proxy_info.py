# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.configmgr.tenant_attach.plugins.action.winhttp_proxy_info import ActionModule
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.network._winhttp_settings import (
    NAMED,
    Settings,
    encode,
)
from ansible_collections.configmgr.tenant_attach.tests.unit.windows import WindowsHost

Act = t.Callable[..., dict[str, t.Any]]


@pytest.mark.parametrize("check_mode", [False, True])
def test_both_views_are_read_with_one_command(act: Act, windows: WindowsHost, check_mode: bool) -> None:
    windows.blobs = {"64": encode(Settings("https=P:1", "a b", NAMED | 1)), "32": None}
    found = act(ActionModule, check_mode=check_mode)
    assert (found["changed"], found["proxy"], found["bypass"]) == (False, "https=P:1", ["a", "b"])
    assert (found["wow64"], found["wow64_matches"]) == ({"proxy": None, "bypass": []}, False)
    assert len(windows.runs) == 1
    assert not {"before", "after", "diff"} & found.keys()


def test_what_cannot_be_read_is_told(act: Act, windows: WindowsHost) -> None:
    windows.blobs = {"64": b"short", "32": None}
    assert act(ActionModule)["error"]["kind"] == "answer"
