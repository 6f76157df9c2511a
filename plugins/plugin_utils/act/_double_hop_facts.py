# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lists for the double hop, as playbooks take them. Pure. PRIVATE to the collection."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping

from ...module_utils.product._double_hop import GROUP, TITLES, plan

Json = Mapping[str, t.Any]


def as_facts(
    hierarchy: Json, sql_ports: Mapping[str, int] | None = None, names: t.Iterable[str] = ()
) -> dict[str, t.Any]:
    """Return the plan as playbooks take it.

    Args:
        hierarchy: As the module hierarchy_info returns it.
        sql_ports: By name of a SQL Server, the port of the instance with the site database.
        names: The hosts of the inventory, under whose names computers are reached.
    """
    found = plan(hierarchy, {host.casefold(): port for host, port in (sql_ports or {}).items()})
    known = {name.casefold(): name for name in names}
    groups, restarts = found.entries("local_group"), found.entries("restart")
    return {
        "reason": found.reason,
        "scenarios": list(found.scenarios),
        "steps": [
            {
                "scenario": step.scenario,
                "number": step.number,
                "kind": step.kind,
                "host": step.host,
                "entries": list(step.entries),
                "text": f"{TITLES[step.scenario]}, step {step.number}: {step.text()}",
            }
            for step in found.steps
        ],
        "group": GROUP,
        "local_groups": [_reached(host, known, members=list(members)) for host, members in groups.items()],
        "delegations": [{"host": host, "services": list(names)} for host, names in found.entries("delegation").items()],
        "restarts": [_reached(host, known) for host in restarts],
        "computers": list(found.computers()),
        "services": list(found.services()),
        "untold": found.untold,
        "unnamed": list(found.unnamed()),
        "unreached": [host for host in groups if host.casefold() not in known],
        "not_restartable": [host for host in restarts if host.casefold() not in known],
    }


def _reached(host: str, known: Mapping[str, str], **more: t.Any) -> dict[str, t.Any]:
    return {"host": host, "inventory_name": known.get(host.casefold(), ""), **more}


def against(facts: Json, directory: Json) -> dict[str, list[t.Any]]:
    """Return what the directory has of a plan.

    Args:
        facts: The plan, as `as_facts` returns it.
        directory: As the module directory_info returns it.
    """
    computers = {entry["name"].casefold(): entry for entry in directory["computers"]}
    services = {entry["name"].casefold(): entry for entry in directory["services"]}
    wrong, undelegated = [], []
    for name in facts["computers"]:
        entry = computers.get(name.casefold(), {})
        if not entry.get("account"):
            wrong.append(f"computer {name}: {_observed(entry)}")
    for name in facts["services"]:
        entry = services.get(name.casefold(), {})
        if len(entry.get("accounts") or ()) != 1:
            holders = ", ".join(entry.get("accounts") or ()) or _observed(entry)
            wrong.append(f"service {name}: {holders}")
    for delegation in facts["delegations"]:
        has = {name.casefold() for name in computers.get(delegation["host"].casefold(), {}).get("delegates_to") or ()}
        undelegated += [
            f"{delegation['host']}: {name}" for name in delegation["services"] if name.casefold() not in has
        ]
    groups = [
        {**group, "accounts": [computers[name.casefold()].get("account", "") for name in group["members"]]}
        for group in facts["local_groups"]
        if all(name.casefold() in computers for name in group["members"])
    ]
    return {"wrong": wrong, "undelegated": undelegated, "local_groups": groups}


def _observed(entry: Json) -> str:
    error = entry.get("error")
    return str(error.get("observed")) if isinstance(error, Mapping) else "not there"
