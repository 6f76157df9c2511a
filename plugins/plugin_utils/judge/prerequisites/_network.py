# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE to the collection: prerequisites of the network, as the service connection point itself sees it."""

from __future__ import annotations

import functools
import typing as t

from ....module_utils.network import _bypass, _proxy
from ._model import DOCS, Context, Judgement, Remedy, Severity, Target, failed, passed, prerequisite, unknown, warned
from ._shared import LOGON, points

Row = t.Mapping[str, t.Any]

_POINTS = ("hierarchy/sites", "hierarchy/service_connection_points")
_ENDPOINTS = "hosts/{name}/endpoints"
_WINHTTP = "hosts/{name}/winhttp"
_INTERNET = f"{DOCS}/core/plan-design/network/internet-endpoints"
_PAGE = f"{DOCS}/tenant-attach/prerequisites"
_PROXY = Remedy(
    "the playbook enforce sets it (winhttp_proxy_proxy, winhttp_proxy_bypass); by hand: netsh winhttp set proxy",
    kind="enforce",
    tags=("winhttp_proxy",),
)
# How far a connection came where the way to the internet itself is closed.
_NO_WAY = frozenset({"resolve", "connect"})

_rule = functools.partial(
    prerequisite, area="network", scope="host", targets=points, enumerates=_POINTS, rights=(LOGON,)
)


def _rows(context: Context, target: Target, *kinds: str) -> list[Row]:
    rows = context.evidence.get(f"hosts/{target.name}/endpoints")
    return [row for row in rows if row["kind"] in kinds]


def _endpoint_text(row: Row) -> str:
    error = row["error"] or {}
    way = f" through {row['proxy_used']}" if row["proxy_used"] else ""
    return f"{row['url']}{way}: {error.get('observed') or 'not reachable'}"


def _reached(rows: t.Sequence[Row]) -> Judgement:
    """Judge endpoints that must be reachable."""
    if not rows:
        return unknown("none of them was probed")
    bad = [row for row in rows if row["reachable"] is False]
    if bad:
        stages = ", ".join(sorted({f"stopped at {row['stage']}" for row in bad}))
        return failed("; ".join(map(_endpoint_text, bad)), stages)
    silent = [row for row in rows if row["reachable"] is not True]
    if silent:
        return unknown("the host did not tell of each", "; ".join(map(_endpoint_text, silent)))
    ways = sorted({row["proxy_used"] or "the direct way" for row in rows})
    return passed(f"{len(rows)} reachable, through {', '.join(ways)}")


def _no_proxy(context: Context, target: Target) -> str | None:
    path = f"hosts/{target.name}/winhttp"
    if context.evidence.missing(path) is None and not context.evidence.get(path)["proxy"]:
        return "the host has no WinHTTP proxy"
    return None


@_rule(
    id="endpoints_required",
    title="The service connection point reaches the endpoints of tenant attach",
    why="Uploads, actions and notifications all begin with connections from this host.",
    expected="any HTTP answer but 407, 408, 426, 451, 502, 511, 598 and 599, through the host's own proxy",
    severity=Severity.CRITICAL,
    needs=(_ENDPOINTS,),
    remedy=Remedy("allow these endpoints in firewall and proxy, without authentication, for this host"),
    source=_INTERNET,
)
def _required(context: Context, target: Target) -> Judgement:
    return _reached(_rows(context, target, "required"))


@_rule(
    id="endpoints_always_allowed",
    title="The service connection point reaches Microsoft's forwarders",
    why="Many features reach their endpoints through aka.ms and go.microsoft.com, without naming them.",
    expected="https://aka.ms and https://go.microsoft.com answer",
    severity=Severity.MEDIUM,
    needs=(_ENDPOINTS,),
    remedy=Remedy("allow the two in firewall and proxy"),
    source=_INTERNET,
)
def _always_allowed(context: Context, target: Target) -> Judgement:
    return _reached(_rows(context, target, "always_allow"))


