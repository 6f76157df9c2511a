#!/usr/bin/python
# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation of action plugin configmgr.tenant_attach.report."""

from __future__ import annotations

DOCUMENTATION = r"""
module: report
short_description: Write findings as reports, and show the verdict
version_added: "0.1.0"
author: [The configmgr.tenant_attach authors (@configmgr)]
description:
  - Renders what M(configmgr.tenant_attach.judge) returned. Decides nothing itself.
  - Reports are results of a run, not a state of a host.
    They are written in check mode too, and never count as a change.
  - A file is written whole or not at all.
extends_documentation_fragment:
  - configmgr.tenant_attach.attributes.reader
  - configmgr.tenant_attach.attributes.controller
options:
  findings:
    description: The registered result of M(configmgr.tenant_attach.judge).
    type: dict
    required: true
  evidence:
    description: The evidence, to be stored as C(evidence.json) beside the reports, for an audit.
    type: dict
  dest:
    description: Directory on the controller. It is made where it does not exist.
    type: path
    required: true
  formats:
    description:
      - What to write. V(json) is C(readiness.json), which holds everything. The others are made of the same findings.
      - V(markdown) is C(readiness.md), and is cut to what a ticket takes.
      - V(csv) is C(readiness.csv), with a row for each finding.
      - V(junit) is C(junit.xml), with a test suite for each site, host and account, for the tenant and the hierarchy.
      - C(docs/report-formats.md) describes each of them.
    type: list
    elements: str
    choices: [json, markdown, csv, junit]
    default: [json, markdown, csv, junit]
  show:
    description: Whether the verdict is printed for a person to read.
    type: bool
    default: false
  trend:
    description: The runs so far, the oldest first, as M(configmgr.tenant_attach.drift) returns them.
    type: list
    elements: dict
    default: []
seealso:
  - module: configmgr.tenant_attach.judge
  - module: configmgr.tenant_attach.drift
"""

EXAMPLES = r"""
- name: Write a report for the ticket
  configmgr.tenant_attach.report:
    findings: "{{ judged }}"
    dest: /var/lib/tenant-attach/today
    formats: [markdown]
"""

RETURN = r"""
files:
  description: The files that were written.
  type: list
  elements: str
  returned: success
  sample: [/var/lib/tenant-attach/today/readiness.md]
"""
