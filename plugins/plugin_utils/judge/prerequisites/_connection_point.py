# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Prerequisites of the service connection point. PRIVATE to the collection."""

from __future__ import annotations

import datetime as dt
import functools

from ....module_utils.product import _forms, _site_names, _versions
from ...documents._evidence import moment
from ._model import DOCS, Context, Judgement, Remedy, Severity, Target, failed, passed, prerequisite, unknown, warned
from ._shared import judge_component, points, the_hierarchy

# No source gives the period of the product's own check. What is older than a week says nothing about today.
_FRESH = dt.timedelta(days=7)
_POINTS = "hierarchy/service_connection_points"
_SOURCE = f"{DOCS}/core/servers/deploy/configure/about-the-service-connection-point"
_LOG = "read EndpointConnectivityCheckWorker.log on the service connection point"

_rule = functools.partial(prerequisite, area="connection_point", source=_SOURCE, after_onboarding=True)
_point_rule = functools.partial(_rule, scope="host", targets=points, enumerates=("hierarchy/sites", _POINTS))


def _none(context: Context, _target: Target) -> str | None:
    return None if context.evidence.get(_POINTS) else "there is no service connection point"


def _too_old(context: Context, target: Target) -> str | None:
    site = next((site for site in context.sites() if site["code"] == target.site), None)
    if site is None or site["build"] is None or site["build"] >= _versions.build_of("2010"):
        return None
    return "the product checks its endpoints itself from version 2010 on"


@_rule(
    id="scp_present",
    title="The hierarchy has a service connection point",
    why="All traffic of tenant attach goes through it: uploads, notifications, actions.",
    expected="a site system with the role SMS Dmp Connector",
    severity=Severity.CRITICAL,
    scope="hierarchy",
    targets=the_hierarchy,
    needs=(_POINTS,),
    remedy=Remedy("add the role Service connection point to a server of the top-tier site"),
)
def _present(context: Context, _target: Target) -> Judgement:
    found = context.evidence.get(_POINTS)
    names = ", ".join(f"{point['host']} (site {point['site']})" for point in found)
    return passed(names) if found else failed("no site system has the role SMS Dmp Connector")


@_rule(
    id="scp_unique",
    title="The hierarchy has no second service connection point",
    why="A hierarchy supports one. With two of them it is open which one uploads.",
    expected="one service connection point",
    severity=Severity.HIGH,
    scope="hierarchy",
    targets=the_hierarchy,
    applies=_none,
    enumerates=("hierarchy/sites", _POINTS),
    needs=(_POINTS,),
    remedy=Remedy("remove the role from every server but the one of the top-tier site"),
)
def _unique(context: Context, _target: Target) -> Judgement:
    found = context.evidence.get(_POINTS)
    names = ", ".join(f"{point['host']} (site {point['site']})" for point in found)
    return passed(names) if len(found) == 1 else failed(f"{len(found)}: {names}", "a hierarchy has one")


@_point_rule(
    id="scp_top_tier",
    title="The service connection point is at the top-tier site",
    why="Only the CAS or the stand-alone primary site has the data of the whole hierarchy.",
    expected="the role at the CAS, or at the stand-alone primary site",
    severity=Severity.CRITICAL,
    needs=("hierarchy/top_site",),
    remedy=Remedy("remove the role there, and add it to a server of the top-tier site"),
)
def _top_tier(context: Context, target: Target) -> Judgement:
    top = context.evidence.get("hierarchy/top_site")
    observed = f"site {target.site}"
    if top is None:
        return unknown("the evidence does not show which site is the top-tier one", observed)
    return passed(observed) if target.site == top else failed(f"{observed}; the top-tier site is {top}")


@_point_rule(
    id="scp_online",
    title="The service connection point is online",
    why="In offline mode nothing is uploaded and no action arrives.",
    expected="mode online",
    severity=Severity.CRITICAL,
    needs=(_POINTS,),
    remedy=Remedy(
        "set the mode to online (Set-CMServiceConnectionPoint -Mode Online), then restart SMS_DMP_DOWNLOADER"
    ),
)
def _online(_context: Context, target: Target) -> Judgement:
    mode = target.facts["mode"]
    if mode not in {"online", "offline"}:
        return unknown("the site control item has no property OfflineMode that is understood", mode)
    return passed(mode) if mode == "online" else failed(mode, "in offline mode it does not speak to the cloud")


