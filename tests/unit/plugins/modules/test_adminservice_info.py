# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.configmgr.tenant_attach.plugins.modules.adminservice_info import main
from ansible_collections.configmgr.tenant_attach.tests.unit.conversation import (
    CANARY,
    HOST,
    Call,
    Conversation,
    listing,
    refusal,
)

Converse = t.Callable[..., Conversation]


@pytest.mark.parametrize("check", [True, False])
def test_success(converse: Converse, run: t.Callable[..., t.Any], check: bool) -> None:
    converse(Call("/wmi/SMS_Site?$select=SiteCode", listing({"@odata.etag": "P01", "SiteCode": "P01"})))
    ran = run(main, check=check, resource="wmi/SMS_Site", select="SiteCode")
    assert ran.code == 0
    assert {key: ran.result[key] for key in ("changed", "rows", "count")} == {
        "changed": False,
        "rows": [{"SiteCode": "P01"}],
        "count": 1,
    }


@pytest.mark.parametrize(
    ("call", "kind", "text"),
    [
        (Call("/wmi/SMS_Site", status=401), "authentication", "HTTP 401 for the token"),
        (Call("/wmi/SMS_Site", refusal(404, "Access denied  WMI QUERY: "), 404), "access_denied", "Needed right: "),
        (Call("/wmi/SMS_Site", status=503), "service", "sccmprovidergraph.exe"),
        # A service that repeats the token tells it to nobody.
        (Call("/wmi/SMS_Site", refusal(500, f"token {CANARY}"), 500), "service", "HTTP 500"),
    ],
)
def test_failure(converse: Converse, run: t.Callable[..., t.Any], call: Call, kind: str, text: str) -> None:
    converse(call)
    ran = run(main, resource="wmi/SMS_Site")
    assert (ran.code, ran.result["failed"], ran.result["error"]["kind"]) == (1, True, kind)
    assert text in ran.result["msg"]
    assert ran.result["error"]["where"] == f"https://{HOST}/AdminService/wmi/SMS_Site"


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({}, "missing required arguments: resource"),
        ({"resource": "SMS_Site"}, "option resource"),
        ({"resource": "wmi/SMS_AAD_Application_Ex"}, "SecretKey"),
        ({"resource": "wmi/SMS_Site", "top": 0}, "option top"),
        ({"resource": "wmi/SMS_Site", "query": "["}, "option query"),
        ({"resource": "wmi/SMS_Site", "provider": "https://x"}, "option provider"),
        ({"resource": "wmi/SMS_Site", "auth": "digest"}, "value of auth must be one of"),
        ({"resource": "wmi/SMS_Site", "select": "*"}, "SecretKey"),
        ({"resource": "wmi/SMS_Site", "filters": "x"}, "filters"),
        ({"resource": "wmi/SMS_Site", "proxy_url": f"nonsense:{CANARY}"}, "option proxy_url"),
        ({"resource": "wmi/SMS_Site", "auth": "ntlm", "password": CANARY}, "option username and password"),
    ],
)
def test_options_are_refused_before_any_call(
    converse: Converse, run: t.Callable[..., t.Any], options: dict[str, t.Any], text: str
) -> None:
    converse()
    ran = run(main, **options)
    assert (ran.code, ran.result["failed"]) == (1, True)
    assert text in ran.result["msg"]


def test_secrets_of_all_kinds_stay_inside(converse: Converse, run: t.Callable[..., t.Any]) -> None:
    converse(Call("/wmi/SMS_Site", status=401))
    ran = run(
        main,
        resource="wmi/SMS_Site",
        auth="ntlm",
        token=None,
        username="svc",
        password=f"password-{CANARY}",
        proxy_url=f"http://user:{CANARY}@proxy.contoso.com:8080",
    )
    assert ran.code == 1
    assert ran.result["error"]["kind"] == "authentication"
