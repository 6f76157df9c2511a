# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.configmgr.tenant_attach.plugins.module_utils import _errors, _expressions
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.collect._adminservice_rows import query
from ansible_collections.configmgr.tenant_attach.tests.unit.conversation import (
    CANARY,
    HOST,
    Call,
    Conversation,
    listing,
)

Converse = t.Callable[..., Conversation]
APPLICATIONS = "wmi/SMS_AAD_Application_Ex"


def options(**given: t.Any) -> dict[str, t.Any]:
    return {
        "provider": HOST,
        "auth": "token",
        "username": None,
        "password": None,
        "token": CANARY,
        "keytab": None,
        "ccache": None,
        "ca_path": None,
        "validate_certs": True,
        "timeout": 30,
        "deadline": 120,
        "proxy_url": None,
        "connect_to": {},
        "resource": "wmi/SMS_Site",
        "filter": None,
        "select": [],
        "order_by": [],
        "top": None,
        "query": None,
        **given,
    }


def test_rows_come_without_what_belongs_to_wmi(converse: Converse) -> None:
    conversation = converse(
        Call(
            "/wmi/SMS_Site?$filter=Type eq 2&$select=SiteCode,Type&$orderby=SiteCode desc&$top=7",
            listing({"@odata.etag": "P01", "__GENUS": 2, "SiteCode": "P01", "Type": 2}),
        )
    )
    given = options(filter="Type eq 2", select=["SiteCode", "Type"], order_by=["SiteCode desc"], top=7)
    assert query(given) == {"rows": [{"SiteCode": "P01", "Type": 2}], "count": 1}
    assert conversation.adapters[0].closed


def test_an_expression_changes_the_rows_and_not_the_count(converse: Converse) -> None:
    converse(Call("/wmi/SMS_Site", listing({"SiteCode": "P01", "Type": 2}, {"SiteCode": "S11", "Type": 1})))
    assert query(options(query="[?Type==`2`].SiteCode")) == {"rows": ["P01"], "count": 2}


def test_the_connection_is_closed_after_a_failure_too(converse: Converse) -> None:
    conversation = converse(Call("/wmi/SMS_Site", status=500))
    with pytest.raises(_errors.ServiceError):
        query(options())
    assert conversation.adapters[0].closed


@pytest.mark.parametrize(
    "given",
    [
        {"resource": APPLICATIONS},
        {"resource": "wmi/sms_aad_application_ex"},
        {"resource": "wmi/SMS_AAD_Application"},
        {"resource": f"{APPLICATIONS}(16777217)"},
        {"resource": f"{APPLICATIONS}/16777217"},
        {"resource": f"{APPLICATIONS}(16777217)/SecretKey"},
        {"resource": f"{APPLICATIONS}(16777217)/secretkey", "select": ["ID"]},
        {"resource": f"{APPLICATIONS}(16777217)/SecretKey/value", "select": ["ID"]},
        {"resource": APPLICATIONS, "select": [""]},
        {"resource": APPLICATIONS, "select": ["*"]},
        {"resource": APPLICATIONS, "select": ["ID", "SecretKey"]},
        {"resource": APPLICATIONS, "select": ["ID, secretkey"]},
        {"resource": "wmi/SMS_Anything", "select": ["SECRETKEY"]},
        {"resource": "wmi/SMS_Anything", "select": [" SecretKey "]},
        {"resource": APPLICATIONS, "select": ["ID"], "filter": "startswith(SecretKey,'a')"},
        {"resource": APPLICATIONS, "select": ["ID"], "order_by": ["SecretKey"]},
    ],
)
def test_the_secret_of_the_application_is_never_asked_for(converse: Converse, given: dict[str, t.Any]) -> None:
    converse()
    with pytest.raises(_errors.InvalidOptionError, match="SecretKey"):
        query(options(**given))


def test_a_secret_that_comes_all_the_same_is_left_out(converse: Converse) -> None:
    row = {
        "ID": 1,
        "SecretKey": CANARY,
        "SECRETKEY2": "kept",
        "Nested": {"secretkey": CANARY, "list": [{"SecretKey": CANARY}]},
    }
    converse(Call(f"/{APPLICATIONS}?$select=ID", listing(row)))
    found = query(options(resource=APPLICATIONS, select=["ID"]))
    assert found["rows"] == [{"ID": 1, "SECRETKEY2": "kept", "Nested": {"list": [{}]}}]


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"resource": "SMS_Site"}, "option resource to be wmi/<Class>"),
        ({"top": 0}, "option top to be at least 1"),
        ({"top": -1}, "option top to be at least 1"),
        ({"query": "[?"}, "option query to be a JMESPath expression"),
        ({"token": None}, "option token for auth=token"),
    ],
)
def test_options_are_refused_before_any_call(converse: Converse, given: dict[str, t.Any], text: str) -> None:
    converse()
    with pytest.raises(_errors.InvalidOptionError) as caught:
        query(options(**given))
    assert text in caught.value.expected
    assert "\n" not in caught.value.observed


def test_an_expression_needs_its_library(converse: Converse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_expressions, "HAS_JMESPATH", False)
    converse()
    with pytest.raises(_errors.MissingLibraryError, match="jmespath"):
        query(options(query="[0]"))


def test_an_expression_that_does_not_fit_is_an_error_of_ours(converse: Converse) -> None:
    converse(Call("/wmi/SMS_Site", listing({"SiteCode": "P01"})))
    with pytest.raises(_errors.InvalidOptionError, match="option query"):
        query(options(query="sum([].SiteCode)"))
