# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The inventory plugin hierarchy, through ansible-inventory, at a lab."""

from __future__ import annotations

import json
import re
import typing as t
from pathlib import Path

import pytest
import yaml
from integration.harness import CORE, DOMAIN, NOISE, Ansible, Json, Lab, Labs, Run, fqdn

# Sites, SMS Providers, service connection points, databases and site systems, and whether administrators are seen.
REQUESTS = 5
# Of tests/lab/scenarios/contoso.yml and healthy.yml below it. Databases of secondary sites stand on their servers.
CONTOSO = """\
@all:
  |--@ungrouped:
  |--@cas:
  |  |--@site_cas:
  |  |  |--cm-cas-prv01
  |  |  |--cm-cas-sql01
  |  |  |--cm-cas01
  |  |  |--cm-scp01
  |--@primary:
  |  |--@site_p01:
  |  |  |--cm-p01
  |  |  |--cm-p01-prv01
  |  |  |--cm-p01-sql01
  |  |--@site_p02:
  |  |  |--cm-p02
  |  |  |--cm-p02-prv01
  |  |  |--cm-p02-sql01
  |  |--@site_p03:
  |  |  |--cm-p03
  |  |  |--cm-p03-sql01
  |--@secondary:
  |  |--@site_s11:
  |  |  |--cm-s11
  |  |--@site_s12:
  |  |  |--cm-s12
  |  |--@site_s21:
  |  |  |--cm-s21
  |  |--@site_s31:
  |  |  |--cm-s31
  |--@site_server:
  |  |--cm-cas01
  |  |--cm-p01
  |  |--cm-p02
  |  |--cm-p03
  |  |--cm-s11
  |  |--cm-s12
  |  |--cm-s21
  |  |--cm-s31
  |--@sms_provider:
  |  |--cm-cas-prv01
  |  |--cm-cas01
  |  |--cm-p01
  |  |--cm-p01-prv01
  |  |--cm-p02
  |  |--cm-p02-prv01
  |  |--cm-p03
  |--@service_connection_point:
  |  |--cm-scp01
  |--@site_database:
  |  |--cm-cas-sql01
  |  |--cm-p01-sql01
  |  |--cm-p02-sql01
  |  |--cm-p03-sql01
  |  |--cm-s11
  |  |--cm-s12
  |  |--cm-s21
  |  |--cm-s31
"""
STANDALONE = """\
@all:
  |--@ungrouped:
  |--@cas:
  |--@primary:
  |  |--@site_ps1:
  |  |  |--cm-ps1
  |--@secondary:
  |--@site_server:
  |  |--cm-ps1
  |--@sms_provider:
  |  |--cm-ps1
  |--@service_connection_point:
  |  |--cm-ps1
  |--@site_database:
  |  |--cm-ps1
"""
STRICT = {"ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "true"}
Environment = dict[str, str]


class Source:
    """A configuration file of the plugin, and ansible-inventory on it."""

    def __init__(self, ansible: Ansible, directory: Path) -> None:
        self._ansible = ansible
        self.directory = directory
        self.file = directory / "lab.hierarchy.yml"

    def write(self, estate: Lab | None, **options: t.Any) -> None:
        given = {**(estate.adminservice if estate else {}), **options}
        kept = {name: value for name, value in given.items() if value is not None}
        text = yaml.safe_dump({"plugin": "configmgr.tenant_attach.hierarchy", **kept})
        self.file.write_text(text, encoding="utf-8")

    def run(self, *arguments: str, environment: Environment | None = None) -> Run:
        """Run ansible-inventory, whatever comes of it."""
        return self._ansible.command("ansible-inventory", "-i", str(self.file), *arguments, environment=environment)

    def good(self, *arguments: str, environment: Environment | None = None) -> str:
        """Run ansible-inventory, and refuse every warning."""
        run = self.run(*arguments, environment=environment)
        assert run.status == 0, run.output
        assert not [noise for noise in NOISE if noise in run.output], run.output
        return run.output

    def graph(self, environment: Environment | None = None) -> str:
        return in_order(self.good("--graph", environment=environment).replace(f".{DOMAIN}", ""))

    def listed(self, environment: Environment | None = None) -> Json:
        """What --list shows. Ansible marks there each text that is not to be taken for a template."""
        return t.cast(
            "Json",
            json.loads(
                self.good("--list", environment=environment),
                object_hook=lambda found: found.get("__ansible_unsafe", found),
            ),
        )

    def hosts(self, environment: Environment | None = None) -> dict[str, Json]:
        return t.cast("dict[str, Json]", self.listed(environment)["_meta"]["hostvars"])


@pytest.fixture
def source(ansible: Ansible, tmp_path: Path) -> Source:
    return Source(ansible, tmp_path)


def in_order(graph: str) -> str:
    """Hosts of a group, sorted: Ansible sorts them with their domain, people without."""
    lines: list[str] = []
    hosts: list[str] = []
    for line in [*graph.splitlines(), "@"]:
        if "@" in line:
            lines += [*sorted(hosts), line]
            hosts = []
        else:
            hosts.append(line)
    return "\n".join([*lines[:-1], ""])


# -- the picture ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("scenario", "picture"), [("contoso", CONTOSO), ("standalone", STANDALONE)])
def test_graph(scenario: str, picture: str, source: Source, lab: Labs) -> None:
    estate = lab(scenario)
    source.write(estate)
    with estate.watched() as requests:
        assert source.graph() == picture
    assert len(requests) == REQUESTS
    assert len({request["connection"] for request in requests}) == 1


def test_all_site_systems(source: Source, lab: Labs) -> None:
    source.write(lab("contoso"), site_systems=True)
    listed = source.listed()
    # The seeded fault: a distribution point of P02 on an SMS Provider of P01.
    assert fqdn("cm-p01-prv01") in listed["site_p02"]["hosts"]
    shown = listed["_meta"]["hostvars"][fqdn("cm-p01-prv01")]
    assert (shown["tenant_attach_site"], shown["tenant_attach_sites"]) == ("P01", ["P01", "P02"])
    assert "SMS Distribution Point" in shown["tenant_attach_site_system_roles"]


def test_variables(source: Source, lab: Labs) -> None:
    source.write(lab("contoso"))
    hosts = source.hosts()
    assert len(hosts) == 16
    assert hosts[fqdn("cm-p01-sql01")] == {
        "tenant_attach_build": 9146,
        "tenant_attach_database": (
            database := {
                "site": "P01",
                "server": fqdn("cm-p01-sql01"),
                "instance": "CMINST",
                "name": "CM_P01",
                "port": None,
            }
        ),
        "tenant_attach_databases": [database],
        "tenant_attach_name_is_fqdn": True,
        "tenant_attach_parent_site": "CAS",
        "tenant_attach_release": "2603",
        "tenant_attach_remote_provider": False,
        "tenant_attach_roles": ["site_database"],
        "tenant_attach_site": "P01",
        "tenant_attach_site_name": "Americas",
        "tenant_attach_site_system_roles": ["SMS Component Server", "SMS SQL Server", "SMS Site System"],
        "tenant_attach_site_type": "primary",
        "tenant_attach_sites": ["P01"],
        "tenant_attach_top_site": "CAS",
    }
    remote = {name for name, shown in hosts.items() if shown["tenant_attach_remote_provider"]}
    assert remote == {fqdn("cm-cas-prv01"), fqdn("cm-p01-prv01"), fqdn("cm-p02-prv01")}
    assert hosts[fqdn("cm-scp01")]["tenant_attach_service_connection_point"] == {
        "site": "CAS",
        "mode": "online",
        "proxy": {"host": fqdn("proxy"), "port": 8080},
    }
    assert hosts[fqdn("cm-p03")]["tenant_attach_build"] == 9135


def test_a_provider_of_a_child_site_knows_the_same_hosts(source: Source, lab: Labs) -> None:
    source.write(lab("contoso"), provider=fqdn("cm-p01"))
    assert source.graph() == CONTOSO


def test_hostile_texts_stay_texts(source: Source, lab: Labs, ansible: Ansible) -> None:
    witness = source.directory / "witness"
    hostile = f"{{{{ lookup('pipe', 'touch {witness}') }}}}"
    overlay = source.directory / "overlay.yml"
    overlay.write_text(yaml.safe_dump({"sites": {"PS1": {"name": hostile}}}), encoding="utf-8")
    source.write(lab("standalone", "--overlay", str(overlay)), strict=True, compose={"copy": "tenant_attach_site_name"})
    shown = source.hosts()[fqdn("cm-ps1")]
    assert shown["tenant_attach_site_name"] == shown["copy"] == hostile
    arguments = ("-i", str(source.file), "all", "--connection", "local", "-m", "ansible.builtin.debug")
    run = ansible.command("ansible", *arguments, "-a", "msg='{{ tenant_attach_site_name }} {{ copy }}'")
    assert run.status == 0, run.output
    assert run.output.count("lookup(") == 2
    assert not witness.exists()


# -- options ----------------------------------------------------------------------------------------------------------


def test_constructed(source: Source, lab: Labs) -> None:
    source.write(
        lab("contoso"),
        strict=True,
        compose={
            "ansible_connection": "'psrp'",
            "ansible_port": "5986",
            "ansible_psrp_auth": "'kerberos'",
            "short": "inventory_hostname.split('.') | first",
        },
        groups={
            "remote_providers": "tenant_attach_remote_provider",
            "behind_proxy": "tenant_attach_service_connection_point.proxy | default(none) is mapping",
        },
        keyed_groups=[{"key": "tenant_attach_build | string", "prefix": "build"}],
    )
    listed = source.listed()
    assert set(listed["build_9135"]["hosts"]) == {fqdn("cm-p03"), fqdn("cm-p03-sql01"), fqdn("cm-s31")}
    assert len(listed["remote_providers"]["hosts"]) == 3
    assert listed["behind_proxy"]["hosts"] == [fqdn("cm-scp01")]
    shown = listed["_meta"]["hostvars"][fqdn("cm-scp01")]
    port = 5986 if CORE >= (2, 19) else "5986"  # Before, a template made text of a number.
    assert (shown["ansible_connection"], shown["ansible_port"], shown["short"]) == ("psrp", port, "cm-scp01")


def test_options_come_from_the_environment(source: Source, lab: Labs) -> None:
    estate = lab("contoso")
    names = ("provider", "auth", "token", "ca_path")
    environment = {f"CONFIGMGR_{name.upper()}": str(estate.adminservice[name]) for name in names}
    source.write(estate, **dict.fromkeys(names))
    assert source.graph(environment) == CONTOSO


def test_secrets_are_templates_with_lookups_and_extra_variables(source: Source, lab: Labs) -> None:
    estate = lab("contoso")
    source.write(estate, token="{{ lookup('ansible.builtin.env', 'A_TOKEN') }}", timeout="{{ patience }}")
    output = source.good("--graph", "-e", "patience=20", environment={"A_TOKEN": estate.adminservice["token"]})
    assert in_order(output.replace(f".{DOMAIN}", "")) == CONTOSO
    source.write(estate, token="{{ nope }}", password=(secret := "do-not-show-me"))
    refused(source, "option token to be a value, or a template that can be evaluated", secret)


# -- the cache --------------------------------------------------------------------------------------------------------


def test_the_second_call_asks_nobody(source: Source, lab: Labs) -> None:
    estate = lab("contoso")
    source.write(estate, **cached(source))
    with estate.watched() as first:
        before = source.good("--list")
    with estate.watched() as second:
        assert source.good("--list") == before
        assert source.graph() == CONTOSO
    assert (len(first), len(second)) == (REQUESTS, 0)
    assert not [secret for secret in estate.secrets if secret in entry(source).read_text("utf-8")]
    if CORE >= (2, 19):  # Before, only ansible-playbook could be told.
        with estate.watched() as refreshed:
            source.good("--list", "--flush-cache")
        assert len(refreshed) == REQUESTS


@pytest.mark.parametrize("text", ["{}", "[]", '{"__payload__": "[]"}'])
def test_a_damaged_entry_is_read_anew(text: str, source: Source, lab: Labs) -> None:
    estate = lab("contoso")
    source.write(estate, **cached(source))
    source.good("--list")
    entry(source).write_text(text, encoding="utf-8")
    with estate.watched() as requests:
        assert source.graph() == CONTOSO
    assert len(requests) == REQUESTS


def test_an_entry_that_is_no_json_is_read_anew(source: Source, lab: Labs) -> None:
    estate = lab("contoso")
    source.write(estate, **cached(source))
    source.good("--list")
    entry(source).write_text("{", encoding="utf-8")
    with estate.watched() as requests:
        run = source.run("--graph")
    assert len(requests) == REQUESTS
    # The cache plugin says so, and nobody else says anything.
    assert run.count("[WARNING]") == run.count("Most likely a corrupt file") == 1
    assert fqdn("cm-scp01") in run.output


def test_an_entry_of_another_provider_is_read_anew(source: Source, lab: Labs) -> None:
    estate = lab("contoso")
    source.write(estate, **cached(source))
    source.good("--list")
    source.write(estate, provider=fqdn("cm-p01"), **cached(source))
    with estate.watched() as requests:
        source.good("--list")
    assert {request["provider"] for request in requests} == {fqdn("cm-p01")}


def test_with_the_cache_a_token_may_have_expired(source: Source, lab: Labs) -> None:
    estate = lab("contoso")
    source.write(estate, **cached(source))
    source.good("--list")
    source.write(estate, **cached(source), token="{{ 'no longer valid' }}")
    assert source.graph() == CONTOSO


def cached(source: Source) -> Json:
    return {"cache": True, "cache_plugin": "jsonfile", "cache_connection": str(source.directory / "cache")}


def entry(source: Source) -> Path:
    (file,) = (source.directory / "cache").iterdir()
    return file


# -- refusals ---------------------------------------------------------------------------------------------------------


def refused(source: Source, text: str, *secrets: str) -> None:
    """The source gives one error and no host: in a run that goes on, and in one that must not."""
    run = source.run("--list")
    assert run.status == 0
    said = re.sub(r"\s+", " ", run.output)
    assert text in said
    assert "Next step: " in said
    assert "Traceback" not in said
    assert not [secret for secret in secrets if secret in run.output]
    document = json.loads(run.output[run.output.index("\n{\n") :].partition("\n}\n")[0] + "\n}")
    assert document["_meta"]["hostvars"] == {}
    # Ansible has a setting for those who want no run at all then.
    strict = source.run("--list", environment=STRICT)
    assert strict.status != 0
    assert text in re.sub(r"\s+", " ", strict.output)


def test_unknown_options_are_refused(source: Source, lab: Labs) -> None:
    estate = lab("contoso")
    with estate.watched() as requests:
        source.write(estate, site_system=True)
        refused(source, "Observed: 'site_system'. Next step: did you mean site_systems?", estate.adminservice["token"])
        source.write(estate, keyed_groups=[{"key": "tenant_attach_site", "perfix": "x"}])
        refused(source, "Observed: 'perfix'. Next step: did you mean prefix?", estate.adminservice["token"])
        source.write(estate, validate_certs="ture")
        refused(source, "Expected: option validate_certs to be true or false.", estate.adminservice["token"])
    assert not requests


def test_an_expression_that_fails_leaves_no_host(source: Source, lab: Labs) -> None:
    source.write(lab("contoso"), strict=True, compose={"x": "no_such_variable"})
    run = source.run("--graph")
    assert run.count("Could not set x for host")
    assert DOMAIN not in run.output[run.output.rindex("@all:") :]


@pytest.mark.parametrize(
    ("account", "text"),
    [
        ("nosite", "Needed right: ConfigMgr: Read-only Analyst with all scopes and collections."),
        ("nowmi", "Needed right: ConfigMgr: "),
        ("noscope", "Observed: an empty list, without an error: the account has no scope."),
    ],
)
def test_an_account_that_sees_too_little(account: str, text: str, source: Source, lab: Labs) -> None:
    estate = lab("contoso")
    source.write(estate, token=estate.accounts[account]["token"])
    refused(source, text, estate.accounts[account]["token"])


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        ("down", "Expected: "),
        ("http_503", "Expected: "),
        ("untrusted_certificate", "Expected: "),
        ("{kind: access_denied, classes: [SMS_SystemResourceList]}", "SMS_SystemResourceList"),
        ("{kind: server_error, classes: [SMS_SCI_SiteDefinition]}", "SMS_SCI_SiteDefinition"),
        ("{kind: cut_json, classes: [SMS_SCI_SysResUse]}", "SMS_SCI_SysResUse"),
    ],
)
def test_no_half_inventory(fault: str, text: str, source: Source, lab: Labs) -> None:
    estate = lab("standalone", "--set", f"provider.cm-ps1.fault={fault}")
    source.write(estate, **cached(source), timeout=5)
    refused(source, text, estate.adminservice["token"])
    assert not list((source.directory / "cache").iterdir())
