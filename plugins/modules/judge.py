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
      sql_ports:
        description:
          - By fully qualified name of a SQL Server, the TCP port of the instance that holds the site database. A
            default instance has 1433 where nothing is declared. The port of a named one stands in no interface.
        type: dict
  waivers:
    description:
      - Accepted exceptions. Unknown keys, ids and scopes, duplicates and wrong days are refused.
      - The prerequisite is judged all the same, and its outcome stays. The finding does not count in the verdict, in
        RV(ready), RV(fails_on) and the verdict of its site.
      - Where several cover one finding, that of a host wins over that of its site.
      - See C(docs/waivers.md).
    type: list
    elements: dict
    default: []
    suboptions:
      id:
        description: Id of the prerequisite.
        type: str
        required: true
      scope:
        description:
          - What it is for. V(tenant), V(hierarchy), or the name of a site, host or account after its kind, such as
            V(site:P01), V(host:cm01.contoso.com), V(account:ada@contoso.com). Compared without case.
          - That of a site covers its hosts. There is none for everything.
        type: str
        required: true
      owner:
        description: Who answers for it.
        type: str
        required: true
      reason:
        description: Why it is accepted.
        type: str
        required: true
      ticket:
        description: Where it was decided.
        type: str
      expires:
        description:
          - The last day on which it counts, such as V(2027-03-31), in UTC and compared with the time of the evidence.
          - From then on the finding counts again, and says so.
        type: str
        required: true
  severities:
    description:
      - Severities by id of the prerequisite, V(critical), V(high), V(medium) or V(low), in place of those of the
        catalogue. Reports show both.
    type: dict
    default: {}
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
    waivers:
      - id: winhttp_bypass_list
        scope: host:cm-scp01.contoso.com
        owner: Ada Quill, endpoint team
        reason: The proxy is replaced in March. Traffic inside the site passes it until then.
        ticket: CHG0040123
        expires: "2027-03-31"
    severities:
      site_mode: low
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
      why: In offline mode nothing is uploaded and no action arrives.
      area: connection_point
      scope: {"kind": "host", "name": "cm-scp01.contoso.com", "site": "CAS"}
      outcome: fail
      severity: critical
      catalogue_severity: critical
      expected: mode online
      observed: offline
      reason: in offline mode it does not speak to the cloud
      remedy: {"kind": "manual", "text": "set the mode to online", "tags": []}
      needs: [hierarchy/service_connection_points]
      rights: ["ConfigMgr: Read-only Analyst with all scopes and collections"]
      waiver:
        scope: host:cm-scp01.contoso.com
        owner: Ada Quill
        reason: the site is closed in March
        ticket: CHG0040123
        expires: "2027-03-31"
        expired: false
      source: https://learn.microsoft.com/intune/configmgr/core/servers/deploy/configure/about-the-service-connection-point
purpose:
  description: What was asked.
  type: str
  returned: success
  sample: readiness
summary:
  description:
    - Verdict (V(ready), V(not_ready), V(not_proven)), number of findings of each outcome, of all, and of the waived.
  type: dict
  returned: success
  sample:
    verdict: not_proven
    outcomes: {"pass": 40, "warn": 2, "fail": 1, "not_applicable": 1, "unknown": 3}
    findings: 47
    waived: 1
ready:
  description: Whether nothing fails and nothing is unknown, but for what is waived.
  type: bool
  returned: success
  sample: false
sites:
  description: Verdict, outcomes, number of waived findings, and worst findings of each site.
  type: dict
  returned: success
  sample: {"P01": {"verdict": "ready", "outcomes": {"pass": 9}, "waived": 0, "worst": []}}
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
waivers_unused:
  description: Waivers that no finding carries, each with C(id), C(scope) and the C(reason).
  type: list
  elements: dict
  returned: success
  sample: [{"id": "site_mode", "scope": "site:P01", "reason": "passes or does not apply"}]
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
  sample: [unknown, warn]
collected_at:
  description: Time of the evidence, UTC.
  type: str
  returned: success
  sample: "2026-11-23T20:00:00Z"
schema_version:
  description: Version of the schema of the findings.
  type: str
  returned: success
  sample: "1.1"
"""
