# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What areas share, so that none leans on another: targets, and parts of judgements. PRIVATE to the collection."""

from __future__ import annotations

import typing as t

from ....module_utils.product._versions import build_of
from ._model import Target, failed, passed, unknown, warned

if t.TYPE_CHECKING:
    from ._model import Context, Judgement

# What observing a Windows host needs. Reading needs no more than the remote shell itself asks for.
LOGON = "Windows: logon to the host through its connection (WinRM, PSRP or SSH)"


# -- targets -----------------------------------------------------------------------------------------------------------


def the_hierarchy(_context: Context) -> t.Iterable[Target]:
    """One target: the hierarchy."""
    return (Target("hierarchy", "hierarchy", None, {}),)


def the_tenant(_context: Context) -> t.Iterable[Target]:
    """One target: the tenant."""
    return (Target("tenant", "tenant", None, {}),)


def upper_sites(context: Context) -> t.Iterable[Target]:
    """The CAS and the primary sites. Nothing of tenant attach lives in a secondary site."""
    return (Target("site", site["code"], site["code"], site) for site in context.sites() if site["type"] != "secondary")


def providers(context: Context) -> t.Iterable[Target]:
    """The SMS Providers of the CAS and the primary sites; one of a secondary site is judged by its placement."""
    upper = {target.name for target in upper_sites(context)}
    return (
        Target("host", provider["host"], provider["site"], provider)
        for provider in context.evidence.get("hierarchy/providers")
        if provider["site"] in upper
    )


def points(context: Context) -> t.Iterable[Target]:
    """The service connection points."""
    found = context.evidence.get("hierarchy/service_connection_points")
    return (Target("host", point["host"], point["site"], point) for point in found)


# -- parts of judgements -----------------------------------------------------------------------------------------------


def judge_component(entry: t.Mapping[str, t.Any]) -> Judgement:
    """Judge the state of a component."""
    observed = f"{entry['state']}, status {entry['status']}"
    if entry["state"] != "started" or entry["status"] == "critical":
        return failed(observed)
    if entry["status"] == "warning":
        return warned(observed, "it works, and has reported warnings since midnight")
    return passed(observed) if entry["status"] == "ok" else unknown("the status is not a documented one", observed)


def intune_decides(context: Context) -> bool | None:
    """Tell whether Intune's roles alone decide who may start actions. None where the tenant does not tell.

    That takes two settings from version 2207 on. The one of the hierarchy no interface tells, so it is declared.
    """
    if context.expectations.enforce_configmgr_rbac is not False:
        return False
    top = None if context.evidence.missing("hierarchy/sites") else context.top_site()
    if top is not None and top["build"] is not None and top["build"] < build_of("2207"):
        return False
    if context.evidence.missing("tenant/attach_rbac"):
        return None
    found = context.evidence.get("tenant/attach_rbac")
    return found if isinstance(found, bool) else None


def without_sync(context: Context, observed: str, reason: str = "") -> Judgement:
    """Judge that something is not synchronised, which from version 2207 on need not matter."""
    exempt = intune_decides(context)
    if exempt:
        return passed(observed, "Intune's roles alone decide, so an account of the cloud will do")
    if exempt is False:
        return failed(observed, reason)
    missing = context.evidence.missing("tenant/attach_rbac")
    return unknown(
        "Intune's roles may decide alone: the tenant does not tell",
        observed,
        missing.next_step if missing else "",
        missing.rights if missing else (),
    )


def exists(context: Context, target: Target) -> str | None:
    """Return why nothing more is judged of an account that the tenant does not have."""
    path = f"accounts/{target.name}/found"
    absent = context.evidence.missing(path) is None and context.evidence.get(path) is False
    return "the tenant has no such account" if absent else None
