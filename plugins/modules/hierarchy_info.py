#!/usr/bin/python
# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ansible module configmgr.tenant_attach.hierarchy_info."""

from __future__ import annotations

DOCUMENTATION = r"""
module: hierarchy_info
short_description: Read a Configuration Manager hierarchy as tenant attach sees it
version_added: "0.1.0"
author: [The configmgr.tenant_attach authors (@configmgr)]
description:
  - Reads sites, SMS Providers, the service connection point, site systems, discovery, component states,
    the service connection point's own endpoint checks, client operating systems and the state of
    tenant attach from one SMS Provider.
  - Observes and does not judge. M(configmgr.tenant_attach.judge) does.
  - Each topic is read on its own. What could not be read is missing from the result and named in RV(hierarchy.errors).
    Only where not even the sites can be read does the module fail.
  - Needs the ConfigMgr role C(Read-only Analyst) with all scopes.
extends_documentation_fragment:
  - configmgr.tenant_attach.adminservice
  - configmgr.tenant_attach.connection
  - configmgr.tenant_attach.connection.kerberos
  - configmgr.tenant_attach.attributes.reader
  - configmgr.tenant_attach.attributes.node
  - configmgr.tenant_attach.attributes.adminservice_group
seealso:
  - name: Administration service
    description: What it is, and what it needs.
    link: https://learn.microsoft.com/intune/configmgr/develop/adminservice/overview
  - module: configmgr.tenant_attach.adminservice_health_info
  - module: configmgr.tenant_attach.judge
"""

EXAMPLES = r"""
- name: Read the hierarchy
  configmgr.tenant_attach.hierarchy_info:
    provider: cm01.contoso.com
    ca_path: /etc/pki/configmgr/sms-issuing.pem
  register: configmgr

- name: Say where the service connection point is
  ansible.builtin.debug:
    msg: "{{ configmgr.hierarchy.service_connection_point.host }}"
"""

RETURN = r"""
hierarchy:
  description: The hierarchy.
  type: dict
  returned: success
  contains:
    read_from:
      description: The SMS Provider that answered.
      type: str
      sample: cm01.contoso.com
    top_site:
      description: Code of the top-tier site, null when the rows show none or several.
      type: str
      sample: CAS
    sites:
      description: The sites, the top-tier site first.
      type: list
      elements: dict
      contains:
        code: {description: Site code., type: str, sample: P01}
        name: {description: Name., type: str, sample: Americas}
        type: {description: "V(cas), V(primary) or V(secondary).", type: str, sample: primary}
        parent: {description: "Code of the parent site, empty for the top-tier site.", type: str, sample: CAS}
        build: {description: Build number., type: int, sample: 9146}
        version: {description: Version as the site reports it., type: str, sample: 5.00.9146.1000}
        release: {description: "Name of the version, null for a build not known here.", type: str, sample: "2603"}
        status: {description: Status in words., type: str, sample: active}
        status_code: {description: SMS_Site.Status., type: int, sample: 1}
        mode: {description: Mode in words., type: str, sample: normal}
        mode_code: {description: SMS_Site.Mode., type: int, sample: 0}
        server: {description: Site server., type: str, sample: cm-p01.contoso.com}
        database:
          description: "Site database: server, instance (null: the default one), name, port (null: no property has it)."
          type: dict
          sample: {"server": "sql01.contoso.com", "instance": null, "name": "CM_P01", "port": null}
        providers: {description: Hosts of the SMS Providers of the site., type: list, elements: str}
    providers:
      description: The SMS Providers.
      type: list
      elements: dict
      sample: [{"host": "cm-cas-prv01.contoso.com", "site": "CAS", "remote": true}]
    service_connection_point:
      description: The service connection point of the top-tier site, or the only one. Null when there is none.
      type: dict
      sample: {"host": "cm-scp01.contoso.com", "site": "CAS", "mode": "online", "proxy": null}
    service_connection_points:
      description: All service connection points. There should be one.
      type: list
      elements: dict
    site_systems:
      description: Hosts with their roles in each site, and the domain where the site knows it.
      type: list
      elements: dict
      sample: [{"host": "cm-p01.contoso.com", "site": "P01", "roles": ["SMS Provider"], "domain": "contoso.com"}]
    discovery:
      description: Active Directory User Discovery of each primary site.
      type: dict
      sample: {"P01": {"ad_user": {"enabled": true, "delta": true, "containers": ["LDAP://DC=contoso,DC=com"]}}}
    components:
      description: State of SMS_REST_PROVIDER, SMS_SERVICE_CONNECTOR and SMS_AZUREAD_DISCOVERY_AGENT.
      type: list
      elements: dict
    status_messages:
      description: The newest of each of the messages 11410, 11411, 11412 and 11488. Times are UTC.
      type: list
      elements: dict
    clients:
      description: Number of clients of each operating system.
      type: list
      elements: dict
      sample: [{"operating_system": "Microsoft Windows NT Workstation 10.0", "build": "10.0.22631", "count": 120}]
    attach:
      description:
        - State of tenant attach, V(off), V(on) or V(incomplete), with its services and tenants.
        - Known from public code. The product's documentation names no class.
      type: dict
      sample: {"state": "off", "services": []}
    visibility:
      description:
        - Whether the account sees administrative users.
        - One that sees none has no scope, and its empty lists prove nothing.
      type: dict
      sample: {"administrators": true}
    errors:
      description: What could not be read, by topic, with the reason.
      type: dict
    sources:
      description: Where each topic was read.
      type: dict
error:
  description: What was expected and observed, where, what to do next, and the right that is missing if there is one.
  type: dict
  returned: failure
"""

from ..module_utils._module import run
from ..module_utils.adminservice._options import Connection, argument_spec
from ..module_utils.collect._hierarchy import read_hierarchy


def main() -> None:
    """Run the module."""
    run(argument_spec(), lambda options: {"hierarchy": read_hierarchy(Connection(options).client())})


if __name__ == "__main__":
    main()
