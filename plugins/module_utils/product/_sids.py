# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Well-known security identifiers. PRIVATE to the collection.

Source: https://learn.microsoft.com/windows-server/identity/ad-ds/manage/understand-security-identifiers
"""

from __future__ import annotations

EVERYONE = "S-1-1-0"
AUTHENTICATED_USERS = "S-1-5-11"
PRE_WINDOWS_2000, AUTHORIZATION_ACCESS = "S-1-5-32-554", "S-1-5-32-560"
GROUPS = {
    PRE_WINDOWS_2000: "Pre-Windows 2000 Compatible Access",
    AUTHORIZATION_ACCESS: "Windows Authorization Access Group",
}
# Principals that every computer of the domain is: Everyone, Authenticated Users.
ALL_COMPUTERS = (EVERYONE, AUTHENTICATED_USERS)
