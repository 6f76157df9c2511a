#!/usr/bin/python
# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ansible module configmgr.tenant_attach.intune_role_assignment."""

from __future__ import annotations

DOCUMENTATION = r"""
module: intune_role_assignment
short_description: Assign a role of Microsoft Intune to security groups
version_added: "0.1.0"
author: [The configmgr.tenant_attach authors (@configmgr)]
description:
  - Finds the assignment by its name among those of the role, makes it where there is none, and adds what it lacks.
  - Keeps groups that others added, and a scope that reaches further, unless O(mode=exact).
  - Reads back what it wrote. Where a change did not take, it is taken back and the module fails.
  - Names of assignments are not unique in Intune. Two of one name are refused, and the module never makes a second one.
  - A new assignment has the scope tag C(Default), which devices of Configuration Manager carry.
    The scope tags of an existing one stay.
  - With Multi Admin Approval a change waits for another administrator. The module does not wait and does not fail.
    It returns RV(approval_required), and is run again with O(approval_code).
  - Rights needed are the application permissions C(GroupMember.Read.All), C(DeviceManagementRBAC.Read.All) in check
    mode, and C(DeviceManagementRBAC.ReadWrite.All) to change something.
extends_documentation_fragment:
  - configmgr.tenant_attach.graph
  - configmgr.tenant_attach.connection
  - configmgr.tenant_attach.intune
  - configmgr.tenant_attach.attributes.writer
  - configmgr.tenant_attach.attributes.node
  - configmgr.tenant_attach.attributes.graph_group
options:
  role:
    description:
      - Display name of the role, in whatever case, or its id.
      - In check mode it need not exist, as the task before may make it.
    type: str
    required: true
  name:
    description: Name of the assignment, in whatever case.
    type: str
    required: true
  members:
    description:
      - Security groups whose members get the role, each by its object id or its display name.
      - What is unknown, ambiguous, a user, or a group without security is refused before anything is written.
      - Required with O(state=present), and not allowed with O(state=absent).
    type: list
    elements: str
  scope:
    description:
      - What the role reaches.
      - With O(mode=add) a scope is made wider where it must be, and never narrower. V(all_devices) and V(all_users)
        become V(all_devices_and_users), and each of them is wider than V(groups).
    type: str
    choices: [groups, all_devices, all_users, all_devices_and_users]
    default: all_devices
  scope_groups:
    description:
      - Security groups whose devices and users the role reaches, each by its object id or its display name.
      - Required with O(scope=groups), and not allowed otherwise.
    type: list
    elements: str
  state:
    description: V(absent) deletes the assignment.
    type: str
    choices: [present, absent]
    default: present
  mode:
    description:
      - V(add) keeps members, and what the scope reaches already.
      - V(exact) leaves O(members), O(scope) and O(scope_groups) and nothing else.
    type: str
    choices: [add, exact]
    default: add
seealso:
  - module: configmgr.tenant_attach.intune_role
  - name: Assign a role of Intune
    description: What members, scopes and scope tags mean.
    link: https://learn.microsoft.com/intune/fundamentals/role-based-access-control/assign-role
  - name: Create deviceAndAppManagementRoleAssignment
    description: The resource of Microsoft Graph.
    link: https://learn.microsoft.com/graph/api/intune-rbac-deviceandappmanagementroleassignment-create
"""

EXAMPLES = r"""
- name: Let a group start Configuration Manager actions
  configmgr.tenant_attach.intune_role_assignment:
    tenant_id: 2f4a9838-26b7-47ee-be60-ccc1fdec5953
    client_id: 9e2c1a4f-7f6b-4c0e-8d1a-2b3c4d5e6f70
    client_secret: "{{ vaulted_secret }}"
    role: Help Desk Operator
    name: Configuration Manager tenant attach operators
    members:
      - CM operators

- name: Delete the assignment
  configmgr.tenant_attach.intune_role_assignment:
    role: Help Desk Operator
    name: Configuration Manager tenant attach operators
    state: absent
"""

RETURN = r"""
assignment:
  description:
    - The assignment as it is. In check mode, as it would be. V(null) where there is none.
    - While a change waits for approval, the assignment as it was.
  type: dict
  returned: success
  contains:
    id:
      description: Id of the assignment. V(null) in check mode for one that would be made.
      type: str
    name:
      description: Name.
      type: str
    role:
      description: Display name of the role.
      type: str
    members:
      description: Object ids of the groups that have the role.
      type: list
      elements: str
    scope:
      description: What it reaches, as O(scope) says it. A scope type that is not known here is shown as it came.
      type: str
    scope_groups:
      description: Object ids of the groups that it reaches, for scope V(groups).
      type: list
      elements: str
    scope_tags:
      description: Ids of its scope tags. C(0) is the tag C(Default).
      type: list
      elements: str
  sample:
    id: 0d7c5a54-2a8e-4dfb-9a0e-6a1f6d3a6b52
    name: Configuration Manager tenant attach operators
    role: Help Desk Operator
    members: [f1d0a5c2-1a52-4f0a-8c2e-0b6f3d1f8a21]
    scope: all_devices
    scope_groups: []
    scope_tags: ["0"]
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
  description: The assignment before and after, with the names of its groups. Empty where there is none.
  type: dict
  returned: success
  contains:
    before:
      description: The assignment as it was.
      type: dict
    after:
      description: The assignment as it is, or would be.
      type: dict
  sample:
    before: {"members": [CM operators (f1d0a5c2-1a52-4f0a-8c2e-0b6f3d1f8a21)], "scope": groups}
    after: {"members": [CM operators (f1d0a5c2-1a52-4f0a-8c2e-0b6f3d1f8a21)], "scope": all_devices}
error:
  description: What was expected and observed, where, what to do next, and the right that is missing if there is one.
  type: dict
  returned: failure
  sample:
    kind: option
    expected: option members to name security groups, each by its object id or its name
    observed: "'opal.ferris@contoso.com' is a user, and roles are given to groups"
    where: https://graph.microsoft.com/v1.0/groups
    next_step: name existing security groups, by object id where a name is not unique
    rights: []
"""

from ..module_utils._module import run_change
from ..module_utils.act._intune import intune_spec
from ..module_utils.act._intune_assignment import ensure_assignment
from ..module_utils.act._intune_assignment_changes import SCOPES
from ..module_utils.graph._options import argument_spec


def main() -> None:
    """Run the module."""
    run_change(
        {
            **argument_spec(),
            **intune_spec(),
            "role": {"type": "str", "required": True},
            "name": {"type": "str", "required": True},
            "members": {"type": "list", "elements": "str"},
            "scope": {"type": "str", "choices": list(SCOPES), "default": "all_devices"},
            "scope_groups": {"type": "list", "elements": "str"},
        },
        ensure_assignment,
    )


if __name__ == "__main__":
    main()
