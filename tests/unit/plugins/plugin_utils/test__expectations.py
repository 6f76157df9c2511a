# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.configmgr.tenant_attach.plugins.module_utils._errors import InvalidOptionError
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils._expectations import Expectations, parse


@pytest.mark.parametrize("declared", [None, {}, {"cloud": None}])
def test_nothing_declared(declared: dict[str, t.Any] | None) -> None:
    assert parse(declared) == Expectations()


def test_everything_declared() -> None:
    declared = {
        "cloud": "us_gov_dod",
        "provider_authentication_level": "windows_hello",
        "entra_user_discovery": False,
        "attached": True,
    }
    assert parse(declared) == Expectations("us_gov_dod", "windows_hello", entra_user_discovery=False, attached=True)


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        ({"clout": "public"}, "did you mean cloud"),
        ({"zzz": 1}, "remove it"),
        ({"cloud": "azure"}, "public, us_gov_gcc_high, us_gov_dod, china"),
        ({"cloud": ["public"]}, "public, us_gov_gcc_high"),
        ({"attached": "yes"}, "tenant_attach_expectations.attached to be true or false"),
        ({"entra_user_discovery": 1}, "true or false"),
        ("cloud: public", "a dictionary"),
    ],
)
def test_what_is_not_understood_is_refused(declared: t.Any, message: str) -> None:
    with pytest.raises(InvalidOptionError, match=message):
        parse(declared)
