# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the modules that change roles of Intune have in common."""

from __future__ import annotations


class ModuleDocFragment:
    """Options of Multi Admin Approval."""

    DOCUMENTATION = r"""
options:
  approval_justification:
    description:
      - Why the change is made, for the administrators who approve it.
      - Needed where the tenant protects role-based access control with Multi Admin Approval, and ignored elsewhere.
    type: str
  approval_code:
    description:
      - Code of a request that was approved, as RV(approval_required) returned it. It is sent in place of
        O(approval_justification).
      - It belongs to one request. All other options must be as they were when the approval was asked for.
    type: str
seealso:
  - name: Multi Admin Approval and Microsoft Graph
    description: How a change is requested, approved, and made.
    link: https://learn.microsoft.com/intune/fundamentals/role-based-access-control/multi-admin-approval-graph-api
"""
