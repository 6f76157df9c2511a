# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a change of an Intune role looks like, without Graph."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.configmgr.tenant_attach.plugins.module_utils._errors import InvalidOptionError
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.act import _intune_role_changes as changes
from ansible_collections.configmgr.tenant_attach.tests.unit.intune import role

ADD = changes.WantedRole("Operators", ("A", "B"), None, exact=False)
EXACT = ADD._replace(exact=True)


def _sent(body: dict[str, t.Any]) -> tuple[list[str], list[str]]:
    (permission,) = body["rolePermissions"]
    (action,) = permission["resourceActions"]
    return action["allowedResourceActions"], action["notAllowedResourceActions"]


@pytest.mark.parametrize(
    ("row", "asked", "allowed", "refused"),
    [
        (role("A"), ADD, ["A", "B"], []),
        (role("C"), ADD, ["A", "B", "C"], []),
        # The spelling that is there stays: another one would be a change without a meaning.
        (role("a", "C"), ADD, ["a", "B", "C"], []),
        # What others took back stays taken back, but not what is wanted.
        (role("A", "C", denied=["b", "C"]), ADD, ["A", "B", "C"], ["C"]),
        (role("A", "B", denied=["a"]), ADD, ["A", "B"], []),
        (role("A", "B", "C"), EXACT, ["A", "B"], []),
        (role("A", "B", denied=["B", "D"]), EXACT, ["A", "B"], []),
        ({"id": "r1", "rolePermissions": None}, ADD, ["A", "B"], []),
    ],
)
def test_permissions_that_are_sent(
    row: dict[str, t.Any], asked: changes.WantedRole, allowed: list[str], refused: list[str]
) -> None:
    body = changes.changes_of_role(row, asked)
    assert _sent(body) == (allowed, refused)
    assert "description" not in body
    assert changes.role_took(row, asked)({**row, **body})


@pytest.mark.parametrize(
    ("row", "asked"),
    [
        (role("A", "B"), ADD),
        (role("a", "B", "C"), ADD),
        (role("a", "B"), EXACT),
        # What is taken back and was never given matters to nobody.
        (role("A", "B", denied=["D"]), EXACT),
        (role("A", "B"), ADD._replace(description="Made by hand")),
    ],
)
def test_nothing_to_change(row: dict[str, t.Any], asked: changes.WantedRole) -> None:
    assert changes.changes_of_role(row, asked) == {}


def test_a_description_alone_is_sent_alone() -> None:
    body = changes.changes_of_role(role("A", "B"), ADD._replace(description=""))
    assert body == {"@odata.type": "#microsoft.graph.roleDefinition", "description": ""}


@pytest.mark.parametrize(
    ("after", "asked", "took"),
    [
        (role("A", "B", "C"), ADD, True),
        (role("A", "B"), ADD, False),
        (role("A", "C"), ADD, False),
        (role("A", "B"), EXACT, True),
        (role("A", "B", "C"), EXACT, False),
        ({}, ADD, False),
    ],
)
def test_what_others_gave_must_still_be_there(after: dict[str, t.Any], asked: changes.WantedRole, took: bool) -> None:
    assert changes.role_took(role("C"), asked)(after) is took


def test_a_new_role_is_the_same_each_time() -> None:
    first = changes.new_role(ADD._replace(permissions=("b", "A")))
    assert first == changes.new_role(ADD._replace(permissions=("A", "b")))
    assert _sent(first) == (["A", "b"], [])
    assert (first["description"], first["isBuiltIn"], first["roleScopeTagIds"]) == ("", False, ["0"])


def test_what_restores_a_role_is_what_was_there() -> None:
    row = role("A", denied=["B"])
    assert changes.restoring_role(row)["rolePermissions"] == row["rolePermissions"]


def test_permissions_are_spelled_as_intune_does() -> None:
    assert changes.known(["one_b", "ONE_A", "One_A"], [{"id": "One_A"}, {"id": "One_B"}]) == ("One_A", "One_B")


@pytest.mark.parametrize(
    ("named", "text"),
    [(["One_A", "One_Bb"], "did you mean One_B in place of One_Bb?"), (["zzz"], "read deviceManagement")],
)
def test_permissions_that_intune_does_not_know(named: list[str], text: str) -> None:
    with pytest.raises(InvalidOptionError, match="unknown: ") as caught:
        changes.known(named, [{"id": "One_A"}, {"id": "One_B"}])
    assert text in str(caught.value)
