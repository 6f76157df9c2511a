# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Prerequisites of clients. PRIVATE to the collection."""

from __future__ import annotations

import re
import typing as t

from ....module_utils.product import _site_names, _versions
from ._model import DOCS, Context, Judgement, Remedy, Severity, Target, failed, passed, prerequisite, unknown, warned
from ._shared import the_hierarchy

_NT = re.compile(r"Windows NT (?P<kind>Workstation|Server|Advanced Server)\s+(?P<version>\d+\.\d+)", re.IGNORECASE)
# The first build of each release of Windows, newest first, with the version of Configuration Manager that supports it.
_SERVERS = (
    (26100, "Windows Server 2025", "2409"),
    (20348, "Windows Server 2022", "2107"),
    (17763, "Windows Server 2019", "2002"),
    (14393, "Windows Server 2016", "2002"),
)
_WORKSTATIONS = ((22000, "Windows 11", "2107"), (10240, "Windows 10", "2002"))
_OLD = {
    ("workstation", "6.1"): "Windows 7",
    ("workstation", "6.2"): "Windows 8",
    ("workstation", "6.3"): "Windows 8.1",
    ("server", "6.0"): "Windows Server 2008",
    ("server", "6.1"): "Windows Server 2008 R2",
    ("server", "6.2"): "Windows Server 2012",
    ("server", "6.3"): "Windows Server 2012 R2",
}


class System(t.NamedTuple):
    """An operating system: its name, and whether tenant attach supports it (None: not known)."""

    name: str
    supported: bool | None


def classify(text: str, build: str, site_build: int) -> System:
    """Return the operating system of a client as discovery reports it.

    `Microsoft Windows NT Workstation 10.0` is both Windows 10 and 11: the build, `10.0.22631`, tells them apart.
    """
    found = _NT.search(text)
    if found is None:
        return System(text or "no operating system reported", None)
    kind = "workstation" if found["kind"].lower() == "workstation" else "server"
    if found["version"] != "10.0":
        name = _OLD.get((kind, found["version"]))
        return System(name or f"Windows NT {found['version']} ({kind})", False if name else None)
    number = build.split(".")[2] if build.count(".") >= 2 else ""
    if not number.isdecimal():
        return System(f"Windows 10.0 ({kind}, build not reported)", None)
    for first, name, since in _SERVERS if kind == "server" else _WORKSTATIONS:
        if int(number) >= first:
            return System(name, site_build >= _versions.build_of(since))
    return System(f"Windows 10.0 ({kind}, build {number})", None)


@prerequisite(
    id="client_operating_systems",
    title="Clients have operating systems that tenant attach supports",
    why="Only devices with a client and a supported system are uploaded and can be acted on.",
    expected="Windows 10, Server 2016 or later; Windows 11, Server 2022 from version 2107; Server 2025 from 2409",
    severity=Severity.MEDIUM,
    area="clients",
    scope="hierarchy",
    targets=the_hierarchy,
    enumerates=("hierarchy/sites", "hierarchy/top_site"),
    needs=("hierarchy/clients",),
    remedy=Remedy("upgrade these devices, or leave them out of the collection that is uploaded"),
    source=f"{DOCS}/core/plan-design/configs/supported-operating-systems-for-clients-and-devices",
)
def _supported_clients(context: Context, _target: Target) -> Judgement:
    top = context.top_site()
    if top is None or top["build"] is None:
        return unknown("the rule depends on the version of the top-tier site, which is not known")
    counts: dict[System, int] = {}
    for entry in context.evidence.get("hierarchy/clients"):
        system = classify(entry["operating_system"], entry["build"], top["build"])
        counts[system] = counts.get(system, 0) + entry["count"]
    if not counts:
        return unknown(
            "the account sees no client: there is none, or the account has no scope",
            next_step="check the scopes and collections of the account",
            rights=(_site_names.READER,),
        )
    groups = {state: _listed(counts, state) for state in (True, False, None)}
    observed = "; ".join(
        f"{label}: {groups[state]}"
        for state, label in ((False, "not supported"), (None, "not known"), (True, "supported"))
        if groups[state]
    )
    if not groups[True]:
        no_client = "no client has a system that is supported for sure"
        return failed(observed, no_client) if groups[None] == "" else unknown(no_client, observed)
    if groups[False]:
        return warned(observed, "devices with a system that is not supported do not work with tenant attach")
    return unknown("some systems are not in this collection's table", observed) if groups[None] else passed(observed)


def _listed(counts: t.Mapping[System, int], state: bool | None) -> str:
    chosen = sorted((system.name, number) for system, number in counts.items() if system.supported is state)
    return ", ".join(f"{number} {name}" for name, number in chosen)


PREREQUISITES = (_supported_clients,)
