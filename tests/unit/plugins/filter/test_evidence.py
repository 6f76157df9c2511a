# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.configmgr.tenant_attach.plugins.filter.evidence import FilterModule

AT = "2026-11-23T20:00:00Z"
FILTER = FilterModule().filters()["evidence"]


def test_results_become_a_document() -> None:
    results = {"hierarchy": {"hierarchy": {"sites": []}}, "adminservice": {"failed": True, "msg": "no"}}
    document = FILTER(results, collected_at=AT)
    assert (document["schema_version"], document["collected_at"]) == ("1.0", AT)
    assert document["hierarchy"] == {"sites": []}
    assert document["adminservice"]["error"]["observed"] == "no"


def test_an_error_is_one_that_templates_understand() -> None:
    with pytest.raises(AnsibleFilterError, match="did you mean hierarchy"):
        FILTER({"hierarchies": {}}, collected_at=AT)
