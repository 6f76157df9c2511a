# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.configmgr.tenant_attach.plugins.module_utils.act._membership_ways import Candidate, through

GROUP, OUTER, MINE = "S-1-5-32-554", "S-1-5-21-1-2-3-1200", "S-1-5-21-1-2-3-1104"


@pytest.mark.parametrize(
    ("account", "groups", "direct", "implied", "way"),
    [
        (True, [], [], [], None),
        (True, [OUTER], [OUTER], [], OUTER),
        (True, [OUTER], [], [], None),
        # Everybody who signs in.
        (True, [], ["S-1-5-11"], ["S-1-5-11"], "S-1-5-11"),
        (True, [], [], ["S-1-1-0"], "S-1-1-0"),
        (True, [], [], ["S-1-5-9"], None),
        # A group does not sign in.
        (False, [], ["S-1-5-11"], ["S-1-5-11"], None),
        # The domain controller knows a way that is not seen.
        (True, [GROUP], [], [], GROUP),
        # A direct member has the group in its token for that reason.
        (True, [GROUP], [MINE], [], None),
        (True, [GROUP, OUTER], [MINE, OUTER], [], OUTER),
    ],
)
def test_ways(account: bool, groups: list[str], direct: list[str], implied: list[str], way: str | None) -> None:
    assert through(Candidate("x", "CN=x", MINE, account, tuple(groups)), direct, implied, GROUP) == way
