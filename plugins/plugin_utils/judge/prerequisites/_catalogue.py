# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The catalogue: all prerequisites, in the order in which reports show them. PRIVATE to the collection."""

from __future__ import annotations

from . import (
    _accounts,
    _adminservice,
    _attach,
    _clients,
    _cloud,
    _connection_point,
    _directory,
    _hierarchy,
    _hosts,
    _network,
    _onboarding,
    _operators,
    _provider_layout,
)

CATALOGUE = (
    *_hierarchy.PREREQUISITES,
    *_connection_point.PREREQUISITES,
    *_adminservice.PREREQUISITES,
    *_provider_layout.PREREQUISITES,
    *_directory.PREREQUISITES,
    *_accounts.PREREQUISITES,
    *_clients.PREREQUISITES,
    *_attach.PREREQUISITES,
    *_cloud.PREREQUISITES,
    *_onboarding.PREREQUISITES,
    *_operators.PREREQUISITES,
    *_network.PREREQUISITES,
    *_hosts.PREREQUISITES,
)
