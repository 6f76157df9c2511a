# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Module graph_info, from its options to its result."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.configmgr.tenant_attach.plugins.module_utils._errors import AccessDeniedError
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.collect import _graph_rows
from ansible_collections.configmgr.tenant_attach.plugins.modules.graph_info import main
from ansible_collections.configmgr.tenant_attach.tests.unit.conversation import CANARY

ROLES = [{"id": "1", "displayName": "Help Desk Operator"}]
# The fixture fills in the connection of AdminService, which this module does not know.
NONE = {"provider": None, "auth": None, "token": None}


class _Graph:
    """Plays the client: what it does itself is tested where it lives."""

    def __init__(self, problem: Exception | None) -> None:
        self.problem = problem
        self.asked: list[t.Any] = []

    def rows(self, request: t.Any) -> list[dict[str, t.Any]]:
        self.asked.append(request)
        if self.problem:
            raise self.problem
        return ROLES

    def close(self) -> None:
        self.asked.append("closed")


@pytest.mark.parametrize("check", [True, False])
def test_success(monkeypatch: pytest.MonkeyPatch, run: t.Callable[..., t.Any], check: bool) -> None:
    graph = _Graph(None)
    monkeypatch.setattr(_graph_rows, "connect", lambda _options: graph)
    ran = run(main, check=check, access_token=CANARY, path="deviceManagement/roleDefinitions", query="[].id", **NONE)
    assert (ran.code, ran.result["changed"], ran.result["rows"], ran.result["count"]) == (0, False, ["1"], 1)
    assert (graph.asked[0].path, graph.asked[0].version) == ("deviceManagement/roleDefinitions", "v1.0")
    assert graph.asked[1:] == ["closed"]


def test_failure(monkeypatch: pytest.MonkeyPatch, run: t.Callable[..., t.Any]) -> None:
    problem = AccessDeniedError(status=403, expected="HTTP 200", observed="HTTP 403", rights=["User.Read.All"])
    monkeypatch.setattr(_graph_rows, "connect", lambda _options: _Graph(problem))
    ran = run(main, access_token=CANARY, path="users", **NONE)
    assert (ran.code, ran.result["error"]["kind"]) == (1, "access_denied")
    assert "Needed right: User.Read.All" in ran.result["msg"]


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({}, "missing required arguments: path"),
        ({"path": "https://graph.microsoft.com/v1.0/users"}, "option path"),
        ({"path": "users", "query": "["}, "option query"),
        ({"path": "users", "client_secret": CANARY}, "exactly one of the options"),
        ({"path": "users", "access_token": None, "managed_identity": False}, "none of them"),
        ({"path": "users", "cloud": "germany"}, "value of cloud must be one of"),
        ({"path": "users", "graph_url": "http://graph.microsoft.com"}, "option graph_url"),
        ({"path": "users", "timeout": 0}, "option timeout"),
    ],
)
def test_options_are_refused_before_any_call(
    monkeypatch: pytest.MonkeyPatch, run: t.Callable[..., t.Any], options: dict[str, t.Any], text: str
) -> None:
    for name in ("AZURE_CLIENT_SECRET", "AZURE_SECRET", "AZURE_CLIENT_CERTIFICATE_PATH", "AZURE_FEDERATED_TOKEN_FILE"):
        monkeypatch.delenv(name, raising=False)
    ran = run(main, **{"access_token": CANARY, **NONE, **options})
    assert (ran.code, ran.result["failed"]) == (1, True)
    assert text in ran.result["msg"]
