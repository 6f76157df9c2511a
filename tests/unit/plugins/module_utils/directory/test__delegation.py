# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.configmgr.tenant_attach.plugins.module_utils.directory import _delegation as delegation
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.directory._delegation import Delegation
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.directory._session import Entry

PLAIN = 4096
UNCONSTRAINED = PLAIN | 0x80000
TRANSITION = PLAIN | 0x1000000
BOTH = UNCONSTRAINED | TRANSITION
SERVICES = st.lists(st.sampled_from(["a/1", "A/1", "a/2", "b/1", "B/2"]), unique=True).map(tuple)
CONTROLS = st.sampled_from([PLAIN, UNCONSTRAINED, TRANSITION, BOTH, PLAIN | 2])


@pytest.mark.parametrize(
    ("there", "wanted", "present", "after"),
    [
        ([], ["a/1", "a/2"], True, ["a/1", "a/2"]),
        (["x/1"], ["a/1"], True, ["x/1", "a/1"]),
        (["A/1"], ["a/1"], True, ["A/1"]),
        ([], ["a/1", "A/1"], True, ["a/1"]),
        (["x/1", "A/1", "a/1"], ["a/1"], False, ["x/1"]),
        (["x/1"], ["a/1"], False, ["x/1"]),
    ],
)
def test_planned(there: list[str], wanted: list[str], present: bool, after: list[str]) -> None:
    found = delegation.planned(Delegation(tuple(there), PLAIN), wanted, present=present, clear=False)
    assert found == Delegation(tuple(after), PLAIN)


@pytest.mark.parametrize(
    ("control", "clear", "after", "other"),
    [
        (PLAIN, True, PLAIN, []),
        (UNCONSTRAINED, False, UNCONSTRAINED, ["unconstrained"]),
        (TRANSITION, False, TRANSITION, ["protocol_transition"]),
        (BOTH, False, BOTH, ["unconstrained", "protocol_transition"]),
        (BOTH | 2, True, PLAIN | 2, []),
    ],
)
def test_other_delegation(control: int, clear: bool, after: int, other: list[str]) -> None:
    found = delegation.planned(Delegation((), control), ["a/1"], present=True, clear=clear)
    assert (found.control, found.other) == (after, other)


def test_changes_name_values_that_change_only() -> None:
    before = Delegation(("x/1", "y/1"), BOTH)
    assert delegation.changes(before, before) == []
    assert delegation.changes(before, Delegation(("x/1", "a/1"), PLAIN)) == [
        ("add", "msDS-AllowedToDelegateTo", ["a/1"]),
        ("delete", "msDS-AllowedToDelegateTo", ["y/1"]),
        ("delete", "userAccountControl", [str(BOTH)]),
        ("add", "userAccountControl", [str(PLAIN)]),
    ]


def test_shown_in_order() -> None:
    assert Delegation(("b/1", "A/1"), UNCONSTRAINED).as_dict() == {
        "services": ["A/1", "b/1"],
        "unconstrained": True,
        "protocol_transition": False,
    }


def test_read() -> None:
    entry = Entry("CN=x", {"useraccountcontrol": [b"4096"], "msds-allowedtodelegateto": [b"a/1"]})
    assert delegation.delegation_of(entry) == Delegation(("a/1",), PLAIN)
    assert delegation.delegation_of(Entry("CN=x")) is None


@given(there=SERVICES, control=CONTROLS, wanted=SERVICES, present=st.booleans(), clear=st.booleans())
def test_a_plan_takes_and_a_second_one_changes_nothing(
    there: tuple[str, ...], control: int, wanted: tuple[str, ...], present: bool, clear: bool
) -> None:
    before = Delegation(there, control)
    clear = clear and present
    after = delegation.planned(before, wanted, present=present, clear=clear)
    assert delegation.took(after, wanted, present=present, clear=clear)
    assert delegation.planned(after, wanted, present=present, clear=clear) == after
    asked = {each.casefold() for each in wanted}
    assert [each for each in after.services if each.casefold() not in asked] == [
        each for each in before.services if each.casefold() not in asked
    ]


@given(
    before=st.builds(Delegation, SERVICES, CONTROLS),
    wanted=SERVICES,
    present=st.booleans(),
    clear=st.booleans(),
    others=SERVICES,
)
def test_what_is_given_back_is_what_was_and_what_others_wrote(
    before: Delegation, wanted: tuple[str, ...], present: bool, clear: bool, others: tuple[str, ...]
) -> None:
    after = delegation.planned(before, wanted, present=present, clear=clear)
    foreign = tuple(f"foreign-{each}" for each in others)
    # All of our change took, or nothing of it; others wrote, and disabled the computer.
    for now in (after, before):
        meanwhile = Delegation((*now.services, *foreign), now.control | 2)
        back = delegation.restored(before, after, meanwhile)
        assert set(back.services) == {*before.services, *foreign}
        assert back.control == before.control | 2


def test_what_did_not_take() -> None:
    assert not delegation.took(Delegation((), PLAIN), ["a/1"], present=True, clear=False)
    assert not delegation.took(Delegation(("A/1",), PLAIN), ["a/1"], present=False, clear=False)
    assert not delegation.took(Delegation(("a/1",), BOTH), ["a/1"], present=True, clear=True)
