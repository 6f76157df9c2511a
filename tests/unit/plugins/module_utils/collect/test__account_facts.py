# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Accounts as Graph tells them."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.configmgr.tenant_attach.plugins.module_utils.collect import _account_facts

PLAN = "c1ec4a95-1f05-45b3-a911-aa3fa01094f5"


@pytest.mark.parametrize(("value", "synced"), [(True, "yes"), (False, "no_longer"), (None, "never")])
def test_synchronisation_has_three_states(value: bool | None, synced: str) -> None:
    assert _account_facts.user({"id": "u1", "onPremisesSyncEnabled": value})["synced"] == synced


def test_user() -> None:
    row = {
        "id": "u1",
        "accountEnabled": True,
        "userType": "Member",
        "onPremisesSyncEnabled": True,
        "onPremisesSecurityIdentifier": "S-1-5-21-1-2-3-1104",
        "onPremisesDomainName": "contoso.com",
        "onPremisesSamAccountName": "ada",
        "onPremisesLastSyncDateTime": "2026-11-23T20:00:00Z",
        "onPremisesProvisioningErrors": [{"category": "PropertyConflict"}],
    }
    assert _account_facts.user(row) == {
        "id": "u1",
        "enabled": True,
        "user_type": "Member",
        "synced": "yes",
        "sid": "S-1-5-21-1-2-3-1104",
        "domain": "contoso.com",
        "account_name": "ada",
        "last_sync": "2026-11-23T20:00:00Z",
        "provisioning_errors": 1,
    }


@pytest.mark.parametrize(
    ("states", "licence"),
    [
        ([], "none"),
        (["Success"], "active"),
        (["Disabled", "Success"], "active"),
        (["Disabled"], "disabled"),
        (["Disabled", "PendingProvisioning"], "pending"),
    ],
)
def test_intune_licence(states: list[str], licence: str) -> None:
    rows = [{"servicePlans": [{"servicePlanId": PLAN, "provisioningStatus": state}]} for state in states]
    other = {
        "servicePlans": [{"servicePlanId": "2b317a4a-77a6-4188-9437-b68a77b4e2c6", "provisioningStatus": "Success"}]
    }
    assert _account_facts.intune_licence([*rows, other, {}]) == licence


@pytest.mark.parametrize(
    ("active", "eligible", "state"),
    [
        ([("u1", "/")], [], "active"),
        # A role-assignable group.
        ([("g1", "/")], [("u1", "/")], "active"),
        ([("u2", "/")], [("u1", "/")], "eligible"),
        # An administrative unit is not the tenant.
        ([("u1", "/administrativeUnits/1")], [], "none"),
        ([], [], "none"),
    ],
)
def test_directory_role(active: list[tuple[str, str]], eligible: list[tuple[str, str]], state: str) -> None:
    lists = [[{"principalId": who, "directoryScopeId": where} for who, where in rows] for rows in (active, eligible)]
    assert _account_facts.directory_role({"u1", "g1"}, *lists) == state


@pytest.mark.parametrize(
    ("tags", "members", "expected"),
    [
        (["0"], ["g1"], ["Help Desk Operator / CM operators"]),
        (None, ["g1"], ["Help Desk Operator / CM operators"]),
        # Devices of Configuration Manager carry the default scope tag only.
        (["5"], ["g1"], []),
        (["0"], ["g2"], []),
    ],
)
def test_grants(tags: list[str] | None, members: list[str], expected: list[str]) -> None:
    grant: dict[str, t.Any] = {
        "role": "Help Desk Operator",
        "name": "CM operators",
        "members": members,
        "scope_tags": tags,
    }
    assert _account_facts.grants_of({"g1", "g9"}, [grant]) == expected
