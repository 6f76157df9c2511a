# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the team of the healthy estate has declared."""

from __future__ import annotations

import typing as t

from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.documents._expectations import parse

ONBOARDER = "olivia.onboard@contoso.com"
OPERATORS = ["operator001@contoso.com", "operator002@contoso.com"]
NAMES: dict[str, t.Any] = {
    "cloud": "public",
    "provider_authentication_level": "windows",
    "scp_country": "DE",
    "onboarding_account": ONBOARDER,
    "operators": OPERATORS,
    "sql_ports": {"cm-p01-sql01.corp.contoso.example": 50001, "cm-p03-sql01.corp.contoso.example": 50001},
}
DECLARED = parse(NAMES)
