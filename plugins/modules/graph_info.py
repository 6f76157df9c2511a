#!/usr/bin/python
# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ansible module configmgr.tenant_attach.graph_info."""

from __future__ import annotations

DOCUMENTATION = r"""
module: graph_info
short_description: Read any resource of Microsoft Graph
version_added: "0.1.0"
author: [The configmgr.tenant_attach authors (@configmgr)]
description:
  - Sends a GET to Microsoft Graph, follows its pages on the same host, and returns the entries.
  - Waits and tries again, within O(deadline), when the service throttles.
  - Rights needed are those of the resource, as application permissions with the consent of an administrator.
extends_documentation_fragment:
  - configmgr.tenant_attach.graph
  - configmgr.tenant_attach.connection
  - configmgr.tenant_attach.attributes.reader
  - configmgr.tenant_attach.attributes.node
  - configmgr.tenant_attach.attributes.graph_group
options:
  path:
    description: What to read, without host and version, such as V(deviceManagement/roleDefinitions).
    type: str
    required: true
  api_version:
    description: Version of Microsoft Graph. Resources of V(beta) may change without notice.
    type: str
    choices: [v1.0, beta]
    default: v1.0
  parameters:
    description:
      - Query parameters by name, such as C($filter) and C($select). They are quoted as needed.
      - With C($count) or C($search) the header C(ConsistencyLevel) is sent too, as Microsoft Graph demands it.
    type: dict
    default: {}
  query:
    description: JMESPath expression, applied to the list of entries. RV(rows) then holds what it returns.
    type: str
seealso:
  - name: Microsoft Graph
    description: Reference of all resources, with the permissions that each needs.
    link: https://learn.microsoft.com/graph/api/overview
"""

EXAMPLES = r"""
- name: Name the Intune roles that hold the permission for Configuration Manager actions
  configmgr.tenant_attach.graph_info:
    tenant_id: 2f4a9838-26b7-47ee-be60-ccc1fdec5953
    client_id: 9e2c1a4f-7f6b-4c0e-8d1a-2b3c4d5e6f70
    client_secret: "{{ vaulted_secret }}"
    path: deviceManagement/roleDefinitions
    query: >-
      [?contains(rolePermissions[].resourceActions[].allowedResourceActions[],
      'Microsoft.Intune_RemoteTasks_ConfigurationManagerAction')].displayName
  register: roles

- name: Read the synchronisation state of one account
  configmgr.tenant_attach.graph_info:
    path: users/opal.ferris@contoso.com
    parameters:
      $select: id,userPrincipalName,onPremisesSyncEnabled
"""

RETURN = r"""
rows:
  description: >-
    The entries; a single object is a list of one. With O(query), what the expression returned.
  type: raw
  returned: success
  sample: [{"id": "0bd113fe-6be5-400c-a28f-ae5553f9c0be", "displayName": "Help Desk Operator"}]
count:
  description: Number of entries that Microsoft Graph returned, before O(query).
  type: int
  returned: success
  sample: 1
error:
  description: What was expected and observed, where, what to do next, and the right that is missing if there is one.
  type: dict
  returned: failure
  sample:
    kind: authentication
    expected: a token for Microsoft Graph
    observed: invalid_client (AADSTS7000215)
    where: https://login.microsoftonline.com/2f4a9838-26b7-47ee-be60-ccc1fdec5953
    next_step: give the value of a client secret of the application, not its id
    rights: []
"""

from ..module_utils._module import run
from ..module_utils.collect._graph_rows import query
from ..module_utils.graph._client import VERSIONS
from ..module_utils.graph._options import argument_spec


def main() -> None:
    """Run the module."""
    run(
        {
            **argument_spec(),
            "path": {"type": "str", "required": True},
            "api_version": {"type": "str", "choices": list(VERSIONS), "default": "v1.0"},
            "parameters": {"type": "dict", "default": {}},
            "query": {"type": "str"},
        },
        query,
    )


if __name__ == "__main__":
    main()
