# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.configmgr.tenant_attach.plugins.module_utils._errors import InvalidOptionError
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.documents._expectations import (
    CHOICES,
    NAMES,
    Expectations,
    parse,
)


@pytest.mark.parametrize("declared", [None, {}, {"cloud": None, "attached": None}])
def test_nothing_is_declared_by_default(declared: dict[str, t.Any] | None) -> None:
    assert parse(declared) == Expectations()


def test_all_that_can_be_declared() -> None:
    declared = {
        "cloud": "china",
        "provider_authentication_level": "windows_hello",
        "entra_user_discovery": False,
        "attached": True,
        "enforce_configmgr_rbac": False,
        "scp_country": "DE",
        "onboarding_account": "olivia.onboard@contoso.com",
        "operators": ("opal.ferris@contoso.com",),
        "onboarding_applications": ("1f6d2c9e-0000-4000-8000-000000000001",),
        "sql_ports": {"sql1.contoso.com": 50001},
    }
    assert sorted(declared) == sorted(NAMES)
    assert parse(declared) == Expectations(**declared)


def test_what_has_no_case_is_compared_without() -> None:
    found = parse(
        {"scp_country": "de", "operators": [" Opal@Contoso.com ", "opal@contoso.com"], "onboarding_account": "A@B.c"}
    )
    assert (found.scp_country, found.operators, found.onboarding_account) == ("DE", ("opal@contoso.com",), "a@b.c")
    assert parse({"operators": []}).operators == ()
    assert parse({"sql_ports": {" SQL1.Contoso.com": 50001}}).sql_ports == {"sql1.contoso.com": 50001}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in CHOICES.items() for value in values])
def test_every_choice_is_accepted(name: str, value: str) -> None:
    assert getattr(parse({name: value}), name) == value


@pytest.mark.parametrize(
    ("declared", "expected", "observed"),
    [
        ({"cloud": "Public"}, "cloud to be one of public, us_gov_gcc_high, us_gov_dod, china", "'Public'"),
        ({"cloud": True}, "cloud to be one of", "True"),
        ({"sql_ports": [50001]}, "sql_ports to be ports (1 to 65535)", "[50001]"),
        ({"sql_ports": {"sql1.contoso.com": 0}}, "sql_ports to be ports", "{'sql1.contoso.com': 0}"),
        ({"sql_ports": {"sql1.contoso.com": 65536}}, "sql_ports to be ports", "{'sql1.contoso.com': 65536}"),
        ({"sql_ports": {"sql1.contoso.com": True}}, "sql_ports to be ports", "{'sql1.contoso.com': True}"),
        ({"sql_ports": {"sql1.contoso.com": "50001"}}, "sql_ports to be ports", "{'sql1.contoso.com': '50001'}"),
        ({"sql_ports": {"sql1": 50001}}, "by fully qualified name", "{'sql1': 50001}"),
        ({"sql_ports": {1: 50001}}, "by fully qualified name", "{1: 50001}"),
        ({"cloud": ["public"]}, "cloud to be one of", "['public']"),
        ({"provider_authentication_level": "ntlm"}, "one of windows, certificate, windows_hello", "'ntlm'"),
        ({"attached": "yes"}, "attached to be true or false", "'yes'"),
        ({"entra_user_discovery": 1}, "entra_user_discovery to be true or false", "1"),
        ({"scp_country": "Germany"}, "scp_country to be a country as two letters", "'Germany'"),
        ({"scp_country": 49}, "two letters", "49"),
        ({"onboarding_account": "olivia"}, "onboarding_account to be a user principal name", "'olivia'"),
        ({"operators": "opal@contoso.com"}, "operators to be a list of user principal names", "'opal@contoso.com'"),
        ({"operators": ["CONTOSO\\opal"]}, "a list of user principal names", "['CONTOSO\\\\opal']"),
        ({"operators": [7]}, "a list of user principal names", "[7]"),
        ({"onboarding_applications": ["app"]}, "a list of client ids", "['app']"),
        (["cloud"], "tenant_attach_expectations to be a dictionary", "['cloud']"),
        ("public", "tenant_attach_expectations to be a dictionary", "'public'"),
    ],
)
def test_wrong_values_are_refused(declared: t.Any, expected: str, observed: str) -> None:
    with pytest.raises(InvalidOptionError) as caught:
        parse(declared)
    assert expected in caught.value.expected
    assert caught.value.observed == observed


def test_an_unknown_name_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(InvalidOptionError, match="did you mean provider_authentication_level"):
        parse({"provider_auth_level": "windows"})
