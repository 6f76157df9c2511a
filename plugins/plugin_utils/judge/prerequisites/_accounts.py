# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Prerequisites of the people who run actions. PRIVATE to the collection."""

from __future__ import annotations

import functools

from ....module_utils.product import _site_names, _versions
from ...documents._expectations import VARIABLE
from ._model import DOCS, Context, Judgement, Remedy, Severity, Target, failed, passed, prerequisite, unknown, warned
from ._shared import the_hierarchy, upper_sites

_rule = functools.partial(
    prerequisite, area="accounts", source=f"{DOCS}/core/servers/deploy/configure/about-discovery-methods"
)


def _entra(context: Context) -> bool | None:
    """Tell whether Entra user discovery is on; None when nothing tells.

    The properties of its settings are not documented. Its component is: that it runs shows that it is set up. It runs
    at the top-tier site, so its absence means something only where that site's components are seen.
    """
    declared = context.expectations.entra_user_discovery
    if declared is not None:
        return declared
    components = context.evidence.get("hierarchy/components")
    states = [entry for entry in components if entry["component"] == _site_names.ENTRA_DISCOVERY_COMPONENT]
    if not states:
        seen = {entry["site"] for entry in components}
        return False if context.evidence.get("hierarchy/top_site") in seen else None
    return True if any(entry["state"] == "started" and entry["status"] != "critical" for entry in states) else None


def _primaries(context: Context) -> list[Target]:
    """The primary sites: only they discover users."""
    return [target for target in upper_sites(context) if target.facts["type"] == "primary"]


@_rule(
    id="user_discovery",
    title="Users are discovered",
    why="Who starts an action must be known to Configuration Manager, or the action is refused.",
    expected="Active Directory or Entra user discovery; both of them up to version 2010",
    severity=Severity.HIGH,
    scope="hierarchy",
    targets=the_hierarchy,
    enumerates=("hierarchy/sites", "hierarchy/top_site"),
    needs=("hierarchy/discovery", "hierarchy/components"),
    remedy=Remedy("turn on Active Directory User Discovery at a primary site: Administration > Discovery Methods"),
)
def _discovery(context: Context, _target: Target) -> Judgement:
    top = context.top_site()
    agents = {code: entry["ad_user"] for code, entry in context.evidence.get("hierarchy/discovery").items()}
    active = sorted(code for code, agent in agents.items() if agent and agent["enabled"])
    unclear = sorted(code for code, agent in agents.items() if not agent or agent["enabled"] is None)
    directory = True if active else (None if unclear else False)
    entra = _entra(context)
    words = {True: "on", False: "off", None: "not known"}
    observed = (
        f"Active Directory user discovery: {'on at ' + ', '.join(active) if active else words[directory]}; "
        f"Entra user discovery: {words[entra]}"
    )
    if top is None or top["build"] is None:
        return unknown("the rule depends on the version of the top-tier site, which is not known", observed)
    if top["build"] >= _versions.build_of("2103"):
        met = _either(directory, entra)
        rule = "from version 2103 on, one of the two is enough"
    else:
        met = _both(directory, entra)
        rule = "up to version 2010, both are needed"
    if met is None:
        return unknown(
            rule, observed, f"look at Administration > Discovery Methods; set {VARIABLE}.entra_user_discovery"
        )
    return passed(observed, rule) if met else failed(observed, rule)


@_rule(
    id="site_user_discovery",
    title="The primary site discovers its users",
    why="In a hierarchy each primary site often discovers the part of the directory that it stands in.",
    expected="Active Directory User Discovery on, where Entra user discovery is not",
    severity=Severity.LOW,
    scope="site",
    targets=_primaries,
    needs=("hierarchy/discovery/{name}/ad_user", "hierarchy/components"),
    remedy=Remedy("turn on Active Directory User Discovery at this site, unless another one covers its users"),
)
def _site_discovery(context: Context, target: Target) -> Judgement:
    agent = context.evidence.get(f"hierarchy/discovery/{target.name}/ad_user")
    if agent is None or agent["enabled"] is None:
        return unknown("the site has no settings of Active Directory User Discovery that are understood")
    if agent["enabled"]:
        return passed(f"on, {len(agent['containers'])} containers, delta discovery {'on' if agent['delta'] else 'off'}")
    if _entra(context):
        return passed("off; Entra user discovery is on")
    return warned("off", "people whom only this site would discover cannot start actions")


def _either(one: bool | None, other: bool | None) -> bool | None:
    if one or other:
        return True
    return None if one is None or other is None else False


def _both(one: bool | None, other: bool | None) -> bool | None:
    if one is False or other is False:
        return False
    return None if one is None or other is None else True


PREREQUISITES = (_discovery, _site_discovery)
