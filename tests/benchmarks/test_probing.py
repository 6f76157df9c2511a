# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How fifty SMS Providers are probed: ours, ours one after the other, and a plain script, in one run on one lab.

Prints the median of each and their ratios. Nothing is asserted but that all of them saw the same. There is no waiting
on loopback, so that what working side by side wins on a real network does not show here.
"""

from __future__ import annotations

import statistics
import time
import typing as t

import requests
import urllib3
from integration.harness import Lab, running

from ansible_collections.configmgr.tenant_attach.plugins.module_utils.adminservice._options import Connection
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.collect._health import survey

if t.TYPE_CHECKING:
    from pathlib import Path

ROUNDS = 5
PATHS = ("v1.0/$metadata", "wmi/SMS_Site?$top=1", "v1.0/Device?$top=1")
DEFAULTS = {
    "username": None,
    "password": None,
    "validate_certs": True,
    "timeout": 30,
    "deadline": 120,
    "proxy_url": None,
}


def ours(lab: Lab, at_once: int) -> int:
    connection = Connection({**DEFAULTS, **lab.adminservice})
    results = survey(
        connection.client(),
        lambda provider: connection.client(provider["host"], provider["build"]),
        named=None,
        deadline=connection.deadline,
        at_once=at_once,
    )
    return sum(result["healthy"] for result in results)


def plain(lab: Lab) -> int:
    """A script as one writes it in an hour: the providers are known, a connection for each request, no verification."""
    headers = {"Authorization": f"Bearer {lab.adminservice['token']}"}
    healthy = 0
    for address in lab.adminservice["connect_to"].values():
        answers = [
            requests.get(f"https://{address}/AdminService/{path}", headers=headers, verify=False, timeout=30)
            for path in PATHS
        ]
        healthy += all(answer.status_code == 200 for answer in answers)
    return healthy


def test_probing_fifty_providers(tmp_path: Path) -> None:
    urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
    with running(tmp_path, "max") as lab:
        contenders: dict[str, t.Callable[[], int]] = {
            "side by side": lambda: ours(lab, 32),
            "one after the other": lambda: ours(lab, 1),
            "plain script": lambda: plain(lab),
        }
        seconds: dict[str, list[float]] = {name: [] for name in contenders}
        for _round in range(ROUNDS):
            for name, probe in contenders.items():
                begun = time.perf_counter()
                assert probe() == 50, name
                seconds[name].append(time.perf_counter() - begun)
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    for name, median in medians.items():
        print(f"{name:<20} {median:6.2f} s, {median / medians['side by side']:5.1f} times side by side")  # noqa: T201  # What it is for.
