# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filter configmgr.tenant_attach.merge_evidence."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleFilterError
from ansible.utils.unsafe_proxy import wrap_var

from ..module_utils._errors import TenantAttachError
from ..plugin_utils.collect import _merge, _stored

DOCUMENTATION = r"""
name: merge_evidence
short_description: Merge the evidence of several runs of one estate
version_added: "0.1.0"
author: The configmgr.tenant_attach authors (@configmgr)
description:
  - Makes one evidence document of several, such as those of the slices of a sliced job, each of which has visited a
    part of the hosts.
  - What was observed wins over an error, and an error of a visit over the note that there was none. Of two observations
    the newer wins. This goes value by value, for hosts, accounts, the hierarchy and the tenant.
  - Of two probes of an SMS Provider the newer wins, but one that did not reach it loses.
  - The time of the merged document is that of the newest. Judging takes it as the present.
  - Documents that do not belong together are refused, with their names. These are documents of different hierarchies,
    tenants or versions of the schema, the same document twice, and evidence of different times.
positional: _input
options:
  _input:
    description: Evidence documents, files that hold one, and patterns of such files.
    type: list
    elements: raw
    required: true
  window:
    description: Minutes before the newest document from which on evidence counts as being of one scan.
    type: int
    default: 1440
  older:
    description:
      - What becomes of evidence that is older.
      - V(leave_out) does not take it. What only an older document has observed is then C(unknown).
    type: str
    choices: [refuse, leave_out]
    default: refuse
"""

EXAMPLES = r"""
- name: Merge what the slices of a job have left
  ansible.builtin.set_fact:
    evidence: >-
      {{ ['/var/lib/tenant-attach/slices/*/evidence.json']
         | configmgr.tenant_attach.merge_evidence(window=120, older='leave_out') }}
"""

RETURN = r"""
_value:
  description: The evidence document. C(docs/evidence.schema.json) describes every key.
  type: dict
"""


def merge_evidence(
    sources: t.Sequence[t.Any], window: int = _merge.WINDOW, older: str = _merge.OLDER[0]
) -> dict[str, t.Any]:
    """Return the merged evidence document."""
    try:
        merged = _merge.merge(_stored.read(sources), window=int(window), older=older)
    except TenantAttachError as exc:
        raise AnsibleFilterError(str(exc)) from exc
    # A site may be called anything: what a file says is never taken for a template.
    return t.cast("dict[str, t.Any]", wrap_var(merged))


class FilterModule:
    """Filters of the collection."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return them by name."""
        return {"merge_evidence": merge_evidence}
