# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.configmgr.tenant_attach.plugins.module_utils._errors import InvalidOptionError
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.collect._assembly import assemble
from ansible_collections.configmgr.tenant_attach.tests.unit.evidence import AT, EMPTY, ERROR

HEALTH: dict[str, t.Any] = {"providers": [], "validated": True, "auth": "kerberos"}


class TestAssemble:
    def test_results_become_sections(self) -> None:
        results = {
            "hierarchy": {"hierarchy": {"sites": []}, "changed": False, "failed": False},
            "adminservice": {**HEALTH, "changed": False, "warnings": ["x"]},
        }
        assert assemble(AT, results) == {**EMPTY, "adminservice": HEALTH, "hierarchy": {"sites": []}}

    @pytest.mark.parametrize(
        "result",
        [
            {"failed": True, "msg": "no", "error": ERROR},
            # With failed_when: false nothing says failed, and with ignore_errors both stand there.
            {"failed": False, "msg": "no", "error": ERROR},
            {"failed": True, "error": ERROR, **HEALTH},
            {"error": ERROR},
        ],
    )
    def test_a_failure_leaves_its_error(self, result: dict[str, t.Any]) -> None:
        assert assemble(AT, {"adminservice": result})["adminservice"] == {"error": ERROR}

    @pytest.mark.parametrize(
        ("result", "observed"),
        [
            ({"failed": True, "msg": "MODULE FAILURE"}, "MODULE FAILURE"),
            ({"skipped": True}, "no result"),
            ({"providers": []}, "no result"),
            ({"unreachable": True, "msg": "Failed to connect"}, "Failed to connect"),
        ],
    )
    def test_a_failure_without_an_error_of_ours(self, result: dict[str, t.Any], observed: str) -> None:
        error = assemble(AT, {"adminservice": result})["adminservice"]["error"]
        assert (error["kind"], error["observed"]) == ("module", observed)

    def test_other_sections_are_refused(self) -> None:
        with pytest.raises(InvalidOptionError, match="did you mean hierarchy"):
            assemble(AT, {"hierarchie": {}})
