# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The modules at a lab in order: how much they ask, over how many connections, and what they return.

The numbers are constants on purpose. Who changes how much is asked, changes them here, and sees by how much.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from integration.harness import TARGETS, Ansible, Json, Lab, Labs, fqdn

# One request for each class that hierarchy_info reads, of which SMS_R_System comes in pages of 5000.
CLASSES = 12
PAGES = {"standalone": 1, "healthy": 1, "max": 3}  # 10,000 clients fill two pages; only the third shows that it is all.
# adminservice_health_info: the sites, the roles and the components from the entry provider, then the service
# description and one row of each route from every SMS Provider.
ENTRY = 3
PROBE = 3
PROVIDERS = {"standalone": 1, "healthy": 7, "max": 50}


def play(ansible: Ansible, target: str, lab: Lab, directory: Path, *arguments: str, **variables: object) -> Json:
    """Run the playbook of a module, and return what the module returned."""
    result = directory / f"{len(list(directory.iterdir()))}.json"
    run = ansible.playbook(TARGETS / target, *arguments, lab=lab, variables={"result": str(result), **variables})
    returned: Json = json.loads(result.read_text())
    assert run.status == (2 if returned["failed"] else 0)
    return returned


@pytest.mark.parametrize("scenario", PAGES)
def test_hierarchy_info_asks_once_for_each_class(scenario: str, lab: Labs, ansible: Ansible, tmp_path: Path) -> None:
    estate = lab(scenario)
    with estate.watched() as requests:
        play(ansible, "hierarchy_info/read.yml", estate, tmp_path)
    assert len(requests) == CLASSES - 1 + PAGES[scenario]
    assert len({request["connection"] for request in requests}) == 1
    assert {request["status"] for request in requests} == {200}
    classes = Counter(request["path"].partition("?")[0].rpartition("/")[2] for request in requests)
    assert len(classes) == CLASSES
    assert classes.pop("SMS_R_System") == PAGES[scenario]
    assert set(classes.values()) == {1}
    assert not [request for request in requests if "secretkey" in request["path"].lower()]


@pytest.mark.parametrize("scenario", PROVIDERS)
def test_adminservice_health_info_asks_three_times(scenario: str, lab: Labs, ansible: Ansible, tmp_path: Path) -> None:
    estate = lab(scenario)
    with estate.watched() as requests:
        probed = play(ansible, "adminservice_health_info/probe.yml", estate, tmp_path)
    hosts = PROVIDERS[scenario]
    assert len(probed["providers"]) == hosts
    assert all(provider["healthy"] for provider in probed["providers"])
    assert len(requests) == ENTRY + PROBE * hosts
    # One connection to read the hierarchy, and one to each SMS Provider: the entry provider is probed like any other.
    by_connection = Counter((request["provider"], request["connection"]) for request in requests)
    assert len(by_connection) == 1 + hosts
    assert len({provider for provider, _connection in by_connection}) == hosts
    assert sorted(by_connection.values()) == sorted([ENTRY] + [PROBE] * hosts)


def test_adminservice_health_info_probes_only_those_named(lab: Labs, ansible: Ansible, tmp_path: Path) -> None:
    estate = lab("healthy")
    named = [fqdn("cm-p03"), fqdn("not-a-provider")]
    probed = play(ansible, "adminservice_health_info/probe.yml", estate, tmp_path, providers=named)
    known, unknown = probed["providers"]
    assert (known["host"], known["site"], known["healthy"], known["failed_stage"]) == (named[0], "P03", True, None)
    assert (unknown["host"], unknown["healthy"], unknown["failed_stage"]) == (named[1], False, "resolve")
    stages = ["resolve", "connect", "tls", "authenticate", "metadata", "wmi", "versioned"]
    assert [stage["name"] for stage in known["stages"]] == stages
    assert known["certificate"]["sans"] == [named[0]]
    assert known["component"]["state"] == "started"


# -- stages -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "stage"),
    [
        ("cm-cas01", None),
        ("cm-p01", "connect"),
        ("cm-p01-prv01", "tls"),
        ("cm-p02", "metadata"),
        ("cm-p02-prv01", "wmi"),
        ("cm-p03", "metadata"),
    ],
)
def test_adminservice_health_info_says_where_it_stopped(host: str, stage: str | None, ruins: dict[str, Json]) -> None:
    probed = ruins[fqdn(host)]
    assert (probed["failed_stage"], probed["healthy"]) == (stage, stage is None)
    assert [each["ok"] for each in probed["stages"]].count(False) == (0 if stage is None else 1)
    # The certificate is told wherever there was one to see, also the one that was refused.
    assert (probed["certificate"] is None) == (stage == "connect")


@pytest.fixture(scope="module")
def ruins(lab: Labs, ansible: Ansible, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Json]:
    hosts = ["cm-cas01", "cm-p01", "cm-p01-prv01", "cm-p02", "cm-p02-prv01", "cm-p03"]
    directory = tmp_path_factory.mktemp("ruins")
    probed = play(
        ansible, "adminservice_health_info/probe.yml", lab("ruined"), directory, providers=[*map(fqdn, hosts)]
    )
    return {provider["host"]: provider for provider in probed["providers"]}


# -- what is returned -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [(), ("--check",)], ids=["run", "check"])
def test_hierarchy_info_returns_the_hierarchy(
    options: tuple[str, ...], lab: Labs, ansible: Ansible, tmp_path: Path
) -> None:
    read = play(ansible, "hierarchy_info/read.yml", lab("healthy"), tmp_path, *options)
    assert read["changed"] is False
    hierarchy = read["hierarchy"]
    assert hierarchy["top_site"] == "CAS"
    assert [site["code"] for site in hierarchy["sites"]] == ["CAS", "P01", "P02", "P03", "S11", "S12", "S21", "S31"]
    p01 = hierarchy["sites"][1]
    assert p01["database"] == {"server": fqdn("cm-p01-sql01"), "instance": "CMINST", "name": "CM_P01", "port": None}
    assert set(p01["providers"]) == {fqdn("cm-p01"), fqdn("cm-p01-prv01")}
    remote = {provider["host"] for provider in hierarchy["providers"] if provider["remote"]}
    assert remote == {fqdn("cm-cas-prv01"), fqdn("cm-p01-prv01"), fqdn("cm-p02-prv01")}
    point = hierarchy["service_connection_point"]
    assert (point["host"], point["site"], point["mode"]) == (fqdn("cm-scp01"), "CAS", "online")
    assert point["proxy"] == {"host": fqdn("proxy"), "port": 8080}
    assert hierarchy["attach"]["state"] == "off"
    assert hierarchy["errors"] == {}


def test_hierarchy_info_shows_the_tenant(lab: Labs, ansible: Ansible, tmp_path: Path) -> None:
    attach = play(ansible, "hierarchy_info/read.yml", lab("attached"), tmp_path)["hierarchy"]["attach"]
    assert attach["state"] == "on"
    assert attach["services"][0]["tenant"] == {"id": "3f6c1a52-7d0e-4c1b-9a55-2b8f6d4e9c10", "name": "Contoso"}


def test_hierarchy_info_names_the_right_that_is_missing(lab: Labs, ansible: Ansible, tmp_path: Path) -> None:
    estate = lab("healthy")
    options = {**estate.adminservice, "token": estate.accounts["nosite"]["token"]}
    read = play(ansible, "hierarchy_info/read.yml", estate, tmp_path, tenant_attach_adminservice=options)
    assert read["failed"] is True
    assert any("Read-only Analyst" in right for right in read["error"]["rights"])
    assert "Needed right: ConfigMgr: Read-only Analyst" in read["msg"]
