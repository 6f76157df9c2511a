# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of endpoints, and what is chosen from it."""

from __future__ import annotations

import pytest

from ansible_collections.configmgr.tenant_attach.plugins.module_utils._errors import InvalidOptionError
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.network import _endpoints, _urls


def test_the_table_can_be_probed() -> None:
    assert len({endpoint.id for endpoint in _endpoints.ENDPOINTS}) == len(_endpoints.ENDPOINTS)
    for endpoint in _endpoints.ENDPOINTS:
        assert _urls.check_endpoint(endpoint.url) == endpoint.url
        assert endpoint.url.startswith("http://" if endpoint.kind == "revocation" else "https://")
        assert endpoint.purpose
        assert endpoint.source.startswith("https://")
        assert endpoint.wildcard == (endpoint.documented != endpoint.url)
        if endpoint.wildcard:
            assert endpoint.url.endswith(endpoint.documented.removeprefix("https://*."))


def test_statuses_that_mean_failure() -> None:
    assert list(_endpoints.FAILURES) == [407, 408, 426, 451, 502, 511, 598, 599]


@pytest.mark.parametrize(
    ("cloud", "release", "present", "absent"),
    [
        ("public", "2002", {"intune", "gateway", "updates"}, {"intune_us_gov"}),
        ("us_gov_gcc_high", "2107", {"intune_us_gov"}, {"intune", "gateway", "updates"}),
        ("us_gov_dod", None, {"intune_us_gov"}, {"intune"}),
        ("us_gov_dod", "2103", set(), {"intune_us_gov", "intune"}),
    ],
)
def test_cloud_and_release(cloud: str, release: str | None, present: set[str], absent: set[str]) -> None:
    ids = {endpoint.id for endpoint in _endpoints.endpoints_for(cloud, release)}
    common = {"gateway_discovery", "telemetry", "forwarder_aka", "forwarder_go", "crl_digicert_3"}
    assert present | common <= ids
    assert not absent & ids


@pytest.mark.parametrize(
    ("cloud", "gateway", "url"),
    [
        ("public", "EU", "https://eu.gateway.configmgr.manage.microsoft.com"),
        ("public", "a.gateway.configmgr.manage.microsoft.com", "https://a.gateway.configmgr.manage.microsoft.com"),
        ("us_gov_dod", "us", "https://us.gateway.configmgr.manage.microsoft.us"),
    ],
)
def test_own_gateway_takes_the_place_of_the_sample(cloud: str, gateway: str, url: str) -> None:
    chosen = [each for each in _endpoints.endpoints_for(cloud, None, gateway) if each.id == "gateway"]
    assert [each.url for each in chosen] == [url]
    assert chosen[0].wildcard


@pytest.mark.parametrize(
    "gateway", ["manage.microsoft.com.evil.example", "evilmanage.microsoft.com", "manage.microsoft.com", "a b", ""]
)
def test_foreign_gateways_are_refused(gateway: str) -> None:
    with pytest.raises(InvalidOptionError, match="option gateway to be a host below manage"):
        _endpoints.endpoints_for("public", None, gateway)


def test_other_options_are_refused() -> None:
    with pytest.raises(InvalidOptionError, match="option cloud to be one of public"):
        _endpoints.endpoints_for("china")
    with pytest.raises(InvalidOptionError, match="four digits"):
        _endpoints.endpoints_for("public", "25")
