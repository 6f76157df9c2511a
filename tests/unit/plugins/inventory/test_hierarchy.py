# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
import yaml
from ansible import constants
from ansible.errors import AnsibleError, AnsibleParserError
from ansible.inventory.data import InventoryData
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.doc_fragments import constructed, inventory_cache
from ansible.release import __version__ as ansible_version
from ansible.template import Templar

from ansible_collections.configmgr.tenant_attach.plugins.doc_fragments import adminservice, connection
from ansible_collections.configmgr.tenant_attach.plugins.inventory import hierarchy
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.adminservice._options import argument_spec
from ansible_collections.configmgr.tenant_attach.tests.unit import estate
from ansible_collections.configmgr.tenant_attach.tests.unit.conversation import (
    CANARY,
    HOST,
    Call,
    Conversation,
    listing,
)

Converse = t.Callable[..., Conversation]
NAME = hierarchy.InventoryModule.NAME
CORE = tuple(int(part) for part in ansible_version.split(".")[:2])
HOSTILE = "{{ lookup('pipe', 'id') }}"
FRAGMENTS = [
    connection.ModuleDocFragment.KERBEROS,
    *(each.ModuleDocFragment.DOCUMENTATION for each in (adminservice, connection, constructed, inventory_cache)),
]


def documented() -> dict[str, t.Any]:
    """The options as Ansible merges them: what the plugin says of one is laid over what the fragments say."""
    options: dict[str, t.Any] = {}
    for text in (*FRAGMENTS, hierarchy.DOCUMENTATION):
        for name, entry in yaml.safe_load(text)["options"].items():
            options[name] = {**options.get(name, {}), **entry}
    return options


class Source:
    """A configuration file, and what comes of it. Every use is that of a new process."""

    def __init__(self, directory: Path) -> None:
        self.cache = directory / "cache"
        self._file = directory / "contoso.hierarchy.yml"
        self.inventory = InventoryData()

    def parse(self, *, refresh: bool = False, **options: t.Any) -> InventoryData:
        given = {"plugin": NAME, "provider": HOST, "auth": "token", "token": CANARY, **options}
        text = yaml.safe_dump({name: value for name, value in given.items() if value is not ...})
        self._file.write_text(text, encoding="utf-8")
        module = hierarchy.InventoryModule()
        module._load_name = module.ansible_name = NAME
        module._redirected_names = [NAME]
        constants.config.initialize_plugin_configuration_definitions("inventory", NAME, documented())
        module.parse(self.inventory, DataLoader(), str(self._file), cache=not refresh)
        if options.get("cache"):
            module.update_cache_if_changed()
        return self.inventory

    def cached(self, **options: t.Any) -> InventoryData:
        self.inventory = InventoryData()
        return self.parse(cache=True, cache_plugin="jsonfile", cache_connection=str(self.cache), **options)

    def entry(self) -> Path:
        (file,) = self.cache.iterdir()
        return file


@pytest.fixture
def source(tmp_path: Path) -> Source:
    return Source(tmp_path)


def variables(inventory: InventoryData, host: str) -> dict[str, t.Any]:
    return t.cast("dict[str, t.Any]", inventory.hosts[host].get_vars())


def shown(inventory: InventoryData) -> dict[str, t.Any]:
    """Everything that an inventory holds."""
    groups = {name: [host.name for host in group.get_hosts()] for name, group in inventory.groups.items()}
    return {"groups": groups, "hosts": {name: variables(inventory, name) for name in inventory.hosts}}


# -- what is made -----------------------------------------------------------------------------------------------------


def test_hosts_groups_and_variables(source: Source, converse: Converse) -> None:
    conversation = converse(*estate.layout_calls())
    found = source.parse()
    assert {name: [host.name for host in group.get_hosts()] for name, group in found.groups.items()} == {
        "all": [],
        "ungrouped": [],
        "cas": ["cm-prv01.contoso.com", "cm-scp01.contoso.com", "cm-sql01.contoso.com", HOST],
        "site_cas": ["cm-prv01.contoso.com", "cm-scp01.contoso.com", "cm-sql01.contoso.com", HOST],
        "primary": ["cm-p01.contoso.com"],
        "site_p01": ["cm-p01.contoso.com"],
        "secondary": ["cm-s11.contoso.com"],
        "site_s11": ["cm-s11.contoso.com"],
        "site_server": ["cm-p01.contoso.com", "cm-s11.contoso.com", HOST],
        "sms_provider": ["cm-p01.contoso.com", "cm-prv01.contoso.com", HOST],
        "service_connection_point": ["cm-scp01.contoso.com"],
        "site_database": ["cm-p01.contoso.com", "cm-sql01.contoso.com"],
    }
    assert variables(found, "cm-prv01.contoso.com")["tenant_attach_remote_provider"] is True
    assert variables(found, "cm-p01.contoso.com")["tenant_attach_database"]["instance"] == "CMINST"
    assert [adapter.closed for adapter in conversation.adapters] == [True]