@_rule(
    id="endpoints_not_intercepted",
    title="Nobody opens TLS between the service connection point and the service",
    why="Where a proxy shows certificates of its own, connections fail or are not private.",
    expected="certificates of the service's own authorities",
    severity=Severity.HIGH,
    needs=(_ENDPOINTS,),
    remedy=Remedy("exempt these endpoints from TLS inspection"),
    source=_INTERNET,
)
def _intercepted(context: Context, target: Target) -> Judgement:
    rows = [row for row in _rows(context, target, "required", "always_allow") if row["tls"]]
    caught = [row for row in rows if row["tls"]["intercepted"] is True]
    if caught:
        issuers = ", ".join(sorted({str(row["tls"]["issuer"]) for row in caught}))
        return warned(
            f"{', '.join(row['url'] for row in caught)}: certificates issued by {issuers}",
            "somebody opens TLS on the way; the service is known not to bear it",
        )
    if not any(row["tls"]["intercepted"] is False for row in rows):
        return unknown("no certificate was seen")
    return passed("the certificates are those of the service")


@_rule(
    id="revocation_lists",
    title="The service connection point can check whether certificates are revoked",
    why="It does check. Where the lists are out of reach, connections fail that everything else allows.",
    expected="the places of revocation lists answer through the WinHTTP proxy (TCP 80)",
    severity=Severity.HIGH,
    needs=(_ENDPOINTS,),
    remedy=Remedy("allow these places (TCP 80) in firewall and proxy, or set the WinHTTP proxy of the host"),
    source=_PAGE,
)
def _revocation(context: Context, target: Target) -> Judgement:
    lists = _rows(context, target, "revocation")
    others = _rows(context, target, "required", "always_allow")
    revoked = [row for row in others if row["revocation"] == "revoked"]
    if revoked:
        return failed(f"{', '.join(row['url'] for row in revoked)}: the certificate is revoked")
    unchecked = [row for row in others if row["revocation"] == "unreachable"]
    bad = [row for row in lists if row["reachable"] is False]
    if unchecked:
        return failed(
            "; ".join(map(_endpoint_text, [*unchecked, *bad])), "certificates cannot be checked from this host"
        )
    if not lists:
        return unknown("no list was probed")
    if bad:
        reason = "certificates could be checked now; another one may be on a list that this host does not reach"
        checked = any(row["revocation"] == "reachable" for row in others)
        told = "; ".join(map(_endpoint_text, bad))
        return warned(told, reason) if checked else failed(told)
    return _reached(lists)


@_rule(
    id="winhttp_proxy",
    title="The service connection point has a WinHTTP proxy where it needs one",
    why="Revocation is checked through the proxy of the system. The one of the site system does not count there.",
    expected="a WinHTTP proxy, or direct access that works",
    severity=Severity.HIGH,
    needs=(_WINHTTP, _ENDPOINTS),
    remedy=_PROXY,
    source=_PAGE,
)
def _present(context: Context, target: Target) -> Judgement:
    winhttp = context.evidence.get(f"hosts/{target.name}/winhttp")
    automatic = winhttp["auto_config_url"] or ("found on the network" if winhttp["auto_detect"] else None)
    if winhttp["proxy"]:
        return passed(f"{winhttp['proxy']}; bypass list: {_shown(winhttp['bypass'])}")
    if automatic:
        return passed(f"none by name; automatic configuration: {automatic}")
    rows = _rows(context, target, "required")
    blocked = [row for row in rows if row["reachable"] is False and row["stage"] in _NO_WAY]
    if blocked:
        return failed("none", f"direct access fails: {'; '.join(map(_endpoint_text, blocked))}")
    if rows and all(row["reachable"] is True for row in rows):
        return passed("none; direct access works")
    return unknown("without a proxy, and not every required endpoint tells whether direct access works", "none")


