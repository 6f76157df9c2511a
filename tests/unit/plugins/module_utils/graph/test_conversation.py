# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The client of Microsoft Graph, from its options to its answers."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.configmgr.tenant_attach.plugins.module_utils import _errors
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.graph._client import Request
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.graph._options import connect
from ansible_collections.configmgr.tenant_attach.tests.unit.conversation import CANARY, Call, Conversation

G = "https://graph.microsoft.com"
OPTIONS: dict[str, t.Any] = {
    "tenant_id": "t1",
    "client_id": "c1",
    "client_secret": None,
    "certificate_path": None,
    "certificate_password": None,
    "federated_token_file": None,
    "managed_identity": False,
    "access_token": CANARY,
    "cloud": "public",
    "authority_url": None,
    "graph_url": None,
    "ca_path": None,
    "validate_certs": True,
    "timeout": 30,
    "deadline": 300,
    "proxy_url": None,
}


def test_pages(converse: t.Callable[..., Conversation]) -> None:
    talk = converse(
        Call(f"{G}/v1.0/users?$top=2", {"value": [{"id": "1"}], "@odata.nextLink": f"{G}/v1.0/users?$skip=1"}),
        Call(f"{G}/v1.0/users?$skip=1", {"value": [], "@odata.nextLink": f"{G}/v1.0/users?$skip=2"}),
        Call(f"{G}/v1.0/users?$skip=2", {"value": [{"id": "2"}]}),
    )
    graph = connect(OPTIONS)
    assert graph.rows(Request("users", {"$top": "2"})) == [{"id": "1"}, {"id": "2"}]
    assert set(talk.header("Authorization")) == {f"Bearer {CANARY}"}


def test_secret(converse: t.Callable[..., Conversation]) -> None:
    login = "https://login.microsoftonline.com/t1"
    converse(
        Call(
            f"{login}/v2.0/.well-known/openid-configuration",
            {"issuer": f"{login}/v2.0", "authorization_endpoint": f"{login}/a", "token_endpoint": f"{login}/token"},
        ),
        Call(f"{login}/token", {"error": "invalid_client", "error_codes": [7000215]}, 401, method="POST"),
    )
    graph = connect({**OPTIONS, "access_token": None, "client_secret": CANARY})
    with pytest.raises(_errors.AuthenticationError, match="AADSTS7000215"):
        graph.rows(Request("users"))