def test_site_systems(source: Source, converse: Converse) -> None:
    dp = {"ServerRemoteName": "cm-dp01.contoso.com", "RoleName": "SMS Distribution Point", "SiteCode": "P01"}
    converse(*estate.layout_calls(site_systems=[dp]), *estate.layout_calls(site_systems=[dp]))
    assert "cm-dp01.contoso.com" not in source.parse().hosts
    assert "cm-dp01.contoso.com" in source.parse(site_systems="{{ 1 == 1 }}").hosts


def test_texts_of_the_service_are_never_templates(source: Source, converse: Converse) -> None:
    rows = [{**row, "SiteName": HOSTILE} for row in estate.ROWS["sites"]]
    converse(*estate.layout_calls(sites=rows))
    compose = {"copied": "tenant_attach_site_name", "length": "tenant_attach_site_name | length"}
    found = variables(source.parse(compose=compose, strict=True), HOST)
    assert found["tenant_attach_site_name"] == found["copied"] == HOSTILE
    # Up to ansible-core 2.18 a template makes text of a number.
    assert found["length"] == (len(HOSTILE) if CORE >= (2, 19) else str(len(HOSTILE)))
    shown = Templar(loader=DataLoader(), variables=found).template(found["tenant_attach_site_name"])
    assert shown == HOSTILE


def test_constructed(source: Source, converse: Converse) -> None:
    converse(*estate.layout_calls())
    found = source.parse(
        strict=True,
        compose={"ansible_connection": "'psrp'", "site": "tenant_attach_site | lower"},
        groups={"remote": "tenant_attach_remote_provider", "also_cas": "site == 'cas'"},
        keyed_groups=[{"key": "tenant_attach_build | string", "prefix": "build"}],
    )
    assert variables(found, HOST)["ansible_connection"] == "psrp"
    assert [host.name for host in found.groups["remote"].get_hosts()] == [estate.REMOTE]
    assert len(found.groups["also_cas"].get_hosts()) == 4
    assert len(found.groups["build_9141"].get_hosts()) == 6


def test_an_expression_that_fails_leaves_no_half_inventory(source: Source, converse: Converse) -> None:
    converse(*estate.layout_calls())
    source.inventory.add_host("mine")
    with pytest.raises(AnsibleError, match="Could not set x for host"):
        source.parse(strict=True, compose={"x": "no_such_variable"})
    assert list(source.inventory.hosts) == ["mine"]


# -- options ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("contoso.hierarchy.yml", True),
        ("contoso.hierarchy.yaml", True),
        ("hierarchy.yml", False),
        ("contoso.yml", False),
        ("contoso.hierarchy.json", False),
    ],
)
def test_file_names(name: str, wanted: bool, tmp_path: Path) -> None:
    (tmp_path / name).touch()
    assert hierarchy.InventoryModule().verify_file(str(tmp_path / name)) is wanted
    assert hierarchy.InventoryModule().verify_file(str(tmp_path / "not" / name)) is False


def test_options_are_those_of_the_modules() -> None:
    options = documented()
    spec = argument_spec()
    assert set(spec) <= set(options)
    for name, entry in spec.items():
        assert options[name]["type"] == entry["type"]
        assert options[name].get("default") == entry.get("default")
        assert options[name].get("choices") == entry.get("choices")
        variable = entry["fallback"][1] if "fallback" in entry else []
        assert [each["name"] for each in options[name].get("env", [])] == variable


def test_options_come_from_the_environment(source: Source, converse: Converse, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"PROVIDER": HOST, "AUTH": "token", "TOKEN": CANARY}.items():
        monkeypatch.setenv(f"CONFIGMGR_{name}", value)
    conversation = converse(*estate.layout_calls())
    source.parse(provider=..., auth=..., token=...)
    assert set(conversation.header("Authorization")) == {f"Bearer {CANARY}"}


