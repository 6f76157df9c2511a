#!/usr/bin/python
# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation of action plugin configmgr.tenant_attach.drift."""

from __future__ import annotations

DOCUMENTATION = r"""
module: drift
short_description: Record a run in the history, and compare it with an earlier one
version_added: "0.1.0"
author: [The configmgr.tenant_attach authors (@configmgr)]
description:
  - Takes what M(configmgr.tenant_attach.judge) returned, compares it with the last run of the same estate or with a
    named baseline, and records it in a SQLite file.
  - Reports C(changed) where something drifted. It changes nothing but the history.
  - What is V(unknown) is never drift. It is compared again once it is known, with the last run that knew it.
  - A finding drifts where its outcome does. Another text with the same outcome is no drift, and neither is a waiver.
  - A run is compared with runs before it only, and recorded once. The same findings again give the same result.
  - Any number of runs may use the file at the same time.
  - Without O(findings), it only tells whether the history can be used, and whether it has the baseline.
attributes:
  check_mode:
    description: Can run in check mode.
    support: full
    details: Records nothing, and returns the same.
  diff_mode:
    description: Returns a diff where it changes something.
    support: full
    details: The diff shows what drifted.
  idempotent:
    description: Running it again changes nothing more.
    support: partial
    details: A run is recorded once. C(changed) tells of the estate, and so stays.
extends_documentation_fragment:
  - configmgr.tenant_attach.attributes.controller
options:
  findings:
    description: The registered result of M(configmgr.tenant_attach.judge).
    type: dict
  history:
    description:
      - SQLite file on the controller. It is made, for its owner alone, where there is none.
      - It holds outcomes and what was observed, for each finding of each run. It holds no evidence and no secrets.
    type: path
    required: true
  estate:
    description: What the run belongs to. Several estates may share a file, and are never compared with each other.
    type: str
    default: default
  baseline:
    description: Name of the run to compare with. The last run before this one if left out.
    type: str
  set_baseline:
    description: Gives the run this name, once it is compared. Another run that bears it loses it.
    type: str
  record:
    description: Whether the run is recorded.
    type: bool
    default: true
  keep:
    description: How many runs of the estate are kept. Baselines are kept beside them.
    type: int
    default: 400
  max_unverified:
    description:
      - Percent of the findings that may be unverified for RV(drift.verified.enough) to be true.
      - Where nothing at all could be verified, it is false whatever the limit.
    type: int
    default: 25
  trend_limit:
    description: How many runs RV(trend) has.
    type: int
    default: 30
  dest:
    description: Directory on the controller in which the drift is written as C(drift.json).
    type: path
  show:
    description: Whether the drift is printed for a person to read.
    type: bool
    default: false
seealso:
  - module: configmgr.tenant_attach.judge
  - module: configmgr.tenant_attach.report
"""

EXAMPLES = r"""
- name: Compare with the run before this one, and record
  configmgr.tenant_attach.drift:
    findings: "{{ judged }}"
    history: /var/lib/tenant-attach/history.sqlite
    estate: production
  register: compared

- name: Compare with the day of the onboarding, and leave the history as it is
  configmgr.tenant_attach.drift:
    findings: "{{ judged }}"
    history: /var/lib/tenant-attach/history.sqlite
    estate: production
    baseline: onboarded
    record: false
"""

RETURN = r"""
drift:
  description: What became of the findings. C(docs/drift.schema.json) describes every key.
  type: dict
  returned: success, when O(findings) is given
  contains:
    schema_version:
      description: Version of the schema.
      type: str
      sample: "1.0"
    estate:
      description: What the run belongs to.
      type: str
      sample: production
    collected_at:
      description: Time of the run, UTC.
      type: str
      sample: "2026-11-24T20:00:00Z"
    baseline:
      description: The run that was compared with, with C(name), C(collected_at) and C(verdict). Null for the first run.
      type: dict
      sample: {"name": null, "collected_at": "2026-11-23T20:00:00Z", "verdict": "ready"}
    drifted:
      description: Whether anything drifted.
      type: bool
      sample: true
    counts:
      description: Number of findings of each kind.
      type: dict
      sample:
        new: 1
        worsened: 0
        improved: 0
        resolved: 0
        still: 12
        first_seen: 0
        unverified: 2
        never_known: 1
    rows:
      description: What drifted, with C(kind) V(new), V(worsened), V(improved) or V(resolved).
      type: list
      elements: dict
      sample:
        - kind: new
          id: scp_online
          title: The service connection point is online
          scope: {"kind": "host", "name": "cm-scp01.contoso.com", "site": "CAS"}
          severity: critical
          waived: false
          before: {"outcome": "pass", "observed": "online", "known_at": "2026-11-23T20:00:00Z"}
          after: {"outcome": "fail", "observed": "offline", "reason": "in offline mode it does not speak to the cloud"}
    still:
      description: Problems that are as they were.
      type: list
      elements: dict
      sample: []
    first_seen:
      description: Problems of which no earlier run could know whether they were there. They are no drift.
      type: list
      elements: dict
      sample: []
    unverified:
      description: What is unknown now, with what was last known of it and the reason. It is no drift.
      type: list
      elements: dict
      sample: []
    verified:
      description: How much is known now, how much is not, the share of it, the limit, and whether it is enough.
      type: dict
      contains:
        findings:
          description: Number of findings that are known.
          type: int
          sample: 420
        unverified:
          description: Number of findings that are not, without those that never were known.
          type: int
          sample: 2
        percent:
          description: Their share.
          type: float
          sample: 0.5
        max_percent:
          description: The share that O(max_unverified) allows.
          type: int
          sample: 25
        enough:
          description: Whether it is kept to, and anything is known at all.
          type: bool
          sample: true
    scopes:
      description: Sites, hosts and accounts that C(appeared) or C(vanished). That alone is no drift.
      type: dict
      sample: {"appeared": [], "vanished": []}
recorded:
  description: Whether the run was added to the history. It is false where it is in there already.
  type: bool
  returned: success
  sample: true
trend:
  description: The last runs of the estate with this one, the oldest first, for M(configmgr.tenant_attach.report).
  type: list
  elements: dict
  returned: success
  sample:
    - collected_at: "2026-11-24T20:00:00Z"
      verdict: not_ready
      outcomes: {"pass": 415, "warn": 2, "fail": 1, "not_applicable": 3, "unknown": 2}
      waived: 0
"""
