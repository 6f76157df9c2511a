# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible_collections.configmgr.tenant_attach.plugins.modules.hierarchy_info import main
from ansible_collections.configmgr.tenant_attach.tests.unit import estate
from ansible_collections.configmgr.tenant_attach.tests.unit.conversation import Call, Conversation, listing

Converse = t.Callable[..., Conversation]


def test_success(converse: Converse, run: t.Callable[..., t.Any]) -> None:
    converse(*estate.calls())
    ran = run(main)
    assert (ran.code, ran.result["changed"]) == (0, False)
    assert ran.result["hierarchy"]["top_site"] == "CAS"
    assert ran.result["hierarchy"]["errors"] == {}


def test_a_topic_that_cannot_be_read_is_no_failure(converse: Converse, run: t.Callable[..., t.Any]) -> None:
    converse(*estate.calls(status_messages=Call(estate.TARGETS["status_messages"], status=500)))
    ran = run(main)
    assert ran.code == 0
    assert list(ran.result["hierarchy"]["errors"]) == ["status_messages"]


def test_no_site_is_a_failure(converse: Converse, run: t.Callable[..., t.Any]) -> None:
    converse(Call(estate.TARGETS["sites"], listing()))
    ran = run(main)
    assert (ran.code, ran.result["error"]["kind"]) == (1, "access_denied")
    assert ran.result["error"]["rights"] == ["ConfigMgr: Read-only Analyst with all scopes and collections"]


def test_a_provider_must_be_given(converse: Converse, run: t.Callable[..., t.Any]) -> None:
    converse()
    ran = run(main, provider=None)
    assert "missing required arguments: provider" in ran.result["msg"]
