# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.configmgr.tenant_attach.plugins.filter.directory_objects import FilterModule as Objects
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.collect import _directory_objects
from ansible_collections.configmgr.tenant_attach.tests.unit.double_hop import NAME, REMOTE, computer


def test_objects_of_the_directory() -> None:
    found = Objects().filters()["directory_objects"](REMOTE)
    assert found == {
        "computers": ["prv.x.com", "cas.x.com", "p01.x.com"],
        "services": [NAME],
        "groups": ["S-1-5-32-554", "S-1-5-32-560"],
        "primary_providers": ["p01.x.com"],
    }
    assert _directory_objects.objects({})["computers"] == []


def test_accounts_of_computers() -> None:
    directory = {"computers": [computer("prv.x.com"), computer("p01.x.com"), {"name": "cas.x.com", "error": {}}]}
    assert _directory_objects.accounts(directory, ["PRV.x.com", "cas.x.com"]) == {"prv.x.com": "X\\PRV$"}
    assert _directory_objects.accounts({}, ["prv.x.com"]) == {}