def test_secrets_may_be_templates(source: Source, converse: Converse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OF_A_VAULT", CANARY)
    conversation = converse(*estate.layout_calls())
    source.parse(token="{{ lookup('env', 'OF_A_VAULT') }}", timeout="{{ 5 + 5 }}")
    assert set(conversation.header("Authorization")) == {f"Bearer {CANARY}"}


REFUSED: dict[str, tuple[dict[str, t.Any], str]] = {
    "unknown": ({"site_system": True}, "'site_system'. Next step: did you mean site_systems?"),
    "unknown and far": ({"zzz": 1}, "'zzz'. Next step: remove it"),
    "unknown in keyed_groups": (
        {"keyed_groups": [{"key": "tenant_attach_site", "perfix": "x"}]},
        "'perfix'. Next step: did you mean prefix?",
    ),
    "template without a value": ({"password": "{{ nope }}"}, "option password to be a value, or a template"),
    "no boolean": ({"validate_certs": "ture"}, "option validate_certs to be true or false. Observed: 'ture'"),
    "no boolean for the cache": ({"cache": "maybe"}, "option cache to be true or false"),
    "no whole number": ({"timeout": "abc"}, "timeout"),
    "no choice": ({"auth": "basic"}, "'basic'" if CORE >= (2, 19) else '"basic"'),
    "no provider": ({"provider": ...}, "provider"),
    "no token": ({"token": ...}, "option token for auth=token"),
    "keyed_groups of another form": ({"keyed_groups": "x"}, "option keyed_groups to be a list of dictionaries"),
    "another plugin": ({"plugin": "configmgr.tenant_attach.other"}, "Incorrect plugin name"),
}


@pytest.mark.parametrize(("given", "text"), REFUSED.values(), ids=REFUSED.keys())
def test_refused_before_any_call(given: dict[str, t.Any], text: str, source: Source, converse: Converse) -> None:
    converse()
    with pytest.raises(AnsibleError) as caught:
        source.parse(**given)
    assert text in str(caught.value)
    assert CANARY not in str(caught.value)
    assert not source.inventory.hosts


@pytest.mark.parametrize(
    ("calls", "text"),
    [
        ([Call(estate.TARGETS["sites"], status=503)], "Next step: "),
        ([Call(estate.TARGETS["sites"], listing())], "Needed right: ConfigMgr: Read-only Analyst"),
        (estate.layout_calls(site_systems=Call(estate.TARGETS["site_systems"], status=500)), "SMS_SystemResourceList"),
        (estate.layout_calls(databases=estate.ROWS["databases"][:1]), "a site database server of site P01"),
    ],
    ids=["down", "sees nothing", "half", "incomplete"],
)
def test_no_half_inventory(calls: list[Call], text: str, source: Source, converse: Converse) -> None:
    converse(*calls)
    with pytest.raises(AnsibleParserError) as caught:
        source.cached()
    assert text in str(caught.value)
    assert str(caught.value).startswith("Expected: ")
    assert not source.inventory.hosts
    assert not list(source.cache.iterdir())


# -- cache ------------------------------------------------------------------------------------------------------------


def test_the_second_time_nobody_is_asked(source: Source, converse: Converse) -> None:
    converse(*estate.layout_calls())
    first = shown(source.cached())
    assert CANARY not in source.entry().read_text("utf-8")
    assert shown(source.cached()) == first
    # What is cached is what was read, and not what was made of it.
    assert "mine" in source.cached(groups={"mine": "true"}).groups


@pytest.mark.parametrize("text", ["", "{", "[]", '"text"', "{}", '{"__payload__": "[1]"}', "null"])
def test_a_damaged_entry_is_read_anew(text: str, source: Source, converse: Converse) -> None:
    converse(*estate.layout_calls(), *estate.layout_calls())
    first = shown(source.cached())
    whole = source.entry().read_text("utf-8")
    source.entry().write_text(text, encoding="utf-8")
    assert shown(source.cached()) == first
    assert source.entry().read_text("utf-8") == whole


def test_an_entry_that_was_changed_is_read_anew(source: Source, converse: Converse) -> None:
    converse(*estate.layout_calls(), *estate.layout_calls())
    source.cached()
    text = source.entry().read_text("utf-8")
    source.entry().write_text(text.replace("cm-scp01", "cm-evil1"), encoding="utf-8")
    assert estate.POINT in source.cached().hosts


def test_an_entry_of_another_account_is_read_anew(source: Source, converse: Converse) -> None:
    converse(*estate.layout_calls(), *estate.layout_calls())
    source.cached()
    source.cached(username="someone@CONTOSO.COM")


def test_refreshing_reads_anew(source: Source, converse: Converse) -> None:
    converse(*estate.layout_calls(), *estate.layout_calls())
    source.cached()
    source.cached(refresh=True)


# -- documentation ----------------------------------------------------------------------------------------------------


def test_examples_have_options_that_exist() -> None:
    configurations = list(yaml.safe_load_all(hierarchy.EXAMPLES))
    assert len(configurations) == 3
    for each in configurations:
        assert each["plugin"] == NAME
        assert set(each) <= set(documented())
