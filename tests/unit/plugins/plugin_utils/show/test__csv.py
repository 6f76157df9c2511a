# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import csv
import io
import typing as t

import pytest

from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.show import _csv
from ansible_collections.configmgr.tenant_attach.tests.unit.readers import POINT, varied

Json = dict[str, t.Any]


@pytest.fixture
def document(healthy: Json) -> Json:
    return varied(healthy)


def rows(document: Json) -> list[dict[str, str]]:
    text = _csv.render(document).encode("utf-8").decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def test_every_finding_has_its_row_in_the_same_order(document: Json) -> None:
    found = rows(document)
    assert [(row["id"], row["scope_kind"], row["scope"], row["outcome"]) for row in found] == [
        (each["id"], each["scope"]["kind"], each["scope"]["name"], each["outcome"]) for each in document["findings"]
    ]
    for row, finding in zip(found, document["findings"], strict=True):
        assert tuple(row) == _csv.COLUMNS
        assert row["site"] == (finding["scope"]["site"] or "")
        assert (row["severity"], row["catalogue_severity"]) == (finding["severity"], finding["catalogue_severity"])
        assert row["next_step"] == (finding["remedy"] or {"text": ""})["text"]
        assert row["collected_at"] == document["collected_at"]
        for column in ("title", "area", "expected", "observed", "reason", "source"):
            assert row[column] == finding[column]


def test_waivers_have_their_columns(document: Json) -> None:
    found = rows(document)
    (waived,) = (row for row in found if row["id"] == "scp_online")
    assert {
        column: value for column, value in waived.items() if column.startswith("waiver") or column == "outcome"
    } == {
        "outcome": "fail",
        "waiver": "waived",
        "waiver_scope": f"host:{POINT}",
        "waiver_owner": "Ada Quill",
        "waiver_reason": "the site is closed in March",
        "waiver_ticket": "CHG0040123",
        "waiver_expires": "2999-12-31",
    }
    (expired,) = (row for row in found if row["waiver"] == "expired")
    assert (expired["id"], expired["outcome"], expired["waiver_expires"], expired["waiver_ticket"]) == (
        "operator_discovered",
        "fail",
        "2020-01-31",
        "",
    )
    assert {row["waiver"] for row in found} == {"", "expired", "waived"}


def test_lines_end_as_the_standard_says_and_the_mark_comes_first(document: Json) -> None:
    text = _csv.render(document)
    assert text.startswith('\ufeff"collected_at","id",')
    assert text.endswith('"\r\n')


@pytest.mark.parametrize(
    ("value", "made"),
    [
        (None, ""),
        ("", ""),
        ("plain", "plain"),
        ("a = b - c", "a = b - c"),
        ("2026-11-23", "2026-11-23"),
        ("=1", "'=1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@x", "'@x"),
        ("\t=1", "'=1"),
        ("\r\n-1", "'-1"),
        ("\uff1d1", "'\uff1d1"),
        ("a;b", "a;b"),
        ("a;=b", "a;'=b"),
        ('a; "=b"', 'a;\' "=b"'),
        ("a\nb\tc", "a b c"),
    ],
)
def test_a_cell_is_one_line_and_no_formula(value: str | None, made: str) -> None:
    assert _csv.cell(value) == made
