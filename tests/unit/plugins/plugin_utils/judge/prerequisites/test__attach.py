# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Prerequisites of tenant attach itself."""

from __future__ import annotations

from ansible_collections.configmgr.tenant_attach.tests.unit.tables import (
    Change,
    Json,
    Row,
    Table,
    attached,
    check,
    hierarchy,
    verdicts,
)

SERVICE: Json = {
    "service": "Tenant attach",
    "upload": True,
    "client_id": "c",
    "tenant": {"id": "11111111-2222-3333-4444-555555555555", "name": "Contoso"},
}


def uploads(*states: object) -> Change:
    """Services of tenant attach whose upload is configured, or is not."""
    return hierarchy(attach={"state": "on", "services": [{**SERVICE, "upload": state} for state in states]})


TABLE: Table = {
    "attach_state": (
        Row(what="off", outcome="pass", says="off"),
        Row(what="on", change=hierarchy(attach={"state": "on", "services": [SERVICE]}), outcome="pass", says="Contoso"),
        Row(
            what="on with a service that has no tenant",
            change=hierarchy(attach={"state": "incomplete", "services": [{**SERVICE, "tenant": None}]}),
            outcome="fail",
        ),
        Row(
            what="on with two tenants",
            change=hierarchy(
                attach={
                    "state": "on",
                    "services": [SERVICE, {**SERVICE, "tenant": {"id": "other", "name": "Fabrikam"}}],
                }
            ),
            outcome="warn",
        ),
        Row(
            what="off as seen by an account without a scope",
            change=hierarchy(visibility={"administrators": False}),
            outcome="unknown",
            says="scope",
        ),
        Row(what="off, declared on", declared={"attached": True}, outcome="fail", says="declared: on"),
        Row(what="off, declared off", declared={"attached": False}, outcome="pass"),
    ),
    "attach_upload": (
        Row(what="not attached", outcome="not_applicable", says="not attached"),
        Row(what="upload configured", change=attached(), outcome="pass", says="configured: Upload"),
        Row(
            what="upload without an application",
            change=uploads(False),
            outcome="fail",
            says="not configured: Tenant attach",
        ),
        Row(what="upload configured for one of two services", change=uploads(True, False), outcome="fail"),
        Row(what="state of the upload not understood", change=uploads("odd"), outcome="unknown"),
        Row(
            what="no service as seen by an account without a scope",
            change=hierarchy(visibility={"administrators": False}),
            outcome="unknown",
            says="scope",
        ),
    ),
}


@verdicts(TABLE)
def test_verdict(healthy: Json, prerequisite: str, row: Row) -> None:
    check(healthy, prerequisite, row)
