# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE to the collection: what visits to Windows hosts add to the evidence."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping

Json = dict[str, t.Any]
Results = Mapping[str, t.Any]

FIELDS = ("hostname", "os", "dotnet_release", "clock_skew_seconds", "proxy_settings_per_user", "winhttp")
# By name of the result, what it tells.
INFO, PROBE = "site_system_info", "endpoint_probe"


def hosts_of(document: Results) -> dict[str, bool]:
    """Return the hosts that are worth a visit, and whether each is a service connection point.

    Args:
        document: The evidence, in which the hierarchy may be missing.
    """
    hierarchy = document.get("hierarchy")
    found = hierarchy if isinstance(hierarchy, Mapping) else {}
    upper = {site["code"] for site in found.get("sites") or () if site["type"] != "secondary"}
    hosts = {entry["host"]: False for entry in found.get("providers") or () if entry["site"] in upper}
    return {**hosts, **{entry["host"]: True for entry in found.get("service_connection_points") or ()}}


def visits(document: Results, names: t.Iterable[str]) -> list[str]:
    """Return which hosts of the inventory are to be visited: those that the hierarchy has, in whatever case."""
    wanted = {host.casefold() for host in hosts_of(document)}
    return [name for name in names if name.casefold() in wanted]


def add_hosts(document: Results, results: Mapping[str, Results]) -> Json:
    """Return evidence with what was observed on hosts. What was not visited stands there too, as an error.

    Args:
        document: The evidence.
        results: By name in the inventory, what the actions returned there.
    """
    seen = {name.casefold(): found for name, found in results.items()}
    entries = [_entry(host, point, seen.get(host.casefold())) for host, point in hosts_of(document).items()]
    return {**document, "hosts": entries}


def _entry(host: str, point: bool, results: Results | None) -> Json:
    if results is None:
        return {
            "host": host,
            "errors": dict.fromkeys((*FIELDS, *(("endpoints",) if point else ())), _not_visited(host)),
        }
    info, probe = results.get(INFO) or {}, results.get(PROBE) or {}
    entry: Json = {"host": host, "errors": {}}
    told = info.get("site_system")
    if isinstance(told, Mapping):
        entry |= {field: told[field] for field in FIELDS if field in told}
    else:
        entry["errors"] |= dict.fromkeys(FIELDS, _error(host, info))
    if point:
        rows = probe.get("endpoints")
        if isinstance(rows, list):
            entry["endpoints"] = rows
        else:
            # What was not reached the first time was not asked a second time.
            entry["errors"]["endpoints"] = _error(host, info if info.get("unreachable") else probe)
    return entry


def _error(host: str, result: Results) -> Json:
    error = result.get("error")
    if isinstance(error, Mapping):
        return dict(error)
    unreachable = bool(result.get("unreachable"))
    return {
        "kind": "unreachable" if unreachable else "module",
        "expected": "the host to be reached through its connection" if unreachable else "the action to run",
        "observed": " ".join(str(result.get("msg") or "no result").split())[:300],
        "where": host,
        "next_step": "check the connection variables of the host (ansible_connection, ansible_user, …) and its listener"
        if unreachable
        else "run the action alone with -vvv",
        "rights": [],
    }


def _not_visited(host: str) -> Json:
    return {
        "kind": "not_visited",
        "expected": "a visit to the host",
        "observed": "the inventory does not have it",
        "where": host,
        "next_step": "add the host to the inventory, with a connection; the inventory plugin "
        "configmgr.tenant_attach.hierarchy names all of them",
        "rights": [],
    }
