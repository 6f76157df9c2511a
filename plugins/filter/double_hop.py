# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filter configmgr.tenant_attach.double_hop."""

from __future__ import annotations

import typing as t

from ..plugin_utils.act._double_hop_facts import as_facts

DOCUMENTATION = r"""
name: double_hop
short_description: Tell what a CAS with remote computers needs, step by step
version_added: "0.1.0"
author: The configmgr.tenant_attach authors (@configmgr)
description:
  - Finds out which lists of the product's page on the double hop apply to a hierarchy, and returns their steps with the
    names of computers and services. The lists are for a remote SMS Provider, a remote SQL Server and SQL Always On.
positional: _input
options:
  _input:
    description: The hierarchy, as M(configmgr.tenant_attach.hierarchy_info) returns it.
    type: dict
    required: true
  sql_ports:
    description: By name of a SQL Server, the port of the instance with the site database, where it is not 1433.
    type: dict
    default: {}
  names:
    description: Names of hosts in the inventory, under which computers are reached.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: Show what has to be done
  ansible.builtin.debug:
    msg: "{{ (registered.hierarchy | configmgr.tenant_attach.double_hop).steps | map(attribute='text') }}"
"""

RETURN = r"""
_value:
  description:
    - C(reason) (why none applies, empty where one does), C(scenarios), C(steps) in their order, and what they ask for
      together as C(local_groups), C(delegations) and C(restarts). C(group) is the local group.
    - C(computers) and C(services) are those that the directory has to have. C(untold) says what the hierarchy does not
      tell, C(unnamed) has SQL Servers whose port is not known, C(unreached) and C(not_restartable) have computers that
      the inventory does not have.
  type: dict
"""


class FilterModule:
    """Filters of the collection."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return them by name."""
        return {"double_hop": as_facts}
