#!/usr/bin/python
# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ansible module configmgr.tenant_attach.intune_role."""

from __future__ import annotations

DOCUMENTATION = r"""
module: intune_role
short_description: Make a custom role of Microsoft Intune hold permissions
version_added: "0.1.0"
author: [The configmgr.tenant_attach authors (@configmgr)]
description:
  - Finds the role by its display name, makes it where there is none, and adds the permissions that it lacks.
  - Keeps permissions that others gave to the role, unless O(mode=exact).
  - Reads back what it wrote. Where a change did not take, it is taken back and the module fails.
  - Names of roles are not unique in Intune. Two roles of one name are refused, and the module never makes a second one.
  - Built-in roles cannot be edited. One that holds the permissions already is in order, any other is refused.
  - With Multi Admin Approval a change waits for another administrator. The module does not wait and does not fail.
    It returns RV(approval_required), and is run again with O(approval_code).
  - Rights needed are the application permissions C(DeviceManagementRBAC.Read.All) in check mode, and
    C(DeviceManagementRBAC.ReadWrite.All) to change something.
extends_documentation_fragment:
  - configmgr.tenant_attach.graph
  - configmgr.tenant_attach.connection
  - configmgr.tenant_attach.intune
  - configmgr.tenant_attach.attributes.writer
  - configmgr.tenant_attach.attributes.node
  - configmgr.tenant_attach.attributes.graph_group
options:
  name:
    description: Display name of the role, in whatever case.
    type: str
    required: true
  permissions:
    description:
      - Ids of resource operations, in whatever case.
      - All are looked up in C(deviceManagement/resourceOperations) first. One that Intune does not know is refused.
      - Required with O(state=present), and not allowed with O(state=absent).
    type: list
    elements: str
  description:
    description: Description of the role. If not given, that of an existing role stays.
    type: str
  state:
    description:
      - V(absent) deletes the role. It is refused while the role has assignments.
    type: str
    choices: [present, absent]
    default: present
  mode:
    description:
      - V(add) keeps what the role allows and takes back, except that nothing takes back O(permissions).
      - V(exact) leaves O(permissions) and nothing else.
    type: str
    choices: [add, exact]
    default: add
seealso:
  - module: configmgr.tenant_attach.intune_role_assignment
  - name: Custom roles of Intune
    description: What each permission allows.
    link: https://learn.microsoft.com/intune/fundamentals/role-based-access-control/create-custom-role
  - name: Create roleDefinition
    description: The resource of Microsoft Graph.
    link: https://learn.microsoft.com/graph/api/intune-rbac-roledefinition-create
"""

EXAMPLES = r"""
- name: Have a role for those who start Configuration Manager actions
  configmgr.tenant_attach.intune_role:
    tenant_id: 2f4a9838-26b7-47ee-be60-ccc1fdec5953
    client_id: 9e2c1a4f-7f6b-4c0e-8d1a-2b3c4d5e6f70
    client_secret: "{{ vaulted_secret }}"
    name: Configuration Manager tenant attach operators
    permissions:
      - Microsoft.Intune_RemoteTasks_ConfigurationManagerAction
      - Microsoft.Intune_ManagedDevices_Read
      - Microsoft.Intune_Organization_Read
    approval_justification: Tenant attach, change 4711
  register: role

- name: Say what another administrator has to approve
  ansible.builtin.debug:
    msg: "{{ role.approval_required.next_step }}"
  when: role.approval_required is not none

- name: Delete the role
  configmgr.tenant_attach.intune_role:
    name: Configuration Manager tenant attach operators
    state: absent
"""

RETURN = r"""
role:
  description:
    - The role as it is. In check mode, as it would be. V(null) where there is none.
    - While a change waits for approval, the role as it was.
  type: dict
  returned: success
  contains:
    id:
      description: Id of the role. V(null) in check mode for one that would be made.
      type: str
    name:
      description: Display name.
      type: str
    description:
      description: Description.
      type: str
    built_in:
      description: Whether Intune brought it along.
      type: bool
    permissions:
      description: What the role allows, without what it takes back.
      type: list
      elements: str
  sample:
    id: 6d1c2f0a-9a6e-4b0e-8a53-2f6a5d0c4c11
    name: Configuration Manager tenant attach operators
    description: ""
    built_in: false
    permissions: [Microsoft.Intune_ManagedDevices_Read, Microsoft.Intune_RemoteTasks_ConfigurationManagerAction]
approval_required:
  description: What Multi Admin Approval waits for. V(null) where it does not.
  type: dict
  returned: success
  contains:
    code:
      description: Code of the request, for O(approval_code).
      type: str
    next_step:
      description: What to do.
      type: str
  sample: null
diff:
  description: Name, description and permissions of the role before and after. Empty where there is none.
  type: dict
  returned: success
  contains:
    before:
      description: The role as it was.
      type: dict
    after:
      description: The role as it is, or would be.
      type: dict
  sample: {"before": {}, "after": {"name": "Operators", "description": "", "permissions": []}}
error:
  description: What was expected and observed, where, what to do next, and the right that is missing if there is one.
  type: dict
  returned: failure
  sample:
    kind: access_denied
    expected: HTTP 200
    observed: HTTP 403 Authorization_RequestDenied
    where: https://graph.microsoft.com/beta/deviceManagement/roleDefinitions
    next_step: grant the application the permission, and have an administrator consent to it
    rights: ["Microsoft Graph: DeviceManagementRBAC.ReadWrite.All"]
"""

from ..module_utils._module import run_change
from ..module_utils.act._intune import intune_spec
from ..module_utils.act._intune_role import ensure_role
from ..module_utils.graph._options import argument_spec


def main() -> None:
    """Run the module."""
    run_change(
        {
            **argument_spec(),
            **intune_spec(),
            "name": {"type": "str", "required": True},
            "permissions": {"type": "list", "elements": "str"},
            "description": {"type": "str"},
        },
        ensure_role,
    )


if __name__ == "__main__":
    main()
