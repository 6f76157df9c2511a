# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE to the collection: what visits to Windows hosts add to the evidence."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping

from ...module_utils._errors import ModuleError, NotVisitedError, UnreachableError, UntoldAccountsError
from ...module_utils.product import _double_hop
from . import _directory_objects

Json = dict[str, t.Any]
Results = Mapping[str, t.Any]

# What is observed on service connection points and SMS Providers. Of SQL Servers, only the local group.
FIELDS = ("hostname", "os", "dotnet_release", "clock_skew_seconds", "proxy_settings_per_user", "winhttp")
# By name of the result, what it tells.
INFO, PROBE, GROUP = "site_system_info", "endpoint_info", "local_group"
# What ansible.windows.win_group_membership says, in its own words, which no language of Windows changes.
_NO_GROUP = "Could not find local group"


class Visit(t.NamedTuple):
    """What a host is worth a visit for. `members` are computers that should be in the local group."""

    point: bool = False
    observe: bool = False
    members: tuple[str, ...] = ()


def hosts_of(document: Results) -> dict[str, Visit]:
    """Return the hosts that are worth a visit.

    Args:
        document: The evidence, in which the hierarchy may be missing.
    """
    hierarchy = document.get("hierarchy")
    found = hierarchy if isinstance(hierarchy, Mapping) else {}
    upper = {site["code"] for site in found.get("sites") or () if site["type"] != "secondary"}
    hosts = {entry["host"]: Visit(observe=True) for entry in found.get("providers") or () if entry["site"] in upper}
    hosts |= {entry["host"]: Visit(True, True) for entry in found.get("service_connection_points") or ()}
    for host, members in _double_hop.plan(found).entries("local_group").items():
        hosts[host] = hosts.get(host, Visit())._replace(members=members)
    return hosts


def visits(document: Results, names: t.Iterable[str]) -> dict[str, Json]:
    """Return which hosts of the inventory are to be visited, and what for: those that the hierarchy has, in any case.

    Args:
        document: The evidence, in which the hierarchy may be missing.
        names: The hosts of the inventory.
    """
    found = {host.casefold(): visit for host, visit in hosts_of(document).items()}
    wanted = {}
    for name in names:
        visit = found.get(name.casefold(), Visit())
        members = list(_members(document, visit).values())
        if visit.observe or members:
            wanted[name] = {
                "observe": visit.observe,
                "probe": visit.point,
                "local_group": _double_hop.GROUP if members else "",
                "members": members,
            }
    return wanted


def _members(document: Results, visit: Visit) -> dict[str, str]:
    """Return the accounts that should be in the local group; none where one of them is not known."""
    directory = document.get("directory")
    known = _directory_objects.accounts(directory, visit.members) if isinstance(directory, Mapping) else {}
    return known if len(known) == len(visit.members) else {}


def add_hosts(document: Results, results: Mapping[str, Results]) -> Json:
    """Return evidence with what was observed on hosts. What was not visited stands there too, as an error.

    Args:
        document: The evidence.
        results: By name in the inventory, what the actions returned there.
    """
    seen = {name.casefold(): found for name, found in results.items()}
    entries = [_entry(document, host, visit, seen.get(host.casefold())) for host, visit in hosts_of(document).items()]
    return {**document, "hosts": entries}


def _entry(document: Results, host: str, visit: Visit, results: Results | None) -> Json:
    entry: Json = {"host": host, "errors": {}}
    if visit.members:
        entry |= _local_group(document, host, visit, results, entry["errors"])
    wanted = (*FIELDS, "endpoints") if visit.point else FIELDS if visit.observe else ()
    if results is None:
        entry["errors"] |= dict.fromkeys(wanted, _not_visited(host))
    elif visit.observe:
        entry |= _observed(host, visit.point, results, entry["errors"])
    return entry


def _observed(host: str, point: bool, results: Results, errors: Json) -> Json:
    entry: Json = {}
    info, probe = results.get(INFO) or {}, results.get(PROBE) or {}
    told = info.get("site_system")
    if isinstance(told, Mapping):
        entry |= {field: told[field] for field in FIELDS if field in told}
    else:
        errors |= dict.fromkeys(FIELDS, _error(host, info))
    if point:
        rows = probe.get("endpoints")
        if isinstance(rows, list):
            entry["endpoints"] = rows
        else:
            # What was not reached the first time was not asked a second time.
            errors["endpoints"] = _error(host, info if info.get("unreachable") else probe)
    return entry


def _local_group(document: Results, host: str, visit: Visit, results: Results | None, errors: Json) -> Json:
    """Return what the check mode of ansible.windows.win_group_membership has told."""
    if not _members(document, visit):
        errors[GROUP] = _no_accounts(document, visit)
        return {}
    if results is None:
        errors[GROUP] = _not_visited(host)
        return {}
    told = results.get(GROUP) or {}
    if str(told.get("msg", "")).startswith(_NO_GROUP):
        return {GROUP: {"name": _double_hop.GROUP, "exists": False, "members": [], "missing": []}}
    # It lists the members where it has worked, and only there.
    if told.get("unreachable") or not all(isinstance(told.get(key), list) for key in ("added", "members")):
        info = results.get(INFO) or {}
        errors[GROUP] = _error(host, info if info.get("unreachable") else told)
        return {}
    missing = told["added"]
    # In check mode the module counts those in that it would add.
    members = [name for name in told["members"] if name not in missing]
    return {GROUP: {"name": _double_hop.GROUP, "exists": True, "members": members, "missing": missing}}


def _no_accounts(document: Results, visit: Visit) -> Json:
    directory = document.get("directory")
    error = directory.get("error") if isinstance(directory, Mapping) else None
    if isinstance(error, Mapping):
        return dict(error)
    absent = {
        entry["name"].casefold(): entry["error"].get("observed")
        for entry in (directory or {}).get("computers") or ()
        if isinstance(entry.get("error"), Mapping)
    }
    told = [f"{name}: {absent[name.casefold()]}" for name in visit.members if name.casefold() in absent]
    return UntoldAccountsError(
        expected=f"the directory to tell the accounts of {', '.join(visit.members)}",
        observed="; ".join(told) or "it was not asked",
        next_step="set tenant_attach_directory to a connection with Active Directory",
    ).as_dict()


def _error(host: str, result: Results) -> Json:
    error = result.get("error")
    if isinstance(error, Mapping):
        return dict(error)
    observed = " ".join(str(result.get("msg") or "no result").split())[:300]
    if result.get("unreachable"):
        return UnreachableError(
            expected="the host to be reached through its connection",
            observed=observed,
            where=host,
            next_step="check the connection variables of the host (ansible_connection, ansible_user, …) and its "
            "listener",
        ).as_dict()
    return ModuleError(
        expected="the action to run", observed=observed, where=host, next_step="run the action alone with -vvv"
    ).as_dict()


def _not_visited(host: str) -> Json:
    return NotVisitedError(
        expected="a visit to the host",
        observed="the inventory does not have it",
        where=host,
        next_step="add the host to the inventory, with a connection; the inventory plugin "
        "configmgr.tenant_attach.hierarchy names all of them",
    ).as_dict()
