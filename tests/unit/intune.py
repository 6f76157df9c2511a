# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is said about Intune's roles: the calls that conversations are made of."""

from __future__ import annotations

import json
import typing as t

from ansible_collections.configmgr.tenant_attach.tests.unit.conversation import CANARY, Call, Conversation

Json = dict[str, t.Any]

G = "https://graph.microsoft.com"
BETA = f"{G}/beta/deviceManagement"
ROLES = f"{BETA}/roleDefinitions"
ASSIGNMENTS = f"{BETA}/roleAssignments"
ACTION = "Microsoft.Intune_RemoteTasks_ConfigurationManagerAction"
DEVICES = "Microsoft.Intune_ManagedDevices_Read"
SYNC = "Microsoft.Intune_RemoteTasks_SyncDevice"
CODE = "4c5a0b77-6a3e-4d6a-9b57-0a3f6b1c2d3e"
CONNECTION: Json = {
    "tenant_id": "t1",
    "client_id": "c1",
    **dict.fromkeys(("client_secret", "certificate_path", "certificate_password", "federated_token_file")),
    "managed_identity": False,
    "access_token": CANARY,
    "cloud": "public",
    **dict.fromkeys(("authority_url", "graph_url", "ca_path", "proxy_url")),
    "validate_certs": True,
    "timeout": 30,
    "deadline": 300,
}
COMMON: Json = {"state": "present", "mode": "add", "approval_justification": None, "approval_code": None}


def role(*allowed: str, id: str = "r5", denied: t.Sequence[str] = (), **more: t.Any) -> Json:  # noqa: A002
    """A role definition as Graph shows it."""
    action = {"allowedResourceActions": list(allowed), "notAllowedResourceActions": list(denied)}
    row = {"id": id, "displayName": "Operators", "description": "Made by hand", "isBuiltIn": False}
    return {**row, "rolePermissions": [{"resourceActions": [action]}], **more}


def rows(url: str, *found: Json) -> Call:
    return Call(url, {"value": list(found)})


def roles(*found: Json) -> Call:
    """The list of role definitions, with one that is not meant."""
    return rows(ROLES, role(ACTION, id="r0", displayName="Help Desk Operator", isBuiltIn=True), *found)


def operations() -> Call:
    return rows(f"{BETA}/resourceOperations", *({"id": each} for each in (ACTION, DEVICES, SYNC)))


def batch(version: str, *answers: tuple[int, t.Any]) -> Call:
    replies = [{"id": str(number), "status": status, "body": body} for number, (status, body) in enumerate(answers)]
    return Call(f"{G}/{version}/$batch", {"responses": replies}, method="POST")


def refused(code: str, message: str = "") -> Json:
    return {"error": {"code": code, "message": message}}


def needs_approval(method: str, url: str, code: str | None = CODE) -> Call:
    headers = {"x-msft-approval-code": code} if code else {}
    return Call(url, refused("ApprovalRequired", "Approval Required."), 403, headers, method=method)


def writes(talk: Conversation) -> list[tuple[str, str, Json | None]]:
    """All requests that change something: method, last part of the address, and body."""
    return [
        (str(each.method), str(each.url).rpartition("/")[2], json.loads(each.body) if each.body else None)
        for each in talk.requests
        if each.method != "GET" and not str(each.url).endswith("batch")
    ]
