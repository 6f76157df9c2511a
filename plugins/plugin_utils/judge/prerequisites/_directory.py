# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE to the collection: prerequisites that stand in Active Directory and in local groups."""

from __future__ import annotations

import functools
import typing as t

from ....module_utils.product import _double_hop, _sids
from ....module_utils.product._site_names import READER
from ._model import DOCS, Context, Judgement, Remedy, Severity, Target, failed, passed, prerequisite, unknown
from ._shared import LOGON, providers, the_hierarchy

_READ = "Active Directory: read computer objects and groups, which every account of the domain may"
_COMPUTER = "directory/computers/{name}"
_LAYOUT = ("hierarchy/sites", "hierarchy/top_site", "hierarchy/providers", "hierarchy/site_systems")
_CMPIVOT = f"{DOCS}/core/servers/manage/cmpivot-changes"
_TAG = "cas_remote_provider"
_PORTS = "set tenant_attach_expectations.sql_ports for it"


def _plan(context: Context) -> _double_hop.Plan:
    return _double_hop.plan(context.evidence.get("hierarchy"), context.expectations.sql_ports)


def _computers(kind: str) -> t.Callable[[Context], t.Iterable[Target]]:
    """The computers that a kind of step is about, or the hierarchy where there is none."""

    def targets(context: Context) -> t.Iterable[Target]:
        plan = _plan(context)
        found = [Target("host", host, plan.site_of(host), {}) for host in plan.entries(kind)]
        return found or the_hierarchy(context)

    return targets


def _applies(context: Context, target: Target) -> str | None:
    """A hierarchy whose databases are not known may need it all the same."""
    if target.kind == "host":
        return None
    plan = _plan(context)
    return plan.reason or (None if plan.untold else "none of the lists of the product's page asks for it")


def _blind(plan: _double_hop.Plan, host: str = "") -> Judgement | None:
    """Judge what the hierarchy does not tell enough about: for one computer, or for all."""
    if plan.untold:
        return unknown(plan.untold, next_step="run the module hierarchy_info alone, and see its errors")
    if plan.unnamed(host):
        hosts = ", ".join(plan.unnamed(host))
        return unknown(f"the port of the named instance on {hosts} stands in no interface", next_step=_PORTS)
    return None


def _sql_servers(context: Context) -> t.Iterable[Target]:
    plan = _plan(context)
    wanted = set(plan.services())
    found = [
        Target("host", host, sql.site, {})
        for sql in (plan.databases or {}).values()
        if wanted.intersection(sql.services) or (plan.scenarios and sql.portless)
        for host in sql.servers
    ]
    return found or the_hierarchy(context)


def _primary_providers(context: Context) -> t.Iterable[Target]:
    primaries = {site["code"] for site in context.sites() if site["type"] == "primary"}
    return [target for target in providers(context) if target.site in primaries]


_rule = functools.partial(prerequisite, area="directory", scope="host", rights=(READER, _READ))
_double_hop_rule = functools.partial(
    _rule, severity=Severity.CRITICAL, enumerates=_LAYOUT, applies=_applies, source=_CMPIVOT
)


@_double_hop_rule(
    id="cas_delegation",
    title="Computers of the CAS hierarchy may delegate to the SQL Servers that they ask on behalf of users",
    why="Actions on devices of primary sites go over the CAS, its SMS Provider and a SQL Server. On the second hop "
    "the user is not known without constrained delegation.",
    expected="delegation to the specified services only, with Kerberos only: every service of the product's list",
    targets=_computers("delegation"),
    needs=(_COMPUTER,),
    remedy=Remedy(
        "the playbook enforce adds the services to the computer object, and restarts it when asked to",
        kind="enforce",
        tags=(_TAG, "cas_delegation"),
    ),
)
def _delegation(context: Context, target: Target) -> Judgement:
    plan = _plan(context)
    entry = context.evidence.get(f"directory/computers/{target.name}")
    has = {name.casefold() for name in entry["delegates_to"]}
    wanted = plan.entries("delegation")[target.name]
    missing = [name for name in wanted if name.casefold() not in has]
    wrong = [
        text
        for flag, text in (
            ("unconstrained", "trusted for delegation to any service"),
            ("protocol_transition", "trusted for delegation with any authentication protocol"),
        )
        if entry[flag]
    ]
    observed = f"trusted for {len(wanted) - len(missing)} of {len(wanted)} services"
    if wrong:
        return failed(
            "; ".join([*wrong, observed]),
            "the page asks for specified services only, and for Kerberos only",
            "find out who leans on it; the module constrained_delegation takes it away when asked to",
        )
    if missing:
        return failed(observed, f"missing: {', '.join(missing)}")
    return _blind(plan, target.name) or passed(observed)


