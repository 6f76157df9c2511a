# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ansible inventory plugin configmgr.tenant_attach.hierarchy."""

from __future__ import annotations

DOCUMENTATION = r"""
name: hierarchy
short_description: Hosts and groups from a Configuration Manager hierarchy itself
version_added: "0.1.0"
author: [The configmgr.tenant_attach authors (@configmgr)]
description:
  - Reads sites, SMS Providers, service connection points, site database servers and site systems from one SMS Provider,
    and makes hosts, groups and host variables of them.
  - The file name of the configuration ends in C(.hierarchy.yml) or C(.hierarchy.yaml).
  - Hosts are named by their fully qualified domain names in lower case, as Kerberos needs them. A short name gets its
    domain where the site names the domain. Where it does not, the host variable C(tenant_attach_name_is_fqdn) is
    V(false).
  - Groups C(cas), C(primary) and C(secondary) have the groups C(site_<code>) of their sites below them. Groups
    C(site_server), C(sms_provider), C(service_connection_point) and C(site_database) hold the hosts with these roles,
    in sites of every type. These groups are there even when they are empty.
  - Host variables begin with C(tenant_attach_). They are text, and are never evaluated as templates.
  - Whatever cannot be read is an error, and then no host is added. Set C(any_unparsed_is_failed) in section
    C(inventory) of C(ansible.cfg) so that Ansible itself fails, too.
  - Needs the ConfigMgr role C(Read-only Analyst) with all scopes, and no logon to any host.
extends_documentation_fragment:
  - configmgr.tenant_attach.adminservice
  - configmgr.tenant_attach.connection
  - configmgr.tenant_attach.connection.kerberos
  - ansible.builtin.constructed
  - ansible.builtin.inventory_cache
options:
  plugin:
    description: Token that makes the file a configuration of this plugin.
    type: str
    required: true
    choices: [configmgr.tenant_attach.hierarchy]
  provider:
    env: [name: CONFIGMGR_PROVIDER]
  auth:
    env: [name: CONFIGMGR_AUTH]
  username:
    env: [name: CONFIGMGR_USERNAME]
  password:
    env: [name: CONFIGMGR_PASSWORD]
  token:
    env: [name: CONFIGMGR_TOKEN]
  keytab:
    env: [name: CONFIGMGR_KEYTAB]
  ccache:
    env: [name: CONFIGMGR_CCACHE]
  ca_path:
    env: [name: CONFIGMGR_CA_PATH]
  site_systems:
    description: Whether hosts that hold other site system roles only, such as distribution points, are hosts too.
    type: bool
    default: false
notes:
  - Connection options and O(site_systems) may be templates, with lookups and extra variables.
  - An entry of the cache that is damaged, or was read over another connection, is read anew. No secret is in it.
  - Unknown keys in the configuration are refused.
seealso:
  - module: configmgr.tenant_attach.hierarchy_info
  - name: Administration service
    description: What it is, and what it needs.
    link: https://learn.microsoft.com/intune/configmgr/develop/adminservice/overview
"""

EXAMPLES = r"""
# contoso.hierarchy.yml: Kerberos with the ticket of the environment, hosts through PSRP with Kerberos
plugin: configmgr.tenant_attach.hierarchy
provider: cm-cas01.contoso.com
ca_path: /etc/pki/configmgr/sms-issuing.pem
compose:
  ansible_connection: "'psrp'"
  ansible_port: 5986
  ansible_psrp_auth: "'kerberos'"

---
# An account with a password from a secret store. What is left out comes from the environment, as CONFIGMGR_PROVIDER.
plugin: configmgr.tenant_attach.hierarchy
username: svc-readiness@CONTOSO.COM
password: "{{ lookup('community.hashi_vault.hashi_vault', 'secret=kv/configmgr:password') }}"
ca_path: /etc/pki/configmgr/sms-issuing.pem
cache: true
cache_plugin: ansible.builtin.jsonfile
cache_connection: ~/.cache/configmgr-inventory
cache_timeout: 3600
compose:
  ansible_connection: "'winrm'"
  ansible_port: 5986
  ansible_winrm_transport: "'kerberos'"

---
# Hosts through OpenSSH with Kerberos, and groups of one's own
plugin: configmgr.tenant_attach.hierarchy
provider: cm-cas01.contoso.com
strict: true
compose:
  ansible_connection: "'ssh'"
  ansible_shell_type: "'cmd'"
  ansible_ssh_common_args: "'-o GSSAPIAuthentication=yes -o GSSAPIDelegateCredentials=no'"
groups:
  remote_providers: tenant_attach_remote_provider
  behind_proxy: tenant_attach_service_connection_point.proxy | default(none) is mapping
keyed_groups:
  - key: tenant_attach_build | string
    prefix: build
"""

import typing as t

from ansible.errors import AnsibleError, AnsibleParserError
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable
from ansible.utils.unsafe_proxy import wrap_var

from ..module_utils._errors import InvalidOptionError, TenantAttachError
from ..module_utils.adminservice._options import Connection, argument_spec
from ..module_utils.collect._hierarchy import read_layout
from ..plugin_utils._strict import refuse_unknown
from ..plugin_utils.inventory import _stored_layout
from ..plugin_utils.inventory._hosts import Inventory, build

