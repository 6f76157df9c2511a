# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filter configmgr.tenant_attach.artifacts."""

from __future__ import annotations

import typing as t

from ..plugin_utils.show._artifacts import artifacts

DOCUMENTATION = r"""
name: artifacts
short_description: Tell in few words what was judged, for the jobs that follow
version_added: "0.1.0"
author: The configmgr.tenant_attach authors (@configmgr)
description:
  - Returns what C(ansible.builtin.set_stats) leaves as artifacts of a job. In a workflow they become extra variables of
    the jobs that follow.
  - They are small, since the controller stores them with each job, and equal where the findings are equal.
positional: _input
options:
  _input:
    description: What M(configmgr.tenant_attach.judge) returned.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Leave the artifacts
  ansible.builtin.set_stats:
    data: "{{ judged | configmgr.tenant_attach.artifacts }}"
    per_host: false
"""

RETURN = r"""
_value:
  description: The artifacts.
  type: dict
  contains:
    tenant_attach_verdict:
      description: V(ready), V(not_ready) or V(not_proven).
      type: str
    tenant_attach_ready:
      description: Whether the verdict is V(ready).
      type: bool
    tenant_attach_outcomes:
      description: How many findings have each of the five outcomes.
      type: dict
    tenant_attach_waived:
      description: How many findings are waived.
      type: int
    tenant_attach_fails_on:
      description: The values of C(fail_on) with which the run fails, other than V(never).
      type: list
      elements: str
    tenant_attach_failing:
      description: Ids of prerequisites that fail somewhere and are not waived there, at most 20.
      type: list
      elements: str
    tenant_attach_unknown:
      description: Ids of prerequisites that could not be observed somewhere, at most 20.
      type: list
      elements: str
    tenant_attach_sites_not_ready:
      description: Codes of sites whose verdict is not V(ready), at most 20.
      type: list
      elements: str
"""


class FilterModule:
    """Filters of the collection."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return them by name."""
        return {"artifacts": artifacts}
