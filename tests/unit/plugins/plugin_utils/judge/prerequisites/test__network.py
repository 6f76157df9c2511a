# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Prerequisites of the network, as the service connection point itself sees it."""

from __future__ import annotations

import typing as t

from ansible_collections.configmgr.tenant_attach.tests.unit.tables import (
    ERROR,
    POINT,
    Change,
    Json,
    Row,
    Table,
    all_of,
    check,
    host,
    host_without,
    point,
    verdicts,
)


def winhttp(**values: t.Any) -> Change:
    return lambda evidence: next(h for h in evidence["hosts"] if h["host"] == POINT)["winhttp"].update(values)


def endpoint(identity: str | None = None, **values: t.Any) -> Change:
    """Change the row of an endpoint, or those of all of them."""

    def change(evidence: Json) -> None:
        rows = next(h for h in evidence["hosts"] if h["host"] == POINT)["endpoints"]
        for row in rows:
            if identity in {None, row["id"]}:
                row.update(values)

    return change


def cut_off(stage: str, **values: t.Any) -> Json:
    """What a probe tells of an endpoint that it does not reach."""
    return {"reachable": False, "stage": stage, "http_status": None, "error": ERROR, **values}


TABLE: Table = {
    "endpoints_required": (
        Row(what="every endpoint reached", outcome="pass", says="proxy.corp"),
        Row(
            what="an endpoint cut off by the proxy",
            change=endpoint("intune", **cut_off("proxy")),
            outcome="fail",
            says="stopped at proxy",
        ),
        Row(what="an endpoint not told of", change=endpoint("intune", reachable=None), outcome="unknown"),
        Row(what="no endpoint probed", change=host(endpoints=[]), outcome="unknown"),
        Row(
            what="host not visited", change=host_without(POINT, "endpoints"), outcome="unknown", says="no answer at all"
        ),
    ),
    "endpoints_always_allowed": (
        Row(what="every forwarder reached", outcome="pass"),
        Row(
            what="a forwarder that does not resolve",
            change=endpoint("forwarder_go", **cut_off("resolve")),
            outcome="fail",
        ),
        Row(what="no endpoint probed", change=host(endpoints=[]), outcome="unknown"),
    ),
    "endpoints_not_intercepted": (
        Row(what="certificates of the service", outcome="pass"),
        Row(
            what="TLS opened on the way",
            change=endpoint("intune", tls={"issuer": "Contoso Inspection", "intercepted": True}),
            outcome="warn",
            says="Contoso Inspection",
        ),
        Row(what="no certificate seen", change=endpoint(tls={"issuer": None, "intercepted": None}), outcome="unknown"),
    ),
    "revocation_lists": (
        Row(what="every list reached", outcome="pass"),
        Row(
            what="one list out of reach",
            change=endpoint("crl_microsoft", **cut_off("connect")),
            outcome="warn",
            says="could be checked",
        ),
        Row(
            what="one list out of reach, no certificate checked",
            change=all_of(endpoint(revocation="not_checked"), endpoint("crl_microsoft", **cut_off("connect"))),
            outcome="fail",
        ),
        Row(
            what="a certificate cannot be checked",
            change=endpoint("intune", revocation="unreachable"),
            outcome="fail",
            says="cannot be checked",
        ),
        Row(
            what="a certificate revoked",
            change=endpoint("intune", revocation="revoked"),
            outcome="fail",
            says="revoked",
        ),
        Row(what="no list probed", change=host(endpoints=[]), outcome="unknown"),
    ),
    "winhttp_proxy": (
        Row(what="a proxy with a bypass list", outcome="pass", says="<local>"),
        Row(
            what="no proxy, direct access works", change=winhttp(proxy=None), outcome="pass", says="direct access works"
        ),
        Row(
            what="no proxy, direct access fails",
            change=all_of(winhttp(proxy=None), endpoint("intune", **cut_off("connect", proxy_used=None))),
            outcome="fail",
            says="direct access fails",
        ),
        Row(
            what="automatic configuration",
            change=winhttp(proxy=None, auto_detect=True),
            outcome="pass",
            says="automatic",
        ),
        Row(
            what="no proxy, endpoints not told of",
            change=all_of(winhttp(proxy=None), endpoint(reachable=None)),
            outcome="unknown",
        ),
    ),
    "winhttp_bypass_list": (
        Row(what="every host covered", outcome="pass"),
        Row(
            what="hosts of the hierarchy not covered",
            change=winhttp(bypass=["<local>"]),
            outcome="fail",
            says="*.corp.contoso.example",
        ),
        Row(what="no proxy", change=winhttp(proxy=None), outcome="not_applicable"),
        Row(what="host not visited", change=host_without(POINT, "winhttp"), outcome="unknown"),
    ),
    "winhttp_views_agree": (
        Row(what="both views the same", outcome="pass"),
        Row(what="one view only", change=winhttp(wow64_matches=None), outcome="pass"),
        Row(what="views that differ", change=winhttp(wow64_matches=False), outcome="warn"),
        Row(what="host not visited", change=host_without(POINT, "winhttp"), outcome="unknown"),
    ),
    "winhttp_agrees_with_site": (
        Row(what="same proxy in both", outcome="pass"),
        Row(what="no proxy in Windows", change=winhttp(proxy=None), outcome="warn", says="not revocation"),
        Row(what="no proxy at the site system", change=point(proxy=None), outcome="warn", says="out of date"),
        Row(what="no proxy in either", change=all_of(point(proxy=None), winhttp(proxy=None)), outcome="pass"),
        Row(what="host not visited", change=host_without(POINT, "winhttp"), outcome="unknown"),
    ),
}


@verdicts(TABLE)
def test_verdict(healthy: Json, prerequisite: str, row: Row) -> None:
    check(healthy, prerequisite, row)
