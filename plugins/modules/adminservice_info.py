#!/usr/bin/python
# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ansible module configmgr.tenant_attach.adminservice_info."""

from __future__ import annotations

DOCUMENTATION = r"""
module: adminservice_info
short_description: Read any class or entity of the Configuration Manager administration service
version_added: "0.1.0"
author: [The configmgr.tenant_attach authors (@configmgr)]
description:
  - Sends one GET to AdminService of an SMS Provider, follows its pages, and returns the rows.
  - Rights needed are those of the class. C(Read-only Analyst) with all scopes reads everything.
  - An account without scope gets an empty list, without an error. So does the product itself.
extends_documentation_fragment:
  - configmgr.tenant_attach.adminservice
  - configmgr.tenant_attach.connection
  - configmgr.tenant_attach.connection.kerberos
  - configmgr.tenant_attach.attributes.reader
  - configmgr.tenant_attach.attributes.node
  - configmgr.tenant_attach.attributes.adminservice_group
options:
  resource:
    description:
      - What to read, such as V(wmi/SMS_Site), V(wmi/SMS_R_System(16777219\)) or V(v1.0/Device).
      - Write class names in the case of the SDK.
    type: str
    required: true
  filter:
    description: OData filter, such as V(Client eq 1 and startswith(Name,'CM'\)).
    type: str
  select:
    description:
      - Properties to return.
      - Name all key properties of a class too. AdminService merges rows that do not differ in what is returned.
      - Required for C(SMS_AAD_Application_Ex), whose property C(SecretKey) is never read.
    type: list
    elements: str
    default: []
  order_by:
    description: Properties to sort by, each with V( desc) behind it for the other direction.
    type: list
    elements: str
    default: []
  top:
    description: The largest number of rows to return. At least 1.
    type: int
  query:
    description: JMESPath expression, applied to the list of rows. RV(rows) then holds what it returns.
    type: str
seealso:
  - name: How to use the administration service
    description: Documentation of routes and options.
    link: https://learn.microsoft.com/intune/configmgr/develop/adminservice/usage
  - module: configmgr.tenant_attach.hierarchy_info
"""

EXAMPLES = r"""
- name: List the sites of the hierarchy
  configmgr.tenant_attach.adminservice_info:
    provider: cm01.contoso.com
    ca_path: /etc/pki/configmgr/sms-issuing.pem
    resource: wmi/SMS_Site
    select: [SiteCode, Type, BuildNumber]

- name: Count clients without a supported operating system
  configmgr.tenant_attach.adminservice_info:
    resource: wmi/SMS_R_System
    filter: Client eq 1 and contains(OperatingSystemNameandVersion,'6.1')
    select: [ResourceID, Name]
    query: "[].Name"
  register: old_clients
"""

RETURN = r"""
rows:
  description: >-
    The rows, without the properties that WMI and OData add. With O(query), what the expression returned.
  type: raw
  returned: success
  sample: [{"SiteCode": "CAS", "Type": 4, "BuildNumber": 9146}]
count:
  description: Number of rows that AdminService returned, before O(query).
  type: int
  returned: success
  sample: 1
error:
  description: What was expected and observed, where, what to do next, and the right that is missing if there is one.
  type: dict
  returned: failure
  sample:
    kind: authentication
    expected: the account to be accepted
    observed: HTTP 401 for the token
    where: https://cm01.contoso.com/AdminService/wmi/SMS_Site
    next_step: get a new token
    rights: []
"""

from ..module_utils._module import run
from ..module_utils.adminservice._options import argument_spec
from ..module_utils.collect._adminservice_rows import query


def main() -> None:
    """Run the module."""
    run(
        {
            **argument_spec(),
            "resource": {"type": "str", "required": True},
            "filter": {"type": "str"},
            "select": {"type": "list", "elements": "str", "default": []},
            "order_by": {"type": "list", "elements": "str", "default": []},
            "top": {"type": "int"},
            "query": {"type": "str"},
        },
        query,
    )


if __name__ == "__main__":
    main()
