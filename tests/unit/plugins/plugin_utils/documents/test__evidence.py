# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime as dt
import typing as t

import pytest

from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.documents._evidence import Evidence, moment
from ansible_collections.configmgr.tenant_attach.tests.unit.evidence import AT, EMPTY, ERROR


@pytest.mark.parametrize(
    "text", [AT, "2026-11-23T20:00:00", "2026-11-23T20:00:00+00:00", "2026-11-23T21:00:00+01:00", "20261123T200000Z"]
)
def test_times_are_in_utc_unless_they_say_otherwise(text: str) -> None:
    assert moment({"time": text}, "time") == dt.datetime(2026, 11, 23, 20, tzinfo=dt.UTC)


PROBES = [{"host": "cm01", "healthy": True, "component": None, "certificate": {"error": ERROR}}]
DOCUMENT: dict[str, t.Any] = {
    **EMPTY,
    "adminservice": {"providers": PROBES, "validated": False},
    "hierarchy": {
        "top_site": None,
        "sites": [{"code": "P01", "name": "One", "type": "primary", "database": {"error": ERROR}, "build": 0}],
        "discovery": {"P01": {"ad_user": None}},
        "components": [],
        "errors": {"attach": ERROR, "status_messages": "plain text"},
        "attach": {"state": "on"},
    },
}


class TestEvidence:
    @pytest.mark.parametrize(
        ("path", "value"),
        [
            ("hierarchy/top_site", None),
            ("hierarchy/components", []),
            ("hierarchy/sites/P01/build", 0),
            ("hierarchy/discovery/P01/ad_user", None),
            ("adminservice/validated", False),
            ("adminservice/providers/cm01/component", None),
            ("adminservice/providers", PROBES),
        ],
    )
    def test_what_is_there_was_observed_even_when_it_is_nothing(self, path: str, value: t.Any) -> None:
        evidence = Evidence(DOCUMENT)
        assert evidence.missing(path) is None
        assert evidence.get(path) == value

    @pytest.mark.parametrize(
        ("path", "shown"),
        [
            ("hierarchy/providers", "hierarchy / providers"),
            ("hierarchy/sites/P02", "hierarchy / sites / P02"),
            ("hierarchy/sites/P01/nothing", "hierarchy / sites / P01 / nothing"),
            ("hierarchy/top_site/deeper", "hierarchy / top_site / deeper"),
            ("network", "network"),
            # The name of a site is not its key.
            ("hierarchy/sites/One", "hierarchy / sites / One"),
        ],
    )
    def test_what_is_absent(self, path: str, shown: str) -> None:
        missing = Evidence(DOCUMENT).missing(path)
        assert missing is not None
        assert missing.reason == f"no evidence of {shown} was collected"
        with pytest.raises(LookupError, match="no evidence of"):
            Evidence(DOCUMENT).get(path)

    @pytest.mark.parametrize(
        "path",
        [
            "hierarchy/sites/P01/database",
            "hierarchy/sites/P01/database/server",
            "adminservice/providers/cm01/certificate",
            # In the map of errors, whatever else stands there.
            "hierarchy/attach",
            "hierarchy/attach/state",
        ],
    )
    def test_an_error_is_told_with_its_next_step_and_rights(self, path: str) -> None:
        assert Evidence(DOCUMENT).missing(path) == (
            "expected HTTP 200; observed HTTP 403 (https://cm01/AdminService)",
            "ask for the right",
            ("Read-only Analyst",),
        )

    def test_an_error_of_a_whole_section(self) -> None:
        missing = Evidence({**EMPTY, "hierarchy": {"error": {"expected": "a", "observed": "b"}}}).missing(
            "hierarchy/sites"
        )
        assert missing == ("expected a; observed b", "", ())

    def test_an_error_that_is_plain_text(self) -> None:
        assert Evidence(DOCUMENT).missing("hierarchy/status_messages") == ("plain text", "", ())

    @pytest.mark.parametrize(
        ("path", "value"),
        [
            ("components", ""),
            ("components", {}),
            ("components", None),
            ("components", ["text"]),
            ("components", [{"component": "x", "host": None, "site": "P01"}]),
            ("sites", [{"code": "P01"}]),
            ("sites", "P01"),
            ("discovery", []),
            ("attach", "on"),
        ],
    )
    def test_another_form_is_no_evidence(self, path: str, value: t.Any) -> None:
        evidence = Evidence({**EMPTY, "hierarchy": {path: value}})
        missing = evidence.missing(f"hierarchy/{path}")
        assert missing is not None
        assert "not understood" in missing.reason
        assert evidence.missing(f"hierarchy/{path}/P01") == missing
