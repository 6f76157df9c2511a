#!/usr/bin/python
# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ansible module configmgr.tenant_attach.account_info."""

from __future__ import annotations

DOCUMENTATION = r"""
module: account_info
short_description: Read accounts of administrators and operators as tenant attach sees them
version_added: "0.1.0"
author: [The configmgr.tenant_attach authors (@configmgr)]
description:
  - Reads whether accounts are synchronised, who is Global Administrator, who has an Intune licence, and who holds the
    Intune permission "Initiate Configuration Manager action", through other groups too.
  - With O(hierarchy) it also reads who was discovered by Configuration Manager and which security roles they have. The
    SID joins both sides; an account without a SID is looked up by its user principal name.
  - Reads in batches. 500 accounts take about 55 requests to Microsoft Graph, and about 10 to AdminService.
  - A part that cannot be read is missing from the account, and its C(errors) say why and which permission is missing.
    The module fails only where an option cannot work.
  - "Rights needed, as application permissions: C(User.Read.All), C(GroupMember.Read.All),
    C(RoleManagement.Read.Directory), C(LicenseAssignment.Read.All) and C(DeviceManagementRBAC.Read.All). In
    Configuration Manager: Read-only Analyst with all scopes and collections."
extends_documentation_fragment:
  - configmgr.tenant_attach.graph
  - configmgr.tenant_attach.connection
  - configmgr.tenant_attach.attributes.reader
  - configmgr.tenant_attach.attributes.node
  - configmgr.tenant_attach.attributes.graph_group
options:
  accounts:
    description: User principal names. Their case does not count.
    type: list
    elements: str
    required: true
  hierarchy:
    description:
      - Connection to AdminService, a dictionary of the options that M(configmgr.tenant_attach.hierarchy_info) has.
        What it leaves out comes from the same environment variables.
      - Give an SMS Provider of the top-tier site. Those of other sites do not know all users.
      - Without it nothing of the hierarchy is read.
    type: dict
    suboptions:
      provider:
        description: FQDN of an SMS Provider, with an optional port.
        type: str
        required: true
      auth:
        description: How to sign in.
        type: str
        choices: [kerberos, negotiate, ntlm, token]
        default: kerberos
      username:
        description: Account to sign in with.
        type: str
      password:
        description: Password of O(hierarchy.username).
        type: str
      token:
        description: Bearer token, for V(token).
        type: str
      keytab:
        description: Keytab with the keys of O(hierarchy.username), or of one account only.
        type: path
      ccache:
        description: Cache of Kerberos tickets to take. It is read, and never written.
        type: path
      ca_path:
        description: PEM file, or directory of hashed certificates, to verify the SMS Provider with.
        type: path
      validate_certs:
        description: Whether certificates are verified.
        type: bool
        default: true
      timeout:
        description: Seconds to wait for each step of one request.
        type: int
        default: 30
      deadline:
        description: Seconds for everything that is read from the hierarchy.
        type: int
        default: 120
      proxy_url:
        description: HTTP proxy on the way to the SMS Provider.
        type: str
      connect_to:
        description: Other addresses to connect to, by host, as the C(--connect-to) of curl.
        type: dict
        default: {}
seealso:
  - module: configmgr.tenant_attach.tenant_info
  - module: configmgr.tenant_attach.hierarchy_info
  - name: Permissions of the users who start actions
    description: The conditions that the result is judged by.
    link: https://learn.microsoft.com/intune/configmgr/tenant-attach/prerequisites#permissions
"""

EXAMPLES = r"""
- name: Read two operators
  configmgr.tenant_attach.account_info:
    tenant_id: 2f4a9838-26b7-47ee-be60-ccc1fdec5953
    client_id: 9e2c1a4f-7f6b-4c0e-8d1a-2b3c4d5e6f70
    client_secret: "{{ vaulted_secret }}"
    accounts: [opal.ferris@contoso.com, ada.quill@contoso.com]
    hierarchy:
      provider: cm-cas01.contoso.com
      ca_path: /etc/pki/configmgr/sms-issuing.pem
  register: result

- name: Name those who cannot start an action
  ansible.builtin.debug:
    msg: "{{ result.accounts | rejectattr('intune_action.granted') | map(attribute='upn') }}"
"""

RETURN = r"""
accounts:
  description: The accounts, in the order in which they were named. Keys that could not be read are missing.
  type: list
  elements: dict
  returned: success
  contains:
    upn:
      description: User principal name, in lower case.
      type: str
      sample: opal.ferris@contoso.com
    found:
      description: Whether the tenant has this account. If not, all else says that it has nothing.
      type: bool
      sample: true
    id:
      description: Object id.
      type: str
      sample: 0e1c7e05-6d3b-4a2c-9d55-1c0a6f4b7f11
    enabled:
      description: Whether it may sign in.
      type: bool
      sample: true
    user_type:
      description: C(Member) or C(Guest).
      type: str
      sample: Member
    synced:
      description: C(yes), C(no_longer) or C(never).
      type: str
      sample: "yes"
    sid:
      description: SID in Active Directory.
      type: str
      sample: S-1-5-21-1111111111-2222222222-333333333-1104
    domain:
      description: Domain in Active Directory.
      type: str
      sample: corp.contoso.com
    account_name:
      description: Logon name in Active Directory.
      type: str
      sample: oferris
    last_sync:
      description: When a change of the account was last synchronised. Old where nothing changed.
      type: str
      sample: "2026-10-01T10:09:08Z"
    provisioning_errors:
      description: Number of errors of its synchronisation.
      type: int
      sample: 0
    global_administrator:
      description: C(active), C(eligible) (through Privileged Identity Management) or C(none).
      type: str
      sample: none
    intune_licence:
      description: C(active), C(pending), C(disabled) or C(none), the best of all its Intune plans.
      type: str
      sample: active
    intune_action:
      description:
        - Whether the Intune permission is C(granted), C(via) which role assignments or Entra roles, and for which Entra
          roles that would grant it the account is C(eligible).
      type: dict
      sample: {"granted": true, "via": ["Help Desk Operator / ConfigMgr operators"], "eligible": []}
    discovered_by:
      description: Agents that discovered it, C(ad), C(entra) and C(group). With O(hierarchy) only.
      type: list
      elements: str
      sample: [ad]
    configmgr_roles:
      description: Security roles of Configuration Manager, its own and those of its groups. With O(hierarchy) only.
      type: list
      elements: str
      sample: [Operations Administrator]
    configmgr_via:
      description: Administrative users that the roles come from. With O(hierarchy) only.
      type: list
      elements: str
      sample: ["CONTOSO\\oferris"]
    errors:
      description: By key, why it could not be read.
      type: dict
      sample: {}
requests:
  description: Number of requests to Microsoft Graph, those included that were sent again.
  type: int
  returned: success
  sample: 7
error:
  description: What was expected and observed, and what to do next, where an option cannot work.
  type: dict
  returned: failure
  sample:
    kind: option
    expected: each entry of option accounts to be a user principal name, such as opal.ferris@contoso.com
    observed: "'opal'"
    where: ""
    next_step: correct it, or leave it out
    rights: []
"""

from ..module_utils._module import run
from ..module_utils.adminservice._options import argument_spec as adminservice_spec
from ..module_utils.collect._accounts import read_accounts
from ..module_utils.graph._options import argument_spec


def main() -> None:
    """Run the module."""
    run(
        {
            **argument_spec(),
            "accounts": {"type": "list", "elements": "str", "required": True},
            "hierarchy": {"type": "dict", "options": adminservice_spec()},
        },
        read_accounts,
    )


if __name__ == "__main__":
    main()
