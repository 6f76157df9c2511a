# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.configmgr.tenant_attach.plugins.filter.double_hop import FilterModule as DoubleHop
from ansible_collections.configmgr.tenant_attach.plugins.filter.double_hop_state import FilterModule as State
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.product._double_hop import GROUP
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.act import _double_hop_facts
from ansible_collections.configmgr.tenant_attach.tests.unit.double_hop import NAME, REMOTE, Json, computer


def test_playbooks_get_names_of_the_inventory() -> None:
    facts = DoubleHop().filters()["double_hop"](REMOTE, {}, ["P01.x.com", "localhost"])
    assert facts["local_groups"] == [
        {"host": "p01.x.com", "inventory_name": "P01.x.com", "members": ["prv.x.com", "cas.x.com"]}
    ]
    assert facts["restarts"] == [{"host": "prv.x.com", "inventory_name": ""}]
    assert (facts["unreached"], facts["not_restartable"]) == ([], ["prv.x.com"])
    assert [step["text"] for step in facts["steps"]] == [
        f"The CAS has a remote SMS Provider, step 1: add prv.x.com, cas.x.com to the local group {GROUP} on p01.x.com",
        f"The CAS has a remote SMS Provider, step 2: trust prv.x.com for delegation, with Kerberos only, to {NAME}",
        f"The CAS has a remote SMS Provider, step 3: trust cas.x.com for delegation, with Kerberos only, to {NAME}",
        "The CAS has a remote SMS Provider, step 4: restart prv.x.com",
    ]
    assert DoubleHop().filters()["double_hop"](REMOTE)["unreached"] == ["p01.x.com"]


def state(computers: list[Json], services: list[Json]) -> dict[str, t.Any]:
    facts = _double_hop_facts.as_facts(REMOTE)
    return State().filters()["double_hop_state"](facts, {"computers": computers, "services": services})


REGISTERED: Json = {"name": NAME, "accounts": ["X\\SQL"]}


def test_what_the_directory_has_of_it() -> None:
    found = state([computer("prv.x.com", NAME.upper()), computer("cas.x.com")], [REGISTERED])
    assert (found["wrong"], found["undelegated"]) == ([], [f"cas.x.com: {NAME}"])
    assert found["local_groups"][0]["accounts"] == ["X\\PRV$", "X\\CAS$"]


@pytest.mark.parametrize(
    ("computers", "services", "wrong"),
    [
        ([computer("cas.x.com")], [REGISTERED], ["computer prv.x.com: not there"]),
        (
            [computer("cas.x.com"), {"name": "prv.x.com", "error": {"observed": "no such computer"}}],
            [REGISTERED],
            ["computer prv.x.com: no such computer"],
        ),
        ([computer("cas.x.com"), computer("prv.x.com")], [], [f"service {NAME}: not there"]),
        (
            [computer("cas.x.com"), computer("prv.x.com")],
            [{"name": NAME, "accounts": []}],
            [f"service {NAME}: not there"],
        ),
        (
            [computer("cas.x.com"), computer("prv.x.com")],
            [{"name": NAME, "accounts": ["X\\A", "X\\B"]}],
            [f"service {NAME}: X\\A, X\\B"],
        ),
    ],
)
def test_what_stands_in_the_way(computers: list[Json], services: list[Json], wrong: list[str]) -> None:
    assert state(computers, services)["wrong"] == wrong
