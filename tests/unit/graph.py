# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the conversations with Microsoft Graph have in common."""

from __future__ import annotations

import typing as t

from ansible_collections.configmgr.tenant_attach.tests.unit.conversation import CANARY, Call

G = "https://graph.microsoft.com"
LOGIN = "https://login.microsoftonline.com"
TENANT = "3f6c1a52-7d0e-4c1b-9a55-2b8f6d4e9c10"
METADATA_URL = f"{LOGIN}/{TENANT}/v2.0/.well-known/openid-configuration"
# What the connection options become when only a token is given.
CONNECTION: dict[str, t.Any] = {
    "tenant_id": TENANT,
    "client_id": None,
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


class Refused(t.NamedTuple):
    """An answer inside a batch that refuses."""

    status: int
    code: str = ""
    message: str = ""


def rows(*entries: t.Any) -> dict[str, t.Any]:
    """The envelope of a list."""
    return {"value": list(entries)}


def denied() -> Refused:
    """What a missing permission is answered with."""
    return Refused(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")


def batch(*answers: t.Any, version: str = "v1.0") -> Call:
    """A batch: the answers in the order of the requests, though they come in another one."""
    responses = []
    for number, answer in enumerate(answers):
        if isinstance(answer, Refused):
            body = {"error": {"code": answer.code, "message": answer.message}}
            responses.append({"id": str(number), "status": answer.status, "body": body})
        else:
            responses.append({"id": str(number), "status": 200, "body": answer})
    return Call(f"{G}/{version}/$batch", {"responses": responses[::-1]}, method="POST")
