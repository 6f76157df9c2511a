# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.configmgr.tenant_attach.plugins.modules.adminservice_health_info import main
from ansible_collections.configmgr.tenant_attach.tests.unit import estate
from ansible_collections.configmgr.tenant_attach.tests.unit.conversation import HOST, Call, Conversation, listing

Converse = t.Callable[..., Conversation]
EDMX = b'<?xml version="1.0"?><edmx:Edmx Version="4.0"/>'


def probing(host: str, site: str) -> list[Call]:
    base = f"https://{host}/AdminService"
    return [
        Call(f"{base}/v1.0/$metadata", EDMX),
        Call(f"{base}/wmi/SMS_Site?$top=1", listing({"__NAMESPACE": f"root\\sms\\site_{site}"})),
        Call(f"{base}/v1.0/Device?$top=1", listing()),
    ]


def entry(**instead: t.Any) -> list[Call]:
    wanted = {estate.TARGETS[topic] for topic in ("sites", "roles", "components")}
    return [call for call in estate.calls(**instead) if call.target in wanted]


def test_success(converse: Converse, run: t.Callable[..., t.Any]) -> None:
    down = Call(f"https://{estate.REMOTE}/AdminService/v1.0/$metadata", status=503)
    converse(*entry(), *probing(HOST, "CAS"), down, *probing(estate.PROVIDER, "P01"))
    ran = run(main)
    assert (ran.code, ran.result["changed"], ran.result["validated"], ran.result["auth"]) == (0, False, True, "token")
    assert [(each["host"], each["healthy"], each["failed_stage"]) for each in ran.result["providers"]] == [
        (estate.REMOTE, False, "metadata"),
        (HOST, True, None),
        (estate.PROVIDER, True, None),
    ]
    assert [(each["component"] or {}).get("state") for each in ran.result["providers"]] == [None, "started", "stopped"]


def test_it_says_when_nothing_was_verified(converse: Converse, run: t.Callable[..., t.Any]) -> None:
    converse(*entry(), *probing(HOST, "CAS"))
    ran = run(main, providers=[HOST], validate_certs=False, parallel=1)
    assert (ran.code, ran.result["validated"]) == (0, False)


def test_failure(converse: Converse, run: t.Callable[..., t.Any]) -> None:
    converse(Call(estate.TARGETS["sites"], status=401))
    ran = run(main)
    assert (ran.code, ran.result["error"]["kind"]) == (1, "authentication")


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"providers": ["https://cm01"]}, "option providers"),
        ({"deadline": 0}, "option deadline"),
        ({"parallel": 0}, "option parallel"),
        ({"token": None}, "option token"),
    ],
)
def test_options_are_refused_before_any_call(
    converse: Converse, run: t.Callable[..., t.Any], options: dict[str, t.Any], text: str
) -> None:
    converse()
    ran = run(main, **options)
    assert ran.code == 1
    assert text in ran.result["msg"]
