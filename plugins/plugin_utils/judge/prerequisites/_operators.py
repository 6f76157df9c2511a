# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE to the collection: prerequisites of the people who onboard, and of those who start actions."""

from __future__ import annotations

import functools

from ....module_utils.product import _forms, _versions
from ....module_utils.product._site_names import READER
from ....module_utils.product._tenant_names import ENTRA_ROLES, GROUPS, INTUNE_ROLES, LICENCES, USERS
from ._model import DOCS, Context, Judgement, Remedy, Severity, Target, failed, passed, prerequisite, unknown, warned
from ._shared import exists, intune_decides, without_sync

_SOURCE = f"{DOCS}/tenant-attach/prerequisites"
_RBAC = f"{DOCS}/cloud-attach/use-intune-rbac"
# It reads, and starts nothing.
_READING_ROLES = frozenset({"Read-only Analyst"})


def _operators(context: Context) -> list[Target]:
    """The people who start actions, as declared."""
    return [Target("account", name, None, {}) for name in context.expectations.operators or ()]


def _administrators(context: Context) -> list[Target]:
    """Everybody who works in the admin center: the account that onboards, and the operators."""
    named = (context.expectations.onboarding_account, *(context.expectations.operators or ()))
    return [Target("account", name, None, {}) for name in dict.fromkeys(name for name in named if name)]


def _needs_hierarchy(context: Context, target: Target) -> str | None:
    if intune_decides(context):
        return "Intune's roles alone decide: the hierarchy need not know the account"
    return exists(context, target)


_rule = functools.partial(
    prerequisite,
    area="accounts",
    scope="account",
    severity=Severity.HIGH,
    targets=_operators,
    declared_in="operators",
    enumerates=(),
)


@_rule(
    id="administrator_intune_licence",
    title="The administrator has an Intune licence",
    why="Without one the admin center shows nothing, unless the tenant lets administrators in without.",
    expected="a service plan of Intune that is provisioned, or a tenant that lets administrators in without",
    targets=_administrators,
    applies=exists,
    needs=("accounts/{name}/found", "accounts/{name}/intune_licence"),
    rights=(USERS, LICENCES),
    remedy=Remedy("a License Administrator assigns one: Microsoft 365 admin center > Users"),
    source=_SOURCE,
)
def _licence(context: Context, target: Target) -> Judgement:
    licence = context.evidence.get(f"accounts/{target.name}/intune_licence")
    observed = f"licence: {licence}"
    if licence == "active":
        return passed(observed)
    if licence == "pending":
        return warned(observed, "it is on its way")
    if licence not in {"none", "disabled"}:
        return unknown("the state of the licence is not one that is known")
    missing = context.evidence.missing("tenant/unlicensed_admins")
    if missing is not None:
        return unknown(
            f"the tenant may let administrators in without a licence: {missing.reason}",
            observed,
            missing.next_step,
            missing.rights,
        )
    if context.evidence.get("tenant/unlicensed_admins") is True:
        return passed(
            observed,
            "the tenant lets administrators in without a licence; of an Intune role they have only what it gives to "
            "groups that they are in directly",
        )
    return failed(observed)


@_rule(
    id="operator_synced",
    title="The operator's account is synchronised and enabled",
    why="Configuration Manager knows an account by its SID in Active Directory, and the cloud by its copy.",
    expected="synchronised from Active Directory; not needed from version 2207 where Intune's roles alone decide",
    needs=("accounts/{name}/found", "accounts/{name}/enabled", "accounts/{name}/synced"),
    rights=(USERS,),
    remedy=Remedy("whoever runs Microsoft Entra Connect brings the account into its scope; or use another account"),
    source=_SOURCE,
)
def _synced(context: Context, target: Target) -> Judgement:
    path = f"accounts/{target.name}"
    if exists(context, target):
        return failed("the tenant has no such account", next_step="correct the declaration, or synchronise the account")
    synced = context.evidence.get(f"{path}/synced")
    observed = {"yes": "synchronised", "no_longer": "no longer synchronised", "never": "never synchronised"}.get(synced)
    if observed is None:
        return unknown("the state of synchronisation is not one that is known")
    if context.evidence.get(f"{path}/enabled") is not True:
        return failed(
            f"{observed}, disabled", "a disabled account cannot sign in", "enable the account, or leave it out"
        )
    if synced == "yes":
        return passed(observed)
    return without_sync(context, observed)


