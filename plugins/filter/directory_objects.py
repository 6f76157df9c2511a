# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filter configmgr.tenant_attach.directory_objects."""

from __future__ import annotations

import typing as t

from ..plugin_utils.collect._directory_objects import objects

DOCUMENTATION = r"""
name: directory_objects
short_description: Tell what of Active Directory a hierarchy depends on
version_added: "0.1.0"
author: The configmgr.tenant_attach authors (@configmgr)
description:
  - Returns the options of M(configmgr.tenant_attach.directory_info) for a hierarchy. These are the computers that need
    rights in the directory, the services that some of them delegate to, and the groups that decide who reads whose
    groups.
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
"""

EXAMPLES = r"""
- name: Show what would be looked at
  ansible.builtin.debug:
    msg: "{{ registered.hierarchy | configmgr.tenant_attach.directory_objects({'sql1.contoso.com': 50001}) }}"
"""

RETURN = r"""
_value:
  description:
    - C(computers), C(services) and C(groups). C(primary_providers) are the SMS Providers of primary sites.
  type: dict
"""


class FilterModule:
    """Filters of the collection."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return them by name."""
        return {"directory_objects": objects}
