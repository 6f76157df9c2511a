# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names of the product that collecting and judging share. Imports nothing. PRIVATE to the collection."""

from __future__ import annotations

# The right that every read needs.
READER = "ConfigMgr: Read-only Analyst with all scopes and collections"

# Roles of site systems, in the product's own words.
SITE_SERVER_ROLE = "SMS Site Server"
PROVIDER_ROLE = "SMS Provider"
CONNECTION_POINT_ROLE = "SMS Dmp Connector"
SITE_SYSTEM_ROLE = "SMS Site System"
SQL_SERVER_ROLE = "SMS SQL Server"

PROVIDER_COMPONENT = "SMS_REST_PROVIDER"
CONNECTOR_COMPONENT = "SMS_SERVICE_CONNECTOR"
ENTRA_DISCOVERY_COMPONENT = "SMS_AZUREAD_DISCOVERY_AGENT"

# Status messages of the service connection point's own endpoint check, and of the site's connection to cloud services.
ALL_PASSED = 11410
SOME_FAILED = 11411
CRITICAL_FAILED = 11412
NO_CONNECTION = 11488
