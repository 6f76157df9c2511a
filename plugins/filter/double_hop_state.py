# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filter configmgr.tenant_attach.double_hop_state."""

from __future__ import annotations

import typing as t

from ..plugin_utils.act._double_hop_facts import against

DOCUMENTATION = r"""
name: double_hop_state
short_description: Tell what the directory has of the steps for a CAS with remote computers
version_added: "0.1.0"
author: The configmgr.tenant_attach authors (@configmgr)
description:
  - Compares what P(configmgr.tenant_attach.double_hop#filter) returned with what the directory holds.
positional: _input
options:
  _input:
    description: What P(configmgr.tenant_attach.double_hop#filter) returned.
    type: dict
    required: true
  directory:
    description: What M(configmgr.tenant_attach.directory_info) returned for its computers and services.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Show what is missing
  ansible.builtin.debug:
    msg: "{{ (plan | configmgr.tenant_attach.double_hop_state(registered.directory)).undelegated }}"
"""

RETURN = r"""
_value:
  description:
    - C(wrong) (computers that are not there, services that are not registered once), C(undelegated) (services
      missing at a computer) and C(local_groups) (with the accounts of their members).
  type: dict
"""


class FilterModule:
    """Filters of the collection."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return them by name."""
        return {"double_hop_state": against}
