# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a change of an assignment looks like, without Graph."""

from __future__ import annotations

import itertools
import typing as t

import pytest

from ansible_collections.configmgr.tenant_attach.plugins.module_utils.act import _intune_assignment_changes as changes

Json = dict[str, t.Any]
ADD = changes.WantedAssignment("Operators", "Role", ("g1",), "all_devices", (), exact=False)
EXACT = ADD._replace(exact=True)


def assignment(*members: str, scope: str = "allDevices", groups: t.Sequence[str] | None = (), **more: t.Any) -> Json:
    row = {"id": "a5", "displayName": "Operators", "members": list(members), "scopeType": scope}
    return {**row, "resourceScopes": groups, "roleScopeTagIds": ["0"], **more}


@pytest.mark.parametrize(
    ("current", "wanted", "expected"),
    [
        ("groups", "groups", "groups"),
        ("groups", "all_devices", "all_devices"),
        ("groups", "all_users", "all_users"),
        ("groups", "all_devices_and_users", "all_devices_and_users"),
        ("all_devices", "groups", "all_devices"),
        ("all_devices", "all_users", "all_devices_and_users"),
        ("all_users", "all_devices", "all_devices_and_users"),
        ("all_users", "all_users", "all_users"),
        ("all_devices_and_users", "all_devices", "all_devices_and_users"),
        ("all_devices_and_users", "groups", "all_devices_and_users"),
        ("unknownFutureValue", "all_devices", "unknownFutureValue"),
    ],
)
def test_a_scope_becomes_wider_and_never_narrower(current: str, wanted: str, expected: str) -> None:
    assert changes.wider(current, wanted) == expected


@pytest.mark.parametrize(
    ("row", "asked", "members", "scope", "groups"),
    [
        (assignment("G2"), ADD, ["g1", "g2"], "allDevices", []),
        (assignment("g2"), EXACT, ["g1"], "allDevices", []),
        (assignment("g1", scope="resourceScope", groups=["s1"]), ADD, ["g1"], "allDevices", []),
        (assignment("g1", scope="allLicensedUsers"), ADD, ["g1"], "allDevicesAndLicensedUsers", []),
        (assignment("g1", scope="allDevicesAndLicensedUsers"), EXACT, ["g1"], "allDevices", []),
        (assignment("g2", scope="unknownFutureValue"), ADD, ["g1", "g2"], "unknownFutureValue", []),
        (
            assignment("g1", scope="resourceScope", groups=["S1"]),
            ADD._replace(scope="groups", scope_groups=("s2",)),
            ["g1"],
            "resourceScope",
            ["s1", "s2"],
        ),
        (
            assignment("g1", scope="allDevices", groups=None),
            EXACT._replace(scope="groups", scope_groups=("s2",)),
            ["g1"],
            "resourceScope",
            ["s2"],
        ),
    ],
)
def test_what_is_sent(
    row: Json, asked: changes.WantedAssignment, members: list[str], scope: str, groups: list[str]
) -> None:
    body = changes.changes_of_assignment(row, asked)
    assert (body["members"], body["scopeType"], body["resourceScopes"]) == (members, scope, groups)
    # The name, the role and the scope tags stay what they are.
    assert set(body) == {"@odata.type", "members", "scopeType", "resourceScopes"}
    assert changes.assignment_took(row, asked)({**row, **body})


@pytest.mark.parametrize(
    ("row", "asked"),
    [
        (assignment("G1", "g2"), ADD),
        (assignment("g1", scope="AllDevices", groups=None), EXACT),
        (assignment("g1", scope="allDevicesAndLicensedUsers"), ADD),
        (assignment("g1", roleScopeTagIds=["3"]), EXACT),
        (assignment("g1"), ADD._replace(scope="groups", scope_groups=("s1",))),
    ],
)
def test_nothing_to_change(row: Json, asked: changes.WantedAssignment) -> None:
    assert changes.changes_of_assignment(row, asked) == {}


def test_what_others_gave_must_still_be_there() -> None:
    took = changes.assignment_took(assignment("g2"), ADD)
    assert [took(row) for row in (assignment("g1", "g2", "g3"), assignment("g1"), {})] == [True, False, False]
    assert changes.assignment_took(assignment("g2"), EXACT)(assignment("g1"))


def test_a_new_assignment_is_the_same_each_time() -> None:
    bodies = [changes.new_assignment(ADD._replace(members=each), "bind") for each in itertools.permutations("ba")]
    assert bodies[0] == bodies[1]
    assert bodies[0]["resourceScopes"] == []
    assert bodies[0]["roleScopeTagIds"] == ["0"]
    assert bodies[0]["roleDefinition@odata.bind"] == "bind"


@pytest.mark.parametrize("groups", [None, [], ["S1"]])
def test_what_restores_an_assignment_is_what_was_there(groups: list[str] | None) -> None:
    row = assignment("g2", scope="resourceScope", groups=groups)
    body = changes.restoring_assignment(row)
    assert (body["members"], body["scopeType"]) == (["g2"], "resourceScope")
    assert body["resourceScopes"] == [each.lower() for each in groups or ()]


def test_a_diff_names_groups() -> None:
    shown = changes.shown_assignment(assignment("g1", "g2", scope="resourceScope", groups=["s1"]), "Role")
    compared = changes.comparable_assignment(shown, {"g1": "North", "s1": "Servers"})
    assert (compared["members"], compared["scope_groups"]) == (["North (g1)", "g2"], ["Servers (s1)"])
    assert "id" not in compared
    assert changes.comparable_assignment(None, {}) == {}