@_rule(
    id="operator_discovered",
    title="The operator is discovered",
    why="An action of an account that the hierarchy does not know is refused.",
    expected="by Active Directory or Entra user discovery; by both up to version 2010",
    applies=_needs_hierarchy,
    needs=(
        "hierarchy/sites",
        "hierarchy/top_site",
        "hierarchy/providers",
        "accounts/{name}/found",
        "accounts/{name}/discovered_by",
    ),
    rights=(USERS, READER),
    remedy=Remedy(
        "a ConfigMgr Infrastructure Administrator adds the container of the account to Active Directory User "
        "Discovery, and runs it: Administration > Discovery Methods"
    ),
    source=f"{DOCS}/core/servers/deploy/configure/about-discovery-methods",
)
def _discovered(context: Context, target: Target) -> Judgement:
    agents = context.evidence.get(f"accounts/{target.name}/discovered_by")
    if not isinstance(agents, list):
        return unknown("the discovery agents are told in a way that is not known")
    counting = {agent for agent in agents if agent in {"ad", "entra"}}
    names = {"ad": "Active Directory", "entra": "Entra ID", "group": "security groups"}
    observed = f"by {', '.join(names.get(agent, str(agent)) for agent in agents)}" if agents else "not discovered"
    if not counting and not _sees_all(context):
        return unknown(
            "read from an SMS Provider below the top-tier site, which does not know all users",
            observed,
            "set provider to an SMS Provider of the top-tier site",
        )
    top = context.top_site()
    if top is None or top["build"] is None:
        return unknown("the rule depends on the version of the top-tier site, which is not known", observed)
    if top["build"] >= _versions.build_of("2103"):
        return passed(observed) if counting else failed(observed)
    return passed(observed) if len(counting) == 2 else failed(observed, "up to version 2010, both are needed")


def _sees_all(context: Context) -> bool:
    """Tell whether the evidence was read at the top-tier site."""
    host, top = context.evidence.get("hierarchy/read_from"), context.evidence.get("hierarchy/top_site")
    return any(
        provider["site"] == top and _forms.same_host(provider["host"], host)
        for provider in context.evidence.get("hierarchy/providers")
    )


@_rule(
    id="operator_intune_permission",
    title="The operator may initiate Configuration Manager actions in Intune",
    why='Without the permission "Initiate Configuration Manager action" the admin center offers no action.',
    expected="Remote tasks / Initiate Configuration Manager action, through an Intune role or an Entra role",
    applies=exists,
    needs=("accounts/{name}/found", "accounts/{name}/intune_action"),
    rights=(USERS, GROUPS, ENTRA_ROLES, INTUNE_ROLES),
    remedy=Remedy(
        "an Intune Administrator adds the account to a group with the role; the playbook enforce makes the role "
        "and assigns it to a group (intune_rbac_groups)",
        kind="enforce",
        tags=("intune_rbac",),
    ),
    source="https://learn.microsoft.com/intune/intune-service/fundamentals/role-based-access-control-reference",
)
def _permission(context: Context, target: Target) -> Judgement:
    action = context.evidence.get(f"accounts/{target.name}/intune_action")
    if action["granted"] is True:
        return passed(", ".join(action["via"]))
    if action["granted"] is not False:
        return unknown("whether the permission is held is told in a way that is not known")
    if action["eligible"]:
        return warned(f"eligible for {', '.join(action['eligible'])}", "it acts only while the role is activated")
    return failed("the permission is not held")


@_rule(
    id="operator_configmgr_rights",
    title="The operator has a security role in Configuration Manager",
    why="Actions of the admin center are checked against the hierarchy's roles too, unless that is turned off.",
    expected="an administrative user, with a role that does more than read",
    applies=_needs_hierarchy,
    needs=("hierarchy/read_from", "accounts/{name}/found", "accounts/{name}/configmgr_roles"),
    rights=(USERS, GROUPS, READER),
    remedy=Remedy("a ConfigMgr Security Administrator adds the account: Administration > Security"),
    source=_RBAC,
)
def _configmgr(context: Context, target: Target) -> Judgement:
    roles = context.evidence.get(f"accounts/{target.name}/configmgr_roles")
    if not isinstance(roles, list):
        return unknown("the security roles are told in a way that is not known")
    if not roles:
        return failed("not an administrative user")
    observed = ", ".join(map(str, roles))
    return warned(observed, "it reads, and starts no action") if set(roles) <= _READING_ROLES else passed(observed)


PREREQUISITES = (_licence, _synced, _discovered, _permission, _configmgr)