@_double_hop_rule(
    id="cas_dview_access",
    title=f"The computers of the CAS are in {_double_hop.GROUP} on the SQL Servers of primary sites",
    why="Without it the SQL Server of the primary site refuses what the CAS asks it.",
    expected=f"the accounts that the product's list names, in the local group {_double_hop.GROUP}",
    targets=_computers("local_group"),
    needs=("hosts/{name}/local_group",),
    rights=(LOGON, "Windows: read local groups, as an administrator of the SQL Server may"),
    remedy=Remedy("the playbook enforce adds them to the local group", kind="enforce", tags=(_TAG, "cas_dview_access")),
)
def _dview(context: Context, target: Target) -> Judgement:
    group = context.evidence.get(f"hosts/{target.name}/local_group")
    if not group["exists"]:
        return failed(
            f"there is no local group {group['name']}",
            "the site makes it where distributed views are in use for the replication with the CAS",
            "see whether distributed views are on for the link with the CAS; the group is never made by hand",
        )
    if group["missing"]:
        return failed(f"missing: {', '.join(group['missing'])}")
    return passed(", ".join(group["members"]))


@_double_hop_rule(
    id="sql_service_names",
    title="The service names of the SQL Server are registered once",
    why="Delegation is to names. Kerberos gives no ticket for one that nobody has, or that two accounts have.",
    expected="MSSQLSvc names with the port, and with the instance where it has a name, each at one account",
    targets=_sql_servers,
    needs=("directory/services",),
    remedy=Remedy("register them for the account that the instance runs as: setspn -S NAME ACCOUNT"),
)
def _service_names(context: Context, target: Target) -> Judgement:
    plan = _plan(context)
    sql = next((each for each in (plan.databases or {}).values() if target.name in each.servers), None)
    if sql is None:
        return _blind(plan) or unknown("the hierarchy does not tell which computers are meant")
    found = {entry["name"].casefold(): entry for entry in context.evidence.get("directory/services")}
    asked = {name: found[name.casefold()] for name in sql.services if name.casefold() in found}
    broken = next((entry["error"] for entry in asked.values() if entry.get("error")), None)
    if broken or len(asked) < len(sql.services):
        return unknown(
            f"the directory did not tell: {(broken or {}).get('observed', 'it was not asked for all of them')}"
        )
    absent = [name for name, entry in asked.items() if not entry["accounts"]]
    twice = [f"{name} ({', '.join(entry['accounts'])})" for name, entry in asked.items() if len(entry["accounts"]) > 1]
    if absent:
        return failed(f"not registered: {', '.join(absent)}")
    if twice:
        return failed(f"registered more than once: {', '.join(twice)}", "Kerberos gives no ticket for such a name")
    if target.name in sql.portless:
        return unknown("the port of the named instance stands in no interface", next_step=_PORTS)
    return passed("; ".join(f"{name}: {entry['accounts'][0]}" for name, entry in asked.items()))


@_rule(
    id="provider_reads_groups",
    title="The SMS Provider of a primary site may read the groups of users",
    why="Otherwise the admin center says that the device can't be found or that you don't have permission.",
    expected=f"the computer is a member of {' or '.join(_sids.GROUPS.values())}",
    severity=Severity.HIGH,
    targets=_primary_providers,
    enumerates=("hierarchy/sites", "hierarchy/providers"),
    needs=(_COMPUTER, "directory/groups"),
    remedy=Remedy(
        f"the playbook enforce adds the computer to {_sids.GROUPS[_sids.AUTHORIZATION_ACCESS]}",
        kind="enforce",
        tags=("provider_reads_groups",),
    ),
    source=f"{DOCS}/tenant-attach/troubleshoot-client-details",
)
def _reads_groups(context: Context, target: Target) -> Judgement:
    own = set(context.evidence.get(f"directory/computers/{target.name}")["groups"])
    direct = [name for sid, name in _sids.GROUPS.items() if sid in own]
    if direct:
        return passed(f"a member of {', '.join(direct)}")
    # Membership of what every computer is, is in no attribute of the computer.
    old = next(entry for entry in context.evidence.get("directory/groups") if entry["name"] == _sids.PRE_WINDOWS_2000)
    if old.get("error"):
        return unknown(f"the directory did not tell its members: {old['error'].get('observed')}")
    everyone = [sid for sid in old["members"] if sid in _sids.ALL_COMPUTERS]
    if everyone:
        return passed(f"{_sids.GROUPS[_sids.PRE_WINDOWS_2000]} has {', '.join(everyone)} as a member")
    return failed("a member of neither group")


PREREQUISITES = (_delegation, _dview, _service_names, _reads_groups)
