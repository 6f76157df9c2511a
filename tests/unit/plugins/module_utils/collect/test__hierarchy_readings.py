# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.configmgr.tenant_attach.plugins.module_utils.collect._hierarchy_readings import READINGS, Query
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.collect._topics import Reading


@pytest.mark.parametrize("reading", READINGS.values(), ids=READINGS)
def test_keys_are_always_selected(reading: Reading[Query]) -> None:
    keys = {
        "wmi/SMS_Site": {"SiteCode"},
        "wmi/SMS_SCI_SysResUse": {"FileType", "ItemName", "ItemType", "SiteCode"},
        "wmi/SMS_SCI_SiteDefinition": {"FileType", "ItemName", "ItemType", "SiteCode"},
        "wmi/SMS_SCI_Component": {"FileType", "ItemName", "ItemType", "SiteCode"},
        "wmi/SMS_SystemResourceList": {"NALPath", "ResourceType", "RoleName", "SiteCode"},
        "wmi/SMS_ComponentSummarizer": {
            "ComponentName",
            "HeartbeatInterval",
            "MachineName",
            "SiteCode",
            "TallyInterval",
        },
        "wmi/SMS_StatusMessage": {"RecordID"},
        "wmi/SMS_Admin": {"AdminID"},
        "wmi/SMS_Azure_CloudService": {"ID"},
        "wmi/SMS_AAD_Application_Ex": {"ID"},
        "wmi/SMS_AAD_Tenant_Ex": {"ID"},
    }
    assert keys[reading.query.resource] <= set(reading.query.select)
    assert "SecretKey" not in reading.query.select
