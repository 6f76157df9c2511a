# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filter configmgr.tenant_attach.visits."""

from __future__ import annotations

import typing as t

from ..plugin_utils.collect._visits import visits

DOCUMENTATION = r"""
name: visits
short_description: Tell which hosts of the inventory are worth a visit, and what for
version_added: "0.1.0"
author: The configmgr.tenant_attach authors (@configmgr)
description:
  - Returns the hosts of the inventory that are service connection points or SMS Providers of the hierarchy, and the SQL
    Servers of primary sites where computers of the CAS should be in a local group.
  - Names are compared whole, whatever their case. The hierarchy has FQDNs.
positional: _input
options:
  _input:
    description: Evidence with the hierarchy.
    type: dict
    required: true
  names:
    description: Names of hosts in the inventory.
    type: list
    elements: str
    required: true
"""

EXAMPLES = r"""
- name: Show who would be visited
  ansible.builtin.debug:
    msg: "{{ collect_evidence | configmgr.tenant_attach.visits(groups['all']) }}"
"""

RETURN = r"""
_value:
  description:
    - By name in the inventory, C(observe) (system and WinHTTP settings), C(probe) (the endpoints of tenant attach),
      C(local_group) and C(members) (a local group, and the accounts that should be in it).
  type: dict
"""


class FilterModule:
    """Filters of the collection."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return them by name."""
        return {"visits": visits}
