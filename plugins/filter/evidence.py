# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filter plugin configmgr.tenant_attach.evidence."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleFilterError

from ..module_utils._errors import TenantAttachError
from ..plugin_utils.collect._assembly import assemble

DOCUMENTATION = r"""
name: evidence
short_description: Make an evidence document of what modules returned
version_added: "0.1.0"
author: The configmgr.tenant_attach authors (@configmgr)
description:
  - Joins the registered results of the collecting modules into one document that C(judge) takes.
  - A result that failed leaves its error in the document, so that what depends on it becomes C(unknown).
positional: _input
options:
  _input:
    description: Results by section, C(hierarchy), C(adminservice), C(tenant) and C(accounts).
    type: dict
    required: true
  collected_at:
    description: Time of collection, ISO 8601 in UTC.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Make the evidence
  ansible.builtin.set_fact:
    evidence: >-
      {{ {'hierarchy': hierarchy_result, 'adminservice': health_result}
         | configmgr.tenant_attach.evidence(collected_at='2026-11-23T20:00:00Z') }}
"""

RETURN = r"""
_value:
  description: The evidence document. C(docs/evidence.schema.json) describes every key.
  type: dict
"""


def evidence(results: t.Mapping[str, t.Mapping[str, t.Any]], collected_at: str) -> dict[str, t.Any]:
    """Return the evidence document."""
    try:
        return assemble(collected_at, results)
    except TenantAttachError as exc:
        raise AnsibleFilterError(str(exc)) from exc


class FilterModule:
    """Filters of the collection."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return them by name."""
        return {"evidence": evidence}