@_point_rule(
    id="scp_component",
    title=f"The component {_site_names.CONNECTOR_COMPONENT} is healthy",
    why="This component does the work of tenant attach. It turns critical when endpoints cannot be reached.",
    expected="state started, status ok",
    severity=Severity.HIGH,
    needs=("hierarchy/components",),
    remedy=Remedy(f"read the messages of {_site_names.CONNECTOR_COMPONENT} in Monitoring > Component Status"),
    source=f"{DOCS}/tenant-attach/troubleshoot",
)
def _component(context: Context, target: Target) -> Judgement:
    entry = next(
        (
            component
            for component in context.evidence.get("hierarchy/components")
            if (component["component"], component["site"]) == (_site_names.CONNECTOR_COMPONENT, target.site)
            if _forms.same_host(component["host"], target.name)
        ),
        None,
    )
    if entry is None:
        return unknown(
            f"the site has no state of {_site_names.CONNECTOR_COMPONENT} on this host",
            next_step="collect from an SMS Provider of the top-tier site; look at Monitoring > Component Status",
        )
    return judge_component(entry)


def _messages(context: Context, target: Target) -> dict[int, dt.datetime]:
    """Return when each message was last sent for this service connection point, if that is recent."""
    return {
        message["id"]: sent
        for message in context.evidence.get("hierarchy/status_messages")
        if message["site"] == target.site and context.now() - (sent := moment(message, "time")) <= _FRESH
    }


@_point_rule(
    id="scp_endpoint_check",
    title="The service connection point's own endpoint check succeeds",
    why="From version 2010 on the product checks its internet endpoints itself, from the machine that counts.",
    expected="message 11410 (all passed) as the newest result, not older than seven days",
    severity=Severity.CRITICAL,
    applies=_too_old,
    needs=("hierarchy/status_messages",),
    remedy=Remedy(f"{_LOG}, open the endpoints that it names, and look at the WinHTTP proxy of the machine"),
)
def _endpoint_check(context: Context, target: Target) -> Judgement:
    sent = {number: at for number, at in _messages(context, target).items() if number != _site_names.NO_CONNECTION}
    if not sent:
        return unknown(
            "the service connection point has reported no result of its endpoint check in the last seven days",
            next_step=f"collect from an SMS Provider of the top-tier site; {_LOG}; the check needs the mode online",
        )
    number = max(sent, key=lambda each: (sent[each], each))
    observed = f"message {number}, {sent[number]:%Y-%m-%d %H:%M} UTC"
    if number == _site_names.CRITICAL_FAILED:
        return failed(observed, "one or more critical endpoints failed")
    if number == _site_names.SOME_FAILED:
        return warned(observed, "one or more non-critical endpoints failed")
    return passed(observed, "every endpoint was reached")


@_point_rule(
    id="scp_cloud_connection",
    title="The site connects to the endpoints that cloud services need",
    why="Message 11488 says that it does not, and turns the component critical.",
    expected="no message 11488 since the last complete success, and such a success in the last seven days",
    severity=Severity.CRITICAL,
    applies=_too_old,
    needs=("hierarchy/status_messages",),
    remedy=Remedy(f"{_LOG}, and allow the endpoints of tenant attach in proxy and firewall"),
    source=f"{DOCS}/core/plan-design/network/internet-endpoints",
)
def _cloud_connection(context: Context, target: Target) -> Judgement:
    sent = _messages(context, target)
    trouble, success = sent.get(_site_names.NO_CONNECTION), sent.get(_site_names.ALL_PASSED)
    if trouble is not None and (success is None or trouble >= success):
        return failed(
            f"message {_site_names.NO_CONNECTION}, {trouble:%Y-%m-%d %H:%M} UTC", "and no complete success since"
        )
    if success is None:
        return unknown(
            f"neither a message {_site_names.NO_CONNECTION} nor a complete success in the last seven days: "
            "silence proves nothing",
            next_step=f"collect from an SMS Provider of the top-tier site; {_LOG}; the check needs the mode online",
        )
    return passed(f"no message {_site_names.NO_CONNECTION} since the complete success of {success:%Y-%m-%d %H:%M} UTC")


PREREQUISITES = (_present, _unique, _top_tier, _online, _component, _endpoint_check, _cloud_connection)
