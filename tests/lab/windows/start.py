# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Open the listeners of the Windows hosts, and write the inventory that leads to them."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from ..certificates import Authority, server_context
from ..files import write_private
from ..listeners import LOOPBACK, Listeners
from ..log import RequestLog
from ..scenario import Scenario
from .machine import Machine
from .winrm import Login, WinRmService

CERTIFICATE_DAYS = 300
USERNAME = "labadmin"


async def open_windows(
    scenario: Scenario, listeners: Listeners, log: RequestLog, own: Authority, *, state: Path, first_port: int
) -> dict[str, Any]:
    """Open a port for each host, write ``inventory.yml``; what ``vars.yml`` says about them."""
    login = Login(USERNAME, secrets.token_urlsafe(18))
    names = {host: scenario.fqdn(host) for host in scenario.windows}
    # One certificate for all: it is theirs, and that of the address at which they are found.
    pem = own.issue("localhost", CERTIFICATE_DAYS, also=(*names.values(), LOOPBACK))
    context = server_context(state / "tls" / "windows.pem", pem)
    accounts = [f"{scenario.netbios}\\{host.upper()}$" for host in scenario.hosts]
    ports: dict[str, int] = {}
    for offset, (host, played) in enumerate(scenario.windows.items()):
        service = WinRmService(Machine(played, names[host], accounts), login, log)
        port = first_port + offset if first_port else 0
        ports[host] = await listeners.add_handler(service.handle, context, port, played.down)
    path = state / "inventory.yml"
    inventory = _inventory(scenario, ports, login, state)
    write_private(path, yaml.safe_dump(inventory, sort_keys=False, width=1000).encode())
    return {
        "lab": {
            "windows": {
                "inventory": str(path),
                "username": login.username,
                "password": login.password,
                "hosts": {names[host]: port for host, port in ports.items()},
            }
        }
    }


def _inventory(scenario: Scenario, ports: dict[str, int], login: Login, state: Path) -> dict[str, Any]:
    groups: dict[str, Iterable[str]] = {
        "service_connection_point": scenario.connection_points,
        "sms_provider": scenario.providers,
        "site_database": scenario.sql_servers,
    }
    return {
        "all": {
            "hosts": {"localhost": {"ansible_connection": "local"}},
            "children": {
                "windows": {
                    "vars": {
                        "ansible_connection": "winrm",
                        "ansible_host": LOOPBACK,
                        "ansible_user": login.username,
                        "ansible_password": login.password,
                        "ansible_winrm_transport": "basic",
                        "ansible_winrm_scheme": "https",
                        "ansible_winrm_ca_trust_path": str(state / "ca.pem"),
                        # Loopback is reached directly, whatever proxy the environment names.
                        "ansible_winrm_proxy": None,
                    },
                    "children": {
                        group: {
                            "hosts": {
                                scenario.fqdn(host): {"ansible_port": ports[host]} for host in hosts if host in ports
                            }
                        }
                        for group, hosts in groups.items()
                    },
                },
            },
        },
    }