if t.TYPE_CHECKING:
    from ansible.inventory.data import InventoryData
    from ansible.parsing.dataloader import DataLoader

    from ..module_utils.product._nouns import Hierarchy

Options = dict[str, t.Any]


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):
    """Makes hosts, groups and host variables of a hierarchy."""

    NAME = "configmgr.tenant_attach.hierarchy"

    def verify_file(self, path: str) -> bool:
        """Tell whether a file may be a configuration of this plugin."""
        return bool(super().verify_file(path)) and path.endswith((".hierarchy.yml", ".hierarchy.yaml"))

    def parse(self, inventory: InventoryData, loader: DataLoader, path: str, cache: bool = True) -> None:
        """Add the hierarchy to an inventory."""
        super().parse(inventory, loader, path, cache)
        try:
            self._read_config_data(path)
            found = self._found(path, cache)
        except TenantAttachError as exc:
            raise AnsibleParserError(str(exc)) from None
        self._fill(inventory, found)

    def set_options(self, task_keys: t.Any = None, var_options: t.Any = None, direct: Options | None = None) -> None:
        """Take the configuration: here, because types and choices are checked below, on values and not on templates."""
        super().set_options(task_keys, var_options, self._understood(direct) if direct else direct)

    def _understood(self, config: Options) -> Options:
        refuse_unknown(config, self.option_definitions, "each key of the configuration")
        _check_keyed_groups(config.get("keyed_groups") or [], self.option_definitions["keyed_groups"]["suboptions"])
        self.templar.available_variables = self._vars or {}
        templates = [name for name in config if name in argument_spec() or name == "site_systems"]
        known = {**config, **{name: self._evaluated(name, config[name]) for name in templates}}
        for name, value in known.items():
            if value is not None and str(self.option_definitions[name].get("type")).startswith("bool"):
                _check_bool(name, value)
        return known

    def _evaluated(self, name: str, value: t.Any) -> t.Any:
        try:
            return self.templar.template(value)
        except AnsibleError as exc:
            # As an error of Ansible's own it would be shown with the lines around it, which may hold secrets.
            raise InvalidOptionError(
                expected=f"option {name} to be a value, or a template that can be evaluated",
                observed=exc.message,
                next_step="templates here see extra variables and lookups, and no other variables",
            ) from None

    def _found(self, path: str, cache: bool) -> Inventory:
        options = {name: self.get_option(name) for name in argument_spec()}
        site_systems = self.get_option("site_systems")
        if not self.get_option("cache"):
            return build(_read(options), site_systems=site_systems)
        key, source = self.get_cache_key(path), _stored_layout.source_of(options)
        layout = _stored_layout.unpack(self._stored(key), source) if cache else None
        if layout is not None:
            return build(layout, site_systems=site_systems)
        layout = _read(options)
        found = build(layout, site_systems=site_systems)
        # What no inventory can be made of is not kept.
        self.cache[key] = _stored_layout.pack(layout, source)
        return found

    def _stored(self, key: str) -> object:
        try:
            return self.cache.get(key)
        except (AnsibleError, LookupError, OSError, TypeError, ValueError):
            # What the entry became of is the cache's business: here it is one that is not there.
            return None

    def _fill(self, inventory: InventoryData, found: Inventory) -> None:
        before = set(inventory.hosts)
        try:
            self._add(inventory, found)
        except Exception:
            # An expression that fails in strict mode leaves no half inventory behind.
            for name in set(inventory.hosts) - before:
                inventory.remove_host(inventory.hosts[name])
            raise

    def _add(self, inventory: InventoryData, found: Inventory) -> None:
        for group in found.groups:
            inventory.add_group(group)
        for group, children in found.groups.items():
            for child in children:
                inventory.add_child(group, child)
        for name, host in found.hosts.items():
            inventory.add_host(name)
            for group in host.groups:
                inventory.add_child(group, name)
            for variable, value in host.variables.items():
                # The service is not trusted with templates.
                inventory.set_variable(name, variable, wrap_var(value))
        strict = self.get_option("strict")
        for name in found.hosts:
            variables = inventory.hosts[name].get_vars()
            self._set_composite_vars(self.get_option("compose"), variables, name, strict)
            self._add_host_to_composed_groups(self.get_option("groups"), variables, name, strict)
            self._add_host_to_keyed_groups(self.get_option("keyed_groups"), variables, name, strict)


def _check_keyed_groups(entries: t.Any, valid: t.Collection[str]) -> None:
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise InvalidOptionError(
            expected="option keyed_groups to be a list of dictionaries",
            observed="something else, which Ansible would pass over",
            next_step="write entries such as {key: tenant_attach_site_type, prefix: type}",
        )
    for entry in entries:
        refuse_unknown(entry, valid, "each key of an entry of keyed_groups")


def _check_bool(name: str, value: t.Any) -> None:
    # Ansible takes whatever it does not know for false: a slip of the pen would turn the verification of TLS off.
    try:
        boolean(value)
    except TypeError:
        raise InvalidOptionError(
            expected=f"option {name} to be true or false", observed=repr(value), next_step="write true or false"
        ) from None


def _read(options: Options) -> Hierarchy:
    client = Connection(options).client()
    try:
        return read_layout(client)
    finally:
        client.close()
