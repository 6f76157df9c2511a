#!/usr/bin/python
# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ansible module configmgr.tenant_attach.directory_group_member."""

from __future__ import annotations

DOCUMENTATION = r"""
module: directory_group_member
short_description: Have computers and other accounts in a group of Active Directory
version_added: "0.1.0"
author: [The configmgr.tenant_attach authors (@configmgr)]
description:
  - Adds members to a group, and keeps those that others put there.
  - Who is a member through another group counts as one, unless O(nested=false). So do computers and users where
    C(Authenticated Users) or C(Everyone) is a member, and where their primary group is one.
  - Writes all in one request, and reads it back. Where it did not take, it is taken back and the module fails.
  - A computer is in a new group from its next restart on.
  - The right needed is write access to C(member) of the group object. For the groups in the container C(Builtin) that
    is a right of administrators. Check mode needs to read only.
extends_documentation_fragment:
  - configmgr.tenant_attach.directory
  - configmgr.tenant_attach.connection
  - configmgr.tenant_attach.connection.kerberos
  - configmgr.tenant_attach.attributes.writer
  - configmgr.tenant_attach.attributes.node
  - configmgr.tenant_attach.attributes.directory_group
options:
  group:
    description:
      - SID, distinguished name, or name of the group.
      - The SID is the same in every domain and every language for the groups that tenant attach asks for.
        V(S-1-5-32-560) is C(Windows Authorization Access Group), V(S-1-5-32-554) is
        C(Pre-Windows 2000 Compatible Access).
    type: str
    required: true
  members:
    description: DNS name of a computer, account name with or without its domain, SID, or distinguished name of each.
    type: list
    elements: str
    required: true
  state:
    description:
      - V(absent) takes away direct members. Where somebody stays in the group through another one, the module warns.
    type: str
    choices: [present, absent]
    default: present
  nested:
    description: Whether who is in the group through another one is in it already, with O(state=present).
    type: bool
    default: true
seealso:
  - module: configmgr.tenant_attach.directory_info
  - name: Troubleshoot tenant attach
    description: Names the groups that the machine account of an SMS Provider has to be in.
    link: https://learn.microsoft.com/troubleshoot/mem/configmgr/tenant-attach/troubleshoot-tenant-attach
"""

EXAMPLES = r"""
- name: Let the SMS Provider of a primary site look up groups of users
  configmgr.tenant_attach.directory_group_member:
    server: dc01.contoso.com
    auth: simple
    username: CONTOSO\admin
    password: "{{ vaulted_password }}"
    ca_path: /etc/pki/contoso/root.pem
    group: S-1-5-32-560
    members: [cm-p01-prv01.contoso.com]
"""

RETURN = r"""
before:
  description: The group as it was.
  type: dict
  returned: success
  contains:
    group:
      description: Distinguished name of the group.
      type: str
    sid:
      description: SID of the group.
      type: str
    members:
      description: Distinguished names of the direct members among those that were asked for. There may be others.
      type: list
      elements: str
  sample:
    group: CN=Windows Authorization Access Group,CN=Builtin,DC=contoso,DC=com
    sid: S-1-5-32-560
    members: []
after:
  description: The same as it is now. In check mode, as it would be.
  type: dict
  returned: success
  sample:
    group: CN=Windows Authorization Access Group,CN=Builtin,DC=contoso,DC=com
    sid: S-1-5-32-560
    members: ["CN=CM-P01-PRV01,OU=Servers,DC=contoso,DC=com"]
members:
  description: Each member that was asked for.
  type: list
  elements: dict
  returned: success
  contains:
    name:
      description: The name that was given.
      type: str
    dn:
      description: Distinguished name.
      type: str
    sid:
      description: SID.
      type: str
    direct:
      description: Whether it is, or would be, a direct member.
      type: bool
    through:
      description: SID of what else makes it a member, V(null) where nothing does.
      type: str
  sample:
    - name: cm-p01-prv01.contoso.com
      dn: CN=CM-P01-PRV01,OU=Servers,DC=contoso,DC=com
      sid: S-1-5-21-1004336348-1177238915-682003330-1104
      direct: true
      through: null
diff:
  description: RV(before) and RV(after).
  type: dict
  returned: success
error:
  description: What was expected and observed, where, what to do next, and the right that is missing if that is why.
  type: dict
  returned: failure
  sample:
    kind: access_denied
    expected: the members of the group to be written
    observed: Insufficient access
    where: ldaps://dc01.contoso.com:636/CN=Windows Authorization Access Group,CN=Builtin,DC=contoso,DC=com
    next_step: grant the account what is missing, or use one that has it. Nothing was changed
    rights: ["Active Directory: write member on the group object"]
"""

from ..module_utils._module import run_change
from ..module_utils.act._membership import ensure_members
from ..module_utils.directory._options import argument_spec


def main() -> None:
    """Run the module."""
    run_change(
        {
            **argument_spec(),
            "group": {"type": "str", "required": True},
            "members": {"type": "list", "elements": "str", "required": True},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "nested": {"type": "bool", "default": True},
        },
        ensure_members,
    )


if __name__ == "__main__":
    main()
