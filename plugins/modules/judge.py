#!/usr/bin/python
# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation of action plugin configmgr.tenant_attach.judge."""

from __future__ import annotations

DOCUMENTATION = r"""
module: judge
short_description: Judge evidence against the prerequisites of tenant attach
version_added: "0.1.0"
author: [The configmgr.tenant_attach authors (@configmgr)]
description:
  - Takes an evidence document, or a file that holds one.
  - Returns a finding for each prerequisite and each site, host or hierarchy that it is about.
  - Uses no network and no clock. Time counts as of the evidence.
    The same evidence gives the same findings, to the byte.
  - There are five outcomes, V(pass), V(warn), V(fail), V(not_applicable) and V(unknown).
    What could not be observed is V(unknown), never V(pass).
extends_documentation_fragment:
  - configmgr.tenant_attach.attributes.reader
  - configmgr.tenant_attach.attributes.controller
options:
  evidence:
    description: The evidence document, or the path of the C(evidence.json) of an earlier run.
    type: raw
    required: true
  expectations:
    description:
      - Facts that no interface of the product tells. Unknown names are refused.
      - Without them, what depends on them is V(unknown), and says which one to set.
    type: dict
    default: {}
    suboptions:
      cloud:
        description: Cloud of the tenant.
        type: str
        choices: [public, us_gov_gcc_high, us_gov_dod, china]
      provider_authentication_level:
        description: SMS Provider authentication level, as set in the hierarchy settings.
        type: str
        choices: [windows, certificate, windows_hello]
      entra_user_discovery:
        description: Whether Microsoft Entra user discovery is on.
        type: bool
      attached:
        description: Whether the hierarchy is meant to be attached already.
        type: bool
      enforce_configmgr_rbac:
        description:
          - Whether actions are checked against the roles of Configuration Manager too, which is the default of the
            product. From version 2207 on it can be turned off, in the properties of the upload.
        type: bool
      scp_country:
        description: Country where the service connection point stands, as two letters.
        type: str
      onboarding_account:
        description: User principal name of whoever onboards.
        type: str
      operators:
        description: User principal names of those who start actions.
        type: list
        elements: str
      onboarding_applications:
        description: Client ids of applications that were imported for the onboarding.
        type: list
        elements: str
  purpose:
    description:
      - V(readiness) asks whether everything is ready for tenant attach. It judges all prerequisites.
      - V(verification) asks, after the onboarding, whether tenant attach is on and healthy. It judges only what
        belongs to that, and expects tenant attach to be on; C(docs/prerequisites.md) says of each prerequisite
        whether it does.
    type: str
    choices: [readiness, verification]
    default: readiness
  only:
    description: Ids of the prerequisites to judge. All of them if empty.
    type: list
    elements: str
    default: []
  skip:
    description: Ids of the prerequisites to leave out.
    type: list
    elements: str
    default: []
seealso:
  - module: configmgr.tenant_attach.hierarchy_info
  - module: configmgr.tenant_attach.report
"""

EXAMPLES = r"""
- name: Judge what a run of last month saw with the rules of today
  configmgr.tenant_attach.judge:
    evidence: /var/lib/tenant-attach/2026-10/evidence.json
    expectations:
      cloud: public
  register: judged

- name: Name the prerequisites that fail
  ansible.builtin.debug:
    msg: "{{ judged.findings | selectattr('outcome', 'equalto', 'fail') | map(attribute='id') | unique }}"
"""

RETURN = r"""
findings:
  description: The findings, in the order of the catalogue. C(docs/findings.schema.json) describes every key.
  type: list
  elements: dict
  returned: success
  sample:
    - id: scp_online
      title: The service connection point is online
      area: connection_point
      scope: {"kind": "host", "name": "cm-scp01.contoso.com", "site": "CAS"}
      outcome: fail
      severity: critical
      expected: mode online
      observed: offline
      reason: in offline mode it does not speak to the cloud
      remedy: {"kind": "manual", "text": "set the mode to online", "tags": []}
      needs: [hierarchy/service_connection_points]
      rights: ["ConfigMgr: Read-only Analyst with all scopes and collections"]
      waiver: null
      source: https://learn.microsoft.com/intune/configmgr/core/servers/deploy/configure/about-the-service-connection-point
purpose:
  description: What was asked.
  type: str
  returned: success
  sample: readiness
summary:
  description: Verdict (V(ready), V(not_ready), V(not_proven)), number of findings of each outcome, and of all.
  type: dict
  returned: success
  sample:
    verdict: not_ready
    outcomes: {"pass": 40, "warn": 2, "fail": 1, "not_applicable": 1, "unknown": 3}
    findings: 47
ready:
  description: Whether nothing fails and nothing is unknown.
  type: bool
  returned: success
  sample: false
sites:
  description: Verdict, outcomes and worst findings of each site.
  type: dict
  returned: success
  sample: {"P01": {"verdict": "ready", "outcomes": {"pass": 9}, "worst": []}}
hierarchy:
  description: What was judged.
  type: dict
  returned: success
  sample: {"top_site": "CAS", "read_from": "cm01.contoso.com", "sites": 8, "secondary_sites": 4}
tenant:
  description: The tenant that was judged, as far as it told.
  type: dict
  returned: success
  sample: {"id": "2f4a9838-26b7-47ee-be60-ccc1fdec5953", "name": "Contoso", "cloud": "public"}
notes:
  description: Limits of tenant attach that no check can find, each with C(id), C(title), C(text) and C(source).
  type: list
  elements: dict
  returned: success
  sample: []
fails_on:
  description: The values of C(fail_on) with which a readiness run fails.
  type: list
  elements: str
  returned: success
  sample: [fail, unknown, warn]
collected_at:
  description: Time of the evidence, UTC.
  type: str
  returned: success
  sample: "2026-11-23T20:00:00Z"
schema_version:
  description: Version of the schema of the findings.
  type: str
  returned: success
  sample: "1.0"
"""
