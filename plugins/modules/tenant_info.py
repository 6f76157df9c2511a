#!/usr/bin/python
# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ansible module configmgr.tenant_attach.tenant_info."""

from __future__ import annotations

DOCUMENTATION = r"""
module: tenant_info
short_description: Read a tenant as tenant attach sees it
version_added: "0.1.0"
author: [The configmgr.tenant_attach authors (@configmgr)]
description:
  - Reads the cloud, the country and region, domains, directory synchronisation, the MDM authority, Intune licences,
    service health, and what onboarding left in the tenant.
  - One reading takes about eight requests to Microsoft Graph and one to Microsoft Entra.
  - A part that cannot be read is missing from the result, and C(errors) says why and which permission is missing.
    The module fails only where an option cannot work.
  - "Rights needed, as application permissions: C(Organization.Read.All), C(LicenseAssignment.Read.All),
    C(Application.Read.All), C(DeviceManagementServiceConfig.Read.All), C(DeviceManagementConfiguration.Read.All) and
    C(ServiceHealth.Read.All)."
extends_documentation_fragment:
  - configmgr.tenant_attach.graph
  - configmgr.tenant_attach.connection
  - configmgr.tenant_attach.attributes.reader
  - configmgr.tenant_attach.attributes.node
  - configmgr.tenant_attach.attributes.graph_group
options:
  applications:
    description:
      - Client ids of applications that were imported for onboarding. The one that onboarding registers itself is found
        by its name, C(ConfigMgrSvc_) with a GUID behind it.
    type: list
    elements: str
    default: []
seealso:
  - module: configmgr.tenant_attach.account_info
  - name: Prerequisites of tenant attach
    description: The conditions that the result is judged by.
    link: https://learn.microsoft.com/intune/configmgr/tenant-attach/prerequisites
"""

EXAMPLES = r"""
- name: Read the tenant
  configmgr.tenant_attach.tenant_info:
    tenant_id: 2f4a9838-26b7-47ee-be60-ccc1fdec5953
    client_id: 9e2c1a4f-7f6b-4c0e-8d1a-2b3c4d5e6f70
    certificate_path: /etc/pki/tenant-attach/reader.pem
  register: result

- name: Show when the secret of tenant attach ends
  ansible.builtin.debug:
    msg: "{{ result.tenant.onboarding.secret_expires }}"
"""

RETURN = r"""
tenant:
  description: The tenant. Keys whose part could not be read are missing.
  type: dict
  returned: success
  contains:
    id:
      description: Id of the tenant.
      type: str
      sample: 2f4a9838-26b7-47ee-be60-ccc1fdec5953
    name:
      description: Display name.
      type: str
      sample: Contoso
    cloud:
      description: The cloud that the tenant's OpenID metadata tells, null where it tells none that is known.
      type: str
      sample: public
    region:
      description: C(tenant_region_scope) of the metadata.
      type: str
      sample: EU
    sub_region:
      description: C(tenant_region_sub_scope) of the metadata, null in the public cloud.
      type: str
      sample:
    country:
      description: Country of the tenant, two letters.
      type: str
      sample: DE
    type:
      description: Kind of tenant.
      type: str
      sample: AAD
    domains:
      description: Verified domains, each with C(name), C(type), C(default) and C(initial).
      type: list
      elements: dict
      sample: [{"name": "contoso.com", "type": "Managed", "default": true, "initial": false}]
    sync:
      description: Directory synchronisation, C(enabled) (true, false for no longer, null for never) and C(last).
      type: dict
      sample: {"enabled": true, "last": "2026-11-23T20:00:00Z"}
    mdm_authority:
      description: MDM authority, C(intune), C(sccm), C(office365) or C(unknown).
      type: str
      sample: intune
    licences:
      description: Subscriptions that license users for Intune, each with C(sku), C(state), C(enabled) and C(consumed).
      type: list
      elements: dict
      sample: [{"sku": "EMS", "state": "enabled", "enabled": 250, "consumed": 231}]
    intune_subscription:
      description: State of the tenant's Intune account, C(none) where the tenant has no Intune.
      type: str
      sample: active
    unlicensed_admins:
      description: Whether administrators without a licence are let into Intune.
      type: bool
      sample: false
    attach_rbac:
      description: Whether the tenant uses Intune's roles for devices of Configuration Manager.
      type: bool
      sample: false
    service_health:
      description: Health of Intune and of the identity service, each with C(name) and C(status).
      type: list
      elements: dict
      sample: [{"name": "Microsoft Intune", "status": "serviceOperational"}]
    onboarding:
      description:
        - What onboarding left, C(state) (C(not_onboarded), C(present) or C(broken)), C(problems), C(application),
          C(applications), C(service_principal) and C(secret_expires). No secret is in it.
      type: dict
      sample: {"state": "not_onboarded", "problems": [], "application": null, "applications": [],
               "service_principal": null, "secret_expires": null}
    errors:
      description: By key, why it could not be read.
      type: dict
      sample: {}
    sources:
      description: By topic, the address that was asked.
      type: dict
      sample: {"organization": "https://graph.microsoft.com/v1.0/organization"}
error:
  description: What was expected and observed, and what to do next, where an option cannot work.
  type: dict
  returned: failure
  sample:
    kind: option
    expected: option tenant_id, since client_secret is given
    observed: nothing
    where: ""
    next_step: give tenant_id of the application that reads Microsoft Graph
    rights: []
"""

from ..module_utils._module import run
from ..module_utils.collect._tenant import read_tenant
from ..module_utils.graph._options import argument_spec


def main() -> None:
    """Run the module."""
    run(
        {**argument_spec(), "applications": {"type": "list", "elements": "str", "default": []}},
        read_tenant,
    )


if __name__ == "__main__":
    main()
