# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What all unit tests share."""

from __future__ import annotations

import copy
import datetime as dt
import json
import typing as t

import pytest
from hypothesis import settings

from ansible_collections.configmgr.tenant_attach.plugins.module_utils.https import _transport
from ansible_collections.configmgr.tenant_attach.tests.unit.certificates import Authority
from ansible_collections.configmgr.tenant_attach.tests.unit.conversation import Call, Conversation
from ansible_collections.configmgr.tenant_attach.tests.unit.places import FIXTURES

# Nothing timed is asserted: on a busy machine an example takes as long as it takes.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

_HEALTHY = json.loads((FIXTURES / "evidence-healthy.json").read_text("utf-8"))


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the environment decides about a test."""
    for name in ("PROVIDER", "AUTH", "USERNAME", "PASSWORD", "TOKEN", "KEYTAB", "CCACHE", "CA_PATH"):
        monkeypatch.delenv(f"CONFIGMGR_{name}", raising=False)
    for name in ("SERVER", "BASE_DN", "AUTH", "USERNAME", "PASSWORD", "KEYTAB", "CCACHE", "CA_PATH"):
        monkeypatch.delenv(f"DIRECTORY_{name}", raising=False)


@pytest.fixture
def healthy() -> dict[str, t.Any]:
    """Evidence of a healthy hierarchy: a CAS, three primary and four secondary sites."""
    return copy.deepcopy(_HEALTHY)


@pytest.fixture
def converse(monkeypatch: pytest.MonkeyPatch) -> t.Iterator[t.Callable[..., Conversation]]:
    """Begin a scripted conversation; at the end of the test all of it must have been held."""
    begun: list[Conversation] = []

    def begin(*calls: Call, **options: t.Any) -> Conversation:
        conversation = Conversation(calls, **options)
        monkeypatch.setattr(_transport, "_Adapter", conversation.adapter)
        begun.append(conversation)
        return conversation

    yield begin
    for conversation in begun:
        conversation.check()


@pytest.fixture(scope="session")
def authority() -> Authority:
    """The root of a site. Valid whenever tests run."""
    return Authority("SMS Issuing", dt.datetime(2020, 1, 1, tzinfo=dt.UTC), days=36500)
