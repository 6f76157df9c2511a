# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Open the listeners of the cloud side, and say what a playbook needs to reach them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..certificates import Authority, server_context
from ..listeners import Listeners
from ..log import RequestLog
from ..scenario import Scenario
from .common import Cloud
from .credentials import Credentials
from .graph import GraphService
from .tenant import CloudFault, Tenant, plain
from .tokens import AuthorityService, IdentityService

CERTIFICATE_DAYS = 300
HOST = "localhost"
# Authority, Graph and the identity endpoint.
CLOUD_PORTS = 3


async def open_cloud(
    scenario: Scenario, listeners: Listeners, log: RequestLog, own: Authority, *, state: Path, first_port: int
) -> dict[str, Any]:
    """Open authority, Graph and identity endpoint on consecutive ports; what ``vars.yml`` says about them."""
    tenant = scenario.tenant
    if tenant is None:
        return {}
    cloud = Cloud(tenant, Credentials(tenant), log)
    context = server_context(state / "tls" / "cloud.pem", own.issue(HOST, CERTIFICATE_DAYS))
    ports = [first_port + offset if first_port else 0 for offset in range(CLOUD_PORTS)]
    authority, graph = AuthorityService(cloud), GraphService(cloud)
    port = await listeners.add_handler(authority.handle, context, ports[0], _down(tenant.authority_faults))
    cloud.authority_url = f"https://{HOST}:{port}"
    port = await listeners.add_handler(graph.handle, context, ports[1], _down(tenant.faults))
    cloud.graph_url = f"https://{HOST}:{port}"
    port = await listeners.add_handler(IdentityService(cloud).handle, None, ports[2], down=False)
    cloud.identity_url = f"http://{HOST}:{port}"
    return _variables(cloud, tenant, state)


def _down(faults: Any) -> bool:
    fault: CloudFault | None = faults.get("*")
    return fault is not None and fault.kind == "down"


def _variables(cloud: Cloud, tenant: Tenant, state: Path) -> dict[str, Any]:
    credentials = cloud.credentials
    expectations = {"tenant_attach_expectations": {"operators": list(tenant.operators)}} if tenant.operators else {}
    return {
        **expectations,
        "tenant_attach_graph": {
            "tenant_id": tenant.id,
            "client_id": tenant.client_id,
            "client_secret": credentials.secret,
            "authority_url": cloud.authority_url,
            "graph_url": cloud.graph_url,
            "ca_path": str(state / "ca.pem"),
            # Loopback is reached directly, whatever proxy the environment names.
            "proxy_url": "",
        },
        "lab": {
            "cloud": {
                **credentials.write(state / "credentials"),
                "certificate_password": credentials.password,
                "expired_secret": credentials.expired_secret,
                "identity_url": cloud.identity_url,
                "token": credentials.access_token(cloud.graph_url, 86400),
                "expired_token": credentials.access_token(cloud.graph_url, -600),
                "foreign_token": credentials.access_token("https://elsewhere.example", 86400),
                # One token for each permission, which lacks just that.
                "tokens_without": {
                    name: credentials.access_token(
                        cloud.graph_url, 86400, tuple(other for other in tenant.permissions if other != name)
                    )
                    for name in tenant.permissions
                },
                "permissions": list(tenant.permissions),
                "tenant": plain(tenant),
            },
        },
    }


def merge_into(variables: dict[str, Any], more: dict[str, Any]) -> None:
    """Add variables, and one level below those that are there."""
    for name, value in more.items():
        variables[name] = {**variables.get(name, {}), **value}
