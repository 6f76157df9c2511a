# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Prerequisites of where SMS Providers stand. PRIVATE to the collection."""

from __future__ import annotations

import functools
import typing as t

from ....module_utils.product._forms import same_host
from ....module_utils.product._site_names import SITE_SYSTEM_ROLE
from ._model import DOCS, Context, Judgement, Remedy, Severity, Target, failed, passed, prerequisite, unknown
from ._shared import providers, the_hierarchy, upper_sites

_SOURCE = f"{DOCS}/core/plan-design/hierarchy/plan-for-the-sms-provider"
_PROVIDERS = "hierarchy/providers"
_ENUMERATES = ("hierarchy/sites", _PROVIDERS)
# Every site system has these two, which say nothing about its use.
_PLAIN_ROLES = (SITE_SYSTEM_ROLE, "SMS Component Server")

_rule = functools.partial(prerequisite, area="provider_layout", source=_SOURCE)
_provider_rule = functools.partial(_rule, scope="host", targets=providers, enumerates=_ENUMERATES)


@_rule(
    id="provider_present",
    title="The site has an SMS Provider",
    why="AdminService lives on SMS Providers. Without one the site cannot be reached.",
    expected="at least one SMS Provider",
    severity=Severity.CRITICAL,
    scope="site",
    targets=upper_sites,
    needs=(_PROVIDERS,),
    remedy=Remedy("run Configuration Manager setup on the site server and add an SMS Provider"),
)
def _present(context: Context, target: Target) -> Judgement:
    hosts = [entry["host"] for entry in context.evidence.get(_PROVIDERS) if entry["site"] == target.site]
    return passed(", ".join(hosts)) if hosts else failed("no SMS Provider")


@_rule(
    id="provider_not_at_secondary",
    title="No secondary site has an SMS Provider",
    why="Secondary sites do not support one; what stands there is a remnant that clients may still be sent to.",
    expected="SMS Providers at the CAS and the primary sites only",
    severity=Severity.MEDIUM,
    scope="hierarchy",
    targets=the_hierarchy,
    needs=(_PROVIDERS,),
    remedy=Remedy("find out how the role came there, and remove it with the product's support"),
)
def _no_secondary(context: Context, _target: Target) -> Judgement:
    secondary = {site["code"] for site in context.sites() if site["type"] == "secondary"}
    wrong = [entry for entry in context.evidence.get(_PROVIDERS) if entry["site"] in secondary]
    if wrong:
        return failed(", ".join(f"{entry['host']} at {entry['site']}" for entry in wrong))
    return passed(f"none of {len(secondary)} secondary sites has one")


def _roles_elsewhere(context: Context, target: Target) -> list[tuple[str, list[str]]]:
    return [
        (entry["site"], [role for role in entry["roles"] if role not in _PLAIN_ROLES])
        for entry in context.evidence.get("hierarchy/site_systems")
        if entry["site"] != target.site and same_host(entry["host"], target.name)
    ]


@_provider_rule(
    id="provider_one_site",
    title="The computer holds the SMS Provider of one site",
    why="A computer cannot host SMS Providers of two sites.",
    expected="one site",
    severity=Severity.HIGH,
    needs=(_PROVIDERS,),
    remedy=Remedy("move one of the SMS Providers to another computer with Configuration Manager setup"),
)
def _one_site(context: Context, target: Target) -> Judgement:
    sites = sorted({entry["site"] for entry in context.evidence.get(_PROVIDERS) if entry["host"] == target.name})
    observed = f"provider of {', '.join(sites)}"
    return passed(observed) if len(sites) == 1 else failed(observed, "a computer holds the provider of one site only")


@_provider_rule(
    id="provider_no_foreign_role",
    title="The computer holds no site system role of another site",
    why="An SMS Provider is not supported on a computer with a role of a different site.",
    expected="only roles of the provider's own site",
    severity=Severity.MEDIUM,
    needs=("hierarchy/site_systems",),
    remedy=Remedy("remove the role of the other site, or move the SMS Provider"),
)
def _no_foreign_role(context: Context, target: Target) -> Judgement:
    roles = [f"{role} of site {site}" for site, names in _roles_elsewhere(context, target) for role in names]
    return failed(", ".join(roles)) if roles else passed(f"only roles of site {target.site}")


@_provider_rule(
    id="provider_domain",
    title="SMS Provider, site server and site database are in one domain",
    why="The SMS Provider must be in the domain of its site server and site database.",
    expected="the same domain",
    severity=Severity.MEDIUM,
    needs=("hierarchy/site_systems", "hierarchy/sites/{site}/database"),
    remedy=Remedy("move the SMS Provider to a computer of that domain"),
)
def _domain(context: Context, target: Target) -> Judgement:
    site = next(entry for entry in context.sites() if entry["code"] == target.site)
    database = context.evidence.get(f"hierarchy/sites/{target.site}/database")
    hosts = {
        "SMS Provider": target.name,
        "site server": site["server"],
        "site database": (database or {}).get("server"),
    }
    domains = {what: _domain_of(context, target.site, host) for what, host in hosts.items()}
    observed = "; ".join(f"{what}: {domain or 'not known'}" for what, domain in domains.items())
    known = {domain for domain in domains.values() if domain}
    if len(known) > 1:
        return failed(observed)
    if None in domains.values():
        return unknown(
            "the site does not know the domain of every one of them",
            observed,
            "look at the property Domain of the site systems in Administration > Servers and Site System Roles",
        )
    return passed(observed)


def _domain_of(context: Context, site: str | None, host: str | None) -> str | None:
    if not host:
        return None
    return next(
        (
            t.cast("str", entry["domain"])
            for entry in context.evidence.get("hierarchy/site_systems")
            if entry["site"] == site and same_host(entry["host"], host) and entry["domain"]
        ),
        None,
    )


PREREQUISITES = (_present, _no_secondary, _one_site, _no_foreign_role, _domain)
