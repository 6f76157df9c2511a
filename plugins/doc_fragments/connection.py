# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the connections with AdminService, Microsoft Graph and Active Directory have in common."""

from __future__ import annotations


class ModuleDocFragment:
    """Options that each connection has, and those of the two that sign in with Kerberos."""

    DOCUMENTATION = r"""
options:
  timeout:
    description: Seconds to wait for each step of one request.
    type: int
    default: 30
"""

    KERBEROS = r"""
options:
  password:
    description:
      - Password of O(username). With Kerberos it gets a ticket, which stays in the memory of the module.
      - If not given, the environment variable E(CONFIGMGR_PASSWORD) counts, or E(DIRECTORY_PASSWORD) for Active
        Directory.
    type: str
  keytab:
    description:
      - Keytab with the keys of O(username), or of one account only, to get a ticket with.
      - Not together with O(password) or O(ccache).
      - If not given, the environment variable E(CONFIGMGR_KEYTAB) counts, or E(DIRECTORY_KEYTAB) for Active Directory.
    type: path
  ccache:
    description:
      - Cache of Kerberos tickets to take, as a path or as C(KRB5CCNAME) would name it. It is read, and never written.
      - Without it, O(password) and O(keytab), the cache of the environment counts.
      - If not given, the environment variable E(CONFIGMGR_CCACHE) counts, or E(DIRECTORY_CCACHE) for Active Directory.
    type: path
"""