def _shown(bypass: t.Sequence[str]) -> str:
    return ", ".join(bypass) or "empty"


def internal_hosts(context: Context, point: str) -> list[str]:
    """Return the hosts of the hierarchy that a service connection point talks to, or may."""
    upper = {site["code"] for site in context.sites() if site["type"] != "secondary"}
    systems = [entry["host"] for entry in context.evidence.get("hierarchy/site_systems") if entry["site"] in upper]
    return sorted({host for host in systems if host.casefold() != point.casefold()})


@_rule(
    id="winhttp_bypass_list",
    title="The bypass list of the WinHTTP proxy covers the hierarchy",
    why="What it leaves out goes to the proxy: traffic between site systems, which the proxy refuses or loses.",
    expected="every host of the CAS and the primary sites is covered",
    severity=Severity.HIGH,
    applies=_no_proxy,
    needs=(_WINHTTP, "hierarchy/site_systems"),
    remedy=_PROXY,
    source=_PAGE,
)
def _bypass_complete(context: Context, target: Target) -> Judgement:
    entries = context.evidence.get(f"hosts/{target.name}/winhttp")["bypass"]
    hosts = internal_hosts(context, target.name)
    left = _bypass.uncovered(entries, hosts)
    if not left:
        return passed(f"{_shown(entries)}: covers {len(hosts)} hosts")
    outside = [row["url"].partition("://")[2].partition("/")[0] for row in _all_rows(context, target)]
    missing = _bypass.additions(entries, left, proxied=outside)
    return failed(
        f"{_shown(entries)}: leaves {len(left)} of {len(hosts)} hosts to the proxy: {', '.join(left)}",
        f"these additions cover them: {'; '.join(missing)}",
    )


def _all_rows(context: Context, target: Target) -> t.Sequence[Row]:
    path = f"hosts/{target.name}/endpoints"
    found = [] if context.evidence.missing(path) else context.evidence.get(path)
    return found if isinstance(found, list) else []


@_rule(
    id="winhttp_views_agree",
    title="Programs of 32 bits use the same WinHTTP proxy",
    why="Windows keeps two copies of the settings, and netsh of one kind writes one of them.",
    expected="both copies say the same",
    severity=Severity.LOW,
    needs=(_WINHTTP,),
    remedy=_PROXY,
    source=_PAGE,
)
def _views(context: Context, target: Target) -> Judgement:
    matches = context.evidence.get(f"hosts/{target.name}/winhttp")["wow64_matches"]
    if matches is False:
        return warned("they differ", "programs of 32 bits go another way than those of 64 bits")
    return passed("the same" if matches else "there is only one")


@_rule(
    id="winhttp_agrees_with_site",
    title="The WinHTTP proxy is the one of the site system",
    why="Configuration Manager uses the proxy of its site system, Windows that of WinHTTP. Mostly both are one.",
    expected="the same proxy in both",
    severity=Severity.LOW,
    needs=(_WINHTTP,),
    remedy=Remedy("set the proxy of the site system (Administration > Site Configuration > Servers), or WinHTTP's"),
    source=_PAGE,
)
def _agrees(context: Context, target: Target) -> Judgement:
    winhttp, own = context.evidence.get(f"hosts/{target.name}/winhttp")["proxy"], target.facts["proxy"]
    site = f"{own['host']}:{own['port']}" if own else None
    observed = f"site system: {site or 'none'}; WinHTTP: {winhttp or 'none'}"
    routes = _proxy.parse(winhttp).routes if winhttp else {}
    if routes.get("https") == (site.lower() if site else None):
        return passed(observed)
    if site and not winhttp:
        return warned(observed, "the one of the site system serves Configuration Manager alone, not revocation checks")
    return warned(observed, "one of the two may be out of date")


PREREQUISITES = (_required, _always_allowed, _intercepted, _revocation, _present, _bypass_complete, _views, _agrees)
