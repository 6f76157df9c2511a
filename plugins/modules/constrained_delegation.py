#!/usr/bin/python
# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ansible module configmgr.tenant_attach.constrained_delegation."""

from __future__ import annotations

DOCUMENTATION = r"""
module: constrained_delegation
short_description: Trust a computer for delegation to specified services, with Kerberos only
version_added: "0.1.0"
author: [The configmgr.tenant_attach authors (@configmgr)]
description:
  - Does what I(Trust this computer for delegation to specified services only) with I(Use Kerberos only) does in Active
    Directory Users and Computers.
  - Adds services to C(msDS-AllowedToDelegateTo) of the computer, and keeps those that others put there.
  - Every service is looked up first. One that no account has registered, or several have, is refused before any write.
  - Where the computer is trusted for delegation to any service (unconstrained), the module warns, adds the services,
    and leaves that as it is, unless O(clear_other_delegation=true).
  - Where the computer may delegate with any authentication protocol (protocol transition), the module warns. It refuses
    to add services, since the computer could act there as people who never signed in, unless
    O(clear_other_delegation=true).
  - Writes all in one request, and reads it back. Where it did not take, it is taken back and the module fails.
  - The computer asks for new tickets as its old ones expire. Configuration Manager's documentation has it restarted.
  - Rights needed are write access to C(msDS-AllowedToDelegateTo) and C(userAccountControl) of the computer object, and
    I(Enable computer and user accounts to be trusted for delegation) (C(SeEnableDelegationPrivilege)) on the domain
    controllers. Domain administrators have both. Check mode needs to read only.
extends_documentation_fragment:
  - configmgr.tenant_attach.directory
  - configmgr.tenant_attach.connection
  - configmgr.tenant_attach.connection.kerberos
  - configmgr.tenant_attach.attributes.writer
  - configmgr.tenant_attach.attributes.node
  - configmgr.tenant_attach.attributes.directory_group
options:
  computer:
    description: DNS name, account name, or distinguished name of the computer that is trusted.
    type: str
    required: true
  services:
    description:
      - Service principal names, in whatever case.
      - For Microsoft SQL Server, those with its port and with its instance.
    type: list
    elements: str
    required: true
  state:
    description: V(absent) takes away the services that are named, and nothing else.
    type: str
    choices: [present, absent]
    default: present
  protocol:
    description: The only one that tenant attach needs. It is here to be read.
    type: str
    choices: [kerberos_only]
    default: kerberos_only
  clear_other_delegation:
    description:
      - Whether to end unconstrained delegation and protocol transition of the computer, where they are found.
      - Somebody may rely on them. Find out first.
    type: bool
    default: false
  check_services:
    description:
      - Whether the services must be registered in the domain, with O(state=present).
      - Set it to V(false) for services of another domain, and for those that C(HOST) stands for.
    type: bool
    default: true
seealso:
  - module: configmgr.tenant_attach.directory_info
  - name: CMPivot with a central administration site
    description: What has to delegate to what, where the SMS Provider is remote.
    link: https://learn.microsoft.com/intune/configmgr/core/servers/manage/cmpivot
  - name: Kerberos constrained delegation
    description: What it is.
    link: https://learn.microsoft.com/windows-server/security/kerberos/kerberos-constrained-delegation-overview
"""

EXAMPLES = r"""
- name: Let the remote SMS Provider of the central administration site delegate to the SQL Servers of the primary sites
  configmgr.tenant_attach.constrained_delegation:
    server: dc01.contoso.com
    username: admin@CONTOSO.COM
    password: "{{ vaulted_password }}"
    computer: cm-cas-prv01.contoso.com
    services:
      - MSSQLSvc/sql01.contoso.com:1433
      - MSSQLSvc/sql01.contoso.com:CMINST
  register: delegation

- name: Say what goes beyond that
  ansible.builtin.debug:
    msg: This computer is trusted for delegation to any service.
  when: delegation.after.unconstrained
"""

RETURN = r"""
before:
  description: What the computer was trusted with.
  type: dict
  returned: success
  contains:
    computer:
      description: Distinguished name.
      type: str
    services:
      description: The services that it may delegate to.
      type: list
      elements: str
    unconstrained:
      description: Whether it is trusted for delegation to any service.
      type: bool
    protocol_transition:
      description: Whether it may delegate with any authentication protocol.
      type: bool
  sample:
    computer: CN=CM-CAS-PRV01,OU=Servers,DC=contoso,DC=com
    services: []
    unconstrained: false
    protocol_transition: false
after:
  description: The same as it is now. In check mode, as it would be.
  type: dict
  returned: success
  sample:
    computer: CN=CM-CAS-PRV01,OU=Servers,DC=contoso,DC=com
    services: ["MSSQLSvc/sql01.contoso.com:1433", "MSSQLSvc/sql01.contoso.com:CMINST"]
    unconstrained: false
    protocol_transition: false
diff:
  description: RV(before) and RV(after).
  type: dict
  returned: success
error:
  description: What was expected and observed, where, what to do next, and the rights that are missing if that is why.
  type: dict
  returned: failure
  sample:
    kind: access_denied
    expected: the delegation to be written
    observed: Insufficient access
    where: ldap://dc01.contoso.com:389/CN=CM-CAS-PRV01,OU=Servers,DC=contoso,DC=com
    next_step: grant the account what is missing, or use one that has it. Nothing was changed
    rights:
      - "Active Directory: write msDS-AllowedToDelegateTo and userAccountControl on the computer object"
"""

from ..module_utils._module import run_change
from ..module_utils.act._delegation import ensure_delegation
from ..module_utils.directory._options import argument_spec


def main() -> None:
    """Run the module."""
    run_change(
        {
            **argument_spec(),
            "computer": {"type": "str", "required": True},
            "services": {"type": "list", "elements": "str", "required": True},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "protocol": {"type": "str", "choices": ["kerberos_only"], "default": "kerberos_only"},
            "clear_other_delegation": {"type": "bool", "default": False},
            "check_services": {"type": "bool", "default": True},
        },
        ensure_delegation,
    )


if __name__ == "__main__":
    main()
