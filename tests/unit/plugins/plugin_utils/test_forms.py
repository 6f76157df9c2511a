# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Evidence of a wrong form is no evidence: nothing passes because of it."""

from __future__ import annotations

import copy
import dataclasses
import typing as t

import pytest

from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.judge._engine import judge
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.judge.prerequisites._catalogue import CATALOGUE
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.judge.prerequisites._model import Context, Target
from ansible_collections.configmgr.tenant_attach.tests.unit.declared import DECLARED

Json = dict[str, t.Any]
NO_LISTS = {"attach", "discovery", "visibility", "onboarding", "sync"}
# Of these every text could be right.
TEXTS = {
    "hierarchy/read_from",
    "hierarchy/top_site",
    "tenant/cloud",
    "tenant/country",
    "tenant/id",
    "tenant/intune_subscription",
    "tenant/mdm_authority",
    "tenant/region",
}
WRONG: tuple[t.Any, ...] = (None, "", "text", 0, 7, True)


def _sections() -> list[str]:
    """Paths of whole topics that prerequisites name as needed."""
    needed = {path for each in CATALOGUE for path in (*each.needs, *each.enumerates)}
    return sorted(
        {"/".join(path.split("/")[:2]) for path in needed if not path.startswith(("accounts/", "hosts/"))} - TEXTS
    )


def _needing(path: str) -> set[str]:
    """Prerequisites that need a topic, or a part of it, to judge."""
    return {
        each.id
        for each in CATALOGUE
        if any(need == path or need.startswith(f"{path}/") for need in (*each.needs, *each.enumerates))
    }


@pytest.mark.parametrize("wrong", WRONG, ids=repr)
@pytest.mark.parametrize("path", _sections())
def test_a_topic_of_a_wrong_form_lets_nothing_pass(healthy: Json, path: str, wrong: t.Any) -> None:
    section, _slash, topic = path.partition("/")
    healthy[section][topic] = wrong
    findings = judge(healthy, DECLARED)["findings"]
    judged = {(each["id"], each["outcome"]) for each in findings if each["id"] in _needing(path)}
    assert judged == {(each, "unknown") for each in _needing(path)}


@pytest.mark.parametrize("wrong", WRONG, ids=repr)
@pytest.mark.parametrize("section", ["hierarchy", "adminservice", "tenant", "accounts", "hosts"])
def test_a_section_of_a_wrong_form_lets_nothing_pass(healthy: Json, section: str, wrong: t.Any) -> None:
    healthy[section] = wrong
    needing = {
        each.id for each in CATALOGUE if any(need.startswith(section) for need in (*each.needs, *each.enumerates))
    }
    # Of a hierarchy that is not attached nothing is compared.
    findings = [
        each
        for each in judge(healthy, DECLARED)["findings"]
        if each["id"] in needing and not (section == "tenant" and each["id"] == "attached_tenant")
    ]
    assert {each["outcome"] for each in findings} == {"unknown"}


@pytest.mark.parametrize("wrong", [None, 7, "text"], ids=repr)
@pytest.mark.parametrize("path", [path for path in _sections() if path.rpartition("/")[2] not in NO_LISTS])
def test_a_list_of_what_are_no_objects_lets_nothing_pass(healthy: Json, path: str, wrong: t.Any) -> None:
    section, _slash, topic = path.partition("/")
    healthy[section][topic] = [*healthy[section][topic], wrong]
    findings = [each for each in judge(healthy, DECLARED)["findings"] if each["id"] in _needing(path)]
    assert {each["outcome"] for each in findings} == {"unknown"}


# What a prerequisite looks at in the entry it judges: when it is gone, that prerequisite cannot pass there.
FACTS = {
    "site_version": ("hierarchy", "sites", "build"),
    "site_version_supported": ("hierarchy", "sites", "build"),
    "site_versions_uniform": ("hierarchy", "sites", "build"),
    "site_active": ("hierarchy", "sites", "status_code"),
    "site_mode": ("hierarchy", "sites", "mode_code"),
    "scp_online": ("hierarchy", "service_connection_points", "mode"),
    "scp_component": ("hierarchy", "components", "state"),
    "scp_endpoint_check": ("hierarchy", "status_messages", "time"),
    "scp_cloud_connection": ("hierarchy", "status_messages", "id"),
    "adminservice_functional": ("adminservice", "providers", "healthy"),
    "adminservice_certificate": ("adminservice", "providers", "certificate"),
    "adminservice_component": ("adminservice", "providers", "component"),
    "provider_domain": ("hierarchy", "site_systems", "domain"),
    "client_operating_systems": ("hierarchy", "clients", "build"),
    "intune_subscription": ("tenant", "licences", "state"),
    "cloud_service_health": ("tenant", "service_health", "status"),
}


@pytest.mark.parametrize("change", ["removed", None, "", [], {}], ids=repr)
@pytest.mark.parametrize("id_", FACTS)
def test_a_fact_that_is_gone_lets_nothing_pass(healthy: Json, id_: str, change: t.Any) -> None:
    section, topic, key = FACTS[id_]
    before = judge(copy.deepcopy(healthy), DECLARED, only=[id_])["findings"]
    assert {each["outcome"] for each in before} == {"pass"}
    for entry in healthy[section][topic]:
        if change == "removed":
            del entry[key]
        else:
            entry[key] = change
    outcomes = {each["outcome"] for each in judge(healthy, DECLARED, only=[id_])["findings"]}
    assert "pass" not in outcomes


def test_targets_that_cannot_be_told_are_unknown(healthy: Json) -> None:
    def no_targets(context: Context) -> t.Iterable[Target]:
        return [context.evidence.get("hierarchy/sites")[99]["code"]]

    prerequisite = dataclasses.replace(CATALOGUE[0], targets=no_targets)
    (finding,) = judge(healthy, DECLARED, catalogue=[prerequisite])["findings"]
    assert (finding["outcome"], finding["scope"]["kind"]) == ("unknown", "hierarchy")
    assert "IndexError" in finding["reason"]
