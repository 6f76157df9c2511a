# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The clouds of Microsoft Entra and Microsoft Graph, and their hosts. PRIVATE to the collection.

Source: https://learn.microsoft.com/graph/deployments
"""

from __future__ import annotations

import typing as t


class Cloud(t.NamedTuple):
    """Where a cloud signs in and answers."""

    login: str
    graph: str


CLOUDS = {
    "public": Cloud("https://login.microsoftonline.com", "https://graph.microsoft.com"),
    "us_gov_gcc_high": Cloud("https://login.microsoftonline.us", "https://graph.microsoft.us"),
    "us_gov_dod": Cloud("https://login.microsoftonline.us", "https://dod-graph.microsoft.us"),
    "china": Cloud("https://login.chinacloudapi.cn", "https://microsoftgraph.chinacloudapi.cn"),
}
# What azure.azcollection and AWX call them. DoD has no name of its own there.
AZURE_NAMES = {
    "azurecloud": "public",
    "azurepubliccloud": "public",
    "azureusgovernment": "us_gov_gcc_high",
    "azureusgovernmentcloud": "us_gov_gcc_high",
    "azurechinacloud": "china",
}
