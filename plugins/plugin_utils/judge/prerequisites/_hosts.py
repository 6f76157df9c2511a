# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE to the collection: prerequisites of the Windows hosts that tenant attach leans on."""

from __future__ import annotations

import functools

from ....module_utils.product._versions import build_of
from ._model import DOCS, Context, Judgement, Remedy, Severity, Target, failed, passed, prerequisite, unknown, warned
from ._shared import LOGON, points, providers

_ENUMERATES = ("hierarchy/sites", "hierarchy/providers", "hierarchy/service_connection_points")
# Release numbers of .NET Framework. Source: https://learn.microsoft.com/dotnet/framework/install/versions-dependencies
_DOTNET = ((528040, "4.8"), (394802, "4.6.2"), (378389, "4.5"))
# From which version of Configuration Manager on which release is needed.
_NEEDED = (("2303", 528040), ("2107", 394802), ("1902", 378389))
# Builds of Windows Server, and the version of Configuration Manager that a site system may run on it from.
_SERVERS = {14393: ("2016", "1902"), 17763: ("2019", "1902"), 20348: ("2022", "2107"), 26100: ("2025", "2409")}
# Kerberos refuses clocks that differ by five minutes. No documentation of tenant attach gives a limit.
_LIMIT, _NOTICE = 300, 60


def _hosts(context: Context) -> list[Target]:
    """The service connection points and the SMS Providers, each once."""
    found = {target.name.casefold(): target for target in (*providers(context), *points(context))}
    return list(found.values())


def _build(context: Context, target: Target) -> int | None:
    build = next((site["build"] for site in context.sites() if site["code"] == target.site), None)
    return build if isinstance(build, int) else None


_rule = functools.partial(
    prerequisite, area="hosts", scope="host", targets=_hosts, enumerates=_ENUMERATES, rights=(LOGON,)
)


@_rule(
    id="host_dotnet",
    title="The host has the .NET Framework that its role needs",
    why="Without it the role is not installed, or does not work. It is taken away while .NET is replaced.",
    expected=".NET Framework 4.8 from version 2303 on, 4.6.2 from 2107 on, 4.5 before",
    severity=Severity.HIGH,
    needs=("hosts/{name}/dotnet_release",),
    remedy=Remedy("install .NET Framework 4.8, and restart the host"),
    source=f"{DOCS}/core/plan-design/configs/site-and-site-system-prerequisites",
)
def _dotnet(context: Context, target: Target) -> Judgement:
    release, build = context.evidence.get(f"hosts/{target.name}/dotnet_release"), _build(context, target)
    if not isinstance(release, int) or isinstance(release, bool):
        return unknown("the host tells no release")
    name = next((name for number, name in _DOTNET if release >= number), "before 4.5")
    observed = f"release {release} ({name}{' or later' if name == '4.8' else ''})"
    if build is None:
        return unknown("the rule depends on the version of the site, which is not known", observed)
    needed = next((number for version, number in _NEEDED if build >= build_of(version)), _DOTNET[-1][0])
    wanted = dict(_DOTNET)[needed]
    return passed(observed) if release >= needed else failed(observed, f"this version of the site needs {wanted}")


@_rule(
    id="host_operating_system",
    title="The host has an operating system that site systems are supported on",
    why="Newer versions of Configuration Manager do not install on older ones.",
    expected="Windows Server 2016 or 2019; 2022 from version 2107 on; 2025 from version 2409 on",
    severity=Severity.MEDIUM,
    needs=("hosts/{name}/os",),
    remedy=Remedy("upgrade the operating system, or move the role"),
    source=f"{DOCS}/core/plan-design/configs/supported-operating-systems-for-site-system-servers",
)
def _system(context: Context, target: Target) -> Judgement:
    system, build = context.evidence.get(f"hosts/{target.name}/os"), _build(context, target)
    number = system["build"]
    observed = f"{system['product']} (build {number})"
    if build is None or not isinstance(number, int):
        return unknown("the rule depends on builds that are not known", observed)
    # Client and server have builds in common.
    if system["installation_type"] == "Client":
        return failed(observed, "a site system needs Windows Server")
    if number in _SERVERS:
        name, since = _SERVERS[number]
        if build >= build_of(since):
            return passed(observed)
        return failed(observed, f"Windows Server {name} is supported from version {since} on")
    if number < min(_SERVERS):
        return failed(observed, "support for site systems on it has ended")
    return unknown("this build of Windows Server is not in the collection's table", observed)


@_rule(
    id="host_clock",
    title="The clock of the host is right",
    why="Tokens and tickets are valid for a time. Where the clock is wrong, good ones are refused.",
    expected="within one minute of the execution node",
    severity=Severity.MEDIUM,
    needs=("hosts/{name}/clock_skew_seconds",),
    remedy=Remedy("let the host, and the execution node, take the time from the domain"),
    source=f"{DOCS}/tenant-attach/troubleshoot",
)
def _clock(context: Context, target: Target) -> Judgement:
    skew = context.evidence.get(f"hosts/{target.name}/clock_skew_seconds")
    if not isinstance(skew, (int, float)) or isinstance(skew, bool):
        return unknown("the host tells no time")
    observed = f"{abs(skew):.0f} seconds {'ahead' if skew > 0 else 'behind'}" if abs(skew) >= 1 else "right"
    if abs(skew) >= _LIMIT:
        return failed(observed, "Kerberos and tokens are refused")
    return warned(observed, "tokens may be refused") if abs(skew) >= _NOTICE else passed(observed)


PREREQUISITES = (_dotnet, _system, _clock)
