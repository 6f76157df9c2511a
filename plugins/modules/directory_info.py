#!/usr/bin/python
# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ansible module configmgr.tenant_attach.directory_info."""

from __future__ import annotations

DOCUMENTATION = r"""
module: directory_info
short_description: Read what Active Directory knows about computers, services and groups
version_added: "0.1.0"
author: [The configmgr.tenant_attach authors (@configmgr)]
description:
  - Reads the delegation, service principal names and groups of computers, the accounts that services are registered on,
    and the members of groups, in one session.
  - Observes and does not judge.
  - Each name is read on its own. What could not be read has C(error) in its place. Only where there is no session with
    the domain at all does the module fail.
  - Any account of the domain may read this by default.
extends_documentation_fragment:
  - configmgr.tenant_attach.directory
  - configmgr.tenant_attach.connection
  - configmgr.tenant_attach.connection.kerberos
  - configmgr.tenant_attach.attributes.reader
  - configmgr.tenant_attach.attributes.node
  - configmgr.tenant_attach.attributes.directory_group
options:
  computers:
    description: DNS names, account names, or distinguished names of computers.
    type: list
    elements: str
    default: []
  services:
    description: Service principal names, in whatever case.
    type: list
    elements: str
    default: []
  groups:
    description: SIDs, distinguished names, or names of groups.
    type: list
    elements: str
    default: []
seealso:
  - module: configmgr.tenant_attach.constrained_delegation
  - module: configmgr.tenant_attach.directory_group_member
"""

EXAMPLES = r"""
- name: Read what a remote SMS Provider may delegate to
  configmgr.tenant_attach.directory_info:
    server: dc01.contoso.com
    username: reader@CONTOSO.COM
    password: "{{ vaulted_password }}"
    computers: [cm-cas-prv01.contoso.com]
    services: ["MSSQLSvc/sql01.contoso.com:1433"]
    groups: [S-1-5-32-560, S-1-5-32-554]
  register: found

- name: Say to which services
  ansible.builtin.debug:
    msg: "{{ found.directory.computers[0].delegates_to }}"
"""

RETURN = r"""
directory:
  description: What was read. An entry with an C(error) has C(name) beside it, and nothing else.
  type: dict
  returned: success
  contains:
    domain:
      description: DNS name of the domain.
      type: str
      sample: contoso.com
    netbios:
      description: Short name of the domain.
      type: str
      sample: CONTOSO
    base_dn:
      description: Where was searched.
      type: str
      sample: DC=contoso,DC=com
    server:
      description: The domain controller that answered.
      type: str
      sample: dc01.contoso.com
    computers:
      description: The computers, in the order in which they were asked for.
      type: list
      elements: dict
      contains:
        name: {description: The name that was given., type: str}
        dn: {description: Distinguished name., type: str}
        sid: {description: SID., type: str}
        account: {description: "Account, with its domain.", type: str}
        delegates_to: {description: The services that it may delegate to., type: list, elements: str}
        unconstrained: {description: Whether it is trusted for delegation to any service., type: bool}
        protocol_transition: {description: Whether it may delegate with any authentication protocol., type: bool}
        service_names: {description: The services that are registered on it., type: list, elements: str}
        groups: {description: "SIDs of the groups that it is in, also through others.", type: list, elements: str}
        error: {description: "Why it could not be read, where that is so.", type: dict}
      sample:
        - name: cm-cas-prv01.contoso.com
          dn: CN=CM-CAS-PRV01,OU=Servers,DC=contoso,DC=com
          sid: S-1-5-21-1004336348-1177238915-682003330-1104
          account: CONTOSO\CM-CAS-PRV01$
          delegates_to: ["MSSQLSvc/sql01.contoso.com:1433"]
          unconstrained: false
          protocol_transition: false
          service_names: [HOST/CM-CAS-PRV01, HOST/cm-cas-prv01.contoso.com]
          groups: [S-1-5-21-1004336348-1177238915-682003330-515]
    services:
      description: The services, in the order in which they were asked for.
      type: list
      elements: dict
      contains:
        name: {description: The name that was given., type: str}
        accounts: {description: The accounts that have registered it. It should be one., type: list, elements: str}
        error: {description: "Why it could not be read, where that is so.", type: dict}
      sample: [{"name": "MSSQLSvc/sql01.contoso.com:1433", "accounts": ["CONTOSO\\SQL01$"]}]
    groups:
      description: The groups, in the order in which they were asked for.
      type: list
      elements: dict
      contains:
        name: {description: The name that was given., type: str}
        dn: {description: Distinguished name., type: str}
        sid: {description: SID., type: str}
        members: {description: SIDs of the direct members., type: list, elements: str}
        error: {description: "Why it could not be read, where that is so.", type: dict}
      sample:
        - name: S-1-5-32-554
          dn: CN=Pre-Windows 2000 Compatible Access,CN=Builtin,DC=contoso,DC=com
          sid: S-1-5-32-554
          members: [S-1-5-11]
error:
  description: What was expected and observed, where, and what to do next.
  type: dict
  returned: failure
  sample:
    kind: authentication
    expected: a sign-in with user name and password
    observed: "the sign-in is refused: user name or password is wrong"
    where: ldaps://dc01.contoso.com:636
    next_step: check username and password
    rights: []
"""

from ..module_utils._module import run
from ..module_utils.collect._directory import read_directory
from ..module_utils.directory._options import argument_spec


def main() -> None:
    """Run the module."""
    names = {"type": "list", "elements": "str", "default": []}
    run(
        {**argument_spec(), "computers": names, "services": names, "groups": names},
        lambda options: {"directory": read_directory(options)},
    )


if __name__ == "__main__":
    main()
