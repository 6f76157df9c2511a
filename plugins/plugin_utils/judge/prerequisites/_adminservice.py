# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Prerequisites of the administration service (AdminService). PRIVATE to the collection."""

from __future__ import annotations

import datetime as dt
import functools
import typing as t

from ....module_utils.product._site_names import PROVIDER_COMPONENT
from ...documents import _evidence, _expectations
from ._model import DOCS, Context, Judgement, Remedy, Severity, Target, failed, passed, prerequisite, unknown, warned
from ._shared import judge_component, providers, the_hierarchy

_SETUP = f"{DOCS}/develop/adminservice/set-up"
_NOTICE = dt.timedelta(days=30)
_ENUMERATES = ("hierarchy/sites", "hierarchy/providers")
_PROBE = "adminservice/providers/{name}"

_rule = functools.partial(prerequisite, area="adminservice", after_onboarding=True)
_provider_rule = functools.partial(
    _rule, scope="host", targets=providers, enumerates=_ENUMERATES, needs=(_PROBE,), source=_SETUP
)


def _probe(context: Context, target: Target) -> dict[str, t.Any]:
    return t.cast("dict[str, t.Any]", context.evidence.get(f"adminservice/providers/{target.name}"))


def _error(probe: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    return next((stage["error"] for stage in probe["stages"] if not stage["ok"]), {})


@_provider_rule(
    id="adminservice_functional",
    title="AdminService answers on the SMS Provider",
    why="The admin center's actions are carried out through AdminService, on any of the SMS Providers.",
    expected="/AdminService/wmi and /AdminService/v1.0 answer an authenticated caller",
    severity=Severity.CRITICAL,
    remedy=Remedy("read RESTPROVIDERSetup.log, SMS_REST_PROVIDER.log and AdminService.log on the SMS Provider"),
)
def _functional(context: Context, target: Target) -> Judgement:
    probe = _probe(context, target)
    if probe["healthy"] is True:
        if probe["site"] != target.site:
            return failed(f"it serves site {probe['site']}", f"the hierarchy has it as a provider of {target.site}")
        return passed("both routes, wmi and v1.0, answered")
    error, stage = _error(probe), probe["failed_stage"]
    observed = f"stopped at {stage}: {error.get('observed', 'no reason given')}"
    # Only an answer of the service itself, or of the web server without it, says that it does not work. Whatever else
    # went wrong may lie between the execution node and the host, or with our account.
    if error.get("kind") == "service" or (
        error.get("kind") == "not_found" and stage in {"metadata", "wmi", "versioned"}
    ):
        return failed(observed, next_step=error.get("next_step", ""))
    return unknown(
        "the probe did not get far enough to tell",
        observed,
        error.get("next_step", ""),
        tuple(error.get("rights", ())),
    )


@_provider_rule(
    id="adminservice_certificate",
    title="AdminService has a valid certificate for its name",
    why="Clients of AdminService refuse a certificate that is expired, or made for another name.",
    expected="a trusted certificate for the FQDN of the SMS Provider, valid for at least 30 days more",
    severity=Severity.HIGH,
    remedy=Remedy(
        "let the site make a new one (restart SMS_REST_PROVIDER), or bind one of your PKI: netsh http add sslcert "
        "ipport=0.0.0.0:443 certhash=<thumbprint> appid=<guid>, after deleting the old binding"
    ),
)
def _certificate(context: Context, target: Target) -> Judgement:
    probe = _probe(context, target)
    certificate = probe["certificate"]
    if certificate is None or certificate.get("error"):
        return _no_certificate(probe)
    observed = f"{certificate['subject']}, issued by {certificate['issuer']}, valid until {certificate['not_after']}"
    begin, end = _evidence.moment(certificate, "not_before"), _evidence.moment(certificate, "not_after")
    if not begin <= context.now() <= end:
        return failed(observed, "it is outside its time")
    if not _names(certificate, target.name):
        shown = ", ".join(certificate["sans"]) or certificate["subject"]
        return failed(observed, f"it is made for {shown}, not for {target.name}")
    untrusted = _untrusted(context, probe, observed)
    if untrusted is not None:
        return untrusted
    return warned(observed, "it ends within 30 days") if context.now() + _NOTICE > end else passed(observed)


def _no_certificate(probe: t.Mapping[str, t.Any]) -> Judgement:
    error = (probe["certificate"] or {}).get("error") or _error(probe)
    return unknown(
        f"no certificate could be read: {error.get('observed') or 'the probe stopped at ' + probe['failed_stage']}",
        next_step=error.get("next_step", ""),
    )


def _untrusted(context: Context, probe: t.Mapping[str, t.Any], observed: str) -> Judgement | None:
    """Return why trust in the certificate was not observed. The fault may lie in our own ca_path."""
    if probe["failed_stage"] == "tls":
        error = _error(probe)
        return unknown(f"it is not trusted here: {error.get('observed', '')}", observed, error.get("next_step", ""))
    if not context.evidence.get("adminservice/validated"):
        return unknown("verification was switched off (validate_certs)", observed, "collect with ca_path in its place")
    return None


def _names(certificate: t.Mapping[str, t.Any], host: str) -> bool:
    """Tell whether a certificate is made for a host. A wildcard stands for one label."""
    names = {str(name).lower() for name in certificate["sans"]}
    return host.lower() in names or f"*.{host.lower().partition('.')[2]}" in names


@_provider_rule(
    id="adminservice_component",
    title=f"The component {PROVIDER_COMPONENT} is healthy",
    why="It installs AdminService, binds its certificate and watches it.",
    expected="state started, status ok",
    severity=Severity.HIGH,
    needs=(_PROBE, f"{_PROBE}/component"),
    remedy=Remedy(f"read SMS_REST_PROVIDER.log, and {PROVIDER_COMPONENT} in Monitoring > Component Status"),
    source=f"{DOCS}/tenant-attach/troubleshoot-client-details",
)
def _component(context: Context, target: Target) -> Judgement:
    entry = _probe(context, target)["component"]
    if entry is None:
        return unknown(
            f"the site has no state of {PROVIDER_COMPONENT} on this host",
            next_step="collect from an SMS Provider of the top-tier site; look at Monitoring > Component Status",
        )
    return judge_component(entry)


@_rule(
    id="provider_authentication_level",
    title="The SMS Provider authentication level is Windows authentication",
    why="With the level raised to certificate or Windows Hello for Business, most actions end in 403.",
    expected="Windows authentication",
    severity=Severity.CRITICAL,
    scope="hierarchy",
    targets=the_hierarchy,
    needs=("adminservice/providers",),
    remedy=Remedy(
        "decide in Administration > Sites > Hierarchy Settings > Authentication; it is a matter of security policy"
    ),
    source=f"{DOCS}/core/plan-design/hierarchy/plan-for-the-sms-provider",
)
def _authentication_level(context: Context, _target: Target) -> Judgement:
    probes = context.evidence.get("adminservice/providers")
    accepting = [probe["host"] for probe in probes if probe["healthy"] is True]
    refusing = [probe["host"] for probe in probes if _error(probe).get("status") == 403]
    declared = context.expectations.provider_authentication_level
    if declared not in {None, "windows"}:
        return failed(f"declared: {declared}")
    if accepting and context.evidence.get("adminservice/auth") != "token":
        # That a raised level refuses a plain Windows sign-in is documented for actions, and taken to hold for reads.
        return passed(f"a plain Windows sign-in was accepted by {len(accepting)} of {len(probes)} SMS Providers")
    step = (
        f"look at Administration > Sites > Hierarchy Settings > Authentication, then set {_expectations.VARIABLE}."
        "provider_authentication_level; or collect with auth=kerberos"
    )
    if refusing:
        reason = "a raised level answers so, and so does a lack of rights of the account"
        return unknown(reason, f"HTTP 403 from {', '.join(refusing)}", step)
    if declared == "windows":
        return passed("declared: windows", "no SMS Provider contradicts it")
    return unknown(
        "no property of the site tells it, and the run did not sign in with Windows authentication", "", step
    )


PREREQUISITES = (_functional, _certificate, _component, _authentication_level)
