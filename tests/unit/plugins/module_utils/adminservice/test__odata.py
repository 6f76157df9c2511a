# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.configmgr.tenant_attach.plugins.module_utils._errors import AnswerError, InvalidOptionError
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.adminservice import _odata
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.adminservice._odata import Row

BASE = "https://cm01.contoso.com/AdminService"
URL = f"{BASE}/wmi/SMS_Site"


@pytest.mark.parametrize(
    "resource",
    [
        "wmi/SMS_Site",
        "wmi/SMS_R_System(16777219)",
        "wmi/SMS_Collection('ABC00001')/AdminService.AddMembershipRule",
        "wmi/SMS_Collection/ABC00001",
        "wmi/SMS_Scripts/{2f5a4f0e-0d2e-4a39-9f19-1c8b9d3f5a10}",
        "wmi/SMS_Identification.GetProviderVersion",
        "v1.0/Device(16777219)/AdminService.CMPivotResult(OperationId=7)",
        "v1.0/Device",
    ],
)
def test_resources_that_are_accepted(resource: str) -> None:
    assert _odata.check_resource(resource) == resource


@pytest.mark.parametrize(
    "resource",
    [
        "",
        "SMS_Site",
        "wmi",
        "wmi/",
        "/wmi/SMS_Site",
        "wmi//SMS_Site",
        "wmi/SMS_Site/",
        "wmi/../v1.0/Device",
        "wmi/SMS_Site/..",
        "wmi/SMS_Site?$select=SiteCode",
        "wmi/SMS_Site#top",
        "wmi/SMS_Site(1)(2)",
        "wmi/SMS_Site\n",
        "wmi/SMS Site",
        "v2.0/Device",
        "https://elsewhere.example/wmi/SMS_Site",
        "wmi/SMS_Collection('a/../b')",
    ],
)
def test_resources_that_are_refused(resource: str) -> None:
    with pytest.raises(InvalidOptionError) as caught:
        _odata.check_resource(resource)
    assert caught.value.observed == repr(resource)


@pytest.mark.parametrize(
    ("resource", "options", "rest"),
    [
        ("wmi/SMS_Site", {}, "wmi/SMS_Site"),
        ("wmi/$metadata", {}, "wmi/$metadata"),
        ("wmi/SMS_R_System(16777219)", {}, "wmi/SMS_R_System(16777219)"),
        ("wmi/SMS_Collection('ABC00001')", {}, "wmi/SMS_Collection('ABC00001')"),
        (
            "wmi/SMS_Site",
            {"where": "Type eq 2 and SiteCode eq 'P01'"},
            "wmi/SMS_Site?$filter=Type%20eq%202%20and%20SiteCode%20eq%20%27P01%27",
        ),
        (
            "wmi/SMS_Site",
            {"where": "SiteName eq 'R&D #1+2'"},
            "wmi/SMS_Site?$filter=SiteName%20eq%20%27R%26D%20%231%2B2%27",
        ),
        ("wmi/SMS_Site", {"select": ["SiteCode", "Type"]}, "wmi/SMS_Site?$select=SiteCode,Type"),
        ("wmi/SMS_Site", {"order_by": ["Type desc", "SiteCode"]}, "wmi/SMS_Site?$orderby=Type%20desc,SiteCode"),
        (
            "v1.0/Device",
            {"top": 1, "select": ["Name"], "where": "a eq 1", "order_by": ["Name"]},
            "v1.0/Device?$filter=a%20eq%201&$select=Name&$orderby=Name&$top=1",
        ),
        ("wmi/SMS_Site", {"where": "", "select": [], "order_by": []}, "wmi/SMS_Site"),
    ],
)
def test_addresses(resource: str, options: dict[str, t.Any], rest: str) -> None:
    assert _odata.build_url(BASE, resource, **options) == f"{BASE}/{rest}"


class TestRow:
    def test_names_are_found_in_any_case_and_shown_as_they_came(self) -> None:
        row = Row({"ResourceId": 16777219, "SITECODE": "P01"})
        assert row["ResourceID"] == 16777219
        assert row.text("SiteCode") == "P01"
        assert (list(row), len(row), "sitecode" in row, "Type" in row) == (["ResourceId", "SITECODE"], 2, True, False)

    @pytest.mark.parametrize(
        ("value", "text"), [("P01", "P01"), (" P01 ", "P01"), (None, ""), ("", ""), (7, "7"), (0, "0")]
    )
    def test_text(self, value: t.Any, text: str) -> None:
        assert Row({"Name": value}).text("NAME") == text
        assert not Row({}).text("Name")

    @pytest.mark.parametrize(
        ("value", "number"),
        [
            (0, 0),
            (4, 4),
            (2147483648, 2147483648),
            (-2147483648, 2147483648),
            (-1073741824, 3221225472),
            (-1, 4294967295),
            (None, None),
            ("4", None),
            (True, None),
            (4.0, None),
            ([4], None),
        ],
    )
    def test_numbers_are_unsigned(self, value: t.Any, number: int | None) -> None:
        assert Row({"Severity": value}).number("severity") == number

    @pytest.mark.parametrize(
        ("value", "count"),
        [([{"a": 1}, {"a": 2}], 2), ([{"a": 1}, None, "x", 3], 1), ([], 0), (None, 0), ("text", 0), ({"a": 1}, 0)],
    )
    def test_entries_are_the_objects_of_a_list(self, value: t.Any, count: int) -> None:
        assert len(Row({"Props": value}).entries("Props")) == count

    def test_names_of_embedded_properties_are_case_sensitive(self) -> None:
        row = Row({"Props": [{"PropertyName": "OFFLINEMODE", "Value": 1}, {"propertyname": "OfflineMode", "value": 0}]})
        found = row.embedded("OfflineMode")
        assert found is not None
        assert found.number("Value") == 0
        assert row.embedded("Offlinemode") is None

    def test_properties_of_wmi_and_odata_are_not_visible(self) -> None:
        row = Row({"@odata.etag": "P01", "__GENUS": 2, "__LAZYPROPERTIES": [], "SiteCode": "P01", "Mode": None})
        assert row.visible() == {"SiteCode": "P01", "Mode": None}


class TestRowsOf:
    @pytest.mark.parametrize(
        ("document", "rows"),
        [
            ({"value": []}, []),
            ({"value": [{"SiteCode": "P01"}, {"SiteCode": "P02"}]}, [{"SiteCode": "P01"}, {"SiteCode": "P02"}]),
            ({"SiteCode": "P01"}, [{"SiteCode": "P01"}]),
            ({"value": {"OperationId": 7}}, [{"OperationId": 7}]),
            ({"@odata.context": "x", "value": "5.00.9141.1000"}, [{"value": "5.00.9141.1000"}]),
            ({"value": 0}, [{"value": 0}]),
        ],
    )
    def test_forms(self, document: t.Any, rows: list[dict[str, t.Any]]) -> None:
        assert [dict(row) for row in _odata.rows_of(document, URL)] == rows

    @pytest.mark.parametrize(
        "document", [None, "text", 7, [], [{"SiteCode": "P01"}], {"value": [1, 2]}, {"value": [{}, "x"]}]
    )
    def test_other_forms_are_refused(self, document: t.Any) -> None:
        with pytest.raises(AnswerError) as caught:
            _odata.rows_of(document, URL)
        assert caught.value.where == URL
