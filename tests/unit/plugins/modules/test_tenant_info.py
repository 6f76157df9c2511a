# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Module tenant_info, from its options to what it returns."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.configmgr.tenant_attach.plugins.modules.tenant_info import main
from ansible_collections.configmgr.tenant_attach.tests.unit.conversation import CANARY, Call, Conversation
from ansible_collections.configmgr.tenant_attach.tests.unit.graph import METADATA_URL, TENANT, Refused, batch, rows

# The fixture fills in the connection of AdminService, which this module does not know.
NONE = {"provider": None, "auth": None, "token": None}


@pytest.mark.parametrize("check", [True, False])
def test_success(converse: t.Callable[..., Conversation], run: t.Callable[..., t.Any], check: bool) -> None:
    absent = Refused(404, "Request_ResourceNotFound")
    converse(
        batch(rows({"id": TENANT, "displayName": "Contoso"}), rows(), rows(), rows(), absent, {}),
        Call(METADATA_URL, {"issuer": f"https://login.microsoftonline.com/{TENANT}/v2.0"}),
        batch({}, {}, version="beta"),
        batch({"mobileDeviceManagementAuthority": "intune"}),
    )
    ran = run(main, check=check, tenant_id=TENANT, access_token=CANARY, **NONE)
    assert (ran.code, ran.result["changed"]) == (0, False)
    assert (ran.result["tenant"]["name"], ran.result["tenant"]["errors"]) == ("Contoso", {})


def test_nothing_says_how_to_sign_in(monkeypatch: pytest.MonkeyPatch, run: t.Callable[..., t.Any]) -> None:
    for name in ("AZURE_CLIENT_SECRET", "AZURE_SECRET", "AZURE_CLIENT_CERTIFICATE_PATH", "AZURE_FEDERATED_TOKEN_FILE"):
        monkeypatch.delenv(name, raising=False)
    ran = run(main, tenant_id=TENANT, **NONE)
    assert (ran.code, ran.result["error"]["kind"]) == (1, "not_configured")
    assert "tenant_attach_graph" in ran.result["msg"]
