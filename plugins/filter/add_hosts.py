# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filter configmgr.tenant_attach.add_hosts."""

from __future__ import annotations

import typing as t

from ..plugin_utils.collect._visits import add_hosts

DOCUMENTATION = r"""
name: add_hosts
short_description: Add to the evidence what visits to hosts have shown
version_added: "0.1.0"
author: The configmgr.tenant_attach authors (@configmgr)
description:
  - Adds the section C(hosts) with an entry for every service connection point and every SMS Provider of the hierarchy.
  - A host that was not visited, or not reached, stands there with that error, so that what depends on it becomes
    C(unknown).
positional: _input
options:
  _input:
    description: Evidence with the hierarchy.
    type: dict
    required: true
  results:
    description:
      - By name of the host in the inventory, the registered results C(site_system_info) and C(endpoint_info), as the
        role C(configmgr.tenant_attach.visit) leaves them.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Complete the evidence
  ansible.builtin.set_fact:
    evidence: "{{ collect_evidence | configmgr.tenant_attach.add_hosts({inventory_hostname: visit_result}) }}"
"""

RETURN = r"""
_value:
  description: The evidence document. C(docs/evidence.schema.json) describes every key.
  type: dict
"""


class FilterModule:
    """Filters of the collection."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return them by name."""
        return {"add_hosts": add_hosts}
