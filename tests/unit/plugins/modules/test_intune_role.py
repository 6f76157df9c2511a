# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Modules intune_role and intune_role_assignment, from their options to their results."""

from __future__ import annotations

import typing as t

import pytest
import yaml

from ansible_collections.configmgr.tenant_attach.plugins.module_utils._errors import AccessDeniedError
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.act import _intune_assignment_changes
from ansible_collections.configmgr.tenant_attach.plugins.modules import intune_role, intune_role_assignment
from ansible_collections.configmgr.tenant_attach.tests.unit.conversation import CANARY

# The fixture fills in the connection of AdminService, which these modules do not know.
NONE = {"provider": None, "auth": None, "token": None, "access_token": CANARY}
GIVEN: dict[t.Any, dict[str, t.Any]] = {
    intune_role: {"name": "Operators", "permissions": ["a"]},
    intune_role_assignment: {"name": "North", "role": "Operators", "members": ["CM operators"]},
}
WORK = {intune_role: "ensure_role", intune_role_assignment: "ensure_assignment"}
MODULES = pytest.mark.parametrize("module", GIVEN, ids=lambda module: module.__name__.rpartition(".")[2])


@MODULES
@pytest.mark.parametrize("check", [True, False])
def test_success(monkeypatch: pytest.MonkeyPatch, run: t.Callable[..., t.Any], module: t.Any, check: bool) -> None:
    asked: list[t.Any] = []
    outcome = {"changed": True, "diff": {"before": {}, "after": {"name": "x"}}, "approval_required": None}

    def work(options: t.Mapping[str, t.Any], checked: bool) -> dict[str, t.Any]:
        asked.append((dict(options), checked))
        return outcome

    monkeypatch.setattr(module, WORK[module], work)
    ran = run(module.main, check=check, **GIVEN[module], **NONE)
    assert (ran.code, {name: ran.result[name] for name in outcome}) == (0, outcome)
    ((options, checked),) = asked
    assert checked is check
    assert (options["state"], options["mode"]) == ("present", "add")
    assert (options["approval_code"], options["approval_justification"]) == (None, None)


@MODULES
def test_failure(monkeypatch: pytest.MonkeyPatch, run: t.Callable[..., t.Any], module: t.Any) -> None:
    problem = AccessDeniedError(status=403, expected="HTTP 200", observed="HTTP 403", rights=["RBAC"])

    def work(_options: t.Mapping[str, t.Any], _check: bool) -> dict[str, t.Any]:
        raise problem

    monkeypatch.setattr(module, WORK[module], work)
    ran = run(module.main, **GIVEN[module], **NONE)
    assert (ran.code, ran.result["error"]["kind"]) == (1, "access_denied")
    assert "Needed right: RBAC" in ran.result["msg"]


@pytest.mark.parametrize(
    ("module", "options", "text"),
    [
        (intune_role, {"name": None}, "missing required arguments: name"),
        (intune_role, {"permissions": []}, "at least one permission"),
        (intune_role, {"state": "absent"}, "option permissions"),
        (intune_role, {"mode": "remove"}, "value of mode must be one of"),
        (intune_role_assignment, {"role": None}, "missing required arguments: role"),
        (intune_role_assignment, {"members": []}, "option members"),
        (intune_role_assignment, {"state": "absent"}, "option members"),
        (intune_role_assignment, {"scope": "all"}, "value of scope must be one of"),
    ],
)
def test_options_are_refused_before_any_call(
    run: t.Callable[..., t.Any], module: t.Any, options: dict[str, t.Any], text: str
) -> None:
    ran = run(module.main, **{**GIVEN[module], **NONE, **options})
    assert (ran.code, ran.result["failed"]) == (1, True)
    assert text in ran.result["msg"]


def test_scopes_are_documented_as_they_are_known() -> None:
    options = yaml.safe_load(intune_role_assignment.DOCUMENTATION)["options"]
    assert options["scope"]["choices"] == list(_intune_assignment_changes.SCOPES)
