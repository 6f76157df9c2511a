# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The internet endpoints of tenant attach, as seen from the service connection point. PRIVATE to the collection.

The one place for them. A documented wildcard cannot be probed: in its place stand the hosts below it that Microsoft's
documentation, or its logs there, name.
"""

from __future__ import annotations

import dataclasses
import re
import typing as t

from .._errors import InvalidOptionError
from ._urls import HOST

Kind = t.Literal["required", "always_allow", "revocation", "given"]

_INCLUDES = "https://github.com/MicrosoftDocs/memdocs/blob/main/intune/configmgr/core/plan-design/network"
TENANT_ATTACH = f"{_INCLUDES}/includes/internet-endpoints-tenant-attach.md"
INTERNET = f"{_INCLUDES}/internet-endpoints.md"
LOGS = "https://learn.microsoft.com/intune/configmgr/tenant-attach/troubleshoot"

PUBLIC = ("public",)
US_GOV = ("us_gov_gcc_high", "us_gov_dod")
CLOUDS = PUBLIC + US_GOV
# China has no list: the upload is not offered there.

# The region in the gateway's name is that of the tenant; this one is seen in the documentation.
GATEWAY_REGION = "us"
GATEWAYS = {
    "public": "gateway.configmgr.manage.microsoft.com",
    "us_gov_gcc_high": "gateway.configmgr.manage.microsoft.us",
    "us_gov_dod": "gateway.configmgr.manage.microsoft.us",
}


@dataclasses.dataclass(frozen=True)
class Endpoint:
    """An endpoint: what is probed, and what it stands for."""

    id: str
    url: str
    kind: Kind
    purpose: str = ""
    source: str = ""
    # As the documentation has it, where that is not the URL itself.
    documented: str = ""
    clouds: tuple[str, ...] = CLOUDS
    # The first release to which it applies. None: every release that can attach.
    release: str | None = None

    @property
    def wildcard(self) -> bool:
        """Whether it stands for a documented wildcard: its answer is a sample, not the whole."""
        return "*" in self.documented


def _wildcard(identity: str, url: str, purpose: str, source: str) -> Endpoint:
    return Endpoint(identity, url, "required", purpose, source, "https://*.manage.microsoft.com", PUBLIC)


def _always_allow(identity: str, url: str) -> Endpoint:
    return Endpoint(identity, url, "always_allow", "forwarder that many features use unnamed", INTERNET, url)


def _revocation(identity: str, url: str) -> Endpoint:
    return Endpoint(identity, url, "revocation", "revocation of the certificates above", TENANT_ATTACH, url)


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        "gateway_discovery",
        "https://aka.ms/configmgrgateway",
        "required",
        "finds the gateway of the tenant",
        TENANT_ATTACH,
        "https://aka.ms/configmgrgateway",
    ),
    _wildcard("intune", "https://manage.microsoft.com", "Intune", TENANT_ATTACH),
    _wildcard(
        "gateway",
        f"https://{GATEWAY_REGION}.{GATEWAYS['public']}",
        "gateway for uploads, actions and notifications",
        LOGS,
    ),
    _wildcard("updates", "https://configmgrbits.cdn.manage.microsoft.com", "updates and notifications", INTERNET),
    Endpoint(
        "intune_us_gov",
        "https://manage.microsoft.us",
        "required",
        "Intune for the US Government",
        TENANT_ATTACH,
        "https://*.manage.microsoft.us",
        US_GOV,
        "2107",
    ),
    Endpoint(
        "telemetry",
        "https://dc.services.visualstudio.com",
        "required",
        "telemetry (Application Insights)",
        TENANT_ATTACH,
        "https://dc.services.visualstudio.com",
    ),
    _always_allow("forwarder_aka", "https://aka.ms"),
    _always_allow("forwarder_go", "https://go.microsoft.com"),
    _revocation("crl_digicert_3", "http://crl3.digicert.com"),
    _revocation("crl_digicert_4", "http://crl4.digicert.com"),
    _revocation("ocsp_digicert", "http://ocsp.digicert.com"),
    _revocation("crl_d_trust", "http://www.d-trust.net"),
    _revocation("ocsp_d_trust", "http://root-c3-ca2-2009.ocsp.d-trust.net"),
    _revocation("crl_microsoft", "http://crl.microsoft.com"),
    _revocation("ocsp_microsoft", "http://oneocsp.microsoft.com"),
    _revocation("ocsp_msocsp", "http://ocsp.msocsp.com"),
    # The only one with a path: a proxy may allow just that.
    _revocation("crl_microsoft_pkiops", "http://www.microsoft.com/pkiops"),
)
# HTTP statuses that mean failure, and what they say. Any other answer counts as reachable: it is about the way there.
# Source: https://learn.microsoft.com/intune/configmgr/core/servers/deploy/configure/about-the-service-connection-point
FAILURES = {
    407: "the proxy asks for authentication",
    408: "a proxy timed out waiting for the request",
    426: "an upgrade of the protocol is required, which points at TLS",
    451: "refused for legal reasons, mostly by a proxy",
    502: "a proxy got no valid answer",
    511: "the network asks for a sign-in",
    598: "a proxy timed out reading",
    599: "a proxy timed out connecting",
}


def endpoints_for(cloud: str, release: str | None = None, gateway: str | None = None) -> tuple[Endpoint, ...]:
    """Return the endpoints of a cloud and a release.

    Args:
        cloud: `public`, `us_gov_gcc_high` or `us_gov_dod`.
        release: Release of Configuration Manager, as 2503. None: whatever any release needs.
        gateway: The tenant's own gateway: its host, or just the region that its name begins with.

    Raises:
        InvalidOptionError: One of them cannot be.
    """
    _check("cloud", cloud in CLOUDS, f"one of {', '.join(CLOUDS)}", cloud, "China has no tenant attach")
    plausible = release is None or re.fullmatch(r"\d{4}", release) is not None
    _check("release", plausible, "the four digits of a release", release, "for example 2503")
    chosen = [
        endpoint
        for endpoint in ENDPOINTS
        if cloud in endpoint.clouds and (release is None or endpoint.release is None or endpoint.release <= release)
    ]
    if gateway is None:
        return tuple(chosen)
    own = _gateway(cloud, gateway)
    return (*(own if endpoint.id == own.id else endpoint for endpoint in chosen), *([] if _has(chosen, own) else [own]))


def _has(endpoints: list[Endpoint], endpoint: Endpoint) -> bool:
    return any(other.id == endpoint.id for other in endpoints)


def _gateway(cloud: str, gateway: str) -> Endpoint:
    """Return the gateway of the tenant as an endpoint."""
    host = gateway.lower() if "." in gateway else f"{gateway.lower()}.{GATEWAYS[cloud]}"
    domain = GATEWAYS[cloud].partition(".configmgr.")[2]
    usable = HOST.fullmatch(host) is not None and host.endswith(f".{domain}")
    example = f"{GATEWAY_REGION} or {GATEWAY_REGION}.{GATEWAYS[cloud]}"
    _check("gateway", usable, f"a host below {domain}, or its region", gateway, f"for example {example}")
    template = next(endpoint for endpoint in ENDPOINTS if endpoint.id == "gateway")
    return dataclasses.replace(template, url=f"https://{host}", documented=f"https://*.{domain}", clouds=(cloud,))


def _check(option: str, usable: bool, expected: str, observed: object, next_step: str) -> None:
    if not usable:
        raise InvalidOptionError(
            expected=f"option {option} to be {expected}", observed=repr(observed), next_step=next_step
        )
