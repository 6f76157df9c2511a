# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Command line: ``PYTHONPATH=tests python -m lab --scenario NAME_OR_PATH --state-dir DIR``."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from . import scenario as scenarios
from .auth import Account, Gatekeeper, make_accounts
from .certificates import Authority
from .cloud.start import CLOUD_PORTS, merge_into, open_cloud
from .estate import Estate
from .files import write_atomically, write_private
from .listeners import LOOPBACK, Listeners, tls_context
from .log import RequestLog
from .reader import ScenarioError
from .scenario import Scenario
from .schema import read_schema
from .server import ProviderService
from .windows.start import open_windows


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="lab", description="Plays a Configuration Manager estate.")
    parser.add_argument("--scenario", required=True, help="name of a scenario of the lab, or path of a scenario file")
    parser.add_argument("--state-dir", required=True, type=Path, help="directory for certificates, log and vars.yml")
    parser.add_argument("--port", type=int, default=0, help="port of the first provider; the others follow")
    parser.add_argument("--overlay", type=Path, action="append", default=[], help="YAML or JSON file to lay over it")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="e.g. provider.<fqdn>.fault=down; may be repeated",
    )
    parser.add_argument("--keytab", type=Path, help="keys of the SMS Providers; without it there is no Kerberos")
    parser.add_argument("--krb5-conf", type=Path, help="configuration of Kerberos, in place of the machine's")
    return parser.parse_args()


def _variables(
    scenario: Scenario, state: Path, scenario_name: str, accounts: Mapping[str, Account], ports: Mapping[str, int]
) -> dict[str, Any]:
    """What a playbook needs to reach the lab."""
    return {
        "tenant_attach_adminservice": {
            "provider": scenario.fqdn(scenario.entry),
            "auth": "token",
            "token": accounts["auditor"].token,
            "ca_path": str(state / "ca.pem"),
            "connect_to": {fqdn: f"{LOOPBACK}:{port}" for fqdn, port in ports.items()},
        },
        "tenant_attach_expectations": dict(scenario.expectations),
        "lab": {
            "scenario": scenario_name,
            "state_dir": str(state),
            "requests_log": str(state / "requests.jsonl"),
            "other_ca_path": str(state / "other-ca.pem"),
            "accounts": {
                name: {
                    "username": account.username,
                    "password": account.password,
                    "token": account.token,
                    "expired_token": account.expired_token,
                }
                for name, account in accounts.items()
            },
        },
    }


async def _run(arguments: argparse.Namespace, scenario: Scenario, state: Path) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    estate = Estate(scenario, read_schema())
    own, other = Authority("SMS Issuing"), Authority("Somebody Else Issuing")
    (state / "ca.pem").write_bytes(own.pem())
    (state / "other-ca.pem").write_bytes(other.pem())
    accounts = make_accounts(scenario.accounts, scenario.netbios)
    gatekeeper = Gatekeeper(accounts, scenario.netbios, scenario.domain, state / "ntlm-users")
    log = RequestLog(state / "requests.jsonl")
    listeners = Listeners()
    ports: dict[str, int] = {}
    try:
        for index, provider in enumerate(scenario.providers.values()):
            if provider.fault and provider.fault.kind == "not_resolving":
                continue
            service = ProviderService(estate, provider, gatekeeper, log)
            context = tls_context(provider, service.fqdn, own, other, state / "tls")
            port = arguments.port + index if arguments.port else 0
            ports[service.fqdn] = await listeners.add(service, provider, context, port)
        variables = _variables(scenario, state, arguments.scenario, accounts, ports)
        if scenario.tenant is not None:
            first = arguments.port + len(scenario.providers) if arguments.port else 0
            merge_into(variables, await open_cloud(scenario, listeners, log, own, state=state, first_port=first))
        first = arguments.port + len(scenario.providers) + CLOUD_PORTS if arguments.port else 0
        merge_into(variables, await open_windows(scenario, listeners, log, own, state=state, first_port=first))
        text = yaml.safe_dump(variables, sort_keys=False, allow_unicode=True, width=1000)
        write_private(state / "vars.yml", text.encode())
        write_atomically(state / "ready", b"")
        print(state / "vars.yml", flush=True)
        await stop.wait()
    finally:
        await listeners.close()
        log.close()


def main() -> int:
    """Run the lab until it is told to stop."""
    arguments = _arguments()
    # The libraries read these with every handshake. What the environment has must not matter: it is not the lab's.
    os.environ["KRB5_KTNAME"] = str(arguments.keytab.resolve()) if arguments.keytab else os.devnull
    if arguments.krb5_conf:
        os.environ["KRB5_CONFIG"] = str(arguments.krb5_conf.resolve())
    state: Path = arguments.state_dir.resolve()
    try:
        scenario = scenarios.load(arguments.scenario, arguments.overlay, arguments.set)
        state.mkdir(parents=True, exist_ok=True)
        (state / "ready").unlink(missing_ok=True)
        asyncio.run(_run(arguments, scenario, state))
    except ScenarioError as error:
        print(f"lab: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"lab: {error.strerror}: {error.filename}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
