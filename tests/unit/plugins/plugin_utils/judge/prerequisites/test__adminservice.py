# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Prerequisites of AdminService on SMS Providers."""

from __future__ import annotations

import datetime as dt
import typing as t

from ansible_collections.configmgr.tenant_attach.tests.unit.tables import (
    ERROR,
    PROVIDER,
    Change,
    Json,
    Row,
    Table,
    check,
    verdicts,
)


def adminservice(**values: t.Any) -> Change:
    return lambda evidence: evidence["adminservice"].update(values)


def probe(**values: t.Any) -> Change:
    """Change what the probe of one SMS Provider found."""
    return lambda evidence: next(
        each for each in evidence["adminservice"]["providers"] if each["host"] == PROVIDER
    ).update(values)


def all_probes(**values: t.Any) -> Change:
    return lambda evidence: [each.update(values) for each in evidence["adminservice"]["providers"]]


def stopped(stage: str, **error: t.Any) -> Json:
    """What a probe finds that came no further than a stage."""
    return {
        "healthy": False,
        "failed_stage": stage,
        "stages": [{"name": stage, "ok": False, "seconds": 0.0, "detail": "", "error": {**ERROR, **error}}],
    }


def certificate(**values: t.Any) -> Change:
    return lambda evidence: next(each for each in evidence["adminservice"]["providers"] if each["host"] == PROVIDER)[
        "certificate"
    ].update(values)


def certificate_ends_in(days: int) -> Change:
    """Let the certificate end some days after the evidence was collected."""

    def change(evidence: Json) -> None:
        end = dt.datetime.fromisoformat(evidence["collected_at"]) + dt.timedelta(days=days)
        certificate(not_after=end.strftime("%Y-%m-%dT%H:%M:%SZ"))(evidence)

    return change


TABLE: Table = {
    "adminservice_functional": (
        Row(what="both routes answered", outcome="pass"),
        Row(
            what="the service answers 503",
            change=probe(**stopped("metadata", kind="service")),
            scope=PROVIDER,
            outcome="fail",
        ),
        Row(
            what="the web server has no AdminService",
            change=probe(**stopped("metadata", kind="not_found")),
            scope=PROVIDER,
            outcome="fail",
        ),
        Row(
            what="no answer to the connection",
            change=probe(**stopped("connect")),
            scope=PROVIDER,
            outcome="unknown",
            says="no answer",
        ),
        Row(
            what="the account lacks a right",
            change=probe(**stopped("wmi", kind="access_denied", rights=["Reader"])),
            scope=PROVIDER,
            outcome="unknown",
        ),
        Row(what="it serves another site", change=probe(site="P03"), scope=PROVIDER, outcome="fail", says="P03"),
        Row(what="not probed", change=adminservice(providers=[]), scope=PROVIDER, outcome="unknown"),
    ),
    "adminservice_certificate": (
        Row(what="valid and made for the host", outcome="pass"),
        Row(what="expired", change=certificate(not_after="2026-01-01T00:00:00Z"), scope=PROVIDER, outcome="fail"),
        Row(
            what="not valid yet", change=certificate(not_before="2099-01-01T00:00:00Z"), scope=PROVIDER, outcome="fail"
        ),
        Row(
            what="made for another host",
            change=certificate(sans=["old.contoso.example"]),
            scope=PROVIDER,
            outcome="fail",
            says="old",
        ),
        Row(what="made for no host", change=certificate(sans=[]), scope=PROVIDER, outcome="fail"),
        Row(
            what="wildcard of the host's domain",
            change=certificate(sans=["*.corp.contoso.example"]),
            scope=PROVIDER,
            outcome="pass",
        ),
        Row(
            what="wildcard of a higher domain",
            change=certificate(sans=["*.contoso.example"]),
            scope=PROVIDER,
            outcome="fail",
        ),
        Row(
            what="not trusted by the execution node",
            change=probe(**stopped("tls")),
            scope=PROVIDER,
            outcome="unknown",
            says="not trusted",
        ),
        Row(
            what="no connection, so no certificate seen",
            change=probe(**stopped("connect"), certificate=None),
            scope=PROVIDER,
            outcome="unknown",
        ),
        Row(what="certificate that cannot be read", change=certificate(error=ERROR), scope=PROVIDER, outcome="unknown"),
        Row(
            what="verification switched off",
            change=adminservice(validated=False),
            scope=PROVIDER,
            outcome="unknown",
            says="validate_certs",
        ),
        Row(
            what="ended a day before the evidence", change=certificate_ends_in(days=-1), scope=PROVIDER, outcome="fail"
        ),
        Row(what="ends a day after the evidence", change=certificate_ends_in(days=1), scope=PROVIDER, outcome="warn"),
        Row(
            what="ends 29 days after the evidence", change=certificate_ends_in(days=29), scope=PROVIDER, outcome="warn"
        ),
        Row(
            what="ends 31 days after the evidence", change=certificate_ends_in(days=31), scope=PROVIDER, outcome="pass"
        ),
    ),
    "adminservice_component": (
        Row(what="component started, status ok", outcome="pass"),
        Row(
            what="component stopped",
            change=probe(component={"state": "stopped", "status": "ok"}),
            scope=PROVIDER,
            outcome="fail",
        ),
        Row(
            what="no state of the component",
            change=probe(component=None),
            scope=PROVIDER,
            outcome="unknown",
            says="SMS_REST_PROVIDER",
        ),
        Row(
            what="state of the component not read",
            change=probe(component={"error": ERROR}),
            scope=PROVIDER,
            outcome="unknown",
            says="no answer",
        ),
        Row(
            what="component in status warning",
            change=probe(component={"state": "started", "status": "warning"}),
            scope=PROVIDER,
            outcome="warn",
        ),
    ),
    "provider_authentication_level": (
        Row(
            what="declared as windows, read with a token",
            change=adminservice(auth="token"),
            outcome="pass",
            says="declared: windows",
        ),
        Row(
            what="not declared, read with a token",
            change=adminservice(auth="token"),
            declared={},
            outcome="unknown",
            says="Authentication",
        ),
        Row(
            what="not declared, a Windows sign-in accepted",
            change=adminservice(auth="kerberos"),
            declared={},
            outcome="pass",
            says="plain Windows",
        ),
        Row(
            what="declared as certificate",
            declared={"provider_authentication_level": "certificate"},
            outcome="fail",
            says="certificate",
        ),
        Row(
            what="every SMS Provider answers 403",
            change=all_probes(**stopped("authenticate", kind="access_denied", status=403)),
            outcome="unknown",
            says="403",
        ),
    ),
}


@verdicts(TABLE)
def test_verdict(healthy: Json, prerequisite: str, row: Row) -> None:
    check(healthy, prerequisite, row)
